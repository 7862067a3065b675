package binding

import (
	"context"
	"sync"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/keep"
	"vmdeck.dev/vmdeck/kube/stream"
	"vmdeck.dev/vmdeck/rbac"
)

// signal tells when namespaces, roles, bindings or rules have changed, and not what: the state is read anew then. What a watch brings
// is dropped at once, so that following costs next to nothing.
type signal struct {
	*keep.Signal

	mu    sync.Mutex
	blind map[string]bool // kinds whose changes are not seen, because the user may not watch them
	wg    sync.WaitGroup
}

// watcher is a store that tells by itself when its rules change.
type watcher interface {
	// watch calls changed after each change until the context ends.
	watch(ctx context.Context, changed func())
}

// watch begins to watch; it ends with the context, and Wait returns then. rules may be nil.
func watch(ctx context.Context, c *kube.Cluster, rules Store) *signal {
	s := &signal{Signal: keep.NewSignal(), blind: map[string]bool{}}
	for resource, group := range map[string]string{
		"namespaces": rbac.GroupCore, "roles": rbac.GroupRBAC, "clusterroles": rbac.GroupRBAC, "rolebindings": rbac.GroupRBAC, "clusterrolebindings": rbac.GroupRBAC,
	} {
		s.wg.Go(func() { s.follow(ctx, c, stream.Request{Group: group, Version: "v1", Resource: resource}) })
	}
	if rules, ok := rules.(watcher); ok {
		s.wg.Go(func() { rules.watch(ctx, s.Poke) })
	}
	// An API server that comes back is read at once.
	cancel := c.Health().Subscribe(func(h kube.HealthStatus) {
		if h.State == kube.Live {
			s.Poke()
		}
	})
	context.AfterFunc(ctx, cancel)
	return s
}

func (s *signal) follow(ctx context.Context, c *kube.Cluster, req stream.Request) {
	_ = stream.Run[stream.Object](ctx, c, req, &keep.Tap{Poke: s.Poke, Tell: func(state stream.State) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.blind[req.Resource] = state.Phase == stream.Forbidden
	}})
}

// Blind tells whether there are changes that are not seen.
func (s *signal) Blind() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, blind := range s.blind {
		if blind {
			return true
		}
	}
	return false
}

// Wait returns when all watches have ended.
func (s *signal) Wait() { s.wg.Wait() }
