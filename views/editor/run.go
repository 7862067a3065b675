package editor

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube"
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

const (
	seenWithin = 30 * time.Second       // until what was applied has to show
	lookPause  = 200 * time.Millisecond // before the second look; doubled up to lookAtMost
	lookAtMost = 3 * time.Second
)

// observe reads the cluster until there is nothing left to do; it reports whether that came about.
func (r *run) observe(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, seenWithin)
	defer cancel()
	var left []string // by the last look that came about
	for pause := lookPause; ; pause = min(2*pause, lookAtMost) {
		plan, err := r.look(ctx)
		switch {
		case err == nil && plan.Empty():
			r.seen(plan)
			return true
		case err == nil:
			left = plan.Lines()
		case len(left) == 0:
			left = []string{kube.Explain(err, "look at the cluster")}
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			r.note(func(o *outcome) { o.differs = append(o.differs, left...) })
			r.event(theme.Warn, "Not seen on the server within %s.", seenWithin)
			return false
		case <-timer.C:
		}
	}
}

// seen notes that nothing is left to do; what belongs to somebody else is left alone and stays a difference.
func (r *run) seen(plan rbac.Plan) {
	if len(plan.Conflicts) == 0 {
		r.event(theme.Good, "Seen on the server as asked for.")
		return
	}
	for _, c := range plan.Conflicts {
		r.note(func(o *outcome) { o.differs = append(o.differs, c.Reason) })
	}
	r.event(theme.Warn, "Seen on the server as asked for, but for %s of somebody else.", counted(len(plan.Conflicts), "binding"))
}

// look makes the plan that would still have to be carried out.
func (r *run) look(ctx context.Context) (rbac.Plan, error) {
	world, err := binding.Read(ctx, r.keeper.Cluster, literals(r.rule)...)
	if err != nil {
		return rbac.Plan{}, err
	}
	return rbac.NewPlan(r.rule, world.World)
}

// verify asks the server whether the rights are as promised.
func (r *run) verify(ctx context.Context) {
	if r.plan.Empty() {
		return
	}
	v := binding.Verify(ctx, r.keeper.Cluster, r.plan, promises)
	v.Checks = slices.DeleteFunc(v.Checks, func(c binding.Check) bool { return c.Namespace != "" && isListing(c.Need) })
	var differs []string
	unanswered := 0
	for _, c := range v.Failed() {
		if c.Err != nil {
			unanswered++
		}
	}
	for _, g := range checked(v) {
		differs = append(differs, g.differences()...)
	}
	r.note(func(o *outcome) {
		o.checks = &v
		o.differs = append(o.differs, differs...)
	})
	switch n := len(v.Checks); {
	case n == 0:
		r.event(theme.Dim, "No right changes, so there is none to verify.")
	case unanswered > 0:
		r.event(theme.Warn, "%d of %s got no answer from the server.", unanswered, counted(n, "access review"))
	case len(v.Failed()) > 0:
		r.event(theme.Warn, "%d of %s say otherwise.", len(v.Failed()), counted(n, "access review"))
	default:
		r.event(theme.Good, "%s: all as promised.", counted(n, "access review"))
	}
}
