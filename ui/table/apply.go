package table

import (
	"slices"
)

// bulk is from how many changes on sorting everything again is cheaper than moving rows one by one: each move shifts
// up to n pointers, sorting compares n·log n times.
func (m *Model[R]) bulk(changes int) bool {
	return changes > 64+len(m.all)/16
}

// Replace takes all rows that there are: those that are new or changed are shown so, and others are gone. It reports whether anything
// changed. Unlike after Reset, rows stay on their lines and CursorLost tells of the one that went away.
func (m *Model[R]) Replace(rows []R) bool {
	stay := make(map[string]bool, len(rows))
	for _, r := range rows {
		stay[m.id(r)] = true
	}
	var gone []string
	m.Each(func(r R) {
		if id := m.id(r); !stay[id] {
			gone = append(gone, id)
		}
	})
	return m.Apply(rows, gone)
}

// Apply takes rows that are new or changed and IDs of rows that are gone. It reports whether anything changed.
func (m *Model[R]) Apply(upserts []R, removals []string) bool {
	if m.bulk(len(upserts) + len(removals)) {
		return m.applyMany(upserts, removals)
	}
	old, changed := m.at, false
	for _, id := range removals {
		if e, ok := m.rows[id]; ok {
			m.remove(e)
			changed = true
		}
	}
	for _, row := range upserts {
		id := m.id(row)
		e, ok := m.rows[id]
		switch {
		case !ok:
			m.insert(&entry[R]{id: id, row: row})
		case m.equal != nil && m.equal(e.row, row):
			continue
		default:
			m.update(e, row)
		}
		changed = true
	}
	if changed {
		m.recover(m.vis, m.at)
		m.settle(old)
	}
	return changed
}

// Reset replaces all rows. Marks and cursor stay with the rows that are still there; column widths start again.
func (m *Model[R]) Reset(rows []R) {
	keep := make(map[string]bool, len(rows))
	for _, r := range rows {
		keep[m.id(r)] = true
	}
	var gone []string
	for id := range m.rows {
		if !keep[id] {
			gone = append(gone, id)
		}
	}
	m.applyMany(rows, gone)
	m.layout.forget()
}

// applyMany changes the rows and sorts once.
func (m *Model[R]) applyMany(upserts []R, removals []string) bool {
	changed := false
	for _, id := range removals {
		if e, ok := m.rows[id]; ok {
			m.drop(e)
			changed = true
		}
	}
	for _, row := range upserts {
		id := m.id(row)
		e, ok := m.rows[id]
		switch {
		case !ok:
			e = &entry[R]{id: id, row: row}
			m.rows[id] = e
		case m.equal != nil && m.equal(e.row, row):
			continue
		default:
			e.row, e.drawn = row, nil
		}
		m.setVisible(e, m.match == nil || m.match(row))
		changed = true
	}
	if !changed {
		return false
	}
	before, old := m.vis, m.at
	m.all = make([]*entry[R], 0, len(m.rows))
	for _, e := range m.rows {
		m.all = append(m.all, e)
	}
	slices.SortFunc(m.all, m.compare)
	m.refill()
	m.recover(before, old)
	m.settle(old)
	return true
}

// drop forgets a row but leaves the slices to the caller.
func (m *Model[R]) drop(e *entry[R]) {
	m.setMarked(e, false)
	m.setVisible(e, false)
	delete(m.rows, e.id)
	if m.anchor == e.id {
		m.anchor = ""
	}
}

func (m *Model[R]) remove(e *entry[R]) {
	if i := m.find(m.all, e); i >= 0 {
		m.all = slices.Delete(m.all, i, i+1)
	}
	if e.visible {
		m.hideAt(m.find(m.vis, e))
	}
	m.drop(e)
}

func (m *Model[R]) insert(e *entry[R]) {
	m.rows[e.id] = e
	m.all = slices.Insert(m.all, m.place(m.all, e), e)
	if m.match == nil || m.match(e.row) {
		m.setVisible(e, true)
		m.showAt(m.place(m.vis, e), e)
	}
}

