package binding

import (
	"context"
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

// TestIntegrationB4Eyes compares what the eyes of each of the seven identities say, for every action and in the three ways in which it
// can be found out, with what the API server answers that identity itself.
func TestIntegrationB4Eyes(t *testing.T) {
	admin := kubetest.Connect(t, "cluster-admin")
	observers := map[Source]*kube.Cluster{
		Impersonated: admin,
		Reviewed: observer(t, admin, "vmdeck-test-reviewer", rbacv1.PolicyRule{
			APIGroups: []string{"authorization.k8s.io"}, Resources: []string{"subjectaccessreviews"}, Verbs: []string{"create"}}),
		Evaluated: observer(t, admin, "vmdeck-test-reader", rbacv1.PolicyRule{
			APIGroups: []string{rbac.GroupRBAC}, Resources: []string{"roles", "clusterroles", "rolebindings", "clusterrolebindings"}, Verbs: []string{"list"}}),
	}
	cells := 0
	for _, identity := range kubetest.Identities() {
		own := kubetest.Connect(t, identity)
		me, err := own.WhoAmI(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for source, cluster := range observers {
			eyes := begin(t, cluster, rbac.Who{User: me.User, Groups: me.Groups})
			for _, namespace := range []string{kubetest.Namespace, "default"} {
				for _, need := range Needs() {
					truth := own.Access().Ask(t.Context(), namespace, need.Perms...)
					if got := decided(t, eyes, namespace, need.Perms); got.Verdict != truth.Verdict || got.Reason != truth.Reason {
						t.Errorf("%s, %s in %s: %v says %v %q, the server says %v %q", identity, need.ID, namespace, source, got.Verdict, got.Reason, truth.Verdict, truth.Reason)
					}
					cells++
				}
				if got, _ := eyes.Source(); got != source {
					t.Errorf("%s: the source is %v, want %v", identity, got, source)
				}
				kubetest.Await(t, 10*time.Second, "who sees "+namespace, func() bool { return eyes.Sees(namespace) != rbac.Unknown })
				if got, truth := eyes.Sees(namespace), own.Access().Ask(t.Context(), namespace, seeing...).Verdict; got != truth {
					t.Errorf("%s sees %s: %v says %v, the server says %v", identity, namespace, source, got, truth)
				}
			}
		}
	}
	t.Logf("compared %d verdicts", cells)
}

// observer logs in as a service account of its own that has the rules and no other rights than everybody.
func observer(t *testing.T, admin *kube.Cluster, name string, rules ...rbacv1.PolicyRule) *kube.Cluster {
	t.Helper()
	const home = "default"
	account := rbac.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: home, Name: name}
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules}
	binding := rbac.Binding{Name: name, Role: rbac.RoleRef{Kind: rbac.KindClusterRole, Name: name}, Subjects: []rbac.Subject{account}}.Object().(*rbacv1.ClusterRoleBinding)
	t.Cleanup(func() {
		ctx := context.Background()
		_ = admin.RBAC().ClusterRoleBindings().Delete(ctx, name, metav1.DeleteOptions{})
		_ = admin.RBAC().ClusterRoles().Delete(ctx, name, metav1.DeleteOptions{})
		_ = admin.Core().ServiceAccounts(home).Delete(ctx, name, metav1.DeleteOptions{})
	})
	_, err := admin.Core().ServiceAccounts(home).Create(t.Context(), &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
	if err == nil {
		_, err = admin.RBAC().ClusterRoles().Create(t.Context(), role, metav1.CreateOptions{})
	}
	if err == nil {
		_, err = admin.RBAC().ClusterRoleBindings().Create(t.Context(), binding, metav1.CreateOptions{})
	}
	if err != nil {
		t.Fatal(err)
	}
	token, err := admin.Core().ServiceAccounts(home).CreateToken(t.Context(), name, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	config := rest.AnonymousClientConfig(admin.Config())
	config.BearerToken = token.Status.Token
	cluster, err := kube.Connect(context.Background(), config, kube.Target{Context: name})
	if err != nil {
		t.Fatal(err)
	}
	perm := rbac.On(rules[0].Verbs[0], rules[0].APIGroups[0], rules[0].Resources[0])
	kubetest.Await(t, 10*time.Second, "the binding to count", func() bool { return cluster.Access().Ask(t.Context(), "", perm).Allowed() })
	return cluster
}

// begin lets eyes look until the test ends.
func begin(t *testing.T, c *kube.Cluster, who rbac.Who) *Eyes {
	t.Helper()
	eyes := NewEyes(c, who)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); eyes.Run(ctx, func() {}) }()
	t.Cleanup(func() { cancel(); <-done })
	return eyes
}

// decided waits until the eyes know.
func decided(t *testing.T, eyes *Eyes, namespace string, perms []rbac.Permission) rbac.Decision {
	t.Helper()
	var d rbac.Decision
	kubetest.Await(t, 10*time.Second, "a decision", func() bool {
		d = eyes.Decide(namespace, perms)
		return d.Verdict != rbac.Unknown
	})
	return d
}
