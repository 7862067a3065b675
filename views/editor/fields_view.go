package editor

import (
	"fmt"
	"strings"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/combo"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// put adds a line of the form, with what is wrong with it below.
func (p *Page) put(s *sheet, at stop, label, value string, x int, wrong []problem, w int) {
	focus := p.form.focus == at
	mark, tone := "  ", theme.Normal
	if focus && at.part != partReview {
		mark, tone = p.th.Glyphs.Cursor+" ", theme.Strong
	}
	if focus {
		s.first, s.x = len(s.lines), x
	}
	s.lines = append(s.lines, text.Block(p.th.Paint(tone, text.Fit(mark+label, labels, ""))+value, w, 1))
	s.lines = append(s.lines, p.wrong(at, wrong, x, w)...)
	if focus {
		s.last = len(s.lines) - 1
	}
}

// wrong says what is wrong with a field; for a pattern a caret points at the character.
func (p *Page) wrong(at stop, wrong []problem, x, w int) []string {
	var out []string
	for _, pr := range wrong {
		tone := theme.Bad
		if pr.open && p.form.focus == at && !p.form.asked {
			tone = theme.Dim
		}
		c := p.form.at(at)
		if pr.pos > 0 && c != nil {
			before := []rune(c.Value())
			column := text.Width(string(before[:min(pr.pos-1, len(before))]))
			if x+column < w-14 { // beyond, the text scrolls, and the number has to do
				out = append(out, text.Spaces(x+column)+p.th.Paint(tone, "^"))
			}
		}
		for _, line := range wrapped(p.th, []words{{text: p.th.Glyphs.Cross + " " + pr.text, tone: tone}}, max(w-x-1, 10)) {
			out = append(out, text.Spaces(x)+line)
		}
	}
	return out
}

func (p *Page) scopeLine(s *sheet, wrong []problem, w int) {
	f := p.form
	focus := f.focus.part == partScope
	line := " "
	for _, cluster := range []bool{false, true} {
		label := map[bool]string{false: "Namespaces", true: "Cluster"}[cluster]
		if cluster && f.group != "" {
			label += " " + p.th.Glyphs.Cross
		}
		switch edge := p.th.Glyphs.VLine; {
		case cluster != f.cluster:
			line += " " + label + " "
		case focus:
			line += p.th.Paint(theme.Reverse, edge+label+edge)
		default:
			line += p.th.Paint(theme.Accent, edge+label+edge)
		}
	}
	if focus {
		line += p.th.Paint(theme.Dim, "  "+p.arrows()+" changes it")
	} else {
		line += p.th.Paint(theme.Dim, "  where the role is bound")
	}
	s.lines = append(s.lines, text.Block(line, w, 1))
	s.lines = append(s.lines, p.wrong(stop{part: partScope}, wrong, 2, w)...)
	if focus {
		s.first, s.last, s.x = 0, len(s.lines)-1, labels
	}
}

func (p *Page) arrows() string {
	return keys.Pretty("left", p.th.Glyphs) + " " + keys.Pretty("right", p.th.Glyphs)
}

// roleLine has two stops: the kind and the name.
func (p *Page) roleLine(s *sheet, wrong map[stop][]problem, w int) {
	f := p.form
	kind := text.Fit(p.choice(f.roleKind, f.focus.part == partRoleKind), kindCells, "")
	name := f.role.View(max(w-labels-kindCells-1, 8), f.focus.part == partRole)
	at, x := stop{part: partRole}, labels+kindCells
	if f.focus.part == partRoleKind {
		at = stop{part: partRoleKind}
	}
	both := append(append([]problem(nil), wrong[stop{part: partRoleKind}]...), wrong[stop{part: partRole}]...)
	p.put(s, at, "Role", kind+name, x, nil, w)
	s.lines = append(s.lines, p.wrong(at, both, labels, w)...)
	if f.focus == at {
		s.last = len(s.lines) - 1
	}
}

// entry draws one of a list of texts with a note at its right.
func (p *Page) entry(c *combo.Model, at stop, note string, w int) string {
	focus := p.form.focus == at
	switch {
	case c.Value() == "" && !focus && at.index > 0:
		return p.th.Paint(theme.Dim, "+ another")
	case c.Value() == "":
		return c.View(w, focus)
	}
	note = text.Truncate(note, min(w/3, 16), p.th.Glyphs.Ellipsis)
	return c.View(w-text.Width(note)-1, focus) + " " + p.th.Paint(theme.Dim, note)
}

// selected counts the namespaces that a text selects.
func (p *Page) selected(typed string) string {
	pattern, err := rbac.ParsePattern(strings.TrimSpace(typed))
	if err != nil || pattern.Literal() {
		return ""
	}
	return fmt.Sprintf("%d match", len(pattern.Select(p.form.state().World.Namespaces)))
}

// choice is what is chosen out of several; with the focus it shows that it can be turned.
func (p *Page) choice(value string, focus bool) string {
	if focus {
		return p.th.Paint(theme.Reverse, "< "+value+" >")
	}
	return value
}

func (p *Page) toggle(on bool, label string) string {
	if on {
		return p.th.Glyphs.On + " " + label
	}
	return p.th.Glyphs.Off + " " + label
}

func (p *Page) button(label string, of part) string {
	if p.form.focus.part == of {
		return p.th.Paint(theme.Reverse, "[ "+label+" ]")
	}
	return "  " + label + "  "
}
