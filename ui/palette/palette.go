// Package palette runs commands by name. It lists what the keys can do and what has no key.
package palette

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/choose"
	"vmdeck.dev/vmdeck/ui/input"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// Entry is one command.
type Entry struct {
	// ID is a short word that can be typed: "ns", "ctx", "stop". Title says what it does, Key is its key if it has one.
	ID, Title, Key string
	// Disabled commands are listed with the Reason, and answer with it.
	Disabled bool
	Reason   string
	// Args says what may follow the word: "[namespace]". Empty: nothing.
	Args string
	// Run gets what was typed after the first word.
	Run func(args string) tea.Cmd
}

// Model is the palette, a dialog.
type Model struct {
	th      *theme.Theme
	entries []Entry
	list    *choose.List
	field   *input.Model
	reason  string
	moved   bool // By the arrow keys, since the last letter.
}

// New opens a palette with these commands.
func New(th *theme.Theme, entries []Entry) *Model {
	m := &Model{th: th, entries: entries, field: input.New(th)}
	items := make([]choose.Item, len(entries))
	for i, e := range entries {
		items[i] = choose.Item{ID: e.ID, Title: title(e), Desc: e.Title, Right: e.Key, Off: e.Disabled, Reason: e.Reason}
	}
	m.list = choose.New(th, items)
	m.field.Prompt, m.field.Placeholder = ":", "command"
	return m
}

func title(e Entry) string {
	if e.Args == "" {
		return e.ID
	}
	return e.ID + " " + e.Args
}

// Guarded is false: the palette is opened on purpose, and typing goes on.
func (m *Model) Guarded() bool { return false }

// Update searches and runs.
func (m *Model) Update(msg tea.Msg) (tea.Cmd, bool) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "esc":
			return nil, true
		case "enter":
			return m.enter()
		case "up", "ctrl+p", "shift+tab":
			m.move(-1)
			return nil, false
		case "down", "ctrl+n":
			m.move(1)
			return nil, false
		case "tab":
			m.complete()
			return nil, false
		case "backspace":
			if m.field.Value() == "" {
				return nil, true
			}
		}
	}
	if m.field.Update(msg) {
		m.reason, m.moved = "", false
		word, _ := split(m.field.Value())
		m.list.Filter(word)
	}
	return nil, false
}

func (m *Model) move(by int) {
	m.reason, m.moved = "", true
	m.list.Move(by)
}

func split(s string) (word, args string) {
	word, args, _ = strings.Cut(strings.TrimLeft(s, " "), " ")
	return word, strings.TrimSpace(args)
}

// complete writes the command under the cursor out, ready for its arguments.
func (m *Model) complete() {
	if e, ok := m.current(); ok {
		_, args := split(m.field.Value())
		m.field.SetValue(e.ID + " " + args)
		m.list.Filter(e.ID)
	}
}

// current is the entry that enter would run: the one typed in full, unless the cursor was moved to another.
func (m *Model) current() (Entry, bool) {
	id, _ := split(m.field.Value())
	if !m.moved && m.find(id) >= 0 {
		return m.entries[m.find(id)], true
	}
	it, ok := m.list.Current()
	if !ok {
		return Entry{}, false
	}
	return m.entries[m.find(it.ID)], true
}

func (m *Model) find(id string) int {
	return slices.IndexFunc(m.entries, func(e Entry) bool { return e.ID == id })
}

func (m *Model) enter() (tea.Cmd, bool) {
	e, ok := m.current()
	switch {
	case !ok:
		m.reason = "no such command"
		return nil, false
	case e.Disabled:
		m.reason = e.Reason
		return nil, false
	case e.Run == nil:
		return nil, true
	}
	_, args := split(m.field.Value())
	return e.Run(args), true
}

// View draws the palette.
func (m *Model) View(w, h int) string {
	width := max(min(w-2, 84), 1)
	in := max(width-4, 1)
	rows := max(min(12, len(m.entries), h-5), 1)
	part := m.list.Range(rows)
	if part != "" {
		part = " " + part
	}
	rule := strings.Repeat(m.th.Glyphs.HLine, max(in-text.Width(part), 0)) + part
	lines := []string{m.field.View(in, true), m.th.Paint(theme.Dim, rule)}
	shown := m.list.View(in, rows)
	lines = append(lines, shown...)
	for range rows - len(shown) {
		lines = append(lines, "")
	}
	if m.reason != "" {
		lines[len(lines)-1] = m.th.Paint(theme.Warn, text.Fit(m.th.Glyphs.Warn+" "+text.Clean(m.reason), in, m.th.Glyphs.Ellipsis))
	}
	g := m.th.Glyphs
	edge := strings.Repeat(g.Top, in+2)
	side := m.th.Paint(theme.Dim, g.Side)
	out := []string{m.th.Paint(theme.Dim, g.TopLeft+edge+g.TopRight)}
	for _, l := range lines {
		out = append(out, side+" "+text.Block(l, in, 1)+" "+side)
	}
	out = append(out, m.th.Paint(theme.Dim, g.BottomLeft+edge+g.BottomRight))
	return strings.Join(out, "\n")
}
