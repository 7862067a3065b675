package fakeapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/rbac"
)

// Catalogue are the cluster roles of vmdeck's catalogue as objects.
func Catalogue() []Object {
	var out []Object
	for _, role := range rbac.Catalogue() {
		out = append(out, object(role.Object))
	}
	return out
}

// Bound makes a binding of a cluster role: a RoleBinding, or without a namespace a ClusterRoleBinding.
func Bound(namespace, name, role string, subjects ...rbac.Subject) Object {
	return BindingObject(rbac.Binding{Namespace: namespace, Name: name, Role: rbac.RoleRef{Kind: rbac.KindClusterRole, Name: role}, Subjects: subjects})
}

// BindingObject is a binding as the server has it.
func BindingObject(b rbac.Binding) Object { return object(b.Object()) }

// ClusterRole makes a cluster role.
func ClusterRole(name string, rules ...rbacv1.PolicyRule) Object {
	role := rbacv1.ClusterRole{Rules: rules}
	role.APIVersion, role.Kind, role.Name = rbacv1.SchemeGroupVersion.String(), rbac.KindClusterRole, name
	return object(&role)
}

// object turns a typed object into one as JSON has it.
func object(typed any) Object {
	var o Object
	data, err := json.Marshal(typed)
	if err == nil {
		err = json.Unmarshal(data, &o)
	}
	if err != nil {
		panic(fmt.Sprintf("fakeapi: convert %T: %v", typed, err))
	}
	return o
}

func typed[T any](o Object) *T {
	out := new(T)
	data, err := json.Marshal(o)
	if err == nil {
		err = json.Unmarshal(data, out)
	}
	if err != nil {
		panic(fmt.Sprintf("fakeapi: convert %v: %v", o["kind"], err))
	}
	return out
}

// Login makes the client somebody whose rights are what the server's roles and bindings say at each request, so that a binding that is
// made or removed counts at once.
func (s *Server) Login(name string, groups ...string) {
	who := rbac.WhoIs(name, groups...)
	s.Become(User{Name: name, who: &who})
}

// evaluated is what the server's roles and bindings give, worked out once for each state of the objects.
type evaluated struct {
	version int
	objects rbac.Objects
	people  map[string]User
}

// bound reads the server's roles and bindings. It is called with the mutex held.
func (s *Server) bound() *evaluated {
	if s.rights != nil && s.rights.version == s.version {
		return s.rights
	}
	objects := rbac.Objects{Roles: map[rbac.RoleRef]rbac.Rules{}}
	for _, o := range s.objects["clusterroles"] {
		role := rbac.FromClusterRole(typed[rbacv1.ClusterRole](o))
		objects.Roles[role.Ref] = role.Rules
	}
	for _, o := range s.objects["roles"] {
		role := rbac.FromRole(typed[rbacv1.Role](o))
		objects.Roles[role.Ref] = role.Rules
	}
	for _, o := range s.objects["clusterrolebindings"] {
		objects.Bindings = append(objects.Bindings, rbac.ClusterBindingOf(typed[rbacv1.ClusterRoleBinding](o)))
	}
	for _, o := range s.objects["rolebindings"] {
		objects.Bindings = append(objects.Bindings, rbac.BindingOf(typed[rbacv1.RoleBinding](o)))
	}
	s.rights = &evaluated{version: s.version, objects: objects, people: map[string]User{}}
	return s.rights
}

// person is somebody with the rights that the server's objects give.
func (s *Server) person(who rbac.Who) User {
	s.mu.Lock()
	defer s.mu.Unlock()
	rights, key := s.bound(), fmt.Sprintf("%q", who)
	u, known := rights.people[key]
	if known {
		return u
	}
	u = User{Name: who.User, Groups: who.Groups, In: map[string]rbac.Rules{}, Everywhere: rights.objects.In("", who).Rules}
	for _, b := range rights.objects.Bindings {
		if b.Namespace != "" && u.In[b.Namespace] == nil {
			u.In[b.Namespace] = rights.objects.In(b.Namespace, who).Rules
		}
	}
	rights.people[key] = u
	return u
}

// client is who makes a request: the one that logged in, or whoever that one speaks as. ok is false where it may not, and was refused.
func (s *Server) client(w http.ResponseWriter, r *http.Request) (User, bool) {
	s.mu.Lock()
	user := s.user
	s.mu.Unlock()
	if user.who != nil {
		user = s.person(*user.who)
	}
	name := r.Header.Get("Impersonate-User")
	if name == "" {
		return user, true
	}
	groups := r.Header.Values("Impersonate-Group")
	for _, req := range impersonation(name, groups) {
		if !user.may(req) {
			refuse(w, req, user)
			return user, false
		}
	}
	return s.person(rbac.WhoIs(name, groups...)), true
}

func impersonation(name string, groups []string) []request {
	subject := rbac.SubjectOf(name)
	out := []request{{verb: "impersonate", resource: strings.ToLower(subject.Kind) + "s", namespace: subject.Namespace, name: subject.Name}}
	for _, group := range groups {
		out = append(out, request{verb: "impersonate", resource: "groups", name: group})
	}
	return out
}

