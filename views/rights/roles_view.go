package rights

import (
	"fmt"
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// View implements shell.Page.
func (p *Roles) View(w, h int) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	p.place(w)
	lines := append([]string{heading(p.th, "What each role permits", p.rangeText(), w)}, sheet.Notices(p.th, p.notices(), w)...)
	lines = append(lines, p.names(w)...)
	g := &p.grid
	g.y = len(lines)
	rows, room := p.lines(true), h-len(lines)
	if room < len(rows)+leastPane {
		rows = p.lines(false)
	}
	pane := min(max(room-len(rows), min(leastPane, room/3)), mostPane)
	body := min(room-pane, len(rows))
	p.scroll(rows, body)
	g.shown = rows[g.top:min(g.top+max(body, 0), len(rows))]
	for _, l := range g.shown {
		if l.group != "" {
			lines = append(lines, p.th.Paint(theme.Dim, " "+l.group))
		} else {
			lines = append(lines, p.action(l.need, w))
		}
	}
	lines = append(lines, p.pane(w, h-len(lines))...)
	return text.Block(strings.Join(lines, "\n"), w, h)
}

// scroll keeps the line with the cursor on the screen.
func (p *Roles) scroll(rows []line, body int) {
	at := slices.IndexFunc(rows, func(l line) bool { return l.group == "" && l.need == p.row })
	g := &p.grid
	g.top = max(min(g.top, at), at-body+1, 0)
	g.top = max(min(g.top, len(rows)-body), 0)
}

func (p *Roles) notices() []sheet.Words {
	if p.busy != "" {
		return []sheet.Words{{Text: p.busy + p.th.Glyphs.Ellipsis, Tone: theme.Info}}
	}
	all := troubles(p.deck, p.state, p.now)
	if !p.known() {
		if p.state.Err != nil && len(all) == 0 {
			all = append(all, sheet.Warn(kube.Explain(p.state.Err, "reading the cluster's roles, so the catalogue's are shown")))
		} else if len(all) == 0 {
			all = append(all, sheet.Dim("Reading the cluster's roles"+p.th.Glyphs.Ellipsis+" Until then you see the catalogue's."))
		}
		return all
	}
	all = append(all, warnings(p.roleGaps())...)
	switch absent, differ, total := p.count(binding.Missing), p.count(binding.Differs), len(rbac.Names()); {
	case absent == total:
		all = append(all, sheet.Warn("None of the catalogue's roles is on this cluster. I installs them."))
	case absent+differ > 0:
		all = append(all, sheet.Warn(fmt.Sprintf("Of the catalogue's %d roles: %d absent, %d different. I compares and installs.", total, absent, differ)))
	}
	return all
}

// roleGaps says which roles could not be read.
func (p *Roles) roleGaps() []string {
	w := binding.World{Gaps: slices.DeleteFunc(slices.Clone(p.state.World.Gaps), func(g binding.Gap) bool { return !strings.HasSuffix(g.What, "roles") })}
	return w.GapsIn("")
}

func (p *Roles) count(s binding.Standing) int {
	n := 0
	for _, c := range p.columns {
		if c.role != nil && c.standing == s {
			n++
		}
	}
	return n
}

// pane explains the cell under the cursor and its role, as much as fits.
func (p *Roles) pane(w, h int) []string {
	if h < 2 {
		return nil
	}
	c := p.current()
	title := " " + text.Clean(c.name()) + " "
	rule := p.th.Glyphs.HLine
	out := []string{p.th.Paint(theme.Dim, strings.Repeat(rule, 2)) + p.th.Paint(theme.Strong, text.Truncate(title, max(w-4, 0), p.th.Glyphs.Ellipsis)) +
		p.th.Paint(theme.Dim, strings.Repeat(rule, max(w-text.Width(title)-2, 0)))}
	var lines []string
	for _, s := range p.story(c, false) {
		for i, part := range text.Wrap(text.Clean(s.Text), max(w-3, 10)) {
			indent := " "
			if i > 0 {
				indent = "   "
			}
			lines = append(lines, p.th.Paint(s.Tone, indent+part))
		}
	}
	if room := h - 1; len(lines) > room {
		lines = append(lines[:max(room-1, 0)], p.th.Paint(theme.Dim, " "+p.th.Glyphs.Ellipsis+" enter shows all, with the rules"))
	}
	return append(out, lines...)
}

