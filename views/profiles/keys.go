package profiles

import (
	"slices"

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
	keyOpen       = "open"
	keyAdd        = "add-layer"
	keyNew        = "new-profile"
	keyEdit       = "edit-profile"
	keyVersion    = "new-version"
	keyApply      = "apply-profile"
	keyBack       = "roll-back"
	keyRemove     = "remove-profile"
	keyDelete     = "delete-profile"
	keyExport     = "export"
	keyCopy       = "copy"
	keyRegistries = "registries"
	keyTemplates  = "templates"
	keyInstall    = "install-definition"

	keyRetry = "retry" // the deck's
)

// shared are the bindings of the list that a profile's page has too.
func shared() []keys.Binding {
	return []keys.Binding{
		{ID: keyApply, Keys: []string{"a"}, Label: "apply", Help: "Compare the profile with the cluster, and apply it after that is confirmed"},
		{ID: keyEdit, Keys: []string{"e"}, Label: "edit", Help: "Change this version; one that is on the cluster stays as it is"},
		{ID: keyVersion, Keys: []string{"v"}, Label: "new version", Help: "Make a new version that begins as this one"},
		{ID: keyBack, Keys: []string{"b"}, Label: "roll back", Help: "Take the cluster back to what the profile had on it before"},
		{ID: keyRemove, Keys: []string{"u"}, Label: "remove", Help: "Uninstall what the profile has on the cluster; the profile stays"},
		{ID: keyDelete, Keys: []string{"D"}, Label: "delete", Help: "Delete this version from where profiles are kept, if nothing uses it"},
		{ID: keyExport, Keys: []string{"x"}, Label: "export", Help: "Write the profile into a YAML file"},
	}
}

// Bindings are the keys of the list besides those of the table and of every screen.
func Bindings() []keys.Binding {
	return slices.Concat([]keys.Binding{
		{ID: keyOpen, Keys: []string{"enter"}, Label: "open", Help: "The profile's layers, how they are on the cluster, its settings and YAML"},
		{ID: keyAdd, Keys: []string{"+"}, Label: "add layers", Help: "Choose a profile to put on this cluster, and open it"},
		{ID: keyNew, Keys: []string{"n"}, Label: "new", Help: "Make a profile, step by step"},
	}, shared(), []keys.Binding{
		{ID: keyCopy, Keys: []string{"y"}, Label: "copy", Help: "Copy the profile as YAML, or the marked ones, to the clipboard of your terminal"},
		{ID: keyRegistries, Keys: []string{"r"}, Label: "registries", Help: "Show where packs come from; add and test registries"},
		{ID: keyTemplates, Keys: []string{"t"}, Label: "templates", Help: "Show the templates that VMs are made from"},
		{ID: keyInstall, Keys: []string{"I"}, Label: "install", Help: "Make the custom resource of profiles known to the cluster, or bring it up to date"},
		list.FilterKey(),
		list.SortKey(),
		list.ReverseKey(),
	})
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
	case keyAdd:
		return p.add()
	case keyNew:
		return message(deck.NewProfile{})
	case keyCopy:
		return p.copy(p.list.MarkedOrCurrent())
	case keyRegistries:
		return message(deck.ShowRegistries{})
	case keyTemplates:
		return message(deck.ShowTemplates{})
	case keyInstall:
		return p.install()
	default:
		if r, ok := p.list.Current(); ok && about[id] {
			return p.doWith(id, r, nil)
		}
		if cmd, ok := p.list.Do(id); ok {
			return cmd
		}
		return p.around(id)
	}
}

