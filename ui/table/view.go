package table

import (
	"strconv"
	"strings"
	"time"

	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// frame is the last View and what it was made from.
type frame struct {
	w, h int
	now  time.Time
	gen  uint64
	text string
}

// drawnCell is a cleaned cell with its width.
type drawnCell struct {
	Cell
	width int
}

// drawn keeps what a row looked like, as long as the row is on the screen.
type drawn struct {
	now    time.Time
	cells  []drawnCell
	layout uint64
	look   look
	line   string
	used   uint64
}

// look is what the state of the table adds to a row.
type look struct{ cursor, marked bool }

// View draws the table in exactly w×h cells: a header and as many rows as fit. now is the time for ages and countdowns;
// rows are drawn again when it changes, so let it tick slowly.
func (m *Model[R]) View(w, h int, now time.Time) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	f := &m.frame
	if f.text != "" && f.w == w && f.h == h && f.gen == m.gen && f.now.Equal(now) {
		return f.text
	}
	if m.body != h-headerHeight {
		m.body = max(h-headerHeight, 0)
	}
	m.clampTop()
	window := m.vis[m.top:min(m.top+m.body, len(m.vis))]
	m.startLayout(w)
	for _, e := range window {
		m.measure(m.cells(e, now))
	}
	m.finishLayout()
	*f = frame{w: w, h: h, now: now, gen: m.gen, text: m.draw(window, w, h)}
	m.forgetUnseen(window)
	return f.text
}

// PlainView is View without any styling.
func (m *Model[R]) PlainView(w, h int, now time.Time) string {
	return theme.Strip(m.View(w, h, now))
}

func (m *Model[R]) draw(window []*entry[R], w, h int) string {
	var b strings.Builder
	b.Grow(h * (w + 64))
	b.WriteString(m.header(w))
	for y := 1; y < h; y++ {
		b.WriteByte('\n')
		switch {
		case y-1 < len(window):
			b.WriteString(m.line(window[y-1], w))
		case len(window) == 0 && y == 2 && m.empty != "":
			line := text.Spaces(gutterWidth) + text.Clean(m.empty)
			m.th.Append(&b, theme.Dim, text.Fit(line, w, m.th.Glyphs.Ellipsis))
		default:
			b.WriteString(text.Spaces(w))
		}
	}
	return b.String()
}

// forgetUnseen drops the drawings of rows that are no longer on the screen.
func (m *Model[R]) forgetUnseen(window []*entry[R]) {
	m.draws++
	for _, e := range window {
		e.drawn.used = m.draws
	}
	for _, e := range m.shown {
		if e.drawn != nil && e.drawn.used != m.draws {
			e.drawn = nil
		}
	}
	m.shown = append(m.shown[:0], window...)
}

func (m *Model[R]) header(w int) string {
	var b strings.Builder
	b.WriteString(text.Spaces(gutterWidth))
	end := gutterWidth
	for k, p := range m.layout.parts {
		if k > 0 {
			b.WriteString(text.Spaces(gapWidth))
			end += gapWidth
		}
		c := m.columns[p.col]
		title := c.Title
		if p.col == m.sortCol && c.Compare != nil {
			title += " " + m.arrow()
		}
		b.WriteString(m.pad(c, title, p.w))
		end += p.w
	}
	line := b.String()
	if more := "+" + strconv.Itoa(m.layout.hidden); m.layout.hidden > 0 && end+len(more) < w {
		line = text.Fit(line, w-len(more)-1, "") + more
	}
	return m.th.Paint(theme.Header, text.Fit(line, w, ""))
}

func (m *Model[R]) arrow() string {
	if m.desc {
		return m.th.Glyphs.Down
	}
	return m.th.Glyphs.Up
}

func (m *Model[R]) pad(c Column[R], s string, w int) string {
	switch {
	case c.Align == Right:
		return text.FitRight(s, w, m.th.Glyphs.Ellipsis)
	case c.Middle:
		return text.FitMiddle(s, w, m.th.Glyphs.Ellipsis)
	}
	return text.Fit(s, w, m.th.Glyphs.Ellipsis)
}

