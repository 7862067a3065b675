package binding

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/kubetest"
	"vmdeck.dev/vmdeck/rbac"
)

// bench is a set of namespaces and a rule for them, named after the moment so that runs do not meet.
type bench struct {
	*testing.T
	admin *kube.Cluster
	id    string
	rule  rbac.BindingRule
}

func newBench(t *testing.T) *bench {
	b := &bench{T: t, admin: kubetest.Connect(t, "cluster-admin"), id: fmt.Sprintf("sync-%d", time.Now().UnixNano()%1e9)}
	b.rule = rbac.BindingRule{
		Name: b.id, RoleKind: rbac.KindClusterRole, RoleName: rbac.RoleUser, Namespaces: []string{"/^" + b.id + "-/"}, Lists: true,
		Subjects: []rbac.Subject{user(b.id + "-alice"), {Kind: rbacv1.GroupKind, Name: b.id + "-devs"}, {Kind: rbacv1.ServiceAccountKind, Namespace: "default", Name: b.id + "-bot"}},
	}
	t.Cleanup(func() { _ = Apply(context.Background(), b.admin, rbac.Removal(b.rule, b.read().World), nil) })
	return b
}

func (b *bench) namespace(suffix string) string {
	b.Helper()
	name := b.id + "-" + suffix
	if _, err := b.admin.Core().Namespaces().Create(b.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = b.admin.Core().Namespaces().Delete(context.Background(), name, metav1.DeleteOptions{}) })
	return name
}

func (b *bench) read() World {
	b.Helper()
	w, err := Read(context.Background(), b.admin)
	if err != nil {
		b.Fatal(err)
	}
	return w
}

func (b *bench) plan() rbac.Plan {
	b.Helper()
	p, err := rbac.NewPlan(b.rule, b.read().World)
	if err != nil {
		b.Fatal(err)
	}
	return p
}

// sync plans, applies, verifies by access reviews and returns the plan. Nothing must be left to do afterwards.
func (b *bench) sync(wantLines int) rbac.Plan {
	b.Helper()
	p := b.plan()
	if len(p.Lines()) != wantLines {
		b.Fatalf("the plan has %d lines, want %d:\n%s", len(p.Lines()), wantLines, strings.Join(p.Lines(), "\n"))
	}
	var events []string
	if err := Apply(b.Context(), b.admin, p, func(s Step) { events = append(events, s.String()) }); err != nil {
		b.Fatal(err)
	}
	if len(events) != 2*(len(p.Create)+len(p.Change)+len(p.Remove)) {
		b.Errorf("events %q", events)
	}
	for _, failed := range Verify(b.Context(), b.admin, p, Needs()).Failed() {
		b.Errorf("after the plan: %+v", failed)
	}
	if again := b.plan(); !again.Empty() {
		b.Errorf("after the plan there is more to do:\n%s", strings.Join(again.Lines(), "\n"))
	}
	return p
}

// TestIntegrationC4PatternLivesOn takes a rule through what happens to a cluster.
func TestIntegrationC4PatternLivesOn(t *testing.T) {
	b := newBench(t)
	first := b.namespace("a")
	alice := b.rule.Subjects[0]
	may := func(namespace string) bool {
		d, err := reviewAll(t.Context(), b.admin, b.admin.Authorization(), alice.Who(), namespace, permsOf(t, "start"))
		if err != nil {
			t.Fatal(err)
		}
		return d.Allowed()
	}
	// C1, C2, C3: the persona in the namespace and the two list bindings cluster-wide, for user, group and account.
	if p := b.sync(3); len(p.Create) != 3 || !may(first) {
		t.Errorf("the first plan: %q, alice may start: %v", p.Lines(), may(first))
	}
	for _, role := range rbac.EveryUser() {
		for _, s := range b.rule.Subjects {
			if d, err := reviewAll(t.Context(), b.admin, b.admin.Authorization(), s.Who(), "", role.Rules().Permissions()); err != nil || !d.Allowed() {
				t.Errorf("C1: %s has not %s: %v %v", s, role.Name, d.Reason, err)
			}
		}
	}
	// C4: a namespace made later gets its binding with the next run.
	second := b.namespace("b")
	if may(second) {
		t.Error("alice may act in a namespace that was not synced")
	}
	if p := b.sync(1); len(p.Create) != 1 || p.Create[0].Namespace != second {
		t.Errorf("the second plan: %q", p.Lines())
	}
	// Another set of subjects changes the bindings in place; another role replaces them.
	b.rule.Subjects = b.rule.Subjects[:2]
	if p := b.sync(4); len(p.Change) != 4 {
		t.Errorf("the third plan: %q", p.Lines())
	}
	b.rule.RoleName = rbac.RoleViewer
	if p := b.sync(2); len(p.Change) != 2 || !p.Change[0].Recreate || may(first) {
		t.Errorf("the fourth plan: %q", p.Lines())
	}
	// C4: what no longer matches loses its binding.
	b.rule.Namespaces = []string{"/^" + b.id + "-b$/"}
	if p := b.sync(1); len(p.Remove) != 1 || p.Remove[0].Namespace != first {
		t.Errorf("the fifth plan: %q", p.Lines())
	}
	if left := b.read().Bindings; slices.ContainsFunc(left, func(x rbac.Binding) bool { return x.Namespace == first && x.Rule == b.rule.Name }) {
		t.Error("the binding is still there")
	}
}

