package detail

import (
	"strings"
	"time"

	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// twoColumns is the width from which blocks stand side by side, columnGap the space between them.
const (
	twoColumns = 96
	columnGap  = 4
)

// words are foreign or own text in one tone. Whoever lays them out cleans them.
type words struct {
	text string
	tone theme.Tone
}

func plain(s string) words { return words{text: s} }

func dim(s string) words { return words{s, theme.Dim} }

func warn(s string) words { return words{s, theme.Warn} }

// sheet collects the lines of one sub-tab for one width and time.
type sheet struct {
	th    *theme.Theme
	w     int
	now   time.Time
	lines []pager.Line
}

func (s *sheet) raw(styled string) { s.lines = append(s.lines, pager.Styled(styled)) }

// gap puts an empty line between what stands and what comes.
func (s *sheet) gap() {
	if n := len(s.lines); n > 0 && s.lines[n-1].Plain != "" {
		s.lines = append(s.lines, pager.Line{})
	}
}

func (s *sheet) heading(title string) {
	s.gap()
	s.raw(s.th.Paint(theme.Header, text.Clean(title)))
}

// para writes text that is broken into lines, all of them indented.
func (s *sheet) para(indent int, w words) {
	for _, line := range text.Wrap(text.Clean(w.text), max(s.w-indent, 1)) {
		s.raw(text.Spaces(indent) + s.th.Paint(w.tone, line))
	}
}

// field is a name with its values, each on lines of its own.
type field struct {
	key    string
	values []words
}

func one(key, value string) field { return field{key, []words{plain(value)}} }

// block is a title with fields under it.
type block struct {
	title  string
	fields []field
}

// keyWidth is the width that lets all names of the blocks stand in one column.
func keyWidth(blocks []block) int {
	w := 0
	for _, b := range blocks {
		for _, f := range b.fields {
			w = max(w, text.Width(f.key))
		}
	}
	return w
}

// blocks writes blocks below each other with their values aligned.
func (s *sheet) blocks(blocks []block) {
	width := keyWidth(blocks)
	for _, b := range blocks {
		if len(b.fields) == 0 {
			continue
		}
		s.heading(b.title)
		for _, f := range b.fields {
			s.field(f, width)
		}
	}
}

func (s *sheet) field(f field, width int) {
	const margin = 2
	room := max(s.w-margin-width-2, 8)
	key := s.th.Paint(theme.Dim, text.Fit(f.key, width, ""))
	written := false
	for _, value := range f.values {
		if value.text == "" {
			continue
		}
		for _, line := range text.Wrap(text.Clean(value.text), room) {
			s.raw(text.Spaces(margin) + key + "  " + s.th.Paint(value.tone, line))
			key, written = text.Spaces(width), true
		}
	}
	if !written {
		s.raw(text.Spaces(margin) + key + "  " + s.th.Paint(theme.Dim, s.th.Glyphs.None))
	}
}

// beside writes two lists of blocks next to each other where there is room, below each other otherwise.
func (s *sheet) beside(left, right []block) {
	if s.w < twoColumns {
		s.blocks(append(append([]block(nil), left...), right...))
		return
	}
	s.gap()
	half := (s.w - columnGap) / 2
	l, r := &sheet{th: s.th, w: half, now: s.now}, &sheet{th: s.th, w: half, now: s.now}
	l.blocks(left)
	r.blocks(right)
	for i := range max(len(l.lines), len(r.lines)) {
		a, b := "", ""
		if i < len(l.lines) {
			a = l.lines[i].Shown
		}
		if i < len(r.lines) {
			b = r.lines[i].Shown
		}
		if b != "" {
			a = text.Fit(a, half, "") + text.Spaces(columnGap)
		}
		s.raw(a + b)
	}
}

// at writes a moment as a date and how long ago it was.
func (s *sheet) at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(s.now.Location()).Format("2006-01-02 15:04") + ", " + s.ago(t)
}

func (s *sheet) ago(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return text.Age(max(0, s.now.Sub(t))) + " ago"
}

// joined writes a list in the middle of a sentence.
func joined(names []string) string { return strings.Join(names, ", ") }
