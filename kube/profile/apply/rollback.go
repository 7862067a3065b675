package apply

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	releasecommon "helm.sh/helm/v4/pkg/release/common"
	release "helm.sh/helm/v4/pkg/release/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"vmdeck.dev/vmdeck/kube/profile"
)

// Revision is a state of a profile on the cluster that can be gone back to.
type Revision struct {
	Number  int
	Version string // of the profile
	Time    time.Time
}

// revisionsOf are the revisions in which every release succeeded that took part, the newest first.
func revisionsOf(all []history) []Revision {
	var out []Revision
	for n := newest(all); n > 0; n-- {
		found, whole := Revision{Number: n}, true
		for _, h := range all {
			took := slices.ContainsFunc(h.revisions, func(r *release.Release) bool { return revision(r) == n })
			switch r := h.at(n); {
			case r != nil:
				found.Version = r.Labels[profile.LabelVersion]
				if r.Info.LastDeployed.After(found.Time) {
					found.Time = r.Info.LastDeployed
				}
			case took:
				whole = false
			}
		}
		if whole && found.Version != "" {
			out = append(out, found)
		}
	}
	return out
}

// current is the revision that the cluster has now, or was to get.
func current(all []history) int {
	n := 0
	for _, h := range all {
		if h.installed() {
			n = max(n, revision(h.last()))
		}
	}
	return n
}

// PlanRollback compares a former revision of a profile with the cluster; 0 is the one before the present. Namespaces are as in Options.
func (a *Applier) PlanRollback(ctx context.Context, name string, to int, namespaces ...string) (*Plan, error) {
	return a.planned(ctx, func(s *session) (*Plan, error) { return s.planRollback(name, to, namespaces) })
}

func (s *session) planRollback(name string, to int, namespaces []string) (*Plan, error) {
	p, err := s.planner(name, "", namespaces)
	if err != nil || len(p.plan.Refusals) > 0 {
		return planOf(p), err
	}
	target, err := choose(name, to, p.plan.before)
	if err != nil {
		return nil, err
	}
	p.plan.Version, p.plan.Revision = target.Version, target.Number
	p.mayLock()
	var leaving []history
	for _, h := range byTime(p.plan.before) {
		switch r := h.at(target.Number); {
		case r != nil:
			p.back(h, r)
		case h.installed():
			leaving = append(leaving, h)
		}
	}
	for _, h := range slices.Backward(leaving) {
		p.leave(h)
	}
	return p.plan, s.ctx.Err()
}

func planOf(p *planner) *Plan {
	if p == nil {
		return nil
	}
	return p.plan
}

// byTime sorts releases by when they were last written, which is the order of their layers.
func byTime(all []history) []history {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b history) int { return a.last().Info.LastDeployed.Compare(b.last().Info.LastDeployed) })
	return all
}

// choose finds the revision that is meant.
func choose(name string, to int, all []history) (Revision, error) {
	now := current(all)
	var known []string
	for _, r := range revisionsOf(all) {
		if r.Number == to || (to == 0 && r.Number < now) {
			return r, nil
		}
		known = append(known, fmt.Sprintf("%d (version %s)", r.Number, r.Version))
	}
	switch {
	case len(all) == 0:
		return Revision{}, fmt.Errorf("the profile %s %w: there is nothing to roll back", name, ErrNotApplied)
	case to == 0:
		return Revision{}, fmt.Errorf("the profile %s has no revision on this cluster before the present one, %d: there is nothing to roll back to", name, now)
	}
	return Revision{}, fmt.Errorf("the profile %s has no complete revision %d on this cluster; there are %s", name, to, strings.Join(known, ", "))
}

// back plans one release's way to a former revision.
func (p *planner) back(h history, r *release.Release) {
	made := layer{release: h.name, namespace: h.namespace, title: h.name}
	out := LayerPlan{Release: h.name, Namespace: h.namespace, Title: h.name, From: chartVersion(h.last()), To: chartVersion(r), State: stateOf(h.last())}
	if !h.installed() {
		out.From, out.State = "", Absent
	}
	p.rights(h.name, h.namespace, "secrets", "", "create", "get", "list", "update", "delete")
	objects, err := parse(r.Manifest)
	if err != nil {
		p.plan.refuse(h.name, Object{}, fmt.Sprintf("what the release had in revision %d cannot be read: %v.", r.Version, err))
	}
	mine := map[Object]bool{}
	for _, u := range objects {
		p.place(u, h.namespace)
		mine[refOf(u).key()] = true
	}
	p.each(h.name, objects, &out, func(u *unstructured.Unstructured) (Step, string) { return p.check(made, u) })
	if h.installed() {
		p.dropped(h.name, h.namespace, h.last().Manifest, mine, &out)
	}
	if h.last().Info.Status == releasecommon.StatusDeployed && revision(h.last()) == revision(r) && out.Count(Leave) == len(out.Steps) {
		out.State = Same
	}
	p.plan.Layers = append(p.plan.Layers, out)
}

// Rollback takes a profile back to a former revision; 0 is the one before the present. Layers that were not part of it are uninstalled. It goes
// about it as Apply does, and Helm records it as a new revision of each release.
func (a *Applier) Rollback(ctx context.Context, name string, to int, o Options, observe func(Event)) (*Report, error) {
	return a.run(ctx, work{
		profile: name, verb: "roll back",
		plan:  func(s *session) (*Plan, error) { return s.planRollback(name, to, o.Namespaces) },
		carry: func(r *run, plan *Plan) error { return r.rollBack(plan) },
	}, o, observe)
}

func (r *run) rollBack(plan *Plan) error {
	for i, step := range plan.Layers {
		out := &r.report.Layers[i]
		var err error
		switch step.State {
		case Leaving:
			err = r.leave(out, true)
		case Same:
			out.Outcome = Untouched
		default:
			err = r.backTo(out, plan.Revision)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *run) backTo(out *LayerReport, revision int) error {
	return r.step(out, "roll back", Reverted, func(w *watcher) error {
		revisions, err := r.s.historyOf(out.Namespace, out.Release)
		if err != nil {
			return err
		}
		h := history{out.Namespace, out.Release, revisions}
		target := h.at(revision)
		if target == nil {
			return fmt.Errorf("revision %d of the profile is not among those that Helm keeps any more", revision)
		}
		config, err := r.s.helm(out.Namespace, w)
		if err != nil {
			return err
		}
		before := deployed(h)
		if err := settle(config, h, w); err != nil {
			return err
		}
		r.undo = append(r.undo, undo{out, before})
		if err := rollback(r.s, config, out.Release, target.Version); err != nil {
			return err
		}
		return r.s.recorded(out.Namespace, out.Release)
	})
}
