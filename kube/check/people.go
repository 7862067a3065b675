package check

import (
	"cmp"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

// person is a subject that is meant to use VMs.
type person struct {
	rbac.Subject
	wide bool // has rights over VMs in all namespaces
}

// people are the subjects whose bindings or rules give any right over VMs or a persona. Kubernetes' own users and groups are not
// among them, nor is a service account that has its rights from elsewhere: controllers do.
func people(w binding.World, rules []binding.Stored) []person {
	needs := binding.Needs()
	wide := map[rbac.Subject]bool{}
	for _, b := range w.Bindings {
		_, persona := personaOf(w, b.Role)
		if !persona && len(rbac.Granted(needs, w.Roles[b.Role])) == 0 {
			continue
		}
		for _, s := range b.Subjects {
			if isPerson(s, persona || b.Rule != "") {
				wide[s] = wide[s] || b.Namespace == ""
			}
		}
	}
	for _, rule := range rules {
		for _, s := range rule.Subjects {
			if rule.Err == nil && isPerson(s, true) {
				wide[s] = wide[s] || rule.ClusterWide
			}
		}
	}
	var out []person
	for s, everywhere := range wide {
		out = append(out, person{s, everywhere})
	}
	slices.SortFunc(out, func(a, b person) int { return cmp.Compare(a.String(), b.String()) })
	return out
}

func isPerson(s rbac.Subject, meant bool) bool {
	if s.Kind == rbacv1.ServiceAccountKind {
		return meant && !rbac.IsSystemNamespace(s.Namespace)
	}
	return !strings.HasPrefix(s.Name, "system:")
}

// personaOf is what a role is meant to grant: the rules of the catalogue's persona whose name it has, drifted or not, or whose rules it
// has under another name. Here a name says what somebody was meant to have; what they have is asked of the API server.
func personaOf(w binding.World, role rbac.RoleRef) (rbac.Role, bool) {
	rules, known := w.Roles[role]
	for _, p := range rbac.Personas() {
		if role.Kind == rbac.KindClusterRole && role.Name == p.Name {
			return p, true
		}
		if known && len(binding.Difference(rules, p.Rules())) == 0 && len(binding.Difference(p.Rules(), rules)) == 0 {
			return p, true
		}
	}
	return rbac.Role{}, false
}

// meant are the rules that somebody is meant to have in a place, cluster-wide where the namespace is empty: those of the personas that
// they are bound to, and those that a stored rule promises. from says where each comes from.
func meant(w binding.World, rules []binding.Stored, who rbac.Who, namespace string) (out rbac.Rules, from []string) {
	for _, b := range w.Bindings {
		if b.Namespace != "" && b.Namespace != namespace || !slices.ContainsFunc(b.Subjects, who.Is) {
			continue
		}
		if persona, ok := personaOf(w, b.Role); ok {
			out, from = append(out, persona.Rules()...), append(from, persona.Name+" by "+b.String())
		}
	}
	for _, rule := range rules {
		applies := rule.Err == nil && (rule.ClusterWide || namespace != "" && rule.Selects(namespace))
		if !applies || !slices.ContainsFunc(rule.Subjects, who.Is) {
			continue
		}
		ref := rbac.RoleRef{Kind: rule.RoleKind, Name: rule.RoleName}
		if ref.Kind == rbac.KindRole {
			ref.Namespace = namespace
		}
		promised := w.Roles[ref]
		if persona, ok := personaOf(w, ref); ok {
			promised = persona.Rules()
		}
		out, from = append(out, promised...), append(from, rule.RoleName+" by the rule "+rule.Name)
	}
	return out, from
}

// boundIn are the namespaces in which somebody has a binding of their own or is meant to have one.
func boundIn(w binding.World, rules []binding.Stored, who rbac.Who) []string {
	var out []string
	for _, b := range w.Bindings {
		if b.Namespace != "" && slices.ContainsFunc(b.Subjects, who.Is) {
			out = append(out, b.Namespace)
		}
	}
	for _, rule := range rules {
		if rule.Err == nil && !rule.ClusterWide && slices.ContainsFunc(rule.Subjects, who.Is) {
			out = append(out, slices.DeleteFunc(slices.Clone(w.Namespaces), func(ns string) bool { return !rule.Selects(ns) })...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
