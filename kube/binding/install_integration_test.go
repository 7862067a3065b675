package binding

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/kubetest"
	"vmdeck.dev/vmdeck/rbac"
)

type entries []config.AuditEntry

func (e *entries) Write(entry config.AuditEntry) error { *e = append(*e, entry); return nil }

func keeperAs(t *testing.T, identity string) (*Keeper, *entries) {
	log := &entries{}
	return &Keeper{Cluster: kubetest.Connect(t, identity), Audit: log, User: func() string { return identity }}, log
}

func planRoles(t *testing.T, c *kube.Cluster, names ...string) RolePlan {
	t.Helper()
	plan, err := PlanRoles(t.Context(), c, names...)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// drift gives the user's role another rule and takes one away, as somebody else's tool does, and puts it back after the test.
func drift(t *testing.T, admin *kube.Cluster, manager string) {
	t.Helper()
	roles := admin.RBAC().ClusterRoles()
	before, err := roles.Get(t.Context(), rbac.RoleUser, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	changed := before.DeepCopy()
	changed.Rules = append(changed.Rules[:len(changed.Rules)-1], rule("get", "", "secrets"))
	if _, err := roles.Update(t.Context(), changed, metav1.UpdateOptions{FieldManager: manager}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		now, err := roles.Get(context.Background(), rbac.RoleUser, metav1.GetOptions{})
		if err == nil && !sameRules(now.Rules, before.Rules) {
			now.Rules = before.Rules
			_, err = roles.Update(context.Background(), now, metav1.UpdateOptions{FieldManager: manager})
		}
		if err != nil {
			t.Errorf("put %s back: %v", rbac.RoleUser, err)
		}
	})
}

// TestIntegrationB1InstallMissingAndDrifted: a role that somebody else's tool has changed is overwritten only on demand, and one that
// is gone is made anew.
func TestIntegrationB1InstallMissingAndDrifted(t *testing.T) {
	keeper, log := keeperAs(t, "cluster-admin")
	if plan := planRoles(t, keeper.Cluster); plan.Pending() || len(plan.Changes) != 6 {
		t.Fatalf("the seed has other roles than the catalogue:\n%s", strings.Join(plan.Lines(), "\n"))
	}
	drift(t, keeper.Cluster, "kubectl-edit")
	plan := planRoles(t, keeper.Cluster)
	i := slices.IndexFunc(plan.Changes, func(c RoleChange) bool { return c.Role.Name == rbac.RoleUser })
	change := plan.Changes[i]
	if change.Standing != Differs || !strings.Contains(change.Owner, "kubectl-edit") || !slices.Equal(change.More, []string{"get secrets"}) || len(change.Less) == 0 {
		t.Errorf("the drifted role: %+v", change)
	}
	err := keeper.InstallRoles(t.Context(), plan, InstallOptions{}, func(s RoleStep) {
		if !s.DryRun || !s.Conflict() {
			t.Errorf("without the wish to overwrite: %s", s)
		}
	})
	if err == nil || !strings.Contains(err.Error(), `kept by kubectl-edit`) {
		t.Errorf("a conflict: %v", err)
	}
	if !planRoles(t, keeper.Cluster).Pending() {
		t.Fatal("the role was overwritten without asking")
	}
	var said []string
	overwrite := InstallOptions{Overwrite: []string{rbac.RoleUser}}
	if err := keeper.InstallRoles(t.Context(), plan, overwrite, func(s RoleStep) { said = append(said, s.String()) }); err != nil {
		t.Fatal(err)
	}
	if len(said) != 2 || !strings.Contains(said[1], "done, and read back") {
		t.Errorf("steps %q", said)
	}
	if last := (*log)[len(*log)-1]; last.Action != "change" || last.Name != "ClusterRole/"+rbac.RoleUser || last.DryRun || last.Result != "accepted" {
		t.Errorf("audit %+v", last)
	}
	if after := planRoles(t, keeper.Cluster); after.Pending() || ownerIn(after, rbac.RoleUser) != "" {
		t.Errorf("after overwriting:\n%s\nowner %q", strings.Join(after.Lines(), "\n"), ownerIn(after, rbac.RoleUser))
	}
	if err := keeper.InstallRoles(t.Context(), plan, overwrite, nil); err == nil || !strings.Contains(err.Error(), "somebody has changed it since") {
		t.Errorf("a plan that is late: %v", err)
	}
	if err := keeper.Cluster.RBAC().ClusterRoles().Delete(t.Context(), rbac.RoleListVMTemplates, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := keeper.InstallRoles(t.Context(), planRoles(t, keeper.Cluster), InstallOptions{}, nil); err != nil {
		t.Fatal(err)
	}
	if after := planRoles(t, keeper.Cluster); after.Pending() {
		t.Errorf("after installing what was missing:\n%s", strings.Join(after.Lines(), "\n"))
	}
}

func ownerIn(plan RolePlan, name string) string {
	for _, c := range plan.Changes {
		if c.Role.Name == name {
			return c.Owner
		}
	}
	return "not in the plan"
}

// TestIntegrationB1InstallRefused: neither the catalogue's administrator nor a power user writes cluster roles, and who may write them
// hands out nothing that they lack.
func TestIntegrationB1InstallRefused(t *testing.T) {
	admin := kubetest.Connect(t, "cluster-admin")
	drift(t, admin, FieldManager)
	plan := planRoles(t, admin)
	for identity, want := range map[string]string{"vm-admin": "change ClusterRole spectro-vm-user: not permitted", "power-user": "change ClusterRole spectro-vm-user: not permitted"} {
		keeper, log := keeperAs(t, identity)
		err := keeper.InstallRoles(t.Context(), plan, InstallOptions{Overwrite: rbac.Names()}, func(s RoleStep) {
			if !s.DryRun {
				t.Errorf("%s: something was done for good: %s", identity, s)
			}
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s was told %v, want %q", identity, err, want)
		}
		if len(*log) != 1 || (*log)[0].Result != "failed" {
			t.Errorf("%s: audit %+v", identity, *log)
		}
	}
	if _, err := PlanRoles(t.Context(), kubetest.Connect(t, "power-user")); err == nil {
		t.Error("a power user, who may not read cluster roles, has a plan")
	}
	keeper, _ := keeperAs(t, "cluster-admin")
	author := roleAuthor(t, admin)
	other, err := as(t.Context(), admin, author.Who())
	if err != nil {
		t.Fatal(err)
	}
	err = (&Keeper{Cluster: other}).InstallRoles(t.Context(), plan, InstallOptions{Overwrite: rbac.Names()}, nil)
	for _, want := range []string{"nobody may write a role that grants what they lack", "get, list, watch", `escalate on clusterroles "spectro-vm-user"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("who may write cluster roles and no more was told %v, want %q", err, want)
		}
	}
	keeper.ReadOnly = "read-only"
	if err := keeper.InstallRoles(t.Context(), plan, InstallOptions{}, nil); err == nil || !strings.Contains(err.Error(), "nothing was changed: read-only") {
		t.Errorf("read-only: %v", err)
	}
}

// roleAuthor is a user who may write cluster roles and has no other right.
func roleAuthor(t *testing.T, admin *kube.Cluster) rbac.Subject {
	t.Helper()
	name := fmt.Sprintf("author-%d", time.Now().UnixNano()%1e9)
	author := user(name)
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: []rbacv1.PolicyRule{rule("get,list,create,patch", rbac.GroupRBAC, "clusterroles")}}
	if _, err := admin.RBAC().ClusterRoles().Create(t.Context(), role, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.RBAC().ClusterRoles().Delete(context.Background(), name, metav1.DeleteOptions{}) })
	bound := &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: name}, Subjects: []rbacv1.Subject{author.Object()},
		RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name}}
	if _, err := admin.RBAC().ClusterRoleBindings().Create(t.Context(), bound, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = admin.RBAC().ClusterRoleBindings().Delete(context.Background(), name, metav1.DeleteOptions{})
	})
	check := Check{Subject: author, Want: rbac.Allowed}
	if check.ask(t.Context(), admin, admin.Authorization(), on("patch", rbac.GroupRBAC, "clusterroles"), make(chan struct{}, 1)); !check.OK() {
		t.Fatal(check.Err)
	}
	return author
}
