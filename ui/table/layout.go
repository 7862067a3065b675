package table

import (
	"slices"

	"vmdeck.dev/vmdeck/ui/text"
)

const (
	gutterWidth = 3 // Mark, cursor, space.
	gapWidth    = 2
	moreWidth   = 4 // "+12" and a space at the end of the header, when columns do not fit.
)

// part is a column that is shown: where it begins and how wide it is.
type part struct{ col, x, w int }

// layout is how the columns share a width. Natural widths only grow while the same data is shown: columns that move
// whenever a longer name scrolls by are hard to read and cost a repaint of the screen.
type layout struct {
	natural []int // By column, as wide as its content wanted to be.
	parts   []part
	hidden  int // Columns that do not fit.
	width   int // Of the whole table.
	gen     uint64
	stale   bool
}

func (l *layout) forget() {
	l.natural, l.stale = nil, true
}

// measure lets the natural widths grow to those of the cells.
func (m *Model[R]) measure(cells []drawnCell) {
	for i := range cells {
		if w := cells[i].width; w > m.layout.natural[i] {
			if limit := m.columns[i].Max; limit > 0 && m.layout.natural[i] >= limit {
				continue
			}
			m.layout.natural[i], m.layout.stale = w, true
		}
	}
}

// startLayout gets the natural widths ready for this frame.
func (m *Model[R]) startLayout(w int) {
	l := &m.layout
	if l.width != w {
		l.width = w
		l.forget()
	}
	if l.natural == nil {
		l.natural = make([]int, len(m.columns))
	}
	for i, c := range m.columns {
		title := text.Width(c.Title)
		if i == m.sortCol && c.Compare != nil {
			title += 2
		}
		want := title
		if c.Flex == 0 {
			want = max(want, c.Min) // A column that does not give way does not grow either as long as Min suffices.
		}
		if want > l.natural[i] {
			l.natural[i], l.stale = want, true
		}
	}
}

// finishLayout decides which columns are shown and how wide, if anything that matters changed.
func (m *Model[R]) finishLayout() {
	l := &m.layout
	if !l.stale {
		return
	}
	l.stale = false
	l.gen++
	room := l.width - gutterWidth
	shown := m.choose(room)
	if len(shown) < len(m.columns) && len(shown) > 1 {
		room -= moreWidth
		shown = m.choose(room)
	}
	l.hidden = len(m.columns) - len(shown)
	l.parts = m.share(shown, room)
}

// choose returns the columns that fit at their least widths, each with what the more important ones keep from it.
func (m *Model[R]) choose(room int) []int {
	shown := make([]int, 0, len(m.columns))
	for i := range m.columns {
		if i == 0 || i > m.shiftX {
			shown = append(shown, i)
		}
	}
	for len(shown) > 1 {
		drop := len(shown) - 1
		if m.shiftX == 0 { // Scrolled, columns go in the order one scrolls; else the least important one goes.
			for i := len(shown) - 1; i > 0; i-- {
				if m.columns[shown[i]].Priority > m.columns[shown[drop]].Priority {
					drop = i
				}
			}
		}
		if m.least(shown, m.columns[shown[drop]].Priority) <= room {
			break
		}
		shown = slices.Delete(shown, drop, drop+1)
	}
	return shown
}

// wanted is the width a column takes when there is room.
func (m *Model[R]) wanted(i int) int {
	w := m.layout.natural[i]
	if limit := m.columns[i].Max; limit > 0 {
		w = min(w, max(limit, m.columns[i].Min))
	}
	return w
}

// lowest is the width a column can shrink to.
func (m *Model[R]) lowest(i int) int {
	if m.columns[i].Flex == 0 {
		return m.wanted(i)
	}
	return min(max(m.columns[i].Min, 1), m.wanted(i))
}

// kept is the width that a column shrinks below only when no other can give.
func (m *Model[R]) kept(i int) int { return max(m.lowest(i), min(m.columns[i].Keep, m.wanted(i))) }

// least is the width of columns where those that are more important than a priority have what they keep.
func (m *Model[R]) least(shown []int, priority int) int {
	sum := gapWidth * (len(shown) - 1)
	for _, i := range shown {
		if m.columns[i].Priority < priority {
			sum += m.kept(i)
		} else {
			sum += m.lowest(i)
		}
	}
	return sum
}

// share gives every column its wanted width, less what is missing, taken from the flexible ones.
func (m *Model[R]) share(shown []int, room int) []part {
	parts := make([]part, len(shown))
	missing := gapWidth*(len(shown)-1) - room
	for k, i := range shown {
		parts[k] = part{col: i, w: m.wanted(i)}
		missing += parts[k].w
	}
	for _, floor := range []func(int) int{m.kept, m.lowest} { // what columns keep is taken from them last
		for missing > 0 {
			given := m.give(parts, missing, floor)
			if given == 0 {
				break
			}
			missing -= given
		}
	}
	if missing > 0 && len(parts) == 1 {
		parts[0].w = max(parts[0].w-missing, 0)
	}
	x := gutterWidth
	for k := range parts {
		parts[k].x = x
		x += parts[k].w + gapWidth
	}
	return parts
}

// give shrinks the flexible columns by up to missing cells towards a floor, each in proportion to its Flex. What is less than a cell is taken from the
// most flexible one, so that a column with a small Flex stays whole as long as others can give.
func (m *Model[R]) give(parts []part, missing int, floor func(col int) int) int {
	flex, most := 0, -1
	slack := func(k int) int { return parts[k].w - floor(parts[k].col) }
	for k, p := range parts {
		if f := m.columns[p.col].Flex; slack(k) > 0 && f > 0 {
			flex += f
			if most < 0 || f > m.columns[parts[most].col].Flex {
				most = k
			}
		}
	}
	if most < 0 {
		return 0
	}
	given := 0
	for k := range parts {
		n := min(missing*m.columns[parts[k].col].Flex/flex, max(slack(k), 0))
		parts[k].w -= n
		given += n
	}
	if given == 0 {
		parts[most].w--
		given = 1
	}
	return given
}

// scrollColumns moves to columns that did not fit.
func (m *Model[R]) scrollColumns(by int) {
	if by > 0 && m.layout.hidden <= m.shiftX && m.lastShown() {
		return
	}
	shift := max(min(m.shiftX+by, len(m.columns)-2), 0)
	if shift == m.shiftX {
		return
	}
	m.shiftX, m.layout.stale = shift, true
	m.touch()
}

// lastShown reports whether the last column is on the screen.
func (m *Model[R]) lastShown() bool {
	parts := m.layout.parts
	return len(parts) > 0 && parts[len(parts)-1].col == len(m.columns)-1
}
