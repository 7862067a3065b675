// Package table shows a live, sorted, filtered list of things that change while one looks at them.
//
// Rows are known by ID. The cursor and the marks belong to a row, not to a line of the screen: when rows come, go or
// change places, the cursor stays on its row and the row stays on its line. Changes cost as much as there are changes;
// drawing costs as much as the screen is big.
package table

import (
	"cmp"
	"slices"
	"time"

	"vmdeck.dev/vmdeck/ui/theme"
)

// Align says at which edge of a column its cells stand.
type Align uint8

// Left is for names, Right for numbers.
const (
	Left Align = iota
	Right
)

// Cell is what one row shows in one column. Text may come from anywhere; the table cleans it.
type Cell struct {
	Text string
	Tone theme.Tone
	// Prefix is a symbol before the text, usually from theme.Glyphs, with a tone of its own.
	Prefix     string
	PrefixTone theme.Tone
}

// Column describes one column.
type Column[R any] struct {
	ID, Title string
	// Min and Max bound the width in cells. Max 0 means as wide as the content.
	Min, Max int
	// Flex is how readily the column gives way when space is short: 0 keeps its width, others shrink towards Min in
	// proportion.
	Flex int
	// Keep is up to which width less important columns go, and others shrink, before this one shrinks further; 0: all that fit at their
	// Min are shown.
	Keep int
	// Priority: when the terminal is too narrow, the column with the highest number goes first. The first column stays.
	Priority int
	Align    Align
	// Middle cuts long texts in the middle, for names that differ at their ends.
	Middle bool
	// Cell must be quick and must not block. now is the time of the frame.
	Cell func(row R, now time.Time) Cell
	// Compare orders rows by this column; nil means that it cannot be sorted by.
	Compare func(a, b R) int
}

// Option changes a table at New.
type Option[R any] func(*Model[R])

// WithOrder sets the order of rows that are equal in the sorted column. The default is the first column's.
func WithOrder[R any](compare func(a, b R) int) Option[R] {
	return func(m *Model[R]) { m.order = compare }
}

// WithEqual lets Apply drop updates that change nothing.
func WithEqual[R any](equal func(a, b R) bool) Option[R] {
	return func(m *Model[R]) { m.equal = equal }
}

// WithEmptyText sets what is shown instead of rows when there are none.
func WithEmptyText[R any](s string) Option[R] {
	return func(m *Model[R]) { m.empty = s }
}

// entry is a row with what the table knows about it.
type entry[R any] struct {
	id      string
	row     R
	visible bool // Passes the filter, so it is in Model.vis.
	marked  bool
	drawn   *drawn
}

// Model is the table. It belongs to one goroutine, the one that runs Update and View. Rows must not change once they were
// handed over; a changed row is a new one with the same ID.
type Model[R any] struct {
	columns []Column[R]
	id      func(R) string
	th      *theme.Theme
	order   func(a, b R) int
	equal   func(a, b R) bool
	empty   string

	rows       map[string]*entry[R]
	all        []*entry[R] // In order.
	vis        []*entry[R] // Those of all that pass the filter, in the same order.
	match      func(R) bool
	sortCol    int // Index of the column, -1 for the order of equals only.
	desc       bool
	marked     int
	markedSeen int // Marked and visible.

	cur     *entry[R] // Nil exactly when vis is empty.
	at      int       // Index of cur in vis.
	top     int       // Index in vis of the first line shown.
	anchor  string    // ID of the row where a range of marks began, "" for none.
	lost    string
	moved   bool // The user has chosen a row.
	loading bool

	gen    uint64 // Goes up with every change that View might show.
	body   int    // Lines for rows in the last View.
	shiftX int    // Columns scrolled out on the left.
	layout layout
	frame  frame
	shown  []*entry[R] // The rows whose drawing is kept.
	draws  uint64      // Number of frames drawn.
}

// Columns are those the table was made with; they must not be changed.
func (m *Model[R]) Columns() []Column[R] { return m.columns }

// New makes an empty table, sorted by its first column. The columns must not be empty and must not change afterwards.
func New[R any](columns []Column[R], id func(R) string, th *theme.Theme, opts ...Option[R]) *Model[R] {
	m := &Model[R]{columns: columns, id: id, th: th, rows: map[string]*entry[R]{}}
	for _, opt := range opts {
		opt(m)
	}
	if m.order == nil && len(columns) > 0 {
		m.order = columns[0].Compare
	}
	return m
}

