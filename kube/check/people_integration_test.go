package check

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/kube/kubetest"
	"vmdeck.dev/vmdeck/rbac"
)

// TestIntegrationC7Everybody: whoever looks gets a report that fits their rights. What is said not to be permitted is not, and those
// who are said to be able to look are.
func TestIntegrationC7Everybody(t *testing.T) {
	admin := kubetest.Connect(t, "vm-admin")
	for identity, own := range map[string]Verdict{
		"cluster-admin": Pass, "vm-admin": Pass, "power-user": Pass, "user": Pass, "viewer": Pass, "namespace-only": Pass, "nobody": Fail,
	} {
		t.Run(identity, func(t *testing.T) {
			c := kubetest.Connect(t, identity)
			report, err := Run(t.Context(), c, Options{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range report.Results {
				switch {
				case r.ID == "access.own" && r.Verdict != own, r.Verdict == Fail && r.ID != "access.own":
					t.Errorf("%s is %s: %s %q", r.ID, r.Verdict, r.Summary, r.Evidence)
				case r.Verdict == NotPermitted && c.Access().Ask(t.Context(), "", r.Missing...).Allowed():
					t.Errorf("%s is not permitted for want of %v, which are allowed", r.ID, r.Missing)
				case r.Verdict == NotPermitted && slices.Contains(r.Grants, rbac.RoleAdmin) && !admin.Access().Ask(t.Context(), "", r.Missing...).Allowed():
					t.Errorf("%s: vm-admin may not %v", r.ID, r.Missing)
				}
			}
			denied := report.Count(NotPermitted)
			if identity == "cluster-admin" && denied > 0 || identity == "nobody" && denied < 5 {
				t.Errorf("%d not permitted: %v", denied, ids(report))
			}
			if identity == "nobody" && (report.Next == nil || report.Next.Result != "access.own") {
				t.Errorf("next: %+v", report.Next)
			}
		})
	}
}

// TestIntegrationD2MatrixAgrees: what the matrix says of somebody is what the API server answers to that one's real calls.
func TestIntegrationD2MatrixAgrees(t *testing.T) {
	report, err := Run(t.Context(), kubetest.Connect(t, "cluster-admin"), Options{Only: []string{"access.personas"}, Namespaces: []string{"team-a", "team-b"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	people, cells := 0, 0
	for _, r := range report.Results {
		identity, ok := strings.CutPrefix(r.Object, "User ")
		if !ok || !slices.Contains(kubetest.Identities(), identity) {
			continue
		}
		people++
		c := kubetest.Connect(t, identity)
		for _, place := range r.Matrix.Places[1:] {
			for _, cell := range place.Cells {
				need, _ := binding.FindNeed(cell.Need)
				allowed := true
				for _, p := range need.Perms {
					allowed = allowed && call(t, c, place.Namespace, p)
				}
				cells++
				if allowed != (cell.Got == rbac.Allowed) || cell.Want != allowed {
					t.Errorf("%s %s in %s: the matrix says %s, meant %t, the server allows it: %t", identity, cell.Need, place.Namespace, cell.Got, cell.Want, allowed)
				}
			}
		}
	}
	if people != 5 || cells != 5*2*len(binding.Needs()) {
		t.Errorf("%d cells of %d people", cells, people)
	}
}

// call makes the request that a permission is for, on a VM that does not exist and as a dry run: whether it is allowed is decided
// before the server looks for the VM.
func call(t *testing.T, c *kube.Cluster, namespace string, p rbac.Permission) bool {
	t.Helper()
	versions := map[string]string{rbac.GroupKubeVirt: "v1", rbac.GroupSubresources: "v1", rbac.GroupClone: "v1beta1"}
	version, known := versions[p.Group]
	if !known {
		t.Fatalf("the test knows no version of %s", p.Group)
	}
	path := fmt.Sprintf("/apis/%s/%s/namespaces/%s/%s", p.Group, version, namespace, p.Resource)
	one := path + "/check-test-nobody"
	if p.Subresource != "" {
		one += "/" + p.Subresource
	}
	client := c.REST("", "v1")
	requests := map[string]*rest.Request{
		"list": client.Get().AbsPath(path), "get": client.Get().AbsPath(one), "delete": client.Delete().AbsPath(one).Param("dryRun", "All"),
		"update": client.Put().AbsPath(one), "create": client.Post().AbsPath(path).Param("dryRun", "All").SetHeader("Content-Type", "application/json").Body([]byte("{}")),
		"patch": client.Patch(types.MergePatchType).AbsPath(one).Param("dryRun", "All").Body([]byte("{}")),
	}
	request, known := requests[p.Verb]
	if !known {
		t.Fatalf("the test knows no request for %s", p)
	}
	var code int
	request.Do(t.Context()).StatusCode(&code)
	return code != http.StatusForbidden && code != http.StatusUnauthorized
}
