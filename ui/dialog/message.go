package dialog

import (
	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/theme"
)

// Message tells something that has to be read, such as why an action is off.
type Message struct {
	Title string
	Body  []string
	Tone  theme.Tone

	th      *theme.Theme
	actions []Button
	done    Done
	focus   int
	scroll  scroll
}

// NewMessage makes a message with a Close button and the actions given. The result's Choice is the action's ID, and OK is
// false when it was only closed.
func NewMessage(th *theme.Theme, title string, body []string, actions []Button, done Done) *Message {
	return &Message{Title: title, Body: body, Tone: theme.Strong, th: th, actions: actions, done: done}
}

// NewReason makes a message that says why something cannot be done.
func NewReason(th *theme.Theme, title string, body []string, actions []Button, done Done) *Message {
	m := NewMessage(th, title, body, actions, done)
	m.Tone = theme.Warn
	return m
}

// Replace changes what is said and the actions while the message is open; the focus stays on its button where that is still there.
func (m *Message) Replace(title string, body []string, tone theme.Tone, actions []Button) {
	focus := 0
	for i, a := range actions {
		if m.focus > 0 && a.ID == m.actions[m.focus-1].ID {
			focus = i + 1
		}
	}
	m.Title, m.Body, m.Tone, m.actions, m.focus = title, body, tone, actions, focus
}

// Guarded is true, so that typing ahead does not close what was never seen.
func (m *Message) Guarded() bool { return true }

// Update scrolls, moves between the actions and closes.
func (m *Message) Update(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		m.scroll.mouse(msg)
	case tea.KeyPressMsg:
		n := len(m.actions) + 1
		switch k := msg.String(); k {
		case "tab", "right", "l":
			m.focus = (m.focus + 1) % n
		case "shift+tab", "left", "h":
			m.focus = (m.focus + n - 1) % n
		case "esc", "q":
			return m.done.call(Result{}), true
		case "enter", "space":
			if m.focus == 0 {
				return m.done.call(Result{}), true
			}
			return m.done.call(Result{OK: true, Choice: m.actions[m.focus-1].ID}), true
		default:
			m.scroll.key(k)
		}
	}
	return nil, false
}

// View draws the message.
func (m *Message) View(w, h int) string {
	in := inner(widest(append([]string{m.Title + "  "}, wrapAll(m.Body, w)...)...), w)
	footer := buttons(m.th, append([]Button{{Label: "Close"}}, m.actions...), m.focus, in)
	body := m.scroll.window(m.th, wrapAll(m.Body, in), h-frameRows-len(footer))
	return box(m.th, m.Title, m.Tone, stackUp(body, footer, h-frameRows), in)
}
