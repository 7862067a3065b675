package rights

import (
	"fmt"
	"strings"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

const (
	gutter     = 3  // the cursor
	gap        = 2  // between columns
	widestPart = 12 // of a role's name, which is broken into lines
	mostParts  = 4
	leastPane  = 5 // lines of the explanation that are worth giving up headings for
	mostPane   = 18
)

// grid is where things are on the screen, as of the last View.
type grid struct {
	left, top int // first column and first line that are shown
	fit       int // columns that fit
	y         int // line of the page that the first line of the grid stands on
	shown     []line
	xs        []span
}

// line is a line of the matrix: the heading of a group, or an action.
type line struct {
	group string
	need  int
}

// span is where a column stands.
type span struct{ from, to, column int }

// lines are the lines of the matrix, with headings where there is room for them.
func (p *Roles) lines(headings bool) []line {
	var out []line
	last := ""
	for i, need := range p.needs {
		if group := groupOf(need); headings && group != last {
			out = append(out, line{group: group, need: -1})
			last = group
		}
		out = append(out, line{need: i})
	}
	return out
}

// parts breaks a role's name into lines at what names are joined by.
func parts(name string, w int) []string {
	var out []string
	current := ""
	word := func(s string) {
		for text.Width(s) > w { // one that does not fit anywhere
			if current != "" {
				out, current = append(out, current), ""
			}
			out, s = append(out, text.Truncate(s, w, "")), strings.TrimPrefix(s, text.Truncate(s, w, ""))
		}
		if text.Width(current)+text.Width(s) > w {
			out, current = append(out, current), ""
		}
		current += s
	}
	start := 0
	for i, r := range name {
		if strings.ContainsRune("-:./_", r) {
			word(name[start : i+1])
			start = i + 1
		}
	}
	word(name[start:])
	out = append(out, current)
	kept := out[:0]
	for _, s := range out {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return kept
}

// header is a column's name in lines, and its width.
func (p *Roles) header(c column) (lines []string, w int) {
	lines = parts(text.Clean(c.name()), widestPart)
	if len(lines) > mostParts {
		lines = append(lines[:mostParts-1:mostParts-1], text.Truncate(strings.Join(lines[mostParts-1:], ""), widestPart-1, "")+p.th.Glyphs.Ellipsis)
	}
	w = 5
	for _, l := range append(lines, p.mark(c)) {
		w = max(w, text.Width(l))
	}
	return lines, w
}

// mark says under a name in what way the role is not the catalogue's.
func (p *Roles) mark(c column) string {
	switch {
	case c.role == nil || !p.known():
		return ""
	case c.standing == binding.Differs:
		return p.th.Glyphs.Warn + " differs"
	case c.standing == binding.Missing:
		return p.th.Glyphs.Ring + " absent"
	}
	return ""
}

// first is the width of the frozen column.
func (p *Roles) first() int {
	w := 0
	for _, n := range p.needs {
		w = max(w, text.Width(n.Title))
	}
	return gutter + w
}

// place decides which columns are on the screen, so that the one with the cursor is.
func (p *Roles) place(w int) {
	g := &p.grid
	g.left = min(g.left, p.at)
	for {
		g.xs, g.fit = nil, 0
		x := p.first() + gap
		for i := g.left; i < len(p.columns); i++ {
			_, cw := p.header(p.columns[i])
			if x+cw > w && len(g.xs) > 0 {
				break
			}
			g.xs = append(g.xs, span{x, min(x+cw, w), i})
			x += cw + gap
		}
		g.fit = len(g.xs)
		if p.at < g.left+g.fit {
			return
		}
		g.left++
	}
}

// names draws the roles' names over their columns, standing on the same line.
func (p *Roles) names(w int) []string {
	headers, height, marked := make([][]string, len(p.grid.xs)), 0, false
	for i, x := range p.grid.xs {
		headers[i], _ = p.header(p.columns[x.column])
		height = max(height, len(headers[i]))
		marked = marked || p.mark(p.columns[x.column]) != ""
	}
	out := make([]string, 0, height+1)
	for n := range height {
		cells := make([]string, len(headers))
		for i, h := range headers {
			if k := n - height + len(h); k >= 0 {
				cells[i] = h[k]
			}
		}
		label := ""
		if n == height-1 {
			label = "ACTION"
		}
		out = append(out, p.across(label, theme.Header, cells, func(i int) theme.Tone {
			if p.grid.xs[i].column == p.at {
				return theme.Accent
			}
			return theme.Header
		}, w))
	}
	if marked {
		cells := make([]string, len(headers))
		for i, x := range p.grid.xs {
			cells[i] = p.mark(p.columns[x.column])
		}
		out = append(out, p.across("", theme.Dim, cells, func(int) theme.Tone { return theme.Warn }, w))
	}
	return out
}

// across draws one line of the grid: what stands in the frozen column, and a text in each column.
func (p *Roles) across(label string, tone theme.Tone, cells []string, tones func(int) theme.Tone, w int) string {
	var b strings.Builder
	p.th.Append(&b, tone, text.Fit(text.Spaces(gutter)+label, min(p.first(), w), p.th.Glyphs.Ellipsis))
	x := min(p.first(), w)
	for i, s := range p.grid.xs {
		b.WriteString(text.Spaces(max(s.from-x, 0)))
		p.th.Append(&b, tones(i), text.Fit(cells[i], max(s.to-s.from, 0), ""))
		x = s.to
	}
	return b.String()
}

// action draws the line of an action.
func (p *Roles) action(need int, w int) string {
	var b strings.Builder
	g := p.th.Glyphs
	pointer, tone := text.Spaces(gutter), theme.Normal
	if need == p.row {
		pointer, tone = " "+g.Cursor+" ", theme.Strong
	}
	p.th.Append(&b, tone, text.Fit(pointer+p.needs[need].Title, min(p.first(), w), g.Ellipsis))
	x := min(p.first(), w)
	for _, s := range p.grid.xs {
		cell, tone := p.cell(p.columns[s.column], need)
		width := max(s.to-s.from, 0)
		if need == p.row && s.column == p.at { // brackets, as a reversed blank is hard to see
			b.WriteString(text.Spaces(max(s.from-1-x, 0)))
			p.th.Append(&b, theme.Reverse, text.Fit("["+cell+"]", min(width+1, text.Width(cell)+2), ""))
			x = s.from - 1 + min(width+1, text.Width(cell)+2)
			continue
		}
		b.WriteString(text.Spaces(max(s.from-x, 0)))
		p.th.Append(&b, tone, text.Fit(cell, width, ""))
		x = s.from + width
	}
	return b.String()
}

// cell is a mark for yes or no, with a second one where the catalogue says otherwise.
func (p *Roles) cell(c column, need int) (string, theme.Tone) {
	g := p.th.Glyphs
	cell, tone := g.None, theme.Dim
	if c.cells.Grants(need) {
		cell, tone = g.Mark, theme.Good
	}
	if c.odd(need) {
		return cell + " " + g.Warn, theme.Warn
	}
	return cell, tone
}

// rangeText says which roles are on the screen.
func (p *Roles) rangeText() string {
	if p.grid.fit >= len(p.columns) {
		return fmt.Sprintf("%d roles", len(p.columns))
	}
	return fmt.Sprintf("roles %d%s%d of %d", p.grid.left+1, map[bool]string{true: "-", false: "–"}[p.th.Glyphs.ASCII], p.grid.left+p.grid.fit, len(p.columns))
}
