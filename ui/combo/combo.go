// Package combo is a text field with a list of completions that opens under it. What is typed counts, whether it is in the list or not.
package combo

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/input"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// Item is one completion: what it puts into the field, and a few words on it.
type Item struct{ Value, Desc string }

// Model is the field. Enter, esc with the list closed, and the keys that move from field to field are the caller's.
type Model struct {
	// Items are all completions there are for a text, the best first. It runs with every change of the text, and must be quick. Nil: none.
	Items func(typed string) []Item
	// Choose says that the text is usually one of the items: then the best match is picked while one types.
	Choose bool

	th    *theme.Theme
	field *input.Model
	open  bool
	all   bool   // the list is not narrowed by the text
	shown []Item // what fits the text
	at    int    // the item picked; -1: none, what was typed counts
	top   int
}

// New makes an empty field. The placeholder shows while it is empty.
func New(th *theme.Theme, placeholder string) *Model {
	m := &Model{th: th, field: input.New(th), at: -1}
	m.field.Placeholder, m.field.Suggest = placeholder, m.continuations
	return m
}

// Value is the text.
func (m *Model) Value() string { return m.field.Value() }

// SetValue replaces the text and closes the list.
func (m *Model) SetValue(s string) {
	m.field.SetValue(s)
	m.shown = nil
	m.Close()
}

// continuations are the items that begin with what was typed; the first stands dim behind the cursor.
func (m *Model) continuations(typed string) []string {
	var out []string
	if typed != "" {
		for _, it := range m.shown {
			if strings.HasPrefix(it.Value, typed) {
				out = append(out, it.Value)
			}
		}
	}
	return out
}

// matching are the items that begin with the text, then those that contain it.
func (m *Model) matching() []Item {
	if m.Items == nil {
		return nil
	}
	typed := strings.ToLower(m.Value())
	var first, second []Item
	for _, it := range m.Items(m.Value()) {
		switch at := strings.Index(strings.ToLower(it.Value), typed); {
		case at == 0:
			first = append(first, it)
		case at > 0:
			second = append(second, it)
		}
	}
	return append(first, second...)
}

// Opened reports whether the list is open.
func (m *Model) Opened() bool { return m.open }

// Open opens the list, if there is anything to complete the text with.
func (m *Model) Open() {
	m.all = false
	m.shown, m.top, m.at = m.matching(), 0, -1
	m.open = len(m.shown) > 0 && (len(m.shown) > 1 || m.shown[0].Value != m.Value())
	if m.Choose {
		m.at = 0
	}
}

// openAll opens the list with every item there is, where the text is one of them already.
func (m *Model) openAll() {
	if m.Items == nil || m.Value() == "" {
		return
	}
	m.shown, m.top, m.at = m.Items(m.Value()), 0, -1
	for i, it := range m.shown {
		if it.Value == m.Value() {
			m.at = i
		}
	}
	if m.open = m.at >= 0 && len(m.shown) > 1; !m.open {
		m.at = -1
	}
	m.all = m.open
}

// Refresh looks again what there is to complete the text with. What is picked stays picked.
func (m *Model) Refresh() {
	picked, had := m.Picked()
	if !m.open {
		return
	}
	if m.all {
		m.openAll()
	} else {
		m.Open()
	}
	for i, it := range m.shown {
		if had && it.Value == picked.Value {
			m.at = i
		}
	}
}

// Close closes the list; it reports false when it was not open.
func (m *Model) Close() bool {
	was := m.open
	m.open, m.at = false, -1
	return was
}

// Picked is the item that is picked in the open list.
func (m *Model) Picked() (Item, bool) {
	if !m.open || m.at < 0 {
		return Item{}, false
	}
	return m.shown[m.at], true
}

// Take puts the item that is picked into the field; it reports false when none is.
func (m *Model) Take() bool {
	it, ok := m.Picked()
	if ok {
		m.SetValue(it.Value)
	}
	return ok
}

// Update edits, and moves in the list. It reports whether the message was for the field.
func (m *Model) Update(msg tea.Msg) bool {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch s := k.String(); {
		case s == "tab" && m.Take(), s == "esc" && m.Close():
			return true
		case s == "ctrl+n" && !m.open:
			if m.Open(); !m.open {
				m.openAll()
			}
			return true
		case m.open && m.move(s):
			return true
		}
	}
	before := m.Value()
	if !m.field.Update(msg) {
		return false
	}
	switch {
	case m.Value() == before:
	case m.Value() == "":
		m.shown = nil
		m.Close()
	default:
		if m.Open(); m.exact() {
			m.Close()
		}
	}
	return true
}

