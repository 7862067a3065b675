package wizard

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/views/deck"
)

// Names of the wizard's bindings.
const (
	bindNext    = "next"
	bindBack    = "step-before"
	bindJump    = "go-to"
	bindKeep    = "keep-draft"
	bindInstall = "install"
	bindRetry   = "retry"
)

// stepBindings work in every step, so they have no letters: those may be text.
func stepBindings() []keys.Binding {
	return []keys.Binding{
		{ID: bindNext, Keys: []string{"ctrl+n"}, Label: "next step", Help: "Go on to the next step; says what is still wrong in this one"},
		{ID: bindBack, Keys: []string{"ctrl+p"}, Label: "step before", Help: "Go back to the step before, as esc does; nothing is lost"},
		{ID: bindJump, Keys: []string{"ctrl+o"}, Label: "go to", Help: "Go to any step that was reached"},
		{ID: bindKeep, Keys: []string{"ctrl+s"}, Label: "keep draft", Help: "Keep the draft now; it is kept by itself after each step too"},
	}
}

// fieldBindings are known to the forms and their fields, for the help.
func fieldBindings() []keys.Binding {
	return []keys.Binding{
		{ID: "field.next", Keys: []string{"enter"}, Label: "next", Help: "Choose what the cursor is on and go to the next field; on the last one, to the next step"},
		{ID: "field.after", Keys: []string{"tab", "down"}, Label: "next field", Help: "Go to the next field, and change nothing"},
		{ID: "field.before", Keys: []string{"shift+tab", "up"}, Label: "field before", Help: "Go to the field before"},
		{ID: "field.choose", Keys: []string{"space"}, Label: "choose", Help: "Choose what the cursor is on"},
	}
}

func gateBindings() []keys.Binding {
	return []keys.Binding{{ID: bindInstall, Keys: []string{"i", "I"}, Label: "install", Help: "Make the cluster know cluster profiles, after a dry run and a question"}}
}

// mapped makes a map that is checked when the program starts, and so by every test.
func mapped(all ...keys.Binding) *keys.Map {
	m, err := keys.NewMap(all...)
	if err != nil {
		panic(fmt.Sprintf("keys of the wizard: %v", err))
	}
	return m
}

var (
	everywhere = mapped(stepBindings()...)
	letters    = mapped(deck.Bindings()...)
	atGate     = mapped(append(gateBindings(), deck.Bindings()...)...)
)

// typist is a screen in which something may be typed that the draft does not have yet.
type typist interface{ finish() tea.Cmd }

// do carries out a binding of every step. What is being typed is taken over before.
func (p *Page) do(id string) tea.Cmd {
	var typed tea.Cmd
	if s, ok := p.screen.(typist); ok && slices.Contains([]string{bindNext, bindBack, bindJump, bindKeep}, id) {
		typed = s.finish()
	}
	return tea.Batch(typed, p.doNow(id))
}

func (p *Page) doNow(id string) tea.Cmd {
	switch id {
	case bindNext:
		return p.next()
	case bindBack:
		return p.back()
	case bindJump:
		return p.jump()
	case bindKeep:
		return tea.Batch(p.keepNow(), p.saysKept())
	case bindRetry:
		return tea.Batch(p.deck.Retry(), p.askAnew(), p.settle())
	}
	cmd, _ := p.deck.Do(id)
	return cmd
}

// keyed is a screen with keys of its own.
type keyed interface{ bindings() []keys.Binding }

// worker is one that carries them out by their IDs.
type worker interface {
	keyed
	do(id string) tea.Cmd
}

// commander is a screen with commands of its own for the palette.
type commander interface{ commands() []palette.Entry }

// Hints implements shell.Page.
func (p *Page) Hints() []shell.Hint {
	if p.screen == nil {
		if p.gate.missing && p.gate.denied == "" {
			return []shell.Hint{{Key: "i", Label: "install"}, {Key: "esc", Label: "back"}}
		}
		return []shell.Hint{{Key: "R", Label: "retry"}, {Key: "esc", Label: "back"}}
	}
	back := "step before"
	if p.draft.Step == stepBasics {
		back = "leave"
	}
	if p.within() {
		return append(p.screen.hints(), shell.Hint{Key: "esc", Label: "back", Priority: 1})
	}
	out := p.screen.hints()
	if !slices.ContainsFunc(out, func(h shell.Hint) bool { return h.Key == "esc" }) {
		out = append(out, shell.Hint{Key: "esc", Label: back, Priority: 1})
	}
	if out[0].Label == "next" {
		out = append(out, shell.Hint{Key: "ctrl+n", Label: "next step", Priority: 2})
	}
	return append(out, shell.Hint{Key: "ctrl+o", Label: "go to", Priority: 3})
}

// Help implements shell.Page.
func (p *Page) Help() []help.Section {
	g := p.th.Glyphs
	if p.screen == nil {
		return []help.Section{shell.Section("Cluster profiles", gateBindings(), g)}
	}
	out := []help.Section{shell.Section("Wizard", stepBindings(), g)}
	if s, ok := p.screen.(keyed); ok {
		out = append([]help.Section{shell.Section(p.draft.Step.String(), s.bindings(), g)}, out...)
	}
	return append(out, shell.Section("Fields", fieldBindings(), g))
}

// Commands implements shell.Page.
func (p *Page) Commands() []palette.Entry {
	if p.screen == nil {
		return nil
	}
	var out []palette.Entry
	if s, ok := p.screen.(commander); ok {
		out = s.commands()
	}
	add := func(all []keys.Binding, do func(string) tea.Cmd) {
		for _, b := range all {
			out = append(out, palette.Entry{ID: b.ID, Title: b.Help, Key: b.Keys[0], Run: func(string) tea.Cmd { return do(b.ID) }})
		}
	}
	if s, ok := p.screen.(worker); ok {
		add(s.bindings(), s.do)
	}
	add(stepBindings(), p.do)
	return out
}
