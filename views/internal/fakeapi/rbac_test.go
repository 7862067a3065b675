package fakeapi

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

func TestRightsFollowBindings(t *testing.T) {
	s := New()
	s.Put(Catalogue()...)
	s.Put(Namespace("team-a", "Active"), ClusterRole("cluster-admin", Admin().Everywhere...), Bound("", "root", "cluster-admin", rbac.Subject{Kind: "User", Name: "root"}))
	s.Login("root")
	root := s.Connect(t, kube.Target{})
	rule := rbac.BindingRule{Name: "ops", RoleKind: rbac.KindClusterRole, RoleName: rbac.RoleUser,
		Subjects: []rbac.Subject{{Kind: "User", Name: "alice"}}, Namespaces: []string{"team-a"}, Lists: true}
	plan := func() rbac.Plan {
		world, err := binding.Read(t.Context(), root)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := rbac.NewPlan(rule, world.World)
		if err != nil {
			t.Fatal(err)
		}
		return plan
	}
	first := plan()
	if err := binding.DryRun(t.Context(), root, first, nil); err != nil || !slices.Equal(plan().Lines(), first.Lines()) {
		t.Fatalf("a dry run: %v, then %q", err, plan().Lines())
	}
	if err := binding.Apply(t.Context(), root, first, nil); err != nil || !plan().Empty() {
		t.Fatalf("applied: %v, then %q", err, plan().Lines())
	}
	if v := binding.Verify(t.Context(), root, first, binding.Needs()); len(v.Checks) == 0 || len(v.Failed()) > 0 {
		t.Errorf("%d checks, failed %+v", len(v.Checks), v.Failed())
	}
	config := s.Config()
	config.Impersonate = rest.ImpersonationConfig{UserName: "alice"}
	alice, err := kube.Connect(t.Context(), config, kube.Target{})
	if err != nil {
		t.Fatal(err)
	}
	start := rbac.On("update", rbac.GroupSubresources, "virtualmachines/start")
	if d := alice.Access().Ask(t.Context(), "team-a", start); d.Verdict != rbac.Allowed {
		t.Errorf("alice in team-a: %+v", d)
	}
	if d := alice.Access().Ask(t.Context(), "team-b", start); d.Verdict != rbac.Denied {
		t.Errorf("alice in team-b: %+v", d)
	}
	s.Login("alice")
	err = binding.Apply(t.Context(), s.Connect(t, kube.Target{}), first, nil)
	if err == nil || !strings.Contains(err.Error(), "forbidden") && !strings.Contains(err.Error(), "may not") {
		t.Errorf("alice binds: %v", err)
	}
}

func TestNobodyHandsOutWhatTheyLack(t *testing.T) {
	s := New()
	s.Put(Catalogue()...)
	s.Put(Namespace("team-a", "Active"), ClusterRole("binder", rbac.Rules{{Verbs: []string{"*"}, APIGroups: []string{rbac.GroupRBAC}, Resources: []string{"rolebindings"}}}...),
		Bound("team-a", "bob", "binder", rbac.Subject{Kind: "User", Name: "bob"}))
	s.Login("bob")
	bob := s.Connect(t, kube.Target{Namespace: "team-a"})
	_, err := bob.RBAC().RoleBindings("team-a").Create(t.Context(), typed[rbacv1.RoleBinding](Bound("team-a", "x", rbac.RoleUser, rbac.Subject{Kind: "User", Name: "eve"})), metav1.CreateOptions{})
	if !binding.Escalation(err) {
		t.Errorf("bob binds what he lacks: %v", err)
	}
	if text := binding.ExplainApply(err, "create it", rbac.Binding{Role: rbac.RoleRef{Kind: rbac.KindClusterRole, Name: rbac.RoleUser}}); !strings.Contains(text, "virtualmachines") {
		t.Errorf("in words: %s", text)
	}
}

// TestQuestionsAboutANamespaceReadNoOther: whoever may list namespaces and no bindings has hundreds of them to be refused in.
func TestQuestionsAboutANamespaceReadNoOther(t *testing.T) {
	s := New()
	s.Put(Catalogue()...)
	for i := range 50 {
		s.Put(Namespace(fmt.Sprintf("team-%d", i), "Active"))
	}
	s.Put(Bound("", "alice", rbac.RoleListNamespaces, rbac.Subject{Kind: "User", Name: "alice"}))
	s.Login("alice")
	alice, perm := s.Connect(t, kube.Target{}), rbac.On("list", rbac.GroupKubeVirt, "virtualmachines")
	for name, ask := range map[string]func() ([]string, error){
		"why": func() ([]string, error) {
			a, err := binding.Why(t.Context(), alice, binding.Question{Namespace: "team-7", Perms: []rbac.Permission{perm}})
			return a.Gaps, err
		},
		"who can": func() ([]string, error) {
			_, world, err := binding.WhoCan(t.Context(), alice, []rbac.Permission{perm}, "team-7")
			return world.GapsIn("team-7"), err
		},
	} {
		before := len(s.Seen())
		gaps, err := ask()
		if err != nil || !slices.Contains(gaps, "You may not list role bindings in team-7.") {
			t.Errorf("%s: %q, %v", name, gaps, err)
		}
		if n := len(s.Seen()) - before; n > 12 {
			t.Errorf("%s took %d requests", name, n)
		}
	}
}