// doWith carries out a binding that is about a version. under is the page that is about it and goes when it is deleted; nil: none.
func (p *Page) doWith(id string, r *row, under shell.Page) tea.Cmd {
	switch id {
	case keyOpen:
		return p.openRow(r)
	case keyApply:
		return message(deck.Apply{Profile: r.stored.Value})
	case keyEdit:
		value := r.stored.Value
		return message(deck.NewProfile{From: &value, Replaces: *r.stored})
	case keyVersion:
		value := r.stored.Value
		return message(deck.NewProfile{From: &value})
	case keyBack:
		return p.rollBack(r)
	case keyRemove:
		return message(deck.RemoveProfile{Profile: r.ref.Name})
	case keyDelete:
		return p.remove(r, under)
	case keyExport:
		return p.export(r)
	}
	return nil
}

// around carries out a binding of the deck. A retry reads profiles and releases anew too.
func (p *Page) around(id string) tea.Cmd {
	cmd, _ := p.deck.Do(id)
	if id == keyRetry {
		p.deck.RereadProfiles()
	}
	return cmd
}

// seldom are the bindings that are off for most rows, which the help says and the key bar has no room for.
var seldom = map[string]bool{keyEdit: true, keyVersion: true, keyBack: true, keyRemove: true, keyDelete: true, keyExport: true}

// Hints implements shell.Page.
func (p *Page) Hints() []shell.Hint {
	if hints := p.list.Hints(); hints != nil {
		return hints
	}
	var on, off []shell.Hint
	add := func(priority int, ids ...string) {
		for _, id := range ids {
			b := listKeys.Binding(id)
			hint := shell.Hint{Key: b.Keys[0], Label: b.Label, Reason: p.off(id), Priority: priority}
			switch hint.Off = hint.Reason != ""; {
			case !hint.Off:
				on = append(on, hint)
			case !seldom[id]:
				off = append(off, hint)
			}
		}
	}
	_, current := p.list.Current()
	switch {
	case current:
		add(1, keyOpen, keyAdd, keyNew, keyApply)
		add(2, keyEdit, keyVersion)
		add(3, keyBack, keyRemove, keyDelete, keyExport, list.Filter)
	case p.list.Query.Value() != "" && p.list.Total() > 0:
		on = append(on, shell.Hint{Key: "esc", Label: "clear filter"})
	case !p.state.At.IsZero():
		if p.state.Err != nil {
			add(1, keyInstall)
		}
		add(1, keyNew)
	default:
		on = append(on, shell.Hint{Key: "R", Label: "retry", Priority: 1}, shell.Hint{Key: "C", Label: "context", Priority: 1})
	}
	add(3, keyRegistries, keyTemplates)
	on = append(on, shell.Hint{Key: ":", Label: "command", Priority: 4}, shell.Hint{Key: "?", Label: "help"})
	return append(on, off...)
}

// Help implements shell.Page.
func (p *Page) Help() []help.Section {
	own := shell.SectionOff("Profiles", Bindings(), p.th.Glyphs, p.off)
	enter := keys.Pretty("enter", p.th.Glyphs)
	path := help.Section{Title: "From here to people who work with VMs", Lines: []help.Line{
		{Key: "+", Text: "choose the profile for this cluster's add-on layers; its page opens"},
		{Key: listKeys.Binding(keyApply).Keys[0], Text: "apply it: the difference first, then Confirm; Updating, with events, until it is Running"},
		{Key: "s " + enter, Text: "on the profile's page: Settings, RBAC: who gets which role where; Confirm makes the bindings"},
	}}
	filter := help.Section{Title: "Filter", Lines: []help.Line{
		{Key: "text", Text: "part of name, version, packs, description or state; several words must all be there"},
		{Key: "!text", Text: "what does not have it: !running"},
	}}
	return []help.Section{own, path, filter, shell.Section("Moving and marking", table.Bindings(), p.th.Glyphs)}
}

// Commands implements shell.Page.
func (p *Page) Commands() []palette.Entry {
	own := slices.DeleteFunc(Bindings(), func(b keys.Binding) bool { // the program has commands for these
		return slices.Contains([]string{keyNew, keyApply, keyRegistries, keyTemplates}, b.ID)
	})
	return p.list.Commands(shell.Commands(own, p.off, p.do), "[words]")
}
