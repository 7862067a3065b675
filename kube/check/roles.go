package check

import (
	"context"
	"fmt"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

// checkRoles compares the catalogue's roles with the cluster's, by what they grant.
func checkRoles(ctx context.Context, e *env) []Result {
	world, err := e.world.of(ctx)
	if err != nil {
		return one(unread(err, "read the cluster's roles", rbac.On("list", rbac.GroupRBAC, "clusterroles")))
	}
	if r, ok := blind(world, "cluster roles"); !ok {
		return one(r)
	}
	var out []Result
	for _, role := range rbac.Catalogue() {
		out = append(out, standing(world, role))
	}
	return out
}

func standing(world binding.World, role rbac.Role) Result {
	r := Result{Object: role.Name, Verdict: Pass, Summary: role.Name + " grants what the catalogue says."}
	fix := Fix{Command: "vmdeck roles install", Open: InstallRoles{Names: []string{role.Name}}}
	switch world.Stand(role) {
	case binding.Missing:
		r.Verdict, r.Fix = Fail, fix
		r.Summary = fmt.Sprintf("There is no cluster role %s.", role.Name)
		r.Fix.Text = "Install the catalogue's roles."
	case binding.Differs:
		rules := world.Roles[rbac.RoleRef{Kind: rbac.KindClusterRole, Name: role.Name}]
		more, less := binding.Difference(rules, role.Rules()), binding.Difference(role.Rules(), rules)
		r.Verdict, r.Fix = Fail, fix
		r.Fix.Text = "Bring the role up to the catalogue, or give one that is meant to differ a name of its own."
		for _, line := range more {
			r.Evidence = append(r.Evidence, "more: "+line)
		}
		for _, line := range less {
			r.Evidence = append(r.Evidence, "less: "+line)
		}
		switch {
		case len(less) == 0:
			r.Verdict, r.Summary = Warn, fmt.Sprintf("%s grants more than the catalogue says.", role.Name)
		case len(more) == 0:
			r.Summary = fmt.Sprintf("%s grants less than the catalogue says.", role.Name)
		default:
			r.Summary = fmt.Sprintf("%s grants something else than the catalogue says.", role.Name)
		}
	}
	return r
}
