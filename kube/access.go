package kube

import (
	"context"
	"errors"
	"sync"
	"time"

	"vmdeck.dev/vmdeck/rbac"
)

// How long answers are believed. A denial is asked again soon, so that a right granted meanwhile shows; an error is no answer and
// is asked again after a pause that grows.
const (
	allowedFor    = 5 * time.Minute
	deniedFor     = 30 * time.Second
	unusedAfter   = 10 * time.Minute // a namespace nobody asks about any more is left alone
	reviewWorkers = 4                // requests at a time
)

// Access answers what the connection's user may do. Decide answers from memory and notes what it was asked; Run, in a goroutine of
// the caller's, asks the API server. It is safe for concurrent use.
type Access struct {
	cluster *Cluster
	now     func() time.Time
	slots   chan struct{} // one for each request under way
	wishes  chan struct{} // holds a value while Run has something to look at

	mu          sync.Mutex
	places      map[string]*place
	clusterWide bindingList
}

func newAccess(c *Cluster, now func() time.Time) *Access {
	return &Access{
		cluster: c, now: now, places: map[string]*place{},
		slots: make(chan struct{}, reviewWorkers), wishes: make(chan struct{}, 1),
	}
}

// Decide answers from what is known; it does no I/O and never blocks. What is not known, or known for too long, is asked by Run. An
// answer past its time stands until the new one arrives, but not when asking has failed: then it is Unknown, with the error. An empty
// namespace means cluster-wide.
func (a *Access) Decide(namespace string, perms []rbac.Permission) rbac.Decision {
	a.mu.Lock()
	defer a.mu.Unlock()
	p, now := a.place(namespace), a.now()
	p.used = now
	var denied, open []rbac.Permission
	for _, perm := range perms {
		switch p.judge(perm, now) {
		case rbac.Denied:
			denied = append(denied, perm)
		case rbac.Unknown:
			open = append(open, perm)
		}
	}
	if len(denied) > 0 {
		p.explainDenials(now)
	}
	if p.due {
		a.wish()
	}
	switch {
	case len(denied) > 0:
		d := rbac.Deny(namespace, denied...)
		d.Bindings = p.bindings.refs
		return d
	case len(open) > 0:
		return rbac.Pending(namespace, open, p.err)
	}
	return rbac.Allow(namespace)
}

func (a *Access) place(namespace string) *place {
	p := a.places[namespace]
	if p == nil {
		p = newPlace()
		a.places[namespace] = p
	}
	return p
}

func (a *Access) wish() {
	select {
	case a.wishes <- struct{}{}:
	default:
	}
}

// Invalidate has everything about a namespace asked anew, after a real call was refused there: what was held to be allowed is Unknown
// until the API server has answered.
func (a *Access) Invalidate(namespace string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.place(namespace)
	p.expire()
	p.doubted = true
	a.wish()
}

// InvalidateAll has everything asked anew, after bindings changed or because the user wishes so. Until then the old answers stand.
func (a *Access) InvalidateAll() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range a.places {
		p.expire()
	}
	a.clusterWide = bindingList{}
	a.wish()
}

// Run asks what Decide has noted until the context ends, and asks again when answers in use get old. It calls changed after each
// change of what Decide answers, from goroutines of its own, which have ended when Run returns.
func (a *Access) Run(ctx context.Context, changed func()) {
	var wg sync.WaitGroup
	defer wg.Wait()
	for ctx.Err() == nil {
		due, pause := a.due()
		for _, namespace := range due {
			wg.Go(func() {
				if differs, _ := a.ask(ctx, namespace); differs {
					changed()
				}
			})
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-a.wishes:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// due takes the namespaces that must be asked about now, and says when to look again.
func (a *Access) due() (due []string, pause time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	pause = allowedFor
	for namespace, p := range a.places {
		switch wait := p.wait(now); {
		case p.busy != nil || wait < 0:
		case wait == 0:
			p.busy = make(chan struct{})
			due = append(due, namespace)
		default:
			pause = min(pause, wait)
		}
	}
	return due, pause
}

// Ensure asks about namespaces now, together with whatever Decide has noted for them, and waits for the answers. Answers that are
// fresh are not asked for again.
func (a *Access) Ensure(ctx context.Context, namespaces ...string) error {
	failed := make([]error, len(namespaces))
	var wg sync.WaitGroup
	for i, namespace := range namespaces {
		wg.Go(func() {
			if failed[i] = a.take(ctx, namespace); failed[i] == nil {
				_, failed[i] = a.ask(ctx, namespace)
			}
		})
	}
	wg.Wait()
	return errors.Join(failed...)
}

// take waits until nobody else is asking about a namespace and makes it the caller's turn.
func (a *Access) take(ctx context.Context, namespace string) error {
	for {
		a.mu.Lock()
		p := a.place(namespace)
		busy := p.busy
		if busy == nil {
			p.busy = make(chan struct{})
		}
		a.mu.Unlock()
		if busy == nil {
			return nil
		}
		select {
		case <-busy:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
