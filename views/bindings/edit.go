package bindings

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// edit opens the rule of the binding under the cursor.
func (p *Page) edit() tea.Cmd {
	r, _ := p.list.Current()
	return p.editRow(r)
}

func (p *Page) editRow(r *row) tea.Cmd {
	e, own := p.editOf(r)
	like := e.Rule
	if !own {
		like = p.ruleLike(r.binding)
	}
	if i := slices.IndexFunc(like.Subjects, unwritable); i >= 0 {
		return shell.Toast(theme.Warn, fmt.Sprintf("edit: the name of %s %q cannot be typed; a rule would name another one", like.Subjects[i].Kind, like.Subjects[i].Name))
	}
	if own {
		return message(e)
	}
	body := []string{
		fmt.Sprintf("The %s was not made by a rule of vmdeck, and is left as it is.", r.binding),
		"A rule that grants the same can be made from it. The two then stand side by side until you delete this one.",
	}
	button := []dialog.Button{{ID: keyNew, Label: "Make a rule like it"}}
	return shell.OpenDialog(dialog.NewConfirm(p.th, "Somebody else's binding", body, button, func(res dialog.Result) tea.Cmd {
		if !res.OK {
			return nil
		}
		return message(deck.EditRule{Rule: like})
	}))
}

// unwritable tells whether a field would turn the subject's name into another one: blanks around it and characters that act on a
// terminal are not kept.
func unwritable(s rbac.Subject) bool { return strings.TrimSpace(text.Clean(s.Name)) != s.Name }

// editOf is the rule that a row belongs to: as it is kept, or else put together from its bindings. It is false for somebody else's
// binding.
func (p *Page) editOf(r *row) (deck.EditRule, bool) {
	if r.stored != nil {
		return deck.EditRule{Rule: r.stored.BindingRule, Version: r.stored.Version, Exists: true}, true
	}
	rule, ok := rbac.RuleOf(r.rule, p.state.World.Bindings)
	return deck.EditRule{Rule: rule, Exists: true}, ok
}

// ruleLike is a rule that grants what a binding grants.
func (p *Page) ruleLike(b rbac.Binding) rbac.BindingRule {
	rule := rbac.BindingRule{Name: p.freeName(b.Name), RoleKind: b.Role.Kind, RoleName: b.Role.Name, Subjects: slices.Clone(b.Subjects), ClusterWide: b.Namespace == ""}
	if b.Namespace != "" {
		rule.Namespaces = []string{b.Namespace}
	}
	return rule
}

// longestName leaves room for a number, in what the API server takes as the value of a label.
const longestName = 59

// freeName makes the name of a rule out of a binding's, one that no rule has.
func (p *Page) freeName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(name))
	if len(name) > longestName {
		name = name[:longestName]
	}
	name = strings.Trim(name, "-")
	free := name
	for n := 2; p.taken(free); n++ {
		free = fmt.Sprintf("%s-%d", name, n)
	}
	return free
}

func (p *Page) taken(name string) bool {
	for _, s := range p.state.Rules {
		if s.Name == name {
			return true
		}
	}
	return slices.ContainsFunc(p.state.World.Bindings, func(b rbac.Binding) bool { return b.Rule == name && name != "" })
}
