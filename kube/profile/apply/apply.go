package apply

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vmdeck.dev/vmdeck/kube"
)

const (
	// DefaultTimeout is how long a run may take where nothing else is said.
	DefaultTimeout = 15 * time.Minute
	// planWithin is how long the comparison with a cluster may take.
	planWithin = 2 * time.Minute
	// undoWithin is how long going back may take after a failure.
	undoWithin = 5 * time.Minute
)

// Applier carries profiles out on one cluster, with what every change needs around it: the read-only mode, the lock and the audit log. It is
// safe for concurrent use.
type Applier struct {
	Cluster *kube.Cluster
	// ReadOnly is why nothing may be changed; empty: it may.
	ReadOnly string
	Audit    kube.Auditor
	// User is who acts, for the audit log.
	User func() string
}

// Options are how a run is to go.
type Options struct {
	// Timeout is for the whole run, outages of the API server and waiting included; 0: DefaultTimeout.
	Timeout time.Duration
	// RollBack takes all layers of the run back when one fails or the run is cancelled. Otherwise they stay as they got, for Apply to carry
	// on or Rollback to undo.
	RollBack bool
	// Namespaces are searched for releases of the profile by those who may not list secrets everywhere. Apply knows those of its layers.
	Namespaces []string
}

func (o Options) timeout() time.Duration {
	if o.Timeout <= 0 {
		return DefaultTimeout
	}
	return o.Timeout
}

// Plan compares a profile with the cluster; every object is tried as a dry run on the server. The error says that this could not be done;
// what must not be done is among the plan's refusals.
func (a *Applier) Plan(ctx context.Context, l Layers) (*Plan, error) {
	return a.planned(ctx, func(s *session) (*Plan, error) { return s.plan(l) })
}

func (a *Applier) planned(ctx context.Context, make func(*session) (*Plan, error)) (*Plan, error) {
	ctx, cancel := context.WithTimeout(ctx, planWithin)
	defer cancel()
	s, err := open(ctx, a.Cluster, nil)
	if err != nil {
		return nil, err
	}
	defer s.close()
	plan, err := make(s)
	if err != nil && ctx.Err() != nil {
		err = explained{kube.Explain(ctx.Err(), "compare the profile with the cluster"), err}
	}
	return plan, err
}

// Apply makes the cluster as the profile says: a layer after the other, each waited for until its objects are ready. Nothing is changed when
// the plan has refusals (RefusedError) or somebody else is at it (HeldError); the report is nil then. Otherwise the report says what came of
// every layer, and the error is its problem. A cancelled context ends the run at the next object; the release under way is recorded as failed
// or, with RollBack, taken back. observe hears of each step, possibly from several goroutines, one at a time, and may be nil.
//
// While the API server cannot be reached the run waits for it. Called again after a run that ended early, Apply carries it on.
func (a *Applier) Apply(ctx context.Context, l Layers, o Options, observe func(Event)) (*Report, error) {
	return a.run(ctx, work{
		profile: l.Profile, version: l.Version, verb: "apply",
		plan:  func(s *session) (*Plan, error) { return s.plan(l) },
		carry: func(r *run, plan *Plan) error { return r.apply(l, plan) },
	}, o, observe)
}

// work is what a run does.
type work struct {
	profile, version, verb string
	plan                   func(*session) (*Plan, error)
	carry                  func(*run, *Plan) error
}

func (w work) action() string {
	if w.version == "" {
		return w.verb
	}
	return w.verb + " " + w.version
}

func (a *Applier) run(ctx context.Context, w work, o Options, observe func(Event)) (*Report, error) {
	if a.ReadOnly != "" {
		return nil, errors.New("nothing was changed: " + a.ReadOnly)
	}
	plan, err := a.planned(ctx, w.plan)
	if err != nil {
		return nil, fmt.Errorf("nothing was changed: %w", err)
	}
	if err := plan.Err(); err != nil {
		return nil, errors.Join(err, a.record(w.verb, "", "ClusterProfile/"+w.profile, err))
	}
	if plan.Empty() {
		return emptyReport(plan), nil
	}
	ctx, cancel := context.WithTimeout(ctx, o.timeout())
	defer cancel()
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	r := newRun(a, w, o, observe)
	// The lock is held until all is told and taken back, also when the run is cancelled.
	keep, err := open(context.WithoutCancel(ctx), a.Cluster, nil)
	if err != nil {
		return nil, err
	}
	defer keep.close()
	held, taken, err := acquire(ctx, keep, w.profile, w.action(), end)
	if err != nil {
		return nil, err
	}
	defer held.release()
	if taken != "" {
		r.all.event(Note, Object{}, taken, nil)
	}
	// Between the plan and the lock somebody else may have been at it.
	if plan, err = a.planned(ctx, w.plan); err != nil {
		return nil, fmt.Errorf("nothing was changed: %w", err)
	}
	if err := plan.Err(); err != nil {
		return nil, errors.Join(err, a.record(w.verb, "", "ClusterProfile/"+w.profile, err))
	}
	return r.carry(ctx, plan)
}
