package kube

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	kuberbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"vmdeck.dev/vmdeck/rbac"
)

var (
	startPerm   = rbac.Deep("update", rbac.GroupSubresources, "virtualmachines/start")
	migratePerm = rbac.Deep("update", rbac.GroupSubresources, "virtualmachines/migrate")
	cancelPerms = rbac.Deep("update", rbac.GroupSubresources, "virtualmachines/evacuate/cancel")
)

// mayStart answers access reviews: start is allowed, all else is not.
func mayStart(a authorizationv1.ResourceAttributes, path string) authorizationv1.SubjectAccessReviewStatus {
	return authorizationv1.SubjectAccessReviewStatus{Allowed: path == "virtualmachines/start"}
}

func TestAccessDecides(t *testing.T) {
	rules := func(incomplete bool, evaluationError string, resources ...string) http.HandlerFunc {
		return grants(incomplete, evaluationError, rbac.GroupSubresources, "update", resources...)
	}
	forbidden := asStatus(apierrors.NewForbidden(schema.GroupResource{}, "", fmt.Errorf("no reviews here")))
	tests := []struct {
		name        string
		namespace   string
		rules       http.HandlerFunc
		perms       []rbac.Permission
		want        rbac.Verdict
		wantMissing int
		wantReviews int
	}{
		{"granted by the rules", "a", rules(false, "", "virtualmachines/start"), startPerm, rbac.Allowed, 0, 0},
		{"not in complete rules", "a", rules(false, "", "virtualmachines/start"), migratePerm, rbac.Denied, 1, 0},
		{"half of a deep permission", "a", rules(false, "", "virtualmachines/evacuate/cancel"), cancelPerms, rbac.Denied, 1, 0},
		{"incomplete rules are not believed", "a", rules(true, "", "virtualmachines/migrate"), migratePerm, rbac.Denied, 1, 1},
		{"incomplete, review allows", "a", rules(true, ""), startPerm, rbac.Allowed, 0, 1},
		{"evaluation error, granted", "a", rules(false, "role gone", "virtualmachines/migrate"), migratePerm, rbac.Allowed, 0, 0},
		{"evaluation error, missing", "a", rules(false, "role gone"), startPerm, rbac.Allowed, 0, 1},
		{"rules reviews forbidden", "a", forbidden, startPerm, rbac.Allowed, 0, 1},
		{"cluster-wide", "", nil, migratePerm, rbac.Denied, 1, 1},
		{"nothing needed", "a", rules(false, ""), nil, rbac.Allowed, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := newAPI()
			if tt.rules != nil {
				server.on(rulesReview, tt.rules)
			}
			server.on(accessReview, reviews(mayStart))
			access := server.cluster(t, Target{}).Access()
			if d := access.Decide(tt.namespace, tt.perms); len(tt.perms) > 0 && d.Verdict != rbac.Unknown {
				t.Errorf("before the first answer: %+v", d)
			}
			if err := access.Ensure(t.Context(), tt.namespace); err != nil {
				t.Fatal(err)
			}
			d := access.Decide(tt.namespace, tt.perms)
			if d.Verdict != tt.want || len(d.Missing) != tt.wantMissing || d.Err != nil {
				t.Errorf("got %+v", d)
			}
			if got := server.count("selfsubjectaccessreviews"); got != tt.wantReviews {
				t.Errorf("%d access reviews, want %d", got, tt.wantReviews)
			}
		})
	}
}

func TestAccessErrorIsNoDenial(t *testing.T) {
	server := newAPI()
	server.on(rulesReview, grants(true, "", "", "get", "pods"))
	for name, answer := range map[string]http.HandlerFunc{
		"server fails": asStatus(apierrors.NewInternalError(fmt.Errorf("boom"))),
		"authorizer did not": reviews(func(authorizationv1.ResourceAttributes, string) authorizationv1.SubjectAccessReviewStatus {
			return authorizationv1.SubjectAccessReviewStatus{EvaluationError: "webhook timed out"}
		}),
	} {
		t.Run(name, func(t *testing.T) {
			server.on(accessReview, answer)
			access := server.cluster(t, Target{}).Access()
			access.Decide("a", startPerm)
			if err := access.Ensure(t.Context(), "a"); err == nil {
				t.Error("Ensure hid the failure")
			}
			d := access.Decide("a", startPerm)
			if d.Verdict != rbac.Unknown || d.Err == nil || !strings.Contains(d.Reason, "could not find out") {
				t.Errorf("got %+v", d)
			}
		})
	}
}

