package templates

import (
	"context"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/ui/choose"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// make asks what a new template begins as.
func (p *Page) make(current template.Template, ok bool) tea.Cmd {
	items := []choose.Item{{ID: "blank", Title: "Blank", Desc: "a small Linux VM with one disk, to be filled in"}}
	if ok {
		items = append(items, choose.Item{ID: "copy", Title: "Copy of " + current.Title, Desc: current.Name})
	}
	items = append(items, choose.Item{ID: "vm", Title: "From a VM", Desc: "as a VM of this cluster is now, without what is its own"})
	return shell.OpenDialog(dialog.NewPicker(p.th, "New template", items, func(r dialog.Result) tea.Cmd {
		switch {
		case !r.OK:
			return nil
		case r.Choice == "blank":
			return shell.Push(newManuscript(p.deck, template.Template{}, template.Blank))
		case r.Choice == "copy":
			return p.copyOf(current)
		}
		return p.askVM()
	}))
}

// copyOf opens a template like another one, under a name that is free.
func (p *Page) copyOf(t template.Template) tea.Cmd {
	name := t.Name + "-copy"
	for n := 2; p.taken(name); n++ {
		name = fmt.Sprintf("%s-copy-%d", t.Name, n)
	}
	return open(p.deck, t.Like(name))
}

func (p *Page) taken(name string) bool {
	_, ok := p.state.Find(name)
	return ok
}

// open shows a template as text to be written.
func open(d *deck.Deck, t template.Template, notes ...string) tea.Cmd {
	manifest, err := t.Manifest()
	if err != nil {
		return shell.Toast(theme.Bad, err.Error())
	}
	return shell.Push(newManuscript(d, t, manifest, notes...))
}

func (p *Page) edit(t template.Template) tea.Cmd { return open(p.deck, t) }

// askVM asks from which VM.
func (p *Page) askVM() tea.Cmd {
	fields := []dialog.Field{{ID: "vm", Label: "VM", Placeholder: "namespace/name", Help: "The VM stays as it is. Its addresses and serial numbers are left out.",
		Validate: func(s string) string {
			if namespace, name, ok := strings.Cut(strings.TrimSpace(s), "/"); !ok || namespace == "" || name == "" {
				return "name it with its namespace, as in team-a/web-1"
			}
			return ""
		}}}
	return shell.OpenDialog(dialog.NewForm(p.th, "New template from a VM", nil, fields, "Read it", func(r dialog.Result) tea.Cmd {
		if !r.OK {
			return nil
		}
		namespace, name, _ := strings.Cut(strings.TrimSpace(r.Values["vm"]), "/")
		return p.fromVM(namespace, name)
	}))
}

func (p *Page) fromVM(namespace, name string) tea.Cmd {
	parent, d := p.deck.Context(), p.deck
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(parent, saveWithin)
		defer cancel()
		t, notes, err := template.FromVM(ctx, d.Cluster, namespace, name)
		if err != nil {
			return shell.Toast(theme.Bad, err.Error())()
		}
		return open(d, t, notes...)()
	}
}
