package editor

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// fiveBindings is what the rule of fill writes, the persona's bindings and the two of C1.
var fiveBindings = []string{
	"PATCH namespaces/team-a/rolebindings/vmdeck-vm-user-alice", "PATCH namespaces/team-b/rolebindings/vmdeck-vm-user-alice",
	"PATCH namespaces/team-c/rolebindings/vmdeck-vm-user-alice",
	"PATCH clusterrolebindings/vmdeck-vm-user-alice-list-namespaces", "PATCH clusterrolebindings/vmdeck-vm-user-alice-list-vmtemplates",
}

const saved = "POST vmdeck.dev/v1alpha1/rolebindingrules"

func TestC6ConfirmUpdatingRunning(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.fill()
		w.review()
		w.wrote()
		release := w.api.HangReviews()
		w.Keys("enter", "tab", "enter") // typed ahead of the question: it does not count
		w.wrote()
		w.Quiet()
		w.Keys("tab", "enter")
		w.Contains("◐ Updating", "Seen on the server as asked for.", "Events")
		w.wrote(append([]string{saved}, fiveBindings...)...)
		w.Pass(4 * time.Second)
		w.Contains("◐ Updating  3s")
		release()
		w.Pass(time.Second)
		w.Contains("● Running", "68 access reviews: all as promised.", "User alice, everywhere: 2 of 2 as promised", "User alice in team-b: 10 of 10 as promised")
		want := []string{"create RoleBindingRule/vm-user-alice accepted", "create team-a RoleBinding/vmdeck-vm-user-alice accepted", "create team-b RoleBinding/vmdeck-vm-user-alice accepted",
			"create team-c RoleBinding/vmdeck-vm-user-alice accepted", "create ClusterRoleBinding/vmdeck-vm-user-alice-list-namespaces accepted", "create ClusterRoleBinding/vmdeck-vm-user-alice-list-vmtemplates accepted"}
		if got := w.audit.Lines(); !slices.Equal(got, want) {
			t.Errorf("audited\n%q\nwant\n%q", got, want)
		}
		if rules := w.deck.Rights().Rules; len(rules) != 1 || rules[0].Name != "vm-user-alice" {
			t.Errorf("the deck knows the rules %+v", rules)
		}
		w.Keys("enter")
		w.Contains("what was there before")
		if len(w.Asked) != 1 || w.Asked[0] != (deck.ShowBindings{Query: "vm-user-alice"}) {
			t.Errorf("asked for %+v", w.Asked)
		}
	})
}

// The bodies of the requests: server-side apply, whole objects, the rule's label, dry runs first.
func TestC1TheTwoListBindingsAreWritten(t *testing.T) {
	inWorld(t, setting{noStore: true, rule: deck.EditRule{Rule: bind("devs", rbac.RoleUser, "team-a")}}, func(w *world) {
		w.review()
		w.confirm()
		w.Pass(time.Second)
		w.Contains("● Running")
		const labels = `"labels":{"app.kubernetes.io/managed-by":"vmdeck","vmdeck.dev/rule":"devs"}`
		want := `PATCH /apis/rbac.authorization.k8s.io/v1/clusterrolebindings/vmdeck-devs-list-namespaces?fieldManager=vmdeck&force=false ` +
			`{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{` + labels + `,"name":"vmdeck-devs-list-namespaces"},` +
			`"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"spectro-list-namespaces"},"subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"alice"}]}`
		calls := w.api.Calls()
		i := slices.Index(calls, want)
		dry := slices.IndexFunc(calls, func(c string) bool {
			return strings.Contains(c, "vmdeck-devs-list-namespaces?dryRun=All&fieldManager=vmdeck&force=false")
		})
		if i < 0 || dry < 0 || dry > i {
			t.Errorf("the dry run is call %d, the call %d of\n%s", dry, i, strings.Join(calls, "\n"))
		}
	})
}

func TestStalePlanLeadsToAnotherReview(t *testing.T) {
	inWorld(t, setting{rule: deck.EditRule{Rule: bind("devs", rbac.RolePowerUser, "team-a"), Exists: true}, prepare: existing, noStore: true}, func(w *world) {
		w.review()
		w.Contains("removes 1")
		o := w.api.Get("rolebindings", "team-b", "vmdeck-devs")
		w.api.Put(o.With("metadata", "annotations", map[string]any{"touched": "yes"}))
		w.confirm()
		w.Says("✗ Failed", "The update failed", "somebody has changed it since the plan was made; nothing was overwritten.", "No binding was changed.")
		w.wrote()
		w.Quiet()
		w.Keys("tab", "enter")
		w.Pass(time.Second)
		w.Contains("→ Review┃", "removes 1", "would accept all 3 steps")
		w.confirm()
		w.Pass(time.Second)
		w.Contains("● Running")
	})
}

