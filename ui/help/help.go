// Package help is the full-screen list of what every key does here.
package help

import (
	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// Section is a group of keys under a title.
type Section struct {
	Title string
	Lines []Line
}

// Line is one key. Off is the reason why it does nothing at the moment, "" when it works.
type Line struct {
	Key, Title, Text, Off string
}

// Model is the help, a dialog.
type Model struct {
	*pager.Overlay
	th       *theme.Theme
	sections []Section
	width    int // for which the lines were made
}

// New makes the help from sections; empty ones are left out.
func New(th *theme.Theme, title string, sections []Section) *Model {
	m := &Model{Overlay: &pager.Overlay{Model: pager.New(th, title)}, th: th, sections: sections}
	m.SetLines(render(th, sections, 0))
	return m
}

// View draws the help. What a key does is broken into the lines that a narrow terminal takes.
func (m *Model) View(w, h int) string {
	if w != m.width {
		m.width = w
		m.SetLines(render(m.th, m.sections, w))
	}
	return m.Overlay.View(w, h)
}

// render makes the lines for a width; 0 means that nothing is broken.
func render(th *theme.Theme, sections []Section, w int) []pager.Line {
	keyWidth, titleWidth := 0, 0
	for _, s := range sections {
		for _, l := range s.Lines {
			keyWidth = max(keyWidth, min(text.Width(text.Clean(l.Key)), 16))
			titleWidth = max(titleWidth, min(text.Width(text.Clean(l.Title)), 28))
		}
	}
	var out []pager.Line
	for _, s := range sections {
		if len(s.Lines) == 0 {
			continue
		}
		if len(out) > 0 {
			out = append(out, pager.Line{})
		}
		out = append(out, pager.Styled(th.Paint(theme.Header, text.Clean(s.Title))))
		for _, l := range s.Lines {
			out = append(out, lines(th, l, keyWidth, titleWidth, w)...)
		}
	}
	return out
}

// leastText is the width from which on breaking a text does more good than harm.
const leastText = 8

// lines makes the lines of one key; the text stands in a column of its own.
func lines(th *theme.Theme, l Line, keyWidth, titleWidth, w int) []pager.Line {
	key := text.Fit(text.Clean(l.Key), keyWidth, th.Glyphs.Ellipsis)
	title := text.Fit(text.Clean(l.Title), titleWidth, th.Glyphs.Ellipsis)
	said, tone, head := text.Clean(l.Text), theme.Dim, "  "+th.Paint(theme.Accent, key)+"  "+title+"  "
	if l.Off != "" {
		said, tone, head = "off: "+text.Clean(l.Off), theme.Warn, "  "+th.Paint(theme.Dim, key+"  "+title+"  ")
	}
	parts := []string{said}
	if room := w - text.Width(head) - 2; room >= leastText {
		parts = text.Wrap(said, room)
	}
	var out []pager.Line
	for i, part := range parts {
		if i > 0 {
			head = text.Spaces(keyWidth + titleWidth + 6)
		}
		out = append(out, pager.Styled(head+th.Paint(tone, part)))
	}
	return out
}

// Update scrolls and searches; esc, q and ? close.
func (m *Model) Update(msg tea.Msg) (tea.Cmd, bool) {
	if k, ok := msg.(tea.KeyPressMsg); ok && !m.Capturing() && k.String() == "?" {
		return nil, true
	}
	return m.Overlay.Update(msg)
}
