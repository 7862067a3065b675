package bindings

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/choose"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// pickSort offers the columns; choosing the one that is sorted by turns the order round.
func (p *Page) pickSort() tea.Cmd {
	current, desc := p.table.Sort()
	var items []choose.Item
	for _, c := range columns(p.grouping, p.th) {
		item := choose.Item{ID: c.ID, Title: strings.ToLower(c.Title)}
		if c.ID == current {
			item.Right = map[bool]string{false: p.th.Glyphs.Up, true: p.th.Glyphs.Down}[desc]
			item.Desc = "is sorted by; choose again to reverse"
		}
		items = append(items, item)
	}
	return shell.OpenDialog(dialog.NewPicker(p.th, "Sort by", items, func(r dialog.Result) tea.Cmd {
		if r.OK {
			p.table.SortBy(r.Choice, r.Choice == current && !desc)
		}
		return nil
	}))
}

func (p *Page) sortCommand(args string) tea.Cmd {
	args = strings.ToLower(strings.TrimSpace(args))
	if args == "" {
		return p.pickSort()
	}
	var ids []string
	for _, c := range columns(p.grouping, p.th) {
		ids = append(ids, c.ID)
		if strings.HasPrefix(c.ID, args) || strings.HasPrefix(strings.ToLower(c.Title), args) {
			current, desc := p.table.Sort()
			p.table.SortBy(c.ID, c.ID == current && !desc)
			return nil
		}
	}
	return shell.Toast(theme.Bad, fmt.Sprintf("there is no column %q; there are %s", args, strings.Join(ids, ", ")))
}

// copy puts the bindings that are marked, or the one under the cursor, into the clipboard.
func (p *Page) copy() tea.Cmd {
	var lines []string
	for _, r := range p.table.MarkedOrCurrent() {
		lines = append(lines, line(r))
	}
	what := count(len(lines), "line")
	if len(lines) == 1 {
		what = lines[0]
	}
	return deck.Copy(strings.Join(lines, "\n"), what)
}

// line is a row as text.
func line(r *row) string {
	switch {
	case r.made() && r.subject.Kind != "":
		return r.binding.Ref(r.subject).String()
	case r.made():
		return fmt.Sprintf("%s → %s", r.binding, r.binding.Role)
	}
	return strings.TrimSpace(fmt.Sprintf("rule %s: %s", r.rule, strings.TrimSuffix(r.trouble, ".")))
}

// whoCan asks for the view of who may do something, where the cursor is.
func (p *Page) whoCan() deck.ShowWhoCan {
	r, ok := p.table.Current()
	if !ok || !r.made() {
		return deck.ShowWhoCan{}
	}
	return deck.ShowWhoCan{Namespace: r.binding.Namespace}
}

func (p *Page) showGaps() tea.Cmd {
	var body []string
	for _, n := range p.allNotices() {
		body = append(body, n.text)
	}
	if len(body) == 0 {
		body = []string{"All roles and bindings could be read."}
	}
	return shell.OpenDialog(dialog.NewMessage(p.th, "What limits the list", body, nil, nil))
}
