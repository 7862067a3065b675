package wizard

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
)

// basics is the step of name, version and description.
type basics struct {
	*form
	page *Page
	cmd  tea.Cmd // of what was typed
}

func newBasics(p *Page) screen {
	b := &basics{page: p}
	d := &p.draft
	typed := func() { b.cmd = tea.Batch(b.cmd, p.touch()) }
	about := newText(p.th, "description", "Description", "Optional: what the profile is for. alt+enter begins a line.", 3, &d.Description)
	about.typed = typed
	if d.inPlace() {
		b.form = newForm(p.th, about)
		return b
	}
	name := newEntry(p.th, "name", "Name", "Lower case letters, digits and dashes, such as vm-platform.", "", &d.Name, func(string) string { return d.nameProblem(p.list) })
	version := newEntry(p.th, "version", "Version", "Optional. Versions of a profile live side by side.", profile.DefaultVersion, &d.Version, func(string) string { return d.versionProblem() })
	name.typed, version.typed = typed, typed
	b.form = newForm(p.th, name, version, about)
	return b
}

func (b *basics) update(msg tea.Msg) tea.Cmd {
	through := b.form.update(msg)
	cmd := b.cmd
	b.cmd = nil
	if through {
		return tea.Batch(cmd, b.page.next())
	}
	return cmd
}

func (b *basics) view(w, h int) string {
	words := "Who reads it later should know by the name and the description what the profile is for."
	if b.page.draft.inPlace() {
		words = fmt.Sprintf("The profile %s is changed in place, so its name and version stay.", b.page.draft.profile().Ref())
	} else if others := b.page.draft.versionsOf(b.page.list); len(others) > 0 {
		words = fmt.Sprintf("There are versions of %s already: %s.", strings.TrimSpace(b.page.draft.Name), text.Listed(others, 4))
	}
	return formView(b.form, words, w, h)
}

func (b *basics) hints() []shell.Hint { return []shell.Hint{{Key: "enter", Label: "next"}} }

func (b *basics) escape() bool { return false }

func (b *basics) refresh() tea.Cmd { return nil }

func (b *basics) fault() string {
	if b.form.fault() {
		return putRight
	}
	return ""
}
