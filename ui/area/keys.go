package area

import (
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"
)

// Update edits and moves. It reports whether the message was for the text: tab, esc and other keys that change nothing here are the
// caller's.
func (m *Model) Update(msg tea.Msg) bool {
	switch msg := msg.(type) {
	case tea.PasteMsg:
		m.keep(once)
		m.insert(msg.Content)
		m.goal = -1
		return true
	case tea.KeyPressMsg:
		return m.move(msg.String()) || m.edit(msg)
	case tea.MouseWheelMsg:
		switch msg.Button {
		case tea.MouseWheelUp:
			m.vertical(-3)
		case tea.MouseWheelDown:
			m.vertical(3)
		}
		return true
	}
	return false
}

// Click puts the cursor on a cell of the last View, the marks and numbers in front of the text included.
func (m *Model) Click(x, y int) {
	m.at.line = m.top + max(y, 0)
	m.clamp()
	m.at.col, m.goal, m.typing = m.column(m.at.line, x-m.gutter()+m.left), -1, ""
}

// move carries out the keys that only move.
func (m *Model) move(key string) bool {
	goal := -1
	switch key {
	case "up", "ctrl+p", "down", "ctrl+n", "pgup", "pgdown":
		m.vertical(map[string]int{"up": -1, "ctrl+p": -1, "down": 1, "ctrl+n": 1, "pgup": -max(m.height-1, 1), "pgdown": max(m.height-1, 1)}[key])
		goal = m.goal
	case "left", "ctrl+b":
		m.at = m.before()
	case "right", "ctrl+f":
		m.at = m.behind()
	case "home", "ctrl+a":
		// First to where the words begin, then to the edge.
		if indent := m.Indent(); m.at.col != indent {
			m.at.col = indent
		} else {
			m.at.col = 0
		}
	case "end", "ctrl+e":
		m.at.col = m.length(m.at.line)
	case "ctrl+left", "alt+b", "alt+left":
		m.at = m.wordBefore()
	case "ctrl+right", "alt+f", "alt+right":
		m.at = m.wordBehind()
	case "ctrl+home":
		m.at = position{}
	case "ctrl+end":
		m.at = position{len(m.lines) - 1, m.length(len(m.lines) - 1)}
	default:
		return false
	}
	m.goal, m.typing = goal, ""
	return true
}

// edit carries out the keys that change the text.
func (m *Model) edit(msg tea.KeyPressMsg) bool {
	switch msg.String() {
	case "enter":
		m.keep(once)
		m.newLine()
	case "backspace", "ctrl+h":
		m.erase(m.backspaceTo(), m.at)
	case "delete", "ctrl+d":
		m.erase(m.at, m.behind())
	case "ctrl+w", "alt+backspace":
		m.erase(m.wordBefore(), m.at)
	case "ctrl+k":
		m.killLine()
	case "space":
		m.keep(typed)
		m.insert(" ")
	default:
		if msg.Text == "" || msg.Mod&(tea.ModCtrl|tea.ModAlt) != 0 {
			return false
		}
		m.keep(typed)
		m.insert(msg.Text)
	}
	m.goal = -1
	return true
}

// newLine begins a line as deep as YAML goes on there: below a key without a value, two deeper.
func (m *Model) newLine() {
	before, _ := cut(m.lines[m.at.line], m.at.col)
	indent := min(m.Indent(), m.at.col)
	if words := strings.TrimSpace(before); strings.HasSuffix(words, ":") && !strings.HasPrefix(words, "#") {
		indent += 2
	}
	m.insert("\n" + strings.Repeat(" ", indent))
}

func (m *Model) erase(from, to position) {
	if from != to {
		m.keep(erased)
		m.remove(from, to)
	}
}

// killLine takes out the rest of the line, and the line itself when there is none.
func (m *Model) killLine() {
	end := position{m.at.line, m.length(m.at.line)}
	if m.at == end {
		end = m.behind()
	}
	m.erase(m.at, end)
}

// backspaceTo is where backspace erases to: in the indentation two columns at once.
func (m *Model) backspaceTo() position {
	if col := m.at.col; col >= 2 && col%2 == 0 && col <= m.Indent() {
		return position{m.at.line, col - 2}
	}
	return m.before()
}

func (m *Model) before() position {
	switch {
	case m.at.col > 0:
		return position{m.at.line, m.at.col - 1}
	case m.at.line > 0:
		return position{m.at.line - 1, m.length(m.at.line - 1)}
	}
	return m.at
}

func (m *Model) behind() position {
	switch {
	case m.at.col < m.length(m.at.line):
		return position{m.at.line, m.at.col + 1}
	case m.at.line < len(m.lines)-1:
		return position{m.at.line + 1, 0}
	}
	return m.at
}

func (m *Model) wordBefore() position {
	if m.at.col == 0 {
		return m.before()
	}
	line, i := []rune(m.lines[m.at.line]), m.at.col
	for i > 0 && !wordy(line[i-1]) {
		i--
	}
	for i > 0 && wordy(line[i-1]) {
		i--
	}
	return position{m.at.line, i}
}

func (m *Model) wordBehind() position {
	line, i := []rune(m.lines[m.at.line]), m.at.col
	if i == len(line) {
		return m.behind()
	}
	for i < len(line) && !wordy(line[i]) {
		i++
	}
	for i < len(line) && wordy(line[i]) {
		i++
	}
	return position{m.at.line, i}
}

func wordy(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }

func (m *Model) vertical(by int) {
	if m.goal < 0 {
		m.goal = m.cell(m.at)
	}
	m.at.line += by
	m.clamp()
	m.at.col = m.column(m.at.line, m.goal)
}
