package editor

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

func TestReviewAndBackKeepsWhatWasTyped(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.fill()
		before := w.page.form.entered()
		w.review()
		w.Contains("→ Review┃", "Creates 5 bindings.", "The server would accept all 5 steps.")
		w.Keys("esc")
		w.Contains("New rule┃", "/^team-/")
		if after := w.page.form.entered(); after != before {
			t.Errorf("the form was %s and is %s", before, after)
		}
		w.Keys("up", "up", "ctrl+u")
		w.Type("bob")
		w.review()
		w.Contains("User bob")
		w.Keys("e")
		w.Contains("New rule┃")
		if writes := w.api.Calls(); slices.ContainsFunc(writes, func(c string) bool { return !strings.Contains(c, "dryRun") }) {
			t.Errorf("a review writes: %q", writes)
		}
	})
}

func TestReviewInASCII(t *testing.T) {
	inWorld(t, setting{ascii: true}, func(w *world) {
		w.fill()
		w.review()
		w.Contains("+ RoleBinding", " > ClusterRole spectro-vm-user")
		w.Lacks("→")
	})
}

// The review reads the cluster itself: what the form has told may be old.
func TestReviewIsFresh(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.fill()
		w.review()
		w.Lacks("team-d")
		w.api.Put(fakeapi.Namespace("team-d", "Active"))
		w.Keys("r")
		w.Pass(time.Second)
		w.Contains("RoleBinding team-d/vmdeck-vm-user-alice", "Creates 6 bindings.")
		w.Keys("y")
		if len(w.Copied) != 1 || !strings.Contains(w.Copied[0], "team-d/vmdeck-vm-user-alice") {
			t.Errorf("copied %q", w.Copied)
		}
	})
}

func TestReviewThatWasLeftDoesNotComeBack(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.fill()
		release := w.api.Hang()
		w.Keys("ctrl+s")
		w.Contains("Reading the cluster")
		w.Keys("enter")
		w.Contains("Confirm: the cluster is being read")
		w.Keys("esc")
		release()
		w.Pass(time.Second)
		w.Contains("New rule┃")
		w.review()
		w.page.Update(reviewed{began: &review{}, done: &review{err: errors.New("of another review")}})
		w.Contains("Creates 5 bindings.")
		if w.page.review.err != nil {
			t.Error("the answer to another review is shown")
		}
	})
}

func TestReviewFails(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.fill()
		w.api.Refuse("clusterroles", 503, 0)
		w.review()
		w.Says("The review failed", "r tries again, esc goes back to the form.")
		w.Keys("enter")
		w.Contains("the review failed; r tries again")
		w.api.Refuse("clusterroles", 0, 0)
		w.Keys("r")
		w.Pass(time.Second)
		w.Contains("Creates 5 bindings.")
	})
}

func TestC2GainsAndLossesBeforeConfirm(t *testing.T) {
	inWorld(t, setting{rule: deck.EditRule{Rule: bind("devs", rbac.RoleViewer, "team-a"), Exists: true}, prepare: existing}, func(w *world) {
		w.review()
		w.Says("Creates 2 bindings, changes 1, removes 1.", "RoleBinding team-a/vmdeck-devs is deleted and made anew",
			"Group ops everywhere + list-vmtemplates in team-a - start", "in team-b - everything with VMs (16 actions)")
		w.Keys("enter")
		w.Says("group:ops loses in team-b: everything with VMs (16 actions)")
	})
	inWorld(t, setting{rule: deck.EditRule{Rule: rbac.BindingRule{Name: "wide", RoleKind: rbac.KindClusterRole, RoleName: rbac.RoleUser,
		Subjects: []rbac.Subject{ops}, ClusterWide: true, Lists: true}}}, func(w *world) {
		w.review()
		w.Says("+ ClusterRoleBinding vmdeck-wide", "Group ops everywhere + see")
		w.Keys("enter")
		w.Contains("The ClusterRole spectro-vm-user is bound cluster-wide: in all namespaces, and for what is in none.")
	})
}

func TestReviewWarnsOfOnesOwnLoss(t *testing.T) {
	mine := func(api *fakeapi.Server) {
		api.Delete("clusterrolebindings", "", "root")
		api.Put(fakeapi.BindingObject(rbac.Binding{Name: "vmdeck-admins", Rule: "admins", Role: rbac.RoleRef{Kind: rbac.KindClusterRole, Name: "cluster-admin"}, Subjects: []rbac.Subject{root, ops}}))
	}
	rule := rbac.BindingRule{Name: "admins", RoleKind: rbac.KindClusterRole, RoleName: "cluster-admin", Subjects: []rbac.Subject{ops}, ClusterWide: true}
	inWorld(t, setting{rule: deck.EditRule{Rule: rule, Exists: true}, prepare: mine}, func(w *world) {
		w.review()
		w.Says("You would lose, everywhere: everything with VMs (16 actions), changing role bindings.")
		w.Keys("enter")
		w.Says("You would lose, everywhere")
	})
}

