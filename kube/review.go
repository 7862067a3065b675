package kube

import (
	"context"
	"fmt"
	"sync"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/rbac"
)

// ask brings a namespace, whose turn the caller has taken, up to date: its rules, then a review for each permission that they do not
// settle, then the bindings where a denial is to be explained.
func (a *Access) ask(ctx context.Context, namespace string) (differs bool, err error) {
	a.mu.Lock()
	p, now := a.place(namespace), a.now()
	p.due = false
	rules, rulesDue, wantBindings := p.rules, p.rulesDue(now), p.wantBindings
	a.mu.Unlock()

	var f findings
	if rulesDue {
		rules, f.err = a.askRules(ctx, namespace)
		if f.err == nil {
			f.rules = &rules
		}
	}
	if f.err == nil {
		a.mu.Lock()
		perms := p.reviewsDue(rules, a.now())
		a.mu.Unlock()
		f.single, f.err = a.reviewAll(ctx, namespace, perms)
	}
	if f.err == nil && wantBindings {
		refs := a.bindingsIn(ctx, namespace)
		f.bindings = &bindingList{refs: refs, at: a.now()}
	}

	a.mu.Lock()
	defer a.mu.Unlock()
	differs = p.settle(f, a.now())
	close(p.busy)
	p.busy = nil
	a.wish() // Run has to reckon anew when to ask again
	return differs, f.err
}

// call makes one request when its turn comes.
func (a *Access) call(ctx context.Context, request func(context.Context) error) error {
	select {
	case a.slots <- struct{}{}:
		defer func() { <-a.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return a.cluster.call(ctx, request)
}

// askRules asks for all that the user may do in a namespace. Where the server answers that it will not tell, reviews of single
// permissions are what is left, as they are cluster-wide: a rules review is about one namespace.
func (a *Access) askRules(ctx context.Context, namespace string) (rbac.RuleSet, error) {
	if namespace == "" {
		return rbac.RuleSet{Incomplete: true}, nil
	}
	var status authorizationv1.SubjectRulesReviewStatus
	err := a.call(ctx, func(ctx context.Context) error {
		review := &authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: namespace}}
		answer, err := a.cluster.authorization.SelfSubjectRulesReviews().Create(ctx, review, metav1.CreateOptions{})
		if err == nil {
			status = answer.Status
		}
		return err
	})
	switch Classify(err) {
	case KindNone:
		return rbac.RuleSetFrom(status), nil
	case KindForbidden, KindNotFound, KindInvalid, KindInternal:
		return rbac.RuleSet{Incomplete: true, EvaluationError: err.Error()}, nil
	}
	return rbac.RuleSet{}, fmt.Errorf("ask what you may do in namespace %s: %w", namespace, err)
}

// reviewAll reviews permissions side by side. It returns what was answered and the first error.
func (a *Access) reviewAll(ctx context.Context, namespace string, perms []rbac.Permission) (map[rbac.Permission]rbac.Verdict, error) {
	verdicts, failed := make([]rbac.Verdict, len(perms)), make([]error, len(perms))
	var wg sync.WaitGroup
	for i, perm := range perms {
		wg.Go(func() { verdicts[i], failed[i] = a.review(ctx, namespace, perm) })
	}
	wg.Wait()
	answers := map[rbac.Permission]rbac.Verdict{}
	var first error
	for i, perm := range perms {
		switch {
		case failed[i] == nil:
			answers[perm] = verdicts[i]
		case first == nil:
			first = failed[i]
		}
	}
	return answers, first
}

// review asks one question. A server that could not evaluate all its rules and found none that allows has not answered it.
func (a *Access) review(ctx context.Context, namespace string, perm rbac.Permission) (rbac.Verdict, error) {
	spec := authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
		Namespace: namespace, Verb: perm.Verb, Group: perm.Group, Version: "*",
		Resource: perm.Resource, Subresource: perm.Subresource, Name: perm.Name,
	}}
	var status authorizationv1.SubjectAccessReviewStatus
	err := a.call(ctx, func(ctx context.Context) error {
		review := &authorizationv1.SelfSubjectAccessReview{Spec: spec}
		answer, err := a.cluster.authorization.SelfSubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
		if err == nil {
			status = answer.Status
		}
		return err
	})
	switch {
	case err != nil:
		return rbac.Unknown, fmt.Errorf("ask whether you may %s%s: %w", perm, inNamespace(namespace), err)
	case status.Allowed:
		return rbac.Allowed, nil
	case status.EvaluationError != "" && !status.Denied:
		return rbac.Unknown, fmt.Errorf("ask whether you may %s%s: %s", perm, inNamespace(namespace), status.EvaluationError)
	}
	return rbac.Denied, nil
}

// Ask reviews permissions now, each by itself, and waits; the answer is not kept. It is for what must be exact and is asked seldom,
// such as a permission on one object by name.
func (a *Access) Ask(ctx context.Context, namespace string, perms ...rbac.Permission) rbac.Decision {
	verdicts, err := a.reviewAll(ctx, namespace, perms)
	var denied, open []rbac.Permission
	for _, perm := range perms {
		switch verdicts[perm] {
		case rbac.Denied:
			denied = append(denied, perm)
		case rbac.Unknown:
			open = append(open, perm)
		}
	}
	switch {
	case len(denied) > 0:
		return rbac.Deny(namespace, denied...)
	case len(open) > 0:
		return rbac.Pending(namespace, open, err)
	}
	return rbac.Allow(namespace)
}

func inNamespace(namespace string) string {
	if namespace == "" {
		return ""
	}
	return " in namespace " + namespace
}
