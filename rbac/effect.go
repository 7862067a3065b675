package rbac

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Effect is what a plan changes for one subject in one place.
type Effect struct {
	Subject   Subject
	Namespace string // empty: cluster-wide, in all namespaces
	Gained    []string
	Lost      []string
	// Kept is what the subject loses cluster-wide and goes on having in this namespace by another binding.
	Kept []string
}

// Effects compares who can do what before and after a plan, by the IDs of the needs. Subjects stand for themselves: what a user has
// as a member of a group is the group's. Places where nothing differs are left out.
func (p Plan) Effects(needs []Need) []Effect {
	before, after := evaluator{objects: p.before, needs: needs}, evaluator{objects: p.After(), needs: needs}
	var subjects []Subject
	touched := slices.Concat(p.Create, p.Remove)
	for _, c := range p.Change {
		touched = append(touched, c.Before, c.After)
	}
	for _, b := range touched {
		subjects = appendNew(subjects, b.Subjects)
	}
	slices.SortFunc(subjects, func(a, b Subject) int { return cmp.Compare(a.String(), b.String()) })
	var out []Effect
	for _, s := range subjects {
		had, has := before.of(s.Who()), after.of(s.Who())
		everywhere := difference(had, has, "")
		everywhere.Subject = s
		if everywhere.differs() {
			out = append(out, everywhere)
		}
		for _, namespace := range places(had, has) {
			here := difference(had, has, namespace)
			here.Subject = s
			here.Gained, here.Lost = without(here.Gained, everywhere.Gained), without(here.Lost, everywhere.Lost)
			here.Kept = without(everywhere.Lost, without(everywhere.Lost, has.in(namespace)))
			if here.differs() {
				out = append(out, here)
			}
		}
	}
	return out
}

// After are the objects as they are when the plan has been carried out.
func (p Plan) After() Objects {
	added, replaced := slices.Clone(p.Create), slices.Clone(p.Remove)
	for _, c := range p.Change {
		added, replaced = append(added, c.After), append(replaced, c.Before)
	}
	return p.before.with(added, replaced)
}

// places are the namespaces where somebody has bindings of its own there, before or after: everywhere else only cluster-wide ones count.
func places(had, has holding) []string {
	var out []string
	for _, h := range []holding{had, has} {
		for namespace := range h.roles {
			out = append(out, namespace)
		}
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(namespace string) bool { return namespace == "" })
}

func difference(had, has holding, namespace string) Effect {
	before, after := had.in(namespace), has.in(namespace)
	return Effect{Namespace: namespace, Gained: without(after, before), Lost: without(before, after)}
}

func (e Effect) differs() bool { return len(e.Gained)+len(e.Lost)+len(e.Kept) > 0 }

// String reads "User alice in team-a: gains start, stop; loses delete".
func (e Effect) String() string {
	var parts []string
	for _, part := range []struct {
		verb string
		ids  []string
	}{{"gains", e.Gained}, {"loses", e.Lost}, {"keeps", e.Kept}} {
		if len(part.ids) > 0 {
			parts = append(parts, part.verb+" "+strings.Join(part.ids, ", "))
		}
	}
	return fmt.Sprintf("%s %s: %s", e.Subject, where(e.Namespace), strings.Join(parts, "; "))
}

// Lines are the plan as a diff, a line for each binding: + for what is made, ~ changed, - removed, ! left alone.
func (p Plan) Lines() []string {
	var out []string
	line := func(mark string, b Binding) {
		out = append(out, fmt.Sprintf("%s %s → %s for %s", mark, b, b.Role, names(b.Subjects)))
	}
	for _, b := range p.Create {
		line("+", b)
	}
	for _, c := range p.Change {
		line("~", c.After)
	}
	for _, b := range p.Remove {
		line("-", b)
	}
	for _, c := range p.Conflicts {
		out = append(out, "! "+c.Reason)
	}
	return out
}

func without(all, drop []string) []string {
	var out []string
	for _, x := range all {
		if !slices.Contains(drop, x) {
			out = append(out, x)
		}
	}
	return out
}
