package profiles

import (
	"context"
	"errors"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// looked says whether a version can be deleted.
type looked struct {
	row   *row
	under shell.Page
	err   error
}

// remove looks whether a version is in use and asks before it deletes it. What was read now is what is deleted: the version of the object
// goes along.
func (p *Page) remove(r *row, under shell.Page) tea.Cmd {
	keeper := p.keeper()
	return p.beside("Looking whether "+r.title()+" is in use", func(ctx context.Context) tea.Msg {
		return looked{r, under, keeper.Deletable(ctx, *r.stored)}
	})
}

// askDelete has the name typed, or says what uses the profile.
func (p *Page) askDelete(l looked) tea.Cmd {
	name := l.row.ref.Name
	if errors.Is(l.err, profile.ErrInUse) {
		actions := []dialog.Button{{ID: keyRemove, Label: "Remove from the cluster" + p.th.Glyphs.Ellipsis}}
		return shell.OpenDialog(dialog.NewReason(p.th, l.row.title()+" is in use", []string{l.err.Error() + "."}, actions, func(answer dialog.Result) tea.Cmd {
			if !answer.OK {
				return nil
			}
			return message(deck.RemoveProfile{Profile: name})
		}))
	}
	body := []string{
		"Deletes this version of the profile from " + p.keeper().Profiles.Where() + ". Other versions stay, and so does all that is on clusters.",
		"Other clusters are not looked at: without the profile they keep what they have, and it can still be rolled back and removed there.",
	}
	if l.err != nil {
		body = append(body, "", "Whether this cluster uses it could not be found out: "+l.err.Error()+".")
	}
	question := dialog.NewTypeToConfirm(p.th, "Delete "+l.row.title(), body, l.row.stored.Name, "delete", func(answer dialog.Result) tea.Cmd {
		if !answer.OK {
			return nil
		}
		return p.delete(l)
	})
	return shell.OpenDialog(question)
}

// deleted is the outcome of a deletion.
type deleted struct {
	looked
	err error
}

func (p *Page) delete(l looked) tea.Cmd {
	keeper, unchecked := p.keeper(), l.err != nil
	return p.beside("Deleting "+l.row.title(), func(ctx context.Context) tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, 2*kube.CallTimeout)
		defer cancel()
		return deleted{l, keeper.Delete(ctx, *l.row.stored, unchecked)}
	})
}

func (p *Page) deleted(d deleted) tea.Cmd {
	p.deck.RereadProfiles()
	if d.err != nil {
		return shell.OpenDialog(dialog.NewReason(p.th, d.row.title()+" was not deleted", []string{d.err.Error()}, nil, nil))
	}
	cmd := shell.Toast(theme.Good, "deleted "+d.row.title())
	if d.under != nil {
		cmd = tea.Batch(shell.Close(d.under), cmd)
	}
	return cmd
}
