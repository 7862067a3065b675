package templates

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

const (
	sideFrom  = 110 // the width from which the template stands beside the list
	belowFrom = 14  // the height from which it stands below
)

// View implements shell.Page.
func (p *Page) View(w, h int) string {
	lines := sheet.Notices(p.th, p.notices(), w)
	lines = append(lines, p.list.FilterView(w)...)
	if rest := h - len(lines); rest > 0 {
		lines = append(lines, p.body(w, rest))
	}
	return text.Block(strings.Join(lines, "\n"), w, h)
}

// above is how many lines stand over the table.
func (p *Page) above() int { return min(len(p.notices()), sheet.MostNotices) + p.list.Query.Lines() }

func (p *Page) body(w, h int) string {
	current, ok := p.list.Current()
	switch {
	case p.list.Visible() == 0 || !ok:
		return sheet.Instead(p.th, w, h, p.empty)
	case w >= sideFrom:
		left := w * 55 / 100
		return p.beside(p.list.View(left, h, time.Time{}), p.pane(current, w-left-3, h))
	case h >= belowFrom:
		list := min(p.list.Visible()+2, h/2)
		rule := p.th.Paint(theme.Dim, text.Fit(" "+strings.Repeat(p.th.Glyphs.HLine, max(w-2, 0)), w, ""))
		pane := p.pane(current, w-2, h-list-1)
		for i := range pane {
			pane[i] = " " + pane[i]
		}
		return p.list.View(w, list, time.Time{}) + "\n" + rule + "\n" + strings.Join(pane, "\n")
	}
	return p.list.View(w, h, time.Time{})
}

// beside puts the template next to the list.
func (p *Page) beside(list string, pane []string) string {
	lines := strings.Split(list, "\n")
	bar := " " + p.th.Paint(theme.Dim, p.th.Glyphs.Side) + " "
	for i := range lines {
		lines[i] += bar
		if i < len(pane) {
			lines[i] += pane[i]
		}
	}
	return strings.Join(lines, "\n")
}

// pane is the template under the cursor in at most h lines.
func (p *Page) pane(t template.Template, w, h int) []string {
	s := &sheet.Sheet{Theme: p.th, Width: w}
	s.Raw(p.th.Paint(theme.Strong, text.Truncate(text.Clean(t.Title), w, p.th.Glyphs.Ellipsis)))
	if t.Description != "" {
		s.Para(0, sheet.Plain(t.Description))
	}
	s.Gap()
	s.Fields(facts(t, p.th.Glyphs))
	if v := launching(p.deck); v.Cause == vm.Permission {
		s.Gap()
		s.Para(0, sheet.Warn("Launch: "+v.Reason+"."))
	}
	out := make([]string, 0, h)
	for _, l := range s.Lines[:min(len(s.Lines), h)] {
		out = append(out, l.Shown)
	}
	if len(s.Lines) > h && h > 0 {
		out[h-1] = p.th.Paint(theme.Dim, p.th.Glyphs.Ellipsis+" enter shows the rest")
	}
	return out
}

// notices say in what way the page is not the whole truth.
func (p *Page) notices() []sheet.Words {
	var out []sheet.Words
	if n, ok := deck.ConnectionNotice(p.deck.Cluster.Health().Status(), p.now, "the catalogue is from before"); ok && !p.state.At.IsZero() {
		out = append(out, n)
	} else if p.state.Err != nil && !p.state.At.IsZero() {
		out = append(out, sheet.Warn("The catalogue may be old: "+p.state.Err.Error()))
	}
	return append(out, eyesNotice(p.deck)...)
}

// eyesNotice says that what is offered is not the user's own.
func eyesNotice(d *deck.Deck) []sheet.Words {
	eyes := d.Eyes()
	if eyes == nil {
		return nil
	}
	return []sheet.Words{sheet.Warn("Looking as " + eyes.Name() + ". Nothing is done, whatever you press.")}
}

// empty says why there is nothing to choose from, and what brings it.
func (p *Page) empty(s *sheet.Sheet) {
	status := p.deck.Cluster.Health().Status()
	switch {
	case p.list.Total() > 0:
		s.Say("No template matches.", fmt.Sprintf("%d are hidden by the filter %s.", p.list.Total(), p.list.Query.Value()), "esc clears the filter.")
	case errors.Is(p.state.Err, template.ErrNoKind):
		s.Say("This cluster has no VM templates yet.",
			"A cluster profile with the pack virtual-machine-orchestrator brings the kind VmTemplate and three samples: alpine, cirros and ubuntu-2204.")
		s.Gap()
		s.Para(0, sheet.Plain("p shows the profiles: apply one there, or make one. This page follows by itself."))
	case errors.Is(p.state.Err, template.ErrForbidden):
		d := rbac.Deny("", template.Reads()...)
		s.Say("You may not list VM templates.", lacking(p.deck, vm.Verdict{Decision: d})...)
		s.Gap()
		s.Para(0, sheet.Plain("The role "+rbac.RoleListVMTemplates+" is one of the two that every user needs. R asks again."))
	case p.state.At.IsZero() && status.State == kube.Expired:
		s.Say("The login is not accepted.", status.Reason, "vmdeck goes on by itself once that has worked. R tries now, C chooses another context.")
	case p.state.At.IsZero() && status.State == kube.Lost:
		s.Say("The API server does not answer.", status.Reason, "Trying again by itself. R tries now, C chooses another context.")
	case p.state.At.IsZero() && p.state.Err != nil:
		s.Say("The templates could not be read.", p.state.Err.Error(), "Trying again by itself. R tries now.")
	case p.state.At.IsZero():
		s.Say("Loading the templates"+p.th.Glyphs.Ellipsis, "from context "+p.deck.Cluster.Target().Context)
	default:
		s.Say("The catalogue is empty.", "Templates come with a cluster profile that has the pack virtual-machine-orchestrator, or are made here.")
		s.Gap()
		if v := writing(p.deck, "create"); v.Offered() {
			s.Para(0, sheet.Plain("n makes one, p shows the profiles."))
		} else {
			s.Para(0, sheet.Plain("p shows the profiles. Making one here "+v.Reason+"."))
		}
	}
}
