package dialog

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

const (
	maxInner  = 76 // Longer lines are hard to read.
	minInner  = 30
	formInner = 60 // Forms and pickers, whose content changes while one types, keep this width.
	frameCols = 4  // Two edges, two cells of air.
	frameRows = 2
)

// inner returns the width inside a frame for content that wants want cells.
func inner(want, w int) int {
	return max(min(max(want, minInner), maxInner, w-frameCols), 1)
}

func size(s string) (w, h int) {
	for line := range strings.SplitSeq(s, "\n") {
		w = max(w, text.Width(line))
		h++
	}
	return w, h
}

func widest(lines ...string) int {
	w := 0
	for _, l := range lines {
		w = max(w, text.Width(l))
	}
	return w
}

// box frames lines, with the title in the upper edge. The lines may carry SGR sequences.
func box(th *theme.Theme, title string, tone theme.Tone, lines []string, in int) string {
	g := th.Glyphs
	var b strings.Builder
	head := text.Truncate(text.Clean(title), max(in-2, 0), g.Ellipsis)
	if head != "" {
		head = " " + head + " "
	}
	rule := strings.Repeat(g.Top, max(in+1-text.Width(head), 0))
	b.WriteString(th.Paint(theme.Dim, g.TopLeft+g.Top) + th.Paint(tone, head) + th.Paint(theme.Dim, rule+g.TopRight))
	side := th.Paint(theme.Dim, g.Side)
	for _, line := range lines {
		b.WriteString("\n" + side + " " + text.Block(line, in, 1) + " " + side)
	}
	bottom := g.BottomLeft + strings.Repeat(g.Top, in+2) + g.BottomRight
	b.WriteString("\n" + th.Paint(theme.Dim, bottom))
	return b.String()
}

// scroll is a window over lines that may be too many.
type scroll struct {
	top, shown, total int
}

// window returns the lines to show in h, the last of which says that there is more.
func (s *scroll) window(th *theme.Theme, lines []string, h int) []string {
	h = max(h, 1)
	s.total, s.shown = len(lines), min(h, len(lines))
	s.top = max(min(s.top, len(lines)-h), 0)
	out := append([]string(nil), lines[s.top:s.top+s.shown]...)
	if s.top+s.shown < s.total && s.shown > 1 {
		out[s.shown-1] = th.Paint(theme.Dim, th.Glyphs.Down+" more")
	}
	return out
}

// key scrolls; it reports false when there is nothing to scroll or the key is another one.
func (s *scroll) key(k string) bool {
	if s.shown >= s.total {
		return false
	}
	page := max(s.shown-1, 1)
	switch k {
	case "down", "j":
		s.top++
	case "up", "k":
		s.top--
	case "pgdown", "ctrl+d", "ctrl+f":
		s.top += page
	case "pgup", "ctrl+u", "ctrl+b":
		s.top -= page
	default:
		return false
	}
	s.top = max(min(s.top, s.total-s.shown), 0)
	return true
}

func (s *scroll) mouse(msg tea.MouseWheelMsg) {
	switch msg.Button {
	case tea.MouseWheelDown:
		s.top = max(min(s.top+3, s.total-s.shown), 0)
	case tea.MouseWheelUp:
		s.top = max(s.top-3, 0)
	}
}

// wrapAll cleans and wraps the lines of a body.
func wrapAll(lines []string, w int) []string {
	var out []string
	for _, l := range lines {
		out = append(out, text.Wrap(text.CleanLines(l), w)...)
	}
	return out
}

// Button is one answer.
type Button struct {
	ID, Label string
	// Danger marks an answer that destroys or interrupts something.
	Danger bool
}

// buttons draws a row of buttons, or one below the other when the row is too narrow.
func buttons(th *theme.Theme, all []Button, focus, w int) []string {
	var lines []string
	row, width := "", 0
	for i, b := range all {
		label := "  " + text.Clean(b.Label) + "  "
		tone := theme.Normal
		if b.Danger {
			tone = theme.Bad
		}
		if i == focus {
			label, tone = "[ "+text.Clean(b.Label)+" ]", theme.Reverse
		}
		label = text.Truncate(label, w, th.Glyphs.Ellipsis)
		if n := text.Width(label); row == "" || width+1+n <= w {
			if row != "" {
				row, width = row+" ", width+1
			}
			row, width = row+th.Paint(tone, label), width+n
			continue
		}
		lines = append(lines, row)
		row, width = th.Paint(tone, label), text.Width(label)
	}
	return append(lines, row)
}

// stackUp puts body and footer one below the other in h lines, with a blank line between if there is room.
func stackUp(body, footer []string, h int) []string {
	lines := body
	if len(footer) > 0 && len(body)+len(footer) < h {
		lines = append(lines, "")
	}
	lines = append(lines, footer...)
	return lines[:min(len(lines), max(h, 1))]
}
