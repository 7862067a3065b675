package input

import (
	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// Filter is the line over a list that narrows it. The list narrows with every key, and can be moved in without leaving the line.
type Filter struct {
	*Model

	typing bool
	narrow func()
	move   func(tea.KeyPressMsg)
}

// NewFilter makes a filter without text. narrow shows what matches Value; it is called whenever that may have changed. move gives the
// list a key that moves in it.
func NewFilter(th *theme.Theme, placeholder string, narrow func(), move func(tea.KeyPressMsg)) *Filter {
	m := New(th)
	m.Prompt, m.Placeholder = "/", placeholder
	return &Filter{Model: m, narrow: narrow, move: move}
}

// Typing tells whether the line has the focus.
func (f *Filter) Typing() bool { return f.typing }

// Type gives the line the focus, or takes it away.
func (f *Filter) Type(on bool) { f.typing = on }

// SetValue replaces the text and narrows the list.
func (f *Filter) SetValue(query string) {
	f.Model.SetValue(query)
	f.narrow()
}

// Update edits while the line has the focus, and reports whether it has: then every key is the line's.
func (f *Filter) Update(msg tea.Msg) bool {
	if !f.typing {
		return false
	}
	if key, ok := msg.(tea.KeyPressMsg); ok {
		switch key.String() {
		case "enter":
			f.typing = false
			return true
		case "esc":
			f.typing = false
			f.SetValue("")
			return true
		case "up", "down", "pgup", "pgdown":
			f.move(key)
			return true
		}
	}
	if f.Model.Update(msg) {
		f.narrow()
	}
	return true
}

// Lines is how many lines the filter takes: none without text, unless it is typed.
func (f *Filter) Lines() int {
	if f.typing || f.Value() != "" {
		return 1
	}
	return 0
}

// View draws the text in exactly w cells.
func (f *Filter) View(w int) string { return f.Model.View(w, f.typing) }

// Beside draws the line in w cells with a remark at its end, which gives way to the text.
func (f *Filter) Beside(remark string, tone theme.Tone, w int) string {
	room := max(12, min(text.Width(f.Value())+12, w/2), w-text.Width(remark)-3)
	remark = text.Truncate(remark, max(0, w-room-2), f.th.Glyphs.Ellipsis)
	return text.Block(" "+f.View(max(min(room, w-1), 1))+" "+f.th.Paint(tone, remark), w, 1)
}
