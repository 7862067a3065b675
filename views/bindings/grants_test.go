package bindings

import (
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/rbac"
)

func rule(group string, resources string, verbs string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{APIGroups: []string{group}, Resources: strings.Fields(resources), Verbs: strings.Fields(verbs)}
}

// TestPersonasDifferAtAGlance: B1, B3. The words come from the rules and not from the names.
func TestPersonasDifferAtAGlance(t *testing.T) {
	role := func(name string) rbac.Rules {
		r, _ := rbac.Lookup(name)
		return r.Rules()
	}
	for _, tt := range []struct {
		name, namespace string
		rules           rbac.Rules
		want            string
	}{
		{"viewer", "team-a", role(rbac.RoleViewer), "see"},
		{"user", "team-a", role(rbac.RoleUser), "see operate"},
		{"power user", "team-a", role(rbac.RolePowerUser), "all"},
		{"admin", "team-a", role(rbac.RoleAdmin), "all + rights"},
		{"admin everywhere", "", role(rbac.RoleAdmin), "all + rights"},
		{"namespaces", "", role(rbac.RoleListNamespaces), "list namespaces"},
		{"templates", "", role(rbac.RoleListVMTemplates), "list VM templates"},
		{"namespaces in a namespace", "team-a", role(rbac.RoleListNamespaces), "nothing"},
		{"cluster admin", "", rbac.Rules{rule("*", "*", "*")}, "everything"},
		{"cluster admin of a namespace", "team-a", rbac.Rules{rule("*", "*", "*")}, "everything"},
		{"part of operating", "team-a", rbac.Rules{rule(rbac.GroupSubresources, "virtualmachines/start virtualmachines/stop", "update")}, "(operate)"},
		{"one of two", "team-a", rbac.Rules{rule(rbac.GroupKubeVirt, "virtualmachineinstancemigrations", "delete")}, "cancel-migration"},
		{"bindings alone", "team-a", rbac.Rules{rule(rbac.GroupRBAC, "rolebindings", "create")}, "rights"},
		{"another subject", "team-a", rbac.Rules{rule("", "pods", "get")}, "nothing"},
	} {
		if got := grantsOf(tt.rules, tt.namespace).text; got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestEveryNeedHasAWord(t *testing.T) {
	for _, n := range needs {
		if n.ID != "" && spelled([]string{n.ID}) == "" {
			t.Errorf("%s is not spelled out", n.ID)
		}
	}
	for _, id := range slices.Concat(power, move) {
		if !slices.ContainsFunc(needs, func(n rbac.Need) bool { return n.ID == id }) {
			t.Errorf("there is no need %s any more", id)
		}
	}
	if got := spelled([]string{"see", "start", "stop", "migrate", "cancel-migration", "give-rights"}); got != "see, start, stop, migrate, give rights to others" {
		t.Error(got)
	}
}
