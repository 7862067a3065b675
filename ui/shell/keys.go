package shell

import (
	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// Bindings are the keys that work on every page.
func Bindings() []keys.Binding {
	return []keys.Binding{
		{ID: "shell.help", Keys: []string{"?"}, Label: "help", Help: "What the keys do here"},
		{ID: "shell.palette", Keys: []string{":"}, Label: "command", Help: "Run a command by name"},
		{ID: "shell.back", Keys: []string{"esc"}, Label: "back", Help: "Undo a filter or marks, then go back"},
		{ID: "shell.tab", Keys: []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"}, Label: "tab", Help: "Show that tab"},
		{ID: "shell.quit", Keys: []string{"q"}, Label: "quit", Help: "Quit; asks when something is running"},
		{ID: "shell.interrupt", Keys: []string{"ctrl+c"}, Label: "quit", Help: "The same, from anywhere; twice quits at once"},
		{ID: "shell.suspend", Keys: []string{"ctrl+z"}, Label: "suspend", Help: "Suspend to the shell; fg comes back"},
		{ID: "shell.redraw", Keys: []string{"ctrl+l"}, Label: "redraw", Help: "Draw the screen again"},
	}
}

var bindings = Bindings()

func bound(msg tea.KeyPressMsg) string {
	for _, b := range bindings {
		if b.Matches(msg) {
			return b.ID
		}
	}
	return ""
}

func (m *Model) key(msg tea.KeyPressMsg) tea.Cmd {
	id := bound(msg)
	switch id {
	case "shell.interrupt":
		return m.interrupt()
	case "shell.suspend":
		return tea.Suspend
	case "shell.redraw":
		return tea.ClearScreen
	}
	p := m.Page()
	if m.stack.Len() > 0 || p != nil && p.Capturing() {
		return m.input(msg)
	}
	switch id {
	case "shell.help":
		m.openHelp()
		return nil
	case "shell.palette":
		m.openPalette()
		return nil
	case "shell.quit":
		return m.interrupt()
	case "shell.back":
		return m.back(msg)
	case "shell.tab":
		if i := int(msg.Code - '1'); len(m.tabs) > 1 && i < len(m.tabs) {
			m.switchTab(i)
			return nil
		}
	}
	return m.input(msg)
}

// interrupt lets the page that is shown ask in its own way, else quits.
func (m *Model) interrupt() tea.Cmd {
	if i, ok := m.Page().(Interrupter); ok && m.stack.Len() == 0 && i.Interrupt() {
		return nil
	}
	return m.quit()
}

// back lets the page undo something of its own, else closes it.
func (m *Model) back(msg tea.KeyPressMsg) tea.Cmd {
	if e, ok := m.Page().(Escaper); ok && e.Escape() {
		return nil
	}
	if m.active < len(m.tabs) && len(m.tabs[m.active].stack) > 1 {
		m.pop(nil)
		return nil
	}
	return m.input(msg)
}

func (m *Model) openHelp() {
	var sections []help.Section
	if p := m.Page(); p != nil {
		sections = append(sections, p.Help()...)
	}
	if m.o.Help != nil {
		sections = append(sections, m.o.Help()...)
	}
	m.stack.Open(help.New(m.th, "Help", append(sections, Section("Everywhere", bindings, m.th.Glyphs))))
}

// Section makes a help section of bindings.
func Section(title string, bindings []keys.Binding, g theme.Glyphs) help.Section {
	s := help.Section{Title: title}
	for _, b := range bindings {
		key := b.AllKeys(g)
		if n := len(b.Keys); n > 3 {
			key = keys.Pretty(b.Keys[0], g) + " … " + keys.Pretty(b.Keys[n-1], g)
			if g.ASCII {
				key = keys.Pretty(b.Keys[0], g) + " .. " + keys.Pretty(b.Keys[n-1], g)
			}
		}
		s.Lines = append(s.Lines, help.Line{Key: key, Title: b.Label, Text: b.Help})
	}
	return s
}

func (m *Model) openPalette() {
	var entries []palette.Entry
	if p := m.Page(); p != nil {
		entries = append(entries, p.Commands()...)
	}
	if m.o.Commands != nil {
		entries = append(entries, m.o.Commands()...)
	}
	m.stack.Open(palette.New(m.th, append(entries, m.commands()...)))
}

// commands are the shell's own.
func (m *Model) commands() []palette.Entry {
	return []palette.Entry{
		{ID: "help", Title: "What the keys do here", Key: "?", Run: func(string) tea.Cmd { m.openHelp(); return nil }},
		{ID: "messages", Title: "The last messages", Run: func(string) tea.Cmd { m.openMessages(); return nil }},
		{ID: "mouse", Title: "Turn the mouse on or off", Run: func(string) tea.Cmd { return m.toggleMouse() }},
		{ID: "redraw", Title: "Draw the screen again", Key: "ctrl+l", Run: func(string) tea.Cmd { return tea.ClearScreen }},
		{ID: "quit", Title: "Quit", Key: "q", Run: func(string) tea.Cmd { return Quit() }},
	}
}

func (m *Model) toggleMouse() tea.Cmd {
	m.mouse = !m.mouse
	if m.mouse {
		return Toast(theme.Info, "mouse on")
	}
	return Toast(theme.Info, "mouse off: the terminal selects text again")
}

func (m *Model) openMessages() {
	var lines []pager.Line
	for _, e := range m.toasts.History() {
		at := m.th.Paint(theme.Dim, e.At.Format(time24))
		lines = append(lines, pager.Styled(at+"  "+m.th.Paint(e.Tone, text.Clean(e.Text))))
	}
	if len(lines) == 0 {
		lines = append(lines, pager.Plain("no messages yet"))
	}
	p := pager.New(m.th, "Messages")
	p.SetLines(lines)
	m.stack.Open(&pager.Overlay{Model: p})
}

const time24 = "15:04:05"

// SectionOff is Section with the reasons why bindings do nothing at the moment; off is empty for those that do something.
func SectionOff(title string, bindings []keys.Binding, g theme.Glyphs, off func(id string) string) help.Section {
	s := Section(title, bindings, g)
	for i, b := range bindings {
		s.Lines[i].Off = off(b.ID)
	}
	return s
}

// Commands makes commands of bindings, with the reasons why they do nothing at the moment.
func Commands(bindings []keys.Binding, off func(id string) string, do func(id string) tea.Cmd) []palette.Entry {
	var entries []palette.Entry
	for _, b := range bindings {
		reason := off(b.ID)
		entries = append(entries, palette.Entry{ID: b.ID, Title: b.Help, Key: b.Keys[0], Disabled: reason != "", Reason: reason, Run: func(string) tea.Cmd { return do(b.ID) }})
	}
	return entries
}
