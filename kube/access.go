package kube

import (
	"context"
	"fmt"
	"sync"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/rbac"
)

// How long answers are believed. A denial is asked again soon, so that a right granted meanwhile shows; an error is no answer and
// is asked again after a pause that grows.
const (
	allowedFor    = 5 * time.Minute
	deniedFor     = time.Minute
	reviewWorkers = 4
)

// Access answers what the connection's user may do. Decide answers from memory and notes what it was asked; Run, in a goroutine of
// the caller's, asks the API server. It is safe for concurrent use.
type Access struct {
	cluster *Cluster
	now     func() time.Time

	mu     sync.Mutex
	places map[string]*place
	wishes chan struct{} // holds a value while there is something to ask
}

// place is what is known about one namespace.
type place struct {
	rules   rbac.RuleSet
	asked   time.Time // when rules was answered; zero: never
	single  map[rbac.Permission]answer
	wanted  map[rbac.Permission]bool // permissions that the rules do not settle
	stale   bool                     // ask again, but believe the old answer until then
	busy    bool
	err     error
	retryAt time.Time
	backoff Backoff

	bindings     []rbac.BindingRef
	bindingsRead bool
}

type answer struct {
	verdict rbac.Verdict
	at      time.Time
}

func newAccess(c *Cluster, now func() time.Time) *Access {
	return &Access{cluster: c, now: now, places: map[string]*place{}, wishes: make(chan struct{}, 1)}
}

// Decide answers from what is known; it does no I/O and never blocks. What is not known, or known for too long, is asked by Run.
func (a *Access) Decide(namespace string, perms []rbac.Permission) rbac.Decision {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.place(namespace)
	var denied, open []rbac.Permission
	for _, perm := range perms {
		switch a.verdict(p, perm) {
		case rbac.Denied:
			denied = append(denied, perm)
		case rbac.Unknown:
			open = append(open, perm)
		}
	}
	switch {
	case len(denied) > 0:
		d := rbac.Deny(namespace, denied...)
		d.Bindings = p.bindings
		return d
	case len(open) > 0:
		return rbac.Pending(namespace, open, p.err)
	}
	return rbac.Allow(namespace)
}

// verdict looks a permission up and arranges for it to be asked when the answer is missing or old.
func (a *Access) verdict(p *place, perm rbac.Permission) rbac.Verdict {
	v, at := rbac.Unknown, p.asked
	if !p.asked.IsZero() {
		v = p.rules.Verdict(perm)
	}
	if v == rbac.Unknown && !p.asked.IsZero() || p.wanted[perm] {
		s := p.single[perm]
		v, at = s.verdict, s.at
		if v == rbac.Unknown {
			p.wanted[perm] = true
		}
	}
	age := a.now().Sub(at)
	if v == rbac.Unknown || v == rbac.Denied && age > deniedFor || age > allowedFor {
		p.stale = true
		a.wish()
	}
	return v
}

func (a *Access) place(namespace string) *place {
	p := a.places[namespace]
	if p == nil {
		p = &place{single: map[rbac.Permission]answer{}, wanted: map[rbac.Permission]bool{}, stale: true}
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

// Invalidate has everything about a namespace asked anew, after a real call was refused or a binding changed. Until the answer is
// there the old one stands.
func (a *Access) Invalidate(namespace string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.place(namespace).expire()
	a.wish()
}

// InvalidateAll has everything asked anew.
func (a *Access) InvalidateAll() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range a.places {
		p.expire()
	}
	a.wish()
}

func (p *place) expire() {
	p.stale, p.retryAt, p.bindingsRead = true, time.Time{}, false
}

// Run asks what Decide has noted until the context ends, a few namespaces at a time, and calls changed after each answer, from
// goroutines of its own.
func (a *Access) Run(ctx context.Context, changed func()) {
	slots := make(chan struct{}, reviewWorkers)
	var wg sync.WaitGroup
	defer wg.Wait()
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.wishes:
		}
		for _, namespace := range a.due() {
			select {
			case <-ctx.Done():
				return
			case slots <- struct{}{}:
			}
			wg.Go(func() {
				defer func() { <-slots }()
				_ = a.ask(ctx, namespace)
				changed()
			})
		}
	}
}

