package pager

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// edit takes a message while the search is typed.
func (m *Model) edit(msg tea.Msg) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "enter":
			m.searching = false
			return
		case "esc":
			m.Escape()
			return
		}
	}
	if m.search.Update(msg) {
		m.setQuery(m.search.Value())
	}
}

// setQuery searches without regard to case and shows the first place at or after the top of the screen.
func (m *Model) setQuery(q string) {
	m.query = strings.ToLower(q)
	m.find()
	if len(m.hits) == 0 {
		return
	}
	line := 0
	if m.top < len(m.rows) {
		line = m.rows[m.top].line
	}
	m.hit, _ = slices.BinarySearch(m.hits, line)
	m.hit %= len(m.hits)
	m.show(m.hits[m.hit], m.h/3)
}

// find searches all lines. The place that was shown last stays the current one if it is still there.
func (m *Model) find() {
	at := 0
	if m.hit < len(m.hits) {
		at = m.hits[m.hit]
	}
	m.hits, m.hit, m.unfindable = nil, 0, false
	if m.query == "" {
		return
	}
	for i, l := range m.lines {
		if strings.Contains(strings.ToLower(l.Plain), m.query) {
			m.hits = append(m.hits, i)
		}
	}
	if m.unfindable = len(m.hits) == 0; !m.unfindable {
		m.hit, _ = slices.BinarySearch(m.hits, at)
		m.hit %= len(m.hits)
	}
}

func (m *Model) isHit(line int) bool {
	_, ok := slices.BinarySearch(m.hits, line)
	return ok
}

// next goes to another place that the search found, round the ends.
func (m *Model) next(by int) {
	if n := len(m.hits); n > 0 {
		m.hit = (m.hit + by + n) % n
		m.show(m.hits[m.hit], m.h/3)
	}
}

// show scrolls until a line of the text is on the screen, with some lines above it.
func (m *Model) show(line, above int) {
	m.layout()
	i, _ := slices.BinarySearchFunc(m.rows, line, func(r row, line int) int { return r.line - line })
	if i < m.top || i >= m.top+m.h {
		m.top = max(i-above, 0)
	}
	if above == 0 {
		m.top = i
	}
	m.clamp()
}
