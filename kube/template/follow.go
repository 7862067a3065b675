package template

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/keep"
	"vmdeck.dev/vmdeck/kube/stream"
	"vmdeck.dev/vmdeck/rbac"
)

// State is what is known of a cluster's catalogue. It is not changed once it was handed out.
type State struct {
	Templates []Template
	At        time.Time // when they were read; zero: never
	// Err is why the last reading failed. What was read before stays, unless there is no catalogue any more, or none for the user.
	Err error
}

const (
	followEvery = 5 * time.Minute        // a net below the watch
	followBlind = 30 * time.Second       // where changes are not seen
	followNew   = 10 * time.Second       // where a profile may bring the kind at any moment
	followQuiet = 300 * time.Millisecond // changes come in swarms: a release makes several templates
)

// Follow reads the catalogue until the context ends, anew when something has changed, after wake and from time to time, and calls changed
// with each state.
func Follow(ctx context.Context, c *kube.Cluster, wake <-chan struct{}, changed func(State)) {
	moved := make(chan struct{}, 1)
	poke := func() {
		select {
		case moved <- struct{}{}:
		default:
		}
	}
	var blind atomic.Bool
	over := make(chan struct{})
	go func() {
		defer close(over)
		_ = stream.Run[stream.Object](ctx, c, stream.Request{Group: rbac.GroupTemplates, Version: Version, Resource: Resource}, &keep.Tap{Poke: poke, Tell: func(s stream.State) {
			blind.Store(s.Phase != stream.Live)
		}})
	}()
	defer func() { <-over }()
	var s State
	var backoff kube.Backoff
	for ctx.Err() == nil {
		s = s.read(ctx, c)
		if ctx.Err() != nil {
			return
		}
		changed(s)
		pause := followEvery
		switch {
		case errors.Is(s.Err, ErrNoKind):
			pause = followNew
		case errors.Is(s.Err, ErrForbidden), s.Err == nil && blind.Load():
			pause = followBlind
		case s.Err != nil:
			pause = backoff.After(s.Err)
		}
		if s.Err == nil {
			backoff.Reset()
		}
		pauseFor(ctx, pause, wake, moved)
	}
}

// pauseFor waits until there is a reason to read again.
func pauseFor(ctx context.Context, pause time.Duration, wake, moved <-chan struct{}) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-wake:
	case <-timer.C:
	case <-moved:
		timer.Reset(followQuiet)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		select {
		case <-moved:
		default:
		}
	}
}

func (s State) read(ctx context.Context, c *kube.Cluster) State {
	list, err := List(ctx, c)
	switch {
	case err == nil:
		return State{Templates: list, At: time.Now()}
	case errors.Is(err, ErrNoKind), errors.Is(err, ErrForbidden):
		return State{Err: err}
	}
	s.Err = err
	return s
}

// Find returns the template of that name.
func (s State) Find(name string) (Template, bool) {
	for _, t := range s.Templates {
		if t.Name == name {
			return t, true
		}
	}
	return Template{}, false
}
