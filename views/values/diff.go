package values

import (
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// diff is the list of changes from the defaults.
type diff struct {
	m      *Model
	cursor int
	top    int
}

func (d *diff) fill() { d.step(0) }

func (d *diff) step(by int) { d.cursor = max(min(d.cursor+by, len(d.m.now.changes)-1), 0) }

// current is the change under the cursor.
func (d *diff) current() (pack.Change, bool) {
	if d.cursor >= len(d.m.now.changes) {
		return pack.Change{}, false
	}
	return d.m.now.changes[d.cursor], true
}

func (d *diff) key(key string) bool {
	switch key {
	case "up", "k":
		d.step(-1)
	case "down", "j":
		d.step(1)
	case "pgup":
		d.step(-10)
	case "pgdown":
		d.step(10)
	case "home", "g":
		d.cursor = 0
	case "end", "G":
		d.step(len(d.m.now.changes))
	case "enter":
		if c, ok := d.current(); ok {
			d.m.toYAML(c.Path)
		}
	default:
		return false
	}
	return true
}

// View draws the changes in exactly w×h cells: each in three lines where there is room, else in one.
func (d *diff) View(w, h int, focus bool) string {
	lines := d.head(w)
	each, one := d.long, 4
	if w >= 60 || (h-len(lines)) < 4 {
		each, one = d.short, 1
	}
	fit := max((h-len(lines))/one, 1)
	d.top = min(d.top, d.cursor)
	d.top = max(d.top, d.cursor-fit+1, 0)
	d.top = max(min(d.top, len(d.m.now.changes)-fit), 0)
	for i := d.top; i < min(d.top+fit, len(d.m.now.changes)); i++ {
		lines = append(lines, each(d.m.now.changes[i], w, focus && i == d.cursor)...)
	}
	return text.Block(strings.Join(lines, "\n"), w, h)
}

// head says how much was changed, and what that means.
func (d *diff) head(w int) []string {
	th, n := d.m.th, len(d.m.now.changes)
	title := "No changes from the defaults"
	if n > 0 {
		title = text.Count(n, "change") + " from the defaults"
	}
	if d.m.now.broken != nil {
		title += ", as far as the YAML could be read last"
	}
	out := []string{th.Paint(theme.Strong, text.Fit(" "+title, w, th.Glyphs.Ellipsis))}
	if d.m.risky() > 0 {
		for _, line := range text.Wrap(warning, max(w-2, 10)) {
			out = append(out, " "+th.Paint(theme.Warn, line))
		}
	}
	return out
}

// mark is the cursor before a change.
func (d *diff) mark(focus bool) string {
	if focus {
		return " " + d.m.th.Paint(theme.Accent, d.m.th.Glyphs.Cursor) + " "
	}
	return "   "
}

func (d *diff) short(c pack.Change, w int, focus bool) []string {
	th := d.m.th
	was, is := d.sides(c)
	values := text.Truncate(was, max(w/4, 8), th.Glyphs.Ellipsis) + " " + th.Glyphs.Arrow + " " + text.Truncate(is, max(w/4, 8), th.Glyphs.Ellipsis)
	if tail := d.why(c); tail != "" {
		values += "  (" + tail + ")"
	}
	path := text.TruncateMiddle(text.Clean(c.Path.String()), max(w-text.Width(values)-6, 12), th.Glyphs.Ellipsis)
	return []string{d.mark(focus) + path + ": " + th.Paint(theme.Info, values)}
}

func (d *diff) long(c pack.Change, w int, focus bool) []string {
	th := d.m.th
	fit := func(tone theme.Tone, s string) string {
		return th.Paint(tone, text.Fit(s, max(w-2, 1), th.Glyphs.Ellipsis))
	}
	was, is := d.sides(c)
	path := text.TruncateMiddle(text.Clean(c.Path.String()), max(w-4, 1), th.Glyphs.Ellipsis)
	if why := d.why(c); why != "" {
		is += "  (" + why + ")"
	}
	return []string{d.mark(focus) + path, "   " + fit(theme.Bad, "- "+was), "   " + fit(theme.Good, "+ "+is), ""}
}

// sides are what was and what is, in a line each.
func (d *diff) sides(c pack.Change) (was, is string) {
	was, is = text.Clean(pack.Show(c.Default)), text.Clean(pack.Show(c.Value))
	if c.Added {
		was = "not set"
	}
	if c.Removed {
		is = "not set"
	}
	return was, is
}

// why says what a change is for that nobody needs to wonder about.
func (d *diff) why(c pack.Change) string {
	switch {
	case d.m.fromBase(c):
		return "another pack needs it"
	case d.m.needed(c.Path):
		return "filled in"
	}
	return ""
}

// changedLines are the lines of the text that say something else than the defaults.
func (m *Model) changedLines() []int {
	var out []int
	content := m.text.Text()
	for _, c := range m.now.changes[:min(len(m.now.changes), looks(content))] {
		if line := pack.Line(content, c.Path); line > 0 && !c.Removed {
			out = append(out, line)
		}
	}
	slices.Sort(out)
	return out
}
