package bindings

import (
	"errors"
	"fmt"
	"strings"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// draw makes the lines of the preview anew.
func (v *preview) draw() {
	v.changed = true
	if v.w <= 0 {
		return
	}
	s := &sheet.Sheet{Theme: v.root.th, Width: max(v.w-2, 1)}
	v.lead(s)
	v.goes(s)
	v.loses(s)
	v.server(s)
	v.pager.SetTitle("Delete " + v.target.name(v.plan))
	v.pager.SetLines(s.Lines)
}

// lead is what one has to know first.
func (v *preview) lead(s *sheet.Sheet) {
	if v.running != nil {
		s.Para(0, sheet.Warn(fmt.Sprintf("Deleting%s %d of %d done.", v.root.th.Glyphs.Ellipsis, v.running.Load(), v.steps())))
		s.Gap()
		return
	}
	if v.empty() {
		s.Para(0, sheet.Warn("There is nothing left to delete. esc goes back."))
		return
	}
	if v.again {
		s.Para(0, sheet.Warn("The bindings have changed while you looked; this is what would happen now."))
	}
	if v.effect != nil {
		for _, text := range v.effect.own {
			s.Item(v.root.th.Glyphs.Warn, theme.Bad, sheet.Words{Text: text, Tone: theme.Bad})
		}
	}
	if err := v.root.state.RulesErr; v.target.rule != "" && err != nil && !errors.Is(err, binding.ErrNotInstalled) {
		s.Para(0, sheet.Warn("The rules could not be read. If this one is kept somewhere, it makes its bindings anew."))
	}
	if v.target.rule != "" {
		s.Para(0, sheet.Dim("A single binding of a rule would come back with the next sync, so the rule goes with all of them. To take out a namespace or a subject, edit the rule instead."))
	}
}

// goes lists what is deleted.
func (v *preview) goes(s *sheet.Sheet) {
	if v.empty() {
		return
	}
	s.Heading("What goes")
	if v.target.stored != nil {
		s.Item("-", theme.Bad, sheet.Plain(fmt.Sprintf("the rule %s, kept in %s", v.target.rule, v.root.deck.Keeper.Rules.Where())))
	}
	for _, b := range v.plan.Remove {
		s.Item("-", theme.Bad, sheet.Plain(fmt.Sprintf("%s → %s", b, b.Role)))
	}
	if len(v.plan.Create)+len(v.plan.Change) == 0 {
		return
	}
	s.Heading("What is made, as rules that stay rely on what goes")
	for _, b := range v.plan.Create {
		s.Item("+", theme.Good, sheet.Plain(fmt.Sprintf("%s → %s", b, b.Role)))
	}
	for _, c := range v.plan.Change {
		s.Item("~", theme.Warn, sheet.Plain(fmt.Sprintf("%s → %s, for %s", c.After, c.After.Role, text.Count(len(c.After.Subjects), "subject"))))
	}
}

// loses says whom it hits.
func (v *preview) loses(s *sheet.Sheet) {
	if v.empty() {
		return
	}
	s.Heading("Who loses what")
	switch {
	case v.effect == nil:
		s.Para(2, sheet.Dim("Working it out"+v.root.th.Glyphs.Ellipsis))
		return
	case v.losers() == 0:
		s.Para(2, sheet.Plain("Nobody loses a right on VMs."))
	}
	for _, l := range v.effect.losses {
		v.loss(s, l)
	}
	unknown := 0
	for _, b := range v.plan.Remove {
		if _, known := v.root.state.World.Roles[b.Role]; !known {
			unknown++
		}
	}
	if unknown > 0 {
		s.Para(2, sheet.Warn(fmt.Sprintf("Not known for %s, as the role could not be read or is not there.", text.Count(unknown, "binding"))))
	}
	for _, gap := range v.root.facts.gaps {
		s.Para(2, sheet.Warn(gap))
	}
}

func (v *preview) loss(s *sheet.Sheet, l loss) {
	head := fmt.Sprintf("%s %s", l.subject, inPlace(l.namespace))
	if len(l.lost) > 0 {
		s.Item("-", theme.Bad, sheet.Plain(fmt.Sprintf("%s loses %s", head, spelled(l.lost))))
		head = "but"
	}
	if len(l.kept) == 0 {
		return
	}
	if head == "but" {
		s.Para(4, sheet.Dim(fmt.Sprintf("but keeps %s by %s", spelled(l.kept), refs(l.by))))
		return
	}
	s.Item("=", theme.Dim, sheet.Dim(fmt.Sprintf("%s keeps %s by %s", head, spelled(l.kept), refs(l.by))))
}

// server says what came of the dry run.
func (v *preview) server(s *sheet.Sheet) {
	if v.empty() || len(v.plan.Remove) == 0 {
		return
	}
	s.Heading("What the server says, tried without doing it")
	switch {
	case v.effect == nil:
		s.Para(2, sheet.Dim("Asking"+v.root.th.Glyphs.Ellipsis))
	case v.effect.err == nil:
		says := "It would delete all of them."
		if v.steps() > len(v.plan.Remove) {
			says = "It would accept all of it."
		}
		s.Item(v.root.th.Glyphs.Mark, theme.Good, sheet.Plain(says))
	default:
		for _, line := range strings.Split(v.effect.err.Error(), "\n") {
			s.Item(v.root.th.Glyphs.Cross, theme.Bad, sheet.Plain(line))
		}
	}
}
