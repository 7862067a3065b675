package wizard

import (
	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/ui/shell"
)

// kind is the step of the profile's type, of which there is one.
type kind struct {
	*form
	page *Page
}

func newKind(p *Page) screen {
	only := newRadio("type", "Type", []option{{id: profile.TypeAddOn, title: profile.TypeAddOn, note: "adds to a cluster that is there"}}, profile.TypeAddOn, func(string) {})
	return &kind{form: newForm(p.th, only), page: p}
}

func (k *kind) update(msg tea.Msg) tea.Cmd {
	if k.form.update(msg) {
		return k.page.next()
	}
	return nil
}

func (k *kind) view(w, h int) string {
	return formView(k.form, "An add-on profile brings packs to a cluster that exists already; it neither makes clusters nor changes how they were made. It is the only type.", w, h)
}

func (k *kind) hints() []shell.Hint { return []shell.Hint{{Key: "enter", Label: "next"}} }

func (k *kind) escape() bool { return false }

func (k *kind) refresh() tea.Cmd { return nil }

func (k *kind) fault() string { return "" }
