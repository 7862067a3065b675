package values

import (
	"strings"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/area"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

const warning = profile.ChangedWarning

const (
	besideFrom = 104 // the width from which the changes stand beside the rest
	mostBelow  = 9   // lines of them below it
	tellLines  = 2   // what is said about the row of the cursor
)

// View draws the editor in exactly w×h cells.
func (m *Model) View(w, h int) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	if w >= besideFrom {
		left := w * 58 / 100
		return beside(m.th, m.main(left, h), m.diff.View(w-left-2, h, m.part == changes), h)
	}
	below := min(max(len(m.diff.head(w))+len(m.now.changes), 2), mostBelow, max(h/3, 2))
	rule := m.th.Paint(theme.Dim, " "+strings.Repeat(m.th.Glyphs.HLine, max(w-2, 0)))
	return text.Block(m.main(w, max(h-below-1, 1))+"\n"+rule+"\n"+m.diff.View(w, below, m.part == changes), w, h)
}

// beside puts two blocks of h lines next to each other.
func beside(th *theme.Theme, left, right string, h int) string {
	a, b := strings.Split(left, "\n"), strings.Split(right, "\n")
	for i := range h {
		a[i] += " " + th.Paint(theme.Dim, th.Glyphs.Side) + b[i]
	}
	return strings.Join(a, "\n")
}

// main draws the part that is edited, or the one that was last, with the names of all above it.
func (m *Model) main(w, h int) string {
	lines := []string{m.bar(w)}
	tell := tellLines
	if h < 9 {
		tell = 1
	}
	shown := m.shown()
	said := m.tell(shown, w, tell)
	switch shown {
	case yaml:
		lines = append(lines, m.text.View(w, max(h-1-tell, 1), m.part == yaml, m.marks()))
		lines = append(lines, said...)
	case settings:
		lines = append(lines, m.list.View(w, max(h-1, 1), m.part == settings, said))
	default:
		lines = append(lines, m.form.View(w, max(h-1, 1), m.part == choices, said))
	}
	return text.Block(strings.Join(lines, "\n"), w, h)
}

// shown is the part that is edited; while the changes have the focus, the one before.
func (m *Model) shown() part {
	if m.part == changes {
		return m.last
	}
	return m.part
}

var titles = map[part]string{choices: "Choices", settings: "Settings", yaml: "YAML", changes: "Changes"}

// bar names the parts, and says at the right whether the values are in order.
func (m *Model) bar(w int) string {
	var names []string
	for _, p := range m.parts {
		tone := theme.Dim
		if p == m.part {
			tone = theme.Reverse
		} else if p == m.shown() {
			tone = theme.Strong
		}
		names = append(names, m.th.Paint(tone, " "+titles[p]+" "))
	}
	left := " " + strings.Join(names, " ")
	said, tone := m.verdict()
	room := max(w-text.Width(left)-1, 0)
	return text.Block(left+m.th.Paint(tone, text.FitRight(said, room, m.th.Glyphs.Ellipsis)), w, 1)
}

func (m *Model) verdict() (string, theme.Tone) {
	open := m.open()
	wrong := len(m.now.problems) - open
	switch {
	case m.now.broken != nil:
		return m.th.Glyphs.Cross + " not YAML", theme.Bad
	case wrong > 0:
		return m.th.Glyphs.Cross + " " + text.Count(wrong, "problem"), theme.Bad
	case open > 0:
		return m.th.Glyphs.Warn + " " + text.Count(open, "value") + " to fill in", theme.Warn
	}
	return m.th.Glyphs.Mark + " in order", theme.Good
}

// marks are the symbols in front of the lines of the text.
func (m *Model) marks() map[int]area.Mark {
	out := map[int]area.Mark{}
	for _, line := range m.touched {
		out[line] = area.Mark{Symbol: m.th.Glyphs.Bullet, Tone: theme.Accent}
	}
	for line := range m.now.lines {
		out[line] = area.Mark{Symbol: m.th.Glyphs.Cross, Tone: theme.Bad}
	}
	return out
}

// tell says in n lines what there is to know about where the cursor is.
func (m *Model) tell(shown part, w, n int) []string {
	if m.finding {
		lines := []string{" " + m.query.View(max(w-1, 1), true), m.th.Paint(theme.Warn, text.Truncate(" "+m.note, w, m.th.Glyphs.Ellipsis))}
		return lines[:n]
	}
	said, tone := m.about(shown)
	if m.note != "" {
		said, tone = m.note, theme.Warn
	}
	wrapped := text.Wrap(text.Clean(said), max(w-2, 1))
	if len(wrapped) > n {
		wrapped = append(wrapped[:n-1], text.Truncate(strings.Join(wrapped[n-1:], " "), max(w-2, 1), m.th.Glyphs.Ellipsis))
	}
	out := make([]string, n)
	for i := range min(n, len(wrapped)) {
		out[i] = " " + m.th.Paint(tone, wrapped[i])
	}
	return out
}

// about is what there is to know about the row or line of the cursor: what is wrong with it, else what it is.
func (m *Model) about(shown part) (string, theme.Tone) {
	switch shown {
	case yaml:
		return m.aboutLine()
	case settings:
		return m.aboutRow(m.list.current())
	}
	return m.aboutRow(m.form.current())
}

func (m *Model) aboutLine() (string, theme.Tone) {
	if said, ok := m.now.lines[m.text.Line()]; ok {
		return said, theme.Bad
	}
	if m.now.broken != nil {
		return m.now.broken.Error(), theme.Bad
	}
	if len(m.now.problems) > 0 {
		return m.now.problems[0].String(), theme.Bad
	}
	return "", theme.Dim
}

func (m *Model) aboutRow(r *row) (string, theme.Tone) {
	switch {
	case m.now.broken != nil:
		return "The YAML is in error and has to be mended first. " + m.now.broken.Error(), theme.Bad
	case r == nil:
		return "", theme.Dim
	case r.preset != nil:
		return r.preset.Description, theme.Dim
	}
	if problem := m.problem(r.path); problem != "" && !(r.need && m.form.written(*r) == "") {
		return r.path.String() + ": " + problem, theme.Bad
	}
	if r.desc == "" {
		return r.path.String(), theme.Dim
	}
	return r.desc + " (" + r.path.String() + ")", theme.Dim
}

// value is a row's value and its default in words.
func (m *Model) value(r row) (now, def string, changed bool) {
	v, there := pack.Lookup(m.now.values, r.path)
	was, wasThere := pack.Lookup(m.pack.Defaults(), r.path)
	_, changed = m.change(r.path)
	return shown(v, there), shown(was, wasThere), changed
}

// shown writes a value for people: lists without brackets.
func shown(v any, there bool) string {
	items, isList := v.([]any)
	switch {
	case !there:
		return "not set"
	case v == "":
		return "empty"
	case isList && len(items) == 0:
		return "none"
	case !isList:
		return text.Clean(pack.Show(v))
	}
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = pack.Show(item)
	}
	return text.Clean(strings.Join(out, ", "))
}
