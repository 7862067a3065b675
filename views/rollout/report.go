package rollout

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// placed is an event with the cluster where it happened.
type placed struct {
	apply.Event
	context string
}

// merged are the events of all clusters that are worth a line, in the order of time.
func merged(shares []share) []placed {
	var out []placed
	for _, s := range shares {
		for _, e := range s.out.events {
			// The last word on the whole run is the report's.
			if last := e.Layer == "" && (e.Kind == apply.Done || e.Kind == apply.Failed); !last && e.Kind != apply.Unchanged {
				out = append(out, placed{e, s.context})
			}
		}
	}
	if len(shares) > 1 {
		slices.SortStableFunc(out, func(a, b placed) int { return a.Time.Compare(b.Time) })
	}
	return out
}

// words are what an event is about, and what it says.
func (e placed) words() string {
	about := e.Layer
	if e.Object != (apply.Object{}) {
		about = e.Object.String()
	}
	switch {
	case about == "":
		return e.Text
	case e.Text == "":
		return about
	case strings.HasPrefix(e.Text, about):
		return e.Text
	}
	return about + ": " + e.Text
}

// failure is why a cluster is not as it was to be, in a sentence; empty: it is.
func (s share) failure() string {
	var held *apply.HeldError
	switch {
	case s.out.report != nil && s.out.report.Problem != nil:
		return s.out.report.Problem.Why
	case errors.As(s.out.err, &held):
		return fmt.Sprintf("%s is changing it since %s", held.Holder, held.Since.Local().Format(clock))
	case s.out.err != nil && s.out.status.bad():
		return text.Sentence(s.out.err.Error())
	}
	return ""
}

// report writes what came of the run.
func (p *Page) report(s *sheet.Sheet, shares []share) {
	for _, c := range shares {
		indent := 0
		if len(shares) > 1 {
			s.Gap()
			p.shareLine(s, c)
			indent = 2
		}
		p.reportOne(s, c, indent)
	}
	if next := p.next(); len(next) > 0 {
		s.Gap()
		for _, f := range next {
			s.Item(f.Key, theme.Accent, f.Values[0])
		}
	}
}

// reportOne is the report of one cluster: the problem and the next step first.
func (p *Page) reportOne(s *sheet.Sheet, c share, indent int) {
	g := p.th.Glyphs
	var held *apply.HeldError
	forbidden, isRefusal := isRefused(c.out.err)
	switch {
	case c.out.status == unchanged && c.out.err != nil:
		s.Para(indent, sheet.Plain(text.Sentence(c.out.err.Error())))
	case c.out.status == unchanged:
		s.Para(indent, sheet.Plain(c.obstacle()))
	case errors.As(c.out.err, &held):
		hang(s, indent, g.Warn, sheet.Warn(fmt.Sprintf("%s is at it since %s (%s), and was last heard of at %s.", held.Holder, held.Since.Local().Format(clock), held.Action,
			held.Renewed.Local().Format(clock))))
		s.Para(indent, sheet.Plain("Nothing was changed. Try again when that is done; who is not heard of for half a minute gives way."))
	case isRefusal:
		hang(s, indent, g.Cross, sheet.Bad(fmt.Sprintf("It is refused now, for %s. Nothing was changed.", text.Count(len(forbidden.Refusals), "reason"))))
		for _, r := range forbidden.Refusals {
			s.Item(g.Bullet, theme.Bad, sheet.Plain(refusal(r)))
		}
	case c.out.report == nil && c.out.err != nil:
		hang(s, indent, g.Cross, sheet.Bad(text.Sentence(c.out.err.Error())))
	case c.out.report != nil:
		p.reported(s, c, indent)
	}
}

// reported writes a report that there is.
func (p *Page) reported(s *sheet.Sheet, c share, indent int) {
	g, r := p.th.Glyphs, c.out.report
	if problem := r.Problem; problem != nil {
		why := problem.Why
		if problem.Object != (apply.Object{}) && !strings.Contains(why, problem.Object.Name) {
			why = problem.Object.String() + ": " + why
		}
		words, glyph := sheet.Bad(within(problem.Layer, why)), g.Cross
		if c.out.status == stopped || c.out.status == stoppedBack {
			words.Tone, glyph = theme.Warn, g.Warn
		}
		hang(s, indent, glyph, words)
		s.Para(indent+2, sheet.Plain(problem.Next))
	}
	if r.Unwritten != nil {
		hang(s, indent, g.Warn, sheet.Warn("The audit log is not complete: "+strings.TrimSuffix(r.Unwritten.Error(), ".")+"."))
	}
	for _, l := range r.Layers {
		p.outcomeLine(s, l, indent)
	}
	p.keptLines(s, c, indent)
	if r.Problem == nil && c.out.status != removed {
		s.Para(indent, sheet.Dim(fmt.Sprintf("%s changed. The profile is at revision %d.", text.Count(r.Changed(), "object"), r.Revision)))
	}
}

// outcomeLine is what came of a layer.
func (p *Page) outcomeLine(s *sheet.Sheet, l apply.LayerReport, indent int) {
	g := p.th.Glyphs
	glyph, tone := g.Dot, theme.Good
	switch l.Outcome {
	case apply.NotReached:
		glyph, tone = g.Ring, theme.Dim
	case apply.Untouched:
		glyph = g.Mark
	case apply.Broken:
		glyph, tone = g.Cross, theme.Bad
	case apply.Reverted, apply.Uninstalled:
		tone = theme.Warn
	}
	says := l.Outcome.String()
	if l.Changes > 0 {
		says += ", " + text.Count(l.Changes, "object") + " changed"
	}
	room := max(s.Width-indent-4-text.Width(says), 8)
	title := g.Arrows(text.Clean(l.Title + " " + l.Versions()))
	s.Raw(text.Spaces(indent) + p.th.Paint(tone, glyph) + " " + p.th.Paint(theme.Strong, text.Truncate(title, room, g.Ellipsis)) + "  " + p.th.Paint(tone, says))
}

// keptLines are what was left on the cluster on purpose, the same reason said once.
func (p *Page) keptLines(s *sheet.Sheet, c share, indent int) {
	var reasons []string
	names := map[string][]string{}
	for _, e := range c.out.events {
		if e.Kind != apply.Kept {
			continue
		}
		if !slices.Contains(reasons, e.Text) {
			reasons = append(reasons, e.Text)
		}
		if name := e.Object.String(); !slices.Contains(names[e.Text], name) {
			names[e.Text] = append(names[e.Text], name)
		}
	}
	for _, reason := range reasons {
		s.Para(indent, sheet.Plain("Kept: "+strings.Join(names[reason], ", ")+"."))
		if reason != "" {
			s.Para(indent+2, sheet.Dim(reason))
		}
	}
}

// next are the offers in words, by their keys.
func (p *Page) next() []sheet.Field {
	says := map[string]string{
		bindAgain:     "compares again and shows what is left to do.",
		bindBack:      "goes back to what the profile had on the cluster before.",
		bindProfile:   "opens the profile.",
		bindRights:    "gives people rights on VMs. Nobody can use VMs before that; 3 shows who may do what.",
		bindTemplates: "shows the templates that VMs can be made from.",
	}
	var out []sheet.Field
	for _, id := range p.offers() {
		out = append(out, sheet.Of(keyOf(id), sheet.Plain(says[id])))
	}
	return out
}

func keyOf(id string) string {
	all := runBindings()
	return all[slices.IndexFunc(all, func(b keys.Binding) bool { return b.ID == id })].Keys[0]
}
