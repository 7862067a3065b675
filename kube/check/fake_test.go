package check

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubescheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// fake is as much of an API server as the checks need. Who may do what follows from its roles and bindings; what is asked for on
// another path is answered from pages.
type fake struct {
	mu         sync.Mutex
	user       rbac.Who
	namespaces []string
	roles      map[rbac.RoleRef]rbac.Rules
	bindings   []rbac.Binding
	extra      func(who rbac.Who, namespace string, p rbac.Permission) bool // another authorizer
	pages      map[string]page
	seen       []string // requests, with their query
	now, most  int      // requests under way
	hold       func()   // called within each request
}

// page is an answer: an object, or with a code an error's text.
type page struct {
	code int
	text string
	body any
}

const admin = "admin"

// newFake is a cluster where everything is in order, seen by an administrator.
func newFake() *fake {
	f := &fake{
		user: rbac.Who{User: admin, Groups: []string{"system:masters", "system:authenticated"}}, roles: map[rbac.RoleRef]rbac.Rules{},
		namespaces: []string{"default", "kube-system", "kubevirt", "team-a", "team-b"}, pages: map[string]page{},
	}
	for _, r := range rbac.CatalogueRules() {
		f.roles[r.Ref] = r.Rules
	}
	f.bind("", rbac.RoleListNamespaces, "lists", "user", "viewer")
	f.bind("", rbac.RoleListVMTemplates, "templates", "user", "viewer")
	f.bind("", rbac.RoleViewer, "viewers", "viewer")
	f.bind("team-a", rbac.RoleUser, "users", "user")
	f.serve("kubevirt.io", "kubevirts", "virtualmachines")
	f.serve("cdi.kubevirt.io", "cdis", "storageprofiles")
	f.serve("spectrocloud.com", "vmtemplates")
	f.serve("snapshot.storage.k8s.io", "volumesnapshotclasses")
	f.kubevirt("v1.7.0", "Deployed", "Snapshot", "HotplugVolumes")
	f.list("/apis/cdi.kubevirt.io/v1/cdis", object("cdi", "status", map[string]any{"phase": "Deployed", "observedVersion": "v1.64.0"}))
	f.list("/apis/cdi.kubevirt.io/v1/storageprofiles", object("ceph", "status", map[string]any{
		"claimPropertySets": []any{map[string]any{"accessModes": []string{"ReadWriteMany"}}},
	}))
	f.list("/apis/snapshot.storage.k8s.io/v1/volumesnapshotclasses", map[string]any{"driver": "rbd"})
	class := object("ceph", "provisioner", "rbd")
	class["metadata"].(map[string]any)["annotations"] = map[string]string{"storageclass.kubernetes.io/is-default-class": "true"}
	f.list("/apis/storage.k8s.io/v1/storageclasses", class)
	f.list("/apis/spectrocloud.com/v1/vmtemplates", object("fedora", "spec", map[string]any{
		"displayName": "Fedora", "description": "x", "icon": "x", "template": map[string]any{"spec": map[string]any{}},
	}))
	f.list("/api/v1/nodes", object("node-1", "spec", map[string]any{}), object("node-2", "spec", map[string]any{}))
	f.list("/api/v1/secrets")
	f.page("/apis/subresources.kubevirt.io/v1/version", page{body: map[string]string{"gitVersion": "v1.7.0"}})
	f.page(probePath("default"), page{code: 500, text: "not found"})
	return f
}

func probePath(namespace string) string {
	return "/apis/subresources.kubevirt.io/v1/namespaces/" + namespace + "/virtualmachineinstances/" + probeName + "/guestosinfo"
}

func object(name, key string, value any) map[string]any {
	return map[string]any{"metadata": map[string]any{"name": name}, key: value}
}

func (f *fake) kubevirt(version, phase string, gates ...string) {
	item := object("kubevirt", "status", map[string]any{"phase": phase, "observedKubeVirtVersion": version})
	item["metadata"].(map[string]any)["namespace"] = "kubevirt"
	item["spec"] = map[string]any{"configuration": map[string]any{"developerConfiguration": map[string]any{"featureGates": gates}}}
	f.list("/apis/kubevirt.io/v1/kubevirts", item)
}

func (f *fake) bind(namespace, role, name string, users ...string) {
	b := rbac.Binding{Namespace: namespace, Name: name, Role: rbac.RoleRef{Kind: rbac.KindClusterRole, Name: role}}
	for _, u := range users {
		b.Subjects = append(b.Subjects, rbac.SubjectOf(u))
	}
	f.bindings = append(f.bindings, b)
}

