package editor

import (
	"fmt"
	"slices"
	"time"

	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// alike puts the clusters together of which the same would be told.
func (p *Page) alike(reviews []*review) [][]*review {
	var out [][]*review
	var told []*lines
	for _, r := range reviews {
		l := p.newLines()
		l.account(r)
		i := slices.IndexFunc(told, func(o *lines) bool { return slices.Equal(o.out, l.out) })
		if i < 0 {
			i, told, out = len(out), append(told, l), append(out, nil)
		}
		out[i] = append(out[i], r)
	}
	return out
}

// drawJoint writes the review of a group: how each cluster stands, then what would change, once for those where it is the same.
func (p *Page) drawJoint() {
	j, l := p.joint, p.newLines()
	if j.reading() > 0 {
		l.progress(j)
	} else {
		l.standings(p, j)
		able := p.alike(j.able())
		for _, same := range able {
			if len(able) > 1 {
				l.heading("In " + contexts(same))
			}
			l.account(same[0])
		}
	}
	p.pager.SetTitle(p.jointTitle())
	p.pager.SetLines(l.out)
}

func (p *Page) jointTitle() string {
	j := p.joint
	n := len(j.reviews)
	switch {
	case j.reading() > 0:
		title := fmt.Sprintf("Reading %s of %s%s", text.Count(n, "cluster"), j.group.Name, p.th.Glyphs.Ellipsis)
		if took := p.now.Sub(j.since); took >= time.Second {
			title += " " + text.Age(took)
		}
		return title
	case len(j.able()) == 0 && len(j.obstructed()) == 0:
		return fmt.Sprintf("Nothing to do: %s of %s are as the rule says", text.Count(n, "cluster"), j.group.Name)
	}
	return fmt.Sprintf("Changes %d of %s of %s", len(j.able()), text.Count(n, "cluster"), j.group.Name)
}

// progress tells which clusters have been read.
func (l *lines) progress(j *joint) {
	for _, r := range j.reviews {
		switch {
		case r.reading:
			l.add(dim(l.th.Glyphs.Half + " " + r.context + ": being read"))
		case r.obstacle() != "":
			l.add(bad(l.th.Glyphs.Cross + " " + r.context + ": " + r.obstacle()))
		default:
			l.add(plain(l.th.Glyphs.Mark + " " + r.context + ": read"))
		}
	}
}

// standings are a line or two for clusters of which the same is to be said. What stands in the way comes first.
func (l *lines) standings(p *Page, j *joint) {
	g := l.th.Glyphs
	if left := j.unchanged(); left != "" {
		l.add(bad(g.Warn + " " + left + "."))
		for _, r := range j.obstructed() {
			l.add(words{text: g.Cross + " " + r.context + ": " + r.obstacle(), indent: 2})
		}
	}
	for _, same := range p.alike(j.able()) {
		text := contexts(same) + ": " + inEach(same)
		if n := len(same[0].steps); n > 0 {
			text += " The server would accept " + all(n) + "."
		}
		l.add(words{text: g.Mark + " " + text, tone: theme.Good})
	}
	idle := j.those(func(r *review) bool { return r.obstacle() == "" && r.idle() })
	if len(idle) > 0 {
		l.add(dim(g.Mark + " " + contexts(idle) + ": nothing to do, as the rule says already."))
	}
	for _, same := range p.alike(j.able()) {
		for _, s := range same[0].loses {
			l.add(bad(g.Warn + " " + contexts(same) + ": " + s))
		}
	}
}
