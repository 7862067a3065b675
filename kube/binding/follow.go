package binding

import (
	"context"
	"errors"
	"time"

	"vmdeck.dev/vmdeck/kube"
)

// State is what is known of a cluster's roles, bindings and rules. It is not changed once it was handed out.
type State struct {
	World World
	Rules []Stored
	// RulesErr is why the rules are not known.
	RulesErr error
	// At is when it was read; zero: never.
	At time.Time
	// Err is why the last reading failed. What was read before stays.
	Err error
}

const (
	followEvery = 5 * time.Minute  // a net below the watches
	followBlind = 30 * time.Second // where changes are not seen
	perGap      = time.Second      // longer for each list that was refused: there may be two for each of hundreds of namespaces
)

// Follow reads the state until the context ends, anew when something has changed, after wake and from time to time, and calls changed
// with each one. Where nothing changes it makes no requests for minutes.
func Follow(ctx context.Context, c *kube.Cluster, rules Store, wake <-chan struct{}, changed func(State)) {
	changes := watch(ctx, c, rules)
	defer changes.Wait()
	var s State
	var backoff kube.Backoff
	for ctx.Err() == nil {
		s = s.read(ctx, c, rules)
		if ctx.Err() != nil {
			return
		}
		changed(s)
		pause := followEvery
		switch {
		case s.Err != nil:
			pause = backoff.After(s.Err)
		case changes.Blind():
			pause = min(followEvery, max(followBlind, perGap*time.Duration(len(s.World.Gaps))))
		}
		if s.Err == nil {
			backoff.Reset()
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-wake:
		case <-changes.C:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// read reads what can be read; the rest is as it was.
func (s State) read(ctx context.Context, c *kube.Cluster, rules Store) State {
	world, err := Read(ctx, c)
	if s.Err = err; err != nil {
		return s
	}
	s.World, s.At = world, time.Now()
	if rules == nil {
		return s
	}
	list, err := rules.List(ctx)
	if s.RulesErr = err; err == nil || errors.Is(err, ErrNotInstalled) {
		s.Rules = list
	}
	return s
}
