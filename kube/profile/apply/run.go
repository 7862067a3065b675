package apply

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	release "helm.sh/helm/v4/pkg/release/v1"

	"vmdeck.dev/vmdeck/kube"
)

// run is one run on its way.
type run struct {
	applier *Applier
	work    work
	options Options
	all     *watcher // for what is about no layer

	mu        sync.Mutex // guards observe and what follows
	observe   func(Event)
	unwritten error
	kept      []Object
	outage    error // why the server cannot be reached at the moment
	since     time.Time

	s      *session
	report *Report
	was    int    // the profile's revision before
	undo   []undo // what takes the run back, the last change last
}

// undo takes one layer back to what it was.
type undo struct {
	layer  *LayerReport
	before *release.Release // nil: nothing that worked
}

func newRun(a *Applier, w work, o Options, observe func(Event)) *run {
	r := &run{applier: a, work: w, options: o, observe: observe}
	r.all = r.watch("")
	return r
}

func (r *run) watch(layer string) *watcher {
	return &watcher{layer: layer, tell: func(e Event) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.audited(e)
		if e.Kind == Kept {
			r.kept = append(r.kept, e.Object)
		}
		if r.observe != nil {
			r.observe(e)
		}
	}}
}

// gone hears that the server cannot be reached, and with nil that it is back.
func (r *run) gone(err error) {
	r.mu.Lock()
	r.outage, r.since = err, time.Now()
	r.mu.Unlock()
	if err == nil {
		r.all.event(Back, Object{}, "The API server answers again.", nil)
		return
	}
	r.all.event(Away, Object{}, kube.Explain(err, "talk to the API server")+" It is tried again until the time of the run is over.", nil)
}

// carry does the work of a run that has the lock, and takes it back where it fails.
func (r *run) carry(ctx context.Context, plan *Plan) (*Report, error) {
	r.was = current(plan.before)
	r.report = &Report{Profile: plan.Profile, Version: plan.Version, Revision: plan.Revision, Started: time.Now()}
	for _, l := range plan.Layers {
		out := LayerReport{Release: l.Release, Namespace: l.Namespace, Title: l.Title, From: l.From, To: l.To}
		if l.State == LeftAlone {
			out.Outcome = Untouched
		}
		r.report.Layers = append(r.report.Layers, out)
	}
	s, err := open(ctx, r.applier.Cluster, r.gone)
	if err == nil {
		r.s = s
		err = r.work.carry(r, plan)
		s.close()
	}
	if err != nil {
		r.failed(ctx, err)
	}
	r.mu.Lock()
	r.report.Kept, r.report.Unwritten, r.report.Ended = r.kept, r.unwritten, time.Now()
	r.mu.Unlock()
	if p := r.report.Problem; p != nil {
		r.all.event(Failed, Object{}, p.Error(), p)
		return r.report, errors.Join(p, r.report.Unwritten)
	}
	r.all.event(Done, Object{}, "", nil)
	return r.report, r.report.Unwritten
}

// layerError says in which layer of the report a run failed.
type layerError struct {
	layer   *LayerReport
	culprit *Event
	err     error
}

func (e *layerError) Error() string { return e.layer.Release + ": " + e.err.Error() }
func (e *layerError) Unwrap() error { return e.err }

// failed works out the problem and, where that is wished, takes the run back.
func (r *run) failed(ctx context.Context, err error) {
	p := &Problem{Why: explain(err)}
	var at *layerError
	if errors.As(err, &at) {
		p.Layer = at.layer.Release
		p.Why = explainLayer(at.err)
		if at.culprit != nil && ctx.Err() == nil {
			p.Object, p.Why = at.culprit.Object, at.culprit.Text
		}
	}
	r.mu.Lock()
	outage, since := r.outage, r.since
	r.mu.Unlock()
	lost := errors.Is(context.Cause(ctx), errLost)
	switch {
	case lost:
		p.Why = "somebody else took the lock of the profile, because this run was not heard of for too long."
	case outage != nil:
		p.Why = fmt.Sprintf("the API server cannot be reached since %s.", since.Local().Format("15:04:05"))
	case errors.Is(ctx.Err(), context.Canceled):
		p.Why = "it was stopped on request."
	case ctx.Err() != nil && at != nil && at.culprit != nil:
		p.Object, p.Why = at.culprit.Object, at.culprit.Text
	case ctx.Err() != nil:
		p.Why = fmt.Sprintf("it was not done after %s.", r.options.timeout())
	}
	r.report.Problem = p
	switch {
	case lost:
		p.Next = "Whoever has it now carries on; look at the profile's status."
	case outage != nil:
		p.Next = "A release may be left as pending. When the server is back, apply the profile again: the run is carried on."
	case !r.options.RollBack:
		p.Next = "What was done so far stays. Apply the profile again to carry on, or roll it back."
	default:
		r.takeBack(p, errors.Is(ctx.Err(), context.Canceled))
	}
}

// explainLayer is the sentence for a failure that is no object's.
func explainLayer(err error) string {
	var at *objectError
	if errors.As(err, &at) || kube.Classify(err) != kube.KindInternal {
		return explain(err)
	}
	return err.Error() + "."
}