// story says what a cell means and what its role is for; in full, with every difference.
func (p *Roles) story(c column, full bool) []sheet.Words {
	need, g := p.needs[p.row], p.th.Glyphs
	var out []sheet.Words
	if c.cells.Grants(p.row) {
		out = append(out, sheet.Plain(fmt.Sprintf("%s %s is permitted: the role grants %s.", g.Mark, need.Title, missing(need.Perms))))
	} else {
		out = append(out, sheet.Plain(fmt.Sprintf("%s %s is not permitted: the role lacks %s.", g.Cross, need.Title, missing(c.cells.Missing[p.row]))))
	}
	if c.odd(p.row) {
		says := map[bool]string{true: "permits it", false: "does not permit it"}[c.promised.Grants(p.row)]
		out = append(out, sheet.Warn(g.Warn+" The catalogue's role of that name "+says+"."))
	}
	return append(out, p.about(c, full)...)
}

// about says what a role is for, and how it stands on the cluster.
func (p *Roles) about(c column, full bool) []sheet.Words {
	if c.role == nil {
		if c.ref.Kind == rbac.KindRole {
			return []sheet.Words{sheet.Dim(fmt.Sprintf("A role of namespace %s, not of the catalogue; it can be bound there only.", c.ref.Namespace))}
		}
		return []sheet.Words{sheet.Dim("A cluster role of this cluster, not of the catalogue. What counts is what it grants.")}
	}
	role := c.role
	var out []sheet.Words
	switch {
	case !p.known() || c.standing == binding.StandingUnknown:
		out = append(out, sheet.Dim("Whether the cluster has it is not known: what you see is what the catalogue says."))
	case c.standing == binding.Missing:
		out = append(out, sheet.Warn(p.th.Glyphs.Ring+" Not on this cluster: what you see is what the catalogue says. I installs it."))
	case c.standing == binding.Differs:
		out = append(out, p.differences(c, full)...)
	}
	out = append(out, sheet.Plain(role.Title+". "+role.Description))
	if len(role.Restrictions) > 0 {
		out = append(out, sheet.Plain("Restrictions: "+strings.Join(role.Restrictions, "; ")+"."))
	}
	if len(role.PaletteRoles) > 0 {
		out = append(out, sheet.Plain("Palette roles that go with it: "+strings.Join(role.PaletteRoles, " + ")+"."))
	}
	if role.Reading != "" {
		out = append(out, sheet.Dim("Why these rules: "+role.Reading))
	}
	return out
}

// fewDifferences is how many are named where there is little room.
const fewDifferences = 2

func (p *Roles) differences(c column, full bool) []sheet.Words {
	sign := p.th.Glyphs.Warn
	var out []sheet.Words
	for _, part := range []struct {
		title string
		items []string
	}{{"Grants more than the catalogue's: ", c.more}, {"Grants less than the catalogue's: ", c.less}} {
		switch {
		case len(part.items) == 0:
		case full:
			out = append(out, sheet.Warn(sign+" "+part.title))
			for _, item := range part.items {
				out = append(out, sheet.Warn("    "+item))
			}
		default:
			out = append(out, sheet.Warn(sign+" "+part.title+few(part.items)+"."))
		}
	}
	return out
}

// few joins permissions, which have commas themselves.
func few(items []string) string {
	if n := len(items) - fewDifferences; n > 0 {
		return fmt.Sprintf("%s; and %d more", strings.Join(items[:fewDifferences], "; "), n)
	}
	return strings.Join(items, "; ")
}

// click puts the cursor on a cell.
func (p *Roles) click(x, y int) {
	if i := y - p.grid.y; i >= 0 && i < len(p.grid.shown) && p.grid.shown[i].group == "" {
		p.row = p.grid.shown[i].need
	} else if i >= 0 {
		return
	}
	for _, s := range p.grid.xs {
		if x >= s.from-1 && x < s.to {
			p.at = s.column
		}
	}
}
