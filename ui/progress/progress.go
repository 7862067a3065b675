// Package progress shows how an operation on many things is getting on.
package progress

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// State is how far one item is.
type State uint8

// The states of an item.
const (
	Waiting State = iota
	Running
	Done
	Failed
	Refused
	Skipped
)

// Item is one thing that is worked on.
type Item struct {
	ID, Title string
	State     State
	// Text says more: what is being done, or why it failed.
	Text string
}

// Model is the list, a dialog. Closing it does not stop the operation.
type Model struct {
	th     *theme.Theme
	title  string
	items  []Item
	index  map[string]int
	counts [Skipped + 1]int
	ended  bool
	top    int
	rows   int
}

// New makes a list with all items waiting unless they say otherwise.
func New(th *theme.Theme, title string, items []Item) *Model {
	m := &Model{th: th, title: text.Clean(title), index: map[string]int{}}
	for _, it := range items {
		m.Set(it)
	}
	return m
}

// Set changes an item, or adds it.
func (m *Model) Set(it Item) {
	it.State = min(it.State, Skipped)
	i, ok := m.index[it.ID]
	if !ok {
		m.index[it.ID] = len(m.items)
		m.items = append(m.items, it)
		m.counts[it.State]++
		return
	}
	m.counts[m.items[i].State]--
	m.counts[it.State]++
	if it.Title == "" {
		it.Title = m.items[i].Title
	}
	m.items[i] = it
}

// End tells that nothing more will change. What failed comes to the top.
func (m *Model) End() {
	m.ended = true
	slices.SortStableFunc(m.items, func(a, b Item) int { return rank(a.State) - rank(b.State) })
	for i, it := range m.items {
		m.index[it.ID] = i
	}
	m.top = 0
}

func rank(s State) int {
	return [...]int{Failed: 0, Refused: 1, Skipped: 2, Waiting: 3, Running: 4, Done: 5}[s]
}

// Ended reports whether End was called.
func (m *Model) Ended() bool { return m.ended }

// Summary is the counts in words: "12 of 40 done, 1 failed".
func (m *Model) Summary() string {
	s := fmt.Sprintf("%d of %d done", m.counts[Done], len(m.items))
	for _, c := range []struct {
		state State
		word  string
	}{{Running, "running"}, {Failed, "failed"}, {Refused, "refused"}, {Skipped, "skipped"}, {Waiting, "waiting"}} {
		if n := m.counts[c.state]; n > 0 {
			s += fmt.Sprintf(", %d %s", n, c.word)
		}
	}
	return s
}

// Guarded is false: no key here does anything that matters.
func (m *Model) Guarded() bool { return false }

// Update scrolls; esc hides the list.
func (m *Model) Update(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		switch msg.Button {
		case tea.MouseWheelDown:
			m.scroll(3)
		case tea.MouseWheelUp:
			m.scroll(-3)
		}
	case tea.KeyPressMsg:
		switch msg.String() {
		case "esc", "q":
			return nil, true
		case "enter":
			return nil, m.ended
		case "down", "j":
			m.scroll(1)
		case "up", "k":
			m.scroll(-1)
		case "pgdown", "ctrl+d", "ctrl+f":
			m.scroll(max(m.rows-1, 1))
		case "pgup", "ctrl+u", "ctrl+b":
			m.scroll(-max(m.rows-1, 1))
		case "g", "home":
			m.scroll(-len(m.items))
		case "G", "end":
			m.scroll(len(m.items))
		}
	}
	return nil, false
}

func (m *Model) scroll(by int) {
	m.top = max(min(m.top+by, len(m.items)-m.rows), 0)
}

// View draws the list in a frame.
func (m *Model) View(w, h int) string {
	g := m.th.Glyphs
	in := max(min(w-6, 96), 1)
	m.rows = max(min(len(m.items), h-6), 1)
	m.scroll(0)
	side := m.th.Paint(theme.Dim, g.Side)
	var b strings.Builder
	put := func(line string) {
		b.WriteString("\n" + side + " " + text.Block(line, in, 1) + " " + side)
	}
	title := text.Truncate(m.title, max(in-2, 0), g.Ellipsis)
	rule := strings.Repeat(g.Top, max(in-1-text.Width(title), 0))
	b.WriteString(m.th.Paint(theme.Dim, g.TopLeft+g.Top) + m.th.Paint(theme.Strong, " "+title+" ") +
		m.th.Paint(theme.Dim, rule+g.TopRight))
	put(m.th.Paint(theme.Strong, text.Truncate(m.Summary(), in, g.Ellipsis)))
	titles := m.titleWidth(in)
	for _, it := range m.items[m.top:min(m.top+m.rows, len(m.items))] {
		put(m.line(it, titles, in))
	}
	put("")
	put(m.th.Paint(theme.Dim, text.Truncate(m.hint(), in, g.Ellipsis)))
	b.WriteString("\n" + m.th.Paint(theme.Dim, g.BottomLeft+strings.Repeat(g.Top, in+2)+g.BottomRight))
	return text.Block(b.String(), in+4, min(m.rows+5, h))
}

func (m *Model) hint() string {
	switch {
	case m.ended:
		return "esc close"
	case len(m.items) > m.rows:
		return "esc hide, it goes on    j k scroll"
	}
	return "esc hide, it goes on"
}

// titleWidth looks at the items on the screen only.
func (m *Model) titleWidth(in int) int {
	w := 8
	for _, it := range m.items[m.top:min(m.top+m.rows, len(m.items))] {
		w = max(w, text.Width(text.Clean(it.Title)))
	}
	return min(w, in/2)
}

func (m *Model) line(it Item, titles, in int) string {
	g := m.th.Glyphs
	glyph, word, tone := g.Ring, "waiting", theme.Dim
	switch it.State {
	case Running:
		glyph, word, tone = g.Half, "running", theme.Warn
	case Done:
		glyph, word, tone = g.Mark, "done", theme.Good
	case Failed:
		glyph, word, tone = g.Cross, "failed", theme.Bad
	case Refused:
		glyph, word, tone = g.Cross, "refused", theme.Bad
	case Skipped:
		glyph, word, tone = g.None, "skipped", theme.Dim
	}
	state := m.th.Paint(tone, text.Fit(glyph+" "+word, 9, ""))
	rest := max(in-titles-13, 0)
	more := text.Truncate(text.Clean(it.Text), rest, g.Ellipsis)
	return state + "  " + text.Fit(text.Clean(it.Title), titles, g.Ellipsis) + "  " + m.th.Paint(theme.Dim, more)
}
