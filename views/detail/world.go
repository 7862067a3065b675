package detail

import (
	"context"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/stream"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/views/deck"
)

// world is what the page needs of the context that it belongs to.
type world interface {
	// Context ends when the connection is closed.
	Context() context.Context
	// Find returns the row that is known under a name now, or nil.
	Find(namespace, name string) *vm.Row
	Check(a *vm.Action, r *vm.Row) vm.Verdict
	Health() kube.HealthStatus
	Fetch(ctx context.Context, namespace, name string) vm.Detail
	Events(namespace, name string) feed
}

// feed is a live list of events; vm.Events is one.
type feed interface {
	Run(ctx context.Context)
	Changes() <-chan struct{}
	Take() ([]*vm.Event, stream.State)
}

// deckWorld is the world of a deck.
type deckWorld struct{ *deck.Deck }

func (w deckWorld) Find(namespace, name string) *vm.Row { return w.Inventory().Find(namespace, name) }

func (w deckWorld) Check(a *vm.Action, r *vm.Row) vm.Verdict { return w.Gate.Check(a, r) }

func (w deckWorld) Health() kube.HealthStatus { return w.Cluster.Health().Status() }

func (w deckWorld) Fetch(ctx context.Context, namespace, name string) vm.Detail {
	return vm.FetchDetail(ctx, w.Cluster, namespace, name)
}

func (w deckWorld) Events(namespace, name string) feed {
	return vm.NewEvents(w.Cluster, namespace, name)
}
