package binding

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/rbac"
)

// Difference is what one set of rules grants and another does not, a line for each resource: "create, delete virtualmachines
// (kubevirt.io)". It is empty when the other grants all of it, however its rules are written.
func Difference(rules, other rbac.Rules) []string {
	type place struct{ resource, name string }
	var order []place
	verbs := map[place][]string{}
	for _, p := range spelled(rules) {
		if other.Allows(p) {
			continue
		}
		// The permission without its verb, in the words of all messages about permissions.
		at := place{strings.TrimPrefix(rbac.Permission{Group: p.Group, Resource: p.Resource, Subresource: p.Subresource}.String(), " "), p.Name}
		if verbs[at] == nil {
			order = append(order, at)
		}
		if !slices.Contains(verbs[at], p.Verb) {
			verbs[at] = append(verbs[at], p.Verb)
		}
	}
	var out []string
	for _, at := range order {
		line := strings.Join(verbs[at], ", ") + " " + at.resource
		if at.name != "" {
			line += " named " + at.name
		}
		out = append(out, line)
	}
	for _, r := range rules {
		for _, url := range r.NonResourceURLs {
			lacked := slices.DeleteFunc(slices.Clone(r.Verbs), func(verb string) bool { return other.AllowsURL(verb, url) })
			if len(lacked) > 0 {
				out = append(out, strings.Join(lacked, ", ")+" "+url)
			}
		}
	}
	return out
}

// spelled takes rules apart into single permissions. A star is one too: only another star grants it.
func spelled(rules rbac.Rules) []rbac.Permission {
	var out []rbac.Permission
	for _, r := range rules {
		names := r.ResourceNames
		if len(names) == 0 {
			names = []string{""}
		}
		for _, group := range r.APIGroups {
			for _, resource := range r.Resources {
				for _, name := range names {
					for _, verb := range r.Verbs {
						p := rbac.On(verb, group, resource)
						p.Name = name
						out = append(out, p)
					}
				}
			}
		}
	}
	return out
}

// roleEffects compares who can do what before and after roles have other rules, for the subjects that they are bound to.
func roleEffects(before rbac.Objects, rules map[rbac.RoleRef]rbac.Rules, needs []rbac.Need) []rbac.Effect {
	after := rbac.Objects{Bindings: before.Bindings, Roles: map[rbac.RoleRef]rbac.Rules{}}
	for ref, old := range before.Roles {
		after.Roles[ref] = old
	}
	for ref, r := range rules {
		after.Roles[ref] = r
	}
	places := map[rbac.Subject][]string{} // where each subject has one of the roles
	for _, b := range before.Bindings {
		if _, changes := rules[b.Role]; !changes {
			continue
		}
		for _, s := range b.Subjects {
			if !slices.Contains(places[s], b.Namespace) {
				places[s] = append(places[s], b.Namespace)
			}
		}
	}
	var out []rbac.Effect
	for s, spaces := range places {
		everywhere := roleEffect(before, after, s, "", needs)
		out = append(out, everywhere)
		for _, namespace := range spaces {
			if namespace == "" {
				continue
			}
			here := roleEffect(before, after, s, namespace, needs)
			here.Gained, here.Lost = except(here.Gained, everywhere.Gained), except(here.Lost, everywhere.Lost)
			out = append(out, here)
		}
	}
	out = slices.DeleteFunc(out, func(e rbac.Effect) bool { return len(e.Gained)+len(e.Lost) == 0 })
	slices.SortFunc(out, func(a, b rbac.Effect) int {
		return slices.Compare([]string{a.Subject.String(), a.Namespace}, []string{b.Subject.String(), b.Namespace})
	})
	return out
}

func roleEffect(before, after rbac.Objects, s rbac.Subject, namespace string, needs []rbac.Need) rbac.Effect {
	had := rbac.Granted(needs, before.In(namespace, s.Who()).Rules)
	has := rbac.Granted(needs, after.In(namespace, s.Who()).Rules)
	return rbac.Effect{Subject: s, Namespace: namespace, Gained: except(has, had), Lost: except(had, has)}
}

func except(all, drop []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(drop, s) })
}

// sameRules tells whether two sets of rules grant the same, however they are written.
func sameRules(a, b []rbacv1.PolicyRule) bool {
	return len(Difference(a, b)) == 0 && len(Difference(b, a)) == 0
}
