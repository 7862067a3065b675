package binding

import (
	"slices"

	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
)

// Launch is the ID of the need of making a VM from a template.
const Launch = "launch"

// Needs are what the actions on VMs need, with seeing them in front and making new ones at the end, for tables of roles and for what a
// binding grants. That the catalogue of templates can be read is no part of Launch: it is a right across the cluster, which no binding
// in a namespace can give, with a role of its own.
func Needs() []rbac.Need {
	needs := []rbac.Need{{ID: "see", Title: "See", Perms: []rbac.Permission{rbac.On("list", rbac.GroupKubeVirt, string(vm.Machines))}}}
	for _, a := range vm.Actions() {
		needs = append(needs, rbac.Need{ID: a.ID, Title: a.Title, Perms: a.Needs(nil)})
	}
	return append(needs, rbac.Need{ID: Launch, Title: "Launch", Perms: template.Launches()})
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
