package editor

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/views/deck"
)

// Names of the page's bindings.
const (
	bindReview  = "review"
	bindScope   = "scope"
	bindKind    = "kind"
	bindRoles   = "roles"
	bindConfirm = "confirm"
	bindAgain   = "again"
	bindBack    = "edit"
	bindCopy    = "copy"
	bindDone    = "done"
)

// formBindings have no letters: those are text.
func formBindings() []keys.Binding {
	return []keys.Binding{
		{ID: bindReview, Keys: []string{"ctrl+s"}, Label: "review", Help: "Review what would change, before anything does"},
		{ID: bindScope, Keys: []string{"ctrl+t"}, Label: "cluster or namespaces", Help: "Bind the role in namespaces, or cluster-wide"},
		{ID: bindKind, Keys: []string{"ctrl+g"}, Label: "kind of subject", Help: "Make the subject a user, a group or a service account"},
		{ID: bindRoles, Keys: []string{"ctrl+r"}, Label: "roles", Help: "Show what each role permits, and install those of the catalogue"},
	}
}

// movingBindings are known to the form and its fields, for the help.
func movingBindings() []keys.Binding {
	return []keys.Binding{
		{Keys: []string{"tab", "down"}, Label: "next field", Help: "Complete what is dim behind the cursor, or go to the next field"},
		{Keys: []string{"shift+tab", "up"}, Label: "field before", Help: "Go to the field before"},
		{Keys: []string{"enter"}, Label: "next", Help: "Take what is picked in the list and go on; an empty entry of a list is skipped"},
		{Keys: []string{"ctrl+n"}, Label: "list", Help: "Open the list of completions; arrows pick, enter takes"},
		{Keys: []string{"left", "right", "space"}, Label: "change", Help: "Change what is chosen and not typed"},
		{Keys: []string{"esc"}, Label: "back", Help: "Close the list, or leave; asks when something was entered"},
	}
}

func reviewBindings() []keys.Binding {
	return []keys.Binding{
		{ID: bindConfirm, Keys: []string{"enter", "ctrl+s"}, Label: "confirm", Help: "Carry out what the review shows; asks first"},
		{ID: bindAgain, Keys: []string{"r"}, Label: "check again", Help: "Read the cluster anew"},
		{ID: bindBack, Keys: []string{"e"}, Label: "edit", Help: "Go back to the form, as esc does"},
		{ID: bindCopy, Keys: []string{"y"}, Label: "copy", Help: "Copy the review to the clipboard of your terminal"},
	}
}

func runBindings() []keys.Binding {
	return []keys.Binding{
		{ID: bindDone, Keys: []string{"enter"}, Label: "role bindings", Help: "Go to the role bindings, once the update is over"},
		{ID: bindAgain, Keys: []string{"r"}, Label: "review again", Help: "Review the rule again, once the update is over"},
		{ID: bindCopy, Keys: []string{"y"}, Label: "copy", Help: "Copy events and results to the clipboard of your terminal"},
	}
}

// mapped makes a map that is checked when the program starts, and so by every test.
func mapped(own []keys.Binding) *keys.Map {
	m, err := keys.NewMap(own...)
	if err == nil {
		err = m.Add(deckBindings(own)...)
	}
	if err != nil {
		panic(fmt.Sprintf("keys of the rule editor: %v", err))
	}
	return m
}

// deckBindings are those of every screen; the form has none, since a letter there is text.
func deckBindings(own []keys.Binding) []keys.Binding {
	if own[0].ID == bindReview {
		return nil
	}
	return deck.Bindings()
}

var (
	editBindings = mapped(formBindings())
	onReview     = mapped(reviewBindings())
	onRun        = mapped(runBindings())
)

func bindingsOf(s screen) *keys.Map {
	return [...]*keys.Map{screenEdit: editBindings, screenReview: onReview, screenRun: onRun}[s]
}