// subjectReview answers what somebody else may do, to those who may ask.
func (s *Server) subjectReview(w http.ResponseWriter, req request, user User, body []byte) {
	if req.verb = "create"; !user.may(req) {
		refuse(w, req, user)
		return
	}
	var spec authorizationv1.SubjectAccessReviewSpec
	if req.resource == "localsubjectaccessreviews" {
		var review authorizationv1.LocalSubjectAccessReview
		decode(body, &review)
		spec = review.Spec
	} else {
		var review authorizationv1.SubjectAccessReview
		decode(body, &review)
		spec = review.Spec
	}
	var status authorizationv1.SubjectAccessReviewStatus
	if a := spec.ResourceAttributes; a != nil {
		them := s.person(rbac.Who{User: spec.User, Groups: spec.Groups})
		status.Allowed = them.rules(a.Namespace).Allows(rbac.Permission{Verb: a.Verb, Group: a.Group, Resource: a.Resource, Subresource: a.Subresource, Name: a.Name})
	}
	kind := map[string]string{"localsubjectaccessreviews": "LocalSubjectAccessReview", "subjectaccessreviews": "SubjectAccessReview"}[req.resource]
	reply(w, map[string]any{"kind": kind, "apiVersion": "authorization.k8s.io/v1", "spec": spec, "status": status})
}

// keeps tells whether the server carries changes of a resource out, instead of only recording them.
func keeps(req request) bool {
	made := req.group == rbac.GroupKubeVirt && req.resource == "virtualmachines" && req.verb == "create"
	return made || slices.Contains([]string{rbac.GroupRBAC, rbac.GroupVMDeck, rbac.GroupTemplates, "apiextensions.k8s.io"}, req.group)
}

// write creates an object or applies one, as a server does for kinds without logic of their own.
func (s *Server) write(w http.ResponseWriter, r *http.Request, req request, user User, body Object) {
	meta := body.meta()
	if req.name == "" {
		if req.name, _ = meta["name"].(string); req.name == "" {
			req.name = fmt.Sprint(meta["generateName"], "x7k2p")
			meta["name"] = req.name
		}
	}
	before := s.Get(req.resource, req.namespace, req.name)
	version, _ := meta["resourceVersion"].(string)
	switch {
	case r.Method == http.MethodPost && before != nil:
		status(w, http.StatusConflict, "AlreadyExists", fmt.Sprintf("%s.%s %q already exists", req.resource, req.group, req.name), 0)
		return
	case before == nil && version != "" || before != nil && version != "" && version != before.text("resourceVersion"):
		status(w, http.StatusConflict, "Conflict", fmt.Sprintf("Operation cannot be fulfilled on %s.%s %q: the object has been modified; please apply your changes to the latest version and try again", req.resource, req.group, req.name), 0)
		return
	}
	if lacked := s.lacked(req, user, body); lacked != "" {
		status(w, http.StatusForbidden, "Forbidden", fmt.Sprintf("%s.%s %q is forbidden: user %q (groups=%q) is attempting to grant RBAC permissions not currently held:\n%s",
			req.resource, req.group, req.name, user.Name, user.Groups, lacked), 0)
		return
	}
	if req.resource == "customresourcedefinitions" {
		body["status"] = map[string]any{"conditions": []any{map[string]any{"type": "Established", "status": "True"}}}
	}
	if r.URL.Query().Get("dryRun") == "" {
		s.Put(body)
		body = s.Get(req.resource, req.namespace, req.name)
	}
	w.Header().Set("Content-Type", "application/json")
	if before == nil {
		w.WriteHeader(http.StatusCreated)
	}
	_ = json.NewEncoder(w).Encode(body)
}

// lacked lists what a binding or role would hand out that its author does not have (kubernetes pkg/registry/rbac: escalation_check.go).
func (s *Server) lacked(req request, user User, body Object) string {
	var granted rbac.Rules
	role := request{group: rbac.GroupRBAC, namespace: req.namespace}
	s.mu.Lock()
	roles := s.bound().objects.Roles
	s.mu.Unlock()
	switch req.resource {
	case "rolebindings", "clusterrolebindings":
		ref := typed[rbacv1.RoleBinding](body).RoleRef
		key := rbac.RoleRef{Kind: ref.Kind, Name: ref.Name}
		if ref.Kind == rbac.KindRole {
			key.Namespace = req.namespace
		}
		granted = roles[key]
		role.verb, role.resource, role.name = "bind", strings.ToLower(ref.Kind)+"s", ref.Name
	case "roles", "clusterroles":
		granted = typed[rbacv1.ClusterRole](body).Rules
		role.verb, role.resource, role.name = "escalate", req.resource, req.name
	default:
		return ""
	}
	if user.may(role) {
		return ""
	}
	var lines []string
	for _, p := range user.rules(req.namespace).Missing(granted.Permissions()) {
		lines = append(lines, fmt.Sprintf("{APIGroups:[%q], Resources:[%q], Verbs:[%q]}", p.Group, p.ResourcePath(), p.Verb))
	}
	return strings.Join(lines, "\n")
}