// cells returns the cleaned cells of a row.
func (m *Model[R]) cells(e *entry[R], now time.Time) []drawnCell {
	d := e.drawn
	if d != nil && d.now.Equal(now) {
		return d.cells
	}
	if d == nil {
		d = &drawn{cells: make([]drawnCell, len(m.columns))}
		e.drawn = d
	}
	d.now, d.line = now, ""
	for i, c := range m.columns {
		cell := c.Cell(e.row, now)
		cell.Text, cell.Prefix = text.Clean(cell.Text), text.Clean(cell.Prefix)
		width := text.Width(cell.Text)
		if cell.Prefix != "" {
			width += text.Width(cell.Prefix) + 1
		}
		d.cells[i] = drawnCell{Cell: cell, width: width}
	}
	return d.cells
}

// line draws a row, or takes the drawing that is still right.
func (m *Model[R]) line(e *entry[R], w int) string {
	d, now := e.drawn, look{cursor: e == m.cur, marked: e.marked}
	if d.line == "" || d.layout != m.layout.gen || d.look != now {
		d.layout, d.look = m.layout.gen, now
		d.line = m.drawLine(d.cells, now, w)
	}
	return d.line
}

func (m *Model[R]) drawLine(cells []drawnCell, l look, w int) string {
	var b strings.Builder
	b.Grow(w + 64)
	m.gutter(&b, l)
	x := gutterWidth
	for k, p := range m.layout.parts {
		if k > 0 {
			b.WriteString(text.Spaces(gapWidth))
			x += gapWidth
		}
		cell := cells[p.col].Cell
		if l.marked && k == 0 {
			cell.Tone = theme.Marked
		}
		m.drawCell(&b, m.columns[p.col], cell, p.w, l.cursor)
		x += p.w
	}
	line := text.Block(b.String(), w, 1)
	if l.cursor {
		return m.th.Paint(theme.Reverse, line)
	}
	return line
}

func (m *Model[R]) gutter(b *strings.Builder, l look) {
	mark, cursor := " ", " "
	if l.marked {
		mark = m.th.Glyphs.Mark
	}
	if l.cursor {
		b.WriteString(mark + m.th.Glyphs.Cursor + " ")
		return
	}
	if l.marked {
		m.th.Append(b, theme.Marked, mark)
	} else {
		b.WriteString(mark)
	}
	b.WriteString(cursor + " ")
}

// drawCell writes exactly w cells. On the cursor's row the line is reversed as a whole, so tones stay out of it.
func (m *Model[R]) drawCell(b *strings.Builder, c Column[R], cell Cell, w int, plain bool) {
	if plain {
		cell.Tone, cell.PrefixTone = theme.Normal, theme.Normal
	}
	if cell.Prefix == "" {
		m.drawText(b, c, cell, w)
		return
	}
	head := text.Width(cell.Prefix) + 1
	if head > w {
		m.th.Append(b, cell.PrefixTone, text.Fit(cell.Prefix, w, ""))
		return
	}
	if c.Align == Right {
		pad := max(w-head-text.Width(cell.Text), 0)
		b.WriteString(text.Spaces(pad))
		w -= pad
	}
	m.th.Append(b, cell.PrefixTone, cell.Prefix)
	b.WriteByte(' ')
	m.drawText(b, c, cell, w-head)
}

// drawText paints the text but not the padding: unstyled spaces are what terminals erase cheapest.
func (m *Model[R]) drawText(b *strings.Builder, c Column[R], cell Cell, w int) {
	s := cell.Text
	width := text.Width(s)
	if width > w {
		s = m.pad(c, s, w)
		width = w
	}
	if c.Align == Right {
		b.WriteString(text.Spaces(w - width))
		m.th.Append(b, cell.Tone, s)
		return
	}
	m.th.Append(b, cell.Tone, s)
	b.WriteString(text.Spaces(w - width))
}
