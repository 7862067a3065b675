package bindings

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// all is the whole text of the page that is shown, not only what fits.
func (w *world) all() string {
	w.T.Helper()
	w.Keys("y")
	if len(w.Copied) == 0 {
		w.T.Fatalf("nothing was copied\n%s", w.Plain())
	}
	return strings.Join(strings.Fields(w.Copied[len(w.Copied)-1]), " ")
}

func TestDetails(t *testing.T) {
	viewer := rule(rbac.GroupKubeVirt, "virtualmachines", "list")
	for _, tt := range []struct {
		name    string
		setting setting
		row     []string
		want    []string
		lacks   []string
	}{
		{name: "one of a rule", row: []string{"alice", "team-a", "vmdeck-devs"}, want: []string{
			"made by the rule devs, kept in the cluster", "VM user. Uses virtual machines made by others", "It cannot launch virtual machines,",
			"✓ Start also by RoleBinding team-a/leads", "– Migrate by RoleBinding team-a/leads", "Subjects (2)", "• Group oidc:devs",
			"namespaces /^team-/", "The cluster is as the rule says."}},
		{name: "the only one", row: []string{"oidc:devs", "team-b"}, want: []string{"✓ Start by this binding alone", "– Migrate – Cancel migration"}},
		{name: "of a rule that is kept nowhere", row: []string{"ops"}, want: []string{
			"made by the rule ops, which is kept nowhere: it does not follow new namespaces", "where everywhere: in all namespaces", "✓ Give rights to others by this binding alone"},
			lacks: []string{"as the rule says"}},
		{name: "a copy with the label of a rule", row: []string{"mallory"}, want: []string{"it carries the label of the rule devs and is not called as that rule's bindings are"},
			setting: setting{prepare: func(api *fakeapi.Server) { api.Put(ofRule("team-a", "copy", "devs", rbac.RoleUser, user("mallory"))) }}},
		{name: "a role of the catalogue's name that grants something else", row: []string{"auditors"}, want: []string{
			"This cluster's role grants something else than vmdeck's of the same name", "Grants see in team-b"}, lacks: []string{"Views virtual machines"},
			setting: setting{prepare: func(api *fakeapi.Server) { api.Put(fakeapi.ClusterRole(rbac.RoleViewer, viewer)) }}},
		{name: "a role of the catalogue that is not there", row: []string{"auditors"}, want: []string{"There is no ClusterRole spectro-vm-viewer", "not installed on this cluster: m installs it"},
			setting: setting{prepare: func(api *fakeapi.Server) { api.Delete("clusterroles", "", rbac.RoleViewer) }}},
		{name: "a rule that was not applied", row: []string{"dave"}, want: []string{"The rule lab has not been applied yet", "+ RoleBinding lab-1/vmdeck-lab"},
			setting: setting{prepare: func(api *fakeapi.Server) { api.Put(fakeapi.Namespace("lab-1", "Active")) }}},
		{name: "a rule that has drifted", row: []string{"alice", "team-a", "vmdeck-devs"}, want: []string{"The cluster is not as the rule says.", "+ RoleBinding team-new/vmdeck-devs"},
			setting: setting{prepare: func(api *fakeapi.Server) { api.Put(fakeapi.Namespace("team-new", "Active")) }}},
		{name: "nobody", row: []string{"no subjects"}, want: []string{"The binding has no subjects, so it gives nobody anything.", "Subjects (0) none"},
			setting: setting{prepare: func(api *fakeapi.Server) { api.Put(fakeapi.Bound("team-a", "nobody", rbac.RoleUser)) }}},
		{name: "a Role", row: []string{"frank"}, want: []string{"Role team-a/starters", "Not one of vmdeck's roles", "✓ Start by this binding alone"},
			setting: setting{prepare: func(api *fakeapi.Server) {
				role := fakeapi.ClusterRole("starters", rule(rbac.GroupSubresources, "virtualmachines/start", "update"))
				role["kind"] = "Role"
				api.Put(role.With("metadata", "namespace", "team-a"), fakeapi.BindingObject(rbac.Binding{Namespace: "team-a", Name: "f", Subjects: []rbac.Subject{user("frank")},
					Role: rbac.RoleRef{Kind: rbac.KindRole, Namespace: "team-a", Name: "starters"}}))
			}}},
		{name: "a rule that cannot be used", row: []string{"rule broken"}, want: []string{"The rule broken cannot be used: no subjects"}, lacks: []string{"Subjects"},
			setting: setting{rules: []binding.Stored{{BindingRule: rbac.BindingRule{Name: "broken"}, Err: errors.New("no subjects")}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, tt.setting, func(w *world) {
				w.To(tt.row...)
				w.Keys("enter")
				text := w.all()
				for _, want := range tt.want {
					if !strings.Contains(text, want) && !w.Has(want) {
						t.Errorf("%q is not in\n%s", want, text)
					}
				}
				for _, not := range tt.lacks {
					if strings.Contains(text, not) {
						t.Errorf("%q is in\n%s", not, text)
					}
				}
				w.writes()
			})
		})
	}
}

