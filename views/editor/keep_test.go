package editor

import (
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// withoutRules makes the user an administrator of everything but certain things with binding rules.
func withoutRules(verbs ...string) func(*fakeapi.Server) {
	return func(api *fakeapi.Server) {
		api.Put(fakeapi.ClusterRole("no-rules",
			rbacv1.PolicyRule{Verbs: []string{"*"}, APIGroups: []string{"", rbac.GroupRBAC, rbac.GroupKubeVirt, rbac.GroupSubresources, "apiextensions.k8s.io", "authorization.k8s.io"}, Resources: []string{"*"}},
			rbacv1.PolicyRule{Verbs: verbs, APIGroups: []string{rbac.GroupVMDeck}, Resources: []string{"rolebindingrules"}}))
		api.Put(fakeapi.Bound("", "no-rules", "no-rules", rbac.SubjectOf("bob")))
		api.Login("bob")
	}
}

func TestC4ARuleWithAPatternIsKeptUnlessSomebodySaysNo(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.toNamespaces()
		w.Type("team-a")
		w.Contains("□ store the rule in the cluster")
		w.Keys("enter")
		w.Type("/^team-/")
		w.Contains("■ store the rule in the cluster")
	})
}

// A sync would take the bindings of one that is not stored for leftovers.
func TestWhereRulesAreKeptEachNewOneIs(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.Keys("esc")
		w.Contains("□ store the rule in the cluster")
		if _, err := w.deck.Keeper.Save(w.deck.Context(), bind("others", rbac.RoleUser, "team-b"), ""); err != nil {
			t.Fatal(err)
		}
		w.deck.Reread()
		w.Pass(time.Second)
		w.Contains("■ store the rule in the cluster")
	})
}

func TestWithoutRightsToTheStoreTheReasonIsShort(t *testing.T) {
	rule := deck.EditRule{Rule: bind("", rbac.RoleUser, "/^team-/")}
	inWorld(t, setting{rule: rule, prepare: withoutRules("get")}, func(w *world) {
		w.Contains("□ store the rule in the cluster")
		w.Says("▲ You may not read the stored rules (needs list rolebindingrules (vmdeck.dev)).")
		w.Lacks("forbidden")
	})
	inWorld(t, setting{rule: rule, prepare: withoutRules("list", "watch")}, func(w *world) {
		w.Contains("□ store the rule in the cluster")
		w.Says("▲ You may not store rules (needs create rolebindingrules (vmdeck.dev)).")
	})
}
