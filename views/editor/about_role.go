package editor

import (
	"fmt"
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

func (f *form) aboutRole(s binding.State) []words {
	ref := f.ref("")
	if ref.Name == "" {
		return []words{dim("What is bound: one of the catalogue's roles, or any other that the cluster has. Type part of its name.")}
	}
	var out []words
	role, catalogued := rbac.Lookup(ref.Name)
	if catalogued && ref.Kind == rbac.KindClusterRole {
		out = append(out, plain(role.Title+". "+role.Description))
	}
	if s.At.IsZero() {
		return append(out, dim(waiting+f.th.Glyphs.Ellipsis))
	}
	rules, found, missing := f.rules(s.World)
	switch {
	case found:
		out = append(out, permits(rules))
	case catalogued && ref.Kind == rbac.KindClusterRole:
		out = append(out, permits(role.Rules()))
	}
	if catalogued && found && len(role.Restrictions) > 0 {
		out = append(out, dim("It "+strings.Join(role.Restrictions, ", ")+"."))
	}
	return append(out, warnings(f.th.Glyphs, f.absent(s.World, missing, catalogued))...)
}

func permits(rules rbac.Rules) words {
	switch ids := rbac.Granted(needs, rules); len(ids) {
	case 0:
		return warn("Permits no action on VMs.")
	case len(needs):
		return plain("Permits " + granted(ids) + ".")
	default:
		return plain(fmt.Sprintf("Permits %d of %d: %s.", len(ids), len(needs), granted(ids)))
	}
}

// rules are those of the role that was chosen: of a Role, those in the first of the namespaces that have one. missing are the others.
func (f *form) rules(world binding.World) (rules rbac.Rules, found bool, missing []string) {
	if f.roleKind == rbac.KindClusterRole {
		rules, found = world.Roles[f.ref("")]
		return rules, found, nil
	}
	rule := f.rule()
	anywhere := len(rule.Namespaces) == 0
	for _, namespace := range world.Namespaces {
		here, known := world.Roles[f.ref(namespace)]
		switch {
		case !anywhere && !rule.Selects(namespace), anywhere && !known:
		case !known:
			missing = append(missing, namespace)
		case !found:
			rules, found = here, true
		}
	}
	return rules, found, missing
}

// absent says that the role is not there, and what to do about it.
func (f *form) absent(world binding.World, missing []string, catalogued bool) []string {
	ref := f.ref("")
	if f.roleKind == rbac.KindRole {
		if len(missing) > 0 {
			return []string{fmt.Sprintf("There is no Role %s in %s: a binding grants nothing there.", ref.Name, some(missing, 3))}
		}
		return nil
	}
	if _, found := world.Roles[ref]; found {
		return nil
	}
	if slices.ContainsFunc(world.Gaps, func(g binding.Gap) bool { return g.What == "cluster roles" }) {
		return []string{"You may not list cluster roles, so whether it is there is not known."}
	}
	text := fmt.Sprintf("%s is not on the cluster: a binding to it grants nothing until it is.", ref)
	if catalogued {
		text += " ctrl+r shows the roles and installs those of the catalogue."
	}
	return []string{text}
}
