package detail

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// tab is one of the sub-tabs.
type tab int

const (
	tabOverview tab = iota
	tabConditions
	tabDisks
	tabNetworks
	tabMigrations
	tabEvents
	tabYAML
	tabCount
)

// tabs describes the sub-tabs. A timed one shows how much time has passed.
var tabs = [tabCount]struct {
	id, title, help string
	timed           bool
	draw            func(*Page, *tabSheet)
}{
	{"overview", "Overview", "Show the VM at a glance", true, func(p *Page, s *tabSheet) { p.facts.overview(s) }},
	{"conditions", "Conditions", "Show what the controllers say about the VM, and what that means", true, func(p *Page, s *tabSheet) { p.facts.conditionsTab(s) }},
	{"disks", "Disks", "Show the VM's disks and volumes", false, func(p *Page, s *tabSheet) { p.facts.disksTab(s) }},
	{"networks", "Networks", "Show the VM's network interfaces", false, func(p *Page, s *tabSheet) { p.facts.networksTab(s) }},
	{"migrations", "Migrations", "Show the VM's live migrations", true, func(p *Page, s *tabSheet) { p.facts.migrationsTab(s) }},
	{"events", "Events", "Show what has happened to the VM, live", true, func(p *Page, s *tabSheet) { p.facts.eventsTab(s) }},
	{"yaml", "YAML", "Show the manifests of the VM and its instance", false, (*Page).yamlTab},
}

// span is where a sub-tab was drawn.
type span struct{ from, to int }

// layout makes the lines of the sub-tab that is shown anew if they are out of date.
func (p *Page) layout() {
	if p.fresh[p.tab] || p.w <= 0 {
		return
	}
	p.fresh[p.tab] = true
	s := &tabSheet{Sheet: sheet.Sheet{Theme: p.th, Width: max(p.w-2, 1)}, now: p.now}
	tabs[p.tab].draw(p, s)
	lines := s.Lines
	if p.gone.how == replaced || p.gone.how == deleted && p.tab != tabEvents {
		lines = grey(p.th, lines)
	}
	if title := p.summary(); title != p.title {
		p.title, p.changed = title, true
	}
	p.pagers[p.tab].SetTitle(p.title)
	if !slices.Equal(lines, p.drawn[p.tab]) {
		p.drawn[p.tab], p.changed = lines, true
		p.pagers[p.tab].SetLines(lines)
	}
}

// grey shows lines as what was.
func grey(th *theme.Theme, lines []pager.Line) []pager.Line {
	out := make([]pager.Line, len(lines))
	for i, l := range lines {
		out[i] = pager.Line{Plain: l.Plain, Shown: th.Paint(theme.Dim, l.Plain)}
	}
	return out
}

// summary is the line above a sub-tab.
func (p *Page) summary() string {
	f := &p.facts
	if !f.loaded && p.tab != tabEvents {
		return "Loading" + p.th.Glyphs.Ellipsis
	}
	switch p.tab {
	case tabOverview:
		return attentionText(f.worries(), "thing")
	case tabConditions:
		return attentionText(len(f.row.Attention), "condition")
	case tabDisks:
		return text.Count(len(f.volumes()), "volume")
	case tabNetworks:
		return text.Count(max(len(f.spec().Domain.Devices.Interfaces), len(f.status().Interfaces)), "interface")
	case tabMigrations:
		return listed(len(f.moves()), "migration")
	case tabEvents:
		return listed(len(f.events), "event")
	default:
		return p.yamlTitle()
	}
}

// listed counts what is sorted by time.
func listed(n int, noun string) string {
	if n == 0 {
		return "No " + noun + "s"
	}
	return text.Count(n, noun) + ", newest first"
}

func attentionText(n int, noun string) string {
	switch n {
	case 0:
		return "Nothing needs attention"
	case 1:
		return "1 " + noun + " needs attention"
	}
	return text.Count(n, noun) + " need attention"
}

// View implements shell.Page.
func (p *Page) View(w, h int) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	if w != p.w {
		p.w = w
		p.stale()
		p.layout()
		p.changed = false
	}
	p.top = p.above(w)
	p.tabLine = strings.Count(p.top, "\n")
	if rest := h - p.tabLine - 1; rest > 0 {
		return text.Block(p.top+"\n"+p.pagers[p.tab].View(w, rest), w, h)
	}
	return text.Block(p.top, w, h)
}

// above draws what stands over the pager: the VM, what limits the page, the sub-tabs.
func (p *Page) above(w int) string {
	lines := append([]string{p.header(w)}, sheet.Notices(p.th, p.notices(), w)...)
	return strings.Join(append(lines, p.tabsView(w)), "\n")
}

