package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/choose"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// pickContext offers the kubeconfig's contexts. It works without a connection: that is when it is needed most.
func (a *App) pickContext() tea.Cmd {
	names, err := a.o.Contexts()
	if err != nil {
		return shell.Toast(theme.Bad, err.Error())
	}
	current := a.deck.Cluster.Target().Context
	var items []choose.Item
	for _, name := range names {
		item := choose.Item{ID: name, Title: name}
		if name == current {
			item.Desc = "current"
		}
		items = append(items, item)
	}
	return shell.OpenDialog(dialog.NewPicker(a.o.Theme, "Context", items, func(r dialog.Result) tea.Cmd {
		if !r.OK {
			return nil
		}
		return a.openContext(r.Choice)
	}))
}

// openContext opens a context as the user that was chosen for it.
func (a *App) openContext(name string) tea.Cmd { return a.openAs(name, a.users.of(name)) }

// openAs opens a context beside the screen; the present one, and who one is in it, stays until that has worked.
func (a *App) openAs(name, user string) tea.Cmd {
	if busy := a.shell.Busy(); busy != "" {
		return shell.Toast(theme.Warn, busy)
	}
	ctx, open := a.ctx, a.o.Open
	return func() tea.Msg {
		o, err := open(ctx, name, user)
		return opened{name, user, o, err}
	}
}

// openMember connects to another cluster of a group, for a change there that is begun here. It runs beside the screen.
func (a *App) openMember(ctx context.Context, name string) (deck.Member, error) {
	o, err := a.open(ctx, name)
	if err != nil {
		return deck.Member{}, err
	}
	return deck.NewMember(ctx, o.Cluster, a.deckOptions(o)), nil
}

func (a *App) contextCommand(args string) tea.Cmd {
	name := strings.TrimSpace(args)
	if name == "" {
		return a.pickContext()
	}
	names, err := a.o.Contexts()
	if err == nil && !slices.Contains(names, name) {
		err = fmt.Errorf("there is no context %q; there are %s", name, strings.Join(names, ", "))
	}
	if err != nil {
		return shell.Toast(theme.Bad, err.Error())
	}
	return a.openContext(name)
}

func (a *App) commands() []palette.Entry {
	return append([]palette.Entry{
		{ID: "ctx", Title: "Switch to another context of the kubeconfig", Key: "C", Args: "[context]", Run: a.contextCommand},
		{ID: "as", Title: "Look as somebody else: what they may do and why not", Args: "[user [group" + a.o.Theme.Glyphs.Ellipsis + "]]", Run: a.asCommand},
		{ID: "bindings", Title: "Show who has which rights on VMs", Args: "[filter]", Run: send(func(args string) tea.Msg { return deck.ShowBindings{Query: args} })},
		{ID: "validate", Title: "Check whether the VM platform works", Run: func(string) tea.Cmd { return a.switchTo(a.check) }},
		{ID: "rule", Title: "Give somebody rights: make a role binding rule", Run: send(func(string) tea.Msg { return deck.EditRule{} })},
		{ID: "roles", Title: "Show which role permits which action", Run: send(func(string) tea.Msg { return deck.ShowRoles{} })},
		{ID: "who-can", Title: "Show who may do something", Args: "[action [namespace]]", Run: send(whoCan)},
		{ID: "registries", Title: "Show where packs come from, and the packs", Run: send(func(string) tea.Msg { return deck.ShowRegistries{} })},
		{ID: "retry", Title: "Try the API server again now, and ask anew what you may do", Key: "R", Run: func(string) tea.Cmd { return a.deck.Retry() }},
	}, slices.Concat(connectCommands(a), templateCommands(), profileCommands(), rolloutCommands())...)
}

// send makes a command that asks the program for a screen.
func send(message func(args string) tea.Msg) func(string) tea.Cmd {
	return func(args string) tea.Cmd {
		msg := message(strings.TrimSpace(args))
		return func() tea.Msg { return msg }
	}
}

func whoCan(args string) tea.Msg {
	need, namespace, _ := strings.Cut(args, " ")
	return deck.ShowWhoCan{Need: need, Namespace: strings.TrimSpace(namespace)}
}

func (a *App) help() []help.Section {
	return []help.Section{shell.Section("Connection", deck.Bindings(), a.o.Theme.Glyphs)}
}