// due takes the namespaces that must be asked about now.
func (a *Access) due() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var due []string
	for namespace, p := range a.places {
		if p.stale && !p.busy && !a.now().Before(p.retryAt) {
			p.busy = true
			due = append(due, namespace)
		}
	}
	return due
}

// Ensure asks about namespaces now and waits for the answers.
func (a *Access) Ensure(ctx context.Context, namespaces ...string) error {
	for _, namespace := range namespaces {
		a.mu.Lock()
		a.place(namespace)
		a.mu.Unlock()
		if err := a.ask(ctx, namespace); err != nil {
			return err
		}
	}
	return nil
}

// ask brings a namespace up to date: its rules, then one review for each permission that they do not settle.
func (a *Access) ask(ctx context.Context, namespace string) error {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	rules, err := a.askRules(ctx, namespace)
	a.cluster.health.Report(err)
	var wanted []rbac.Permission
	a.mu.Lock()
	p := a.place(namespace)
	if err == nil {
		p.rules, p.asked = rules, a.now()
	}
	for perm := range p.wanted {
		wanted = append(wanted, perm)
	}
	readBindings := !p.bindingsRead
	a.mu.Unlock()

	answers := map[rbac.Permission]answer{}
	for _, perm := range wanted {
		v, reviewErr := a.review(ctx, namespace, perm)
		if reviewErr != nil {
			err = reviewErr
			break
		}
		answers[perm], err = answer{v, a.now()}, nil
	}
	var bindings []rbac.BindingRef
	if readBindings && err == nil {
		bindings = a.cluster.bindingsOf(ctx, namespace)
	}
	a.settle(namespace, answers, bindings, readBindings, err)
	return err
}

// settle takes the answers in. After an error the old ones stay, and the next attempt waits.
func (a *Access) settle(namespace string, answers map[rbac.Permission]answer, bindings []rbac.BindingRef, readBindings bool, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.place(namespace)
	p.busy, p.err = false, err
	for perm, s := range answers {
		p.single[perm] = s
	}
	if err != nil {
		p.retryAt = a.now().Add(p.backoff.After(err))
		return
	}
	p.stale = false
	p.backoff.Reset()
	if readBindings {
		p.bindings, p.bindingsRead = bindings, true
	}
}

func (a *Access) askRules(ctx context.Context, namespace string) (rbac.RuleSet, error) {
	if namespace == "" {
		// A rules review is about one namespace; what may be done everywhere takes single reviews.
		return rbac.RuleSet{Incomplete: true}, nil
	}
	review := &authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: namespace}}
	answer, err := a.cluster.authorization.SelfSubjectRulesReviews().Create(ctx, review, metav1.CreateOptions{})
	if err != nil {
		return rbac.RuleSet{}, fmt.Errorf("ask what you may do in namespace %s: %w", namespace, err)
	}
	return rbac.RuleSetFrom(answer.Status), nil
}

func (a *Access) review(ctx context.Context, namespace string, perm rbac.Permission) (rbac.Verdict, error) {
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: namespace, Verb: perm.Verb, Group: perm.Group, Version: "*",
			Resource: perm.Resource, Subresource: perm.Subresource, Name: perm.Name,
		},
	}}
	answer, err := a.cluster.authorization.SelfSubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
	switch {
	case err != nil:
		return rbac.Unknown, fmt.Errorf("ask whether you may %s in namespace %s: %w", perm, namespace, err)
	case answer.Status.Allowed:
		return rbac.Allowed, nil
	case answer.Status.EvaluationError != "" && !answer.Status.Denied:
		return rbac.Unknown, fmt.Errorf("ask whether you may %s in namespace %s: %s", perm, namespace, answer.Status.EvaluationError)
	}
	return rbac.Denied, nil
}
