package profiles

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// View implements shell.Page. What it shows is read from the first time on that it is looked at.
func (p *Page) View(w, h int) string {
	p.look()
	lines := sheet.Notices(p.th, p.notices(), w)
	if p.list.Visible() > 0 || p.list.Total() > 0 && p.list.Query.Typing() {
		lines = append(lines, text.Block(p.statusView(w), w, 1))
	}
	lines = append(lines, p.list.FilterView(w)...)
	if rest := h - len(lines); rest > 0 {
		lines = append(lines, p.body(w, rest))
	}
	return text.Block(strings.Join(lines, "\n"), w, h)
}

func (p *Page) body(w, h int) string {
	if p.list.Visible() > 0 {
		return p.list.View(w, h, p.now.Truncate(time.Second))
	}
	return sheet.Instead(p.th, w, h, p.emptyText)
}

// above is how many lines stand over the table while it has rows.
func (p *Page) above() int {
	return min(len(p.notices()), sheet.MostNotices) + 1 + p.list.Query.Lines()
}

// statusView says what the list is of, and how to put one of it on the cluster.
func (p *Page) statusView(w int) string {
	names, applied := map[string]bool{}, map[string]bool{}
	p.list.Each(func(r *row) {
		names[r.ref.Name] = true
		if r.applied() != "" {
			applied[r.ref.Name] = true
		}
	})
	head := " Add-on layers of " + text.Clean(p.deck.Cluster.Target().Context)
	parts := []string{text.Count(len(names), "profile")}
	if !p.state.UsesAt.IsZero() && kube.Classify(p.state.UsesErr) != kube.KindForbidden {
		parts = append(parts, fmt.Sprintf("%d on the cluster", len(applied)))
	}
	parts = append(parts, "kept in "+p.keeper().Profiles.Where())
	if p.busy != "" {
		parts = append(parts, p.busy+p.th.Glyphs.Ellipsis)
	}
	rest := "   " + text.Clean(strings.Join(parts, "   "))
	return p.th.Paint(theme.Strong, text.Truncate(head, w, p.th.Glyphs.Ellipsis)) + p.th.Paint(theme.Dim, text.Truncate(rest, max(w-text.Width(head), 0), p.th.Glyphs.Ellipsis))
}

// notices lists what limits the list at the moment, most important first. An empty list says it at length instead.
func (p *Page) notices() []sheet.Words {
	if p.list.Total() == 0 || p.state.At.IsZero() && p.state.UsesAt.IsZero() {
		return nil
	}
	all := p.ageNotices()
	if p.deck.Cluster.Health().Status().State == kube.Live { // otherwise it is said already
		all = append(all, p.gaps()...)
	}
	return all
}

// ageNotices say that the list may be old, since when, and what can be done.
func (p *Page) ageNotices() []sheet.Words {
	if n, ok := deck.ConnectionNotice(p.deck.Cluster.Health().Status(), p.now, "the list is as of "+p.age()+" ago"); ok {
		return []sheet.Words{n}
	}
	switch err := p.state.Err; {
	case err == nil:
		return nil
	case errors.Is(err, profile.ErrNotInstalled):
		return []sheet.Words{sheet.Warn("No profiles are kept on this cluster: it does not know their custom resource. " + p.installWay())}
	case kube.Classify(err) == kube.KindForbidden:
		return []sheet.Words{sheet.Warn(profile.ExplainList(err))}
	default:
		return []sheet.Words{sheet.Bad(fmt.Sprintf("The list is as of %s ago. %s", p.age(), profile.ExplainList(err)))}
	}
}

// gaps say what is not known of the cluster.
func (p *Page) gaps() []sheet.Words {
	err := p.state.UsesErr
	switch {
	case err == nil:
		return nil
	case kube.Classify(err) != kube.KindForbidden && !p.state.UsesAt.IsZero():
		return []sheet.Words{sheet.Warn("What is on the cluster may be out of date: " + err.Error() + ".")}
	case kube.Classify(err) != kube.KindForbidden:
		return []sheet.Words{sheet.Warn("What is on the cluster is not known: " + err.Error() + ".")}
	case len(p.state.UsesIn) == 0:
		return []sheet.Words{sheet.Warn("What is on the cluster is not known: " + secretsNeeded + ".")}
	}
	return []sheet.Words{sheet.Dim("Only releases in " + text.Listed(p.state.UsesIn, 3) + " are known: elsewhere " + secretsNeeded + ".")}
}

// age is how old what is shown is.
func (p *Page) age() string {
	if p.state.At.IsZero() {
		return text.Age(0)
	}
	return text.Age(max(0, p.now.Sub(p.state.At).Truncate(time.Second)))
}
