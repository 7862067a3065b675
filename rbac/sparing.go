package rbac

import (
	"fmt"
	"slices"
)

// Sparing is the plan with what other rules need so that their subjects lose nothing by it. A rule makes no list binding for somebody who
// has one already; where that one goes with the plan, the rules that promise it as well make their own. What else is to be done about
// them is left to their own plans. world is what the plan was made from; rules that are not valid are passed over.
func (p Plan) Sparing(others []BindingRule, world World) Plan {
	taken := p.takenEverywhere()
	if len(taken) == 0 {
		return p
	}
	for _, rule := range others {
		if rule.Name == p.Rule.Name || !rule.Lists || !rule.reliesOn(taken) || len(rule.Validate()) > 0 {
			continue
		}
		after := world
		after.Objects = p.After()
		var own Plan
		before := own.lists(rule, world)
		own.add(rule, slices.DeleteFunc(own.lists(rule, after), func(b Binding) bool {
			return slices.ContainsFunc(before, func(was Binding) bool { return was.String() == b.String() && sameSubjects(was.Subjects, b.Subjects) })
		}), world)
		p.Create, p.Change = slices.Concat(p.Create, own.Create), slices.Concat(p.Change, own.Change)
		p.Conflicts, p.Blocked = slices.Concat(p.Conflicts, own.Conflicts), slices.Concat(p.Blocked, own.Blocked)
		for _, b := range own.Create {
			p.Notes = append(slices.Clip(p.Notes), fmt.Sprintf("The rule %s relies on what goes, so it gets the %s of its own.", rule.Name, b))
		}
	}
	return p
}

// takenEverywhere are the cluster-wide bindings of which the plan takes something away.
func (p Plan) takenEverywhere() []Binding {
	var out []Binding
	take := func(b Binding) {
		if b.Namespace == "" {
			out = append(out, b)
		}
	}
	for _, b := range p.Remove {
		take(b)
	}
	for _, c := range p.Change {
		take(c.Before)
	}
	return out
}

// reliesOn tells whether bindings may give a subject of the rule something.
func (r BindingRule) reliesOn(bindings []Binding) bool {
	return slices.ContainsFunc(r.Subjects, func(s Subject) bool {
		who := s.Who()
		return slices.ContainsFunc(bindings, func(b Binding) bool { return slices.ContainsFunc(b.Subjects, who.Is) })
	})
}