func TestUnusableRulesAreNotEdited(t *testing.T) {
	inWorld(t, setting{rules: []binding.Stored{{BindingRule: rbac.BindingRule{Name: "broken"}, Err: errors.New("no subjects")}}}, func(w *world) {
		w.To("rule broken")
		w.Keys("e")
		w.Contains("edit: the rule cannot be read; D deletes it")
		w.Keys("enter", "e")
		w.Contains("edit: the rule cannot be read; D deletes it")
	})
}

// TestGrantsComeFromTheRules: B3. The same names with other rules say something else.
func TestGrantsComeFromTheRules(t *testing.T) {
	swap := func(api *fakeapi.Server) {
		power, _ := rbac.Lookup(rbac.RolePowerUser)
		api.Put(fakeapi.ClusterRole(rbac.RoleViewer, []rbacv1.PolicyRule(power.Rules())...), fakeapi.ClusterRole(rbac.RolePowerUser))
	}
	inWorld(t, setting{prepare: swap}, func(w *world) {
		for subject, want := range map[string]string{"auditors": "all", "bob": "nothing"} {
			w.page.Filter("subject:" + subject)
			if r, _ := w.page.list.Current(); r == nil || r.grants.text != want {
				t.Errorf("%s is given %+v, want %s", subject, r, want)
			}
		}
	})
}

// TestFirstStart: C7.
func TestFirstStart(t *testing.T) {
	inWorld(t, setting{bare: true}, func(w *world) {
		w.Contains("Nobody has been given rights on VMs yet.", "1  m  install vmdeck's roles: 6 of 6 are missing", "2  n  make a rule")
		w.Keys("m", "n")
		if len(w.Asked) != 2 {
			t.Errorf("sent %+v", w.Asked)
		}
		w.api.Put(fakeapi.Catalogue()...)
		w.api.Put(fakeapi.Bound("team-a", "first", rbac.RoleUser, user("alice")))
		w.deck.Reread()
		w.Pass(time.Second)
		w.Contains("alice", "see operate")
		w.Lacks("Nobody has been given")
	})
	inWorld(t, setting{bare: true, readOnly: "vmdeck was started with --read-only"}, func(w *world) {
		w.Contains("make a rule: who gets which role in which namespaces (vmdeck was", "started with --read-only)")
	})
}

func TestRulesNotInstalledIsNoFault(t *testing.T) {
	inWorld(t, setting{noRules: true, rulesErr: fmt.Errorf("list: %w", binding.ErrNotInstalled)}, func(w *world) {
		w.Lacks("rolebindingrules.vmdeck.dev", "Reading the rules")
		w.To("oidc:devs", "team-a")
		w.Keys("D")
		w.Lacks("The rules could not be read")
	})
	inWorld(t, setting{noRules: true, rulesErr: errors.New("boom")}, func(w *world) {
		w.To("oidc:devs", "team-a")
		w.Keys("D")
		w.Contains("The rules could not be read. If this one is kept somewhere, it makes its bindings anew.")
	})
}

func TestTimePassesOnlyWhereItIsShown(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.page.Changed()
		w.Pass(3 * time.Second)
		frame := w.Frame()
		w.Pass(3 * time.Second)
		if w.page.Changed() || w.Frame() != frame {
			t.Error("a page that shows no time changes with it")
		}
	})
}
