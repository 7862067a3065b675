package bindings

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
	"vmdeck.dev/vmdeck/views/internal/stage"
)

func TestMain(m *testing.M) { drive.Main(m) }

// world is the tab alone in a shell, in front of an API server that is made up.
type world struct {
	*stage.Stage
	api   *fakeapi.Server
	store *memoryStore
	audit drive.Audit
	deck  *deck.Deck
	page  *Page
}

// setting is what a world begins with. The zero value is an administrator's cluster with a bit of everything, at 120×40.
type setting struct {
	drive.Size
	bare     bool // nothing but what a new cluster has
	noRules  bool
	readOnly string
	theme    theme.Options
	rules    []binding.Stored
	rulesErr error
	prepare  func(api *fakeapi.Server)
	early    bool // look before anything has been answered
}

func user(name string) rbac.Subject  { return rbac.Subject{Kind: "User", Name: name} }
func group(name string) rbac.Subject { return rbac.Subject{Kind: "Group", Name: name} }
func account(namespace, name string) rbac.Subject {
	return rbac.Subject{Kind: "ServiceAccount", Namespace: namespace, Name: name}
}

// ofRule is a binding that a rule has made.
func ofRule(namespace, name, rule, role string, subjects ...rbac.Subject) fakeapi.Object {
	return fakeapi.BindingObject(rbac.Binding{Namespace: namespace, Name: name, Rule: rule, Role: rbac.RoleRef{Kind: rbac.KindClusterRole, Name: role}, Subjects: subjects})
}

// newCluster is what Kubernetes brings along.
func newCluster() []fakeapi.Object {
	return []fakeapi.Object{
		fakeapi.Namespace("default", "Active"), fakeapi.Namespace("kube-system", "Active"),
		fakeapi.Namespace("team-a", "Active"), fakeapi.Namespace("team-b", "Active"), fakeapi.Namespace("ci", "Active"),
		fakeapi.ClusterRole("cluster-admin", rule("*", "*", "*")),
		fakeapi.ClusterRole("system:controller:ns", rule("*", "*", "delete list")),
		fakeapi.Bound("", "cluster-admin", "cluster-admin", group("system:masters")),
		fakeapi.Bound("", "system:controller:ns", "system:controller:ns", account("kube-system", "ns")),
	}
}

func devs() binding.Stored {
	return binding.Stored{Version: "7", BindingRule: rbac.BindingRule{Name: "devs", RoleKind: rbac.KindClusterRole, RoleName: rbac.RoleUser,
		Subjects: []rbac.Subject{group("oidc:devs"), user("alice")}, Namespaces: []string{"/^team-/"}, Lists: true}}
}

func lab() binding.Stored {
	return binding.Stored{Version: "3", BindingRule: rbac.BindingRule{Name: "lab", RoleKind: rbac.KindClusterRole, RoleName: rbac.RolePowerUser,
		Subjects: []rbac.Subject{user("dave")}, Namespaces: []string{"/^lab-/"}}}
}

func estate() []fakeapi.Object {
	both := devs().Subjects
	return []fakeapi.Object{
		fakeapi.ClusterRole("edit", rule(rbac.GroupKubeVirt, "virtualmachines", "create delete get list watch"),
			rule(rbac.GroupSubresources, "virtualmachines/start virtualmachines/stop", "update"), rule(rbac.GroupKubeVirt, "virtualmachineinstances", "list delete")),
		fakeapi.Bound("", "kubeadm:cluster-admins", "cluster-admin", group("kubeadm:cluster-admins")),
		ofRule("team-a", "vmdeck-devs", "devs", rbac.RoleUser, both...), ofRule("team-b", "vmdeck-devs", "devs", rbac.RoleUser, both...),
		ofRule("", "vmdeck-devs-list-namespaces", "devs", rbac.RoleListNamespaces, both...),
		ofRule("", "vmdeck-devs-list-vmtemplates", "devs", rbac.RoleListVMTemplates, both...),
		ofRule("", "vmdeck-ops", "ops", rbac.RoleAdmin, group("ops")),
		fakeapi.Bound("team-a", "builders", "edit", account("ci", "builder")),
		fakeapi.Bound("team-a", "leads", rbac.RolePowerUser, user("alice"), user("bob")),
		fakeapi.Bound("team-b", "old", "vm-operator", user("carol")),
		fakeapi.Bound("team-b", "gone", rbac.RoleViewer, account("retired", "bot")),
		fakeapi.Bound("team-b", "readers", rbac.RoleViewer, group("auditors")),
	}
}

