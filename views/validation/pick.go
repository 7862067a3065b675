package validation

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/ui/choose"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/look"
)

const itemSelf = "\x00self"

// pickWhom asks whose rights to look at.
func (p *Page) pickWhom() tea.Cmd {
	self := choose.Item{ID: itemSelf, Title: "yourself", Desc: p.deck.User() + ", and everybody with a persona"}
	return shell.OpenDialog(deck.NewWhom(p.deck, "Check the rights of: choose, or type a user and groups", []choose.Item{self}, p.setWhom))
}

// setWhom begins anew for somebody. Nobody makes requests as a group, so a group is looked at besides the user.
func (p *Page) setWhom(r deck.WhomResult) tea.Cmd {
	switch {
	case r.First == itemSelf:
		p.whom = whom{}
	case r.Subject.Kind == rbacv1.GroupKind:
		p.whom = whom{subject: &r.Subject, name: "the group " + r.Subject.Name}
	case r.Who.User == "":
		return nil
	default:
		p.whom = whom{who: &r.Who, name: r.Who.User}
		if r.Subject.Kind != "" {
			p.whom.name = look.SubjectName(r.Subject)
		}
	}
	p.forget()
	return p.begin()
}

// pickNamespaces asks where to look at rights.
func (p *Page) pickNamespaces() tea.Cmd {
	known := p.deck.Namespaces().Names
	field := dialog.Field{
		ID: keyNamespaces, Label: "Namespaces", Help: "Apart by blanks. Empty: where the subjects have bindings.", Value: strings.Join(p.namespaces, " "),
		Suggest: func(typed string) []string { return complete(typed, known) }, Validate: wrongNamespace,
	}
	return shell.OpenDialog(dialog.NewForm(p.th, "Where to look", []string{"Rights are looked at in these namespaces, and templates tried in the first."},
		[]dialog.Field{field}, "Check", func(r dialog.Result) tea.Cmd {
			if !r.OK {
				return nil
			}
			return p.setNamespaces(strings.Fields(r.Values[keyNamespaces]))
		}))
}

func (p *Page) namespacesCommand(args string) tea.Cmd {
	if wrong := wrongNamespace(args); wrong != "" {
		return shell.Toast(theme.Bad, wrong)
	}
	return p.setNamespaces(strings.Fields(args))
}

func (p *Page) setNamespaces(names []string) tea.Cmd {
	if slices.Equal(names, p.namespaces) {
		return nil
	}
	p.namespaces = names
	p.forget()
	return p.begin()
}

// complete ends the last word of what was typed.
func complete(typed string, known []string) []string {
	head := typed[:strings.LastIndexByte(typed, ' ')+1]
	var out []string
	for _, name := range known {
		if part := typed[len(head):]; part != "" && part != name && strings.HasPrefix(name, part) {
			out = append(out, head+name)
		}
	}
	return out
}

func wrongNamespace(typed string) string {
	for _, name := range strings.Fields(typed) {
		if !kube.IsNamespaceName(name) {
			return fmt.Sprintf("%q cannot be a namespace: %s", name, kube.NamespaceNames)
		}
	}
	return ""
}
