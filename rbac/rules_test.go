package rbac

import (
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/component-helpers/auth/rbac/validation"
	"pgregory.net/rapid"
)

func rule(verbs, groups, resources []string, names ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{Verbs: verbs, APIGroups: groups, Resources: resources, ResourceNames: names}
}

func TestRulesAllows(t *testing.T) {
	sub := []string{GroupSubresources}
	named := On("bind", GroupRBAC, "clusterroles")
	named.Name = "view"
	other := named
	other.Name = "edit"
	tests := []struct {
		name string
		rule rbacv1.PolicyRule
		perm Permission
		want bool
	}{
		{"exact", rule([]string{"update"}, sub, []string{"virtualmachines/start"}), On("update", GroupSubresources, "virtualmachines/start"), true},
		{"other verb", rule([]string{"get"}, sub, []string{"virtualmachines/start"}), On("update", GroupSubresources, "virtualmachines/start"), false},
		{"other group", rule([]string{"update"}, []string{GroupKubeVirt}, []string{"virtualmachines/start"}), On("update", GroupSubresources, "virtualmachines/start"), false},
		{"resource does not cover its subresource", rule([]string{"update"}, sub, []string{"virtualmachines"}), On("update", GroupSubresources, "virtualmachines/start"), false},
		{"subresource does not cover its resource", rule([]string{"get"}, sub, []string{"virtualmachines/start"}), On("get", GroupSubresources, "virtualmachines"), false},
		{"star covers subresources", rule([]string{"*"}, []string{"*"}, []string{"*"}), On("update", GroupSubresources, "virtualmachines/evacuate/cancel"), true},
		{"trailing star matches nothing", rule([]string{"*"}, []string{"*"}, []string{"virtualmachines/*"}), On("update", GroupSubresources, "virtualmachines/start"), false},
		{"any resource's subresource", rule([]string{"update"}, sub, []string{"*/start"}), On("update", GroupSubresources, "virtualmachines/start"), true},
		{"any resource's deep subresource", rule([]string{"update"}, sub, []string{"*/evacuate/cancel"}), On("update", GroupSubresources, "virtualmachines/evacuate/cancel"), true},
		{"first segment does not cover deep", rule([]string{"get"}, sub, []string{"virtualmachineinstances/vnc"}), On("get", GroupSubresources, "virtualmachineinstances/vnc/screenshot"), false},
		{"any resource's subresource is not a suffix match", rule([]string{"get"}, sub, []string{"*/screenshot"}), On("get", GroupSubresources, "virtualmachineinstances/vnc/screenshot"), false},
		{"a slash too many", rule([]string{"get"}, sub, []string{"*/"}), On("get", GroupSubresources, "virtualmachines"), false},
		{"named object", rule([]string{"bind"}, []string{GroupRBAC}, []string{"clusterroles"}, "view"), named, true},
		{"another named object", rule([]string{"bind"}, []string{GroupRBAC}, []string{"clusterroles"}, "view"), other, false},
		{"names do not cover the resource as a whole", rule([]string{"bind"}, []string{GroupRBAC}, []string{"clusterroles"}, "view"), On("bind", GroupRBAC, "clusterroles"), false},
		{"whole covers a named object", rule([]string{"bind"}, []string{GroupRBAC}, []string{"clusterroles"}), named, true},
		{"core group is not every group", rule([]string{"list"}, []string{""}, []string{"pods"}), On("list", "metrics.k8s.io", "pods"), false},
		{"empty rule", rbacv1.PolicyRule{}, On("get", "", "pods"), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := (Rules{tt.rule}).Allows(tt.perm); got != tt.want {
				t.Errorf("%v allows %v = %v, want %v", tt.rule, tt.perm, got, tt.want)
			}
		})
	}
}

func TestRulesAllowsURL(t *testing.T) {
	rs := Rules{{Verbs: []string{"get"}, NonResourceURLs: []string{"/version", "/metrics/*"}}}
	for path, want := range map[string]bool{
		"/version": true, "/version/x": false, "/metrics/": true, "/metrics/a/b": true, "/metrics": false, "/": false,
	} {
		if got := rs.AllowsURL("get", path); got != want {
			t.Errorf("get %s = %v, want %v", path, got, want)
		}
	}
	if rs.AllowsURL("post", "/version") {
		t.Error("post /version is allowed by a rule for get")
	}
}

// TestRulesMatchesKubernetes compares with the comparison that kube-apiserver uses against escalation,
// which for a single permission answers the same question in another way.
func TestRulesMatchesKubernetes(t *testing.T) {
	verbs := []string{"get", "update", "*"}
	groups := []string{"", GroupKubeVirt, GroupSubresources, "*"}
	resources := []string{"pods", "virtualmachines", "virtualmachines/start", "virtualmachines/evacuate/cancel",
		"virtualmachines/*", "*/start", "*/evacuate/cancel", "*/cancel", "*"}
	names := []string{"a", "b"}
	some := func(from []string, label string, least int) *rapid.Generator[[]string] {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(from), least, 3, rapid.ID)
	}
	ruleGen := rapid.Custom(func(t *rapid.T) rbacv1.PolicyRule {
		r := rule(some(verbs, "verbs", 0).Draw(t, "verbs"), some(groups, "groups", 0).Draw(t, "groups"), some(resources, "resources", 0).Draw(t, "resources"))
		if rapid.Bool().Draw(t, "named") {
			r.ResourceNames = rapid.SliceOfNDistinct(rapid.SampledFrom(names), 1, 2, rapid.ID).Draw(t, "names")
		}
		return r
	})
	rapid.Check(t, func(t *rapid.T) {
		rs := rapid.SliceOfN(ruleGen, 0, 4).Draw(t, "rules")
		p := On(rapid.SampledFrom(verbs[:2]).Draw(t, "verb"), rapid.SampledFrom(groups[:3]).Draw(t, "group"), rapid.SampledFrom(resources[:4]).Draw(t, "resource"))
		p.Name = rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, "name")
		asked := rule([]string{p.Verb}, []string{p.Group}, []string{p.ResourcePath()})
		if p.Name != "" {
			asked.ResourceNames = []string{p.Name}
		}
		want, _ := validation.Covers(rs, []rbacv1.PolicyRule{asked})
		if got := Rules(rs).Allows(p); got != want {
			t.Fatalf("%v on %v = %v, Kubernetes says %v", p, rs, got, want)
		}
	})
}

func TestRuleSetVerdict(t *testing.T) {
	granted, lacking := On("get", "", "pods"), On("delete", "", "pods")
	rules := []authorizationv1.ResourceRule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}}}
	tests := []struct {
		name                      string
		status                    authorizationv1.SubjectRulesReviewStatus
		wantGranted, wantNotFound Verdict
	}{
		{"complete", authorizationv1.SubjectRulesReviewStatus{ResourceRules: rules}, Allowed, Denied},
		{"incomplete proves nothing", authorizationv1.SubjectRulesReviewStatus{ResourceRules: rules, Incomplete: true}, Unknown, Unknown},
		{"error proves grants only", authorizationv1.SubjectRulesReviewStatus{ResourceRules: rules, EvaluationError: "role gone"}, Allowed, Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := RuleSetFrom(tt.status)
			if got := s.Verdict(granted); got != tt.wantGranted {
				t.Errorf("granted: %v, want %v", got, tt.wantGranted)
			}
			if got := s.Verdict(lacking); got != tt.wantNotFound {
				t.Errorf("lacking: %v, want %v", got, tt.wantNotFound)
			}
		})
	}
}