func inWorld(t *testing.T, s setting, test func(w *world)) {
	t.Helper()
	drive.In(t, begin, s, drive.Unless(s.early, 2*time.Second), test)
}

func begin(t testing.TB, s setting) *world {
	t.Helper()
	w := &world{api: fakeapi.New()}
	w.api.Put(newCluster()...)
	if !s.bare {
		w.api.Put(fakeapi.Catalogue()...)
		w.api.Put(estate()...)
	}
	if !s.bare && !s.noRules {
		s.rules = append(s.rules, devs(), lab())
	}
	if s.prepare != nil {
		s.prepare(w.api)
	}
	w.store = &memoryStore{rules: s.rules, err: s.rulesErr}
	s.theme.Dark = true
	th := theme.New(s.theme)
	w.deck = deck.Open(t.Context(), w.api.Connect(t, kube.Target{Context: "demo", User: "admin"}),
		deck.Options{Theme: th, Scope: vm.Scope{All: true}, ReadOnly: s.readOnly, Audit: &w.audit, Rules: w.store})
	w.page = New(w.deck)
	w.Stage = stage.Show(t, w.deck, stage.Options{Size: s.Size}, w.page)
	return w
}

// writes holds that these calls and no others would have changed something.
func (w *world) writes(want ...string) {
	w.T.Helper()
	w.Settle()
	if got := w.api.Calls(); !slices.Equal(got, want) {
		w.T.Fatalf("the server got\n%s\nwant\n%s\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"), w.Plain())
	}
}

// removes are the calls that delete a binding: tried first, if dry, else in earnest.
func (w *world) removal(dry bool, namespace, name string) string {
	w.T.Helper()
	resource, path := "clusterrolebindings", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/"+name
	if namespace != "" {
		resource, path = "rolebindings", "/apis/rbac.authorization.k8s.io/v1/namespaces/"+namespace+"/rolebindings/"+name
	}
	o := w.api.Get(resource, namespace, name)
	if o == nil {
		w.T.Fatalf("there is no %s %s/%s", resource, namespace, name)
	}
	meta := o["metadata"].(map[string]any)
	try := ""
	if dry {
		try = `"dryRun":["All"],`
	}
	return fmt.Sprintf(`DELETE %s {"apiVersion":"rbac.authorization.k8s.io/v1",%s"kind":"DeleteOptions","preconditions":{"resourceVersion":%q,"uid":%q}}`, path, try, meta["resourceVersion"], meta["uid"])
}

// memoryStore keeps rules in memory.
type memoryStore struct {
	mu      sync.Mutex
	rules   []binding.Stored
	err     error // of List
	deny    error // of Delete
	deleted []string
}

func (s *memoryStore) List(context.Context) ([]binding.Stored, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return nil, s.err
	}
	return slices.Clone(s.rules), nil
}

func (s *memoryStore) Save(context.Context, rbac.BindingRule, string) (binding.Stored, error) {
	return binding.Stored{}, errors.New("the list of bindings saves no rules")
}

func (s *memoryStore) Delete(_ context.Context, rule binding.Stored) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.deny != nil {
		return s.deny
	}
	s.deleted = append(s.deleted, rule.Name+" "+rule.Version)
	s.rules = slices.DeleteFunc(s.rules, func(r binding.Stored) bool { return r.Name == rule.Name })
	return nil
}

func (s *memoryStore) Where() string { return "the cluster" }
