package profiles

import (
	"context"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/ui/choose"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// add offers all profiles, as Palette's + beside the add-on layers does; choosing one opens its page.
func (p *Page) add() tea.Cmd {
	var items []choose.Item
	p.list.Each(func(r *row) {
		if r.stored == nil {
			return
		}
		items = append(items, choose.Item{ID: r.id, Title: r.title(), Desc: r.stored.Value.Description, Right: standText(r), Off: r.trouble != "", Reason: "cannot be read"})
	})
	picker := dialog.NewPicker(p.th, "Add-on layers: choose a profile", items, func(answer dialog.Result) tea.Cmd {
		r := p.rows[answer.Choice]
		if !answer.OK || r == nil {
			return nil
		}
		p.list.Select(r.id)
		return p.openRow(r)
	})
	return shell.OpenDialog(picker)
}

// standing is what Applier.Status has found, on the way to a choice of revisions.
type standing struct {
	name   string
	status *apply.Status
	err    error
}

// rollBack reads which revisions there are, and offers those that can be gone back to.
func (p *Page) rollBack(r *row) tea.Cmd {
	read := p.statusOf(r.ref.Name)
	return p.beside("Reading the revisions of "+r.ref.Name, func(ctx context.Context) tea.Msg {
		status, err := read(ctx)
		return standing{r.ref.Name, status, err}
	})
}

// pickRevision offers the revisions of a profile.
func (p *Page) pickRevision(s standing) tea.Cmd {
	if s.err != nil {
		return shell.OpenDialog(dialog.NewReason(p.th, "Roll "+s.name+" back", []string{s.err.Error()}, nil, nil))
	}
	items := revisionItems(s.status)
	if len(items) == 0 {
		return shell.Toast(theme.Warn, fmt.Sprintf("roll back: there is no former revision of %s to go back to", s.name))
	}
	picker := dialog.NewPicker(p.th, "Roll "+s.name+" back to", items, func(answer dialog.Result) tea.Cmd {
		var to int
		if _, err := fmt.Sscan(answer.Choice, &to); err != nil || !answer.OK {
			return nil
		}
		return message(deck.RollBack{Profile: s.name, To: to})
	})
	picker.Note = fmt.Sprintf("Now: revision %d, version %s. The difference is shown before anything is done.", s.status.Revision, orUnknown(s.status.Version))
	return shell.OpenDialog(picker)
}

func orUnknown(version string) string {
	if version == "" {
		return "not known"
	}
	return version
}

// revisionItems are the former revisions, the newest first.
func revisionItems(s *apply.Status) []choose.Item {
	var items []choose.Item
	for _, r := range s.Revisions {
		if r.Number != s.Revision {
			items = append(items, choose.Item{ID: fmt.Sprint(r.Number), Title: "version " + r.Version, Desc: fmt.Sprintf("revision %d", r.Number), Right: stamp(r.Time)})
		}
	}
	return items
}

// copy puts profiles as YAML into the clipboard.
func (p *Page) copy(rows []*row) tea.Cmd {
	var documents, names []string
	for _, r := range rows {
		if reason := p.offFor(keyCopy, r); reason != "" {
			return shell.Toast(theme.Warn, "copy: "+r.title()+": "+reason)
		}
		yaml, err := r.stored.Value.Manifest()
		if err != nil {
			return shell.Toast(theme.Bad, err.Error())
		}
		documents, names = append(documents, string(yaml)), append(names, r.title())
	}
	return deck.Copy(strings.Join(documents, "---\n"), "the YAML of "+text.Listed(names, 2))
}
