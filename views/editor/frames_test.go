package editor

import (
	"fmt"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/deck"
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

var frames = []struct {
	name    string
	setting setting
	act     func(w *world)
}{
	{"edit-empty", setting{}, func(w *world) { w.Keys("esc") }},
	{"edit-roles", setting{}, func(w *world) { w.Keys("down", "down") }},
	{"edit-filled", setting{}, func(w *world) { w.fill() }},
	{"edit-existing", setting{rule: deck.EditRule{Rule: bind("devs", rbac.RoleUser, "team-a", "/^team-/"), Exists: true}, prepare: existing}, func(*world) {}},
	{"edit-subject-completion", setting{}, func(w *world) {
		w.Type("vm-user")
		w.Keys("enter")
		w.Type("o")
		w.Keys("down")
	}},
	{"edit-subject-errors", setting{}, func(w *world) {
		w.Type("vm-user")
		w.Keys("enter")
		for _, s := range []string{"alice", "sa:builder", "alice", "group:system:authenticated"} {
			w.Type(s)
			w.Keys("enter")
		}
	}},
	{"edit-pattern", setting{}, func(w *world) {
		w.toNamespaces()
		w.Type("/^kube|^team-[ab]/")
	}},
	{"edit-pattern-error", setting{}, func(w *world) {
		w.toNamespaces()
		w.Type("/^team-(a|b/")
	}},
	{"edit-cluster", setting{}, func(w *world) {
		w.fill()
		w.Keys("ctrl+t")
	}},
	{"edit-cluster-refused", setting{group: "shared"}, func(w *world) {
		w.fill()
		w.Keys("ctrl+t")
	}},
	{"edit-refused", setting{}, func(w *world) { w.Keys("ctrl+s") }},
	{"edit-discard", setting{}, func(w *world) {
		w.Type("vm-user")
		w.Keys("enter", "esc")
	}},
	{"review", setting{}, func(w *world) {
		w.fill()
		w.review()
	}},
	{"review-losses", setting{rule: deck.EditRule{Rule: bind("devs", rbac.RoleViewer, "team-a"), Exists: true}, prepare: existing}, func(w *world) { w.review() }},
	{"review-refused", setting{rule: deck.EditRule{Rule: bind("devs", rbac.RoleUser, "team-a")}, prepare: binders, noStore: true}, func(w *world) { w.review() }},
	{"review-nothing", setting{rule: deck.EditRule{Rule: rbac.BindingRule{Name: "devs", RoleKind: rbac.KindClusterRole, RoleName: rbac.RolePowerUser,
		Subjects: []rbac.Subject{alice, ops}, Namespaces: []string{"team-a", "team-b"}}, Exists: true}, prepare: existing}, func(w *world) { w.review() }},
	{"review-confirm", setting{rule: deck.EditRule{Rule: bind("devs", rbac.RoleViewer, "team-a"), Exists: true}, prepare: existing}, func(w *world) {
		w.review()
		w.Keys("enter")
	}},
	{"run-updating", setting{}, func(w *world) {
		w.fill()
		w.review()
		w.api.HangReviews()
		w.confirm()
		w.Pass(3 * time.Second)
	}},
	{"run-running", setting{}, func(w *world) {
		w.fill()
		w.review()
		w.confirm()
	}},
	{"run-failed", setting{}, func(w *world) {
		w.fill()
		w.review()
		w.api.Put(fakeapi.Bound("team-b", "vmdeck-vm-user-alice", rbac.RoleViewer, alice))
		w.confirm()
		w.Keys("esc")
	}},
	{"run-failed-question", setting{}, func(w *world) {
		w.fill()
		w.review()
		w.api.Put(fakeapi.Bound("team-b", "vmdeck-vm-user-alice", rbac.RoleViewer, alice))
		w.confirm()
	}},
	{"group-edit", production(), func(w *world) {
		w.fill()
		w.Keys("down", "space")
	}},
	{"group-review", production(), func(w *world) {
		w.fill()
		w.toAll()
		w.review()
	}},
	{"group-review-partial", setting{group: "production", others: []string{"east", "gone", "west"}, frozen: "west"}, func(w *world) {
		w.fill()
		w.toAll()
		w.review()
	}},
	{"group-confirm-partial", setting{group: "production", others: []string{"east", "gone"}}, func(w *world) {
		w.fill()
		w.toAll()
		w.review()
		w.Keys("enter")
	}},
	{"group-run-updating", production(), func(w *world) {
		w.fill()
		w.toAll()
		w.review()
		w.all["west"].HangReviews()
		w.confirm()
		w.Pass(3 * time.Second)
	}},
	{"group-run-partial", setting{group: "production", others: []string{"east", "gone", "west"}}, func(w *world) {
		w.fill()
		w.toAll()
		w.review()
		w.failInTheMidst()
		w.confirm()
		w.Pass(2 * time.Second)
		w.Keys("esc")
	}},
	{"run-differences", setting{rule: deck.EditRule{Rule: bind("devs", rbac.RoleViewer, "team-a"), Exists: true}, prepare: func(api *fakeapi.Server) {
		existing(api)
	}}, func(w *world) {
		w.review()
		w.api.Put(fakeapi.ClusterRole("starter", rbacv1.PolicyRule{Verbs: []string{"update"}, APIGroups: []string{rbac.GroupSubresources}, Resources: []string{"virtualmachines/start", "virtualmachines/stop"}}))
		w.api.Put(fakeapi.Bound("team-a", "alice-after-all", "starter", alice))
		w.confirm()
		w.Pass(time.Minute)
	}},
}

func TestFrames(t *testing.T) {
	for _, f := range frames {
		for _, size := range []struct{ w, h int }{{80, 24}, {120, 40}} {
			t.Run(fmt.Sprintf("%s/%dx%d", f.name, size.w, size.h), func(t *testing.T) {
				s := f.setting
				s.w, s.h = size.w, size.h
				inWorld(t, s, func(w *world) {
					f.act(w)
					w.Golden()
				})
			})
		}
	}
}

// toNamespaces fills in role and subject and goes to the first namespace.
func (w *world) toNamespaces() {
	w.T.Helper()
	w.Type("vm-user")
	w.Keys("enter")
	w.Type("alice")
	w.Keys("enter", "enter")
}
