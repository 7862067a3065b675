package editor

import (
	"slices"
	"strings"

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
	if c := p.form.text(); c != nil {
		return c.Over(body, s.x-2, s.last-p.top, formW, h)
	}
	return body
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

// allInfo are all sections. Where there is no room for all, the name's goes first, then those before the one with the focus.
func (p *Page) allInfo(w, h int) []string {
	focused := about(p.told, p.form.focus.part).part
	shown := p.told
	lines := p.infoLines(shown, focused, w)
	if len(lines) > h && focused != partName {
		shown = slices.DeleteFunc(slices.Clone(shown), func(s section) bool { return s.part == partName })
		lines = p.infoLines(shown, focused, w)
	}
	for len(lines) > h && shown[0].part != focused {
		shown = shown[1:]
		lines = p.infoLines(shown, focused, w)
	}
	return lines
}

func (p *Page) infoLines(sections []section, focused part, w int) []string {
	var lines []string
	for _, s := range sections {
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
	return lines
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
	if len(f.groups) > 0 {
		put(stop{part: partTarget}, "Clusters", p.choice(f.targetWords(), f.focus.part == partTarget), labels)
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
