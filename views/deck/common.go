package deck

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// Copy puts text into the clipboard of the user's terminal (OSC 52), which works over SSH too, and says so.
func Copy(content, what string) tea.Cmd {
	clean := text.CleanLines(content)
	return tea.Batch(tea.SetClipboard(clean), shell.Toast(theme.Info, fmt.Sprintf("copied %s, if your terminal allows it (OSC 52)", what)))
}

// ChooseContext asks the program to offer the contexts.
type ChooseContext struct{}

// Names of the bindings that every screen of a deck has.
const (
	bindContext = "context"
	bindRetry   = "retry"
)

// Bindings are the keys that every screen of a deck has.
func Bindings() []keys.Binding {
	return []keys.Binding{
		{ID: bindContext, Keys: []string{"C"}, Label: "context", Help: "Switch to another context of the kubeconfig"},
		{ID: bindRetry, Keys: []string{"R"}, Label: "retry", Help: "Try the API server again now, and ask anew what you may do"},
	}
}

// Do carries out one of Bindings; it reports whether the ID was one of them.
func (d *Deck) Do(id string) (tea.Cmd, bool) {
	switch id {
	case bindContext:
		return func() tea.Msg { return ChooseContext{} }, true
	case bindRetry:
		return d.Retry(), true
	}
	return nil, false
}

// Retry ends every pause before another attempt and asks anew what the user may do.
func (d *Deck) Retry() tea.Cmd {
	d.askAnew()
	d.RereadTemplates()
	d.RereadProfiles()
	d.RereadSetup()
	d.Cluster.Health().RetryNow()
	return shell.Toast(theme.Info, "trying again")
}

// askAnew doubts all that is known of permissions.
func (d *Deck) askAnew() {
	d.Cluster.Access().InvalidateAll()
	if eyes := d.Eyes(); eyes != nil {
		eyes.Reread()
	}
}