func TestC1EscalationIsExplainedAndStopsConfirm(t *testing.T) {
	inWorld(t, setting{rule: deck.EditRule{Rule: bind("devs", rbac.RoleUser, "team-a")}, prepare: binders, noStore: true}, func(w *world) {
		w.review()
		w.Says("The server refuses 2 of 3 steps, so nothing can be applied.", "nobody may hand out rights that they lack themselves",
			`It takes an administrator, or the verb bind on clusterroles "spectro-vm-user" for you.`, "confirm: the server refuses it")
		w.Keys("enter")
		w.Contains("Confirm: the server refuses it")
		w.wrote()
	})
}

func TestReadOnlyReviewsAndDoesNotConfirm(t *testing.T) {
	inWorld(t, setting{readOnly: "the mode is read-only (--read-only)"}, func(w *world) {
		w.fill()
		w.review()
		w.Contains("Creates 5 bindings.", "confirm: the mode is read-only")
		w.Keys("enter")
		w.Contains("Confirm: the mode is read-only (--read-only)")
		w.Lacks("Cancel")
		w.wrote()
		if lines := w.audit.Lines(); len(lines) > 0 {
			t.Errorf("audited %q", lines)
		}
	})
}

func TestReviewWithoutRights(t *testing.T) {
	inWorld(t, setting{noStore: true, rule: deck.EditRule{Rule: bind("devs", rbac.RoleUser, "team-a")}, prepare: func(api *fakeapi.Server) { api.Become(fakeapi.Nobody()) }}, func(w *world) {
		w.review()
		w.Says("You may not list namespaces", "You may not list cluster role bindings")
		w.Keys("enter")
		w.Contains("Confirm: there is nothing to do")
	})
}

func TestReviewOfARuleThatWasChangedMeanwhile(t *testing.T) {
	inWorld(t, setting{rule: deck.EditRule{Rule: bind("devs", rbac.RoleUser, "team-a"), Version: "12", Exists: true}}, func(w *world) {
		w.review()
		w.Says("The stored rule was changed since you opened it.")
		w.Keys("enter")
		w.Contains("Confirm: The stored rule was changed")
	})
	inWorld(t, setting{}, func(w *world) {
		w.fill()
		w.review()
		w.api.Put(fakeapi.BindingObject(rbac.Binding{Namespace: "team-c", Name: "vmdeck-vm-user-alice", Rule: "vm-user-alice", Role: rbac.RoleRef{Kind: rbac.KindClusterRole, Name: rbac.RoleUser}, Subjects: []rbac.Subject{ops}}))
		w.Keys("r")
		w.Pass(time.Second)
		w.Says("A rule vm-user-alice has been made since. Go back and choose another name.")
	})
}

func TestConflictsAreLeftAlone(t *testing.T) {
	inWorld(t, setting{prepare: func(api *fakeapi.Server) {
		api.Put(fakeapi.Bound("team-b", "vmdeck-vm-user-alice", rbac.RoleViewer, alice))
	}}, func(w *world) {
		w.fill()
		w.review()
		w.Says("! The RoleBinding team-b/vmdeck-vm-user-alice exists and was not made by vmdeck.", "Creates 4 bindings.")
		w.confirm()
		w.Pass(time.Second)
		w.Says("Running, with differences", "RoleBinding team-b/vmdeck-vm-user-alice exists and was not made by vmdeck")
		if o := w.api.Get("rolebindings", "team-b", "vmdeck-vm-user-alice"); strings.Contains(strings.Join(w.api.Calls(), " "), "team-b/rolebindings/vmdeck-vm-user-alice?dryRun") || o == nil {
			t.Error("somebody else's binding was touched")
		}
	})
}

func TestNothingToDo(t *testing.T) {
	rule := rbac.BindingRule{Name: "devs", RoleKind: rbac.KindClusterRole, RoleName: rbac.RolePowerUser, Subjects: []rbac.Subject{alice, ops}, Namespaces: []string{"team-a", "team-b"}}
	inWorld(t, setting{rule: deck.EditRule{Rule: rule, Exists: true}, prepare: existing}, func(w *world) {
		w.review()
		w.Contains("Nothing to do: the cluster is as the rule says", "confirm: there is nothing to do")
	})
}
