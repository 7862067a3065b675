package rollout

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// gutter is the room for the cursor in front of lines.
const gutter = 2

// pane shows lines that come and change. It moves by lines, or from row to row where some of its lines are rows; it can follow its end.
type pane struct {
	th     *theme.Theme
	lines  []pager.Line
	rows   []int // indexes of lines that the cursor can be on; none: there is no cursor
	at     int   // index in rows
	top, h int
	follow bool // new lines at the end stay in sight
	// steered says that the user has moved.
	steered bool
}

// movingBindings are the keys of a pane.
func movingBindings() []keys.Binding {
	return []keys.Binding{
		{ID: "down", Keys: []string{"j", "down"}, Label: "down", Help: "Next line"},
		{ID: "up", Keys: []string{"k", "up"}, Label: "up", Help: "Previous line"},
		{ID: "pgdown", Keys: []string{"pgdown", "ctrl+f", "ctrl+d"}, Label: "page down", Help: "A page down"},
		{ID: "pgup", Keys: []string{"pgup", "ctrl+b", "ctrl+u"}, Label: "page up", Help: "A page up"},
		{ID: "first", Keys: []string{"g", "home"}, Label: "first", Help: "To the first line"},
		{ID: "last", Keys: []string{"G", "end"}, Label: "last", Help: "To the last line; what comes then is followed"},
	}
}

var moving = func() *keys.Map {
	m, err := keys.NewMap(movingBindings()...)
	if err != nil {
		panic(err)
	}
	return m
}()

// set replaces the lines. The cursor stays on its row by number, the window on its line.
func (p *pane) set(lines []pager.Line, rows []int) {
	p.lines, p.rows = lines, rows
	p.at = max(min(p.at, len(rows)-1), 0)
	p.clamp()
}

// update moves; it reports whether the message was for the pane.
func (p *pane) update(msg tea.Msg) bool {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		b, ok := moving.Lookup(msg)
		if ok {
			p.move(b.ID)
			p.follow, p.steered = p.atEnd(), true
		}
		return ok
	case tea.MouseWheelMsg:
		p.scroll(map[tea.MouseButton]int{tea.MouseWheelDown: 3, tea.MouseWheelUp: -3}[msg.Button])
		p.follow, p.steered = p.atEnd(), true
		return true
	}
	return false
}

func (p *pane) move(id string) {
	page := max(p.h-1, 1)
	switch id {
	case "down":
		p.step(1)
	case "up":
		p.step(-1)
	case "pgdown":
		p.scroll(page)
	case "pgup":
		p.scroll(-page)
	case "first":
		p.at, p.top = 0, 0
	case "last":
		p.at, p.top = max(len(p.rows)-1, 0), len(p.lines)
		p.clamp()
	}
}

// step goes to the next row where that is in sight or about to be, and moves by a line otherwise: long notes between rows can be read.
func (p *pane) step(by int) {
	next := p.at + by
	if next < 0 || next >= len(p.rows) || p.rows[next] < p.top-1 || p.rows[next] > p.top+p.h {
		p.top += by
		p.clamp()
		return
	}
	p.at = next
	p.reveal()
}

// scroll moves by lines; the cursor comes along to a row that is in sight, at the ends to the last one there is.
func (p *pane) scroll(by int) {
	before := p.top
	p.top += by
	p.clamp()
	switch {
	case len(p.rows) == 0:
	case p.top == before && by > 0:
		p.at = len(p.rows) - 1
	case p.top == before:
		p.at = 0
	case !p.seen():
		for i, line := range p.rows {
			if line >= p.top && line < p.top+p.h {
				p.at = i
				return
			}
		}
	}
}

// seen tells whether the cursor is in sight.
func (p *pane) seen() bool {
	return len(p.rows) > 0 && p.rows[p.at] >= p.top && p.rows[p.at] < p.top+p.h
}

// reveal scrolls as little as brings the cursor into sight.
func (p *pane) reveal() {
	line := p.rows[p.at]
	p.top = max(min(p.top, line), line-p.h+1)
	p.clamp()
}

func (p *pane) atEnd() bool { return p.top >= len(p.lines)-p.h }

func (p *pane) clamp() { p.top = max(min(p.top, len(p.lines)-p.h), 0) }

// row is the number of the row under the cursor; -1 where there is none.
func (p *pane) row() int {
	if len(p.rows) == 0 {
		return -1
	}
	return p.at
}

// hidden says which lines are shown where not all of them are: "4-12 of 40".
func (p *pane) hidden() string {
	if len(p.lines) <= p.h {
		return ""
	}
	return fmt.Sprintf("%d-%d of %d", p.top+1, min(p.top+p.h, len(p.lines)), len(p.lines))
}

// view draws the pane in exactly w×h cells.
func (p *pane) view(w, h int) string {
	p.resize(h)
	out := ""
	for i := p.top; i < min(p.top+h, len(p.lines)); i++ {
		front := text.Spaces(gutter)
		if len(p.rows) > 0 && p.rows[p.at] == i {
			front = p.th.Paint(theme.Accent, p.th.Glyphs.Cursor) + " "
		}
		out += front + p.lines[i].Shown + "\n"
	}
	return text.Block(out, w, h)
}

// resize makes the window h lines high. A cursor that is in sight stays so.
func (p *pane) resize(h int) {
	seen := p.seen()
	p.h = h
	if p.follow {
		p.top = len(p.lines)
	}
	p.clamp()
	if seen {
		p.reveal()
	}
}

// lead brings a line into sight, with a little of what stands before it, unless the user has moved.
func (p *pane) lead(line int) {
	if !p.steered {
		p.top = max(line-1, 0)
		p.clamp()
	}
}
