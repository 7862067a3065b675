package rbac

import (
	"cmp"
	"slices"
)

// Owner names the rule whose own the binding is; empty for somebody else's. A copy under another name is nobody's, labels and all.
func (b Binding) Owner() string {
	if b.Rule != "" && (BindingRule{Name: b.Rule}).owns(b) {
		return b.Rule
	}
	return ""
}

// RuleOf puts a rule together from the bindings that it has made, for one that is not kept anywhere. Patterns are not known any more:
// each namespace stands by its name. It reports false when there is no binding of the rule.
func RuleOf(name string, bindings []Binding) (BindingRule, bool) {
	rule := BindingRule{Name: name}
	var persona, lists []Binding
	for _, b := range bindings {
		switch {
		case b.Owner() != name || name == "":
		case b.Name == rule.bindingName():
			persona = append(persona, b)
		default:
			lists = append(lists, b)
		}
	}
	if rule.Lists = len(lists) > 0; len(persona) == 0 {
		persona, rule.Lists = lists, false
	}
	if len(persona) == 0 {
		return BindingRule{}, false
	}
	slices.SortFunc(persona, func(a, b Binding) int { return cmp.Compare(a.Namespace, b.Namespace) })
	rule.RoleKind, rule.RoleName = persona[0].Role.Kind, persona[0].Role.Name
	rule.ClusterWide = persona[0].Namespace == ""
	for _, b := range persona {
		rule.Subjects = appendNew(rule.Subjects, b.Subjects)
		if !rule.ClusterWide {
			rule.Namespaces = append(rule.Namespaces, b.Namespace)
		}
	}
	return rule, true
}
