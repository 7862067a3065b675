package values

import tea "charm.land/bubbletea/v2"

// find is a key while text is looked for in the YAML.
func (m *Model) find(msg tea.KeyPressMsg) {
	switch msg.String() {
	case "enter", "down", "ctrl+f":
		m.found(true)
	default:
		before := m.query.Value()
		if m.query.Update(msg) && m.query.Value() != before {
			m.found(false)
		}
	}
}

// found goes to the next place, behind the one of the cursor or not, or says that there is none.
func (m *Model) found(behind bool) {
	if m.query.Value() != "" && !m.text.Find(m.query.Value(), behind) {
		m.note = "Nothing is found."
	}
}