// SetTheme changes the look, when the terminal's background becomes known.
func (m *Model[R]) SetTheme(th *theme.Theme) {
	m.th = th
	for _, e := range m.shown {
		e.drawn = nil
	}
	m.touch()
}

// SetEmptyText changes what is shown instead of rows when there are none.
func (m *Model[R]) SetEmptyText(s string) {
	m.empty = s
	m.touch()
}

// SetLoading tells that the first rows are still coming in. Until the user moves, the cursor then stays on the first
// line instead of following whichever row arrived first.
func (m *Model[R]) SetLoading(loading bool) {
	m.loading = loading
	m.settle(m.at)
}

// Total is the number of rows, Visible the number that pass the filter.
func (m *Model[R]) Total() int { return len(m.all) }

// Visible is the number of rows that pass the filter.
func (m *Model[R]) Visible() int { return len(m.vis) }

// Marked is the number of marked rows, hidden ones included.
func (m *Model[R]) Marked() int { return m.marked }

// MarkedHidden is how many of the marked rows the filter hides.
func (m *Model[R]) MarkedHidden() int { return m.marked - m.markedSeen }

// Version changes whenever View might show something else at the same size and time.
func (m *Model[R]) Version() uint64 { return m.gen }

func (m *Model[R]) touch() { m.gen++ }

// compare is the order of the table: the sorted column, then the order of equals, then the ID, so that it is total.
func (m *Model[R]) compare(a, b *entry[R]) int {
	if m.sortCol >= 0 && m.sortCol < len(m.columns) && m.columns[m.sortCol].Compare != nil {
		if c := m.columns[m.sortCol].Compare(a.row, b.row); c != 0 {
			if m.desc {
				return -c
			}
			return c
		}
	}
	if m.order != nil {
		if c := m.order(a.row, b.row); c != 0 {
			return c
		}
	}
	return cmp.Compare(a.id, b.id)
}

// Sort returns the column that the rows are sorted by and the direction.
func (m *Model[R]) Sort() (columnID string, desc bool) {
	if m.sortCol < 0 || m.sortCol >= len(m.columns) {
		return "", m.desc
	}
	return m.columns[m.sortCol].ID, m.desc
}

// SortBy sorts by a column; it reports false when there is no such column or it cannot be sorted by.
func (m *Model[R]) SortBy(columnID string, desc bool) bool {
	i := slices.IndexFunc(m.columns, func(c Column[R]) bool { return c.ID == columnID })
	if i < 0 || m.columns[i].Compare == nil {
		return false
	}
	if i == m.sortCol && desc == m.desc {
		return true
	}
	m.sortCol, m.desc = i, desc
	slices.SortFunc(m.all, m.compare)
	old := m.at
	m.refill()
	m.at = max(m.find(m.vis, m.cur), 0)
	m.layout.stale = true
	m.settle(old)
	return true
}

// SetFilter shows only the rows that match; nil shows all. Marks stay, the cursor stays on its row or goes to the next
// one that is shown.
func (m *Model[R]) SetFilter(match func(R) bool) {
	m.match = match
	old, at, before := m.at, 0, m.cur != nil
	for _, e := range m.all {
		before = before && e != m.cur
		m.setVisible(e, match == nil || match(e.row))
		if e.visible && before {
			at++
		}
	}
	m.refill()
	m.at = at
	m.adopt()
	m.settle(old)
}

// Each calls f for every row, those that the filter hides included, in the order of the table.
func (m *Model[R]) Each(f func(R)) {
	for _, e := range m.all {
		f(e.row)
	}
}

// refill makes vis from all.
func (m *Model[R]) refill() {
	m.vis = make([]*entry[R], 0, len(m.all))
	for _, e := range m.all {
		if e.visible {
			m.vis = append(m.vis, e)
		}
	}
}

func (m *Model[R]) setVisible(e *entry[R], visible bool) {
	if e.visible == visible {
		return
	}
	e.visible = visible
	if e.marked {
		m.markedSeen += step(visible)
	}
}

func (m *Model[R]) setMarked(e *entry[R], marked bool) {
	if e.marked == marked {
		return
	}
	e.marked = marked
	m.marked += step(marked)
	if e.visible {
		m.markedSeen += step(marked)
	}
}

func step(up bool) int {
	if up {
		return 1
	}
	return -1
}
