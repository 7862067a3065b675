package rollout

import (
	"time"

	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/ui/theme"
)

// status is how a run stands on one cluster, in the words that the cluster shows.
type status int

const (
	pending status = iota // its turn has not come
	updating
	goingBack // something failed, and what was changed is taken back
	running
	removed
	idle        // it was as it should be
	differs     // only of several clusters: all went well, and not all were changed
	unchanged   // something stands in the way
	failed      // left as it got
	rolledBack  // failed, and taken back
	stopped     // on request, and left as it got
	stoppedBack // on request, and taken back
	heldUp      // somebody else is at it
	refused     // since the plan something has come that forbids it
)

var statusWords = [...]string{
	"Waiting", "Updating", "Rolling back", "Running", "Removed", "Nothing to do", "Running", "Not changed", "Failed", "Rolled back", "Stopped",
	"Stopped and rolled back", "Held by somebody else", "Refused",
}

func (s status) String() string { return statusWords[s] }

// open tells whether it is still to be brought to an end.
func (s status) open() bool { return s == pending || s == updating || s == goingBack }

// bad tells whether it has ended otherwise than it was to.
func (s status) bad() bool { return s >= failed }

// look is the symbol and the tone of a status.
func (s status) look(g theme.Glyphs) (string, theme.Tone) {
	switch s {
	case pending:
		return g.Ring, theme.Dim
	case updating, goingBack:
		return g.Half, theme.Warn
	case running, removed:
		return g.Dot, theme.Good
	case idle:
		return g.Mark, theme.Good
	case unchanged:
		return g.None, theme.Warn
	case differs, stopped, stoppedBack, heldUp:
		return g.Warn, theme.Warn
	}
	return g.Cross, theme.Bad
}

// tone is how news of the end are told.
func (s status) tone() theme.Tone {
	switch s {
	case running, removed, idle:
		return theme.Good
	case failed, rolledBack, refused:
		return theme.Bad
	}
	return theme.Warn
}

// outcome is a run on one cluster as far as it is.
type outcome struct {
	status       status
	began, ended time.Time
	away         time.Time // since when the API server cannot be reached; zero: it can
	events       []apply.Event
	report       *apply.Report
	err          error
}

// take notes an event. After a failure the run goes back, where that was wished for.
func (o *outcome) take(e apply.Event, back bool) {
	switch {
	case e.Kind == apply.Away:
		o.away = e.Time
	case e.Kind == apply.Back:
		o.away = time.Time{}
	case e.Kind == apply.Failed && back && o.away.IsZero(): // without a server there is no way back
		o.status = goingBack
	}
	o.events = append(o.events, e)
}

// took is how long it lasted, or lasts as of now.
func (o outcome) took(now time.Time) time.Duration {
	if o.ended.IsZero() {
		return max(0, now.Sub(o.began))
	}
	return o.ended.Sub(o.began)
}
