package bindings

import (
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// confirm opens the confirmation and types a text.
func (w *world) confirm(text string) {
	w.T.Helper()
	w.Keys("D")
	w.Quiet()
	w.Type(text)
	w.Keys("enter")
	w.Pass(time.Second)
}

func TestDeleteSomebodyElsesBinding(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		tried, done := w.removal(true, "team-a", "leads"), w.removal(false, "team-a", "leads")
		w.To("bob")
		w.Keys("D")
		w.Contains("User bob in team-a loses see, operate, migrate, clone, delete", "It would delete all of them.")
		w.writes(tried)
		w.confirm("leads")
		w.writes(tried, tried, done) // for the preview, before doing it, and in earnest
		w.Contains("deleted RoleBinding team-a/leads", "By subject")
		w.Lacks("bob")
		if len(w.store.deleted) > 0 {
			t.Errorf("rules were deleted: %q", w.store.deleted)
		}
		if got := w.audit.Lines(); !slices.Equal(got, []string{"remove team-a RoleBinding/leads accepted"}) {
			t.Errorf("the audit log: %q", got)
		}
	})
}

func TestDeleteARuleWithAllItsBindings(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		var tried, done []string
		for _, b := range [][2]string{{"", "vmdeck-devs-list-namespaces"}, {"", "vmdeck-devs-list-vmtemplates"}, {"team-a", "vmdeck-devs"}, {"team-b", "vmdeck-devs"}} {
			tried, done = append(tried, w.removal(true, b[0], b[1])), append(done, w.removal(false, b[0], b[1]))
		}
		w.To("oidc:devs", "team-b")
		w.Keys("D")
		w.Contains("A single binding of a rule would come back with the next sync", "the rule devs, kept in the cluster",
			"User alice in team-a keeps see, operate by RoleBinding team-a/leads", "Group oidc:devs in team-b loses see, operate")
		w.confirm("devs")
		w.writes(slices.Concat(tried, tried, done)...)
		w.Contains("deleted rule devs")
		w.Lacks("oidc:devs", "vmdeck-devs")
		if !slices.Equal(w.store.deleted, []string{"devs 7"}) {
			t.Errorf("rules deleted: %q", w.store.deleted)
		}
		if got, want := w.audit.Lines(), []string{"delete RoleBindingRule/devs accepted", "remove ClusterRoleBinding/vmdeck-devs-list-namespaces accepted",
			"remove ClusterRoleBinding/vmdeck-devs-list-vmtemplates accepted", "remove team-a RoleBinding/vmdeck-devs accepted", "remove team-b RoleBinding/vmdeck-devs accepted"}; !slices.Equal(got, want) {
			t.Errorf("the audit log: %q", got)
		}
	})
}

// TestDeletingTakesNothingFromOtherRules: alice sees the namespaces by the rule that goes, and the one that stays promises it too.
func TestDeletingTakesNothingFromOtherRules(t *testing.T) {
	stays := binding.Stored{Version: "4", BindingRule: rbac.BindingRule{Name: "stays", RoleKind: rbac.KindClusterRole, RoleName: rbac.RoleViewer,
		Subjects: []rbac.Subject{user("alice")}, Namespaces: []string{"ci"}, Lists: true}}
	inWorld(t, setting{rules: []binding.Stored{stays}}, func(w *world) {
		w.To("oidc:devs", "team-b")
		w.Keys("D")
		w.Contains("What is made, as rules that stay rely on what goes",
			"+ ClusterRoleBinding vmdeck-stays-list-namespaces → ClusterRole spectro-list-namespaces", "It would accept all of it.")
		w.Lacks("User alice everywhere loses")
		w.confirm("devs")
		w.Contains("deleted rule devs")
		for name, there := range map[string]bool{"vmdeck-stays-list-namespaces": true, "vmdeck-stays-list-vmtemplates": true, "vmdeck-devs-list-namespaces": false} {
			if got := w.api.Get("clusterrolebindings", "", name) != nil; got != there {
				t.Errorf("%s is there: %v", name, got)
			}
		}
		var rules []string
		for _, e := range w.audit.Entries() {
			if e.Action == "create" {
				rules = append(rules, e.Rule)
			}
		}
		if !slices.Equal(rules, []string{"stays", "stays"}) {
			t.Errorf("the audit log has what was made by the rules %q", rules)
		}
	})
}

func TestDeleteARuleWithoutBindings(t *testing.T) {
	broken := binding.Stored{BindingRule: rbac.BindingRule{Name: "broken"}, Version: "1", Err: errors.New("no subjects")}
	for name, rule := range map[string][]string{"lab 3": {"dave"}, "broken 1": {"rule broken"}} {
		inWorld(t, setting{rules: []binding.Stored{broken}}, func(w *world) {
			w.To(rule...)
			w.Keys("D")
			w.Contains("Nobody loses a right on VMs.")
			w.confirm(strings.Fields(name)[0])
			w.writes()
			if !slices.Equal(w.store.deleted, []string{name}) {
				t.Errorf("rules deleted: %q, want %s\n%s", w.store.deleted, name, w.Plain())
			}
		})
	}
}

