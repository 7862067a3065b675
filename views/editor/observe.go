package editor

import (
	"context"
	"slices"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

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
	r.event(theme.Warn, "Seen on the server as asked for, but for %s of somebody else.", text.Count(len(plan.Conflicts), "binding"))
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
		r.event(theme.Warn, "%d of %s got no answer from the server.", unanswered, text.Count(n, "access review"))
	case len(v.Failed()) > 0:
		r.event(theme.Warn, "%d of %s say otherwise.", len(v.Failed()), text.Count(n, "access review"))
	default:
		r.event(theme.Good, "%s: all as promised.", text.Count(n, "access review"))
	}
}
