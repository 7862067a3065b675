package apply

import (
	"strings"
	"time"
)

// Outcome is what came of a layer.
type Outcome int

// The outcomes.
const (
	NotReached Outcome = iota // the run ended before
	Installed
	Upgraded
	Untouched // left alone, or as it should be
	Uninstalled
	Broken   // failed, and left as it got
	Reverted // failed or not, and taken back to what it was
)

var outcomes = []string{"not reached", "installed", "upgraded", "unchanged", "uninstalled", "failed", "taken back"}

func (o Outcome) String() string { return outcomes[o] }

// LayerReport is what came of one layer.
type LayerReport struct {
	Release, Namespace string
	Title              string
	From, To           string // versions
	Outcome            Outcome
	Changes            int // objects that were made, changed and deleted
}

// Versions is as that of a LayerPlan.
func (l LayerReport) Versions() string { return versions(l.From, l.To) }

// Problem is why a run did not do what it was to.
type Problem struct {
	Layer  string // the release; empty: none of them
	Object Object // zero: none is to blame
	Why    string // a sentence
	Next   string // sentences on how the cluster was left and what to do
}

func (p *Problem) Error() string {
	text := p.Why
	if p.Layer != "" {
		text = p.Layer + ": " + text
	}
	return strings.TrimSpace(text + " " + p.Next)
}

// Report is what came of a run.
type Report struct {
	Profile, Version string
	Revision         int // that the profile has now; 0: none
	Started, Ended   time.Time
	Layers           []LayerReport
	Kept             []Object // left on the cluster on purpose
	Problem          *Problem // nil: all is as it should be
	// Unwritten is why the audit log is not complete.
	Unwritten error
}

// Changed is how many objects were made, changed and deleted.
func (r *Report) Changed() int {
	n := 0
	for _, l := range r.Layers {
		n += l.Changes
	}
	return n
}

func emptyReport(p *Plan) *Report {
	now := time.Now()
	r := &Report{Profile: p.Profile, Version: p.Version, Revision: p.Revision - 1, Started: now, Ended: now}
	for _, l := range p.Layers {
		r.Layers = append(r.Layers, LayerReport{Release: l.Release, Namespace: l.Namespace, Title: l.Title, From: l.From, To: l.To, Outcome: Untouched})
	}
	return r
}
