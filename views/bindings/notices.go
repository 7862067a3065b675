package bindings

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/views/deck"
)

// facts are what the notices and the empty list say of what was read.
type facts struct {
	system  int      // bindings that are hidden at first
	rows    int      // their rows
	missing []string // roles of the catalogue that the cluster does not have
	people  bool     // somebody has rights on VMs, the system aside
	workers bool     // one of them is not an administrator of the whole cluster
	blind   bool     // no binding may be read
	gaps    []string
}

func factsOf(s binding.State, rows []*row) facts {
	f := facts{gaps: s.World.GapsIn("")}
	system := map[string]bool{}
	for _, r := range rows {
		acts := len(r.grants.ids) > 0 && actionWords(r.grants.ids) != nil
		switch {
		case r.system:
			f.rows++
			system[r.binding.UID] = true
		case r.made() && acts && r.subject.Kind != "":
			f.people = true
			f.workers = f.workers || r.grants.text != wordEverything || r.where != everywhere
		}
	}
	f.system = len(system)
	for _, role := range rbac.Catalogue() {
		if s.World.Stand(role) == binding.Missing {
			f.missing = append(f.missing, role.Name)
		}
	}
	f.blind = slices.Contains(s.World.Unread, "") && len(s.World.Bindings) == 0 &&
		!slices.ContainsFunc(s.World.Namespaces, func(ns string) bool { return !slices.Contains(s.World.Unread, ns) })
	return f
}

// notices are those there is room for; the command gaps shows all.
func (p *Page) notices() []sheet.Words {
	all := p.allNotices()
	if n := len(all) - sheet.MostNotices; n > 0 {
		all = all[:sheet.MostNotices]
		all[sheet.MostNotices-1].Text = fmt.Sprintf("(+%d, :gaps shows all) %s", n, all[sheet.MostNotices-1].Text)
	}
	return all
}

// allNotices lists what limits the list at the moment, most important first. An empty list says it at length instead.
func (p *Page) allNotices() []sheet.Words {
	if p.list.Total() == 0 || p.state.At.IsZero() {
		return nil
	}
	all := p.ageNotices()
	if err := p.state.RulesErr; err != nil && !errors.Is(err, binding.ErrNotInstalled) {
		all = append(all, sheet.Warn(binding.ExplainRules(err)))
	}
	for _, gap := range p.facts.gaps {
		all = append(all, sheet.Warn(gap))
	}
	if p.list.Visible() == 0 {
		return all
	}
	switch n := len(p.facts.missing); {
	case !p.facts.workers && p.facts.people:
		all = append(all, sheet.Warn("Only administrators of the whole cluster have rights on VMs so far. "+p.firstSteps()))
	case n > 0:
		all = append(all, sheet.Dim(fmt.Sprintf("Of vmdeck's roles this cluster lacks %s. m shows and installs them.", text.Listed(p.facts.missing, 2))))
	}
	return all
}

// firstSteps leads from a cluster without roles to the first rule.
func (p *Page) firstSteps() string {
	if len(p.facts.missing) > 0 {
		return "m installs vmdeck's roles, then n makes a rule."
	}
	return "n makes a rule."
}

// ageNotices say that the list may be old, since when, and what can be done.
func (p *Page) ageNotices() []sheet.Words {
	if n, ok := deck.ConnectionNotice(p.deck.Cluster.Health().Status(), p.now, "the list is as of "+p.age()+" ago"); ok {
		return []sheet.Words{n}
	}
	if p.state.Err != nil {
		return []sheet.Words{sheet.Bad(fmt.Sprintf("The list is as of %s ago. %s", p.age(), kube.Explain(p.state.Err, "Reading it again")))}
	}
	return nil
}

// age is how old what is shown is.
func (p *Page) age() string {
	if p.state.At.IsZero() {
		return text.Age(0)
	}
	return text.Age(max(0, p.now.Sub(p.state.At).Truncate(time.Second)))
}