// exact tells whether the text is one of the items as it stands.
func (m *Model) exact() bool {
	for _, it := range m.shown {
		if it.Value == m.Value() {
			return true
		}
	}
	return false
}

// move picks another item. Up from the first one is not for the list.
func (m *Model) move(key string) bool {
	to := m.at
	switch key {
	case "down", "ctrl+n":
		to++
	case "up", "ctrl+p":
		to--
	case "pgdown":
		to += 5
	case "pgup":
		to = max(to-5, 0)
	default:
		return false
	}
	if to < 0 && (m.Choose || m.at < 0) {
		return false
	}
	m.at = min(to, len(m.shown)-1)
	return true
}

// View draws the field in exactly w cells.
func (m *Model) View(w int, focus bool) string { return m.field.View(w, focus) }

// Over draws the list over a body of w×h cells with the field on line y: below the field, or above it where there is more room. It begins
// at column x, or further left where it needs to.
func (m *Model) Over(body string, x, y, w, h int) string {
	if !m.Opened() {
		return body
	}
	below, above := h-y-1, y
	room := max(below, above)
	if below >= 5 {
		room = below
	}
	popup := m.Popup(w-2, room)
	if popup == "" {
		return body
	}
	first, _, _ := strings.Cut(popup, "\n")
	at := y + 1
	if room != below {
		at = y - strings.Count(popup, "\n") - 1
	}
	return text.Overlay(body, popup, max(min(x, w-text.Width(first)-1), 0), at)
}

// mostRows is how many items the list shows at a time.
const mostRows = 7

// Popup draws the list in at most w×h cells, its frame included; empty when it is closed or there is no room.
func (m *Model) Popup(w, h int) string {
	rows := min(len(m.shown), mostRows, h-2)
	if !m.open || rows < 1 || w < 12 {
		return ""
	}
	m.top = max(min(m.top, max(m.at, 0)), m.at-rows+1, 0)
	names, in := 0, 0
	for _, it := range m.shown {
		names = max(names, text.Width(text.Clean(it.Value)))
	}
	names = min(names, (w-4)*3/5) // a few long names shall not take what is said of the others far away
	for _, it := range m.shown {
		wide := text.Width(text.Clean(it.Value))
		if it.Desc != "" {
			wide = max(wide, names) + 2 + text.Width(text.Clean(it.Desc))
		}
		in = max(in, wide)
	}
	in = min(in, w-4)
	g := m.th.Glyphs
	side := m.th.Paint(theme.Dim, g.Side)
	lines := []string{m.th.Paint(theme.Dim, g.TopLeft+strings.Repeat(g.Top, in+2)+g.TopRight)}
	for i := m.top; i < m.top+rows; i++ {
		lines = append(lines, side+m.row(i, names, in)+side)
	}
	lines = append(lines, m.th.Paint(theme.Dim, g.BottomLeft+m.count(rows, in+2)+g.BottomRight))
	return strings.Join(lines, "\n")
}

// row has the description in a column behind the names, or nearer to its own name where the line is too short for that.
func (m *Model) row(i, names, w int) string {
	e := m.th.Glyphs.Ellipsis
	name, desc := text.Clean(m.shown[i].Value), text.Clean(m.shown[i].Desc)
	if desc != "" {
		name = text.Truncate(name, max(w*3/5, w-2-text.Width(desc)), e)
		column := max(min(names+2, w-text.Width(desc)), text.Width(name)+2)
		desc = text.Truncate(text.Spaces(column-text.Width(name))+desc, w-text.Width(name), e)
	} else {
		name = text.Truncate(name, w, e)
	}
	pad := text.Spaces(w - text.Width(name) - text.Width(desc))
	if i == m.at {
		return m.th.Paint(theme.Reverse, " "+name+desc+pad+" ")
	}
	return " " + name + m.th.Paint(theme.Dim, desc) + pad + " "
}

// count is the lower edge, which says how much of the list is in sight.
func (m *Model) count(rows, w int) string {
	g := m.th.Glyphs
	part := ""
	if rows < len(m.shown) {
		part = text.Truncate(fmt.Sprintf(" %d-%d of %d ", m.top+1, m.top+rows, len(m.shown)), w, "")
	}
	return strings.Repeat(g.Top, max(w-text.Width(part), 0)) + part
}
