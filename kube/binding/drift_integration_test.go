package binding

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/kubetest"
	"vmdeck.dev/vmdeck/rbac"
)

// edit changes the rule's binding in a namespace as somebody with kubectl would.
func (b *bench) edit(namespace string, change func(*rbacv1.RoleBinding)) {
	b.Helper()
	client := b.admin.RBAC().RoleBindings(namespace)
	object, err := client.Get(b.Context(), "vmdeck-"+b.rule.Name, metav1.GetOptions{})
	if err == nil {
		change(object)
		_, err = client.Update(b.Context(), object, metav1.UpdateOptions{FieldManager: "kubectl-edit"})
	}
	if err != nil {
		b.Fatal(err)
	}
}

// TestIntegrationDrift: what somebody changes in a rule's binding is put right by the next plan, and nothing is overwritten or removed
// that changed after the plan was made.
func TestIntegrationDrift(t *testing.T) {
	b := newBench(t)
	b.rule.Lists = false
	namespace := b.namespace("a")
	b.sync(1)
	add := func(name string) func(*rbacv1.RoleBinding) {
		return func(o *rbacv1.RoleBinding) { o.Subjects = append(o.Subjects, user(name).Object()) }
	}
	b.edit(namespace, add("mallory"))
	if p := b.sync(1); len(p.Change) != 1 {
		t.Errorf("the plan after an edit: %q", p.Lines())
	}
	b.edit(namespace, add("mallory"))
	plans := map[string]rbac.Plan{"change": b.plan(), "removal": rbac.Removal(b.rule, b.read().World)}
	b.rule.RoleName = rbac.RoleViewer
	plans["replacement"] = b.plan()
	b.edit(namespace, add("trent"))
	for name, late := range plans {
		if late.Empty() {
			t.Errorf("the %s is empty", name)
		}
		if err := Apply(t.Context(), b.admin, late, nil); err == nil || !strings.Contains(err.Error(), "Plan again") {
			t.Errorf("a late %s: %v", name, err)
		}
	}
	// Without its label the binding is somebody else's from then on.
	b.edit(namespace, func(o *rbacv1.RoleBinding) { delete(o.Labels, rbac.LabelRule) })
	if p := b.plan(); len(p.Conflicts) != 1 || !p.Empty() || !rbac.Removal(b.rule, b.read().World).Empty() {
		t.Errorf("the plan for a binding without label: %q", p.Lines())
	}
}

// TestIntegrationD2VerifyNotices: a promise that was not kept is found by asking, with or without the right to ask.
func TestIntegrationD2VerifyNotices(t *testing.T) {
	b := newBench(t)
	b.namespace("a")
	plan := b.plan() // and not applied
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	v := Verify(ctx, b.admin, plan, Needs())
	if len(v.Checks) == 0 || len(v.Failed()) != len(v.Checks) {
		t.Errorf("%d of %d checks failed", len(v.Failed()), len(v.Checks))
	}
	for _, check := range v.Checks {
		if check.Got != rbac.Denied || check.Err != nil {
			t.Errorf("%+v", check)
		}
	}
	nobody, err := as(t.Context(), b.admin, rbac.WhoIs(b.id+"-nobody"))
	if err != nil {
		t.Fatal(err)
	}
	for _, check := range Verify(t.Context(), nobody, plan, Needs()).Failed() {
		if check.Got != rbac.Unknown || check.Err == nil {
			t.Errorf("without the right to ask: %+v", check)
		}
	}
}

// TestIntegrationB3StandardRoles binds the roles of Kubernetes by rules, in one namespace, and verifies what they give there.
func TestIntegrationB3StandardRoles(t *testing.T) {
	for role, want := range map[string]struct{ may, mayNot []string }{
		"cluster-admin": {[]string{"see", "start", "migrate", "clone", "delete"}, nil},
		"admin":         {[]string{"see", "start", "clone", "delete"}, []string{"migrate", "cancel-migration"}},
		"edit":          {[]string{"see", "start", "clone", "delete"}, []string{"migrate", "cancel-migration"}},
		"view":          {[]string{"see"}, []string{"start", "stop", "migrate", "clone", "delete"}},
	} {
		t.Run("B3 "+role, func(t *testing.T) {
			b := newBench(t)
			b.rule.RoleName, b.rule.Lists, b.rule.Subjects = role, false, b.rule.Subjects[:1]
			namespace := b.namespace("a")
			effects := b.sync(1).Effects(Needs())
			if len(effects) != 1 || effects[0].Namespace != namespace {
				t.Fatalf("effects %v", effects)
			}
			for _, id := range want.may {
				if !slices.Contains(effects[0].Gained, id) {
					t.Errorf("%s does not give %s", role, id)
				}
			}
			for _, id := range want.mayNot {
				d, err := reviewAll(t.Context(), b.admin, b.admin.Authorization(), b.rule.Subjects[0].Who(), namespace, permsOf(t, id))
				if err != nil || d.Allowed() || slices.Contains(effects[0].Gained, id) {
					t.Errorf("%s gives %s: server %v %v, effects %v", role, id, d.Verdict, err, effects[0].Gained)
				}
			}
		})
	}
}

// TestIntegrationB4ImpersonationOfOneUser: the right to impersonate a user, and no groups, is enough to ask as that user.
func TestIntegrationB4ImpersonationOfOneUser(t *testing.T) {
	b := newBench(t)
	namespace := b.namespace("a")
	account := rbac.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: "asker"}
	if _, err := b.admin.Core().ServiceAccounts(namespace).Create(t.Context(), &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: account.Name}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	meta := metav1.ObjectMeta{Name: b.id}
	role := &rbacv1.ClusterRole{ObjectMeta: meta, Rules: []rbacv1.PolicyRule{{Verbs: []string{"impersonate"}, APIGroups: []string{""}, Resources: []string{"users"}, ResourceNames: []string{"user"}}}}
	grant := &rbacv1.ClusterRoleBinding{ObjectMeta: meta, Subjects: []rbacv1.Subject{account.Object()}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: b.id}}
	t.Cleanup(func() {
		_ = b.admin.RBAC().ClusterRoleBindings().Delete(context.Background(), b.id, metav1.DeleteOptions{})
		_ = b.admin.RBAC().ClusterRoles().Delete(context.Background(), b.id, metav1.DeleteOptions{})
	})
	if _, err := b.admin.RBAC().ClusterRoles().Create(t.Context(), role, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.admin.RBAC().ClusterRoleBindings().Create(t.Context(), grant, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	may := rbac.On("impersonate", rbac.GroupCore, "users")
	may.Name = "user"
	check := Check{Subject: account, Want: rbac.Allowed}
	if check.ask(t.Context(), b.admin, b.admin.Authorization(), []rbac.Permission{may}, make(chan struct{}, 1)); !check.OK() {
		t.Fatal(check.Err)
	}
	token, err := b.admin.Core().ServiceAccounts(namespace).CreateToken(t.Context(), account.Name, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	config := rest.AnonymousClientConfig(b.admin.Config())
	config.BearerToken = token.Status.Token
	asker, err := kube.Connect(t.Context(), config, kube.Target{Context: "asker"})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]rbac.Verdict{"start": rbac.Allowed, "delete": rbac.Denied} {
		who := rbac.WhoIs("user")
		a, err := Why(t.Context(), asker, Question{Namespace: kubetest.Namespace, Perms: permsOf(t, id), As: &who})
		if err != nil || a.Source != Impersonated || a.Decision.Verdict != want {
			t.Errorf("%s: %v, %v, %v", id, a.Source, a.Decision.Verdict, err)
		}
	}
}
