package binding

import (
	"context"
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

const followEvery = 30 * time.Second

// Follow reads the state until the context ends, anew after wake and from time to time, and calls changed with each one.
func Follow(ctx context.Context, c *kube.Cluster, rules Store, wake <-chan struct{}, changed func(State)) {
	var s State
	for ctx.Err() == nil {
		world, err := Read(ctx, c)
		if s.Err = err; err == nil {
			s.World, s.At = world, time.Now()
			if rules != nil {
				s.Rules, s.RulesErr = rules.List(ctx)
			}
		}
		changed(s)
		select {
		case <-ctx.Done():
		case <-wake:
		case <-time.After(followEvery):
		}
	}
}
