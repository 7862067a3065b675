package check

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// post sends an object, as somebody else where who is set, and decodes the answer. params are pairs of names and values.
func (e *env) post(ctx context.Context, who *rbac.Who, path string, object, into any, params ...string) error {
	ctx, cancel := context.WithTimeout(ctx, kube.CallTimeout)
	defer cancel()
	body, err := json.Marshal(object)
	if err != nil {
		return fmt.Errorf("encode the request to %s: %w", path, err)
	}
	request := e.cluster.REST("", "v1").Post().AbsPath(path).SetHeader("Content-Type", "application/json").Body(body)
	for i := 0; i+1 < len(params); i += 2 {
		request.Param(params[i], params[i+1])
	}
	if who != nil {
		request.SetHeader(authenticationv1.ImpersonateUserHeader, who.User)
		if groups := sent(*who); len(groups) > 0 {
			request.SetHeader(authenticationv1.ImpersonateGroupHeader, groups...)
		}
	}
	return answer(request.Do(ctx), path, into)
}

// sent are the groups to impersonate: not those that the API server adds by itself, since each takes the right to impersonate it. A
// service account's it adds only where no others are named.
func sent(who rbac.Who) []string {
	added := rbac.WhoIs(who.User).Groups
	groups := slices.DeleteFunc(slices.Clone(who.Groups), func(g string) bool { return slices.Contains(added, g) })
	if len(groups) > 0 && rbac.SubjectOf(who.User).Kind == rbacv1.ServiceAccountKind {
		return who.Groups
	}
	return groups
}

// reviewAs asks the API server in somebody's identity whether they have a permission.
func (e *env) reviewAs(ctx context.Context, who rbac.Who, namespace string, p rbac.Permission) (rbac.Verdict, error) {
	review := authorizationv1.SelfSubjectAccessReview{
		TypeMeta: metav1.TypeMeta{APIVersion: authorizationv1.SchemeGroupVersion.String(), Kind: "SelfSubjectAccessReview"},
		Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: namespace, Verb: p.Verb, Group: p.Group, Version: "*", Resource: p.Resource, Subresource: p.Subresource, Name: p.Name,
		}},
	}
	err := e.post(ctx, &who, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review, &review)
	switch {
	case err != nil:
		return rbac.Unknown, err
	case review.Status.Allowed:
		return rbac.Allowed, nil
	case review.Status.EvaluationError != "" && !review.Status.Denied:
		return rbac.Unknown, fmt.Errorf("ask whether %s may %s: %s", who.User, p, review.Status.EvaluationError)
	}
	return rbac.Denied, nil
}
