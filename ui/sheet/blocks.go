package sheet

import (
	"slices"

	"vmdeck.dev/vmdeck/ui/text"
)

// TwoColumns is the width from which blocks stand side by side.
const TwoColumns = 96

// columnGap is the space between them.
const columnGap = 4

// Block is a title with fields under it. It is left out where it has none.
type Block struct {
	Title  string
	Fields []Field
}

// Blocks writes blocks below each other, the values of all of them aligned.
func (s *Sheet) Blocks(blocks []Block) {
	width := 0
	for _, b := range blocks {
		width = max(width, keyWidth(b.Fields))
	}
	for _, b := range blocks {
		if len(b.Fields) > 0 {
			s.Heading(b.Title)
			s.fields(b.Fields, width)
		}
	}
}

// Beside writes two lists of blocks next to each other where there is room, below each other otherwise.
func (s *Sheet) Beside(left, right []Block) {
	if s.Width < TwoColumns {
		s.Blocks(slices.Concat(left, right))
		return
	}
	s.Gap()
	half := (s.Width - columnGap) / 2
	l, r := &Sheet{Theme: s.Theme, Width: half}, &Sheet{Theme: s.Theme, Width: half}
	l.Blocks(left)
	r.Blocks(right)
	for i := range max(len(l.Lines), len(r.Lines)) {
		a, b := "", ""
		if i < len(l.Lines) {
			a = l.Lines[i].Shown
		}
		if i < len(r.Lines) {
			b = r.Lines[i].Shown
		}
		if b != "" {
			a = text.Fit(a, half, "") + text.Spaces(columnGap)
		}
		s.Raw(a + b)
	}
}
