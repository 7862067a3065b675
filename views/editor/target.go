package editor

import (
	"fmt"
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/views/deck"
)

// toGroup is the cluster group that the rule goes to; it reports false where it goes to this cluster only.
func (f *form) toGroup() (deck.Group, bool) {
	if f.target == 0 {
		return deck.Group{}, false
	}
	return f.groups[f.target-1], true
}

// turnTarget goes on to the next place that the rule can go to.
func (f *form) turnTarget() { f.target = (f.target + 1) % (len(f.groups) + 1) }

// targetWords say where the rule goes.
func (f *form) targetWords() string {
	if g, ok := f.toGroup(); ok {
		return allOf(g)
	}
	return "this cluster only"
}

func allOf(g deck.Group) string {
	return fmt.Sprintf("all %s of %s", text.Count(len(g.Contexts), "cluster"), g.Name)
}

func (f *form) aboutTarget() []words {
	if g, ok := f.toGroup(); ok {
		return []words{plain("The rule goes to " + strings.Join(g.Contexts, ", ") + ". The review shows what changes in each.")}
	}
	var out []words
	for _, g := range f.groups {
		out = append(out, dim("It can go to "+allOf(g)+" as well: "+strings.Join(g.Contexts, ", ")+"."))
	}
	return out
}

// keeps tells whether the rule is to be stored: as the user said, else as it is. A new one is stored where that is possible and matters:
// a pattern is for namespaces that are made later, and a sync takes the bindings of a rule that is not with the others for leftovers.
func (f *form) keeps() bool {
	s := f.state()
	switch {
	case f.where == "":
		return false
	case f.keep != nil:
		return *f.keep
	case f.fixed:
		return f.stored
	case s.RulesErr != nil || f.barred() != "":
		return false
	}
	return f.patterned() || len(s.Rules) > 0
}

// patterned tells whether a pattern selects namespaces.
func (f *form) patterned() bool {
	return !f.cluster && slices.ContainsFunc(f.places(), func(n string) bool { return strings.ContainsAny(n, "/~") })
}

// unsaved says in a short sentence that rules may not be stored; empty unless that is certain.
func unsaved(d rbac.Decision) string {
	if d.Verdict != rbac.Denied {
		return ""
	}
	return fmt.Sprintf("You may not store rules (needs %s).", d.Missing[0])
}
