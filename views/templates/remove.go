package templates

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// remove asks by the template's name, and deletes the very version that is shown.
func (p *Page) remove(t template.Template) tea.Cmd {
	body := []string{"The template goes out of the catalogue for everybody. VMs that were made from it stay as they are."}
	if t.Owner != "" {
		body = append(body, "It belongs to "+t.Owner+", whose next upgrade brings it back.")
	}
	return shell.OpenDialog(dialog.NewTypeToConfirm(p.th, "Delete the template "+t.Title+"?", body, t.Name, "delete", func(r dialog.Result) tea.Cmd {
		if !r.OK {
			return nil
		}
		return removing(p.deck, t)
	}))
}

// removing deletes beside the screen. It belongs to the deck, so that its end is told whatever page is shown then.
func removing(d *deck.Deck, t template.Template) tea.Cmd {
	parent, keeper := d.Context(), d.Platform.Templates
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(parent, saveWithin)
		defer cancel()
		err := keeper.Delete(ctx, t, false)
		d.RereadTemplates()
		if err != nil {
			return shell.Toast(theme.Bad, err.Error())()
		}
		return shell.Toast(theme.Good, "the template "+t.Name+" is deleted")()
	}
}
