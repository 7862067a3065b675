package rollout

import (
	"slices"
	"time"

	"vmdeck.dev/vmdeck/kube/profile/apply"
)

// progress is how far the layers of a run are on one cluster, worked out from the plan and the events.
type progress []*layer

// layer is the progress of one release.
type layer struct {
	apply.LayerPlan
	began, ended time.Time // zero: not yet
	back         bool      // it was taken back
	failed       bool
	objects      []*object // that change, in the order of the plan; those that nobody planned come last
}

// object is the progress of one object.
type object struct {
	apply.Object
	verb   apply.Verb      // planned; empty: it was not
	kind   apply.EventKind // the last that was told of it; Note: nothing yet
	since  time.Time       // of that kind
	reason string
}

// progressOf works it out.
func progressOf(plan *apply.Plan, events []apply.Event) progress {
	var p progress
	for _, l := range plan.Layers {
		made := &layer{LayerPlan: l}
		for _, s := range l.Steps {
			if s.Verb != apply.Leave {
				made.objects = append(made.objects, &object{Object: s.Object, verb: s.Verb})
			}
		}
		p = append(p, made)
	}
	for _, e := range events {
		if l := p.layer(e.Layer); l != nil {
			l.take(e)
		}
	}
	return p
}

// layer finds a layer by its release; nil for events that are about none.
func (p progress) layer(release string) *layer {
	i := slices.IndexFunc(p, func(l *layer) bool { return l.Release == release })
	if i < 0 {
		return nil
	}
	return p[i]
}

func (l *layer) take(e apply.Event) {
	if e.Object != (apply.Object{}) {
		l.takeObject(e)
		return
	}
	switch e.Kind {
	case apply.Started:
		l.began = e.Time
	case apply.Done:
		l.ended = e.Time
	case apply.RolledBack:
		l.ended, l.back = e.Time, true
	case apply.Failed:
		l.failed = true
	}
}

func (l *layer) takeObject(e apply.Event) {
	o := l.object(e.Object)
	if o == nil {
		if e.Kind == apply.Unchanged || e.Kind == apply.Ready && e.Text == "" {
			return // it was as it should be, and nobody needs to be told
		}
		o = &object{Object: e.Object}
		l.objects = append(l.objects, o)
	}
	l.failed = l.failed || e.Kind == apply.Failed
	if o.kind != e.Kind || o.since.IsZero() {
		o.since = e.Time
	}
	o.kind, o.reason = e.Kind, e.Text
}

// object finds an object, whatever version of its kind it was named by.
func (l *layer) object(of apply.Object) *object {
	i := slices.IndexFunc(l.objects, func(o *object) bool {
		return o.Group == of.Group && o.Kind == of.Kind && o.Namespace == of.Namespace && o.Name == of.Name
	})
	if i < 0 {
		return nil
	}
	return l.objects[i]
}

// active tells whether the layer is being worked on.
func (l *layer) active() bool { return !l.began.IsZero() && l.ended.IsZero() }

// done counts the planned objects with which all is done that was to be.
func (l *layer) done() (n, of int) {
	for _, o := range l.objects {
		if o.verb == "" {
			continue
		}
		of++
		switch o.kind {
		case apply.Ready, apply.Deleted, apply.Kept, apply.Unchanged:
			n++
		case apply.Created, apply.Changed:
			if !l.active() {
				n++
			}
		}
	}
	return n, of
}

// done counts the objects of all layers.
func (p progress) done() (n, of int) {
	for _, l := range p {
		more, all := l.done()
		n, of = n+more, of+all
	}
	return n, of
}
