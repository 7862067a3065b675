package editor

import (
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// bind is a rule that is complete.
func bind(name, role string, namespaces ...string) rbac.BindingRule {
	return rbac.BindingRule{Name: name, RoleKind: rbac.KindClusterRole, RoleName: role, Subjects: []rbac.Subject{alice, ops}, Namespaces: namespaces, Lists: true}
}

// existing is a rule of the cluster with its bindings in team-a and team-b.
func existing(api *fakeapi.Server) {
	for _, namespace := range []string{"team-a", "team-b"} {
		api.Put(fakeapi.BindingObject(rbac.Binding{Namespace: namespace, Name: "vmdeck-devs", Rule: "devs",
			Role: rbac.RoleRef{Kind: rbac.KindClusterRole, Name: rbac.RolePowerUser}, Subjects: []rbac.Subject{alice, ops}}))
	}
}

// binders are people who may write bindings and have no other right: the server lets them hand out nothing.
func binders(api *fakeapi.Server) {
	api.Put(fakeapi.ClusterRole("binder", rbac.Rules{
		{Verbs: []string{"get", "list", "watch", "create", "patch", "delete"}, APIGroups: []string{rbac.GroupRBAC}, Resources: []string{"rolebindings", "clusterrolebindings", "roles", "clusterroles"}},
		{Verbs: []string{"get", "list", "watch"}, APIGroups: []string{""}, Resources: []string{"namespaces"}},
	}...))
	api.Put(fakeapi.Bound("", "binders", "binder", rbac.SubjectOf("bob")))
	api.Login("bob")
}

var frames = []drive.Frame[setting, *world]{
	{Name: "edit-empty", Setting: setting{}, Do: func(w *world) { w.Keys("esc") }},
	{Name: "edit-roles", Setting: setting{}, Do: func(w *world) { w.Keys("down", "down") }},
	{Name: "edit-filled", Setting: setting{}, Do: func(w *world) { w.fill() }},
	{Name: "edit-existing", Setting: setting{rule: deck.EditRule{Rule: bind("devs", rbac.RoleUser, "team-a", "/^team-/"), Exists: true}, prepare: existing}, Do: func(*world) {}},
	{Name: "edit-subject-completion", Setting: setting{}, Do: func(w *world) {
		w.Type("vm-user")
		w.Keys("enter")
		w.Type("o")
		w.Keys("down")
	}},
	{Name: "edit-subject-errors", Setting: setting{}, Do: func(w *world) {
		w.Type("vm-user")
		w.Keys("enter")
		for _, s := range []string{"alice", "sa:builder", "alice", "group:system:authenticated"} {
			w.Type(s)
			w.Keys("enter")
		}
	}},
	{Name: "edit-pattern", Setting: setting{}, Do: func(w *world) {
		w.toNamespaces()
		w.Type("/^kube|^team-[ab]/")
	}},
	{Name: "edit-pattern-error", Setting: setting{}, Do: func(w *world) {
		w.toNamespaces()
		w.Type("/^team-(a|b/")
	}},
	{Name: "edit-cluster", Setting: setting{}, Do: func(w *world) {
		w.fill()
		w.Keys("ctrl+t")
	}},
	{Name: "edit-cluster-refused", Setting: setting{group: "shared"}, Do: func(w *world) {
		w.fill()
		w.Keys("ctrl+t")
	}},
	{Name: "edit-refused", Setting: setting{}, Do: func(w *world) { w.Keys("ctrl+s") }},
	{Name: "edit-discard", Setting: setting{}, Do: func(w *world) {
		w.Type("vm-user")
		w.Keys("enter", "esc")
	}},
	{Name: "review", Setting: setting{}, Do: func(w *world) {
		w.fill()
		w.review()
	}},
	{Name: "review-losses", Setting: setting{rule: deck.EditRule{Rule: bind("devs", rbac.RoleViewer, "team-a"), Exists: true}, prepare: existing}, Do: func(w *world) { w.review() }},
	{Name: "review-refused", Setting: setting{rule: deck.EditRule{Rule: bind("devs", rbac.RoleUser, "team-a")}, prepare: binders, noStore: true}, Do: func(w *world) { w.review() }},
	{Name: "review-nothing", Setting: setting{rule: deck.EditRule{Rule: rbac.BindingRule{Name: "devs", RoleKind: rbac.KindClusterRole, RoleName: rbac.RolePowerUser,
		Subjects: []rbac.Subject{alice, ops}, Namespaces: []string{"team-a", "team-b"}}, Exists: true}, prepare: existing}, Do: func(w *world) { w.review() }},
	{Name: "review-confirm", Setting: setting{rule: deck.EditRule{Rule: bind("devs", rbac.RoleViewer, "team-a"), Exists: true}, prepare: existing}, Do: func(w *world) {
		w.review()
		w.Keys("enter")
	}},
	{Name: "run-updating", Setting: setting{}, Do: func(w *world) {
		w.fill()
		w.review()
		w.api.HangReviews()
		w.confirm()
		w.Pass(3 * time.Second)
	}},
	{Name: "run-running", Setting: setting{}, Do: func(w *world) {
		w.fill()
		w.review()
		w.confirm()
	}},
	{Name: "run-failed", Setting: setting{}, Do: func(w *world) {
		w.fill()
		w.review()
		w.api.Put(fakeapi.Bound("team-b", "vmdeck-vm-user-alice", rbac.RoleViewer, alice))
		w.confirm()
		w.Keys("esc")
	}},
	{Name: "run-failed-question", Setting: setting{}, Do: func(w *world) {
		w.fill()
		w.review()
		w.api.Put(fakeapi.Bound("team-b", "vmdeck-vm-user-alice", rbac.RoleViewer, alice))
		w.confirm()
	}},
	{Name: "group-edit", Setting: production(), Do: func(w *world) {
		w.fill()
		w.Keys("down", "space")
	}},
	{Name: "group-review", Setting: production(), Do: func(w *world) {
		w.fill()
		w.toAll()
		w.review()
	}},
	{Name: "group-review-partial", Setting: setting{group: "production", others: []string{"east", "gone", "west"}, frozen: "west"}, Do: func(w *world) {
		w.fill()
		w.toAll()
		w.review()
	}},
	{Name: "group-confirm-partial", Setting: setting{group: "production", others: []string{"east", "gone"}}, Do: func(w *world) {
		w.fill()
		w.toAll()
		w.review()
		w.Keys("enter")
	}},
	{Name: "group-run-updating", Setting: production(), Do: func(w *world) {
		w.fill()
		w.toAll()
		w.review()
		w.all["west"].HangReviews()
		w.confirm()
		w.Pass(3 * time.Second)
	}},
	{Name: "group-run-partial", Setting: setting{group: "production", others: []string{"east", "gone", "west"}}, Do: func(w *world) {
		w.fill()
		w.toAll()
		w.review()
		w.failInTheMidst()
		w.confirm()
		w.Pass(2 * time.Second)
		w.Keys("esc")
	}},
	{Name: "run-differences", Setting: setting{rule: deck.EditRule{Rule: bind("devs", rbac.RoleViewer, "team-a"), Exists: true}, prepare: func(api *fakeapi.Server) {
		existing(api)
	}}, Do: func(w *world) {
		w.review()
		w.api.Put(fakeapi.ClusterRole("starter", rbacv1.PolicyRule{Verbs: []string{"update"}, APIGroups: []string{rbac.GroupSubresources}, Resources: []string{"virtualmachines/start", "virtualmachines/stop"}}))
		w.api.Put(fakeapi.Bound("team-a", "alice-after-all", "starter", alice))
		w.confirm()
		w.Pass(time.Minute)
	}},
}

func TestFrames(t *testing.T) { drive.Goldens(t, inWorld, frames) }

// toNamespaces fills in role and subject and goes to the first namespace.
func (w *world) toNamespaces() {
	w.T.Helper()
	w.Type("vm-user")
	w.Keys("enter")
	w.Type("alice")
	w.Keys("enter", "enter")
}
