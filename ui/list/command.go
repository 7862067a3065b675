package list

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/choose"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
)

// PickSort offers the columns; choosing the one that is sorted by turns the order round.
func (m *Model[R]) PickSort() tea.Cmd {
	current, desc := m.Sort()
	var items []choose.Item
	for _, c := range m.Columns() {
		item := choose.Item{ID: c.ID, Title: strings.ToLower(c.Title)}
		if c.ID == current {
			item.Right = map[bool]string{false: m.th.Glyphs.Up, true: m.th.Glyphs.Down}[desc]
			item.Desc = "is sorted by; choose again to reverse"
		}
		items = append(items, item)
	}
	return shell.OpenDialog(dialog.NewPicker(m.th, "Sort by", items, func(r dialog.Result) tea.Cmd {
		if r.OK {
			m.SortBy(r.Choice, r.Choice == current && !desc)
		}
		return nil
	}))
}

// SortCommand sorts by the first column whose name begins with what was typed; without any it offers them.
func (m *Model[R]) SortCommand(typed string) tea.Cmd {
	typed = strings.ToLower(strings.TrimSpace(typed))
	if typed == "" {
		return m.PickSort()
	}
	var ids []string
	for _, c := range m.Columns() {
		ids = append(ids, c.ID)
		if strings.HasPrefix(c.ID, typed) || strings.HasPrefix(strings.ToLower(c.Title), typed) {
			current, desc := m.Sort()
			m.SortBy(c.ID, c.ID == current && !desc)
			return nil
		}
	}
	return shell.Toast(theme.Bad, fmt.Sprintf("there is no column %q; there are %s", typed, strings.Join(ids, ", ")))
}

// FilterCommand asks for what was typed; without anything it begins to type.
func (m *Model[R]) FilterCommand(typed string) tea.Cmd {
	m.Query.SetValue(strings.TrimSpace(typed))
	m.Query.Type(typed == "")
	return nil
}

// Commands has the commands for Sort and Filter take arguments; query says what is asked for, as in "[words]".
func (m *Model[R]) Commands(entries []palette.Entry, query string) []palette.Entry {
	for i := range entries {
		switch e := &entries[i]; e.ID {
		case Sort:
			e.Args, e.Run = "[column]", m.SortCommand
		case Filter:
			e.Args, e.Run = query, m.FilterCommand
		}
	}
	return entries
}
