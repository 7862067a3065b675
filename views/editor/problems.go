package editor

import (
	"errors"
	"fmt"
	"slices"

	"vmdeck.dev/vmdeck/rbac"
)

// problem is what is wrong with a part of the form.
type problem struct {
	at   stop
	text string
	pos  int // of the character of a pattern, from 1; 0: none
	// open says that the text only lacks its end, which who is still typing knows.
	open bool
}

// problems lists all that keeps the rule from being reviewed, in the order of the form.
func (f *form) problems() []problem {
	var out []problem
	rule := f.rule()
	for _, found := range rule.Validate() {
		out = append(out, f.place(rule, found))
	}
	if len(out) > 1 && rule.Name == "" { // the name is made from what is missing
		out = slices.DeleteFunc(out, func(p problem) bool { return p.at.part == partName })
	}
	if !f.fixed && rule.Name != "" && taken(f.state(), rule.Name) {
		out = append(out, problem{at: stop{part: partName}, text: fmt.Sprintf(
			"There is a rule %s already. Choose another name, or open that one from the role bindings.", rule.Name)})
	}
	return out
}

// place finds the field that a problem of the rule is about: entries that are empty are not in the rule.
func (f *form) place(rule rbac.BindingRule, found rbac.Problem) problem {
	p := problem{text: found.Text}
	switch found.Field {
	case "Name":
		p.at.part = partName
	case "RoleKind":
		p.at.part = partRoleKind
	case "RoleName":
		p.at.part = partRole
	case "ClusterWide":
		if p.at.part = partScope; rule.RoleKind == rbac.KindRole && f.group == "" {
			p.at.part = partRoleKind
		}
	case "Lists":
		p.at.part = partLists
	case "Subjects":
		p.at = f.entry(partSubjects, found.Index)
	case "Namespaces":
		p.at = f.entry(partNamespaces, found.Index)
		var wrong *rbac.PatternError
		if errors.As(found.Err, &wrong) {
			p.pos = wrong.Pos
			p.text = fmt.Sprintf("Character %d: %s.", wrong.Pos, wrong.Reason)
			p.open = wrong.Pos > len([]rune(wrong.Text))
		}
	}
	return p
}

// entry is the stop of the index-th entry that is not empty; with none, of the one to type in.
func (f *form) entry(p part, index int) stop {
	list := f.subjects
	if p == partNamespaces {
		list = f.namespaces
	}
	for i, c := range list {
		if c.Value() == "" {
			continue
		}
		if index--; index < 0 {
			return stop{p, i}
		}
	}
	return stop{p, max(len(list)-1, 0)}
}

// shown tells whether a problem is told: what is wrong beyond repair at once, what is unfinished once the field was left.
func (f *form) shown(p problem) bool {
	switch {
	case f.asked || p.at.part == partScope:
		return true
	case p.at == f.focus:
		return p.pos > 0
	case f.left[p.at]:
		return true
	}
	c := f.at(p.at)
	return c != nil && c.Value() != ""
}
