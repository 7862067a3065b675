package app

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// lookAs shows the gates as they are for somebody else, asks for whom, or gives the user's own back.
func (a *App) lookAs(who *rbac.Who) tea.Cmd {
	switch {
	case who == nil:
		return shell.OpenDialog(deck.NewWhom(a.deck, "Look as: choose, or type a user and groups", nil, func(r deck.WhomResult) tea.Cmd {
			return func() tea.Msg { return deck.LookAs{Who: &r.Who} }
		}))
	case who.User == "" && a.deck.Eyes() == nil:
		return shell.Toast(theme.Info, "you look as yourself")
	case who.User == "":
		a.deck.LookThrough(nil)
		return shell.Toast(theme.Info, "you look as yourself again")
	case a.shell.Busy() != "":
		return shell.Toast(theme.Warn, a.shell.Busy())
	}
	a.deck.LookThrough(who)
	return nil
}

// asCommand looks as USER [GROUP…], or as oneself again. Without arguments it asks whom to look as, while one looks as somebody too: keys
// that are typed into that dialog must not find the own rights back.
func (a *App) asCommand(args string) tea.Cmd {
	who := deck.ParseWho(args)
	switch {
	case who.User == "me":
		return a.lookAs(&rbac.Who{})
	case who.User == "":
		return a.lookAs(nil)
	}
	return a.lookAs(&who)
}

// eyesText says in the header as whom one looks, where there is room with the groups, and what that is worth.
func (a *App) eyesText(e *binding.Eyes, w int) shell.Segment {
	const most, roomy = 28, 110 // of a name, so that what the answers are worth stays in sight; the width that has room for groups
	source, known := e.Source()
	worth := "asking"
	switch {
	case e.Blind() != "":
		worth = "not known"
	case known:
		worth = map[binding.Source]string{
			binding.Impersonated: "impersonated", binding.Reviewed: "reviewed", binding.Evaluated: "evaluated, may differ",
		}[source]
	}
	name := text.TruncateMiddle(text.Clean(e.Name()), most, a.o.Theme.Glyphs.Ellipsis)
	if groups := e.Groups(); len(groups) > 0 && w >= roomy {
		name += " in " + text.TruncateMiddle(text.Clean(strings.Join(groups, ", ")), most, a.o.Theme.Glyphs.Ellipsis)
	}
	return shell.Segment{Text: " AS " + name + " (" + worth + ") ", Tone: theme.Reverse}
}
