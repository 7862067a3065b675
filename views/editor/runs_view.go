package editor

import (
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// drawRuns writes the update of a group: a line for each cluster, then what happened, in all of them one after the other.
func (p *Page) drawRuns(u *runs) {
	l := p.newLines()
	s, title := u.overall()
	ended := u.began
	for _, share := range u.shares {
		if share.run != nil && share.run.snapshot().ended.After(ended) {
			ended = share.run.snapshot().ended
		}
	}
	l.out = append(l.out, pager.Styled(p.statusLine(s, title, outcome{status: s, began: u.began, ended: ended})))
	if u.ended() && u.left() > 0 {
		l.add(dim("r resumes: it reviews the clusters again and does what is left."))
	}
	l.heading("Clusters")
	width := 0
	for _, name := range u.group.Contexts {
		width = max(width, min(text.Width(text.Clean(name)), l.w/3))
	}
	for _, share := range u.shares {
		p.drawShare(l, share, width)
	}
	l.heading("Events")
	l.events(u.events(), width)
	l.verifications(u)
	p.pager.SetTitle("Rule " + u.rule.Name + " on the group " + u.group.Name)
	p.pager.SetLines(l.out)
}

// drawShare is how one cluster stands, with the reason where it is not as it should be.
func (p *Page) drawShare(l *lines, s share, width int) {
	g := l.th.Glyphs
	name := text.Fit(text.Clean(s.context), width, g.Ellipsis)
	because := func(sentences ...string) {
		for _, line := range sentences {
			l.add(words{text: line, indent: width + 6})
		}
	}
	put := func(line string) { l.out = append(l.out, pager.Styled("  "+line)) }
	switch {
	case s.why != "":
		put(l.th.Paint(theme.Warn, g.None+" "+name+"  Not changed"))
		because(s.why)
	case s.run == nil:
		put(l.th.Paint(theme.Good, g.Dot+" "+name+"  "+statusWords[running]) + l.th.Paint(theme.Dim, "  as the rule says already"))
	default:
		o := s.run.snapshot()
		put(p.statusLine(o.status, name+"  "+statusWords[o.status], o))
		if o.status == failed {
			because(o.failures[:min(len(o.failures), 1)]...)
		}
		because(o.differs...)
	}
}

// labelled is an event with the cluster where it happened.
type labelled struct {
	event
	context string
}

// events are those of all clusters in the order of time.
func (u *runs) events() []labelled {
	var out []labelled
	for _, s := range u.shares {
		if s.run == nil {
			continue
		}
		for _, e := range s.run.snapshot().events {
			out = append(out, labelled{e, s.context})
		}
	}
	slices.SortStableFunc(out, func(a, b labelled) int { return a.at.Compare(b.at) })
	return out
}

// events are lines with the time and, with a width for it, the cluster.
func (l *lines) events(all []labelled, width int) {
	for _, e := range all {
		where := ""
		if width > 0 {
			where = text.Fit(text.Clean(e.context), width, l.th.Glyphs.Ellipsis) + "  "
		}
		before := 10 + text.Width(where)
		for i, line := range wrapped(l.th, []words{{text: e.text, tone: e.tone}}, max(l.w-before, 10)) {
			at := text.Spaces(before)
			if i == 0 {
				at = l.th.Paint(theme.Dim, e.at.Format("15:04:05")) + "  " + l.th.Paint(theme.Dim, where)
			}
			l.out = append(l.out, pager.Styled(at+line))
		}
	}
}

// verifications are what the servers were asked, once for clusters whose answers were the same.
func (l *lines) verifications(u *runs) {
	var where [][]string
	var answers []*binding.Verification
	for _, s := range u.shares {
		if s.run == nil {
			continue
		}
		v := s.run.snapshot().checks
		if v == nil || len(v.Checks) == 0 {
			continue
		}
		i := slices.IndexFunc(answers, func(o *binding.Verification) bool {
			return o.Skipped == v.Skipped && slices.EqualFunc(o.Checks, v.Checks, func(a, b binding.Check) bool {
				return a.Subject == b.Subject && a.Namespace == b.Namespace && sameAnswer(a, b)
			})
		})
		if i < 0 {
			i, where, answers = len(where), append(where, nil), append(answers, v)
		}
		where[i] = append(where[i], s.context)
	}
	for i, v := range answers {
		l.verification("Verified by access reviews in "+strings.Join(where[i], ", "), *v)
	}
}
