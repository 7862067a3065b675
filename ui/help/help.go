// Package help is the full-screen list of what every key does here.
package help

import (
	"strings"

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
}

// New makes the help from sections; empty ones are left out.
func New(th *theme.Theme, title string, sections []Section) *Model {
	m := &Model{Overlay: &pager.Overlay{Model: pager.New(th, title)}}
	m.SetLines(render(th, sections))
	return m
}

func render(th *theme.Theme, sections []Section) []pager.Line {
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
			out = append(out, pager.Styled(line(th, l, keyWidth, titleWidth)))
		}
	}
	return out
}

func line(th *theme.Theme, l Line, keyWidth, titleWidth int) string {
	key := text.Fit(text.Clean(l.Key), keyWidth, th.Glyphs.Ellipsis)
	title := text.Fit(text.Clean(l.Title), titleWidth, th.Glyphs.Ellipsis)
	var b strings.Builder
	b.WriteString("  ")
	if l.Off != "" {
		th.Append(&b, theme.Dim, key+"  "+title+"  ")
		th.Append(&b, theme.Warn, "off: "+text.Clean(l.Off))
		return b.String()
	}
	th.Append(&b, theme.Accent, key)
	b.WriteString("  " + title + "  ")
	th.Append(&b, theme.Dim, text.Clean(l.Text))
	return b.String()
}

// Update scrolls and searches; esc, q and ? close.
func (m *Model) Update(msg tea.Msg) (tea.Cmd, bool) {
	if k, ok := msg.(tea.KeyPressMsg); ok && !m.Capturing() && k.String() == "?" {
		return nil, true
	}
	return m.Overlay.Update(msg)
}
