package deck

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/choose"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/theme"
)

// PickSort offers the columns of a table; choosing the one that is sorted by turns the order round.
func PickSort[R any](th *theme.Theme, t *table.Model[R]) tea.Cmd {
	current, desc := t.Sort()
	var items []choose.Item
	for _, c := range t.Columns() {
		item := choose.Item{ID: c.ID, Title: strings.ToLower(c.Title)}
		if c.ID == current {
			item.Right = map[bool]string{false: th.Glyphs.Up, true: th.Glyphs.Down}[desc]
			item.Desc = "is sorted by; choose again to reverse"
		}
		items = append(items, item)
	}
	return shell.OpenDialog(dialog.NewPicker(th, "Sort by", items, func(r dialog.Result) tea.Cmd {
		if r.OK {
			t.SortBy(r.Choice, r.Choice == current && !desc)
		}
		return nil
	}))
}

// SortBy sorts by the first column whose name begins with what was typed; without any it offers them.
func SortBy[R any](th *theme.Theme, t *table.Model[R], typed string) tea.Cmd {
	typed = strings.ToLower(strings.TrimSpace(typed))
	if typed == "" {
		return PickSort(th, t)
	}
	var ids []string
	for _, c := range t.Columns() {
		ids = append(ids, c.ID)
		if strings.HasPrefix(c.ID, typed) || strings.HasPrefix(strings.ToLower(c.Title), typed) {
			current, desc := t.Sort()
			t.SortBy(c.ID, c.ID == current && !desc)
			return nil
		}
	}
	return shell.Toast(theme.Bad, fmt.Sprintf("there is no column %q; there are %s", typed, strings.Join(ids, ", ")))
}
