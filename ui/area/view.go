package area

import (
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// paint makes the lines that are shown, once for every version of the text.
func (m *Model) paint() {
	if m.drawn == m.version {
		return
	}
	m.drawn = m.version
	m.safe = make([]string, len(m.lines))
	for i, line := range m.lines {
		m.safe[i] = disarm(line)
	}
	m.coloured = make([]string, len(m.lines))
	for i, line := range pager.YAML(strings.Join(m.safe, "\n")+"\n", m.th) {
		if i < len(m.coloured) {
			m.coloured[i] = line.Shown
		}
	}
}

// View draws the lines around the cursor in exactly w×h cells, each with its mark and its number; marks are by line, from 1. With focus,
// the cursor's cell is reversed.
func (m *Model) View(w, h int, focus bool, marks map[int]Mark) string {
	m.paint()
	m.height = h
	gutter := m.gutter()
	room := max(w-gutter, 1)
	m.scroll(room, h)
	out := make([]string, 0, h)
	for i := m.top; i < min(m.top+h, len(m.lines)); i++ {
		out = append(out, m.number(i, gutter, marks[i+1], focus)+m.shown(i, room, focus && i == m.at.line))
	}
	return text.Block(strings.Join(out, "\n"), w, h)
}

// gutter is how wide the marks and numbers in front of the text are.
func (m *Model) gutter() int { return max(len(strconv.Itoa(len(m.lines))), 2) + 3 }

func (m *Model) number(line, w int, mark Mark, focus bool) string {
	tone := theme.Dim
	if focus && line == m.at.line {
		tone = theme.Normal
	}
	if mark.Symbol == "" {
		mark.Symbol = " "
	}
	return m.th.Paint(tone, text.FitRight(strconv.Itoa(line+1), w-2, "")) + m.th.Paint(mark.Tone, mark.Symbol) + " "
}

// shown is the part of a line that is in sight.
func (m *Model) shown(line, room int, cursor bool) string {
	all, width := m.coloured[line], text.Width(m.safe[line])
	if !cursor {
		s := ansi.Cut(all, m.left, m.left+room)
		if width > m.left+room {
			s = ansi.Cut(all, m.left, m.left+room-1) + m.th.Paint(theme.Dim, m.th.Glyphs.Ellipsis)
		}
		return s
	}
	at := m.cell(m.at)
	under := " "
	if _, after := cut(m.safe[line], m.at.col); after != "" {
		under, _ = cut(after, 1)
	}
	return ansi.Cut(all, m.left, at) + m.th.Paint(theme.Reverse, under) + ansi.Cut(all, at+text.Width(under), m.left+room)
}

// scroll keeps the cursor in sight.
func (m *Model) scroll(room, h int) {
	m.top = min(m.top, m.at.line)
	m.top = max(m.top, m.at.line-h+1, 0)
	m.top = max(min(m.top, len(m.lines)-h), 0)
	at := m.cell(m.at)
	switch {
	case at < m.left:
		m.left = max(at-room/4, 0)
	case at >= m.left+room-1:
		m.left = at - room*3/4
	}
	if at < room-1 {
		m.left = 0
	}
}

// cell is the column of the screen in which a position is, were nothing scrolled.
func (m *Model) cell(at position) int {
	m.paint()
	before, _ := cut(m.safe[at.line], at.col)
	return text.Width(before)
}

// column is the character of a line that is shown in a cell, or the end of the line.
func (m *Model) column(line, cell int) int {
	m.paint()
	col, width := 0, 0
	for _, r := range m.safe[line] {
		if width += text.Width(string(r)); width > cell {
			break
		}
		col++
	}
	return col
}
