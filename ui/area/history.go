package area

import "slices"

// maxSteps is how far changes can be undone.
const maxSteps = 200

// kind is what a change was. Changes of one kind at one place are undone together.
type kind string

const (
	once   kind = "once" // never together with others
	typed  kind = "typed"
	erased kind = "erased"
)

// step is the text before a change. Its lines are shared with the text after it.
type step struct {
	lines []string
	at    position
}

// keep remembers the text as it is before a change of a kind.
func (m *Model) keep(k kind) {
	m.redo = nil
	joined := k != once && k == m.typing && len(m.undo) > 0
	m.typing = k
	if joined {
		return
	}
	m.undo = append(m.undo, step{slices.Clone(m.lines), m.at})
	if len(m.undo) > maxSteps {
		m.undo = slices.Delete(m.undo, 0, 1)
	}
}

// Undo takes the last change back; it reports false when there is none.
func (m *Model) Undo() bool { return m.travel(&m.undo, &m.redo) }

// Redo makes the change again that was undone last; it reports false when there is none.
func (m *Model) Redo() bool { return m.travel(&m.redo, &m.undo) }

func (m *Model) travel(from, to *[]step) bool {
	n := len(*from)
	if n == 0 {
		return false
	}
	s := (*from)[n-1]
	*from = (*from)[:n-1]
	*to = append(*to, step{m.lines, m.at})
	m.lines, m.at, m.goal, m.typing = s.lines, s.at, -1, ""
	m.clamp()
	m.version++
	return true
}

// CanUndo tells whether there is a change to take back.
func (m *Model) CanUndo() bool { return len(m.undo) > 0 }
