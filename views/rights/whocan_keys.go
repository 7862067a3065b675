package rights

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/ui/choose"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/list"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// Names of the bindings of both pages.
const (
	bindOpen      = "open"
	bindAction    = "action"
	bindNamespace = "namespace"
	bindVerify    = "verify"
	bindFilter    = "filter"
	bindCopy      = "copy"
	bindRoles     = "roles"
	bindWhoCan    = "who-can"
	bindUse       = "use"
	bindInstall   = "install"
)

func whoCanBindings() []keys.Binding {
	return []keys.Binding{
		{ID: bindOpen, Keys: []string{"enter"}, Label: "binding", Help: "Show the binding among the role bindings"},
		{ID: bindAction, Keys: []string{"a"}, Label: "action", Help: "Choose another action"},
		{ID: bindNamespace, Keys: []string{"n"}, Label: "namespace", Help: "Choose or type a namespace, or everywhere"},
		{ID: bindVerify, Keys: []string{"v"}, Label: "verify", Help: "Ask the API server about each of them, by access reviews"},
		list.FilterKey(),
		list.SortKey(),
		list.ReverseKey(),
		{ID: bindCopy, Keys: []string{"y"}, Label: "copy", Help: "Copy the line to the clipboard of your terminal"},
		{ID: bindRoles, Keys: []string{"t"}, Label: "roles", Help: "Show what each role permits"},
	}
}

var whoCanKeys = deck.MustKeys(whoCanBindings(), table.Bindings()...)

func (p *WhoCan) do(id string) tea.Cmd {
	switch id {
	case bindOpen:
		if h, ok := p.list.Current(); ok {
			return func() tea.Msg { return deck.ShowBindings{Query: h.ref.Name} }
		}
	case bindAction:
		return p.pickAction()
	case bindNamespace:
		return p.pickNamespace()
	case bindVerify:
		return p.verify()
	case bindCopy:
		if h, ok := p.list.Current(); ok {
			return deck.Copy(h.line(), "the line")
		}
	case bindRoles:
		return func() tea.Msg { return deck.ShowRoles{} }
	default:
		if cmd, ok := p.list.Do(id); ok {
			return cmd
		}
		return retry(p.deck, id)
	}
	return nil
}

// retry carries out a binding of the deck. Trying again reads roles and bindings too.
func retry(d *deck.Deck, id string) tea.Cmd {
	cmd, ok := d.Do(id)
	if ok {
		d.Reread()
	}
	return cmd
}

func (p *WhoCan) pickAction() tea.Cmd {
	var items []choose.Item
	for _, n := range binding.Needs() {
		items = append(items, choose.Item{ID: n.ID, Title: n.Title, Desc: missing(n.Perms)})
	}
	return shell.OpenDialog(dialog.NewPicker(p.th, "Who can", items, func(r dialog.Result) tea.Cmd {
		if need, ok := binding.FindNeed(r.Choice); r.OK && ok {
			return p.ask(need, p.namespace)
		}
		return nil
	}))
}

func (p *WhoCan) pickNamespace() tea.Cmd {
	items := []choose.Item{{ID: everywhere, Title: everywhere, Desc: "in all namespaces, and who can in single ones"}}
	for _, name := range p.deck.Namespaces().Names {
		items = append(items, choose.Item{ID: name, Title: name})
	}
	picker := dialog.NewPicker(p.th, "Namespace", items, func(r dialog.Result) tea.Cmd {
		if !r.OK {
			return nil
		}
		return p.setNamespace(strings.TrimSpace(r.Choice))
	})
	picker.Free, picker.Note = true, p.deck.Namespaces().Note()
	return shell.OpenDialog(picker)
}

func (p *WhoCan) setNamespace(name string) tea.Cmd {
	switch {
	case name == everywhere:
		return p.ask(p.need, "")
	case !kube.IsNamespaceName(name):
		return shell.Toast(theme.Bad, fmt.Sprintf("%q cannot be a namespace: %s", name, kube.NamespaceNames))
	}
	return p.ask(p.need, name)
}

// Hints implements shell.Page.
func (p *WhoCan) Hints() []shell.Hint {
	if hints := p.list.Hints(); hints != nil {
		return hints
	}
	off := p.verifyOff()
	hints := []shell.Hint{{Key: "a", Label: "action"}, {Key: "n", Label: "namespace"}}
	verify := shell.Hint{Key: "v", Label: "verify", Priority: 1, Off: off != "", Reason: off}
	if off == "" {
		hints = append(hints, verify)
	}
	hints = append(hints, shell.Hint{Key: "enter", Label: "binding", Priority: 1}, shell.Hint{Key: "/", Label: "filter", Priority: 2},
		shell.Hint{Key: "y", Label: "copy", Priority: 3}, shell.Hint{Key: "t", Label: "roles", Priority: 4}, shell.Hint{Key: "?", Label: "help"})
	if off != "" {
		hints = append(hints, verify)
	}
	return hints
}

// Help implements shell.Page.
func (p *WhoCan) Help() []help.Section {
	own := shell.Section("Who can", whoCanBindings(), p.th.Glyphs)
	for i, b := range whoCanBindings() {
		if b.ID == bindVerify {
			own.Lines[i].Off = p.verifyOff()
		}
	}
	return []help.Section{own, shell.Section("Moving", table.Bindings(), p.th.Glyphs)}
}

// Commands implements shell.Page.
func (p *WhoCan) Commands() []palette.Entry {
	off := p.verifyOff()
	return []palette.Entry{
		{ID: "action", Title: "Choose another action", Key: "a", Args: "[action]", Run: p.actionCommand},
		{ID: "ns", Title: "Choose a namespace, or everywhere", Key: "n", Args: "[namespace|everywhere]", Run: p.namespaceCommand},
		{ID: "verify", Title: "Ask the API server about each of them", Key: "v", Disabled: off != "", Reason: off, Run: func(string) tea.Cmd { return p.verify() }},
		{ID: "roles", Title: "What each role permits", Key: "t", Run: func(string) tea.Cmd { return p.do(bindRoles) }},
	}
}

func (p *WhoCan) actionCommand(args string) tea.Cmd {
	if args = strings.TrimSpace(args); args == "" {
		return p.pickAction()
	}
	need, ok := binding.FindNeed(args)
	if !ok {
		return shell.Toast(theme.Bad, fmt.Sprintf("there is no action %q", args))
	}
	return p.ask(need, p.namespace)
}

func (p *WhoCan) namespaceCommand(args string) tea.Cmd {
	if args = strings.TrimSpace(args); args == "" {
		return p.pickNamespace()
	}
	return p.setNamespace(args)
}
