package bindings

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/list"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// Names of the bindings.
const (
	keyOpen   = "open"
	keyNew    = "new-rule"
	keyEdit   = "edit-rule"
	keyDelete = "delete-binding"
	keyGroup  = "group"
	keyWho    = "who-can"
	keyRoles  = "roles"
	keySystem = "system"
	keyCopy   = "copy"

	keyRetry = "retry" // the deck's
)

// Bindings are the keys of the list besides those of the table and of every screen.
func Bindings() []keys.Binding {
	return []keys.Binding{
		{ID: keyOpen, Keys: []string{"enter"}, Label: "open", Help: "Everything about the binding and what it grants"},
		{ID: keyNew, Keys: []string{"n", "+"}, Label: "new rule", Help: "Make a rule: who gets which role in which namespaces"},
		{ID: keyEdit, Keys: []string{"e"}, Label: "edit", Help: "Edit the rule of the binding, or make one like it"},
		{ID: keyDelete, Keys: []string{"D"}, Label: "delete", Help: "Delete the binding, or its rule; first it is shown who loses what"},
		{ID: keyGroup, Keys: []string{"tab"}, Label: "group", Help: "Group by subject, or by namespace"},
		list.FilterKey(),
		{ID: keyWho, Keys: []string{"w"}, Label: "who can", Help: "Show who may do something on VMs"},
		{ID: keyRoles, Keys: []string{"m"}, Label: "roles", Help: "Show what each role permits; install vmdeck's roles"},
		{ID: keySystem, Keys: []string{"t"}, Label: "system", Help: "Show or hide the bindings that keep the cluster itself going"},
		list.SortKey(),
		list.ReverseKey(),
		{ID: keyCopy, Keys: []string{"y"}, Label: "copy", Help: "Copy the binding, or the marked ones, a line each"},
	}
}

var listKeys = deck.MustKeys(Bindings(), table.Bindings()...)

// message makes a command of a message for the program.
func message(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }

// do carries out a binding, or says why it is off.
func (p *Page) do(id string) tea.Cmd {
	if reason := p.off(id); reason != "" {
		return shell.Toast(theme.Warn, listKeys.Binding(id).Label+": "+reason)
	}
	switch id {
	case keyOpen:
		return p.open()
	case keyNew:
		return message(deck.EditRule{})
	case keyEdit:
		return p.edit()
	case keyDelete:
		return p.remove()
	case keyGroup:
		p.group(p.grouping.other())
	case keyWho:
		return message(p.whoCan())
	case keyRoles:
		return message(deck.ShowRoles{})
	case keySystem:
		p.system = !p.system
		p.refilter()
	case keyCopy:
		return p.copy()
	default:
		if cmd, ok := p.list.Do(id); ok {
			return cmd
		}
		return p.around(id)
	}
	return nil
}

// around carries out a binding of the deck. A retry reads roles and bindings anew too.
func (p *Page) around(id string) tea.Cmd {
	cmd, _ := p.deck.Do(id)
	if id == keyRetry {
		p.deck.Reread()
	}
	return cmd
}

// Hints implements shell.Page.
func (p *Page) Hints() []shell.Hint {
	if hints := p.list.Hints(); hints != nil {
		return hints
	}
	var on, off []shell.Hint
	add := func(priority int, ids ...string) {
		for _, id := range ids {
			b := listKeys.Binding(id)
			hint := shell.Hint{Key: b.Keys[0], Label: p.label(b), Reason: p.off(id), Priority: priority}
			if hint.Off = hint.Reason != ""; hint.Off {
				off = append(off, hint)
			} else {
				on = append(on, hint)
			}
		}
	}
	if n := p.list.Marked(); n > 0 {
		on = append(on, shell.Hint{Key: "esc", Label: fmt.Sprintf("%d marked", n)})
	}
	_, current := p.list.Current()
	switch {
	case current:
		add(1, keyOpen, keyNew, keyEdit, keyDelete)
		add(2, keyGroup)
	case p.list.Query.Value() != "" && p.list.Total() > 0:
		on = append(on, shell.Hint{Key: "esc", Label: "clear filter"})
	case !p.facts.blind && !p.state.At.IsZero():
		add(1, keyRoles, keyNew)
	default:
		on = append(on, shell.Hint{Key: "R", Label: "retry", Priority: 1}, shell.Hint{Key: "C", Label: "context", Priority: 1})
	}
	if p.list.Total() > p.hidden() {
		add(2, list.Filter)
	} else if p.hidden() > 0 {
		add(2, keySystem)
	}
	add(3, keyWho)
	if current {
		add(3, keyRoles)
	}
	on = append(on, shell.Hint{Key: ":", Label: "command", Priority: 4}, shell.Hint{Key: "?", Label: "help"})
	return append(on, off...)
}

// label is what a key does now.
func (p *Page) label(b keys.Binding) string {
	if b.ID == keyGroup {
		return p.grouping.other().String()
	}
	return b.Label
}

// Help implements shell.Page.
func (p *Page) Help() []help.Section {
	own := shell.SectionOff("Role bindings", Bindings(), p.th.Glyphs, p.off)
	words := help.Section{Title: "What the column grants says"}
	for _, l := range legend() {
		words.Lines = append(words.Lines, help.Line{Key: l[0], Text: l[1]})
	}
	filter := help.Section{Title: "Filter"}
	for _, k := range filterKeys {
		filter.Lines = append(filter.Lines, help.Line{Key: k[0], Text: k[1]})
	}
	filter.Lines = append(filter.Lines, help.Line{Key: "!", Text: "turns a term round: !grants:delete"},
		help.Line{Key: "\"…\"", Text: "keeps blanks together and looks for names with a colon: \"oidc:devs\""})
	return []help.Section{own, words, filter, shell.Section("Moving and marking", table.Bindings(), p.th.Glyphs)}
}

// Commands implements shell.Page.
func (p *Page) Commands() []palette.Entry {
	entries := p.list.Commands(shell.Commands(Bindings(), p.off, p.do), "[query]")
	return append(entries, palette.Entry{ID: "gaps", Title: "Say what could not be read", Run: func(string) tea.Cmd { return p.showGaps() }})
}