// do carries out a binding.
func (p *Page) do(id string) tea.Cmd {
	switch id {
	case bindReview:
		return p.toReview()
	case bindScope:
		p.switchScope()
	case bindKind:
		return p.turnKind()
	case bindRoles:
		return func() tea.Msg { return deck.ShowRoles{} }
	case bindConfirm:
		return p.confirm()
	case bindAgain:
		return p.again()
	case bindBack:
		p.backToForm()
	case bindCopy:
		return deck.Copy(p.pager.Text(), map[screen]string{screenReview: "the review", screenRun: "the update"}[p.screen])
	case bindDone:
		if p.update.ended() {
			return p.finish()
		}
		return toast("the update is under way; esc leaves it running")
	default:
		cmd, _ := p.deck.Do(id)
		return cmd
	}
	return nil
}

// again reviews the rule anew, from the review or after an update.
func (p *Page) again() tea.Cmd {
	switch {
	case p.screen == screenReview && p.isReading():
		return nil
	case p.screen == screenRun && !p.update.ended():
		return toast("the update is under way")
	}
	return p.startReview()
}

// Hints implements shell.Page.
func (p *Page) Hints() []shell.Hint {
	switch p.screen {
	case screenReview:
		confirm := shell.Hint{Key: "enter", Label: "confirm", Reason: p.off()}
		confirm.Off = confirm.Reason != ""
		return []shell.Hint{confirm, {Key: "esc", Label: "edit"}, {Key: "r", Label: "check again"}, {Key: "y", Label: "copy"}, {Key: "/", Label: "search", Priority: 1}}
	case screenRun:
		if !p.update.ended() {
			return []shell.Hint{{Key: "esc", Label: "leave"}}
		}
		again := "review again"
		if u, ok := p.update.(*runs); ok && u.left() > 0 {
			again = "resume"
		}
		return []shell.Hint{{Key: "enter", Label: "role bindings"}, {Key: "r", Label: again}, {Key: "y", Label: "copy"}, {Key: "esc", Label: "back"}}
	}
	hints := []shell.Hint{{Key: "ctrl+s", Label: "review"}}
	switch p.form.focus.part {
	case partScope, partRoleKind, partTarget, partLists, partKeep:
		hints = append(hints, shell.Hint{Key: "space", Label: "change"})
	case partReview:
		hints = []shell.Hint{{Key: "enter", Label: "review"}}
	case partCancel:
		hints = append(hints, shell.Hint{Key: "enter", Label: "cancel"})
	case partSubjects:
		hints = append(hints, shell.Hint{Key: "enter", Label: "next"}, shell.Hint{Key: "ctrl+g", Label: "kind"})
	default:
		hints = append(hints, shell.Hint{Key: "enter", Label: "next"})
	}
	if c := p.form.text(); c != nil && c.Items != nil {
		hints = append(hints, shell.Hint{Key: "ctrl+n", Label: "list", Priority: 1})
	}
	return append(hints, shell.Hint{Key: "ctrl+t", Label: p.otherScope(), Priority: 1}, shell.Hint{Key: "esc", Label: "leave"})
}

func (p *Page) otherScope() string {
	if p.form.cluster {
		return "namespaces"
	}
	return "cluster"
}

// Help implements shell.Page.
func (p *Page) Help() []help.Section {
	g := p.th.Glyphs
	switch p.screen {
	case screenReview:
		return []help.Section{shell.Section("Review", reviewBindings(), g), shell.Section("Moving and searching", pager.Bindings(), g)}
	case screenRun:
		return []help.Section{shell.Section("Update", runBindings(), g), shell.Section("Moving and searching", pager.Bindings(), g)}
	}
	return []help.Section{shell.Section("Rule", formBindings(), g), shell.Section("Moving and entering", movingBindings(), g)}
}

// Commands implements shell.Page.
func (p *Page) Commands() []palette.Entry {
	var entries []palette.Entry
	own := [...]func() []keys.Binding{screenEdit: formBindings, screenReview: reviewBindings, screenRun: runBindings}[p.screen]
	for _, b := range own() {
		e := palette.Entry{ID: b.ID, Title: b.Help, Key: b.Keys[0], Run: func(string) tea.Cmd {
			cmd := p.do(b.ID)
			p.refresh()
			return cmd
		}}
		if b.ID == bindConfirm {
			e.Reason = p.off()
			e.Disabled = e.Reason != ""
		}
		entries = append(entries, e)
	}
	return entries
}
