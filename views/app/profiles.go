package app

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/views/deck"
)

// showProfiles shows the list of profiles, and one of them where it is named.
func (a *App) showProfiles(msg deck.ShowProfiles) tea.Cmd {
	return tea.Sequence(a.switchTo(a.profiles), func() tea.Msg { return opening(msg.Ref) })
}

// opening opens a profile once its tab is shown: it belongs over the list.
type opening profile.Ref

// profileCommands are what the palette offers of profiles on every page.
func profileCommands() []palette.Entry {
	return []palette.Entry{
		{ID: "profiles", Title: "Show the cluster profiles, and what of them is on this cluster", Run: send(func(string) tea.Msg { return deck.ShowProfiles{} })},
		{ID: "profile", Title: "Open a cluster profile", Args: "name[@version]", Run: send(func(args string) tea.Msg { return deck.ShowProfiles{Ref: parseRef(args)} })},
		{ID: "new-profile", Title: "Make a cluster profile, step by step", Run: send(func(string) tea.Msg { return deck.NewProfile{} })},
	}
}

// parseRef reads NAME[@VERSION].
func parseRef(text string) profile.Ref {
	name, version, _ := strings.Cut(strings.TrimSpace(text), "@")
	return profile.Ref{Name: name, Version: version}
}
