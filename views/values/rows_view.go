package values

import (
	"strings"

	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// View draws the rows around the cursor, and under them what tell has to say about the one of the cursor, in exactly w×h cells. Groups are
// set apart where there is room.
func (f *rows) View(w, h int, focus bool, tell []string) string {
	var lines []string
	cursor, titles := 0, f.titleWidth(w)
	airy := len(f.all)+f.headings()+len(tell) < h
	for i, r := range f.all {
		if airy && i > 0 && r.heading != "" {
			lines = append(lines, "")
		}
		if i == f.cursor {
			cursor = len(lines)
		}
		lines = append(lines, f.line(r, w, titles, focus && i == f.cursor))
	}
	room := max(h-len(tell), 1)
	f.top = min(f.top, cursor)
	if cursor > 0 && f.top == cursor && f.cursor > 0 && f.all[f.cursor-1].heading != "" {
		f.top--
	}
	f.top = max(f.top, cursor-room+1, 0)
	f.top = max(min(f.top, len(lines)-room), 0)
	lines = lines[f.top:min(f.top+room, len(lines))]
	if airy {
		lines = append(lines, "")
	}
	return text.Block(strings.Join(append(lines, tell...), "\n"), w, h)
}

func (f *rows) headings() int {
	n := 0
	for _, r := range f.all {
		if r.heading != "" {
			n++
		}
	}
	return n
}

// titleWidth is how wide the titles of values are, at most half of the width.
func (f *rows) titleWidth(w int) int {
	widest := 0
	for _, r := range f.all {
		widest = max(widest, text.Width(text.Clean(r.title)))
	}
	return min(widest, w/2-4)
}

func (f *rows) line(r row, w, titles int, focus bool) string {
	th := f.m.th
	cursor := "   "
	if focus {
		cursor = " " + th.Paint(theme.Accent, th.Glyphs.Cursor) + " "
	}
	switch {
	case r.heading != "":
		return f.heading(r, w)
	case r.preset != nil:
		return cursor + f.preset(r, w-3)
	}
	title := text.Fit(text.Clean(r.title), titles, th.Glyphs.Ellipsis)
	return cursor + title + "  " + f.value(r, max(w-titles-6, 1), focus)
}

// heading names a group; one that was chosen otherwise than by default says so.
func (f *rows) heading(r row, w int) string {
	th := f.m.th
	title := " " + th.Paint(theme.Strong, text.TruncateMiddle(text.Clean(r.heading), max(w-2, 1), th.Glyphs.Ellipsis))
	if r.group.Name == "" || f.m.now.active[r.group.Name] == r.group.Default {
		return title
	}
	said := "changed"
	if f.m.now.active[r.group.Name] == "" {
		said = "set by hand"
	}
	if name := presetTitle(r.group, r.group.Default); name != "" {
		said += "; default: " + name
	}
	return title + "  " + th.Paint(theme.Warn, text.Clean(said))
}

func (f *rows) preset(r row, w int) string {
	th := f.m.th
	symbol, tone, name := th.Glyphs.Ring, theme.Normal, text.Clean(presetTitle(r.group, r.preset.Name))
	if f.m.now.active[r.group.Name] == r.preset.Name {
		symbol, tone = th.Glyphs.Dot, theme.Strong
	}
	out := th.Paint(tone, symbol+" "+text.Truncate(name, max(w-12, 1), th.Glyphs.Ellipsis))
	if r.preset.Name == r.group.Default {
		out += th.Paint(theme.Dim, "  default")
	}
	return out
}

func presetTitle(g pack.Group, name string) string {
	for _, p := range g.Presets {
		if p.Name == name && p.DisplayName != "" {
			return p.DisplayName
		}
	}
	return name
}

// value draws a value: a field where it is typed, else what it is, and the default where that is something else.
func (f *rows) value(r row, w int, focus bool) string {
	th := f.m.th
	if focus && f.live() {
		f.field.Placeholder = map[bool]string{true: "needed"}[r.need]
		return f.field.View(w, true)
	}
	now, def, changed := f.m.value(r)
	if r.need {
		if f.written(r) == "" {
			return th.Paint(theme.Warn, text.Fit("needed", w, ""))
		}
		return text.Fit(now, w, th.Glyphs.Ellipsis)
	}
	if f.m.problem(r.path) != "" {
		now = th.Paint(theme.Bad, th.Glyphs.Cross+" "+text.Truncate(now, max(w-2, 1), th.Glyphs.Ellipsis))
		return text.Block(now, w, 1)
	}
	if !changed {
		return text.Fit(now, w, th.Glyphs.Ellipsis)
	}
	now = text.Truncate(now, max(w*2/3, 1), th.Glyphs.Ellipsis)
	rest := max(w-text.Width(now)-2, 0)
	return text.Block(th.Paint(theme.Warn, now)+"  "+th.Paint(theme.Dim, text.Truncate("default: "+def, rest, th.Glyphs.Ellipsis)), w, 1)
}
