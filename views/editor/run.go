package editor

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
)

// status is how far an update is, in the words that the cluster shows.
type status int

const (
	updating status = iota
	pending         // has to wait for other clusters
	running
	differing // running, with differences
	failed
)

// event is a line of the update's history.
type event struct {
	at   time.Time
	tone theme.Tone
	text string
}

// outcome is an update as far as it is.
type outcome struct {
	status status
	began  time.Time
	events []event
	// checks are the access reviews, once they were made.
	checks *binding.Verification
	// differs are the sentences on what is not as it was asked for.
	differs []string
	// failures are those of steps. done counts the steps that changed something.
	failures []string
	done     int
	stored   binding.Stored // the rule as it is kept; without a version: it is not
	ended    time.Time
}

// run is an update: the plan carried out, the rule stored, the cluster watched until it is as asked for, the rights asked for. It
// belongs to the deck and goes on when its page is left; left says that it was.
type run struct {
	rule   rbac.BindingRule
	plan   rbac.Plan
	keep   keeping
	stored binding.Stored // as it was when it was reviewed
	keeper *binding.Keeper
	left   atomic.Bool
	over   chan struct{}
	notice chan struct{} // holds a value while there is news

	mu  sync.Mutex
	out outcome
}

// newRun makes the update that was reviewed. It tells of itself by notice.
func newRun(r *review, notice chan struct{}) *run {
	return &run{
		rule: r.rule, plan: r.plan, keep: r.keep, stored: r.stored, keeper: r.keeper, over: make(chan struct{}), notice: notice,
		out: outcome{stored: r.stored, began: time.Now()},
	}
}

// farewell tells the result to those who have left the page.
func (r *run) farewell(where string) tea.Cmd {
	return func() tea.Msg {
		<-r.over
		if !r.left.Load() {
			return nil
		}
		out := r.snapshot()
		tone := map[status]theme.Tone{running: theme.Good, differing: theme.Warn, failed: theme.Bad}[out.status]
		text := fmt.Sprintf("rule %s on %s: %s", r.rule.Name, where, statusWords[out.status])
		if len(out.differs) > 0 {
			text += ": " + out.differs[0]
		} else if len(out.failures) > 0 {
			text += ": " + out.failures[0]
		}
		return toasted(tone, text)()
	}
}

func toasted(tone theme.Tone, text string) tea.Cmd { return shell.Toast(tone, text) }

var statusWords = map[status]string{updating: "Updating", pending: "Waiting", running: "Running", differing: "Running, with differences", failed: "Failed"}

// snapshot is the update as it is. It is safe for concurrent use, as are ended and note.
func (r *run) snapshot() outcome {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.out
}

func (r *run) ended() bool { return r.snapshot().final() }

func (o outcome) final() bool { return o.status != updating && o.status != pending }

// note changes the outcome and tells the page. What was handed out is not changed: lists only grow.
func (r *run) note(change func(*outcome)) {
	r.mu.Lock()
	change(&r.out)
	r.mu.Unlock()
	select {
	case r.notice <- struct{}{}:
	default:
	}
}

func (r *run) event(tone theme.Tone, format string, args ...any) {
	e := event{time.Now(), tone, fmt.Sprintf(format, args...)}
	r.note(func(o *outcome) { o.events = append(o.events, e) })
}

func (r *run) fail(text string) {
	r.note(func(o *outcome) { o.failures = append(o.failures, text) })
	r.event(theme.Bad, "%s", text)
}

func (r *run) end(s status) {
	r.note(func(o *outcome) { o.status, o.ended = s, time.Now() })
}

// carryOut is the whole update. It blocks.
func (r *run) carryOut(ctx context.Context) {
	// The rule first: bindings of a rule that is not stored look orphaned to a sync that runs in between.
	if !r.store(ctx) || !r.apply(ctx) {
		r.end(failed)
		return
	}
	seen := r.observe(ctx)
	r.verify(ctx)
	if len(r.snapshot().differs) > 0 || !seen {
		r.end(differing)
		return
	}
	r.event(theme.Good, "The cluster is as the rule says.")
	r.end(running)
}

// apply carries the plan out; it reports false when a step failed.
func (r *run) apply(ctx context.Context) bool {
	if r.plan.Empty() {
		return true
	}
	tried, steps := 0, len(r.plan.Create)+len(r.plan.Change)+len(r.plan.Remove)
	err := r.keeper.Apply(ctx, r.plan, func(s binding.Step) {
		switch {
		case s.Err != nil:
			r.fail(s.String())
		case s.DryRun:
			if tried++; tried == steps {
				r.event(theme.Dim, "The server would accept %s.", all(steps))
			}
		default:
			r.note(func(o *outcome) { o.done++ })
			r.event(theme.Good, "%s", s)
		}
	})
	out := r.snapshot()
	switch {
	case err == nil:
	case len(out.failures) > 0:
		return false
	case out.done == 0: // nothing was tried: the read-only mode
		r.fail(err.Error())
		return false
	default: // everything is done, and something around it is not: the audit log
		r.event(theme.Warn, "%s", err)
	}
	return true
}

// store brings the stored rule in line; it reports false when that failed.
func (r *run) store(ctx context.Context) bool {
	where := ""
	if r.keep != keepNothing {
		where = r.keeper.Rules.Where()
	}
	var err error
	switch r.keep {
	case keepNothing:
		return true
	case keepDelete:
		if err = r.keeper.Delete(ctx, r.stored); err == nil {
			r.event(theme.Good, "The rule is taken out of %s.", where)
			r.note(func(o *outcome) { o.stored = binding.Stored{} })
		}
	case keepInstall:
		if err = r.keeper.Install(ctx, false); err == nil {
			r.event(theme.Good, "The custom resource rolebindingrules.vmdeck.dev is installed.")
			err = r.save(ctx, where)
		}
	case keepSave:
		err = r.save(ctx, where)
	}
	if err != nil {
		r.fail("The rule is not stored in " + where + ": " + err.Error())
	}
	return err == nil
}

func (r *run) save(ctx context.Context, where string) error {
	stored, err := r.keeper.Save(ctx, r.rule, r.stored.Version)
	if stored.Version == "" {
		return err
	}
	r.note(func(o *outcome) { o.stored = stored })
	r.event(theme.Good, "The rule is stored in %s.", where)
	if err != nil { // it is stored, and something around it went wrong: the audit log
		r.event(theme.Warn, "%s", err)
	}
	return nil
}
