package registries

import (
	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// Names of the bindings.
const (
	keyOpen    = "open"
	keyAll     = "all-packs"
	keyAdd     = "add"
	keyTest    = "test"
	keyTestAll = "test-all"
	keyRemove  = "remove"
	keyCopy    = "copy"
)

// Bindings are the keys of the list of registries besides those of the table and of every screen.
func Bindings() []keys.Binding {
	return []keys.Binding{
		{ID: keyOpen, Keys: []string{"enter"}, Label: "packs", Help: "Show the packs of this registry"},
		{ID: keyAll, Keys: []string{"p"}, Label: "all packs", Help: "Show the packs of all registries"},
		{ID: keyAdd, Keys: []string{"n", "+"}, Label: "add", Help: "Add a registry, after it was tested"},
		{ID: keyTest, Keys: []string{"t"}, Label: "test", Help: "Test the registry again: list its packs and read one"},
		{ID: keyTestAll, Keys: []string{"T"}, Label: "test all", Help: "Test all registries again"},
		{ID: keyRemove, Keys: []string{"D"}, Label: "remove", Help: "Forget the registry; what is in it stays where it is"},
		{ID: keyCopy, Keys: []string{"y"}, Label: "copy", Help: "Copy the registry and what the test found"},
	}
}

var listKeys = deck.MustKeys(Bindings(), table.Bindings()...)

// do carries out a binding, or says why it is off.
func (p *Page) do(id string) tea.Cmd {
	if reason := p.off(id); reason != "" {
		return shell.Toast(theme.Warn, reason)
	}
	current, _ := p.list.Current()
	switch id {
	case keyOpen:
		return shell.Push(NewPacks(p.deck, current.registry))
	case keyAll:
		return shell.Push(NewPacks(p.deck, p.all()...))
	case keyAdd:
		return p.add(nil)
	case keyTest:
		return p.test(current)
	case keyTestAll:
		var cmds []tea.Cmd
		for _, r := range p.rows {
			if !r.probe.running {
				cmds = append(cmds, p.test(r))
			}
		}
		return tea.Batch(cmds...)
	case keyRemove:
		return p.remove(current)
	case keyCopy:
		return deck.Copy(p.plain(current), "the registry "+current.name())
	}
	cmd, _ := p.deck.Do(id)
	return cmd
}

// off says why a binding does nothing at the moment.
func (p *Page) off(id string) string {
	current, ok := p.list.Current()
	switch id {
	case keyOpen, keyTest, keyRemove, keyCopy:
		if !ok {
			return "the registries are still being read"
		}
	}
	switch {
	case id == keyTest && current.probe.running:
		return current.name() + " is being tested"
	case id == keyRemove && current.entry == nil:
		return current.name() + " is built in and cannot be removed"
	case id == keyAdd && p.trying != nil:
		return p.trying.entry.Name + " is still being tested; esc gives it up"
	}
	return ""
}

// Hints implements shell.Page.
func (p *Page) Hints() []shell.Hint {
	priority := map[string]int{keyOpen: 0, keyAdd: 1, keyTest: 1, keyAll: 2, keyRemove: 3, keyTestAll: 4, keyCopy: 5}
	var out []shell.Hint
	for _, b := range Bindings() {
		if p.off(b.ID) == "" {
			out = append(out, shell.Hint{Key: b.Key(p.th.Glyphs), Label: b.Label, Priority: priority[b.ID]})
		}
	}
	return append(out, shell.Hint{Key: "?", Label: "help"})
}

// Help implements shell.Page.
func (p *Page) Help() []help.Section {
	own := shell.SectionOff("Registries", Bindings(), p.th.Glyphs, p.off)
	about := help.Section{Title: "Where packs come from", Lines: []help.Line{
		{Title: "OCI", Text: "oci://host/path, as charts are pushed there by helm push."},
		{Title: "HTTP", Text: "The https:// address of a chart repository, with an index.yaml."},
		{Title: "Folder", Text: "A folder of charts, packed or not, for sites without internet."},
		{Title: "Logins", Text: "Those of docker's configuration are used: log in with docker login. None is kept or shown here."},
	}}
	return []help.Section{own, about, shell.Section("Moving", table.Bindings(), p.th.Glyphs)}
}

// Commands implements shell.Page.
func (p *Page) Commands() []palette.Entry {
	return shell.Commands(Bindings(), p.off, p.do)
}
