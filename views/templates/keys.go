package templates

import (
	"errors"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/kube/vm"
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
	keyOpen     = "open"
	keyLaunch   = "launch"
	keyNew      = "new-template"
	keyEdit     = "edit-template"
	keyDelete   = "delete-template"
	keyCopy     = "copy"
	keyProfiles = "profiles"
)

// Bindings are the keys of the catalogue besides those of the table and of every screen.
func Bindings() []keys.Binding {
	return []keys.Binding{
		{ID: keyOpen, Keys: []string{"enter"}, Label: "open", Help: "Everything about the template, with its YAML"},
		{ID: keyLaunch, Keys: []string{"L"}, Label: "launch", Help: "Make a VM from the template"},
		{ID: keyNew, Keys: []string{"n", "+"}, Label: "new", Help: "Make a template: blank, like this one, or from a VM"},
		{ID: keyEdit, Keys: []string{"e"}, Label: "edit", Help: "Change the template"},
		{ID: keyDelete, Keys: []string{"D"}, Label: "delete", Help: "Delete the template; VMs made from it stay"},
		list.FilterKey(),
		list.SortKey(),
		list.ReverseKey(),
		{ID: keyCopy, Keys: []string{"y"}, Label: "copy YAML", Help: "Copy the template's YAML to the clipboard of your terminal"},
		{ID: keyProfiles, Keys: []string{"p"}, Label: "profiles", Help: "Show the cluster profiles, which bring templates"},
	}
}

var listKeys = deck.MustKeys(Bindings(), table.Bindings()...)

// verbs are the permissions on the catalogue that bindings take.
var verbs = map[string]string{keyNew: "create", keyEdit: "update", keyDelete: "delete"}

// verdict judges a binding on a template; ok is whether there is one.
func verdict(d *deck.Deck, id string, ok bool) vm.Verdict {
	none := vm.Verdict{Cause: vm.State, Reason: "there is no template under the cursor"}
	switch {
	case !ok && slices.Contains([]string{keyOpen, keyLaunch, keyEdit, keyDelete, keyCopy}, id):
		return none
	case id == keyLaunch:
		return launching(d)
	case verbs[id] != "":
		return writing(d, verbs[id])
	}
	return vm.Verdict{}
}

// do carries out a binding, or says why it is off.
func (p *Page) do(id string) tea.Cmd {
	t, ok := p.list.Current()
	if v := p.verdict(id); v.Off() {
		return p.refuse(id, v)
	}
	switch id {
	case keyOpen:
		return shell.Push(newDetail(p, t))
	case keyNew:
		return p.make(t, ok)
	case keyProfiles:
		return message(deck.ShowProfiles{})
	}
	if cmd, ok := p.list.Do(id); ok {
		return cmd
	}
	return p.on(id, t)
}

// on carries out what is about one template, here or on its page.
func (p *Page) on(id string, t template.Template) tea.Cmd {
	switch id {
	case keyLaunch:
		return message(deck.Launch{Template: t.Name})
	case keyEdit:
		return p.edit(t)
	case keyDelete:
		return p.remove(t)
	case keyCopy:
		return copyYAML(t)
	}
	cmd, _ := p.deck.Do(id)
	return cmd
}

func copyYAML(t template.Template) tea.Cmd {
	manifest, err := t.Manifest()
	if err != nil {
		return shell.Toast(theme.Bad, "copy: "+err.Error())
	}
	return deck.Copy(manifest, "the YAML of "+t.Name)
}

func (p *Page) verdict(id string) vm.Verdict {
	_, ok := p.list.Current()
	if id == keyNew && errors.Is(p.state.Err, template.ErrNoKind) {
		return vm.Verdict{Cause: vm.State, Reason: "a profile has to bring templates first"}
	}
	return verdict(p.deck, id, ok)
}

// refuse says why a binding is off. What is not known yet is tried: the server decides then.
func (p *Page) refuse(id string, v vm.Verdict) tea.Cmd {
	return explain(p.deck, listKeys.Binding(id).Label, v)
}

// Hints implements shell.Page.
func (p *Page) Hints() []shell.Hint {
	if hints := p.list.Hints(); hints != nil {
		return hints
	}
	_, current := p.list.Current()
	var on, off []shell.Hint
	if current {
		for _, id := range []string{keyLaunch, keyOpen, keyNew, keyEdit, keyDelete} {
			on, off = hint(on, off, id, p.verdict(id))
		}
		on = append(on, shell.Hint{Key: "/", Label: "filter", Priority: 2})
	} else {
		on, off = hint(on, off, keyNew, p.verdict(keyNew))
		on = append(on, shell.Hint{Key: "p", Label: "profiles"}, shell.Hint{Key: "R", Label: "retry", Priority: 1})
	}
	on = append(on, shell.Hint{Key: "esc", Label: "back", Priority: 1}, shell.Hint{Key: ":", Label: "command", Priority: 3}, shell.Hint{Key: "?", Label: "help"})
	return append(on, off...)
}

func hint(on, off []shell.Hint, id string, v vm.Verdict) ([]shell.Hint, []shell.Hint) {
	b := listKeys.Binding(id)
	h := shell.Hint{Key: b.Keys[0], Label: b.Label, Off: !v.Offered(), Reason: v.Reason, Priority: 2}
	if id == keyLaunch {
		h.Priority = 1
	}
	if h.Off {
		return on, append(off, h)
	}
	return append(on, h), off
}

// Help implements shell.Page.
func (p *Page) Help() []help.Section {
	own := shell.Section("Templates", Bindings(), p.th.Glyphs)
	for i, b := range Bindings() {
		if v := p.verdict(b.ID); !v.Offered() {
			own.Lines[i].Off = v.Reason
		}
	}
	return []help.Section{own, shell.Section("Moving", table.Bindings(), p.th.Glyphs)}
}

// Commands implements shell.Page.
func (p *Page) Commands() []palette.Entry {
	var entries []palette.Entry
	for _, b := range Bindings() {
		if b.ID == keyLaunch { // the program's own takes the name of a template
			continue
		}
		v := p.verdict(b.ID)
		e := palette.Entry{ID: b.ID, Title: b.Help, Key: b.Keys[0], Disabled: !v.Offered(), Reason: v.Reason, Run: func(args string) tea.Cmd {
			if args = strings.TrimSpace(args); b.ID == list.Filter && args != "" {
				p.list.Query.SetValue(args)
				return nil
			}
			return p.do(b.ID)
		}}
		if b.ID == list.Filter {
			e.Args = "[words]"
		}
		entries = append(entries, e)
	}
	return entries
}
