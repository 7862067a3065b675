package table

// Current returns the row under the cursor.
func (m *Model[R]) Current() (row R, ok bool) {
	if m.cur == nil {
		return row, false
	}
	return m.cur.row, true
}

// CurrentID returns the ID of the row under the cursor, "" when there is none.
func (m *Model[R]) CurrentID() string {
	if m.cur == nil {
		return ""
	}
	return m.cur.id
}

// Row returns the row with an ID.
func (m *Model[R]) Row(id string) (row R, ok bool) {
	e, ok := m.rows[id]
	if !ok {
		return row, false
	}
	return e.row, true
}

// Position returns the cursor's line among the visible rows, counted from 1; 0 when there is none.
func (m *Model[R]) Position() int {
	if m.cur == nil {
		return 0
	}
	return m.at + 1
}

// Select puts the cursor on a row; it reports false when the row is not visible.
func (m *Model[R]) Select(id string) bool {
	e, ok := m.rows[id]
	if !ok || !e.visible {
		return false
	}
	m.moveTo(m.find(m.vis, e))
	return true
}

// CursorLost returns the ID of the row that the cursor was on and that went away since the last call, so that the user
// can be told that the cursor is on another row now. "" when that did not happen.
func (m *Model[R]) CursorLost() string {
	id := m.lost
	m.lost = ""
	return id
}

// moveTo puts the cursor on a line by the user's will.
func (m *Model[R]) moveTo(i int) {
	m.moved, m.lost = true, ""
	m.at = i
	m.adopt()
	m.clampTop()
	m.touch()
}

// page moves cursor and screen together.
func (m *Model[R]) page(lines int) {
	m.top += lines
	m.moveTo(m.at + lines)
}

// wheel moves the screen; the cursor goes along only as far as it must to stay in sight, for a key must never act on a
// row that cannot be seen.
func (m *Model[R]) wheel(lines int) {
	m.top = max(min(m.top+lines, len(m.vis)-m.body), 0)
	at := max(min(m.at, m.top+m.body-1), m.top)
	if at == m.at {
		m.touch()
		return
	}
	m.moveTo(at)
}

// clampTop keeps the cursor on the screen and the screen full.
func (m *Model[R]) clampTop() {
	body := max(m.body, 1)
	m.top = min(m.top, m.at)
	m.top = max(m.top, m.at-body+1)
	m.top = max(min(m.top, len(m.vis)-body), 0)
}

// ToggleMark marks the row under the cursor, or takes its mark away.
func (m *Model[R]) ToggleMark() {
	if m.cur == nil {
		return
	}
	m.setMarked(m.cur, !m.cur.marked)
	m.moved = true
	m.touch()
}

// Mark marks rows by ID; unknown IDs are left out.
func (m *Model[R]) Mark(ids ...string) {
	for _, id := range ids {
		if e, ok := m.rows[id]; ok {
			m.setMarked(e, true)
		}
	}
	m.touch()
}

// ToggleAll marks all visible rows, or takes their marks away when all of them have one.
func (m *Model[R]) ToggleAll() {
	mark := m.markedSeen < len(m.vis)
	for _, e := range m.vis {
		m.setMarked(e, mark)
	}
	m.touch()
}

// ClearMarks takes all marks away, hidden ones included. It reports whether there were any.
func (m *Model[R]) ClearMarks() bool {
	had := m.marked > 0
	for _, e := range m.all {
		m.setMarked(e, false)
	}
	m.touch()
	return had
}

// ToggleRange begins a range at the cursor; the second call marks everything from there to the cursor.
func (m *Model[R]) ToggleRange() {
	if m.cur == nil {
		return
	}
	m.touch()
	m.moved = true
	if m.anchor == "" {
		m.anchor = m.cur.id
		return
	}
	from := m.find(m.vis, m.rows[m.anchor])
	m.anchor = ""
	if from < 0 {
		return
	}
	for i := min(from, m.at); i <= max(from, m.at); i++ {
		m.setMarked(m.vis[i], true)
	}
}

// Ranging reports whether a range has begun.
func (m *Model[R]) Ranging() bool { return m.anchor != "" }

// Escape undoes one thing: a range that has begun, or else all marks. It reports false when there was neither.
func (m *Model[R]) Escape() bool {
	if m.anchor != "" {
		m.anchor = ""
		m.touch()
		return true
	}
	return m.marked > 0 && m.ClearMarks()
}

// MarkedRows returns the marked rows in the order of the table, those that the filter hides included.
func (m *Model[R]) MarkedRows() []R {
	if m.marked == 0 {
		return nil
	}
	rows := make([]R, 0, m.marked)
	for _, e := range m.all {
		if e.marked {
			rows = append(rows, e.row)
		}
	}
	return rows
}

// MarkedOrCurrent returns what an action is about: the marked rows, or the row under the cursor when none is marked.
// Look at MarkedHidden before acting: marks outlive a change of the filter.
func (m *Model[R]) MarkedOrCurrent() []R {
	if m.marked > 0 {
		return m.MarkedRows()
	}
	if m.cur == nil {
		return nil
	}
	return []R{m.cur.row}
}

// VisibleRows returns the rows that pass the filter, in order.
func (m *Model[R]) VisibleRows() []R {
	rows := make([]R, len(m.vis))
	for i, e := range m.vis {
		rows[i] = e.row
	}
	return rows
}
