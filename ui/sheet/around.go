package sheet

import (
	"strings"

	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// MostNotices keeps a page in sight where much is wrong at once.
const MostNotices = 2

// Notices draws lines over a page that say in what way it is not the whole truth, the first MostNotices of them.
func Notices(th *theme.Theme, all []Words, w int) []string {
	var out []string
	for _, n := range all[:min(len(all), MostNotices)] {
		out = append(out, th.Paint(n.Tone, text.Fit(" "+text.Clean(n.Text), w, th.Glyphs.Ellipsis)))
	}
	return out
}

// Instead draws what stands in place of an empty list.
func Instead(th *theme.Theme, w, h int, write func(*Sheet)) string {
	s := &Sheet{Theme: th, Width: min(max(w-8, 20), 76)}
	write(s)
	block := make([]string, max(0, (h-len(s.Lines))/3))
	for _, l := range s.Lines {
		block = append(block, text.Spaces(4)+l.Shown)
	}
	return text.Block(strings.Join(block, "\n"), w, h)
}

// Say writes a title, and what there is to know or to do about it.
func (s *Sheet) Say(title string, lines ...string) {
	s.Raw(s.Theme.Paint(theme.Strong, text.Clean(title)))
	for _, l := range lines {
		s.Para(0, Dim(l))
	}
}
