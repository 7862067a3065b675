package rollout

import (
	"fmt"
	"strings"
	"time"

	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

const clock = "15:04:05"

// drawing of a run has lines and no rows.
func (p *Page) newSheet() *sheet.Sheet {
	return &sheet.Sheet{Theme: p.th, Width: max(p.w-gutter-1, 20)}
}

// drawRun writes progress or report, and the events.
func (p *Page) drawRun() {
	shares, s := p.run.snapshot(), p.newSheet()
	lead := 0
	p.counted = counted(shares)
	if p.run.ended() {
		p.report(s, shares)
	} else {
		lead = p.progress(s, shares)
	}
	p.upper.set(s.Lines, nil)
	if !p.run.ended() {
		p.upper.lead(lead)
	}
	e := p.newSheet()
	p.drawEvents(e, shares)
	p.events.set(e.Lines, nil)
}

// counted says of how many objects all is done, on all clusters that are changed; empty where none was planned to change.
func counted(shares []share) string {
	n, of := 0, 0
	for _, c := range shares {
		if c.plan != nil && c.able() {
			more, all := progressOf(c.plan, c.out.events).done()
			n, of = n+more, of+all
		}
	}
	if of == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %s", n, text.Count(of, "object"))
}

// statusLine is what the clusters show: Updating, and then Running.
func (p *Page) statusLine(w int) string {
	s, says := p.run.overall()
	if s == updating && p.run.isStopping() {
		says = "Stopping" + strings.TrimPrefix(says, updating.String())
	}
	glyph, tone := s.look(p.th.Glyphs)
	end := p.now
	if p.run.ended() {
		end = p.lastEnd()
	}
	took := text.Age(max(0, end.Sub(p.run.began)))
	left, right := glyph+" "+says, p.upper.hidden()
	if p.run.ended() {
		took = "after " + took
	} else if len(p.run.shares) == 1 {
		right += "  until " + p.run.began.Add(p.run.options.Timeout).Local().Format(clock) + " at most"
	}
	right = "  " + right + " "
	place := "  " + took
	if s == updating && !p.run.isStopping() && p.counted != "" {
		place += "  " + p.counted
	}
	if len(p.run.shares) == 1 {
		place += "  " + text.Clean(p.run.where())
	}
	room := max(w-1-text.Width(left)-text.Width(right), 1)
	return " " + p.th.Paint(tone, text.Truncate(left, w-1, p.th.Glyphs.Ellipsis)) + p.th.Paint(theme.Dim, text.Fit(place, room, p.th.Glyphs.Ellipsis)+right)
}

func (p *Page) lastEnd() time.Time {
	end := p.run.began
	for _, s := range p.run.snapshot() {
		if s.out.ended.After(end) {
			end = s.out.ended
		}
	}
	return end
}

// notices stand over everything while a cluster's API server is away.
func (p *Page) notices() []string {
	s := &sheet.Sheet{Theme: p.th, Width: max(p.w-2, 20)}
	for _, c := range p.run.snapshot() {
		if c.out.away.IsZero() || !c.out.status.open() {
			continue
		}
		until := c.out.began.Add(p.run.options.Timeout)
		waits := "The run waits for it, until " + until.Local().Format(clock) + " at most."
		if p.now.After(until) {
			waits = "The time of the run is over; it is tried a little longer to record how far it got."
		}
		hang(s, 1, p.th.Glyphs.Warn, sheet.Bad(fmt.Sprintf("The API server of %s cannot be reached since %s. %s", c.context, c.out.away.Local().Format(clock), waits)))
	}
	const most = 4 // lines
	var out []string
	for _, line := range s.Lines[:min(len(s.Lines), most)] {
		out = append(out, text.Fit(line.Shown, p.w, ""))
	}
	return out
}

// runView draws the status, progress or report, and the events below.
func (p *Page) runView(w, h int) string {
	notices := p.notices()
	rest := max(h-len(notices)-2, 2)
	share := rest / 2
	if p.run.ended() {
		share = rest * 2 / 3
	}
	upper := max(min(len(p.upper.lines), share), 1)
	if few := rest - len(p.events.lines); few > share {
		upper = min(len(p.upper.lines), few)
	}
	upper = max(min(upper, rest-1), 1)
	p.upper.resize(upper)
	p.events.resize(rest - upper)
	out := append([]string{p.statusLine(w)}, notices...)
	return strings.Join(append(out, p.upper.view(w, upper), p.rule(w), p.events.view(w, rest-upper)), "\n")
}

// rule parts the two panes and says which one the keys move in.
func (p *Page) rule(w int) string {
	g := p.th.Glyphs
	mark, tone := " ", theme.Header
	if p.lower {
		mark, tone = g.Cursor, theme.Accent
	}
	title := mark + " Events "
	right := p.events.hidden()
	if right != "" {
		right = " " + right + " "
	}
	line := strings.Repeat(g.HLine, max(w-text.Width(title)-text.Width(right), 0))
	return p.th.Paint(tone, title) + p.th.Paint(theme.Dim, line+right)
}

// progress writes layers and objects; it returns the line that what is worked on begins with.
func (p *Page) progress(s *sheet.Sheet, shares []share) (lead int) {
	rank := 0 // of what leads: an object that is waited for comes before one whose turn is to come
	for _, c := range shares {
		indent := 0
		if len(shares) > 1 {
			s.Gap()
			p.shareLine(s, c)
			indent = 2
		}
		if c.plan == nil || c.out.status == idle || c.out.status == unchanged || c.out.status == pending {
			continue
		}
		for _, l := range progressOf(c.plan, c.out.events) {
			p.layerLine(s, l, indent)
			if l.back || !l.active() && !l.failed {
				continue
			}
			for _, o := range l.objects {
				if r := o.calls(); r > rank {
					lead, rank = len(s.Lines), r
				}
				p.objectLine(s, o, indent+2)
			}
		}
	}
	return lead
}

// shareLine is how one of several clusters stands.
func (p *Page) shareLine(s *sheet.Sheet, c share) {
	glyph, tone := c.out.status.look(p.th.Glyphs)
	line := p.th.Paint(tone, glyph) + " " + p.th.Paint(theme.Strong, text.Clean(c.context)) + "  " + p.th.Paint(tone, c.out.status.String())
	if !c.out.began.IsZero() {
		line += "  " + p.th.Paint(theme.Dim, text.Age(c.out.took(p.now)))
	}
	s.Raw(line)
}

// layerLine is how one layer stands.
func (p *Page) layerLine(s *sheet.Sheet, l *layer, indent int) {
	g := p.th.Glyphs
	glyph, tone, says := g.Ring, theme.Dim, "not reached yet"
	n, of := l.done()
	count, took := text.Count(of, "object"), text.Age(max(0, p.now.Sub(l.began)))
	switch {
	case l.State == apply.Same || l.State == apply.LeftAlone:
		glyph, says = g.Mark, l.State.String()
	case l.back:
		glyph, tone, says = g.Dot, theme.Warn, "taken back"
	case l.failed:
		glyph, tone, says = g.Cross, theme.Bad, "failed"
	case !l.ended.IsZero():
		glyph, tone, says = g.Dot, theme.Good, "done, "+count+", "+text.Age(l.ended.Sub(l.began))
	case !l.began.IsZero() && of == 0:
		glyph, tone, says = g.Half, theme.Warn, took
	case !l.began.IsZero():
		glyph, tone, says = g.Half, theme.Warn, fmt.Sprintf("%d of %s, %s", n, count, took)
	}
	title := l.Title + " " + l.Versions()
	room := max(s.Width-indent-2-text.Width(says)-2, 8)
	s.Raw(text.Spaces(indent) + p.th.Paint(tone, glyph) + " " + p.th.Paint(theme.Strong, text.Truncate(g.Arrows(text.Clean(title)), room, g.Ellipsis)) + "  " + p.th.Paint(tone, says))
}

// calls is how much the object calls for attention.
func (o *object) calls() int {
	switch o.kind {
	case apply.Failed:
		return 3
	case apply.Waiting:
		return 2
	case apply.Note:
		return 1
	}
	return 0
}

// objectLine is how one object stands, with the reason where it is waited for.
func (p *Page) objectLine(s *sheet.Sheet, o *object, indent int) {
	g := p.th.Glyphs
	glyph, tone, says, at := g.Ring, theme.Dim, "", ""
	switch o.kind {
	case apply.Note:
		says = map[apply.Verb]string{apply.Create: "to be made", apply.Change: "to be changed", apply.Delete: "to be deleted"}[o.verb]
	case apply.Waiting:
		glyph, tone, says, at = g.Half, theme.Warn, o.kind.String(), text.Age(max(0, p.now.Sub(o.since)))
	case apply.Failed:
		glyph, tone = g.Cross, theme.Bad
	case apply.Created, apply.Changed:
		glyph, tone = g.Half, theme.Normal
	default:
		glyph, tone = g.Mark, theme.Good
	}
	if says == "" {
		says = o.kind.String()
	}
	if at == "" && !o.since.IsZero() {
		at = o.since.Local().Format(clock)
	}
	const state, when = 13, 8
	room := max(s.Width-indent-2-2-state-when, 8)
	s.Raw(text.Spaces(indent) + p.th.Paint(tone, glyph) + " " + text.FitMiddle(text.Clean(o.String()), room, g.Ellipsis) + "  " +
		p.th.Paint(tone, text.Fit(says, state, g.Ellipsis)) + p.th.Paint(theme.Dim, text.FitRight(at, when, "")))
	if o.reason != "" && (o.kind == apply.Waiting || o.kind == apply.Failed) {
		s.Para(indent+4, sheet.Words{Text: o.reason, Tone: map[bool]theme.Tone{true: theme.Bad, false: theme.Dim}[o.kind == apply.Failed]})
	}
}

// eventTones say what stands out among the events; the words say it too.
var eventTones = map[apply.EventKind]theme.Tone{
	apply.Failed: theme.Bad, apply.Away: theme.Bad, apply.Back: theme.Good, apply.Done: theme.Good, apply.Ready: theme.Good,
	apply.Waiting: theme.Warn, apply.RolledBack: theme.Warn, apply.Deleted: theme.Warn,
}

// drawEvents writes what happened, of several clusters in the order of time.
func (p *Page) drawEvents(s *sheet.Sheet, shares []share) {
	all := merged(shares)
	width := 0
	if len(shares) > 1 {
		for _, c := range shares {
			width = max(width, min(text.Width(text.Clean(c.context)), s.Width/5))
		}
	}
	for _, e := range all {
		cluster := ""
		if width > 0 {
			cluster = text.Fit(text.Clean(e.context), width, p.th.Glyphs.Ellipsis) + "  "
		}
		head := p.th.Paint(theme.Dim, e.Time.Local().Format(clock)+"  "+cluster) + p.th.Paint(eventTones[e.Kind], text.Fit(e.Kind.String(), 11, "")) + " "
		indent := 10 + text.Width(cluster) + 12
		for _, line := range text.Wrap(p.th.Glyphs.Arrows(text.Clean(e.words())), max(s.Width-indent, 10)) {
			s.Raw(head + line)
			head = text.Spaces(indent)
		}
	}
	if len(all) == 0 {
		says := "Nothing has happened yet" + p.th.Glyphs.Ellipsis
		if p.run.ended() {
			says = "Nothing has happened."
		}
		s.Para(0, sheet.Dim(says))
	}
}
