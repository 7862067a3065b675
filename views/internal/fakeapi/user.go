package fakeapi

import (
	"fmt"
	"net/http"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"

	"vmdeck.dev/vmdeck/rbac"
)

// User is who the server takes the client for, and what that user may do.
type User struct {
	Name       string
	Everywhere rbac.Rules
	In         map[string]rbac.Rules // by namespace
	Groups     []string              // none: those of everybody

	who *rbac.Who // whose rights the server's objects give
}

// Admin may do everything.
func Admin() User {
	return User{Name: "cluster-admin", Everywhere: rbac.Rules{{Verbs: []string{"*"}, APIGroups: []string{"*"}, Resources: []string{"*"}}}}
}

// Persona has a role of the catalogue everywhere, and lists namespaces.
func Persona(name, role string) User {
	return User{Name: name, Everywhere: append(roleRules(role), roleRules(rbac.RoleListNamespaces)...)}
}

// NamespaceOnly has a role of the catalogue in one namespace and no other right.
func NamespaceOnly(name, role, namespace string) User {
	return User{Name: name, In: map[string]rbac.Rules{namespace: roleRules(role)}}
}

// Nobody has a login and no rights.
func Nobody() User { return User{Name: "carol"} }

// Without takes a resource, all of its verbs, out of what the user may do.
func (u User) Without(resource string) User {
	u.Everywhere = without(u.Everywhere, resource)
	in := map[string]rbac.Rules{}
	for namespace, rules := range u.In {
		in[namespace] = without(rules, resource)
	}
	u.In = in
	return u
}

func without(rules rbac.Rules, resource string) rbac.Rules {
	var left rbac.Rules
	for _, rule := range rules {
		kept := *rule.DeepCopy()
		kept.Resources = nil
		for _, r := range rule.Resources {
			if r != resource {
				kept.Resources = append(kept.Resources, r)
			}
		}
		if len(kept.Resources) > 0 {
			left = append(left, kept)
		}
	}
	return left
}

func roleRules(name string) rbac.Rules {
	role, ok := rbac.Lookup(name)
	if !ok {
		panic("fakeapi: there is no role " + name)
	}
	return role.Rules()
}

// Become changes who the client is from now on, as a new binding or a new login does.
func (s *Server) Become(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.user = u
}

func (u User) rules(namespace string) rbac.Rules {
	return append(append(rbac.Rules{}, u.Everywhere...), u.In[namespace]...)
}

// may judges as kube-apiserver and virt-api do. Everybody may read the KubeVirt resource (ClusterRole kubevirt.io:default).
func (u User) may(req request) bool {
	if req.resource == "kubevirts" || req.resource == "version" {
		return true
	}
	perm := rbac.Permission{Verb: req.verb, Group: req.group, Resource: req.resource, Subresource: req.sub, Name: req.name}
	return u.rules(req.namespace).Allows(perm)
}

// refuse answers what the user may not do: virt-api with a text of its own and 401, everything else with a Status.
func refuse(w http.ResponseWriter, req request, u User) {
	if req.group == rbac.GroupSubresources {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = fmt.Fprintf(w, "Unauthorized: User %q cannot %s resource \"%s/%s\" in API group %q in the namespace %q", u.Name, req.verb, req.resource, req.sub, req.group, req.namespace)
		return
	}
	where := "at the cluster scope"
	if req.namespace != "" {
		where = fmt.Sprintf("in the namespace %q", req.namespace)
	}
	status(w, http.StatusForbidden, "Forbidden", fmt.Sprintf("%s.%s is forbidden: User %q cannot %s resource %q in API group %q %s",
		req.resource, req.group, u.Name, req.verb, req.resource, req.group, where), 0)
}

func (u User) review() any {
	groups := u.Groups
	if groups == nil {
		groups = []string{"system:authenticated"}
	}
	return map[string]any{"kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1",
		"status": map[string]any{"userInfo": map[string]any{"username": u.Name, "groups": groups}}}
}

func (u User) rulesReview(body []byte) any {
	var review authorizationv1.SelfSubjectRulesReview
	decode(body, &review)
	review.Kind, review.APIVersion = "SelfSubjectRulesReview", "authorization.k8s.io/v1"
	review.Status.NonResourceRules = []authorizationv1.NonResourceRule{}
	review.Status.ResourceRules = []authorizationv1.ResourceRule{}
	for _, r := range u.rules(review.Spec.Namespace) {
		review.Status.ResourceRules = append(review.Status.ResourceRules, ruleOf(r))
	}
	return review
}

// decode reads what a typed client sends: protobuf where the kind has it, else JSON.
func decode(body []byte, into runtime.Object) {
	if _, _, err := scheme.Codecs.UniversalDeserializer().Decode(body, nil, into); err != nil {
		panic(fmt.Sprintf("fakeapi: read a review: %v", err))
	}
}

func ruleOf(r rbacv1.PolicyRule) authorizationv1.ResourceRule {
	return authorizationv1.ResourceRule{Verbs: r.Verbs, APIGroups: r.APIGroups, Resources: r.Resources, ResourceNames: r.ResourceNames}
}

func (u User) accessReview(body []byte) any {
	var review authorizationv1.SelfSubjectAccessReview
	decode(body, &review)
	review.Kind, review.APIVersion = "SelfSubjectAccessReview", "authorization.k8s.io/v1"
	if a := review.Spec.ResourceAttributes; a != nil {
		review.Status.Allowed = u.rules(a.Namespace).Allows(rbac.Permission{
			Verb: a.Verb, Group: a.Group, Resource: a.Resource, Subresource: a.Subresource, Name: a.Name})
	}
	return review
}
