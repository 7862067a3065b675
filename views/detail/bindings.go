package detail

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// Names of the page's own bindings; those of actions are the actions' IDs.
const (
	bindNext     = "next-tab"
	bindPrevious = "previous-tab"
	bindMenu     = "menu"
	bindCopy     = "copy"
	bindName     = "copy-name"
	bindOther    = "other-object"
	bindReveal   = "reveal"
)

func pageBindings() []keys.Binding {
	return []keys.Binding{
		{ID: bindNext, Keys: []string{"tab", "]"}, Label: "next", Help: "Next sub-tab"},
		{ID: bindPrevious, Keys: []string{"shift+tab", "["}, Label: "previous", Help: "Previous sub-tab"},
		{ID: bindMenu, Keys: []string{"a"}, Label: "actions", Help: "All actions with the reason for those that are off"},
		{ID: bindCopy, Keys: []string{"y"}, Label: "copy", Help: "Copy what the sub-tab shows to the clipboard of your terminal"},
		{ID: bindName, Keys: []string{"Y"}, Label: "copy name", Help: "Copy namespace/name"},
		{ID: bindOther, Keys: []string{"v"}, Label: "instance", Help: "YAML: the VirtualMachine or its instance"},
		{ID: bindReveal, Keys: []string{"U"}, Label: "user data", Help: "YAML: show cloud-init data, which is masked, or hide it again"},
	}
}

func actionBindings() []keys.Binding {
	var all []keys.Binding
	for _, a := range vm.Actions() {
		if a.Key != "" {
			all = append(all, keys.Binding{ID: a.ID, Keys: []string{a.Key}, Label: a.Title, Help: a.Help})
		}
	}
	return all
}

var bindings = deck.MustKeys(slices.Concat(pageBindings(), actionBindings()), pager.Bindings()...)

// do carries out a binding.
func (p *Page) do(id string) tea.Cmd {
	switch id {
	case bindNext:
		p.show((p.tab + 1) % tabCount)
	case bindPrevious:
		p.show((p.tab + tabCount - 1) % tabCount)
	case bindMenu:
		return p.menu()
	case bindCopy:
		return p.copyTab()
	case bindName:
		return deck.Copy(p.row().Key(), p.row().Key())
	case bindOther:
		return p.other()
	case bindReveal:
		return p.reveal()
	default:
		if a := vm.Find(id); a != nil {
			return p.act(a)
		}
		return p.surroundings(id)
	}
	return nil
}

// surroundings carries out a binding of the deck. A retry reads the VM anew too.
func (p *Page) surroundings(id string) tea.Cmd {
	if p.deck == nil {
		return nil
	}
	cmd, _ := p.deck.Do(id)
	if p.gone.how != here {
		return cmd
	}
	return tea.Batch(cmd, p.want())
}

// act begins an action on the VM, or says why it is off.
func (p *Page) act(a *vm.Action) tea.Cmd {
	if reason := p.goneReason(); reason != "" {
		return shell.Toast(theme.Warn, fmt.Sprintf("%s %s: %s", strings.ToLower(a.Title), p.row().Name, reason))
	}
	return p.acts.One(a, p.row())
}

func (p *Page) menu() tea.Cmd {
	if reason := p.goneReason(); reason != "" {
		return shell.Toast(theme.Warn, "no actions: "+reason)
	}
	return p.acts.Menu("Actions on "+p.row().Name, p.row(), false, p.act)
}

// off says why an action is off; empty when it may be tried, if only by somebody else as whom the user looks.
func (p *Page) off(a *vm.Action) string {
	if reason := p.goneReason(); reason != "" {
		return reason
	}
	if v := p.world.Check(a, p.row()); !v.Offered() {
		return v.Reason
	}
	return ""
}

// Hints implements shell.Page: what can be done with the VM comes first.
func (p *Page) Hints() []shell.Hint {
	if p.Capturing() {
		return []shell.Hint{{Key: "enter", Label: "keep search"}, {Key: "esc", Label: "clear"}}
	}
	first := []shell.Hint{{Key: "tab", Label: "next"}, {Key: "a", Label: "actions"}}
	own := []shell.Hint{{Key: "/", Label: "search"}, {Key: "y", Label: "copy"}}
	if p.tab == tabYAML {
		object := map[bool]string{true: "VM", false: "instance"}[p.manifest.instance]
		data := map[bool]string{true: "mask data", false: "show data"}[p.manifest.revealed]
		own = append(own, shell.Hint{Key: "v", Label: object}, shell.Hint{Key: "U", Label: data})
	}
	if p.gone.how != here {
		return slices.Concat([]shell.Hint{{Key: "esc", Label: "back"}}, first[:1], own)
	}
	var on, off []shell.Hint
	for _, a := range vm.Actions() {
		if a.Key == "" {
			continue
		}
		hint := shell.Hint{Key: a.Key, Label: strings.ToLower(a.Title), Reason: p.off(a)}
		if hint.Off = hint.Reason != ""; hint.Off {
			off = append(off, hint)
		} else {
			on = append(on, hint)
		}
	}
	if p.tab == tabYAML {
		return slices.Concat(first, own, on, off)
	}
	return slices.Concat(first, on, own, off)
}

// Help implements shell.Page.
func (p *Page) Help() []help.Section {
	actions := help.Section{Title: "Actions on " + p.row().Name}
	for _, a := range vm.Actions() {
		actions.Lines = append(actions.Lines, help.Line{Key: a.Key, Title: a.Title, Text: a.Help, Off: p.off(a)})
	}
	return []help.Section{actions,
		shell.Section("Details", pageBindings(), p.th.Glyphs), shell.Section("Moving and searching", pager.Bindings(), p.th.Glyphs)}
}

// Commands implements shell.Page.
func (p *Page) Commands() []palette.Entry {
	var entries []palette.Entry
	for _, a := range vm.Actions() {
		reason := p.off(a)
		entries = append(entries, palette.Entry{
			ID: a.ID, Title: a.Help, Key: a.Key, Disabled: reason != "", Reason: reason, Run: func(string) tea.Cmd { return p.act(a) },
		})
	}
	for i, t := range tabs {
		entries = append(entries, palette.Entry{ID: t.id, Title: t.help, Run: func(string) tea.Cmd { return p.open(tab(i)) }})
	}
	return append(entries,
		palette.Entry{ID: "why", Title: "Explain whether an action on the VM is permitted", Args: "[action]", Run: func(args string) tea.Cmd { return p.acts.Why(args, p.row()) }},
		palette.Entry{ID: "copy", Title: "Copy what the sub-tab shows", Key: "y", Run: func(string) tea.Cmd { return p.copyTab() }},
		palette.Entry{ID: "copy-name", Title: "Copy namespace/name", Key: "Y", Run: func(string) tea.Cmd { return p.do(bindName) }},
	)
}
