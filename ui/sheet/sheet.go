// Package sheet lays out headings, paragraphs, fields and tables as lines for a pager.
package sheet

import (
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

const margin = 2 // before the names of fields

// Words are text in one tone; the sheet cleans them.
type Words struct {
	Text string
	Tone theme.Tone
}

// Plain are words that nothing sets apart.
func Plain(s string) Words { return Words{Text: s} }

// Dim are words that matter less.
func Dim(s string) Words { return Words{s, theme.Dim} }

// Warn are words that want attention.
func Warn(s string) Words { return Words{s, theme.Warn} }

// Bad are words about what does not work.
func Bad(s string) Words { return Words{s, theme.Bad} }

// Field is a name with its values, each on lines of its own. Without any the field shows as empty.
type Field struct {
	Key    string
	Values []Words
}

// One is a field with a plain value.
func One(key, value string) Field { return Field{key, []Words{Plain(value)}} }

// Of is a field with values.
func Of(key string, values ...Words) Field { return Field{key, values} }

// Sheet collects lines for one width.
type Sheet struct {
	Theme *theme.Theme
	Width int
	Lines []pager.Line
}

// Raw adds a line of our own styled text.
func (s *Sheet) Raw(styled string) { s.Lines = append(s.Lines, pager.Styled(styled)) }

// Gap puts an empty line between what stands and what comes.
func (s *Sheet) Gap() {
	if n := len(s.Lines); n > 0 && s.Lines[n-1].Plain != "" {
		s.Lines = append(s.Lines, pager.Line{})
	}
}

func (s *Sheet) clean(foreign string) string { return s.Theme.Glyphs.Arrows(text.Clean(foreign)) }

// Heading begins a part.
func (s *Sheet) Heading(title string) {
	s.Gap()
	s.Raw(s.Theme.Paint(theme.Header, text.Clean(title)))
}

// Para writes text that is broken into lines, all of them indented.
func (s *Sheet) Para(indent int, w Words) {
	for _, line := range text.Wrap(s.clean(w.Text), max(s.Width-indent, 1)) {
		s.Raw(text.Spaces(indent) + s.Theme.Paint(w.Tone, line))
	}
}

// Item writes text behind a symbol, broken into lines that stand below each other.
func (s *Sheet) Item(symbol string, tone theme.Tone, w Words) {
	indent := margin + text.Width(symbol) + 1
	head := text.Spaces(margin) + s.Theme.Paint(tone, symbol) + " "
	for _, line := range text.Wrap(s.clean(w.Text), max(s.Width-indent, 1)) {
		s.Raw(head + s.Theme.Paint(w.Tone, line))
		head = text.Spaces(indent)
	}
}

// Fields writes fields below each other with their values aligned.
func (s *Sheet) Fields(fields []Field) { s.fields(fields, keyWidth(fields)) }

func (s *Sheet) fields(fields []Field, width int) {
	for _, f := range fields {
		s.field(f, width)
	}
}

// keyWidth is the width that lets all names stand in one column.
func keyWidth(fields []Field) int {
	w := 0
	for _, f := range fields {
		w = max(w, text.Width(f.Key))
	}
	return w
}

func (s *Sheet) field(f Field, width int) {
	room := max(s.Width-margin-width-2, 8)
	key := s.Theme.Paint(theme.Dim, text.Fit(f.Key, width, ""))
	written := false
	for _, value := range f.Values {
		if value.Text == "" {
			continue
		}
		for _, line := range text.Wrap(s.clean(value.Text), room) {
			s.Raw(text.Spaces(margin) + key + "  " + s.Theme.Paint(value.Tone, line))
			key, written = text.Spaces(width), true
		}
	}
	if !written {
		s.Raw(text.Spaces(margin) + key + "  " + s.Theme.Paint(theme.Dim, s.Theme.Glyphs.None))
	}
}
