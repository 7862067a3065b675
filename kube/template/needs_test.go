package template

import (
	"slices"
	"testing"

	"vmdeck.dev/vmdeck/rbac"
)

// roles decides as the roles of the catalogue would, one across the cluster and one in the namespace a.
type roles struct{ wide, local string }

func (r roles) Decide(namespace string, perms []rbac.Permission) rbac.Decision {
	names := []string{r.wide}
	if namespace == "a" {
		names = append(names, r.local)
	}
	var rules rbac.Rules
	for _, name := range names {
		role, _ := rbac.Lookup(name)
		if role.Object != nil {
			rules = append(rules, role.Rules()...)
		}
	}
	if missing := rules.Missing(perms); len(missing) > 0 {
		return rbac.Deny(namespace, missing...)
	}
	return rbac.Allow(namespace)
}

func TestDecideNeedsTheCatalogueAndTheNamespace(t *testing.T) {
	for _, tt := range []struct {
		roles
		reason string
	}{
		{roles{rbac.RoleListVMTemplates, rbac.RolePowerUser}, ""},
		{roles{rbac.RolePowerUser, ""}, ""},
		{roles{rbac.RoleListVMTemplates, rbac.RoleUser}, "needs create virtualmachines in a"},
		{roles{"", rbac.RolePowerUser}, "needs list vmtemplates cluster-wide"},
		{roles{"", rbac.RoleUser}, "needs list vmtemplates cluster-wide; needs create virtualmachines in a"},
	} {
		d := Decide(tt.roles, "a")
		if d.Allowed() != (tt.reason == "") || d.Reason != tt.reason {
			t.Errorf("%+v: %v %q, want %q", tt.roles, d.Verdict, d.Reason, tt.reason)
		}
		if tt.reason != "" && !slices.Contains(d.Grants, rbac.RolePowerUser) {
			t.Errorf("%+v: granted by %v", tt.roles, d.Grants)
		}
	}
	for _, verb := range []string{"create", "update", "delete"} {
		if got := rbac.Granting(Writes(verb)...); !slices.Equal(got, []string{rbac.RoleAdmin}) {
			t.Errorf("%s templates is granted by %v", verb, got)
		}
	}
}