// TestIntegrationForeignBindingIsLeftAlone: before the plan, and when it appears between plan and apply.
func TestIntegrationForeignBindingIsLeftAlone(t *testing.T) {
	b := newBench(t)
	b.rule.Lists = false
	namespace := b.namespace("a")
	late := b.plan()
	foreign := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "vmdeck-" + b.rule.Name}, Subjects: []rbacv1.Subject{user("somebody").Object()},
		RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: rbac.RoleUser},
	}
	made, err := b.admin.RBAC().RoleBindings(namespace).Create(t.Context(), foreign, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := Apply(t.Context(), b.admin, late, nil); err == nil || !strings.Contains(err.Error(), "left alone") {
		t.Errorf("a plan that came late: %v", err)
	}
	p := b.plan()
	if len(p.Conflicts) != 1 || !p.Empty() {
		t.Errorf("plan %q", p.Lines())
	}
	if err := Apply(t.Context(), b.admin, p, nil); err != nil {
		t.Error(err)
	}
	after, err := b.admin.RBAC().RoleBindings(namespace).Get(t.Context(), foreign.Name, metav1.GetOptions{})
	if err != nil || after.ResourceVersion != made.ResourceVersion {
		t.Errorf("the binding was touched: %v, %v", after, err)
	}
}

// TestIntegrationApplyRefused explains what a user without the rights is told, before anything is done.
func TestIntegrationApplyRefused(t *testing.T) {
	b := newBench(t)
	b.rule.Lists = false
	namespace := b.namespace("a")
	binder := user(b.id + "-binder")
	role := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: "binder"}, Rules: []rbacv1.PolicyRule{{
		Verbs: []string{"get", "list", "create", "patch", "update", "delete"}, APIGroups: []string{rbac.GroupRBAC}, Resources: []string{"rolebindings"},
	}}}
	if _, err := b.admin.RBAC().Roles(namespace).Create(t.Context(), role, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	grant := &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "binder"}, Subjects: []rbacv1.Subject{binder.Object()}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "binder"}}
	if _, err := b.admin.RBAC().RoleBindings(namespace).Create(t.Context(), grant, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	check := Check{Subject: binder, Namespace: namespace, Want: rbac.Allowed}
	if check.ask(t.Context(), b.admin, b.admin.Authorization(), on("create", rbac.GroupRBAC, "rolebindings"), make(chan struct{}, 1)); !check.OK() {
		t.Fatal(check.Err)
	}
	for _, tt := range []struct {
		name string
		who  rbac.Subject
		want []string
	}{
		{"may bind and lacks the rights", binder, []string{"nobody may hand out rights that they lack", "get, list, watch pods", "more rules", `bind on clusterroles "spectro-vm-user"`}},
		{"may not bind", user(b.id + "-other"), []string{"not permitted"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cluster, err := as(t.Context(), b.admin, tt.who.Who())
			if err != nil {
				t.Fatal(err)
			}
			err = Apply(t.Context(), cluster, b.plan(), func(s Step) {
				if !s.DryRun {
					t.Errorf("something was done for good: %s", s)
				}
			})
			for _, want := range tt.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("said %q, want %q", err, want)
				}
			}
		})
	}
	// The catalogue's administrator holds bind on its roles, and so may hand out more than it has.
	if err := Apply(t.Context(), kubetest.Connect(t, "vm-admin"), b.plan(), nil); err != nil {
		t.Errorf("vm-admin: %v", err)
	}
}