func (f *fake) unbind(name string) {
	f.bindings = slices.DeleteFunc(f.bindings, func(b rbac.Binding) bool { return b.Name == name })
}

func (f *fake) page(path string, p page) { f.pages[path] = p }

func (f *fake) list(path string, items ...any) {
	f.page(path, page{body: map[string]any{"items": items}})
}

// serve has a group served in version v1, or not at all without resources.
func (f *fake) serve(group string, resources ...string) {
	list := metav1.APIResourceList{GroupVersion: group + "/v1"}
	for _, r := range resources {
		list.APIResources = append(list.APIResources, metav1.APIResource{Name: r})
	}
	f.page("/apis/"+group+"/v1", page{body: list})
	if len(resources) == 0 {
		delete(f.pages, "/apis/"+group+"/v1")
	}
}

// connect opens the cluster without a network.
func (f *fake) connect(t testing.TB) *kube.Cluster {
	t.Helper()
	config := &rest.Config{Host: "http://in.memory", QPS: -1, Transport: f}
	c, err := kube.Connect(t.Context(), config, kube.Target{Context: "fake", User: f.user.User, Namespace: "default"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// RoundTrip answers in memory.
func (f *fake) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	f.now++
	f.most = max(f.most, f.now)
	line := r.Method + " " + r.URL.Path
	if r.URL.RawQuery != "" {
		line += "?" + r.URL.RawQuery
	}
	f.seen = append(f.seen, line)
	f.mu.Unlock()
	if f.hold != nil {
		f.hold()
	}
	w := httptest.NewRecorder()
	f.mu.Lock()
	f.answer(w, r)
	f.now--
	f.mu.Unlock()
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

func (f *fake) answer(w http.ResponseWriter, r *http.Request) {
	who := f.user
	if as := r.Header.Get(authenticationv1.ImpersonateUserHeader); as != "" {
		if !f.may(who, "", rbac.On("impersonate", "", "users")) {
			refuse(w, 403, who.User+" cannot impersonate")
			return
		}
		who = rbac.WhoIs(as, r.Header.Values(authenticationv1.ImpersonateGroupHeader)...)
	}
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/selfsubjectreviews"):
		review := authenticationv1.SelfSubjectReview{TypeMeta: metav1.TypeMeta{APIVersion: "authentication.k8s.io/v1", Kind: "SelfSubjectReview"}}
		review.Status.UserInfo = authenticationv1.UserInfo{Username: who.User, Groups: who.Groups}
		send(w, review)
	case strings.HasSuffix(path, "subjectaccessreviews"):
		f.review(w, r, who)
	case path == "/apis":
		send(w, f.groups())
	default:
		f.object(w, r, who)
	}
}

// review answers access reviews of all three kinds, which are written in JSON or protobuf.
func (f *fake) review(w http.ResponseWriter, r *http.Request, who rbac.Who) {
	body, _ := io.ReadAll(r.Body)
	review, _, err := kubescheme.Codecs.UniversalDeserializer().Decode(body, nil, nil)
	if err != nil {
		refuse(w, 400, err.Error())
		return
	}
	var spec authorizationv1.SubjectAccessReviewSpec
	var status *authorizationv1.SubjectAccessReviewStatus
	resource := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	switch o := review.(type) {
	case *authorizationv1.SelfSubjectAccessReview:
		spec, status = authorizationv1.SubjectAccessReviewSpec{ResourceAttributes: o.Spec.ResourceAttributes, User: who.User, Groups: who.Groups}, &o.Status
	case *authorizationv1.SubjectAccessReview:
		spec, status = o.Spec, &o.Status
	case *authorizationv1.LocalSubjectAccessReview:
		spec, status = o.Spec, &o.Status
	}
	if resource != "selfsubjectaccessreviews" && !f.may(who, "", rbac.On("create", "authorization.k8s.io", resource)) {
		refuse(w, 403, who.User+" cannot review others")
		return
	}
	a := spec.ResourceAttributes
	status.Allowed = f.may(rbac.Who{User: spec.User, Groups: spec.Groups}, a.Namespace,
		rbac.Permission{Verb: a.Verb, Group: a.Group, Resource: a.Resource, Subresource: a.Subresource, Name: a.Name})
	send(w, review)
}

func (f *fake) may(who rbac.Who, namespace string, p rbac.Permission) bool {
	objects := rbac.Objects{Bindings: f.bindings, Roles: f.roles}
	return objects.In(namespace, who).Rules.Allows(p) || f.extra != nil && f.extra(who, namespace, p)
}
