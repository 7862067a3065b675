package shell

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/toast"
)

// newlines makes line ends of what terminals send for them in a paste: most send a carriage return, as for the key.
var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// Update routes a message: input to the top dialog or the page that is shown, everything else to all that may care.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.dirty = m.dirty || m.w != msg.Width || m.h != msg.Height
		m.w, m.h = msg.Width, msg.Height
		return m, nil
	case tea.KeyPressMsg:
		m.dirty = true
		next, _ := m.toasts.KeyPressed()
		return m, tea.Batch(next, m.key(msg))
	case tea.PasteMsg:
		m.dirty = true
		return m, m.input(tea.PasteMsg{Content: newlines.Replace(msg.Content)})
	case tea.MouseMsg:
		return m, m.mouseInput(msg)
	case tea.KeyReleaseMsg, tea.EnvMsg, tea.ColorProfileMsg, tea.ModeReportMsg, tea.KeyboardEnhancementsMsg:
		return m, nil
	case tea.ResumeMsg:
		m.dirty = true
		return m, nil
	}
	if toast.IsTimer(msg) {
		cmd, changed := m.toasts.Update(msg)
		m.dirty = m.dirty || changed
		return m, cmd
	}
	if cmd, ok := m.own(msg); ok {
		m.dirty = true
		return m, cmd
	}
	return m, m.data(msg)
}

// own handles the shell's messages.
func (m *Model) own(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case pushMsg:
		return m.push(msg.page), true
	case popMsg:
		m.pop(msg.page)
		return nil, true
	case openMsg:
		m.stack.Open(msg.dialog)
		return nil, true
	case toastMsg:
		return m.toasts.Add(msg.tone, msg.text), true
	case switchTabMsg:
		m.switchTab(msg.tab)
		return nil, true
	case setTabsMsg:
		return m.setTabs(msg.pages), true
	case quitMsg:
		return m.quit(), true
	case redrawMsg:
		return nil, true
	}
	return nil, false
}

// data hands on what is not input. A frame is needed only if something that is on the screen changed.
func (m *Model) data(msg tea.Msg) tea.Cmd {
	var cmds []tea.Cmd
	if m.o.Handle != nil {
		cmds = append(cmds, m.o.Handle(msg))
	}
	changed := false
	update := func(p Page, msg tea.Msg) {
		cmds = append(cmds, p.Update(msg))
		c, ok := p.(Changer)
		if p == m.Page() && (!ok || c.Changed()) {
			changed = true
		}
	}
	if one, ok := msg.(forMsg); ok {
		m.pages(func(p Page) {
			if p == one.page {
				update(p, one.msg)
			}
		})
	} else {
		m.pages(func(p Page) { update(p, msg) })
		if m.stack.Len() > 0 {
			cmds = append(cmds, m.stack.Update(msg))
			changed = true
		}
	}
	if changed || !m.dirty && m.w > 0 && m.headerLine(m.w) != m.header {
		m.dirty = true
	}
	return tea.Batch(cmds...)
}

// input gives a message to the top dialog or else to the page that is shown.
func (m *Model) input(msg tea.Msg) tea.Cmd {
	if m.stack.Len() > 0 {
		return m.stack.Update(msg)
	}
	if p := m.Page(); p != nil {
		return p.Update(msg)
	}
	return nil
}

func (m *Model) mouseInput(msg tea.MouseMsg) tea.Cmd {
	if _, motion := msg.(tea.MouseMotionMsg); motion || !m.mouse {
		return nil
	}
	m.dirty = true
	if m.stack.Len() > 0 {
		return m.stack.Update(msg)
	}
	p := msg.Mouse()
	if p.Y == m.bodyY-1 {
		if _, ok := msg.(tea.MouseClickMsg); ok {
			m.clickTab(p.X)
		}
		return nil
	}
	if p.Y < m.bodyY || p.Y >= m.bodyY+m.bodyH {
		return nil
	}
	switch e := msg.(type) {
	case tea.MouseClickMsg:
		e.Y -= m.bodyY
		return m.input(e)
	case tea.MouseWheelMsg:
		e.Y -= m.bodyY
		return m.input(e)
	case tea.MouseReleaseMsg:
		e.Y -= m.bodyY
		return m.input(e)
	}
	return nil
}

func (m *Model) clickTab(x int) {
	for i, s := range m.spans {
		if x >= s.from && x < s.to {
			m.switchTab(i)
		}
	}
}

func (m *Model) switchTab(i int) {
	if i >= 0 && i < len(m.tabs) {
		m.active = i
	}
}

func (m *Model) push(p Page) tea.Cmd {
	if p == nil || m.active >= len(m.tabs) {
		return nil
	}
	t := m.tabs[m.active]
	t.stack = append(t.stack, p)
	return p.Init()
}

// pop closes a page with all that was opened from it; nil means the one that is shown.
func (m *Model) pop(p Page) {
	if p == nil {
		p = m.Page()
	}
	for _, t := range m.tabs {
		if i := slices.Index(t.stack, p); i > 0 {
			leave(t.stack[i:])
			t.stack = t.stack[:i:i]
		}
	}
}

func leave(pages []Page) {
	for _, p := range pages {
		if l, ok := p.(Leaver); ok {
			l.Leave()
		}
	}
}

func (m *Model) setTabs(pages []Page) tea.Cmd {
	var cmds []tea.Cmd
	old, shown := m.tabs, m.active
	m.tabs, m.active = nil, 0
	for _, p := range pages {
		i := slices.IndexFunc(old, func(t *tab) bool { return t != nil && t.stack[0] == p })
		if i < 0 {
			m.tabs = append(m.tabs, &tab{stack: []Page{p}})
			cmds = append(cmds, p.Init())
			continue
		}
		if i == shown {
			m.active = len(m.tabs)
		}
		m.tabs = append(m.tabs, old[i])
		old[i] = nil
	}
	for _, t := range old {
		if t != nil {
			leave(t.stack)
		}
	}
	return tea.Batch(cmds...)
}

// Busy says what quitting would interrupt, a sentence for each, "" for nothing.
func (m *Model) Busy() string {
	var all []string
	add := func(busy string) {
		if busy != "" {
			all = append(all, busy)
		}
	}
	if m.o.Busy != nil {
		add(m.o.Busy())
	}
	for _, t := range m.tabs {
		for _, p := range t.stack {
			if b, ok := p.(Busier); ok {
				add(b.Busy())
			}
		}
	}
	return strings.Join(all, " ")
}

// quit ends the program, or asks first when something is running.
func (m *Model) quit() tea.Cmd {
	busy := m.Busy()
	if busy == "" || m.asking() {
		return tea.Quit
	}
	m.quitting = dialog.NewConfirm(m.th, "Quit?", []string{busy},
		[]dialog.Button{{ID: "quit", Label: "Quit", Danger: true}},
		func(r dialog.Result) tea.Cmd {
			m.quitting = nil
			if r.OK {
				return tea.Quit
			}
			return nil
		})
	m.stack.Open(m.quitting)
	return nil
}

func (m *Model) asking() bool {
	return m.quitting != nil && m.stack.Top() == m.quitting
}