func TestC6AFailureInTheMidstIsResumed(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		interfere := sync.OnceFunc(func() { w.api.Put(fakeapi.Bound("team-b", "vmdeck-vm-user-alice", rbac.RoleViewer, alice)) })
		w.audit.Then = func(config.AuditEntry) { interfere() } // after the first entry, when the update is in its midst
		w.fill()
		w.Keys("down", "down", "down", "space") // not stored: the first entry is that of a binding
		w.review()
		w.confirm()
		w.Says("✗ Failed", "a binding of this name has been made since the plan", "4 steps done, 1 failed. What is done stays; a new review shows what is left.")
		w.Keys("esc")
		w.Says("4 steps done, 1 not. r reviews the rule again: what is left can be resumed.")
		w.api.Delete("rolebindings", "team-b", "vmdeck-vm-user-alice")
		w.Keys("r")
		w.Pass(time.Second)
		w.Says("Rule vm-user-alice → Review┃", "Creates 1 binding.", "4 bindings as it should be already")
		w.confirm()
		w.Pass(time.Second)
		w.Contains("● Running")
		if w.api.Get("rolebindings", "team-b", "vmdeck-vm-user-alice") == nil {
			t.Error("what was left is not done")
		}
	})
}

func TestVerificationThatDiffers(t *testing.T) {
	inWorld(t, setting{rule: deck.EditRule{Rule: bind("devs", rbac.RoleViewer, "team-a"), Exists: true}, prepare: existing}, func(w *world) {
		w.review()
		w.api.Put(fakeapi.ClusterRole("starter", rbac.Rules{{Verbs: []string{"update"}, APIGroups: []string{rbac.GroupSubresources}, Resources: []string{"virtualmachines/start"}}}...),
			fakeapi.Bound("team-a", "alice-after-all", "starter", alice))
		w.confirm()
		w.Pass(time.Minute)
		w.Says("▲ Running, with differences", "User alice in team-a: the server still allows start, start-paused. A group, another binding or another authorizer gives it",
			"otherwise than promised: start, start-paused")
	})
}

func TestVerificationWithoutAnAnswer(t *testing.T) {
	inWorld(t, setting{noStore: true}, func(w *world) {
		w.fill()
		w.review()
		w.api.Refuse("subjectaccessreviews", 503, 0)
		w.confirm()
		w.Pass(time.Minute)
		w.Says("Running, with differences", "68 of 68 access reviews got no answer from the server.")
	})
}

func TestLeavingAnUpdateLetsItGoOn(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.fill()
		w.review()
		release := w.api.HangReviews()
		w.confirm()
		if busy := w.page.Busy(); !strings.Contains(busy, "vm-user-alice is still being applied") {
			t.Errorf("busy: %q", busy)
		}
		w.Keys("enter")
		w.Contains("the update is under way; esc leaves it running")
		w.Keys("esc")
		w.Says("Leave while it is updating?")
		w.Quiet()
		w.Keys("tab", "enter")
		w.Contains("what was there before")
		w.Pass(5 * time.Second) // what the key said is gone
		release()
		w.Pass(time.Second)
		w.Contains("rule vm-user-alice on demo: Running")
		w.wrote(append([]string{saved}, fiveBindings...)...)
	})
}

func TestTheQuestionWhetherToLeaveEndsWithTheUpdate(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.fill()
		w.review()
		release := w.api.HangReviews()
		w.confirm()
		w.Keys("esc")
		release()
		w.Pass(2 * time.Second)
		w.Lacks("Leave while")
		w.Contains("● Running")
	})
}

func TestInstallsTheCustomResourceOfRules(t *testing.T) {
	inWorld(t, setting{bare: true}, func(w *world) {
		w.fill()
		w.Keys("down", "down", "down", "space")
		w.review()
		w.Says("The custom resource rolebindingrules.vmdeck.dev is installed, and the rule stored in the cluster.")
		w.confirm()
		w.Pass(2 * time.Second)
		w.Contains("● Running", "The custom resource rolebindingrules.vmdeck.dev is installed.", "The rule is stored in the cluster.")
		w.wrote(append([]string{"PATCH apiextensions.k8s.io/v1/customresourcedefinitions/rolebindingrules.vmdeck.dev", saved}, fiveBindings...)...)
	})
}

func TestARuleIsTakenOutOfTheStore(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.fill()
		w.review()
		w.confirm()
		w.Pass(2 * time.Second)
		w.Keys("r")
		w.Pass(time.Second)
		w.Contains("Nothing to do", "Rule vm-user-alice → Review┃")
		w.Keys("esc", "down", "down") // lists, keep: the name is fixed now
		w.Contains("■ store the rule")
		w.Keys("space")
		w.Says("▲ It is taken out of the cluster; its bindings stay until vmdeck bindings sync runs.")
		w.review()
		w.Says("No binding changes.")
		w.confirm()
		w.Pass(time.Second)
		w.Contains("● Running", "The rule is taken out of the cluster.")
		if rules := w.deck.Rights().Rules; len(rules) != 0 {
			t.Errorf("the deck knows the rules %+v", rules)
		}
	})
}

func TestAnAuditLogThatFailsIsTold(t *testing.T) {
	inWorld(t, setting{noStore: true}, func(w *world) {
		w.audit.Err = errors.New("no space left on device")
		w.fill()
		w.review()
		w.confirm()
		w.Pass(2 * time.Second)
		w.Says("● Running", "the audit log could not be written: no space left on device")
	})
}

func TestClosingTheDeckEndsTheUpdate(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.fill()
		w.review()
		w.api.HangReviews()
		w.confirm()
		w.deck.Close()
		w.Pass(time.Minute)
		if !w.page.update.ended() {
			t.Error("the update goes on without its deck")
		}
	})
}
