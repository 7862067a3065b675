package pager

import (
	tea "charm.land/bubbletea/v2"
)

// Overlay is a pager as a dialog that fills the screen.
type Overlay struct{ *Model }

// Guarded is false: no key here does harm.
func (o *Overlay) Guarded() bool { return false }

// Update scrolls and searches; q closes, esc undoes a search or else closes.
func (o *Overlay) Update(msg tea.Msg) (tea.Cmd, bool) {
	if k, ok := msg.(tea.KeyPressMsg); ok && !o.Capturing() {
		switch k.String() {
		case "q":
			return nil, true
		case "esc":
			return nil, !o.Escape()
		}
	}
	return o.Model.Update(msg), false
}