func TestDeletingIsCancelled(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		tried := w.removal(true, "team-a", "leads")
		w.To("bob")
		w.Keys("D")
		w.confirm("lead") // not the name
		w.Contains("not the same")
		w.Keys("esc", "esc")
		w.Contains("By subject", "bob")
		w.writes(tried)
	})
}

func TestDeleteMarkedBindings(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		tried := []string{w.removal(true, "team-a", "leads"), w.removal(true, "team-b", "old")}
		done := []string{w.removal(false, "team-a", "leads"), w.removal(false, "team-b", "old")}
		w.To("carol")
		w.Keys("space")
		w.To("bob")
		w.Keys("space")
		w.To("alice", "leads") // the same binding again
		w.Keys("space", "D")
		w.Contains("Delete 2 bindings", "Not known for 1 binding, as the role could not be read or is not there.")
		w.confirm("2")
		w.writes(slices.Concat(tried, tried, done)...)
		w.Contains("deleted 2 bindings")
		w.Lacks("marked")
	})
	inWorld(t, setting{}, func(w *world) {
		w.To("bob")
		w.Keys("space")
		w.To("ops")
		w.Keys("space", "D")
		w.Contains("delete: some of the marked bindings belong to a rule, which goes as a whole")
		w.Keys("space") // takes the mark of another row
		w.Pass(10 * time.Second)
		w.Type("/ops")
		w.Keys("enter", "D")
		w.Contains("of the marked rows are hidden by the filter")
		w.writes()
	})
	inWorld(t, setting{}, func(w *world) {
		w.To("oidc:devs")
		w.Keys("space")
		w.To("ops")
		w.Keys("space", "D")
		w.Contains("delete: the marked bindings belong to several rules")
	})
}

// TestDeletingOnesOwnRights: whoever takes away what they need to undo it is told.
func TestDeletingOnesOwnRights(t *testing.T) {
	asRoot := setting{prepare: func(api *fakeapi.Server) { api.Login("root", "kubeadm:cluster-admins") }}
	inWorld(t, asRoot, func(w *world) {
		w.To("cluster-admins")
		w.Keys("D")
		w.Contains("▲ You lose rights of your own everywhere", "You could not undo this yourself.")
		w.Keys("D")
		w.Quiet()
		w.Contains("You lose rights of your own everywhere", "Type kubeadm:cluster-admins to delete:")
	})
	inWorld(t, asRoot, func(w *world) {
		w.To("bob")
		w.Keys("D")
		w.Lacks("You lose")
	})
}

func TestBindingsThatChangeMeanwhile(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.To("bob")
		w.Keys("D")
		w.api.Put(fakeapi.Bound("team-a", "leads", rbac.RolePowerUser, user("alice"), user("bob"), user("zoe")))
		w.deck.Reread()
		w.Pass(time.Second)
		w.Contains("The bindings have changed while you looked", "User zoe in team-a loses")
		w.api.Delete("rolebindings", "team-a", "leads")
		w.deck.Reread()
		w.Pass(10 * time.Second)
		w.Contains("There is nothing left to delete.")
		w.Keys("D")
		w.Contains("delete: there is nothing left to delete")
	})
	inWorld(t, setting{}, func(w *world) { // after it was confirmed, the server's preconditions hold
		w.To("bob")
		w.Keys("D")
		w.Quiet()
		w.api.Put(fakeapi.Bound("team-a", "leads", rbac.RolePowerUser, user("zoe")))
		w.confirm("leads")
		w.Contains("Not all was deleted", "somebody has changed it since the plan was made")
		if w.api.Get("rolebindings", "team-a", "leads") == nil {
			t.Error("a binding that had changed was deleted")
		}
		w.Keys("enter")
		w.Contains("User zoe in team-a loses") // what could be deleted now
	})
}

