package validation

import (
	"slices"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
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

// world is the tab in a shell beside another one, in front of an API server that is made up.
type world struct {
	*stage.Stage
	api  *fakeapi.Server
	deck *deck.Deck
	page *Page
}

// setting is what a world begins with. The zero value is an administrator's cluster with a few faults, at 120×40.
type setting struct {
	drive.Size
	whole   bool // without the faults
	theme   theme.Options
	target  kube.Target
	prepare func(api *fakeapi.Server)
	early   bool // look before anything has been answered
	away    bool // the other tab is shown
}

func user(name string) rbac.Subject  { return rbac.Subject{Kind: "User", Name: name} }
func group(name string) rbac.Subject { return rbac.Subject{Kind: "Group", Name: name} }

// other is a tab that does nothing.
type other struct{ *Page }

func (other) View(int, int) string   { return "another tab" }
func (other) Title() string          { return "Other" }
func (other) Update(tea.Msg) tea.Cmd { return nil }
func (other) Changed() bool          { return false }
func (other) Hints() []shell.Hint    { return nil }

// healthy is a cluster on which everything is as it should be, as far as the server in memory can be made to look like one.
func healthy(api *fakeapi.Server) {
	api.Put(fakeapi.Catalogue()...)
	api.Put(fakeapi.Namespace("default", "Active"), fakeapi.Namespace("team-a", "Active"), fakeapi.Namespace("team-b", "Active"))
	api.Put(platform()...)
	api.Put(fakeapi.Bound("team-a", "devs", rbac.RoleUser, user("alice"), group("oidc:devs")), fakeapi.Bound("team-b", "leads", rbac.RolePowerUser, user("bob")))
	for _, role := range rbac.EveryUser() {
		api.Put(fakeapi.Bound("", role.Name, role.Name, user("alice"), user("bob"), group("oidc:devs")))
	}
	api.Put(fakeapi.Running("team-a", "build-1", "node-1")...)
}

// faulty lacks a role, a binding that everybody needs, and has somebody with more rights than meant.
func faulty(api *fakeapi.Server) {
	api.Delete("clusterroles", "", rbac.RoleViewer)
	api.Delete("clusterrolebindings", "", rbac.RoleListVMTemplates)
	api.Put(fakeapi.ClusterRole("deleter", rbacv1.PolicyRule{APIGroups: []string{rbac.GroupKubeVirt}, Resources: []string{"virtualmachines"}, Verbs: []string{"delete", "get", "list"}}),
		fakeapi.Bound("team-a", "extra", "deleter", user("alice")))
}

func inWorld(t *testing.T, s setting, test func(w *world)) {
	t.Helper()
	drive.In(t, begin, s, drive.Unless(s.early, 4*time.Second), test)
}

func begin(t testing.TB, s setting) *world {
	t.Helper()
	w := &world{api: fakeapi.New()}
	healthy(w.api)
	if !s.whole {
		faulty(w.api)
	}
	if s.prepare != nil {
		s.prepare(w.api)
	}
	s.theme.Dark = true
	if s.target.Context == "" {
		s.target = kube.Target{Context: "demo", User: "admin", Namespace: "default"}
	}
	th := theme.New(s.theme)
	cluster := connect(t, w.api, s.target)
	w.deck = deck.Open(t.Context(), cluster, deck.Options{Theme: th, Scope: vm.Scope{All: true}, Profiles: profile.ClusterStore(cluster)})
	w.page = New(w.deck)
	tabs := []shell.Page{w.page, other{w.page}}
	if s.away {
		slices.Reverse(tabs)
	}
	w.Stage = stage.Show(t, w.deck, stage.Options{Size: s.Size}, tabs...)
	return w
}
