package profile

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/keep"
	"vmdeck.dev/vmdeck/kube/stream"
	"vmdeck.dev/vmdeck/rbac"
)

// State is what is known of the profiles of a store, and of what they have made on a cluster. It is not changed once it was handed out.
type State struct {
	// Profiles are sorted; what was known stays while they cannot be read.
	Profiles []Stored
	// Err is why the last reading of the profiles failed: ErrNotInstalled, or a fault.
	Err error
	// At is when the profiles were read last, also to find that the cluster does not know them; zero: never.
	At time.Time

	// Uses are the releases that profiles made, as far as they are known.
	Uses []Use
	// UsesErr is why not all releases are known.
	UsesErr error
	// UsesIn are the namespaces whose releases are known all the same, because secrets may be listed there.
	UsesIn []string
	// UsesAt is when releases were read last, some of them at least; zero: never.
	UsesAt time.Time
}

// Used are the releases that a version of a profile made; with an empty version, any version.
func (s State) Used(ref Ref) []Use {
	var out []Use
	for _, u := range s.Uses {
		if u.Ref.Name == ref.Name && (ref.Version == "" || u.Ref.Version == ref.Version) {
			out = append(out, u)
		}
	}
	return out
}

const (
	followEvery  = 5 * time.Minute  // a net below the watches
	followBlind  = 30 * time.Second // where changes are not seen
	mostSearched = 32               // namespaces in which releases are looked for where they may not be listed together
)

// Follow reads the state until the context ends, anew when something has changed, after wake and from time to time, and calls changed
// with each one. namespaces are those that are known: releases are looked for in them where they may not be listed all together.
func Follow(ctx context.Context, c *kube.Cluster, profiles Store, namespaces func() []string, wake <-chan struct{}, changed func(State)) {
	f := follower{cluster: c, profiles: profiles, namespaces: namespaces, signal: keep.NewSignal()}
	wait := f.watch(ctx)
	defer wait()
	var backoff kube.Backoff
	for ctx.Err() == nil {
		f.read(ctx)
		if ctx.Err() != nil {
			return
		}
		changed(f.state)
		pause := f.pause(&backoff)
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-wake:
		case <-f.signal.C:
		case <-timer.C:
		}
		timer.Stop()
	}
}

type follower struct {
	cluster    *kube.Cluster
	profiles   Store
	namespaces func() []string
	signal     *keep.Signal
	blind      atomic.Bool // changes of releases are not seen
	state      State
}

// watch begins to watch; wait returns when that has ended, which it does with the context.
func (f *follower) watch(ctx context.Context) (wait func()) {
	done := make(chan struct{}, 2)
	go func() {
		defer func() { done <- struct{}{} }()
		f.profiles.Watch(ctx, f.signal.Poke)
	}()
	go func() {
		defer func() { done <- struct{}{} }()
		req := stream.Request{Group: rbac.GroupCore, Version: "v1", Resource: "secrets", LabelSelector: releaseSelector, Metadata: true}
		_ = stream.Run[stream.Object](ctx, f.cluster, req, &keep.Tap{Poke: f.signal.Poke, Tell: func(s stream.State) { f.blind.Store(s.Phase == stream.Forbidden) }})
	}()
	// An API server that comes back is read at once.
	cancel := f.cluster.Health().Subscribe(func(h kube.HealthStatus) {
		if h.State == kube.Live {
			f.signal.Poke()
		}
	})
	context.AfterFunc(ctx, cancel)
	return func() { <-done; <-done }
}

// pause is how long what was read is believed where nothing tells of a change.
func (f *follower) pause(backoff *kube.Backoff) time.Duration {
	for _, err := range []error{f.state.Err, f.state.UsesErr} {
		kind := kube.Classify(err)
		if err != nil && kind != kube.KindForbidden && !errors.Is(err, ErrNotInstalled) {
			return backoff.After(err)
		}
	}
	backoff.Reset()
	switch searched := len(f.state.UsesIn); {
	case f.state.Err != nil, f.blind.Load() && searched > 0:
		return max(followBlind, time.Duration(searched)*time.Second)
	case f.blind.Load():
		return 2 * followBlind
	}
	return followEvery
}

// read reads what can be read; the rest is as it was.
func (f *follower) read(ctx context.Context) {
	s := f.state
	absent := errors.Is(s.Err, ErrNotInstalled)
	all, err := f.profiles.List(ctx)
	if s.Err = err; err == nil || errors.Is(err, ErrNotInstalled) {
		s.Profiles, s.At = Sorted(all), time.Now()
	}
	if absent && err == nil {
		f.cluster.Health().RetryNow() // the watch, which waits long before it looks again for a kind that was not there
	}
	s.UsesIn = nil
	uses, err := InUse(ctx, f.cluster, Ref{})
	if s.UsesErr = err; err == nil {
		s.Uses, s.UsesAt = uses, time.Now()
	} else if kube.Classify(err) == kube.KindForbidden {
		f.search(ctx, &s)
	}
	f.state = s
}

// search looks for releases namespace by namespace, first where the profiles say that they go.
func (f *follower) search(ctx context.Context, s *State) {
	s.Uses = nil
	var places []string
	for _, p := range s.Profiles {
		for _, r := range p.Value.Packs {
			places = append(places, r.Namespace)
		}
	}
	places = append(places, f.namespaces()...)
	seen := map[string]bool{"": true}
	for _, namespace := range places {
		if seen[namespace] || len(seen) > mostSearched || ctx.Err() != nil {
			continue
		}
		seen[namespace] = true
		// What access knows saves the question; what it does not know is tried.
		if f.cluster.Access().Decide(namespace, []rbac.Permission{rbac.On("list", rbac.GroupCore, "secrets")}).Verdict == rbac.Denied {
			continue
		}
		if uses, err := inUse(ctx, f.cluster, namespace, Ref{}); err == nil {
			s.Uses, s.UsesIn, s.UsesAt = append(s.Uses, uses...), append(s.UsesIn, namespace), time.Now()
		}
	}
	slices.Sort(s.UsesIn)
}
