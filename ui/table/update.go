package table

import (
	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/keys"
)

// Names of the table's bindings.
const (
	keyUp        = "table.up"
	keyDown      = "table.down"
	keyHalfUp    = "table.half-up"
	keyHalfDown  = "table.half-down"
	keyPageUp    = "table.page-up"
	keyPageDown  = "table.page-down"
	keyFirst     = "table.first"
	keyLast      = "table.last"
	keyLeft      = "table.left"
	keyRight     = "table.right"
	keyMark      = "table.mark"
	keyMarkDown  = "table.mark-down"
	keyMarkUp    = "table.mark-up"
	keyRange     = "table.range"
	keyAll       = "table.all"
	wheelLines   = 3
	headerHeight = 1
)

// Bindings returns the keys that every table understands, for help and for refusing the same key twice.
func Bindings() []keys.Binding {
	return []keys.Binding{
		{ID: keyDown, Keys: []string{"down", "j"}, Label: "down", Help: "Next row"},
		{ID: keyUp, Keys: []string{"up", "k"}, Label: "up", Help: "Previous row"},
		{ID: keyHalfDown, Keys: []string{"ctrl+d"}, Label: "half down", Help: "Half a page down"},
		{ID: keyHalfUp, Keys: []string{"ctrl+u"}, Label: "half up", Help: "Half a page up"},
		{ID: keyPageDown, Keys: []string{"pgdown", "ctrl+f"}, Label: "page down", Help: "One page down"},
		{ID: keyPageUp, Keys: []string{"pgup", "ctrl+b"}, Label: "page up", Help: "One page up"},
		{ID: keyFirst, Keys: []string{"g", "home"}, Label: "first", Help: "First row"},
		{ID: keyLast, Keys: []string{"G", "end"}, Label: "last", Help: "Last row"},
		{ID: keyLeft, Keys: []string{"left"}, Label: "left", Help: "Scroll columns back"},
		{ID: keyRight, Keys: []string{"right"}, Label: "right", Help: "Scroll to columns that do not fit"},
		{ID: keyMark, Keys: []string{"space"}, Label: "mark", Help: "Mark or unmark the row and go on"},
		{ID: keyMarkDown, Keys: []string{"shift+down"}, Label: "mark down", Help: "Mark the row and go down"},
		{ID: keyMarkUp, Keys: []string{"shift+up"}, Label: "mark up", Help: "Mark the row and go up"},
		{ID: keyRange, Keys: []string{"V"}, Label: "range", Help: "Begin a range; again: mark from there to here"},
		{ID: keyAll, Keys: []string{"ctrl+a"}, Label: "mark all", Help: "Mark or unmark all rows shown"},
	}
}

var bindings = Bindings()

// Update handles keys and mouse; positions of the mouse count from the table's upper left corner. It reports whether
// the message was for the table.
func (m *Model[R]) Update(msg tea.Msg) bool {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return m.key(msg)
	case tea.MouseClickMsg:
		return m.click(msg)
	case tea.MouseWheelMsg:
		switch msg.Button {
		case tea.MouseWheelUp:
			m.wheel(-wheelLines)
		case tea.MouseWheelDown:
			m.wheel(wheelLines)
		case tea.MouseWheelLeft:
			m.scrollColumns(-1)
		case tea.MouseWheelRight:
			m.scrollColumns(1)
		default:
			return false
		}
		return true
	}
	return false
}

func (m *Model[R]) key(msg tea.KeyPressMsg) bool {
	for _, b := range bindings {
		if b.Matches(msg) {
			m.do(b.ID)
			return true
		}
	}
	return false
}

func (m *Model[R]) do(id string) {
	body := max(m.body, 1)
	switch id {
	case keyDown:
		m.moveTo(m.at + 1)
	case keyUp:
		m.moveTo(m.at - 1)
	case keyHalfDown:
		m.page(max(body/2, 1))
	case keyHalfUp:
		m.page(-max(body/2, 1))
	case keyPageDown:
		m.page(body)
	case keyPageUp:
		m.page(-body)
	case keyFirst:
		m.moveTo(0)
	case keyLast:
		m.moveTo(len(m.vis) - 1)
	case keyLeft:
		m.scrollColumns(-1)
	case keyRight:
		m.scrollColumns(1)
	case keyMark:
		m.ToggleMark()
		m.moveTo(m.at + 1)
	case keyMarkDown, keyMarkUp:
		m.Mark(m.CurrentID())
		m.moveTo(m.at + step(id == keyMarkDown))
	case keyRange:
		m.ToggleRange()
	case keyAll:
		m.ToggleAll()
	}
}

func (m *Model[R]) click(msg tea.MouseClickMsg) bool {
	if msg.Button != tea.MouseLeft || msg.Y < 0 {
		return false
	}
	if msg.Y < headerHeight {
		return m.clickHeader(msg.X)
	}
	i := m.top + msg.Y - headerHeight
	if i >= len(m.vis) || msg.Y-headerHeight >= m.body {
		return false
	}
	m.moveTo(i)
	return true
}

// clickHeader sorts by the column at x, or turns the order round when it is the sorted one.
func (m *Model[R]) clickHeader(x int) bool {
	for _, p := range m.layout.parts {
		if x >= p.x && x < p.x+p.w+gapWidth {
			return m.SortBy(m.columns[p.col].ID, p.col == m.sortCol && !m.desc)
		}
	}
	return false
}
