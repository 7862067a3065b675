package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// ErrNotApplied says that a cluster has nothing of a profile.
var ErrNotApplied = errors.New("is not on this cluster")

// PlanRemove says what Remove would delete and what it would keep; ErrNotApplied: there is nothing. Namespaces are as in Options.
func (a *Applier) PlanRemove(ctx context.Context, name string, namespaces ...string) (*Plan, error) {
	return a.planned(ctx, func(s *session) (*Plan, error) { return s.planRemove(name, namespaces) })
}

func (s *session) planRemove(name string, namespaces []string) (*Plan, error) {
	p, err := s.planner(name, "", namespaces)
	if err != nil || len(p.plan.Refusals) > 0 {
		return planOf(p), err
	}
	if len(p.plan.before) == 0 {
		return nil, fmt.Errorf("the profile %s %w: there is nothing to remove", name, ErrNotApplied)
	}
	p.plan.Revision = current(p.plan.before)
	p.mayLock()
	for _, h := range slices.Backward(byTime(p.plan.before)) {
		if h.installed() {
			p.leave(h)
			continue
		}
		p.plan.Layers = append(p.plan.Layers, LayerPlan{
			Release: h.name, Namespace: h.namespace, Title: h.name, State: Leaving, Notes: []string{"It was uninstalled before; its history goes too."},
		})
	}
	return p.plan, s.ctx.Err()
}

// Remove uninstalls a profile's releases, the last installed first, with their history. What stays is told: the definitions of kinds,
// namespaces of releases, and whatever a chart has kept, such as namespaces with VMs in them. It goes about it as Apply does.
func (a *Applier) Remove(ctx context.Context, name string, o Options, observe func(Event)) (*Report, error) {
	o.RollBack = false // what is half removed is better removed whole than brought back
	return a.run(ctx, work{
		profile: name, verb: "remove",
		plan: func(s *session) (*Plan, error) { return s.planRemove(name, o.Namespaces) },
		carry: func(r *run, plan *Plan) error {
			for i := range plan.Layers {
				if err := r.leave(&r.report.Layers[i], false); err != nil {
					return err
				}
			}
			r.report.Revision = 0
			return nil
		},
	}, o, observe)
}
