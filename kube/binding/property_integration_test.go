package binding

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/kubetest"
	"vmdeck.dev/vmdeck/rbac"
)

const (
	generatedRoles   = 200
	requestsPerRole  = 50
	propertyLabel    = "vmdeck.dev/property-test"
	sentinelResource = "sentinels"
)

// generator makes rules and requests out of few words, so that they meet often.
type generator struct{ *rand.Rand }

var (
	someVerbs     = []string{"get", "update", "list", "bind"}
	someGroups    = []string{"", rbac.GroupKubeVirt, rbac.GroupSubresources}
	someResources = []string{"pods", "virtualmachines", "virtualmachines/start", "virtualmachines/evacuate/cancel", "virtualmachineinstances/vnc"}
	someRules     = []string{"virtualmachines/*", "*/start", "*/evacuate/cancel", "*/cancel", "*", "*/*"}
	someObjects   = []string{"a", "b"}
	somePaths     = []string{"/version", "/metrics", "/metrics/a", "/healthz"}
)

func (g generator) some(most int, lists ...[]string) []string {
	var from, out []string
	for _, l := range lists {
		from = append(from, l...)
	}
	for range 1 + g.IntN(most) {
		out = append(out, from[g.IntN(len(from))])
	}
	return out
}

func (g generator) rule() rbacv1.PolicyRule {
	star := []string{"*"}
	if g.IntN(8) == 0 {
		return rbacv1.PolicyRule{Verbs: g.some(2, someVerbs, star), NonResourceURLs: g.some(2, somePaths, []string{"/metrics/*", "*", "/met*"})}
	}
	r := rbacv1.PolicyRule{Verbs: g.some(2, someVerbs, star), APIGroups: g.some(2, someGroups, star), Resources: g.some(3, someResources, someRules)}
	if g.IntN(4) == 0 {
		r.ResourceNames = g.some(2, someObjects)
	}
	return r
}

func (g generator) one(list []string) string { return list[g.IntN(len(list))] }

// TestIntegrationRulesMatchTheServer: on generated cluster roles and requests, what vmdeck evaluates is what a SubjectAccessReview
// answers (B3: roles of any granularity, nothing is decided by a name).
func TestIntegrationRulesMatchTheServer(t *testing.T) {
	admin := kubetest.Connect(t, "cluster-admin")
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	t.Cleanup(func() {
		selector := metav1.ListOptions{LabelSelector: propertyLabel}
		_ = admin.RBAC().ClusterRoleBindings().DeleteCollection(context.Background(), metav1.DeleteOptions{}, selector)
		_ = admin.RBAC().ClusterRoles().DeleteCollection(context.Background(), metav1.DeleteOptions{}, selector)
	})
	var wg sync.WaitGroup
	var mu sync.Mutex
	var asked, allowed int
	slots := make(chan struct{}, 8)
	for i := range generatedRoles {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			n, yes := compareRole(t, admin, generator{rand.New(rand.NewPCG(seed, uint64(i)))}, fmt.Sprintf("property-%d-%d", seed, i))
			mu.Lock()
			defer mu.Unlock()
			asked, allowed = asked+n, allowed+yes
		})
	}
	wg.Wait()
	if want := generatedRoles * requestsPerRole; asked != want || allowed < want/10 || allowed > want*9/10 {
		t.Errorf("compared %d pairs of %d, of which %d were allowed: too few, or too one-sided to mean much", asked, want, allowed)
	}
	t.Logf("%d pairs, %d of them allowed", asked, allowed)
}

// compareRole makes a role, gives it to a user of its own and compares answers.
func compareRole(t *testing.T, admin *kube.Cluster, g generator, name string) (asked, allowed int) {
	meta := metav1.ObjectMeta{Name: name, Labels: map[string]string{propertyLabel: "true"}}
	rules := []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{"test.vmdeck.dev"}, Resources: []string{sentinelResource}}}
	for range 1 + g.IntN(4) {
		rules = append(rules, g.rule())
	}
	if _, err := admin.RBAC().ClusterRoles().Create(t.Context(), &rbacv1.ClusterRole{ObjectMeta: meta, Rules: rules}, metav1.CreateOptions{}); err != nil {
		t.Error(err)
		return 0, 0
	}
	subject := rbac.Subject{Kind: rbacv1.UserKind, Name: name}
	binding := &rbacv1.ClusterRoleBinding{ObjectMeta: meta, Subjects: []rbacv1.Subject{subject.Object()}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name}}
	if _, err := admin.RBAC().ClusterRoleBindings().Create(t.Context(), binding, metav1.CreateOptions{}); err != nil {
		t.Error(err)
		return 0, 0
	}
	// No groups: what system:authenticated may do is no part of the role.
	who := rbac.Who{User: name}
	if !settled(t, admin, who) {
		return 0, 0
	}
	for range requestsPerRole {
		want, got, what, err := compare(t, admin, g, who, rules)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			return asked, allowed
		}
		if got != want {
			t.Errorf("%s by %v: vmdeck says %v, the server %v", what, rules, got, want)
		}
		asked++
		if want == rbac.Allowed {
			allowed++
		}
	}
	return asked, allowed
}

// settled waits until the server's authorizer knows the user's role.
func settled(t *testing.T, admin *kube.Cluster, who rbac.Who) bool {
	check := Check{Want: rbac.Allowed, Subject: rbac.SubjectOf(who.User)}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	check.ask(ctx, admin, admin.Authorization(), []rbac.Permission{rbac.On("get", "test.vmdeck.dev", sentinelResource)}, make(chan struct{}, 1))
	if !check.OK() {
		t.Errorf("%s never got its role: %v", who.User, check.Err)
	}
	return check.OK()
}

func compare(t *testing.T, admin *kube.Cluster, g generator, who rbac.Who, rules rbac.Rules) (want, got rbac.Verdict, what string, err error) {
	verdict := func(yes bool) rbac.Verdict {
		if yes {
			return rbac.Allowed
		}
		return rbac.Denied
	}
	if g.IntN(8) == 0 {
		verb, path := g.one(someVerbs), g.one(somePaths)
		spec := authorizationv1.SubjectAccessReviewSpec{User: who.User, NonResourceAttributes: &authorizationv1.NonResourceAttributes{Verb: verb, Path: path}}
		answer, err := admin.Authorization().SubjectAccessReviews().Create(t.Context(), &authorizationv1.SubjectAccessReview{Spec: spec}, metav1.CreateOptions{})
		if err != nil {
			return 0, 0, verb + " " + path, err
		}
		return verdict(answer.Status.Allowed), verdict(rules.AllowsURL(verb, path)), verb + " " + path, nil
	}
	p := rbac.On(g.one(someVerbs), g.one(someGroups), g.one(someResources))
	p.Name = g.one(append([]string{"", "c"}, someObjects...))
	namespace := g.one([]string{"", kubetest.Namespace})
	want, err = Review(t.Context(), admin, who, namespace, p)
	return want, verdict(rules.Allows(p)), fmt.Sprintf("%v in %q", p, namespace), err
}
