package editor

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

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

var (
	alice   = rbac.Subject{Kind: rbacv1.UserKind, Name: "alice"}
	ops     = rbac.Subject{Kind: rbacv1.GroupKind, Name: "ops"}
	builder = rbac.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: "team-a", Name: "builder"}
	root    = rbac.Subject{Kind: rbacv1.UserKind, Name: "root"}
)

// world is the editor, alone in a shell, in front of an API server that is made up.
type world struct {
	*stage.Stage
	api   *fakeapi.Server            // of the context demo, where the editor is opened
	all   map[string]*fakeapi.Server // of all contexts
	deck  *deck.Deck
	page  *Page
	audit drive.Audit
}

// setting is what a world begins with. The zero value is a new rule, edited by an administrator at 120×40.
type setting struct {
	drive.Size
	rule     deck.EditRule
	readOnly string
	noStore  bool // rules are stored nowhere
	bare     bool // the cluster does not know the custom resource of rules
	group    string
	others   []string // contexts of the group besides demo
	frozen   string   // the context of the group that is read-only
	ascii    bool
	prepare  func(api *fakeapi.Server)
}

// inWorld runs a test in a bubble with the cluster read.
func inWorld(t *testing.T, s setting, test func(w *world)) {
	t.Helper()
	drive.In(t, begin, s, time.Second, test)
}

func begin(t testing.TB, s setting) *world {
	t.Helper()
	w := &world{api: fakeapi.New()}
	w.all = map[string]*fakeapi.Server{"demo": w.api}
	for _, name := range s.others {
		w.all[name] = fakeapi.New()
	}
	for _, api := range w.all {
		estate(api)
		if !s.bare {
			api.Put(fakeapi.Object{"kind": "CustomResourceDefinition", "metadata": map[string]any{"name": "rolebindingrules.vmdeck.dev"}})
		}
		api.Login("root")
	}
	if s.prepare != nil {
		s.prepare(w.api)
	}
	cluster := w.api.Connect(t, kube.Target{Context: "demo", User: "root", Namespace: "team-a"})
	o := deck.Options{Theme: theme.New(theme.Options{Dark: true, ASCII: s.ascii}), Scope: vm.Scope{All: true}, ReadOnly: s.readOnly, Audit: &w.audit}
	if !s.noStore {
		o.Rules = binding.ClusterStore(cluster)
	}
	if len(s.others) > 0 {
		o.Groups = []deck.Group{{Name: s.group, Contexts: append([]string{"demo"}, s.others...)}}
		o.OpenMember = w.opener(t, s)
	}
	w.deck = deck.Open(t.Context(), cluster, o)
	w.deck.Rights()
	w.deck.Keeper.Group = s.group
	w.page = New(w.deck, s.rule)
	w.Stage = stage.Over(t, w.deck, stage.Options{Size: s.Size, Tab: "Role Bindings"}, w.page)
	return w
}

// opener connects to the other clusters of the group.
func (w *world) opener(t testing.TB, s setting) func(context.Context, string) (deck.Member, error) {
	return func(_ context.Context, name string) (deck.Member, error) {
		if name == "gone" {
			return deck.Member{}, errors.New("context gone of the kubeconfig: cluster \"gone\" does not exist")
		}
		cluster := w.all[name].Connect(t, kube.Target{Context: name, User: "root"})
		k := &binding.Keeper{Cluster: cluster, Rules: binding.ClusterStore(cluster), Group: s.group, Audit: &w.audit, User: func() string { return "root" }}
		if name == s.frozen {
			k.ReadOnly = "the configuration makes this context read-only"
		}
		return deck.Member{Keeper: k}, nil
	}
}

// estate is a cluster with four namespaces, the catalogue, and a few people.
func estate(api *fakeapi.Server) {
	for _, name := range []string{"default", "kube-system", "team-a", "team-b", "team-c"} {
		api.Put(fakeapi.Namespace(name, "Active"))
	}
	api.Put(fakeapi.Catalogue()...)
	api.Put(
		fakeapi.ClusterRole("cluster-admin", fakeapi.Admin().Everywhere...),
		fakeapi.ClusterRole("console-only", rbacv1.PolicyRule{Verbs: []string{"get"}, APIGroups: []string{rbac.GroupSubresources}, Resources: []string{"virtualmachineinstances/console", "virtualmachineinstances/vnc"}}),
		fakeapi.Bound("", "root", "cluster-admin", root),
		fakeapi.Bound("", "list-namespaces", rbac.RoleListNamespaces, ops),
		fakeapi.Bound("team-b", "alice-views", rbac.RoleViewer, alice),
	)
}

// fill types a rule for alice and the group ops into the form, by keyboard alone.
func (w *world) fill() {
	w.T.Helper()
	w.Type("vm-user")
	w.Keys("enter")
	w.Type("alice")
	w.Keys("enter")
	w.Type("group:ops")
	w.Keys("enter", "enter")
	w.Type("/^team-/")
	w.Keys("enter")
}

// review asks for the review and lets the server answer.
func (w *world) review() {
	w.T.Helper()
	w.Keys("ctrl+s")
	w.Pass(time.Second)
}

// confirm confirms what was reviewed.
func (w *world) confirm() {
	w.T.Helper()
	w.Keys("enter")
	w.Quiet()
	w.Keys("tab", "enter")
}

// wrote holds that these bindings were written, dry runs aside.
func (w *world) wrote(want ...string) {
	w.T.Helper()
	var got []string
	for _, call := range w.api.Written() {
		got = append(got, strings.Replace(call, "rbac.authorization.k8s.io/v1/", "", 1))
	}
	if !slices.Equal(got, want) {
		w.T.Fatalf("written\n%q\nwant\n%q\n%s", got, want, w.Plain())
	}
}
