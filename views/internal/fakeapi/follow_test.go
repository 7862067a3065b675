package fakeapi

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

// TestC4KeepSynced follows changes within seconds of virtual time, and outlasts a server that goes away.
func TestC4KeepSynced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSyncBench(t)
		ctx, cancel := context.WithCancel(t.Context())
		var runs, failures atomic.Int64
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			binding.KeepSynced(ctx, b.keeper, binding.SyncOptions{}, nil, func(_ binding.SyncResult, err error) {
				runs.Add(1)
				if err != nil {
					failures.Add(1)
				}
			})
		}()
		pass := func(d time.Duration) {
			time.Sleep(d) // of the bubble
			synctest.Wait()
		}
		pass(5 * time.Second)
		b.save(teamRule("devs"))
		pass(3 * time.Second)
		b.want("a rule was made", "RoleBinding team-a/vmdeck-devs", "RoleBinding team-b/vmdeck-devs")
		b.Put(Namespace("team-c", "Active"))
		pass(3 * time.Second)
		all := []string{"RoleBinding team-a/vmdeck-devs", "RoleBinding team-b/vmdeck-devs", "RoleBinding team-c/vmdeck-devs"}
		b.want("a namespace was made", all...)
		b.Delete("rolebindings", "team-a", "vmdeck-devs")
		pass(3 * time.Second)
		b.want("a binding was deleted", all...)
		pass(3 * time.Second)
		before := runs.Load()
		pass(4 * time.Minute)
		if runs.Load() != before {
			t.Errorf("it ran %d times while nothing changed", runs.Load()-before)
		}
		pass(2 * time.Minute)
		if runs.Load() == before {
			t.Error("it does not look by itself")
		}
		b.Down(true)
		b.Cut()
		pass(20 * time.Second)
		b.Put(Namespace("team-d", "Active"))
		b.Down(false)
		pass(40 * time.Second)
		b.want("the server came back", append(all, "RoleBinding team-d/vmdeck-devs")...)
		if failures.Load() > 10 {
			t.Errorf("%d runs failed while it was away", failures.Load())
		}
		cancel()
		<-ended
	})
}

// TestFollowTellsChanges: the screens' view of it.
func TestFollowTellsChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSyncBench(t)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var last binding.State
		var told int
		var mu sync.Mutex
		states := func() int {
			mu.Lock()
			defer mu.Unlock()
			return told
		}
		wake := make(chan struct{}, 1)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			binding.Follow(ctx, b.keeper.Cluster, b.keeper.Rules, wake, func(s binding.State) {
				mu.Lock()
				defer mu.Unlock()
				last = s
				told++
			})
		}()
		pass := func(d time.Duration) binding.State {
			time.Sleep(d)
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			return last
		}
		if s := pass(100 * time.Millisecond); s.Err != nil || len(s.World.Bindings) != 1 || len(s.Rules) != 0 {
			t.Errorf("at once: %+v", s)
		}
		b.save(teamRule("devs"))
		if s := pass(3 * time.Second); len(s.Rules) != 1 {
			t.Errorf("a rule: %+v", s)
		}
		b.Put(Bound("team-a", "x", rbac.RoleUser, rbac.Subject{Kind: "User", Name: "bob"}))
		if s := pass(3 * time.Second); len(s.World.Bindings) != 2 {
			t.Errorf("a binding: %+v", s.World.Bindings)
		}
		quiet, asked := states(), len(b.seen)
		pass(4 * time.Minute)
		if states() != quiet || len(b.seen) != asked {
			t.Errorf("while nothing changed: %d states, %q", states()-quiet, b.seen[asked:])
		}
		wake <- struct{}{}
		if pass(time.Millisecond); states() != quiet+1 {
			t.Errorf("woken: %d states", states()-quiet)
		}
		// Whoever may not watch is told after half a minute.
		b.Refuse("rolebindings", 403, 0)
		pass(2 * time.Minute)
		b.Put(Namespace("team-z", "Active"))
		if s := pass(3 * time.Second); !slices.Contains(s.World.Namespaces, "team-z") || s.Err != nil {
			t.Errorf("with a gap: %+v", s.World.Namespaces)
		}
		blind := states()
		pass(time.Minute)
		if n := states() - blind; n < 1 || n > 4 {
			t.Errorf("%d states in a minute without the right to watch", n)
		}
		// The more is refused, the rarer it is asked for.
		for i := range 240 {
			b.Put(Namespace(fmt.Sprintf("many-%d", i), "Active"))
		}
		pass(10 * time.Second)
		blind = states()
		pass(3 * time.Minute)
		if n := states() - blind; n != 0 {
			t.Errorf("%d readings of 240 namespaces in three minutes", n)
		}
		pass(2 * time.Minute)
		if n := states() - blind; n != 1 {
			t.Errorf("%d readings of 240 namespaces in five minutes", n)
		}
		b.Down(true)
		wake <- struct{}{}
		if s := pass(time.Second); s.Err == nil || len(s.World.Bindings) == 0 && len(s.World.Namespaces) == 0 {
			t.Errorf("away: %+v", s)
		}
		cancel()
		<-ended
	})
}
