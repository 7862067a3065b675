package binding

import (
	"slices"

	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
)

// Needs are what the actions on VMs need, with seeing them in front, for tables of roles and for what a binding grants.
func Needs() []rbac.Need {
	needs := []rbac.Need{{ID: "see", Title: "See", Perms: []rbac.Permission{rbac.On("list", rbac.GroupKubeVirt, string(vm.Machines))}}}
	for _, a := range vm.Actions() {
		needs = append(needs, rbac.Need{ID: a.ID, Title: a.Title, Perms: a.Needs(nil)})
	}
	return needs
}

// FindNeed returns the need of that ID.
func FindNeed(id string) (rbac.Need, bool) {
	needs := Needs()
	i := slices.IndexFunc(needs, func(n rbac.Need) bool { return n.ID == id })
	if i < 0 {
		return rbac.Need{}, false
	}
	return needs[i], true
}

// OnVM narrows permissions to one VM by name, as roles with resourceNames grant them. Those about objects of other names, and those
// that the API server checks without one, stay as they are.
func OnVM(perms []rbac.Permission, name string) []rbac.Permission {
	out := slices.Clone(perms)
	for i, p := range out {
		mine := p.Group == rbac.GroupKubeVirt || p.Group == rbac.GroupSubresources
		resource := p.Resource == string(vm.Machines) || p.Resource == string(vm.Instances)
		if mine && resource && !slices.Contains([]string{"create", "list", "watch", "deletecollection"}, p.Verb) {
			out[i].Name = name
		}
	}
	return out
}