func TestAccessAskNamesTheObject(t *testing.T) {
	server := newAPI()
	var asked authorizationv1.ResourceAttributes
	server.on(accessReview, reviews(func(a authorizationv1.ResourceAttributes, _ string) authorizationv1.SubjectAccessReviewStatus {
		asked = a
		return authorizationv1.SubjectAccessReviewStatus{Allowed: a.Name == "spectro-vm-user"}
	}))
	access := server.cluster(t, Target{}).Access()
	bind := rbac.On("bind", rbac.GroupRBAC, "clusterroles")
	bind.Name = "spectro-vm-user"
	if d := access.Ask(t.Context(), "", bind); !d.Allowed() || asked.Verb != "bind" || asked.Group != rbac.GroupRBAC {
		t.Errorf("asked %+v, got %+v", asked, d)
	}
	bind.Name = "cluster-admin"
	if d := access.Ask(t.Context(), "", bind); d.Verdict != rbac.Denied || !slices.Equal(d.Missing, []rbac.Permission{bind}) {
		t.Errorf("got %+v", d)
	}
}

func TestAccessExplainsDenials(t *testing.T) {
	server := newAPI()
	server.on(rulesReview, grants(false, "", "", "get", "pods"))
	server.on(whoAmI, asJSON(authenticationv1.SelfSubjectReview{Status: authenticationv1.SelfSubjectReviewStatus{
		UserInfo: authenticationv1.UserInfo{Username: "alice", Groups: []string{"devs"}},
	}}))
	ref := func(kind, name string) kuberbacv1.RoleRef { return kuberbacv1.RoleRef{Kind: kind, Name: name} }
	server.on("GET /apis/rbac.authorization.k8s.io/v1/namespaces/a/rolebindings", asJSON(kuberbacv1.RoleBindingList{Items: []kuberbacv1.RoleBinding{
		{ObjectMeta: metav1.ObjectMeta{Namespace: "a", Name: "mine"}, RoleRef: ref("Role", "reader"), Subjects: []kuberbacv1.Subject{{Kind: "User", Name: "alice"}}},
		{ObjectMeta: metav1.ObjectMeta{Namespace: "a", Name: "theirs"}, RoleRef: ref("Role", "reader"), Subjects: []kuberbacv1.Subject{{Kind: "User", Name: "bob"}, {Kind: "ServiceAccount", Name: "alice"}}},
	}}))
	server.on("GET /apis/rbac.authorization.k8s.io/v1/clusterrolebindings", asJSON(kuberbacv1.ClusterRoleBindingList{Items: []kuberbacv1.ClusterRoleBinding{
		{ObjectMeta: metav1.ObjectMeta{Name: "everywhere"}, RoleRef: ref("ClusterRole", rbac.RoleViewer), Subjects: []kuberbacv1.Subject{{Kind: "Group", Name: "devs"}}},
	}}))
	access := server.cluster(t, Target{}).Access()
	for range 2 { // the first round finds the denial, the second reads what explains it
		if err := access.Ensure(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		access.Decide("a", startPerm)
	}
	d := access.Decide("a", startPerm)
	var bindings []string
	for _, b := range d.Bindings {
		bindings = append(bindings, b.String())
	}
	want := []string{"RoleBinding a/mine → Role reader (User alice)", "ClusterRoleBinding everywhere → ClusterRole spectro-vm-viewer (Group devs)"}
	if !slices.Equal(bindings, want) {
		t.Errorf("bindings %q", bindings)
	}
	if !slices.Equal(d.Grants, []string{rbac.RoleUser, rbac.RolePowerUser, rbac.RoleAdmin}) || d.Reason != "needs update virtualmachines/start in a" {
		t.Errorf("got %+v", d)
	}
}

func TestIdentityAmongSubjects(t *testing.T) {
	account := Identity{User: "system:serviceaccount:ci:runner", Groups: []string{"system:serviceaccounts:ci"}}
	for want, subjects := range map[string][]kuberbacv1.Subject{
		"ServiceAccount ci/runner":        {{Kind: "ServiceAccount", Namespace: "ci", Name: "runner"}},
		"Group system:serviceaccounts:ci": {{Kind: "User", Name: "other"}, {Kind: "Group", Name: "system:serviceaccounts:ci"}},
		"":                                {{Kind: "ServiceAccount", Namespace: "qa", Name: "runner"}, {Kind: "Group", Name: "runner"}, {Kind: "User", Name: "runner"}},
	} {
		if got := account.among(subjects, "qa"); got != want {
			t.Errorf("%v: %q, want %q", subjects, got, want)
		}
	}
	own := []kuberbacv1.Subject{{Kind: "ServiceAccount", Name: "runner"}}
	if got := account.among(own, "ci"); got != "ServiceAccount ci/runner" {
		t.Errorf("an account of the binding's own namespace: %q", got)
	}
}

func TestAccessReadsNoBindingsWithoutADenial(t *testing.T) {
	server := newAPI()
	server.on(rulesReview, grants(false, "", rbac.GroupSubresources, "update", "virtualmachines/start"))
	access := server.cluster(t, Target{}).Access()
	for range 2 {
		access.Decide("a", startPerm)
		if err := access.Ensure(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
	}
	if n := server.count("bindings") + server.count("selfsubjectreviews"); n > 0 {
		t.Errorf("%d requests about bindings", n)
	}
	if n := server.count("selfsubjectrulesreviews"); n != 1 {
		t.Errorf("%d rules reviews for one answer", n)
	}
}

func TestAccessLimitsRequests(t *testing.T) {
	server := newAPI()
	var now, most atomic.Int32
	var full sync.WaitGroup
	full.Add(reviewWorkers)
	server.on(rulesReview, func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		if n > most.Load() {
			most.Store(n)
		}
		if n <= reviewWorkers && most.Load() <= reviewWorkers && server.count("selfsubjectrulesreviews") <= reviewWorkers {
			full.Done()
			full.Wait() // the first requests leave together, so that a fifth would be seen beside them
		}
		grants(false, "", "", "get", "pods")(w, r)
	})
	access := server.cluster(t, Target{}).Access()
	var namespaces []string
	for i := range 40 {
		namespaces = append(namespaces, fmt.Sprint("ns-", i))
	}
	if err := access.Ensure(t.Context(), namespaces...); err != nil {
		t.Fatal(err)
	}
	if most.Load() != reviewWorkers {
		t.Errorf("%d requests at a time, want %d", most.Load(), reviewWorkers)
	}
}

func TestAccessGivenUpIsNoError(t *testing.T) {
	server := newAPI()
	access := server.cluster(t, Target{}).Access()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := access.Ensure(ctx, "a"); err == nil {
		t.Error("a cancelled Ensure succeeded")
	}
	if d := access.Decide("a", startPerm); d.Verdict != rbac.Unknown || d.Err != nil {
		t.Errorf("got %+v", d)
	}
}

func TestAccessUnderRace(t *testing.T) {
	server := newAPI()
	server.on(rulesReview, grants(true, "", "", "get", "pods"))
	server.on(accessReview, reviews(mayStart))
	access := server.cluster(t, Target{}).Access()
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { access.Run(ctx, func() { access.Decide("ns-0", startPerm) }) })
	var askers sync.WaitGroup
	for i := range 4 {
		askers.Go(func() {
			for j := range 50 {
				namespace := fmt.Sprint("ns-", (i+j)%3)
				access.Decide(namespace, startPerm)
				switch j % 10 {
				case 3:
					access.Invalidate(namespace)
				case 7:
					_ = access.Ensure(ctx, namespace)
				case 9:
					access.InvalidateAll()
				}
			}
		})
	}
	askers.Wait()
	cancel()
	wg.Wait()
}
