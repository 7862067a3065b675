package app

import (
	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/detail"
	"vmdeck.dev/vmdeck/views/templates"
)

// templateCommands are the commands about templates that work on every page.
func templateCommands() []palette.Entry {
	return []palette.Entry{
		{ID: "templates", Title: "Show the catalogue of VM templates", Run: send(func(string) tea.Msg { return deck.ShowTemplates{} })},
		{ID: "launch", Title: "Make a VM from a template", Args: "[template]", Run: send(func(args string) tea.Msg { return deck.Launch{Template: args} })},
	}
}

// forTemplates opens a page about templates; nil for other messages.
func (a *App) forTemplates(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case deck.ShowTemplates:
		return shell.Push(templates.New(a.deck))
	case deck.Launch:
		if msg.Namespace == "" {
			msg.Namespace = a.list.Namespace()
		}
		return shell.Push(templates.NewLaunch(a.deck, msg, func(r *vm.Row) tea.Cmd { return shell.Push(detail.New(a.deck, a.acts, r)) }))
	}
	return nil
}
