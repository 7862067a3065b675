package rights

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// ticks is how often a page follows the clock: seldom while only the age of an answer grows.
func ticks(d *deck.Deck) time.Duration {
	if d.Cluster.Health().Status().State == kube.Live {
		return 10 * time.Second
	}
	return time.Second
}

// View implements shell.Page.
func (p *WhoCan) View(w, h int) string {
	lines := p.above(w)
	foot := []string{p.th.Paint(theme.Dim, text.Fit(" "+p.source(), w, p.th.Glyphs.Ellipsis))}
	if p.state.At.IsZero() || h < len(lines)+3 {
		foot = nil
	}
	if rest := h - len(lines) - len(foot); rest > 0 {
		lines = append(lines, p.body(w, rest))
	}
	return text.Block(strings.Join(append(lines, foot...), "\n"), w, h)
}

// above is what stands over the table.
func (p *WhoCan) above(w int) []string {
	notices := troubles(p.deck, p.state, p.now)
	if p.list.Visible() > 0 { // an empty list says it at length
		notices = append(notices, warnings(p.state.World.GapsIn(p.namespace))...)
	}
	lines := append([]string{heading(p.th, p.questionText(), p.countText(), w)}, sheet.Notices(p.th, notices, w)...)
	if p.list.Query.Lines() > 0 {
		lines = append(lines, " "+p.list.Query.View(max(w-2, 1)))
	}
	return lines
}

func (p *WhoCan) questionText() string {
	where := "in " + p.namespace
	if p.namespace == "" {
		where = "everywhere, or in single namespaces"
	}
	return fmt.Sprintf("Who can %s %s", actionText(p.need.ID, p.need.Title), where)
}

// actionText is an action in the middle of a sentence about VMs.
func actionText(id, title string) string {
	if id == "cancel-migration" {
		return "cancel migrations"
	}
	return text.Lower(title) + " VMs"
}

func (p *WhoCan) countText() string {
	switch total := p.list.Total(); {
	case p.loading, total == 0:
		return ""
	case p.list.Query.Value() != "":
		return fmt.Sprintf("%d of %d", p.list.Visible(), total)
	default:
		return fmt.Sprintf("%d found", total)
	}
}

func (p *WhoCan) body(w, h int) string {
	if p.list.Visible() > 0 {
		return p.list.View(w, h, p.now)
	}
	title, lines := p.emptyText()
	return sheet.Instead(p.th, w, h, func(s *sheet.Sheet) { s.Say(title, lines...) })
}

func (p *WhoCan) emptyText() (title string, lines []string) {
	switch {
	case p.state.At.IsZero():
		return unread(p.deck, p.state)
	case p.loading:
		return "Looking" + p.th.Glyphs.Ellipsis, nil
	case p.list.Total() > 0:
		return "Nothing matches.", []string{fmt.Sprintf("%d are hidden by the filter %s.", p.list.Total(), p.list.Query.Value()), "esc clears the filter."}
	case len(p.state.World.GapsIn(p.namespace)) > 0:
		return "Nobody, as far as the bindings that you may read say.", slices.Concat([]string{"It takes " + missing(p.need.Perms) + "."}, p.state.World.GapsIn(p.namespace))
	default:
		return "Nobody, as far as roles and bindings say.", []string{"It takes " + missing(p.need.Perms) + ".", "a chooses another action, n another namespace."}
	}
}
