package shell

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// ruleFrom is the height from which a rule separates the key bar from the page.
const ruleFrom = 16

// View returns the frame, the last one if nothing changed.
func (m *Model) View() tea.View {
	if m.dirty {
		m.frame = m.draw()
		m.dirty = false
	}
	v := tea.NewView(m.frame)
	v.AltScreen = true
	v.WindowTitle = text.Clean(m.o.WindowTitle)
	if m.mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	return v
}

func (m *Model) draw() string {
	if m.w <= 0 || m.h <= 0 {
		return ""
	}
	if m.w < MinWidth || m.h < MinHeight {
		s := fmt.Sprintf("This terminal has %d by %d cells; vmdeck needs %d by %d.", m.w, m.h, MinWidth, MinHeight)
		return text.Block(strings.Join(text.Wrap(s, m.w), "\n"), m.w, m.h)
	}
	m.header = m.headerLine(m.w)
	lines := []string{m.header}
	if len(m.tabs) > 1 || m.active < len(m.tabs) && len(m.tabs[m.active].stack) > 1 {
		lines = append(lines, m.tabLine(m.w))
	}
	var foot []string
	if m.h >= ruleFrom {
		foot = append(foot, m.th.Paint(theme.Dim, " "+strings.Repeat(m.th.Glyphs.HLine, m.w-2)))
	}
	foot = append(foot, m.keyBar(m.w))
	m.bodyY, m.bodyH = len(lines), m.h-len(lines)-len(foot)
	body := ""
	if p := m.Page(); p != nil {
		body = p.View(m.w, m.bodyH)
	}
	lines = append(lines, text.Block(body, m.w, m.bodyH))
	lines = append(lines, foot...)
	frame := strings.Join(lines, "\n")
	if m.stack.Len() > 0 {
		frame = m.stack.View(frame, m.w, m.h)
	}
	return text.Block(frame, m.w, m.h)
}

// headerLine draws the first line, without the segments that do not fit.
func (m *Model) headerLine(w int) string {
	var h Header
	if m.o.Header != nil {
		h = m.o.Header(w)
	}
	left, right := clean(h.Left), clean(h.Right)
	for segmentsWidth(left)+segmentsWidth(right)+4 > w && len(left)+len(right) > 1 {
		l, r := leastImportant(left), leastImportant(right)
		if r >= 0 && (l < 0 || right[r].Priority >= left[l].Priority) {
			right = append(right[:r], right[r+1:]...)
		} else {
			left = append(left[:l], left[l+1:]...)
		}
	}
	rightWidth := segmentsWidth(right)
	line := text.Block(" "+m.segments(left), max(w-rightWidth-1, 0), 1)
	return text.Block(line+m.segments(right), w, 1)
}

func clean(in []Segment) []Segment {
	out := make([]Segment, 0, len(in))
	for _, s := range in {
		if s.Text = text.Clean(s.Text); s.Text != "" {
			out = append(out, s)
		}
	}
	return out
}

// leastImportant is the last of the segments with the highest number.
func leastImportant(in []Segment) int {
	at := -1
	for i, s := range in {
		if at < 0 || s.Priority >= in[at].Priority {
			at = i
		}
	}
	return at
}

// segmentsWidth counts two cells between segments.
func segmentsWidth(in []Segment) int {
	w := max(2*(len(in)-1), 0)
	for _, s := range in {
		w += text.Width(s.Text)
	}
	return w
}

func (m *Model) segments(in []Segment) string {
	var b strings.Builder
	for i, s := range in {
		if i > 0 {
			b.WriteString("  ")
		}
		m.th.Append(&b, s.Tone, s.Text)
	}
	return b.String()
}

// tabLine draws the tabs; when they do not fit, the others shrink to their numbers.
func (m *Model) tabLine(w int) string {
	labels, total := m.tabLabels(false)
	if total > w-1 {
		labels, _ = m.tabLabels(true)
	}
	var b strings.Builder
	b.WriteByte(' ')
	x := 1
	m.spans = m.spans[:0]
	for i, label := range labels {
		from := x
		edge := " "
		if i == m.active {
			edge = m.th.Glyphs.VLine
			m.th.Append(&b, theme.Accent, edge+label+edge)
		} else {
			b.WriteString(edge + label + edge)
		}
		x += text.Width(label) + 2
		m.spans = append(m.spans, span{from, x})
	}
	return text.Block(b.String(), w, 1)
}

func (m *Model) tabLabels(short bool) (labels []string, width int) {
	for i, t := range m.tabs {
		label := strconv.Itoa(i + 1)
		if i == m.active || !short {
			label += " " + text.Clean(t.stack[0].Title())
		}
		if i == m.active && len(t.stack) > 1 {
			label += " " + m.th.Glyphs.Arrow + " " + text.Clean(t.top().Title())
		}
		labels = append(labels, label)
		width += text.Width(label) + 2
	}
	return labels, width
}

// keyBar draws the hints that fit, and at the right a message or the reason why a key is off.
func (m *Model) keyBar(w int) string {
	var hints []Hint
	if p := m.Page(); p != nil {
		hints = slices.Clone(p.Hints())
	}
	for i := range hints {
		hints[i].Key = keys.Pretty(hints[i].Key, m.th.Glyphs)
	}
	right, tone := m.notice(hints, w)
	room := w - 2
	if right != "" {
		room -= text.Width(right) + 2
	}
	var b strings.Builder
	b.WriteByte(' ')
	m.hints(&b, fitting(hints, room))
	line := text.Block(b.String(), max(w-text.Width(right)-1, 0), 1)
	return text.Block(line+m.th.Paint(tone, right), w, 1)
}

// notice is what the right side of the key bar says.
func (m *Model) notice(hints []Hint, w int) (string, theme.Tone) {
	g := m.th.Glyphs
	if t, ok := m.toasts.Current(); ok {
		mark := map[theme.Tone]string{theme.Bad: g.Cross + " ", theme.Warn: g.Warn + " ", theme.Good: g.Mark + " "}[t.Tone]
		return text.Truncate(mark+t.Text, w-2, g.Ellipsis), t.Tone
	}
	for _, h := range hints {
		if h.Off && h.Reason != "" {
			return text.Truncate(text.Clean(h.Key+" "+h.Label+": "+h.Reason), w/2, g.Ellipsis), theme.Dim
		}
	}
	return "", theme.Normal
}

// fitting drops hints, those with the highest number first, until the rest fits.
func fitting(hints []Hint, room int) []Hint {
	var out []Hint
	width := 0
	for _, h := range hints {
		if !h.Off {
			out = append(out, h)
			width += hintWidth(h)
		}
	}
	for width-2 > room && len(out) > 0 {
		drop := 0
		for i, h := range out {
			if h.Priority >= out[drop].Priority {
				drop = i
			}
		}
		width -= hintWidth(out[drop])
		out = append(out[:drop], out[drop+1:]...)
	}
	return out
}

// hintWidth includes the gap to the next one.
func hintWidth(h Hint) int {
	return text.Width(text.Clean(h.Key)) + 1 + text.Width(text.Clean(h.Label)) + 2
}

func (m *Model) hints(b *strings.Builder, hints []Hint) {
	for i, h := range hints {
		if i > 0 {
			b.WriteString("  ")
		}
		m.th.Append(b, theme.Strong, text.Clean(h.Key))
		b.WriteByte(' ')
		m.th.Append(b, theme.Dim, text.Clean(h.Label))
	}
}
