package editor

import (
	"fmt"
	"slices"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

// ownLosses says what the user would lose: who takes their own rights away may not be able to give them back.
func ownLosses(world binding.World, plan rbac.Plan, me kube.Identity) []string {
	who := rbac.WhoIs(me.User, me.Groups...)
	mine := append(slices.Clone(needs), rbac.Need{ID: "changing role bindings", Perms: []rbac.Permission{rbac.On("update", rbac.GroupRBAC, "rolebindings")}})
	after := plan.After()
	var out []string
	for _, namespace := range append([]string{""}, world.Namespaces...) {
		had := rbac.Granted(mine, world.In(namespace, who).Rules)
		has := rbac.Granted(mine, after.In(namespace, who).Rules)
		lost := slices.DeleteFunc(had, func(id string) bool { return slices.Contains(has, id) })
		if len(lost) == 0 {
			continue
		}
		if namespace == "" {
			return []string{"You would lose, everywhere: " + granted(lost) + "."}
		}
		out = append(out, "You would lose in "+namespace+": "+granted(lost)+".")
	}
	return out
}

// losses are the sentences on who loses what.
func losses(effects []rbac.Effect) []string {
	var out []string
	for _, g := range gathered(effects) {
		if len(g.Lost) > 0 {
			out = append(out, fmt.Sprintf("%s loses %s: %s", spell(g.Subject), g.where(3), granted(g.Lost)))
		}
	}
	return out
}
