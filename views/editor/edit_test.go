package editor

import (
	"slices"
	"strings"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

func TestC3SubjectsOfEveryKind(t *testing.T) {
	account := rbac.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: "team-a", Name: "builder"}
	for typed, want := range map[string]rbac.Subject{
		"alice": alice, " alice ": alice, "user:alice": alice, "User alice": alice,
		"group:ops": ops, "Group ops": ops, "GROUP:ops": ops,
		"sa:team-a/builder": account, "serviceaccount:team-a/builder": account, "ServiceAccount team-a/builder": account,
		"system:serviceaccount:team-a:builder": account,
		"oidc:alice@example.com":               {Kind: rbacv1.UserKind, Name: "oidc:alice@example.com"},
		"user:group:odd":                       {Kind: rbacv1.UserKind, Name: "group:odd"},
		"sa:builder":                           {Kind: rbacv1.ServiceAccountKind, Name: "builder"},
	} {
		if got := subjectOf(typed); got != want {
			t.Errorf("%q means %+v, want %+v", typed, got, want)
		}
	}
	for range 3 {
		if turned := nextKind(nextKind(nextKind("team-a/builder"))); turned != "team-a/builder" {
			t.Errorf("three turns of the kind make it %q", turned)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		s := rbac.Subject{Kind: rapid.SampledFrom([]string{"User", "Group", "ServiceAccount"}).Draw(r, "kind"), Name: rapid.StringMatching(`(group:|sa:|User )?[a-z]{1,5}`).Draw(r, "name")}
		if s.Kind == rbacv1.ServiceAccountKind {
			s.Namespace = rapid.StringMatching(`[a-z]{1,5}`).Draw(r, "namespace")
		}
		if got := subjectOf(spell(s)); got != s {
			r.Fatalf("%+v is spelled %q, which means %+v", s, spell(s), got)
		}
	})
}

func TestC3SeveralSubjectsAreTyped(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.fill()
		w.Keys("up", "up")
		w.Type("team-a/builder")
		w.Keys("ctrl+g", "ctrl+g")
		w.Says("sa:team-a/builder")
		rule := w.page.form.rule()
		if want := []rbac.Subject{alice, ops, builder}; !slices.Equal(rule.Subjects, want) {
			t.Errorf("subjects %+v", rule.Subjects)
		}
		w.Keys("up", "ctrl+u", "down") // an entry that is emptied goes
		if want := []rbac.Subject{alice, builder}; !slices.Equal(w.page.form.rule().Subjects, want) || len(w.page.form.subjects) != 3 {
			t.Errorf("subjects %+v", w.page.form.rule().Subjects)
		}
		if rule.Name != "vm-user-alice" || rule.RoleName != rbac.RoleUser || !slices.Equal(rule.Namespaces, []string{"/^team-/"}) {
			t.Errorf("rule %+v", rule)
		}
	})
}

func TestC1MissingListBindingsArePreselected(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.fill()
		w.Says("■ add the two that every user needs")
		w.Says("+ spectro-list-namespaces for alice", "+ spectro-list-vmtemplates for alice, group:ops")
		w.Lacks("spectro-list-namespaces for alice, group:ops")
		w.Keys("down", "space")
		w.Says("□ add the two", "spectro-list-vmtemplates is lacking: alice, group:ops will not see the VM templates.")
		if w.page.form.rule().Lists {
			t.Error("the lists stay selected")
		}
		w.review()
		w.Says("Without spectro-list-namespaces bound cluster-wide, User alice will not see")
	})
	all := func(api *fakeapi.Server) {
		api.Put(fakeapi.Bound("", "all-namespaces", rbac.RoleListNamespaces, alice), fakeapi.Bound("", "all-templates", rbac.RoleListVMTemplates, alice))
	}
	inWorld(t, setting{prepare: all}, func(w *world) {
		w.toNamespaces()
		w.Says("✓ spectro-list-namespaces: everybody has it.", "✓ spectro-list-vmtemplates: everybody has it.")
	})
}

// What the rule itself gives today is no reason to take it away.
func TestC1OwnBindingsDoNotCount(t *testing.T) {
	inWorld(t, setting{rule: deck.EditRule{Rule: bind("devs", rbac.RoleUser, "team-a"), Exists: true}, prepare: func(api *fakeapi.Server) {
		existing(api)
		api.Put(fakeapi.BindingObject(rbac.Binding{Name: "vmdeck-devs-list-namespaces", Rule: "devs", Role: rbac.RoleRef{Kind: rbac.KindClusterRole, Name: rbac.RoleListNamespaces}, Subjects: []rbac.Subject{alice}}))
	}}, func(w *world) {
		w.Says("+ spectro-list-namespaces for alice")
	})
}

func TestC2ScopesKeepWhatWasTyped(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.fill()
		w.Keys("ctrl+t")
		w.Says("┃Cluster┃", "all: the binding is cluster-wide", "The role is bound in all namespaces")
		w.Lacks("/^team-/")
		if r := w.page.form.rule(); !r.ClusterWide || r.Namespaces != nil || len(r.Validate()) > 0 {
			t.Errorf("cluster-wide: %+v", r)
		}
		w.Keys("left")
		w.Says("┃Namespaces┃", "/^team-/", "3 match", "alice")
		if r := w.page.form.rule(); r.ClusterWide || len(r.Namespaces) != 1 {
			t.Errorf("in namespaces: %+v", r)
		}
	})
}

