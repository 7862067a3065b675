package app

import (
	"context"
	"fmt"
	"sync"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/connect"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/vms"
)

// identities are the kubeconfig users that were connected with in this session, by context. They are safe for concurrent use: clusters of
// a group are opened beside the screen.
type identities struct {
	mu     sync.Mutex
	chosen map[string]string
}

func (i *identities) of(name string) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.chosen[name]
}

// choose keeps the user of a context; an empty one forgets it.
func (i *identities) choose(name, user string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.chosen == nil {
		i.chosen = map[string]string{}
	}
	i.chosen[name] = user
}

// open opens a context as the user that was chosen for it.
func (a *App) open(ctx context.Context, name string) (Opened, error) {
	return a.o.Open(ctx, name, a.users.of(name))
}

// entering goes on with a connection as another user of the kubeconfig.
type entering struct {
	name, user string
	o          Opened
}

// newConnect makes the page of the cluster's details.
func (a *App) newConnect() *connect.Page {
	name := a.deck.Cluster.Target().Context
	o := a.o
	return connect.New(a.deck, connect.Door{
		Users: func() ([]config.User, error) { return o.Users(name) },
		Open: func(ctx context.Context, user string) (*kube.Cluster, tea.Msg, error) {
			opened, err := o.Open(ctx, name, user)
			return opened.Cluster, entering{name, user, opened}, err
		},
		Chosen: a.users.of(name), Back: a.disconnect, File: o.ConfigFile,
	})
}

// enter shows the VMs as the user that was connected with.
func (a *App) enter(msg entering) tea.Cmd {
	if busy := a.shell.Busy(); busy != "" {
		return shell.Toast(theme.Warn, busy)
	}
	a.users.choose(msg.name, msg.user)
	a.show(msg.o)
	return tea.Batch(shell.SetTabs(a.tabs()...), shell.SwitchTab(0), a.deck.Wait(), shell.Toast(theme.Info, fmt.Sprintf("connected as the kubeconfig user %s", msg.user)))
}

// disconnect goes back to the context's own user.
func (a *App) disconnect() tea.Cmd {
	name := a.deck.Cluster.Target().Context
	if a.users.of(name) == "" {
		return shell.Toast(theme.Info, "you are connected as the context's own user")
	}
	return a.openAs(name, "")
}

// front is the first tab: the VMs, or where one has to connect first, the page that leads there.
func (a *App) front() shell.Page {
	if a.connecting {
		return a.entry
	}
	return a.list
}

// turn has the first tab follow what was set up on the cluster; not from under somebody who has a VM open, types or is asked something.
func (a *App) turn() tea.Cmd {
	look := a.entry.Look()
	needed := a.entry.Needed()
	if needed == a.connecting {
		return look
	}
	shown := a.shell.Tab() == 0
	if shown && a.shell.Page() != a.front() || a.front().Capturing() || a.shell.Dialogs().Len() > 0 || a.entry.Busy() != "" {
		return look
	}
	a.connecting = needed
	if needed {
		return tea.Batch(look, shell.SetTabs(a.tabs()...), shell.Toast(theme.Info, "VMs are operated with an OIDC identity here: connect to see them"))
	}
	list := a.list
	return tea.Batch(look, shell.Toast(theme.Info, "VMs are operated as the kubeconfig's user"),
		tea.Sequence(shell.SetTabs(a.tabs()...), func() tea.Msg { return relist{list} }))
}

// relist has the rows of a list brought anew, once it is a tab.
type relist struct{ list *vms.Page }

func (a *App) newList() *vms.Page { return vms.New(a.deck, a.acts, a.opened.Namespace, a.openVM) }

// details shows the cluster's details: the first tab where that is them, or else over what is shown.
func (a *App) details() tea.Cmd {
	if a.connecting {
		return shell.SwitchTab(0)
	}
	if _, shown := a.shell.Page().(*connect.Page); shown {
		return nil
	}
	return shell.Push(a.newConnect())
}

// said passes on what a credential plugin has written. A login that waits for a person shows it for as long as it takes.
func (a *App) said(line string) tea.Cmd {
	if p, ok := a.shell.Page().(*connect.Page); ok && p.Busy() != "" {
		p.Say(line)
		return shell.Redraw()
	}
	return shell.Toast(theme.Warn, line)
}

// identityText says in the header as which user of the kubeconfig one is connected; empty: as the context's own.
func (a *App) identityText() shell.Segment {
	user := a.users.of(a.deck.Cluster.Target().Context)
	if user == "" {
		return shell.Segment{}
	}
	return shell.Segment{Text: "connected as " + text.TruncateMiddle(text.Clean(user), 24, a.o.Theme.Glyphs.Ellipsis), Tone: theme.Good, Priority: 2}
}

func connectCommands(a *App) []palette.Entry {
	return []palette.Entry{
		{ID: "cluster", Title: "Show the cluster's details, and connect to its VMs", Run: send(func(string) tea.Msg { return deck.Connect{} })},
		{ID: "back", Title: "Go back from the connected user to the context's own", Run: func(string) tea.Cmd { return a.disconnect() }},
	}
}
