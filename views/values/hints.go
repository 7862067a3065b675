package values

import (
	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
)

// Hints are for the key bar.
func (m *Model) Hints() []shell.Hint {
	g := m.th.Glyphs
	var out []shell.Hint
	add := func(priority int, key, label string) {
		out = append(out, shell.Hint{Key: keys.Pretty(key, g), Label: label, Priority: priority})
	}
	letters := func(letter, ctrl string) string {
		if m.Capturing() {
			return ctrl
		}
		return letter
	}
	if m.finding {
		add(1, "enter", "next place")
		add(1, "esc", "edit there")
		return out
	}
	switch {
	case m.part == yaml:
		add(1, "esc", "leave the text")
	case m.part == settings && m.list.editing:
		add(1, "enter", "keep")
		add(1, "esc", "do not")
	case m.part == choices && m.form.live():
		add(1, "enter", "next")
		add(1, "esc", "leave the field")
	case m.part == changes:
		add(2, "enter", "show in YAML")
	default:
		add(1, "enter", m.pressLabel())
	}
	if len(m.Problems()) > 0 {
		add(1, letters("n", "ctrl+g"), "next problem")
	}
	add(1, "tab", "next part")
	add(2, letters("u", "ctrl+u"), "undo")
	add(3, letters("r", "ctrl+r"), "default")
	if m.part == yaml {
		add(4, "ctrl+f", "find")
	}
	return out
}

// pressLabel is what enter does on a row.
func (m *Model) pressLabel() string {
	f := m.form
	if m.part == settings {
		f = m.list
	}
	switch r := f.current(); {
	case r == nil:
		return "next"
	case r.preset != nil:
		return "choose"
	case r.kind == "boolean" || len(r.enum) > 0 && r.kind != "array":
		return "change"
	}
	return "edit"
}

// Help says what the keys do.
func (m *Model) Help() []help.Section {
	return []help.Section{
		shell.Section("Values", Bindings(), m.th.Glyphs),
		{Title: "How values are kept", Lines: []help.Line{
			{Key: m.th.Glyphs.Bullet, Title: "one truth", Text: "Choices, settings and YAML change the same values. Only what differs from the defaults is kept."},
		}},
	}
}

// Commands are for the palette.
func (m *Model) Commands() []palette.Entry {
	var out []palette.Entry
	for _, b := range Bindings()[2:] {
		out = append(out, palette.Entry{ID: b.ID, Title: b.Help, Key: b.Keys[0], Run: func(string) tea.Cmd {
			before := m.text.Version()
			m.do(b.ID)
			m.refresh()
			if m.text.Version() != before && m.OnChange != nil {
				return m.OnChange()
			}
			return shell.Redraw()
		}})
	}
	return out
}