func TestC2RoleOfANamespaceIsNotBoundClusterWide(t *testing.T) {
	role := fakeapi.Object{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": map[string]any{"name": "restarts", "namespace": "team-a"},
		"rules": []any{map[string]any{"verbs": []any{"update"}, "apiGroups": []any{rbac.GroupSubresources}, "resources": []any{"virtualmachines/restart"}}}}
	inWorld(t, setting{prepare: func(api *fakeapi.Server) { api.Put(role) }}, func(w *world) {
		w.Keys("esc", "shift+tab", "space", "tab")
		w.Says("restarts  in team-a")
		w.Keys("enter")
		w.Type("alice")
		w.Keys("enter", "enter")
		w.Type("team-a")
		w.Keys("enter")
		w.Type("team-b")
		w.Keys("enter")
		w.Says("Permits 2 of 16: restart, force-restart.", "There is no Role restarts in team-b: a binding grants nothing there.")
		w.Keys("ctrl+t", "ctrl+s")
		w.Says("▸ Role        < Role >", "A Role belongs to one namespace and cannot be bound cluster-wide")
	})
}

func TestC4PatternsShowWhatTheyMatch(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.toNamespaces()
		w.Type("~/^kube")
		w.Says("Character 8: the closing slash is missing.")
		w.Type("-/")
		w.Lacks("closing slash")
		w.Says("4 match", "~/^kube-/ matches 4 of 5: default, team-a, team-b, team-c.", "~/^kube-/ selects default too")
		w.Keys("ctrl+u")
		w.Type("kube-system")
		w.Says("kube-system belongs to the cluster itself")
		w.Keys("ctrl+u")
		w.Type("team-x")
		w.Says("There is no namespace team-x yet; the binding is made once there is.")
	})
}

// The caret stands under the character that is wrong.
func TestC4PatternErrorsPointAtTheCharacter(t *testing.T) {
	inWorld(t, setting{Size: drive.Size{W: 80, H: 24}}, func(w *world) {
		w.toNamespaces()
		for typed, at := range map[string]string{"/^team-(/": "(/", "Team": "Team", "/a**/": "**/", `/[z-a]/`: "z-a"} {
			w.Keys("ctrl+u")
			w.Type(typed)
			lines := strings.Split(w.Plain(), "\n")
			i := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "▸ Namespaces") })
			before, _, _ := strings.Cut(lines[i], at)
			if got := strings.Index(lines[i+1], "^"); got != text.Width(before) {
				t.Errorf("%s: the caret is in column %d, want %d\n%s", typed, got, text.Width(before), w.Plain())
			}
		}
		w.Keys("ctrl+s")
		w.Says("1 field to put right first")
		w.Lacks("Review┃")
	})
}

func TestC4NamespacesThatCannotBeListed(t *testing.T) {
	inWorld(t, setting{prepare: func(api *fakeapi.Server) {
		api.Become(fakeapi.NamespaceOnly("carol", rbac.RolePowerUser, "team-a"))
	}}, func(w *world) {
		w.toNamespaces()
		w.Type("/^team-/")
		w.Says("/^team-/ matches 1 of 1: team-a.", "There may be more namespaces than these: you may not list them.",
			"You may not list cluster roles, so whether it is there is not known.")
	})
}

func TestC5ClusterIsRefusedInAGroup(t *testing.T) {
	inWorld(t, setting{group: "shared"}, func(w *world) {
		w.fill()
		w.Says("They are cluster-wide, so they are not made in a cluster group.", "spectro-list-namespaces is lacking: alice")
		w.Keys("ctrl+t")
		w.Says("Cluster ✗", "A cluster-wide binding is refused: this cluster belongs to a cluster group", "cluster group shared")
		w.review()
		w.Lacks("Review┃")
		w.Keys("ctrl+t")
		w.review()
		w.Says("→ Review┃", "Creates 3 bindings.")
		w.confirm()
		w.Pass(time.Second)
		w.Says("● Running")
		for _, call := range w.api.Calls() {
			if strings.Contains(call, "clusterrolebindings") {
				t.Errorf("cluster-wide after all: %s", call)
			}
		}
	})
}

func TestRoleThatIsNotThere(t *testing.T) {
	inWorld(t, setting{prepare: func(api *fakeapi.Server) { api.Delete("clusterroles", "", rbac.RoleUser) }}, func(w *world) {
		w.Type(rbac.RoleUser)
		w.Says("ClusterRole spectro-vm-user is not on the cluster", "ctrl+r shows the roles and installs those of the catalogue.")
		w.Keys("ctrl+r")
		if len(w.Asked) != 1 || w.Asked[0] != (deck.ShowRoles{}) {
			t.Errorf("asked for %+v", w.Asked)
		}
		w.Keys("ctrl+u")
		w.Type("console-o")
		w.Says("console-only")
		w.Keys("enter")
		w.Says("Permits no action on VMs.")
	})
}
