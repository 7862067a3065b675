package vms

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/list"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/views/deck"
)

// Names of the page's own bindings; those of actions are the actions' IDs.
const (
	bindOpen      = "open"
	bindNamespace = "namespace"
	bindMenu      = "menu"
	bindCopy      = "copy"
	bindLaunch    = "launch"
	bindTemplates = "templates"
)

// Bindings are the keys of the list besides those of actions, of the table and of every screen.
func Bindings() []keys.Binding {
	return []keys.Binding{
		{ID: bindOpen, Keys: []string{"enter"}, Label: "open", Help: "Everything about the VM"},
		{ID: bindMenu, Keys: []string{"a"}, Label: "actions", Help: "All actions with the reason for those that are off"},
		list.FilterKey(),
		{ID: bindNamespace, Keys: []string{"n"}, Label: "namespace", Help: "Choose or type a namespace"},
		list.SortKey(),
		list.ReverseKey(),
		{ID: bindLaunch, Keys: []string{"+"}, Label: "new VM", Help: "Make a VM from a template"},
		{ID: bindTemplates, Keys: []string{"T"}, Label: "templates", Help: "Show the catalogue of VM templates"},
		{ID: bindCopy, Keys: []string{"y"}, Label: "copy name", Help: "Copy namespace/name to the clipboard of your terminal"},
	}
}

var bindings = deck.MustKeys(slices.Concat(Bindings(), actionBindings()), table.Bindings()...)

func actionBindings() []keys.Binding {
	var all []keys.Binding
	for _, a := range vm.Actions() {
		if a.Key != "" {
			all = append(all, keys.Binding{ID: a.ID, Keys: []string{a.Key}, Label: a.Title, Help: a.Help})
		}
	}
	return all
}

// do carries out a binding.
func (p *Page) do(id string) tea.Cmd {
	switch id {
	case bindOpen:
		if r, ok := p.list.Current(); ok {
			return p.open(r)
		}
		return nil
	case bindMenu:
		return p.menu()
	case bindNamespace:
		return p.pickNamespace()
	case bindLaunch:
		return func() tea.Msg { return deck.Launch{} }
	case bindTemplates:
		return func() tea.Msg { return deck.ShowTemplates{} }
	case bindCopy:
		return p.copyName()
	}
	if cmd, ok := p.list.Do(id); ok {
		return cmd
	}
	if cmd, ok := p.deck.Do(id); ok {
		return cmd
	}
	return p.act(vm.Find(id))
}

// Escape implements shell.Escaper: it undoes a range or marks, then the filter, and then looking as somebody else.
func (p *Page) Escape() bool {
	switch {
	case p.list.Escape():
	case p.deck.Eyes() != nil:
		p.deck.LookThrough(nil)
	default:
		return false
	}
	return true
}

func (p *Page) copyName() tea.Cmd {
	r, ok := p.list.Current()
	if !ok {
		return nil
	}
	return deck.Copy(r.Key(), r.Key())
}

// Hints implements shell.Page: what can be done with the VM under the cursor comes first.
func (p *Page) Hints() []shell.Hint {
	if hints := p.list.Hints(); hints != nil {
		return hints
	}
	var on, off []shell.Hint
	r, current := p.list.Current()
	if current {
		for _, a := range vm.Actions() {
			if a.Key == "" {
				continue
			}
			v := p.deck.Gate.Check(a, r)
			hint := shell.Hint{Key: a.Key, Label: strings.ToLower(a.Title), Off: !v.Offered(), Reason: v.Reason, Priority: 2}
			if hint.Off {
				off = append(off, hint)
			} else {
				on = append(on, hint)
			}
		}
	}
	switch {
	case current:
		on = append(on, shell.Hint{Key: "enter", Label: "open", Priority: 1})
	case p.list.Total() > 0 && p.list.Query.Value() != "":
		if p.list.Marked() == 0 { // else esc clears the marks first, as the bar says
			on = append(on, shell.Hint{Key: "esc", Label: "clear filter", Priority: 1})
		}
	default:
		on = append(on, shell.Hint{Key: "+", Label: "new VM", Priority: 1}, shell.Hint{Key: "R", Label: "retry", Priority: 1}, shell.Hint{Key: "C", Label: "context", Priority: 1})
	}
	hints := append(on, shell.Hint{Key: "/", Label: "filter", Priority: 1},
		shell.Hint{Key: "n", Label: "namespace", Priority: 4}, shell.Hint{Key: ":", Label: "command", Priority: 3}, shell.Hint{Key: "?", Label: "help"})
	if n := p.list.Marked(); n > 0 {
		hints = append([]shell.Hint{{Key: "esc", Label: fmt.Sprintf("%d marked", n)}}, hints...)
	}
	return append(hints, off...)
}

// Help implements shell.Page.
func (p *Page) Help() []help.Section {
	actions := help.Section{Title: "Actions on the VM under the cursor, or on the marked ones"}
	r, current := p.list.Current()
	for _, a := range vm.Actions() {
		line := help.Line{Key: a.Key, Title: a.Title, Text: a.Help}
		if current {
			if v := p.deck.Gate.Check(a, r); !v.Offered() {
				line.Off = v.Reason
			}
		}
		actions.Lines = append(actions.Lines, line)
	}
	filter := help.Section{Title: "Filter"}
	for _, k := range vm.FilterKeys() {
		filter.Lines = append(filter.Lines, help.Line{Key: k[0], Text: k[1]})
	}
	filter.Lines = append(filter.Lines, help.Line{Key: "!", Text: "turns a term round: !status:running"},
		help.Line{Key: "\"…\"", Text: "keeps blanks together: os:\"windows server\""})
	return []help.Section{actions,
		shell.Section("List", Bindings(), p.th.Glyphs), shell.Section("Moving and marking", table.Bindings(), p.th.Glyphs), filter}
}

// Commands implements shell.Page.
func (p *Page) Commands() []palette.Entry {
	var entries []palette.Entry
	r, current := p.list.Current()
	for _, a := range vm.Actions() {
		e := palette.Entry{ID: a.ID, Title: a.Help, Key: a.Key, Run: func(string) tea.Cmd { return p.act(a) }}
		if !current {
			e.Disabled, e.Reason = true, "no VM under the cursor"
		} else if v := p.deck.Gate.Check(a, r); !v.Offered() && p.list.Marked() == 0 {
			e.Disabled, e.Reason = true, v.Reason
		}
		entries = append(entries, e)
	}
	return append(entries,
		palette.Entry{ID: "ns", Title: "Show one namespace, or all", Key: "n", Args: "[namespace|all]", Run: p.namespaceCommand},
		palette.Entry{ID: "sort", Title: "Sort by a column", Key: "o", Args: "[column]", Run: p.list.SortCommand},
		palette.Entry{ID: "why", Title: "Explain whether an action on the VM is permitted", Args: "[action]", Run: p.whyCommand},
		palette.Entry{ID: "progress", Title: "Show the bulk operation that runs or ran last", Run: func(string) tea.Cmd { return p.acts.Show() }},
		palette.Entry{ID: "cancel", Title: "End the bulk operation that runs: what has not begun is left alone", Run: func(string) tea.Cmd { return p.acts.Cancel() }},
		palette.Entry{ID: "filter", Title: "Filter the list", Key: "/", Args: "[query]", Run: p.list.FilterCommand},
	)
}
