package validation

import (
	"time"

	"vmdeck.dev/vmdeck/kube/check"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// Mark is how a verdict appears: a symbol, a tone and a word.
func Mark(g theme.Glyphs, v check.Verdict) (symbol string, tone theme.Tone, word string) {
	switch v {
	case check.Pass:
		return g.Mark, theme.Good, "pass"
	case check.Warn:
		return g.Warn, theme.Warn, "warn"
	case check.Fail:
		return g.Cross, theme.Bad, "fail"
	case check.NotPermitted:
		return g.Ring, theme.Info, "not permitted"
	}
	return g.None, theme.Dim, "not applicable"
}

// Heading is the name of a group of checks.
func Heading(group string) string {
	return map[string]string{
		check.Platform: "Platform", check.Roles: "Roles", check.Bindings: "Bindings", check.Access: "Rights", check.Identity: "Identity",
		check.Network: "Network", check.Namespaces: "Namespaces", check.Templates: "Templates", check.Storage: "Storage", check.Profile: "Profile",
	}[group]
}

// worst are the verdicts in the order in which they deserve to be looked at.
func worst() []check.Verdict {
	return []check.Verdict{check.Fail, check.Warn, check.NotPermitted, check.Pass, check.NotApplicable}
}

func problem(v check.Verdict) bool { return v == check.Fail || v == check.Warn }

// ago is how long something is past. It is exact to the ten seconds in the first minute, so that the screen does not change each second.
func ago(d time.Duration) string {
	if d < time.Minute {
		d = d.Truncate(10 * time.Second)
	}
	return text.Age(d) + " ago"
}

// next is what helps most: the first failure that something can be done about, or else the first warning. The order of checks is that
// in which one thing stands on another.
func next(rows []*row) *row {
	for _, v := range []check.Verdict{check.Fail, check.Warn} {
		for _, r := range rows {
			if r.result != nil && r.result.Verdict == v && r.result.Fix.Text != "" {
				return r
			}
		}
	}
	return nil
}

// next is what the page leads to: for those who may do nothing, their own rights.
func (p *Page) next() *row {
	if p.nothing() {
		return p.of("access.own")
	}
	return next(p.rows)
}

// count is how many results have a verdict.
func (p *Page) count(v check.Verdict) int {
	n := 0
	for _, r := range p.rows {
		if r.result != nil && r.result.Verdict == v {
			n++
		}
	}
	return n
}

// nothing tells whether the checks have found that the user may do nothing with VMs, and may not see who could.
func (p *Page) nothing() bool {
	if p.whom.who != nil || p.last.all.IsZero() {
		return false
	}
	own, people := p.of("access.own"), p.of("bindings.personas")
	return own != nil && own.result.Verdict == check.Fail && own.result.Matrix != nil && !allowed(*own.result.Matrix) &&
		people != nil && people.result.Verdict == check.NotPermitted
}

// of is the first result of a check; nil: it has none.
func (p *Page) of(id string) *row {
	for _, r := range p.rows {
		if r.check.ID == id && r.result != nil {
			return r
		}
	}
	return nil
}

// allowed tells whether anything is, anywhere.
func allowed(m check.Matrix) bool {
	for _, place := range m.Places {
		for _, c := range place.Cells {
			if c.Got == rbac.Allowed {
				return true
			}
		}
	}
	return false
}

// alone tells whether the page for those who may do nothing stands in place of the list.
func (p *Page) alone() bool { return !p.browsing && p.run == nil && p.nothing() }

// report is what the page shows, for a file or a ticket.
func (p *Page) report() check.Report {
	r := check.Report{Context: p.deck.Cluster.Target().Context, As: p.whom.who, Time: p.last.at}
	r.User.User = p.deck.User()
	for _, row := range p.rows {
		if row.result != nil {
			r.Results = append(r.Results, *row.result)
		}
	}
	if n := p.next(); n != nil {
		r.Next = &check.Step{Result: n.result.ID, Why: n.result.Summary, Fix: n.result.Fix}
	}
	return r
}
