package act

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
	"vmdeck.dev/vmdeck/views/internal/stage"
)

func TestMain(m *testing.M) { drive.Main(m) }

// desk is a screen with one VM, on which the key e explains an action.
type desk struct {
	*stage.Stage
	api  *fakeapi.Server
	deck *deck.Deck
	acts *Flow
	id   string
}

func (d *desk) Init() tea.Cmd              { return nil }
func (d *desk) View(int, int) string       { return "the screen below" }
func (d *desk) Title() string              { return "desk" }
func (d *desk) Hints() []shell.Hint        { return nil }
func (d *desk) Help() []help.Section       { return nil }
func (d *desk) Commands() []palette.Entry  { return nil }
func (d *desk) Capturing() bool            { return false }
func (d *desk) Update(msg tea.Msg) tea.Cmd { return d.key(msg) }

func (d *desk) key(msg tea.Msg) tea.Cmd {
	if k, ok := msg.(tea.KeyPressMsg); ok && k.String() == "e" {
		return d.acts.Why(d.id, &vm.Row{UID: "1", Namespace: "team-a", Name: "db-1", HasVM: true, HasInstance: true, Phase: "Running"})
	}
	return nil
}

// at puts alice, who uses VMs in team-a, in front of a server whose roles and bindings she may read, or else may do no more than that.
func at(t *testing.T, id string, roles []fakeapi.Object, rules []rbacv1.PolicyRule, test func(d *desk)) {
	t.Helper()
	drive.Bubble(t, func(t *testing.T) {
		api := fakeapi.New()
		alice := rbac.Subject{Kind: "User", Name: "alice"}
		api.Put(roles...)
		api.Put(fakeapi.ClusterRole("extra", rules...), fakeapi.Bound("", "extra", "extra", alice), fakeapi.Bound("team-a", "uses", rbac.RoleUser, alice))
		api.Login("alice")
		th := theme.New(theme.Options{Dark: true})
		d := &desk{api: api, id: id, deck: deck.Open(t.Context(), api.Connect(t, kube.Target{Context: "demo", User: "alice"}), deck.Options{Theme: th, Scope: vm.Scope{All: true}})}
		d.acts = New(d.deck)
		d.Stage = stage.Show(t, d.deck, stage.Options{Size: drive.Size{W: 100, H: 30}}, d)
		d.Pass(time.Second)
		test(d)
	})
}

var (
	reads = rbacv1.PolicyRule{APIGroups: []string{rbac.GroupRBAC}, Resources: []string{"roles", "clusterroles", "rolebindings", "clusterrolebindings"}, Verbs: []string{"list"}}
	names = rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"namespaces"}, Verbs: []string{"list"}}
	binds = rbacv1.PolicyRule{APIGroups: []string{rbac.GroupRBAC}, Resources: []string{"rolebindings"}, Verbs: []string{"create"}}
)

func (d *desk) explain() {
	d.T.Helper()
	d.Keys("e")
	d.Quiet()
}

// choose presses the button of a label.
func (d *desk) choose(label string) {
	d.T.Helper()
	for range 6 {
		if d.Has("[ " + label + " ]") {
			d.Keys("enter")
			return
		}
		d.Keys("tab")
	}
	d.T.Fatalf("there is no button %s\n%s", label, d.Plain())
}

func TestExplainOpensTheEditor(t *testing.T) {
	want := deck.EditRule{Rule: rbac.BindingRule{
		Name: "alice-spectro-vm-power-user", RoleKind: rbac.KindClusterRole, RoleName: rbac.RolePowerUser,
		Subjects: []rbac.Subject{{Kind: "User", Name: "alice"}}, Namespaces: []string{"team-a"},
	}}
	at(t, "migrate", fakeapi.Catalogue(), []rbacv1.PolicyRule{reads, names, binds}, func(d *desk) {
		d.explain()
		d.Contains("alice may not migrate team-a/db-1.", "update virtualmachines/migrate (subresources.kubevirt.io)", "RoleBinding team-a/uses → ClusterRole spectro-vm-user", "Ask         User alice")
		d.choose("Open editor")
		if len(d.Asked) != 1 || !reflect.DeepEqual(d.Asked[0], want) {
			t.Errorf("sent %+v, want %+v", d.Asked, want)
		}
		d.Lacks("alice may not migrate")
	})
	t.Run("only for those who may bind", func(t *testing.T) {
		at(t, "migrate", fakeapi.Catalogue(), []rbacv1.PolicyRule{reads, names}, func(d *desk) {
			d.explain()
			d.Contains("Show YAML", "whoever administers the cluster")
			d.Lacks("Open editor")
		})
	})
	t.Run("not while nothing may be changed", func(t *testing.T) {
		at(t, "migrate", fakeapi.Catalogue(), []rbacv1.PolicyRule{reads, names, binds}, func(d *desk) {
			d.deck.Keeper.ReadOnly = "view only"
			d.explain()
			d.Contains("Show YAML")
			d.Lacks("Open editor")
		})
	})
}

