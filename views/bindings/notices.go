package bindings

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// facts are what the notices and the empty list say of what was read.
type facts struct {
	system  int      // rows that are hidden at first
	missing []string // roles of the catalogue that the cluster does not have
	people  bool     // somebody has rights on VMs, the system aside
	workers bool     // one of them is not an administrator of the whole cluster
	blind   bool     // no binding may be read
	gaps    []string
}

func factsOf(s binding.State, rows []*row) facts {
	f := facts{gaps: s.World.GapsIn("")}
	for _, r := range rows {
		acts := len(r.grants.ids) > 0 && actionWords(r.grants.ids) != nil
		switch {
		case r.system:
			f.system++
		case r.made() && acts && r.subject.Kind != "":
			f.people = true
			f.workers = f.workers || r.grants.text != wordEverything || r.where != everywhere
		}
	}
	for _, role := range rbac.Catalogue() {
		if s.World.Stand(role) == binding.Missing {
			f.missing = append(f.missing, role.Name)
		}
	}
	f.blind = slices.Contains(s.World.Unread, "") && len(s.World.Bindings) == 0 &&
		!slices.ContainsFunc(s.World.Namespaces, func(ns string) bool { return !slices.Contains(s.World.Unread, ns) })
	return f
}

// notice is a line above the list that says in what way the list is not the whole truth, or what to do about it.
type notice struct {
	tone theme.Tone
	text string
}

// maxNotices keeps the list in sight where much is wrong at once; the command gaps shows all.
const maxNotices = 2

func (p *Page) notices() []notice {
	all := p.allNotices()
	if n := len(all) - maxNotices; n > 0 {
		all = all[:maxNotices]
		all[maxNotices-1].text = fmt.Sprintf("(+%d, :gaps shows all) %s", n, all[maxNotices-1].text)
	}
	return all
}

// allNotices lists what limits the list at the moment, most important first. An empty list says it at length instead.
func (p *Page) allNotices() []notice {
	if p.table.Total() == 0 || p.state.At.IsZero() {
		return nil
	}
	all := p.ageNotices()
	if err := p.state.RulesErr; err != nil && !errors.Is(err, binding.ErrNotInstalled) {
		all = append(all, notice{theme.Warn, binding.ExplainRules(err)})
	}
	for _, gap := range p.facts.gaps {
		all = append(all, notice{theme.Warn, gap})
	}
	if p.table.Visible() == 0 {
		return all
	}
	switch n := len(p.facts.missing); {
	case !p.facts.workers && p.facts.people:
		all = append(all, notice{theme.Warn, "Only administrators of the whole cluster have rights on VMs so far. " + p.firstSteps()})
	case n > 0:
		all = append(all, notice{theme.Dim, fmt.Sprintf("Of vmdeck's roles this cluster lacks %s. m shows and installs them.", listed(p.facts.missing, 2))})
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
func (p *Page) ageNotices() []notice {
	status := p.deck.Cluster.Health().Status()
	since := text.Age(max(0, p.now.Sub(status.Since)))
	switch {
	case status.State == kube.Lost:
		return []notice{{theme.Bad, fmt.Sprintf("Connection lost %s ago: the list is as of %s ago. R tries now. %s", since, p.age(), status.Reason)}}
	case status.State == kube.Expired:
		return []notice{{theme.Bad, fmt.Sprintf("Login no longer accepted for %s: the list is as of %s ago. Log in again; R tries now.", since, p.age())}}
	case p.state.Err != nil:
		return []notice{{theme.Bad, fmt.Sprintf("The list is as of %s ago. %s", p.age(), kube.Explain(p.state.Err, "Reading it again"))}}
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
