package check

import (
	"context"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

// TestIntegrationD2BreakRoles: a role that drifts or goes turns its own check, and those of the people who have it.
func TestIntegrationD2BreakRoles(t *testing.T) {
	const id, user = "roles.catalogue/" + rbac.RoleUser, "access.personas/User user"
	t.Run("more", func(t *testing.T) {
		c := newCluster(t)
		role := c.role(rbac.RoleUser)
		c.breaks(func() {
			role.Rules = append(role.Rules, rbacv1.PolicyRule{Verbs: []string{"delete"}, APIGroups: []string{rbac.GroupKubeVirt}, Resources: []string{"virtualmachines"}})
			_, err := c.admin.RBAC().ClusterRoles().Update(c.Context(), role, metav1.UpdateOptions{})
			c.must(err)
		}, map[string]Verdict{id: Warn, user: Warn}, id, c.install)
	})
	t.Run("less", func(t *testing.T) {
		c := newCluster(t)
		role := c.role(rbac.RoleUser)
		c.breaks(func() {
			role.Rules = role.Rules[1:]
			_, err := c.admin.RBAC().ClusterRoles().Update(c.Context(), role, metav1.UpdateOptions{})
			c.must(err)
		}, map[string]Verdict{id: Fail, user: Fail}, id, c.install)
	})
	t.Run("gone", func(t *testing.T) {
		c := newCluster(t)
		c.role(rbac.RoleUser)
		c.breaks(func() {
			c.must(c.admin.RBAC().ClusterRoles().Delete(c.Context(), rbac.RoleUser, metav1.DeleteOptions{}))
		}, map[string]Verdict{id: Fail, user: Fail, "bindings.orphans": Fail}, "bindings.orphans", c.install)
	})
}

// TestIntegrationD2BreakBindings: orphans, surplus rights, and C1's list bindings.
func TestIntegrationD2BreakBindings(t *testing.T) {
	roleBinding := func(name, role, user string) *rbacv1.RoleBinding {
		return &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: name}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
			Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: user}},
		}
	}
	for name, tt := range map[string]struct{ role, turns string }{
		"orphan":  {"check-test-gone", "bindings.orphans"},
		"surplus": {"admin", "access.personas/User viewer"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t)
			bindings := c.admin.RBAC().RoleBindings("team-b")
			remove := func() { _ = bindings.Delete(context.Background(), "check-test", metav1.DeleteOptions{}) }
			c.Cleanup(remove)
			c.breaks(func() {
				_, err := bindings.Create(c.Context(), roleBinding("check-test", tt.role, "viewer"), metav1.CreateOptions{})
				c.must(err)
			}, map[string]Verdict{tt.turns: Warn}, tt.turns, func(r Result) {
				all := strings.Join(append(r.Evidence, r.Fix.Command), "\n")
				if name == "orphan" && !strings.Contains(all, "kubectl delete rolebinding check-test -n team-b") ||
					name == "surplus" && !strings.Contains(all, "surplus in team-b: start") {
					c.Errorf("it says\n%s", all)
				}
				if _, ok := r.Fix.Open.(ShowBindings); !ok {
					c.Errorf("the fix opens %+v", r.Fix.Open)
				}
				remove()
			})
		})
	}
	t.Run("C1", func(t *testing.T) {
		c := newCluster(t)
		bindings, name, id := c.admin.RBAC().ClusterRoleBindings(), "viewer-"+rbac.RoleListNamespaces, "bindings.lists/"+rbac.RoleListNamespaces
		before, err := bindings.Get(c.Context(), name, metav1.GetOptions{})
		c.must(err)
		before.ResourceVersion, before.UID = "", ""
		c.Cleanup(func() {
			_, err := bindings.Create(context.Background(), before, metav1.CreateOptions{})
			c.must(err)
		})
		// Whoever works in single namespaces lacks it from the start, which is a warning; the fix gives it to them too.
		guest := &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "check-test"}, RoleRef: before.RoleRef,
			Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: "namespace-only"}}}
		_, err = bindings.Create(c.Context(), guest, metav1.CreateOptions{})
		c.must(err)
		c.Cleanup(func() { _ = bindings.Delete(context.Background(), "check-test", metav1.DeleteOptions{}) })
		await(t, func() bool { now, _ := c.verdicts(); return now[id] == Pass }, func() { c.Errorf("%s does not pass", id) })
		c.breaks(func() {
			c.must(bindings.Delete(c.Context(), name, metav1.DeleteOptions{}))
		}, map[string]Verdict{id: Fail}, id, c.apply)
	})
}

// TestIntegrationD2BreakRules: somebody who deletes a rule's binding turns the rule's check, and that of the people in it.
func TestIntegrationD2BreakRules(t *testing.T) {
	c := newCluster(t)
	c.must(binding.InstallStore(c.Context(), c.admin, false))
	store := binding.ClusterStore(c.admin)
	rule := rbac.BindingRule{Name: "check-test", RoleKind: rbac.KindClusterRole, RoleName: rbac.RoleUser, Namespaces: []string{"team-b"},
		Subjects: []rbac.Subject{rbac.SubjectOf("check-test")}, Lists: true}
	saved, err := store.Save(c.Context(), rule, "")
	c.must(err)
	c.Cleanup(func() { c.must(store.Delete(context.Background(), saved)) })
	c.apply(Result{Fix: Fix{Open: EditRule{Rule: rule}}})
	const id, person = "bindings.rules/check-test", "access.personas/User check-test"
	await(t, func() bool { now, _ := c.verdicts(); return now[id] == Pass && now[person] == Pass }, func() { c.Error("the rule does not pass") })
	c.breaks(func() {
		c.must(c.admin.RBAC().RoleBindings("team-b").Delete(c.Context(), "vmdeck-check-test", metav1.DeleteOptions{}))
	}, map[string]Verdict{id: Fail, person: Fail}, id, c.apply)
}
