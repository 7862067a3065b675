package profiles

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
)

// tried says whether the server would take the custom resource.
type tried struct{ err error }

// installed is the outcome of installing it.
type installed struct{ err error }

// install has the server try the custom resource, and asks.
func (p *Page) install() tea.Cmd {
	keeper := p.keeper()
	return p.beside("Having the server try the custom resource", func(ctx context.Context) tea.Msg {
		return tried{keeper.Install(ctx, true)}
	})
}

func (p *Page) askInstall(t tried) tea.Cmd {
	if t.err != nil {
		return shell.OpenDialog(dialog.NewReason(p.th, "The custom resource cannot be installed", []string{t.err.Error()}, nil, nil))
	}
	body := []string{
		"Makes the custom resource clusterprofiles.vmdeck.dev known to the cluster, or brings it up to date. Profiles that are there stay as they are.",
		"The server has tried it and would take it.",
	}
	keeper := p.keeper()
	question := dialog.NewConfirm(p.th, "Install the custom resource of profiles", body, []dialog.Button{{ID: keyInstall, Label: "Install"}}, func(answer dialog.Result) tea.Cmd {
		if !answer.OK {
			return nil
		}
		return p.beside("Installing the custom resource", func(ctx context.Context) tea.Msg { return installed{keeper.Install(ctx, false)} })
	})
	return shell.OpenDialog(question)
}

func (p *Page) installed(i installed) tea.Cmd {
	p.deck.RereadProfiles()
	if i.err != nil {
		return shell.OpenDialog(dialog.NewReason(p.th, "The custom resource was not installed", []string{i.err.Error()}, nil, nil))
	}
	return shell.Toast(theme.Good, "the cluster knows profiles now")
}
