// Package input is a line of text that the user edits: filters, names, numbers.
package input

import (
	"slices"
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// maxRunes bounds what a paste can put into one line.
const maxRunes = 4096

// Model is the input. What is typed or pasted is cleaned, so Value never carries control characters.
type Model struct {
	// Prompt stands before the text; Placeholder shows while it is empty.
	Prompt, Placeholder string
	// Suggest returns completions of the text, best first; tab takes the first. It must be quick. Nil: none.
	Suggest func(value string) []string

	th    *theme.Theme
	value []rune
	pos   int // Of the cursor, in runes.
	left  int // First rune shown.
}

// New makes an empty input.
func New(th *theme.Theme) *Model {
	return &Model{th: th}
}

// Value is the text.
func (m *Model) Value() string { return string(m.value) }

// SetValue replaces the text and puts the cursor at its end.
func (m *Model) SetValue(s string) {
	m.value = nil
	m.pos, m.left = 0, 0
	m.insert(s)
}

// SetTheme changes the look.
func (m *Model) SetTheme(th *theme.Theme) { m.th = th }

// Update edits. It reports whether the message was for the input: enter, esc, up and down are the caller's, and so is tab
// when there is nothing to complete.
func (m *Model) Update(msg tea.Msg) bool {
	switch msg := msg.(type) {
	case tea.PasteMsg:
		m.insert(msg.Content)
		return true
	case tea.KeyPressMsg:
		return m.key(msg)
	}
	return false
}

func (m *Model) key(msg tea.KeyPressMsg) bool {
	switch msg.String() {
	case "left", "ctrl+b":
		m.pos = max(m.pos-1, 0)
	case "right", "ctrl+f":
		m.pos = min(m.pos+1, len(m.value))
	case "home", "ctrl+a":
		m.pos = 0
	case "end", "ctrl+e":
		m.pos = len(m.value)
	case "backspace", "ctrl+h":
		m.remove(m.pos-1, m.pos)
	case "delete", "ctrl+d":
		m.remove(m.pos, m.pos+1)
	case "ctrl+u":
		m.remove(0, m.pos)
	case "ctrl+k":
		m.remove(m.pos, len(m.value))
	case "ctrl+w", "alt+backspace":
		m.remove(m.wordStart(), m.pos)
	case "ctrl+left", "alt+b":
		m.pos = m.wordStart()
	case "tab":
		return m.complete()
	case "space":
		m.insert(" ")
	default:
		if msg.Text == "" || msg.Mod&(tea.ModCtrl|tea.ModAlt) != 0 {
			return false
		}
		m.insert(msg.Text)
	}
	return true
}

func (m *Model) insert(s string) {
	add := []rune(text.Clean(s))
	add = add[:max(min(len(add), maxRunes-len(m.value)), 0)]
	m.value = slices.Insert(m.value, m.pos, add...)
	m.pos += len(add)
}

func (m *Model) remove(from, to int) {
	from, to = max(from, 0), min(to, len(m.value))
	if from >= to {
		return
	}
	m.value = slices.Delete(m.value, from, to)
	m.pos = from
}

func (m *Model) wordStart() int {
	i := m.pos
	for i > 0 && unicode.IsSpace(m.value[i-1]) {
		i--
	}
	for i > 0 && !unicode.IsSpace(m.value[i-1]) {
		i--
	}
	return i
}

// Suggestions returns the completions of the text as it is.
func (m *Model) Suggestions() []string {
	if m.Suggest == nil || m.pos != len(m.value) {
		return nil
	}
	return m.Suggest(m.Value())
}

func (m *Model) complete() bool {
	all := m.Suggestions()
	if len(all) == 0 || all[0] == m.Value() {
		return false
	}
	m.SetValue(all[0])
	return true
}

// View draws the input in exactly w cells. With focus, the cell of the cursor is reversed and the rest of the first
// suggestion stands behind it.
func (m *Model) View(w int, focus bool) string {
	prompt := text.Truncate(text.Clean(m.Prompt), w, "")
	room := w - text.Width(prompt)
	head := m.th.Paint(theme.Accent, prompt)
	if room <= 0 {
		return head
	}
	if !focus {
		return head + text.Fit(m.shownOr(m.Placeholder), room, m.th.Glyphs.Ellipsis)
	}
	m.scroll(room)
	before, at, after := m.around()
	var b strings.Builder
	b.WriteString(before)
	m.th.Append(&b, theme.Reverse, at)
	b.WriteString(after)
	if after == "" {
		m.th.Append(&b, theme.Dim, m.ghost())
	}
	return head + text.Block(b.String(), room, 1)
}

func (m *Model) shownOr(placeholder string) string {
	if len(m.value) == 0 {
		return m.th.Paint(theme.Dim, text.Clean(placeholder))
	}
	return string(m.value)
}

// scroll keeps the cursor among the cells shown.
func (m *Model) scroll(room int) {
	m.left = min(m.left, m.pos)
	for m.left < m.pos && text.Width(string(m.value[m.left:m.pos]))+1 >= room {
		m.left++
	}
}

func (m *Model) around() (before, at, after string) {
	before, at = string(m.value[m.left:m.pos]), " "
	if m.pos < len(m.value) {
		at, after = string(m.value[m.pos]), string(m.value[m.pos+1:])
	}
	return before, at, after
}

// ghost is what tab would add, or the placeholder.
func (m *Model) ghost() string {
	if len(m.value) == 0 {
		return text.Clean(m.Placeholder)
	}
	for _, s := range m.Suggestions() {
		if rest, ok := strings.CutPrefix(s, m.Value()); ok {
			return text.Clean(rest)
		}
	}
	return ""
}
