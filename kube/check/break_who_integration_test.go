package check

import (
	"context"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

// TestIntegrationC7BreakPersonas: without any binding nobody may use VMs, and there is nobody left whose rights could be looked at. The
// rule that the fix opens makes the first one who may.
func TestIntegrationC7BreakPersonas(t *testing.T) {
	const id = "bindings.personas"
	c := newCluster(t)
	// With a VM in it a namespace stays one for VMs without anybody who has rights there.
	const vms = "/apis/kubevirt.io/v1/namespaces/team-b/virtualmachines"
	c.create(vms, map[string]any{"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": map[string]any{"name": "check-test"}, "spec": machineSpec()})
	c.Cleanup(func() {
		c.remove(vms + "/check-test")
		await(t, func() bool { return c.gone(vms + "/check-test") }, func() { c.Error("the VM stays") })
	})
	wanted := map[string]Verdict{id: Fail, "bindings.lists": NotApplicable, "access.personas": NotApplicable}
	before, _ := c.verdicts()
	for was := range before {
		if strings.HasPrefix(was, "bindings.lists/") || strings.HasPrefix(was, "access.personas/") {
			wanted[was] = "gone"
		}
	}
	if before[id] != Pass || len(wanted) < 3+len(rbac.EveryUser())+1 {
		t.Fatalf("before: %v", before)
	}
	unbind, bind := c.everybody()
	c.Cleanup(bind)
	c.breaks(unbind, wanted, id, func(r Result) {
		target, ok := r.Fix.Open.(EditRule)
		if !ok {
			c.Fatalf("the fix opens %+v", r.Fix.Open)
		}
		rule := target.Rule
		rule.Name, rule.Namespaces, rule.Subjects = "check-test", []string{"team-b"}, []rbac.Subject{rbac.SubjectOf("check-test")}
		change := func(plan func(binding.World) rbac.Plan) {
			world, err := binding.Read(context.Background(), c.admin)
			c.must(err)
			c.must(binding.Apply(context.Background(), c.admin, plan(world), nil))
		}
		remove := func() { change(func(w binding.World) rbac.Plan { return rbac.Removal(rule, w.World) }) }
		c.Cleanup(remove)
		change(func(w binding.World) rbac.Plan {
			plan, err := rbac.NewPlan(rule, w.World)
			c.must(err)
			return plan
		})
		var now map[string]Verdict
		await(t, func() bool {
			now, _ = c.verdicts()
			return now[id] == Pass && now["access.personas/User check-test"] == Pass && now["bindings.lists/"+rbac.RoleListNamespaces] == Pass
		}, func() { c.Errorf("after the fix %v", now) })
		remove()
		bind()
	})
}

// everybody takes the bindings of all who may use VMs away, and gives them back. Both can be called again.
func (c *cluster) everybody() (unbind, bind func()) {
	c.Helper()
	world, err := binding.Read(c.Context(), c.admin)
	c.must(err)
	found := people(world, nil)
	theirs := func(s rbacv1.Subject) bool {
		return slices.ContainsFunc(found, func(p person) bool {
			return p.Subject == rbac.Subject{Kind: s.Kind, Namespace: s.Namespace, Name: s.Name}
		})
	}
	wide, err := c.admin.RBAC().ClusterRoleBindings().List(c.Context(), metav1.ListOptions{})
	c.must(err)
	narrow, err := c.admin.RBAC().RoleBindings("").List(c.Context(), metav1.ListOptions{})
	c.must(err)
	wide.Items = slices.DeleteFunc(wide.Items, func(b rbacv1.ClusterRoleBinding) bool { return !slices.ContainsFunc(b.Subjects, theirs) })
	narrow.Items = slices.DeleteFunc(narrow.Items, func(b rbacv1.RoleBinding) bool { return !slices.ContainsFunc(b.Subjects, theirs) })
	unbind = func() {
		for _, b := range wide.Items {
			c.must(c.admin.RBAC().ClusterRoleBindings().Delete(c.Context(), b.Name, metav1.DeleteOptions{}))
		}
		for _, b := range narrow.Items {
			c.must(c.admin.RBAC().RoleBindings(b.Namespace).Delete(c.Context(), b.Name, metav1.DeleteOptions{}))
		}
	}
	bind = func() {
		for _, b := range wide.Items {
			b.ResourceVersion, b.UID = "", ""
			if _, err := c.admin.RBAC().ClusterRoleBindings().Create(context.Background(), &b, metav1.CreateOptions{}); !apierrors.IsAlreadyExists(err) {
				c.must(err)
			}
		}
		for _, b := range narrow.Items {
			b.ResourceVersion, b.UID = "", ""
			if _, err := c.admin.RBAC().RoleBindings(b.Namespace).Create(context.Background(), &b, metav1.CreateOptions{}); !apierrors.IsAlreadyExists(err) {
				c.must(err)
			}
		}
	}
	return unbind, bind
}

// TestIntegrationBreakLogin: a login that the API server takes for nobody turns its check, and one that it refuses ends the run.
func TestIntegrationBreakLogin(t *testing.T) {
	login := func(c *cluster, change func(*rest.Config)) *kube.Cluster {
		config := c.admin.Config()
		change(config)
		other, err := kube.Connect(t.Context(), config, c.admin.Target())
		c.must(err)
		return other
	}
	t.Run("anonymous", func(t *testing.T) {
		c := newCluster(t)
		known := c.admin
		c.breaks(func() {
			// All rights besides, so that only who one is differs.
			c.admin = login(c, func(config *rest.Config) {
				config.Impersonate = rest.ImpersonationConfig{UserName: "system:anonymous", Groups: []string{"system:masters"}}
			})
		}, map[string]Verdict{"identity.user": Fail}, "identity.user", func(r Result) {
			if !strings.Contains(r.Fix.Text, "choose another context") {
				c.Errorf("the fix is %+v", r.Fix)
			}
			c.admin = known
		})
	})
	t.Run("refused", func(t *testing.T) {
		c := newCluster(t)
		refused := login(c, func(config *rest.Config) {
			config.CertData, config.CertFile, config.KeyData, config.KeyFile, config.BearerToken = nil, "", nil, "", "nobody's"
		})
		report, err := Run(t.Context(), refused, Options{Only: []string{"identity.user"}}, nil)
		if err == nil || len(report.Results) > 0 || !strings.Contains(err.Error(), "login") {
			t.Errorf("%v, %+v", err, report.Results)
		}
		if report, err = Run(t.Context(), c.admin, Options{Only: []string{"identity.user"}}, nil); err != nil || report.Results[0].Verdict != Pass {
			t.Errorf("%v, %+v", err, report.Results)
		}
	})
}
