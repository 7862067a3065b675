package connect

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// Names of the bindings.
const (
	keyConnect  = "connect"
	keyBack     = "disconnect"
	keyProfiles = "profiles"
	keyCopy     = "copy"
)

// Bindings are the keys of the page besides those of the pager and of every screen.
func Bindings() []keys.Binding {
	return []keys.Binding{
		{ID: keyConnect, Keys: []string{"enter"}, Label: "connect", Help: "Choose the kubeconfig user to operate VMs as, and open them"},
		{ID: keyBack, Keys: []string{"d"}, Label: "disconnect", Help: "Go back to the context's own user"},
		{ID: keyProfiles, Keys: []string{"p"}, Label: "profile", Help: "Show the cluster profile that the settings are from"},
		{ID: keyCopy, Keys: []string{"y"}, Label: "copy lines", Help: "Copy the configuration that goes through the proxy to the clipboard of your terminal"},
	}
}

var pageKeys = deck.MustKeys(Bindings(), moving()...)

// moving are the keys of the pager. Enter is not among them: it connects.
func moving() []keys.Binding {
	out := pager.Bindings()
	for i := range out {
		out[i].Keys = slices.DeleteFunc(slices.Clone(out[i].Keys), func(key string) bool { return key == "enter" })
	}
	return out
}

func (p *Page) key(msg tea.KeyPressMsg) tea.Cmd {
	p.changed = true
	if !p.Capturing() {
		if b, ok := pageKeys.Lookup(msg); ok {
			if why := p.off(b.ID); why != "" {
				return shell.Toast(theme.Info, b.Label+": "+why)
			}
			if cmd, done := p.do(b.ID); done {
				return cmd
			}
		}
	}
	return p.pager.Update(msg)
}

// off says why a key does nothing now; empty: it does something.
func (p *Page) off(id string) string {
	s := p.deck.Setup()
	switch {
	case id == keyBack && p.door.Chosen == "":
		return "you are connected as the context's own user"
	case id == keyCopy && s.Proxy == "":
		return "no proxy's address is known"
	case id == keyProfiles && s.Profile.Name == "":
		return "which profile the settings are from is not known"
	}
	return ""
}

func (p *Page) do(id string) (cmd tea.Cmd, done bool) {
	switch id {
	case keyConnect:
		return p.choose(), true
	case keyBack:
		return p.door.Back(), true
	case keyProfiles:
		ref := p.deck.Setup().Profile
		return func() tea.Msg { return deck.ShowProfiles{Ref: ref} }, true
	case keyCopy:
		return deck.Copy(p.proxyLines(), "the configuration"), true
	}
	if cmd, ok := p.deck.Do(id); ok {
		return tea.Batch(cmd, p.readUsers()), true
	}
	return nil, false
}

// Hints implements shell.Page.
func (p *Page) Hints() []shell.Hint {
	var out []shell.Hint
	for i, b := range Bindings() {
		if p.off(b.ID) == "" {
			out = append(out, shell.Hint{Key: b.Key(p.th.Glyphs), Label: b.Label, Priority: i})
		}
	}
	return out
}

// Help implements shell.Page.
func (p *Page) Help() []help.Section {
	return []help.Section{shell.Section("Cluster", Bindings(), p.th.Glyphs), shell.Section("Moving and searching", moving(), p.th.Glyphs)}
}

// Commands implements shell.Page.
func (p *Page) Commands() []palette.Entry {
	var out []palette.Entry
	for _, b := range Bindings() {
		out = append(out, palette.Entry{ID: b.ID, Title: b.Help, Key: b.Key(p.th.Glyphs), Disabled: p.off(b.ID) != "", Reason: p.off(b.ID), Run: func(string) tea.Cmd {
			cmd, _ := p.do(b.ID)
			return cmd
		}})
	}
	return out
}
