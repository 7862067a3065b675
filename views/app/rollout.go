package app

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/rollout"
)

// rolloutCommands carry profiles out.
func rolloutCommands() []palette.Entry {
	return []palette.Entry{
		{ID: "apply", Title: "Make the cluster as a profile says: compare first, then confirm", Args: "name[@version]", Run: send(func(args string) tea.Msg {
			name, version, _ := strings.Cut(args, "@")
			return rollout.ApplyNamed{Ref: profile.Ref{Name: name, Version: version}}
		})},
		{ID: "rollback", Title: "Take a profile back to what it had on the cluster before", Args: "name [revision]", Run: rollBack},
		{ID: "remove-profile", Title: "Take a profile off the cluster; it stays where it is kept", Args: "name", Run: send(func(args string) tea.Msg {
			return deck.RemoveProfile{Profile: args}
		})},
		{ID: "rollout", Title: "Show the profile that is being carried out, or was last", Run: send(func(string) tea.Msg { return rollout.Show{} })},
	}
}

func rollBack(args string) tea.Cmd {
	name, rest, _ := strings.Cut(strings.TrimSpace(args), " ")
	to := 0
	if rest = strings.TrimSpace(rest); rest != "" {
		var err error
		if to, err = strconv.Atoi(rest); err != nil || to < 1 {
			return shell.Toast(theme.Warn, "the revision is a number, as vmdeck profile status names them; without one it is the one before the present")
		}
	}
	return func() tea.Msg { return deck.RollBack{Profile: name, To: to} }
}
