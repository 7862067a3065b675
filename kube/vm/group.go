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
	running    map[string]stopper
	start      func(namespace string) stopper
}

// stopper stops a namespace's stream. What it brought goes to the heir, or is forgotten where there is none.
type stopper func(heir *feedID)

// launch starts what a kind needs for the inventory's scope. The caller holds the inventory's mutex.
func launch[T any, P stream.Decodable[T]](ctx context.Context, wg *sync.WaitGroup, v *Inventory, t *table[T, P], req stream.Request) {
	req.Resource = string(t.kind)
	v.states[t.kind] = map[string]stream.State{}
	start := func(namespace string) stopper {
		ctx, cancel := context.WithCancel(ctx)
		req := req
		req.Namespace = namespace
		f := &feed[T, P]{inv: v, table: t, namespace: namespace, id: &feedID{}}
		v.states[t.kind][namespace] = stream.State{Phase: stream.Loading}
		wg.Go(func() { _ = stream.Run[T, P](ctx, v.cluster, req, f) })
		return func(heir *feedID) {
			cancel()
			f.bequeath(heir)
			f.id.stopped = true
			delete(v.states[t.kind], namespace)
			delete(t.listed, namespace)
		}
	}
	if t.kind == ClusterInstancetypes {
		start("")
		return
	}
	if v.scope.All {
		start("")
	}
	g := &group{on: !v.scope.All, namespaces: v.namespaces, running: map[string]stopper{}, start: start}
	v.groups[t.kind] = g
	g.reconcile()
}

// turnOn starts the streams over single namespaces, because the cluster-wide one is refused.
func (g *group) turnOn() {
	g.on = true
	g.reconcile()
}

// handOver ends them, because the cluster-wide one brings something. They end before its list is complete: what a stream that lags
// behind would put into the table afterwards is older than the list.
func (g *group) handOver(heir *feedID) {
	g.on = false
	for ns, stop := range g.running {
		stop(heir)
		delete(g.running, ns)
	}
}

// reconcile starts and stops streams until they are those of the wanted namespaces.
func (g *group) reconcile() {
	for ns, stop := range g.running {
		if !g.on || !slices.Contains(g.namespaces, ns) {
			stop(nil)
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
