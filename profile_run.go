package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/ui/text"
)

// profileWork is a change of what a profile has on a cluster.
type profileWork struct {
	question string // to which the name of the cluster or group is added
	removes  bool   // a cluster without the profile is as it was to be
	plan     func() (*apply.Plan, error)
	do       func(func(apply.Event)) (*apply.Report, error)
}

// profileTarget is a cluster that is to be changed.
type profileTarget struct {
	name string
	out  io.Writer
	work profileWork
	plan *apply.Plan
}

// prepareWork finds out what is to be done on a cluster, with the profiles of the desk.
type prepareWork func(ctx context.Context, d *profileDesk, a *apply.Applier) (profileWork, error)

// run plans, asks, and does it.
func (r *profileRun) run(cmd *cobra.Command, f *flags, prepare prepareWork) error {
	r.ask, r.out = consoleOf(cmd), cmd.OutOrStdout()
	r.options.RollBack = !r.leave
	ctx, stop := interruptible(cmd.Context())
	defer stop()
	desk, err := f.profiles(ctx)
	if err != nil {
		return noRun(err)
	}
	targets, err := r.targets(ctx, f, desk, prepare)
	if err != nil {
		return noRun(err)
	}
	todo, err := r.plan(targets)
	if err != nil || r.dryRun || len(todo) == 0 {
		return err
	}
	where := todo[0].name
	if r.group != "" {
		where = fmt.Sprintf("%s of %s", counted(len(todo), "cluster"), r.group)
	}
	if err := r.confirm(ctx, fmt.Sprintf("%s %s?", todo[0].work.question, where)); err != nil {
		return err
	}
	return r.carryOut(todo)
}

// plan finds out where something is to be done, and says what. A group from some of whose clusters the profile was removed before is no
// error: that is how one goes on where a removal had failed.
func (r *profileRun) plan(targets []profileTarget) ([]profileTarget, error) {
	var todo []profileTarget
	var absent []error
	for _, t := range targets {
		var err error
		if t.plan, err = t.work.plan(); t.work.removes && errors.Is(err, apply.ErrNotApplied) {
			absent = append(absent, err)
			if len(absent) < len(targets) {
				say(t.out, "%s", text.Sentence(err.Error()))
			}
			continue
		}
		if err != nil {
			return nil, noRun(t.wrap(r.group, err))
		}
		printProfilePlan(t.out, t.plan, r.diff)
		if err := t.plan.Err(); err != nil {
			return nil, t.wrap(r.group, err)
		}
		if !t.plan.Empty() {
			todo = append(todo, t)
		}
	}
	if len(absent) == len(targets) {
		return nil, noRun(targets[0].wrap(r.group, absent[0]))
	}
	return todo, nil
}

// carryOut changes one cluster after the other, so that what goes wrong goes wrong once.
func (r *profileRun) carryOut(targets []profileTarget) error {
	for i, t := range targets {
		report, err := t.work.do(func(e apply.Event) { printEvent(t.out, e) })
		switch {
		case err != nil && i+1 < len(targets):
			return fmt.Errorf("%w; nothing was done on %s, which would have come after it", t.wrap(r.group, err), counted(len(targets)-i-1, "cluster"))
		case err != nil:
			return t.wrap(r.group, err)
		case report != nil:
			say(t.out, "Done after %s: %d objects were changed.", report.Ended.Sub(report.Started).Round(100*time.Millisecond), report.Changed())
		}
	}
	return nil
}

// targets are the clusters that are to be changed: that of the desk or, with a group, all of its.
func (r *profileRun) targets(ctx context.Context, f *flags, desk *profileDesk, prepare prepareWork) ([]profileTarget, error) {
	desks, names := []*profileDesk{desk}, []string{desk.Cluster.Target().Context}
	if r.group != "" {
		contexts, err := f.groupContexts(r.group)
		if err != nil {
			return nil, err
		}
		desks, names = nil, contexts
		for _, name := range names {
			member, err := f.profilesIn(ctx, name)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			desks = append(desks, member)
		}
	}
	targets := make([]profileTarget, len(desks))
	for i, member := range desks {
		t := profileTarget{name: names[i], out: r.out}
		if r.group != "" {
			t.out = &prefixed{w: r.out, prefix: names[i] + ": "}
		}
		if member.ReadOnly != "" && !r.dryRun {
			return nil, t.wrap(r.group, errors.New("nothing was changed: "+member.ReadOnly))
		}
		var err error
		if t.work, err = prepare(ctx, desk, member.applier()); err != nil {
			return nil, err
		}
		targets[i] = t
	}
	return targets, nil
}

// wrap says on which of a group's clusters something failed.
func (t profileTarget) wrap(group string, err error) error {
	if group == "" {
		return err
	}
	return fmt.Errorf("%s: %w", t.name, err)
}

// prefixed begins every line that is written with the same words. Each call writes whole lines.
type prefixed struct {
	w      io.Writer
	prefix string
}

func (p *prefixed) Write(data []byte) (int, error) {
	if _, err := io.WriteString(p.w, p.prefix); err != nil {
		return 0, err
	}
	return p.w.Write(data)
}
