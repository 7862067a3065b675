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

const (
	sideBySide = 110 // cells from which the consequences stand beside the form
	widestForm = 62
	labels     = 14 // cells before the values
	kindCells  = 16 // of the role's kind
)

// sheet is the form as lines, with the place of what has the focus.
type sheet struct {
	lines       []string
	first, last int // lines of the stop with the focus
	x           int // column of its text
}

// editView draws the form with its consequences.
func (p *Page) editView(w, h int) string {
	formW, infoW, formH := w, w-2, h
	wide := w >= sideBySide
	var info []string
	if wide {
		formW = min(widestForm, w/2)
		infoW = w - formW - 3
		info = p.allInfo(infoW, h)
	} else {
		info = p.info(infoW, max(min(h/3, 7), 2))
		formH = max(h-len(info)-1, 1)
	}
	s := p.sheet(formW)
	p.top = max(min(p.top, s.first, len(s.lines)-formH), s.last-formH+1, 0)
	lines := s.lines[p.top:min(p.top+formH, len(s.lines))]
	for len(lines) < formH {
		lines = append(lines, "")
	}
	body := strings.Join(lines, "\n")
	if wide {
		body = beside(p.th, lines, info, formW)
	} else {
		rule := p.th.Paint(theme.Dim, " "+strings.Repeat(p.th.Glyphs.HLine, max(w-2, 0)))
		body += "\n" + rule + "\n " + strings.Join(info, "\n ")
	}
	body = text.Block(body, w, h)
	return p.withPopup(body, s.x, s.last-p.top, formW, h)
}

func beside(th *theme.Theme, left, right []string, w int) string {
	var b strings.Builder
	bar := th.Paint(theme.Dim, th.Glyphs.Side)
	for i, line := range left {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(text.Block(line, w, 1) + bar + " ")
		if i < len(right) {
			b.WriteString(right[i])
		}
	}
	return b.String()
}

// withPopup draws the list of completions below the field, or above where there is more room.
func (p *Page) withPopup(body string, x, y, w, h int) string {
	c := p.form.text()
	if c == nil || !c.Opened() {
		return body
	}
	below, above := h-y-1, y
	room := max(below, above)
	if below >= 5 {
		room = below
	}
	popup := c.Popup(w-labels, room)
	if popup == "" {
		return body
	}
	first, _, _ := strings.Cut(popup, "\n")
	x = min(x-2, w-text.Width(first)-1)
	at := y + 1
	if room != below {
		at = y - strings.Count(popup, "\n") - 1
	}
	return text.Overlay(body, popup, x, at)
}

// info is the section of what has the focus, in at most h lines.
func (p *Page) info(w, h int) []string {
	s := about(p.told, p.form.focus.part)
	lines := append([]string{p.th.Paint(theme.Header, s.title)}, wrapped(p.th, s.lines, w)...)
	for len(lines) < h {
		lines = append(lines, "")
	}
	if len(lines) > h {
		lines = lines[:h]
		lines[h-1] = text.Truncate(lines[h-1], w-2, "") + p.th.Paint(theme.Dim, " "+p.th.Glyphs.Ellipsis)
	}
	return lines
}

// allInfo are all sections, those before the one with the focus left out where there is no room for all.
func (p *Page) allInfo(w, h int) []string {
	focused := about(p.told, p.form.focus.part).part
	for from := range p.told {
		var lines []string
		for _, s := range p.told[from:] {
			if len(lines) > 0 {
				lines = append(lines, "")
			}
			tone := theme.Header
			if s.part == focused {
				tone = theme.Accent
			}
			lines = append(lines, p.th.Paint(tone, s.title))
			lines = append(lines, wrapped(p.th, s.lines, w)...)
		}
		if len(lines) <= h || p.told[from].part == focused {
			return lines
		}
	}
	return nil
}

// sheet draws the form.
func (p *Page) sheet(w int) *sheet {
	f, s := p.form, &sheet{}
	wrong := map[stop][]problem{}
	for _, pr := range f.problems() {
		if f.shown(pr) {
			wrong[pr.at] = append(wrong[pr.at], pr)
		}
	}
	put := func(at stop, label, value string, x int) {
		p.put(s, at, label, value, x, wrong[at], w)
	}
	room := max(w-labels-1, 8)
	p.scopeLine(s, wrong[stop{part: partScope}], w)
	s.lines = append(s.lines, "")
	p.roleLine(s, wrong, w)
	for i, c := range f.subjects {
		label := ""
		if i == 0 {
			label = "Subjects"
		}
		at := stop{partSubjects, i}
		put(at, label, p.entry(c, at, subjectOf(c.Value()).Kind, room), labels)
	}
	if f.cluster {
		put(stop{partNamespaces, -1}, "Namespaces", p.th.Paint(theme.Dim, "all: the binding is cluster-wide"), labels)
	} else {
		for i, c := range f.namespaces {
			label := ""
			if i == 0 {
				label = "Namespaces"
			}
			at := stop{partNamespaces, i}
			put(at, label, p.entry(c, at, p.selected(c.Value()), room), labels)
		}
	}
	if f.group == "" {
		put(stop{part: partLists}, "Lists", p.toggle(f.lists, "add the two that every user needs"), labels)
	} else {
		put(stop{partLists, -1}, "Lists", p.th.Paint(theme.Dim, "not in a cluster group"), labels)
	}
	name := p.th.Paint(theme.Strong, text.Fit(text.Clean(f.name.Value()), room, p.th.Glyphs.Ellipsis))
	if !f.fixed {
		name = f.name.View(room, f.focus.part == partName)
	}
	put(stop{part: partName}, "Name", name, labels)
	if f.where != "" {
		put(stop{part: partKeep}, "Keep", p.toggle(f.keeps(), "store the rule in "+f.where), labels)
	}
	s.lines = append(s.lines, "")
	put(stop{part: partReview}, "", p.button("Review", partReview)+" "+p.button("Cancel", partCancel), labels)
	if f.focus.part == partCancel {
		s.first, s.last = len(s.lines)-1, len(s.lines)-1
	}
	return s
}

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
	kind := text.Fit(f.roleKind, kindCells, "")
	if f.focus.part == partRoleKind {
		kind = p.th.Paint(theme.Reverse, "< "+f.roleKind+" >") + text.Spaces(kindCells-4-len(f.roleKind))
	}
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