// update changes a row; a row whose place is still right, which is the usual case, is not moved.
func (m *Model[R]) update(e *entry[R], row R) {
	inAll, inVis := m.find(m.all, e), -1
	if e.visible {
		inVis = m.find(m.vis, e)
	}
	e.row, e.drawn = row, nil
	if !m.inPlace(m.all, inAll) {
		m.all = slices.Delete(m.all, inAll, inAll+1)
		m.all = slices.Insert(m.all, m.place(m.all, e), e)
	}
	visible := m.match == nil || m.match(row)
	m.setVisible(e, visible)
	if inVis >= 0 && visible && m.inPlace(m.vis, inVis) {
		return
	}
	if inVis >= 0 {
		m.hideAt(inVis)
	}
	if visible {
		m.showAt(m.place(m.vis, e), e)
	}
}

// hideAt takes a line out of vis and keeps the cursor's index right. When it is the cursor's own line, the index is left
// on the line that took its place.
func (m *Model[R]) hideAt(i int) {
	m.vis = slices.Delete(m.vis, i, i+1)
	if i < m.at {
		m.at--
	}
}

func (m *Model[R]) showAt(i int, e *entry[R]) {
	m.vis = slices.Insert(m.vis, i, e)
	switch {
	case e == m.cur:
		m.at = i
	case i <= m.at && m.cur != nil:
		m.at++
	}
}

// place is where a row that is not in the list belongs.
func (m *Model[R]) place(list []*entry[R], e *entry[R]) int {
	i, _ := slices.BinarySearchFunc(list, e, m.compare)
	return i
}

// find is where a row is, -1 for nowhere.
func (m *Model[R]) find(list []*entry[R], e *entry[R]) int {
	if e == nil {
		return -1
	}
	if i := m.place(list, e); i < len(list) && list[i] == e {
		return i
	}
	return slices.Index(list, e) // Only if a Compare contradicts itself.
}

func (m *Model[R]) inPlace(list []*entry[R], i int) bool {
	return (i == 0 || m.compare(list[i-1], list[i]) < 0) &&
		(i == len(list)-1 || m.compare(list[i], list[i+1]) < 0)
}

// recover puts the cursor on the nearest line if its row went away, and remembers that it did. before is a list that
// still has the lines around index at, from which the next one that survived is taken.
func (m *Model[R]) recover(before []*entry[R], at int) {
	if m.cur != nil && !m.cur.visible && m.rows[m.cur.id] != nil {
		m.cur = m.rows[m.cur.id] // Removed and added again in one go.
	}
	if m.cur != nil && m.cur.visible {
		if at >= len(m.vis) || m.vis[at] != m.cur {
			at = m.find(m.vis, m.cur)
		}
		m.at = at
		return
	}
	if m.cur != nil {
		m.lost = m.cur.id
	}
	if e := survivor(before, at); e != nil {
		at = m.find(m.vis, e)
	}
	m.at = at
	m.adopt()
}

// survivor is the first visible row at or after index at, or else the last before it.
func survivor[R any](list []*entry[R], at int) *entry[R] {
	for i := max(at, 0); i < len(list); i++ {
		if list[i].visible {
			return list[i]
		}
	}
	for i := min(at, len(list)) - 1; i >= 0; i-- {
		if list[i].visible {
			return list[i]
		}
	}
	return nil
}

// adopt makes the row at index at the cursor's row.
func (m *Model[R]) adopt() {
	m.at = max(min(m.at, len(m.vis)-1), 0)
	m.cur = nil
	if len(m.vis) > 0 {
		m.cur = m.vis[m.at]
	}
}

// settle ends a change: the cursor's row, which was at index old, stays on its line of the screen.
func (m *Model[R]) settle(old int) {
	if (m.loading || m.body == 0) && !m.moved {
		m.at, m.top, m.lost = 0, 0, ""
		m.adopt()
	} else {
		m.top += m.at - old
	}
	m.clampTop()
	m.touch()
}
