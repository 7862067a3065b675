package editor

import (
	"fmt"
	"slices"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// checkGroup is what the server said about a subject in namespaces where it said the same.
type checkGroup struct {
	subject rbac.Subject
	places  []string // empty: everywhere
	checks  []binding.Check
}

// checked puts the answers together by subject, and the namespaces in which they are the same.
func checked(v binding.Verification) []checkGroup {
	var single []checkGroup
	for _, c := range v.Checks {
		n := len(single)
		if n == 0 || single[n-1].subject != c.Subject || single[n-1].checks[0].Namespace != c.Namespace {
			single = append(single, checkGroup{subject: c.Subject})
			n++
		}
		single[n-1].checks = append(single[n-1].checks, c)
	}
	var out []checkGroup
	for _, g := range single {
		namespace := g.checks[0].Namespace
		i := slices.IndexFunc(out, func(o checkGroup) bool {
			return o.subject == g.subject && (len(o.places) == 0) == (namespace == "") && slices.EqualFunc(o.checks, g.checks, sameAnswer)
		})
		if i < 0 {
			i = len(out)
			out = append(out, g)
		}
		if namespace != "" {
			out[i].places = append(out[i].places, namespace)
		}
	}
	return out
}

func sameAnswer(a, b binding.Check) bool {
	return a.Need == b.Need && a.Want == b.Want && a.Got == b.Got && (a.Err == nil) == (b.Err == nil)
}

func (g checkGroup) who() string {
	if len(g.places) == 0 {
		return g.subject.String() + ", everywhere"
	}
	return g.subject.String() + " in " + some(g.places, mostNamed)
}

// differences are the sentences on answers that are not as promised.
func (g checkGroup) differences() []string {
	var lacks, keeps, silent []string
	var why error
	for _, c := range g.checks {
		switch {
		case c.OK():
		case c.Err != nil:
			silent, why = append(silent, c.Need), c.Err
		case c.Want == rbac.Allowed:
			lacks = append(lacks, c.Need)
		default:
			keeps = append(keeps, c.Need)
		}
	}
	var out []string
	if len(lacks) > 0 {
		out = append(out, fmt.Sprintf("%s: the server does not allow %s, although the bindings are there. Look at the role's rules, and whether an authorizer other than RBAC denies it.", g.who(), granted(lacks)))
	}
	if len(keeps) > 0 {
		out = append(out, fmt.Sprintf("%s: the server still allows %s. A group, another binding or another authorizer gives it: the who-can view shows which.", g.who(), granted(keeps)))
	}
	if len(silent) > 0 {
		out = append(out, kube.Explain(why, "verify "+g.who()))
	}
	return out
}

// drawRun writes the update for the width of the screen. While it runs, the end is in sight.
func (p *Page) drawRun() {
	switch u := p.update.(type) {
	case *runs:
		p.drawRuns(u)
	case *run:
		p.drawOne(u)
	}
}

func (p *Page) drawOne(r *run) {
	out, l, g := r.snapshot(), p.newLines(), p.th.Glyphs
	l.out = append(l.out, pager.Styled(p.statusLine(out.status, statusWords[out.status], out)))
	l.result(out, r)
	l.heading("Events")
	var all []labelled
	for _, e := range out.events {
		all = append(all, labelled{event: e})
	}
	l.events(all, 0)
	if out.status == updating {
		l.add(words{text: g.Ellipsis, tone: theme.Dim, indent: 10})
	}
	if out.checks != nil && len(out.checks.Checks) > 0 {
		l.verification("Verified by access reviews", *out.checks)
	}
	p.pager.SetTitle("Rule " + r.rule.Name + " on " + p.deck.Cluster.Target().Context)
	p.pager.SetLines(l.out)
}

// statusLine is what a cluster shows, or all of a group: Updating, and then Running.
func (p *Page) statusLine(s status, says string, out outcome) string {
	g := p.th.Glyphs
	look := map[status]struct {
		glyph string
		tone  theme.Tone
	}{
		pending: {g.Ring, theme.Dim}, updating: {g.Half, theme.Warn}, running: {g.Dot, theme.Good},
		differing: {g.Warn, theme.Warn}, failed: {g.Cross, theme.Bad},
	}[s]
	line := p.th.Paint(look.tone, look.glyph+" "+says)
	switch s {
	case pending:
		return line
	case updating:
		return line + p.th.Paint(theme.Dim, "  "+text.Age(max(0, p.now.Sub(out.began))))
	}
	return line + p.th.Paint(theme.Dim, "  after "+text.Age(max(0, out.ended.Sub(out.began))))
}

// result says what differs or failed, and what to do.
func (l *lines) result(out outcome, r *run) {
	switch out.status {
	case differing:
		for _, s := range out.differs {
			l.add(warn(l.th.Glyphs.Warn + " " + s))
		}
		l.add(dim("r reviews the rule again and shows what is left to do."))
	case failed:
		said := "No binding was changed. r reviews the rule again."
		if out.done > 0 {
			left := len(r.plan.Create) + len(r.plan.Change) + len(r.plan.Remove) - out.done
			said = fmt.Sprintf("%s done, %d not. r reviews the rule again: what is left can be resumed.", text.Count(out.done, "step"), left)
		}
		l.add(plain(said))
	}
}

// verification is the table of what the server was asked.
func (l *lines) verification(title string, v binding.Verification) {
	l.heading(title)
	for _, g := range checked(v) {
		wrong := 0
		for _, c := range g.checks {
			if !c.OK() {
				wrong++
			}
		}
		line := words{text: fmt.Sprintf("%s %s: %d of %d as promised", l.th.Glyphs.Mark, g.who(), len(g.checks)-wrong, len(g.checks)), indent: 2}
		if wrong > 0 {
			line.text, line.tone = l.th.Glyphs.Cross+line.text[len(l.th.Glyphs.Mark):], theme.Warn
		}
		l.add(line)
		l.answers(g)
	}
	if v.Skipped > 0 {
		l.add(words{text: fmt.Sprintf("%d more were not asked.", v.Skipped), tone: theme.Dim, indent: 2})
	}
}

// answers lists what a subject may and may not, in the server's words.
func (l *lines) answers(g checkGroup) {
	var may, mayNot, wrong []string
	for _, c := range g.checks {
		switch {
		case !c.OK():
			wrong = append(wrong, c.Need)
		case c.Want == rbac.Allowed:
			may = append(may, c.Need)
		default:
			mayNot = append(mayNot, c.Need)
		}
	}
	for _, part := range []struct {
		label string
		ids   []string
		tone  theme.Tone
	}{{"may: ", may, theme.Dim}, {"may not: ", mayNot, theme.Dim}, {"otherwise than promised: ", wrong, theme.Warn}} {
		if len(part.ids) > 0 {
			l.add(words{text: part.label + granted(part.ids), tone: part.tone, indent: 6})
		}
	}
}