func TestDeletingFails(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.To("bob")
		w.api.FailCall("leads", 403, "no")
		w.Keys("D")
		w.Contains("✗ remove RoleBinding team-a/leads: not permitted")
		w.Keys("D")
		w.Contains("delete: the server refuses it, see below")
	})
	inWorld(t, setting{}, func(w *world) { // the rule stays when it cannot be deleted, and so do its bindings
		w.store.deny = errors.New("delete the rule devs: somebody has changed it since.")
		w.To("oidc:devs", "team-a")
		w.Keys("D")
		before := len(w.api.Calls())
		w.confirm("devs")
		w.Contains("Not all was deleted", "delete the rule devs: somebody has changed it since.")
		if calls := w.api.Calls()[before:]; len(calls) > 0 {
			t.Errorf("bindings were touched: %q", calls)
		}
		if got := w.audit.Lines(); !slices.Equal(got, []string{"delete RoleBindingRule/devs failed"}) {
			t.Errorf("the audit log: %q", got)
		}
	})
	inWorld(t, setting{}, func(w *world) { // what is left can be deleted again
		w.To("oidc:devs", "team-a")
		w.Keys("D")
		w.Quiet()
		w.api.FailCall("vmdeck-devs", 500, "boom")
		w.confirm("devs")
		w.Contains("the rule devs was deleted, some of its bindings were not", "remove RoleBinding team-a/vmdeck-devs")
		w.Keys("enter")
		w.Lacks("kept in the cluster")
		w.Contains("RoleBinding team-a/vmdeck-devs → ClusterRole spectro-vm-user")
	})
}

func TestDeletingFromTheDetailsClosesThem(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.To("bob")
		w.Keys("enter", "D")
		w.Contains("Role Bindings → Delete")
		w.confirm("leads")
		w.Contains("deleted RoleBinding team-a/leads", "By subject")
		w.Lacks("→ leads")
	})
}

func TestDeletingGoesOnWhenThePageIsLeft(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.To("bob")
		w.Keys("D")
		w.Quiet()
		w.Keys("D")
		w.Quiet()
		release := w.api.Hang()
		w.Type("leads")
		w.Keys("enter")
		w.Contains("Deleting… 0 of 1 done.", "it is being deleted")
		w.Keys("esc")
		w.Contains("By subject", "bob")
		if busy := w.page.Busy(); busy != "The deletion of RoleBinding team-a/leads is still running. What has not begun will be left alone." {
			t.Errorf("busy: %q", busy)
		}
		release()
		w.Pass(time.Second)
		if busy := w.page.Busy(); busy != "" {
			t.Errorf("busy when all is done: %q", busy)
		}
		w.Contains("deleted RoleBinding team-a/leads")
		w.Lacks("bob")
	})
}

func TestNothingIsDeletedWithoutAConnection(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.To("bob")
		w.Keys("D")
		w.api.Down(true)
		w.Pass(45 * time.Second)
		w.Contains("The connection is lost: nothing can be deleted.")
		w.Keys("D")
		w.Contains("delete: the API server does not answer")
	})
}

// TestReadOnlyHoldsToTheLast: the mode may begin while the confirmation is open, as when one begins to look as somebody else.
func TestReadOnlyHoldsToTheLast(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.To("oidc:devs", "team-a")
		w.Keys("D")
		w.Quiet()
		w.Keys("D")
		w.Quiet()
		before := len(w.api.Calls())
		w.deck.LookThrough(&rbac.Who{User: "alice"})
		w.Type("devs")
		w.Keys("enter")
		w.Pass(time.Second)
		w.Contains("Not all was deleted", "nothing was changed: nothing is changed while you look as alice")
		if len(w.store.deleted) > 0 || len(w.api.Calls()) > before {
			t.Errorf("deleted %q, %q", w.store.deleted, w.api.Calls()[before:])
		}
	})
}

// TestDeletingIsRefusedBelowTheScreen: the modes hold even where the page's own check is not asked.
func TestDeletingIsRefusedBelowTheScreen(t *testing.T) {
	for reason, begin := range map[string]func(d *deck.Deck){
		"nothing is changed while you look as alice": func(d *deck.Deck) { d.LookThrough(&rbac.Who{User: "alice"}) },
		"this context is read-only":                  func(d *deck.Deck) { d.Keeper.ReadOnly = "this context is read-only" },
	} {
		for _, on := range [][]string{{"oidc:devs", "team-a"}, {"bob"}, {"dave"}} { // of a rule, of none, and a rule that has made none
			inWorld(t, setting{}, func(w *world) {
				w.To(on...)
				r, _ := w.page.list.Current()
				target, _ := targetOf([]*row{r})
				plan, before := target.removal(w.page.state.World.World), len(w.api.Calls())
				begin(w.deck)
				var done atomic.Int32
				err := target.remove(t.Context(), w.deck.Keeper, plan, &done)
				if err == nil || err.Error() != "nothing was changed: "+reason {
					t.Errorf("%q: %v", on, err)
				}
				if len(w.store.deleted) > 0 || len(w.api.Calls()) > before || done.Load() > 0 || len(w.audit.Lines()) > 0 {
					t.Errorf("%q: deleted %q, %q; audited %q", on, w.store.deleted, w.api.Calls()[before:], w.audit.Lines())
				}
			})
		}
	}
}
