package rbac

import (
	"cmp"
	"slices"
)

// RemovalOf is the plan that takes single bindings away, whoever made them. One that belongs to a rule comes back when the rule is
// applied again; Removal takes such away with the others of its rule.
func RemovalOf(world World, bindings ...Binding) Plan {
	p := Plan{before: world.Objects, Remove: slices.Clone(bindings)}
	slices.SortFunc(p.Remove, func(a, b Binding) int { return cmp.Compare(a.String(), b.String()) })
	return p
}
