package bindings

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/views/deck"
)

// copy puts the bindings that are marked, or the one under the cursor, into the clipboard.
func (p *Page) copy() tea.Cmd {
	var lines []string
	for _, r := range p.list.MarkedOrCurrent() {
		lines = append(lines, line(r))
	}
	what := text.Count(len(lines), "line")
	if len(lines) == 1 {
		what = p.th.Glyphs.Arrows(lines[0])
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
	r, ok := p.list.Current()
	if !ok || !r.made() {
		return deck.ShowWhoCan{}
	}
	return deck.ShowWhoCan{Namespace: r.binding.Namespace}
}

func (p *Page) showGaps() tea.Cmd {
	var body []string
	for _, n := range p.allNotices() {
		body = append(body, n.Text)
	}
	if len(body) == 0 {
		body = []string{"All roles and bindings could be read."}
	}
	return shell.OpenDialog(dialog.NewMessage(p.th, "What limits the list", body, nil, nil))
}
