package rights

import (
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
	"vmdeck.dev/vmdeck/views/internal/stage"
)

func TestMain(m *testing.M) { drive.Main(m) }

func user(name string) rbac.Subject  { return rbac.Subject{Kind: rbacv1.UserKind, Name: name} }
func group(name string) rbac.Subject { return rbac.Subject{Kind: rbacv1.GroupKind, Name: name} }
func robot(namespace, name string) rbac.Subject {
	return rbac.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: name}
}

func rule(verb, group string, resources ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{Verbs: []string{verb}, APIGroups: []string{group}, Resources: resources}
}

// world is a shell with one of the pages in front of an API server that is made up.
type world struct {
	*stage.Stage
	api   *fakeapi.Server
	deck  *deck.Deck
	page  shell.Page
	audit drive.Audit
}

// setting is what a world begins with. The zero value is a cluster administrator's, with the catalogue and some bindings.
type setting struct {
	drive.Size
	as       string // who looks; empty: root, who may do everything
	readOnly string
	ascii    bool
	prepare  func(api *fakeapi.Server) // before the first request
	page     func(d *deck.Deck) shell.Page
	early    bool // look before anything has been answered
}

func matrix(d *deck.Deck) shell.Page { return NewRoles(d) }

func whoCan(need, namespace string) func(d *deck.Deck) shell.Page {
	return func(d *deck.Deck) shell.Page {
		return NewWhoCan(d, deck.ShowWhoCan{Need: need, Namespace: namespace})
	}
}

// seed is a cluster where four people share the work.
func seed(api *fakeapi.Server) {
	api.Put(fakeapi.Namespace("team-a", "Active"), fakeapi.Namespace("team-b", "Active"), fakeapi.Namespace("vm-images", "Active"))
	api.Put(fakeapi.Catalogue()...)
	api.Put(fakeapi.ClusterRole("cluster-admin", rule("*", "*", "*")),
		fakeapi.Bound("", "cluster-admins", "cluster-admin", user("root")),
		fakeapi.Bound("", "vm-admins", rbac.RoleAdmin, group("oidc:platform-team")),
		fakeapi.Bound("", "everybody-lists-namespaces", rbac.RoleListNamespaces, group("system:authenticated")),
		fakeapi.Bound("team-a", "power", rbac.RolePowerUser, user("alice"), robot("ci", "image-builder")),
		fakeapi.Bound("team-a", "operators", rbac.RoleUser, user("bob"), group("oidc:team-a")),
		fakeapi.Bound("team-b", "operators", rbac.RoleUser, user("bob")),
		fakeapi.Bound("team-b", "viewers", rbac.RoleViewer, user("carol")))
}

func inWorld(t *testing.T, s setting, test func(w *world)) {
	t.Helper()
	drive.In(t, begin, s, drive.Unless(s.early, time.Second), test)
}

func begin(t testing.TB, s setting) *world {
	t.Helper()
	w := &world{api: fakeapi.New()}
	seed(w.api)
	if s.prepare != nil {
		s.prepare(w.api)
	}
	if s.as == "" {
		s.as = "root"
	}
	w.api.Login(s.as)
	th := theme.New(theme.Options{Dark: true, ASCII: s.ascii})
	cluster := w.api.Connect(t, kube.Target{Context: "demo", User: s.as, Namespace: "team-a"})
	w.deck = deck.Open(t.Context(), cluster, deck.Options{Theme: th, Scope: vm.Scope{All: true}, ReadOnly: s.readOnly, Audit: &w.audit})
	w.page = s.page(w.deck)
	header := shell.Header{Left: []shell.Segment{{Text: "vmdeck", Tone: theme.Accent}, {Text: s.as + "@demo"}}}
	w.Stage = stage.Over(t, w.deck, stage.Options{Size: s.Size, Header: header, Tab: "Virtual Machines"}, w.page)
	return w
}
