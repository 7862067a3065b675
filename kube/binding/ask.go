package binding

import (
	"context"
	"fmt"
	"slices"
	"sync"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	authorizationclient "k8s.io/client-go/kubernetes/typed/authorization/v1"
	"k8s.io/client-go/rest"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// Source is where a decision comes from, the most reliable first.
type Source int

// The sources.
const (
	Asked        Source = iota // the API server, about oneself
	Impersonated               // the API server, speaking as somebody else
	Reviewed                   // the API server, about somebody else
	Evaluated                  // roles and bindings as far as they could be read
)

// String says it in a sentence.
func (s Source) String() string {
	return [...]string{
		"The API server was asked.",
		"The API server was asked in that identity (impersonation).",
		"The API server was asked about that identity (access review).",
		"Evaluated from roles and bindings: you may neither impersonate nor review others, and rights from elsewhere are not seen.",
	}[s]
}

// Ask finds out whether somebody has the permissions in a namespace; nil means the connection's own user. For somebody else the API
// server is asked in that identity, or about it; where neither is permitted the verdict is evaluated from world.
func Ask(ctx context.Context, c *kube.Cluster, who *rbac.Who, namespace string, perms []rbac.Permission, world func() (World, error)) (rbac.Decision, Source, error) {
	if who == nil {
		return c.Access().Ask(ctx, namespace, perms...), Asked, nil
	}
	other, err := as(ctx, c, *who)
	if err != nil {
		return rbac.Decision{}, Impersonated, err
	}
	if d := other.Access().Ask(ctx, namespace, perms...); d.Verdict != rbac.Unknown {
		return d, Impersonated, nil
	} else if kube.Classify(d.Err) != kube.KindForbidden {
		return rbac.Decision{}, Impersonated, d.Err
	}
	d, err := reviewAll(ctx, c, c.Authorization(), *who, namespace, perms)
	if kube.Classify(err) != kube.KindForbidden {
		return d, Reviewed, err
	}
	w, err := world()
	if err != nil {
		return rbac.Decision{}, Evaluated, err
	}
	return w.Decide(*who, namespace, perms), Evaluated, nil
}

// as is the same connection in another identity. The groups that the API server adds by itself are not sent, since each one that is
// takes the right to impersonate it; a service account's it adds only where no others are named.
func as(ctx context.Context, c *kube.Cluster, who rbac.Who) (*kube.Cluster, error) {
	added := rbac.WhoIs(who.User).Groups
	groups := slices.DeleteFunc(slices.Clone(who.Groups), func(g string) bool { return slices.Contains(added, g) })
	if len(groups) > 0 && rbac.SubjectOf(who.User).Kind == rbacv1.ServiceAccountKind {
		groups = who.Groups
	}
	config := c.Config()
	config.Impersonate = rest.ImpersonationConfig{UserName: who.User, Groups: groups}
	return kube.Connect(ctx, config, c.Target())
}

// Decide evaluates the objects. What could not be read makes a missing right Unknown instead of Denied.
func (w World) Decide(who rbac.Who, namespace string, perms []rbac.Permission) rbac.Decision {
	return w.judge(w.In(namespace, who), namespace, perms)
}

// judge decides by the rights that somebody has in a namespace.
func (w World) judge(rights rbac.Rights, namespace string, perms []rbac.Permission) rbac.Decision {
	missing := rights.Rules.Missing(perms)
	d := rbac.Allow(namespace)
	switch {
	case len(missing) == 0:
	case w.blind(namespace) || len(rights.Unknown) > 0:
		d = rbac.Decision{Namespace: namespace, Missing: missing, Grants: rbac.Granting(missing...),
			Reason: "nothing that could be read grants it, and not everything could be read"}
	default:
		d = rbac.Deny(namespace, missing...)
	}
	d.Bindings = rights.Bindings
	return d
}

// blind tells whether bindings that count in a namespace could not be read.
func (w World) blind(namespace string) bool {
	for _, unread := range w.Unread {
		if unread == "" || unread == namespace {
			return true
		}
	}
	return false
}

func reviewAll(ctx context.Context, c *kube.Cluster, client authorizationclient.AuthorizationV1Interface, who rbac.Who, namespace string, perms []rbac.Permission) (rbac.Decision, error) {
	verdicts, failed := make([]rbac.Verdict, len(perms)), make([]error, len(perms))
	var wg sync.WaitGroup
	for i, perm := range perms {
		wg.Go(func() { verdicts[i], failed[i] = review(ctx, c, client, who, namespace, perm) })
	}
	wg.Wait()
	var missing []rbac.Permission
	for i, perm := range perms {
		switch {
		case failed[i] != nil:
			return rbac.Decision{}, failed[i]
		case verdicts[i] == rbac.Denied:
			missing = append(missing, perm)
		}
	}
	if len(missing) > 0 {
		return rbac.Deny(namespace, missing...), nil
	}
	return rbac.Allow(namespace), nil
}

// Review asks the API server whether somebody has one permission: by a SubjectAccessReview, or by one of the namespace where the user
// may make only those.
func Review(ctx context.Context, c *kube.Cluster, who rbac.Who, namespace string, perm rbac.Permission) (rbac.Verdict, error) {
	return review(ctx, c, c.Authorization(), who, namespace, perm)
}

func review(ctx context.Context, c *kube.Cluster, client authorizationclient.AuthorizationV1Interface, who rbac.Who, namespace string, perm rbac.Permission) (rbac.Verdict, error) {
	spec := authorizationv1.SubjectAccessReviewSpec{User: who.User, Groups: who.Groups, ResourceAttributes: &authorizationv1.ResourceAttributes{
		Namespace: namespace, Verb: perm.Verb, Group: perm.Group, Version: "*", Resource: perm.Resource, Subresource: perm.Subresource, Name: perm.Name,
	}}
	var status authorizationv1.SubjectAccessReviewStatus
	err := call(ctx, c, func(ctx context.Context) error {
		answer, err := client.SubjectAccessReviews().Create(ctx, &authorizationv1.SubjectAccessReview{Spec: spec}, metav1.CreateOptions{})
		if err == nil {
			status = answer.Status
		}
		return err
	})
	if kube.Classify(err) == kube.KindForbidden && namespace != "" {
		err = call(ctx, c, func(ctx context.Context) error {
			review := &authorizationv1.LocalSubjectAccessReview{ObjectMeta: metav1.ObjectMeta{Namespace: namespace}, Spec: spec}
			answer, err := client.LocalSubjectAccessReviews(namespace).Create(ctx, review, metav1.CreateOptions{})
			if err == nil {
				status = answer.Status
			}
			return err
		})
	}
	switch {
	case err != nil:
		return rbac.Unknown, fmt.Errorf("ask whether %s may %s: %w", who.User, perm, err)
	case status.Allowed:
		return rbac.Allowed, nil
	case status.EvaluationError != "" && !status.Denied:
		return rbac.Unknown, fmt.Errorf("ask whether %s may %s: %s", who.User, perm, status.EvaluationError)
	}
	return rbac.Denied, nil
}
