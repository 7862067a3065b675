package vm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/stream"
)

// loadTimeout is how long a program without a screen waits for the whole list: ten times what 10,000 VMs take.
const loadTimeout = time.Minute

// Followed is an inventory that is complete and takes its changes by itself, for programs without a screen. Its methods are safe for
// concurrent use; Take and Changes are its own.
type Followed struct {
	*Inventory
	cluster *kube.Cluster

	mu     sync.Mutex
	report Report
	places kube.Namespaces
	moved  chan struct{} // closed and made anew with every change
}

// Follow starts an inventory that follows the cluster until the context ends, and returns when all that the user may see is in it. The
// error is a sentence that says why there is nothing to be seen.
func Follow(ctx context.Context, cluster *kube.Cluster, scope Scope) (*Followed, error) {
	f := &Followed{Inventory: NewInventory(cluster, scope), cluster: cluster, moved: make(chan struct{})}
	loading, stop := context.WithTimeout(ctx, loadTimeout)
	defer stop()
	defer cluster.Health().Subscribe(func(kube.HealthStatus) { f.poke() })()
	if scope.All {
		known := make(chan struct{})
		first := sync.OnceFunc(func() { close(known) })
		go cluster.WatchNamespaces(ctx, func(places kube.Namespaces) {
			f.mu.Lock()
			f.places = places
			f.mu.Unlock()
			f.SetNamespaces(places.Names)
			first()
			f.poke()
		})
		// Where the user may not list across the cluster, it must be known beforehand which namespaces to look into.
		if err := f.Until(loading, func() (bool, error) { return closed(known), f.broken() }); err != nil {
			return nil, f.unready(err, "list namespaces")
		}
	}
	go f.Run(ctx)
	go f.take(ctx)
	if err := f.Until(loading, func() (bool, error) { return f.settled(), f.broken() }); err != nil {
		return nil, f.unready(err, "list VMs")
	}
	return f, f.blind()
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// take keeps the rows up to date.
func (f *Followed) take(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.Changes():
			delta := f.Take()
			f.mu.Lock()
			f.report = delta.Report
			f.mu.Unlock()
			f.poke()
		}
	}
}

// poke has every Until look again.
func (f *Followed) poke() {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.moved)
	f.moved = make(chan struct{})
}

// Until calls check after each change, and once at the beginning, until it says yes or fails; or the context ends, whose error it
// returns then.
func (f *Followed) Until(ctx context.Context, check func() (bool, error)) error {
	for {
		f.mu.Lock()
		moved := f.moved
		f.mu.Unlock()
		if done, err := check(); done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-moved:
		}
	}
}

// broken is why there is no use in waiting for the first list: a person would try again, a script must be told.
func (f *Followed) broken() error {
	if status := f.cluster.Health().Status(); status.State == kube.Lost || status.State == kube.Expired {
		return status.Err
	}
	return nil
}

func (f *Followed) unready(err error, what string) error {
	if errors.Is(err, context.DeadlineExceeded) && f.broken() == nil {
		return fmt.Errorf("%s: the API server did not send all of it within %s", what, loadTimeout)
	}
	return errors.New(kube.Explain(err, what))
}

// settled says whether every kind is listed, or known to be hidden or missing.
func (f *Followed) settled() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, kind := range []Kind{Machines, Instances, Migrations, Instancetypes, ClusterInstancetypes} {
		c, asked := f.report.Kinds[kind]
		if !asked || c.Phase == stream.Loading || c.Phase == stream.Lost {
			return false
		}
	}
	return true
}

// blind says why nothing can be seen at all, where that is so.
func (f *Followed) blind() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	machines, instances := f.report.Kinds[Machines], f.report.Kinds[Instances]
	switch {
	case machines.Phase == stream.Absent:
		return errors.New("list VMs: this cluster does not serve KubeVirt's API")
	case machines.Phase == stream.Forbidden && instances.Phase == stream.Forbidden:
		return errors.New(kube.Explain(machines.Err, "list VMs"))
	}
	return nil
}

// Gaps says what the user may not see, in sentences; empty when the list is all there is.
func (f *Followed) Gaps() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var gaps []string
	for _, kind := range []Kind{Machines, Instances, Migrations} {
		switch c := f.report.Kinds[kind]; {
		case c.Phase == stream.Forbidden:
			gaps = append(gaps, fmt.Sprintf("You may not list %s, so what they would tell is missing.", kind))
		case len(c.Forbidden) > 0:
			slices.Sort(c.Forbidden)
			gaps = append(gaps, fmt.Sprintf("You may not list %s in %s.", kind, strings.Join(c.Forbidden, ", ")))
		}
	}
	if f.report.Kinds[Machines].ByNamespace && f.Scope().All && f.places.Note() != "" {
		gaps = append(gaps, "You may not list namespaces: only those of your kubeconfig and configuration were looked into.")
	}
	return gaps
}

// Rows returns the VMs by namespace and name.
func (f *Followed) Rows() []*Row {
	f.Inventory.mu.Lock()
	defer f.Inventory.mu.Unlock()
	rows := make([]*Row, 0, len(f.rows))
	for _, r := range f.rows {
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(a, b *Row) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return rows
}
