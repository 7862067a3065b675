package registries

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
)

// remove asks whether a registry is to be forgotten, and says who needs it.
func (p *Page) remove(r *row) tea.Cmd {
	name := r.name()
	var body []string
	users, gap := p.users(name)
	if len(users) > 0 {
		have := "have"
		if len(users) == 1 {
			have = "has"
		}
		body = append(body, fmt.Sprintf("%s %s packs from it, and cannot be applied until it is added again.", text.Listed(users, 5), have))
	} else {
		body = append(body, "Profiles whose packs come from it cannot be applied until it is added again.")
	}
	if gap != "" {
		body = append(body, gap)
	} else if len(users) == 0 {
		body = append(body, "No stored profile uses it.")
	}
	body = append(body, "What is in the registry stays where it is.")
	store := p.deck.Platform.Registries
	return shell.OpenDialog(dialog.NewConfirm(p.th, "Forget the registry "+name+"?", body, []dialog.Button{{ID: "remove", Label: "Forget it", Danger: true}},
		func(result dialog.Result) tea.Cmd {
			if result.Choice != "remove" {
				return nil
			}
			return p.mine(func() tea.Msg {
				found, err := store.Remove(name)
				if err == nil && !found {
					err = fmt.Errorf("the registry %s was not in %s any more", name, store.Path())
				}
				return written{said: "The registry " + name + " was removed from " + store.Path() + ".", err: err}
			})
		}))
}

// all are the registries that are listed.
func (p *Page) all() profile.Registries {
	out := make([]pack.Registry, len(p.rows))
	for i, r := range p.rows {
		out[i] = r.registry
	}
	return out
}
