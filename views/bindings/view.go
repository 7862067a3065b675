package bindings

import (
	"fmt"
	"strings"
	"time"

	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// View implements shell.Page. What it shows is read from the first time on that it is looked at.
func (p *Page) View(w, h int) string {
	if !p.asked {
		p.asked = true
		p.take(p.deck.Rights())
	}
	lines := sheet.Notices(p.th, p.notices(), w)
	if p.list.Visible() > 0 || p.list.Total() > 0 && p.list.Query.Typing() {
		lines = append(lines, text.Block(p.statusView(w), w, 1))
	}
	if p.list.Query.Lines() > 0 {
		lines = append(lines, p.queryView(w))
	}
	if rest := h - len(lines); rest > 0 {
		lines = append(lines, p.body(w, rest))
	}
	return text.Block(strings.Join(lines, "\n"), w, h)
}

func (p *Page) body(w, h int) string {
	if p.list.Visible() > 0 {
		return p.list.View(w, h, time.Time{}) // no column tells time
	}
	return sheet.Instead(p.th, w, h, p.emptyText)
}

// above is how many lines stand over the table while it has rows.
func (p *Page) above() int { return len(p.notices()) + 1 + p.list.Query.Lines() }

// statusView says how the list is put together and what it leaves out.
func (p *Page) statusView(w int) string {
	parts := []string{fmt.Sprintf("%s for %s", text.Count(p.shown.bindings, "binding"), text.Count(p.shown.subjects, "subject"))}
	switch {
	case p.system && p.facts.system > 0:
		parts = append(parts, "the system's own shown (t)")
	case p.facts.system > 0:
		parts = append(parts, fmt.Sprintf("%d of the system's own hidden (t)", p.facts.system))
	}
	head := " " + strings.ToUpper(p.grouping.String()[:1]) + p.grouping.String()[1:]
	rest := "   " + strings.Join(parts, "   ")
	return p.th.Paint(theme.Strong, text.Truncate(head, w, "")) + p.th.Paint(theme.Dim, text.Truncate(rest, max(w-text.Width(head), 0), p.th.Glyphs.Ellipsis))
}

func (p *Page) queryView(w int) string {
	remark, tone := fmt.Sprintf("%d of %d", p.list.Visible(), p.list.Total()-p.hidden()), theme.Dim
	if p.filterErr != nil && p.list.Visible() > 0 { // an empty list says it at length
		remark, tone = p.filterErr.Error(), theme.Bad
	}
	return p.list.Query.Beside(remark, tone, w)
}

// hidden is how many rows are left out whatever the query says.
func (p *Page) hidden() int {
	if p.system {
		return 0
	}
	return p.facts.rows
}