// Where no role grants what is missing one is made, which the editor does not do.
func TestExplainWithARoleOfItsOwn(t *testing.T) {
	var user []fakeapi.Object
	for _, role := range fakeapi.Catalogue() {
		if role["metadata"].(map[string]any)["name"] == rbac.RoleUser {
			user = append(user, role)
		}
	}
	at(t, "migrate", user, []rbacv1.PolicyRule{reads, names, binds}, func(d *desk) {
		d.explain()
		d.Contains("a new Role team-a/vmdeck-update-virtualmachines-migrate: the editor binds only roles that there are", "spectro-vm-power-user (not on this cluster)")
		d.Lacks("Open editor")
		d.Keys("y")
		if len(d.Copied) != 1 {
			t.Fatalf("copied %q", d.Copied)
		}
		for _, part := range []string{"kind: Role\n", "---\n", "kind: RoleBinding\n", "name: vmdeck-update-virtualmachines-migrate", "resourceNames:\n  - db-1"} {
			if !strings.Contains(d.Copied[0], part) {
				t.Errorf("%q is not in\n%s", part, d.Copied[0])
			}
		}
		d.Contains("alice may not migrate") // the dialog stays
	})
}

func TestExplainLeadsToWhoCan(t *testing.T) {
	at(t, "migrate", fakeapi.Catalogue(), []rbacv1.PolicyRule{reads, names}, func(d *desk) {
		d.explain()
		d.choose("Who can")
		if want := (deck.ShowWhoCan{Need: "migrate", Namespace: "team-a"}); !slices.Equal(d.Asked, []tea.Msg{want}) {
			t.Errorf("sent %v, want %v", d.Asked, want)
		}
	})
}

func TestExplainCopiesTheReason(t *testing.T) {
	at(t, "migrate", fakeapi.Catalogue(), []rbacv1.PolicyRule{reads, names}, func(d *desk) {
		d.explain()
		d.choose("Copy")
		if len(d.Copied) != 1 || !strings.Contains(d.Copied[0], "alice may not migrate team-a/db-1.") || !strings.Contains(d.Copied[0], "Granted by  spectro-vm-power-user") {
			t.Errorf("copied %q", d.Copied)
		}
	})
}

func TestExplainSaysByWhatItIsPermitted(t *testing.T) {
	at(t, "stop", fakeapi.Catalogue(), []rbacv1.PolicyRule{reads, names}, func(d *desk) {
		d.explain()
		d.Contains("Permitted: stop", "alice may stop team-a/db-1.", "By          RoleBinding team-a/uses → ClusterRole spectro-vm-user (User")
		d.Lacks("extra", "Open editor", "Show YAML")
	})
}

// What is known stands at once, and the answer that comes after the dialog was closed opens nothing.
func TestExplainIsNotWaitedFor(t *testing.T) {
	at(t, "migrate", fakeapi.Catalogue(), []rbacv1.PolicyRule{reads, names, binds}, func(d *desk) {
		d.explain() // asks what alice may do
		d.Keys("esc")
		release := d.api.Hang()
		d.explain()
		d.Contains("alice may not migrate team-a/db-1.", "Granted by  spectro-vm-power-user", "Reading roles and bindings…")
		d.Keys("esc")
		release()
		d.Pass(time.Second)
		d.Lacks("alice may not migrate")
		d.Contains("the screen below")
	})
}

func TestExplainSaysWhatWentWrong(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		at(t, "migrate", fakeapi.Catalogue(), []rbacv1.PolicyRule{reads, names}, func(d *desk) {
			d.explain()
			d.Keys("esc")
			d.api.Refuse("rolebindings", 503, 0)
			d.explain()
			d.Contains("alice may not migrate team-a/db-1.", "Read roles and bindings: the API server's backend for this API does not answer (503)")
			d.Lacks("Reading roles and bindings…", "Would help")
		})
	})
	t.Run("no answer", func(t *testing.T) {
		at(t, "migrate", fakeapi.Catalogue(), []rbacv1.PolicyRule{reads, names}, func(d *desk) {
			d.explain()
			d.Keys("esc")
			d.api.Hang()
			d.explain()
			d.Pass(explainWithin)
			d.Contains("Read roles and bindings: no answer in time.")
		})
	})
	t.Run("unknown action", func(t *testing.T) {
		at(t, "fly", nil, nil, func(d *desk) {
			d.explain()
			d.Contains(`there is no action "fly"; there are see, start, `)
		})
	})
}
