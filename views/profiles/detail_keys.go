package profiles

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/choose"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// Names of the bindings that only a profile's page has.
const (
	keyPart     = "part"
	keySettings = "settings"
	keyYAML     = "copy-yaml"
)

var detailKeys = deck.MustKeys(detailBindings(), pager.Bindings()...)

func detailBindings() []keys.Binding {
	return slices.Concat([]keys.Binding{
		{ID: keyPart, Keys: []string{"tab", "shift+tab"}, Label: "next", Help: "Overview, On this cluster, or YAML"},
	}, shared(), []keys.Binding{
		{ID: keySettings, Keys: []string{"s"}, Label: "settings", Help: "RBAC: who gets which role; registries and templates"},
		{ID: keyCopy, Keys: []string{"y"}, Label: "copy", Help: "Copy what is shown to the clipboard of your terminal"},
		{ID: keyYAML, Keys: []string{"Y"}, Label: "copy YAML", Help: "Copy the profile as YAML to the clipboard of your terminal"},
	})
}

// off says why a binding does nothing at the moment.
func (d *detail) off(id string) string {
	switch {
	case id == keyYAML:
		return d.root.offFor(keyCopy, d.row)
	case id == keyCopy, !about[id]:
		return ""
	case d.gone:
		return "it was deleted"
	case id == keyBack && d.stand.status != nil && len(d.stand.status.Layers) > 0 && len(revisionItems(d.stand.status)) == 0:
		return "there is no former revision to go back to"
	}
	return d.root.offFor(id, d.row)
}

func (d *detail) do(id string) tea.Cmd {
	if reason := d.off(id); reason != "" {
		return shell.Toast(theme.Warn, d.label(id)+": "+reason)
	}
	switch id {
	case keyPart:
		d.show((d.part + 1) % partCount)
	case keySettings:
		return d.settings()
	case keyCopy:
		d.draw()
		return deck.Copy(d.pagers[d.part].Text(), partTitles[d.part]+" of "+d.Title())
	case keyYAML:
		return d.root.copy([]*row{d.row})
	case keyBack:
		if d.stand.status != nil {
			return d.root.pickRevision(d.stand)
		}
		return d.root.rollBack(d.row)
	default:
		if about[id] {
			return d.root.doWith(id, d.row, d)
		}
		cmd := d.root.around(id)
		if id == keyRetry {
			cmd = tea.Batch(cmd, d.resolve(), d.read())
		}
		return cmd
	}
	return nil
}

func (d *detail) label(id string) string {
	all := detailBindings()
	return all[slices.IndexFunc(all, func(b keys.Binding) bool { return b.ID == id })].Label
}

func (d *detail) show(p part) {
	d.pagers[d.part].Escape()
	d.part = p
	d.stale()
}

// settings offers what belongs to a platform besides its packs, first who may work with it.
func (d *detail) settings() tea.Cmd {
	rule := deck.EditRule{}
	if d.found != nil {
		rule.Rule = rbac.BindingRule{Namespaces: d.found.resolved.VMNamespaces()}
	}
	leads := map[string]tea.Msg{"rbac": rule, "bindings": deck.ShowBindings{}, "roles": deck.ShowRoles{}, "registries": deck.ShowRegistries{}, "templates": deck.ShowTemplates{}}
	items := []choose.Item{
		{ID: "rbac", Title: "RBAC", Desc: "give people a role in the VM namespaces"},
		{ID: "bindings", Title: "Role bindings", Desc: "who has which rights on VMs now"},
		{ID: "roles", Title: "Roles", Desc: "what each role permits"},
		{ID: "registries", Title: "Registries", Desc: "where packs come from"},
		{ID: "templates", Title: "VM templates", Desc: "what VMs are made from"},
	}
	return shell.OpenDialog(dialog.NewPicker(d.root.th, "Settings", items, func(answer dialog.Result) tea.Cmd {
		if lead := leads[answer.Choice]; answer.OK && lead != nil {
			return message(lead)
		}
		return nil
	}))
}

// Hints implements shell.Page.
func (d *detail) Hints() []shell.Hint {
	if d.Capturing() {
		return []shell.Hint{{Key: "enter", Label: "keep search"}, {Key: "esc", Label: "clear"}}
	}
	hints := []shell.Hint{{Key: "tab", Label: strings.ToLower(partTitles[(d.part+1)%partCount])}}
	priorities := map[string]int{keyApply: 1, keySettings: 1, keyVersion: 2, keyEdit: 2}
	var off []shell.Hint
	for _, b := range detailBindings()[1:] {
		hint := shell.Hint{Key: b.Keys[0], Label: b.Label, Reason: d.off(b.ID), Priority: 3}
		if p, known := priorities[b.ID]; known {
			hint.Priority = p
		}
		switch hint.Off = hint.Reason != ""; {
		case !hint.Off:
			hints = append(hints, hint)
		case !seldom[b.ID]:
			off = append(off, hint)
		}
	}
	hints = append(hints, shell.Hint{Key: "esc", Label: "back"}, shell.Hint{Key: "?", Label: "help", Priority: 1})
	return append(hints, off...)
}

// Help implements shell.Page.
func (d *detail) Help() []help.Section {
	own := shell.SectionOff("Profile", detailBindings(), d.root.th.Glyphs, d.off)
	path := help.Section{Title: "Settings", Lines: []help.Line{
		{Key: "s " + keys.Pretty("enter", d.root.th.Glyphs), Text: "RBAC: make a role binding rule for the profile's namespaces; Confirm makes the bindings"},
	}}
	return []help.Section{own, path, shell.Section("Moving and searching", pager.Bindings(), d.root.th.Glyphs)}
}

// Commands implements shell.Page.
func (d *detail) Commands() []palette.Entry {
	own := slices.DeleteFunc(detailBindings()[1:], func(b keys.Binding) bool { return b.ID == keyApply }) // the program has a command for it
	entries := shell.Commands(own, d.off, d.do)
	ids := [partCount]string{"overview", "on-cluster", "yaml"}
	for i, title := range partTitles {
		entries = append(entries, palette.Entry{ID: ids[i], Title: "Show: " + title, Run: func(string) tea.Cmd { d.show(part(i)); return nil }})
	}
	return entries
}
