package vm

import (
	"context"
	"slices"
	"sync"

	"vmdeck.dev/vmdeck/kube/stream"
)

// group is the streams of one kind over single namespaces, for users who may not list across the cluster. The inventory's mutex
// guards it.
type group struct {
	on         bool
	namespaces []string
	running    map[string]func() // stops the namespace's stream and forgets what it brought
	start      func(namespace string) (stop func())
}

// launch starts what a kind needs for the inventory's scope. The caller holds the inventory's mutex.
func launch[T any, P stream.Decodable[T]](ctx context.Context, wg *sync.WaitGroup, v *Inventory, t *table[T, P], req stream.Request) {
	req.Resource = string(t.kind)
	v.states[t.kind] = map[string]stream.State{}
	start := func(namespace string) func() {
		ctx, cancel := context.WithCancel(ctx)
		req := req
		req.Namespace = namespace
		f := &feed[T, P]{inv: v, table: t, namespace: namespace, id: &feedID{}}
		v.states[t.kind][namespace] = stream.State{Phase: stream.Loading}
		wg.Go(func() { _ = stream.Run[T, P](ctx, v.cluster, req, f) })
		return func() {
			cancel()
			f.sweep(f.list + 1)
			f.id.stopped = true
			delete(v.states[t.kind], namespace)
		}
	}
	if t.kind == ClusterInstancetypes {
		start("")
		return
	}
	if v.scope.All {
		start("")
	}
	g := &group{on: !v.scope.All, namespaces: v.scope.Namespaces, running: map[string]func(){}, start: start}
	v.groups[t.kind] = g
	g.reconcile()
}

// follow turns the streams over single namespaces on when the cluster-wide one is refused, and off when it works.
func (g *group) follow(phase stream.Phase) {
	if phase == stream.Forbidden || phase == stream.Live {
		g.on = phase == stream.Forbidden
		g.reconcile()
	}
}

// reconcile starts and stops streams until they are those of the wanted namespaces.
func (g *group) reconcile() {
	for ns, stop := range g.running {
		if !g.on || !slices.Contains(g.namespaces, ns) {
			stop()
			delete(g.running, ns)
		}
	}
	if !g.on {
		return
	}
	for _, ns := range g.namespaces {
		if g.running[ns] == nil {
			g.running[ns] = g.start(ns)
		}
	}
}
