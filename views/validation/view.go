package validation

import (
	"fmt"
	"strings"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/check"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

const (
	sideFrom  = 110 // the width from which the result stands beside the list
	listWidth = 64  // of the list then, without findings
	belowFrom = 13  // the height from which the result stands below the list
)

// View implements shell.Page.
func (p *Page) View(w, h int) string {
	p.seen = true
	if w <= 0 || h <= 0 {
		return ""
	}
	if beside := w >= sideFrom; beside != p.side {
		p.arrange(beside)
	}
	lines := p.notices(w)
	lines = append(lines, p.statusView(w), p.nextView(w))
	if p.list.Query.Lines() > 0 {
		lines = append(lines, p.queryView(w))
	}
	if rest := h - len(lines); rest > 0 {
		lines = append(lines, p.body(w, rest))
	}
	return text.Block(strings.Join(lines, "\n"), w, h)
}

// above is how many lines stand over the table.
func (p *Page) above() int { return len(p.notices(1)) + 2 + p.list.Query.Lines() }

func (p *Page) body(w, h int) string {
	if title, lines := p.instead(); title != "" {
		return p.page(title, lines, w, h)
	}
	current := p.current()
	switch {
	case p.list.Visible() == 0:
		return p.page(p.emptyTitle(), []string{"esc shows all checks."}, w, h)
	case p.side && current != nil:
		left := max(listWidth, w*45/100)
		return p.beside(p.list.View(left, h, time.Time{}), p.pane(current, w-left-2, h), h)
	case h >= belowFrom && current != nil:
		below := min(h*2/5, 16)
		rule := p.th.Paint(theme.Dim, text.Fit(" "+strings.Repeat(p.th.Glyphs.HLine, max(w-2, 0)), w, ""))
		return strings.Join([]string{p.list.View(w, h-below-1, time.Time{}), rule, p.pane(current, w, below)}, "\n")
	}
	return p.list.View(w, h, time.Time{})
}

// beside puts two blocks of h lines next to each other.
func (p *Page) beside(left, right string, h int) string {
	a, b := strings.Split(left, "\n"), strings.Split(right, "\n")
	bar := " " + p.th.Paint(theme.Dim, p.th.Glyphs.Side)
	for i := range h {
		a[i] += bar + b[i]
	}
	return strings.Join(a, "\n")
}

// notices say in what way the page is not the whole truth.
func (p *Page) notices(w int) []string {
	var out []string
	add := func(tone theme.Tone, s string) {
		out = append(out, p.th.Paint(tone, text.Fit(" "+text.Clean(s), w, p.th.Glyphs.Ellipsis)))
	}
	status := p.deck.Cluster.Health().Status()
	since := func() string { return text.Age(max(p.now.Sub(status.Since), 0)) }
	switch {
	case p.last.all.IsZero() && len(p.found) == 0:
	case status.State == kube.Lost:
		add(theme.Bad, fmt.Sprintf("Connection lost %s ago: the results are as of %s. R tries now. %s", since(), p.asOf(), status.Reason))
	case status.State == kube.Expired:
		add(theme.Bad, fmt.Sprintf("Login no longer accepted for %s: the results are as of %s. Log in again; R tries now.", since(), p.asOf()))
	case p.last.err != nil:
		add(theme.Warn, fmt.Sprintf("The results are as of %s. %s", p.asOf(), kube.Explain(p.last.err, "check again")))
	}
	if eyes := p.deck.Eyes(); eyes != nil && p.whom.who == nil {
		add(theme.Warn, fmt.Sprintf("You look as %s, but the checks are about yourself: u checks for %s.", eyes.Name(), eyes.Name()))
	}
	return out
}

// asOf is how old the oldest of the results is.
func (p *Page) asOf() string {
	oldest := p.now
	for _, f := range p.found {
		if f.at.Before(oldest) {
			oldest = f.at
		}
	}
	return p.age(oldest)
}

// statusView says for whom the checks are, what came of them, and when.
func (p *Page) statusView(w int) string {
	head := " For " + text.Clean(p.forWhom())
	if len(p.namespaces) > 0 {
		head += " in " + text.Clean(text.Listed(p.namespaces, 2))
	}
	var counts []string
	for _, v := range worst()[:4] {
		symbol, tone, word := Mark(p.th.Glyphs, v)
		if n := p.count(v); n > 0 {
			counts = append(counts, p.th.Paint(tone, symbol)+fmt.Sprintf(" %d %s", n, word))
		}
	}
	right := strings.Join(counts, "  ")
	switch {
	case p.run != nil:
		right += "   " + p.th.Paint(theme.Info, p.th.Glyphs.Half) + fmt.Sprintf(" %d of %d ", p.run.done, p.run.total)
	case len(p.found) > 0:
		right += "   " + p.th.Paint(theme.Dim, p.asOf()) + " "
	}
	room := max(w-text.Width(right)-2, min(w, 16))
	return text.Block(p.th.Paint(theme.Strong, text.Fit(head, room, p.th.Glyphs.Ellipsis))+"  "+right, w, 1)
}

func (p *Page) forWhom() string {
	switch {
	case p.whom.who != nil:
		return p.whom.name
	case p.whom.subject != nil:
		return "you and " + p.whom.name
	}
	return p.deck.User() + " (you)"
}

// nextView is the one line on what to do.
func (p *Page) nextView(w int) string {
	n := p.next()
	switch {
	case p.alone(): // it is said at length below
		return text.Spaces(w)
	case len(p.found) == 0 && p.run != nil:
		return p.th.Paint(theme.Dim, text.Fit(" Checking"+p.th.Glyphs.Ellipsis, w, ""))
	case len(p.found) == 0:
		return text.Spaces(w)
	case n == nil:
		said, tone := " Nothing has to be done.", theme.Good
		if closed := p.count(check.NotPermitted); closed > 0 {
			said, tone = fmt.Sprintf(" Nothing has to be done, as far as you may look: %s not permitted.", verb(closed)), theme.Info
		}
		return p.th.Paint(tone, text.Fit(said, w, p.th.Glyphs.Ellipsis))
	}
	hint := "  (n goes there)"
	if c := p.current(); c != nil && c.id == n.id {
		if hint = ""; n.result.Fix.Open != nil {
			hint = "  (f opens it)"
		} else if n.result.Fix.Command != "" {
			hint = "  (f copies the command)"
		}
	}
	label := " Next: "
	said := text.Clean(n.result.Summary + " " + n.result.Fix.Text)
	said = text.Truncate(said, max(w-text.Width(label+hint)-1, 0), p.th.Glyphs.Ellipsis)
	return text.Block(p.th.Paint(theme.Accent, label)+said+p.th.Paint(theme.Dim, hint), w, 1)
}

func (p *Page) queryView(w int) string {
	right := fmt.Sprintf("%d of %d", p.list.Visible(), len(p.rows))
	room := max(12, min(text.Width(p.list.Query.Value())+12, w/2))
	return text.Block(" "+p.list.Query.View(max(min(room, w-1), 1))+" "+p.th.Paint(theme.Dim, right), w, 1)
}

// verb reads "1 check is", "3 checks are".
func verb(n int) string {
	if n == 1 {
		return "1 check is"
	}
	return text.Count(n, "check") + " are"
}