// header names the VM and its status.
func (p *Page) header(w int) string {
	r, g := p.row(), p.th.Glyphs
	l := p.facts.looks.Of(r, p.now)
	glyph, tone, status := l.Glyph, l.Tone, l.Text
	switch p.gone.how {
	case deleted:
		glyph, tone, status = g.Cross, theme.Bad, "Deleted"
	case replaced:
		glyph, tone, status = g.Cross, theme.Bad, "Replaced"
	}
	textTone := tone
	if tone == theme.Good {
		textTone = theme.Normal
	}
	left := " " + p.th.Paint(tone, glyph) + " " + p.th.Paint(textTone, status) + "  "
	room := max(w-text.Width(left)-1, 0)
	name, namespace := text.Clean(r.Name), text.Clean(r.Namespace)
	for text.Width(name)+2+text.Width(namespace) > room && text.Width(namespace) > 12 {
		namespace = text.TruncateMiddle(namespace, max(12, text.Width(namespace)-8), g.Ellipsis)
	}
	name = text.TruncateMiddle(name, max(room-2-text.Width(namespace), 8), g.Ellipsis)
	return text.Block(left+p.th.Paint(theme.Strong, name)+"  "+p.th.Paint(theme.Dim, namespace), w, 1)
}

// tabsView draws the sub-tabs; when they do not fit, only the one that is shown.
func (p *Page) tabsView(w int) string {
	var labels [tabCount]string
	total := 1
	for i, t := range tabs {
		labels[i] = t.title + p.badge(tab(i))
		total += text.Width(labels[i]) + 2
	}
	p.spans = [tabCount]span{}
	edge := p.th.Glyphs.VLine
	if total > w {
		label := p.th.Paint(theme.Accent, edge+labels[p.tab]+edge)
		return text.Block(" "+label+" "+p.th.Paint(theme.Dim, fmt.Sprintf("%d of %d, tab shows the next", p.tab+1, tabCount)), w, 1)
	}
	var b strings.Builder
	b.WriteByte(' ')
	x := 1
	for i, label := range labels {
		if tab(i) == p.tab {
			p.th.Append(&b, theme.Accent, edge+label+edge)
		} else {
			b.WriteString(" " + label + " ")
		}
		width := text.Width(label) + 2
		p.spans[i] = span{x, x + width}
		x += width
	}
	return text.Block(b.String(), w, 1)
}

// badge marks a sub-tab that has something to tell.
func (p *Page) badge(t tab) string {
	switch {
	case t == tabConditions && len(p.row().Attention) > 0:
		return fmt.Sprintf(" %s%d", p.th.Glyphs.Warn, len(p.row().Attention))
	case t == tabMigrations && p.row().Migration != nil:
		return " " + p.th.Glyphs.Half
	}
	return ""
}

func (p *Page) click(msg tea.MouseClickMsg) {
	if msg.Button != tea.MouseLeft || msg.Y != p.tabLine {
		return
	}
	if i := slices.IndexFunc(p.spans[:], func(s span) bool { return msg.X >= s.from && msg.X < s.to }); i >= 0 {
		p.show(tab(i))
	}
}

// show changes to a sub-tab. What was revealed is hidden again, since nobody thinks of it later.
func (p *Page) show(t tab) {
	if p.tab != t {
		p.pagers[p.tab].Escape()
		p.manifest.revealed = false
		p.tab = t
		p.stale(t)
	}
}

// open shows a sub-tab that was called by its name, outside of Update.
func (p *Page) open(t tab) tea.Cmd {
	p.show(t)
	cmd := p.colour()
	p.layout()
	return cmd
}

func (p *Page) notices() []sheet.Words {
	var all []sheet.Words
	switch p.gone.how {
	case deleted:
		all = append(all, sheet.Bad(fmt.Sprintf("This VM was deleted %s ago. What you see is from then; esc goes back.", text.Age(max(0, p.now.Sub(p.gone.since))))))
	case replaced:
		all = append(all, sheet.Bad("Another VM has taken this name. What you see is the old one; esc goes back."))
	}
	if n, ok := deck.ConnectionNotice(p.world.Health(), p.now, "what you see is from then, actions are off"); ok {
		all = append(all, n)
	} else if p.gone.how == here {
		all = append(all, p.oldParts()...)
	}
	return all[:min(len(all), sheet.MostNotices)]
}

// oldParts names what could not be read lately, for other reasons than a missing permission, which its place says at length.
func (p *Page) oldParts() []sheet.Words {
	var all []sheet.Words
	for i, part := range p.facts.parts() {
		if part.err == nil || part.forbidden("") != "" {
			continue
		}
		what := "reading " + part.name
		if t := p.fetch.good[i]; !t.IsZero() {
			what = fmt.Sprintf("%s %s old; reading again", part.shown(), text.Age(max(0, p.now.Sub(t))))
		}
		all = append(all, sheet.Warn(kube.Explain(part.err, what)))
	}
	return all
}
