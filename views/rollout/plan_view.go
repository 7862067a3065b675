package rollout

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// planRow is what a row of the plan is about: a cluster, one of its layers, or an object.
type planRow struct {
	part  *comparison
	layer *apply.LayerPlan // nil: the cluster
	step  *apply.Step      // nil: the layer or the cluster
}

// id names what can be folded.
func (r planRow) id() string {
	if r.layer == nil {
		return r.part.context
	}
	return r.part.context + "/" + r.layer.Namespace + "/" + r.layer.Release
}

// drawing collects the lines of a plan, some of which are rows.
type drawing struct {
	sheet.Sheet
	page *Page
	rows []planRow
	at   []int
}

// row makes a row of the next line.
func (d *drawing) row(r planRow, styled string) {
	d.rows, d.at = append(d.rows, r), append(d.at, len(d.Lines))
	d.Raw(styled)
}

// drawPlan writes the plan for the width of the screen.
func (p *Page) drawPlan() {
	d := &drawing{Sheet: sheet.Sheet{Theme: p.th, Width: max(p.w-gutter-1, 20)}, page: p}
	g := p.planning
	switch {
	case g.refused != "":
		hang(&d.Sheet, 0, p.th.Glyphs.Cross, sheet.Bad(text.Sentence(g.refused)))
		d.Para(0, sheet.Dim("Nothing can be compared or carried out until that ends. r tries again then, esc goes back."))
	case g.preparing:
		d.Para(0, sheet.Dim("The profile, its packs and its manifests are read"+p.th.Glyphs.Ellipsis))
	case g.err != nil:
		hang(&d.Sheet, 0, p.th.Glyphs.Cross, sheet.Bad(text.Sentence(g.err.Error())))
		d.Para(0, sheet.Dim("Nothing was changed. r tries again, esc goes back."))
	case len(g.parts) == 1:
		d.single(g.parts[0])
	default:
		d.several(g)
	}
	p.rows = d.rows
	p.list.set(d.Lines, d.at)
}

// hang writes words behind a symbol in their tone, broken into lines that stand below each other.
func hang(s *sheet.Sheet, indent int, symbol string, w sheet.Words) {
	head := text.Spaces(indent) + s.Theme.Paint(w.Tone, symbol) + " "
	for _, line := range text.Wrap(s.Theme.Glyphs.Arrows(text.Clean(w.Text)), max(s.Width-indent-2, 1)) {
		s.Raw(head + s.Theme.Paint(w.Tone, line))
		head = text.Spaces(indent + 2)
	}
}

// headline is the line over the plan.
func (p *Page) headline() string {
	g := p.planning
	waited := func() string {
		if took := p.now.Sub(g.since); took >= time.Second {
			return " " + text.Age(took)
		}
		return ""
	}
	switch {
	case g.refused != "":
		return "Nothing can be changed"
	case g.preparing:
		return "Reading " + p.job.named() + p.th.Glyphs.Ellipsis + waited()
	case g.err != nil:
		return p.job.named() + " cannot be applied"
	case g.reading() > 0:
		return "Comparing with " + where(g.parts) + p.th.Glyphs.Ellipsis + waited()
	}
	able, idle := g.those((*comparison).able), g.those((*comparison).idle)
	switch {
	case len(g.parts) > 1 && len(able) > 0:
		return fmt.Sprintf("Changes %d of %s", len(able), text.Count(len(g.parts), "cluster"))
	case len(idle) == len(g.parts):
		return "Nothing to do"
	case len(able) > 0:
		return able[0].context + ": " + text.Lower(strings.TrimSuffix(amounts(able[0].plan), "."))
	case len(g.parts) > 1:
		return "No cluster can be changed"
	case g.parts[0].err != nil:
		return g.parts[0].context + " could not be compared"
	case len(g.parts[0].plan.Refusals) > 0:
		return g.parts[0].context + ": refused"
	}
	return "Nothing can be changed"
}

func (p *Page) planView(w, h int) string {
	p.list.resize(h - 1)
	return titleLine(p.th, p.headline(), p.list.hidden(), w) + "\n" + p.list.view(w, h-1)
}

// titleLine has a title at the left and a remark at the right edge.
func titleLine(th *theme.Theme, title, right string, w int) string {
	room := max(w-2-text.Width(right), 1)
	return " " + th.Paint(theme.Strong, text.Fit(th.Glyphs.Arrows(text.Clean(title)), room, th.Glyphs.Ellipsis)) + th.Paint(theme.Dim, right)
}

// single is the plan of one cluster.
func (d *drawing) single(c *comparison) {
	g := d.Theme.Glyphs
	if c.reading {
		d.Para(0, sheet.Dim("The server tries each object without doing it"+g.Ellipsis))
		return
	}
	d.verdict(c)
	if c.plan == nil {
		return
	}
	d.about(c)
	d.Gap()
	d.layers(c, 0)
}

// verdict says whether the plan can be carried out, what stands in the way in full.
func (d *drawing) verdict(c *comparison) {
	g, anew := d.Theme.Glyphs, "r compares again"
	switch {
	case c.err != nil:
		hang(&d.Sheet, 0, g.Cross, sheet.Bad(text.Sentence(c.err.Error())))
		d.Para(0, sheet.Dim("Nothing was changed. "+anew+", esc goes back."))
	case c.cluster.readOnly != "":
		hang(&d.Sheet, 0, g.Cross, sheet.Bad(text.Sentence(c.cluster.readOnly)))
	case len(c.plan.Refusals) > 0:
		hang(&d.Sheet, 0, g.Cross, sheet.Bad(fmt.Sprintf("This is refused for %s. Nothing was changed. Once that is settled, %s.", text.Count(len(c.plan.Refusals), "reason"), anew)))
		for _, r := range c.plan.Refusals {
			d.Item(g.Bullet, theme.Bad, sheet.Plain(refusal(r)))
		}
	case c.plan.Empty():
		hang(&d.Sheet, 0, g.Mark, sheet.Words{Text: d.page.asItIs(c), Tone: theme.Good})
	case d.page.job.deed == applying:
		hang(&d.Sheet, 0, g.Mark, sheet.Words{Text: accepts(c.plan) + stays(c.plan), Tone: theme.Good})
	case stays(c.plan) != "":
		d.Para(0, sheet.Plain(strings.TrimSpace(stays(c.plan))))
	}
}

// asItIs says that nothing is to be done.
func (p *Page) asItIs(c *comparison) string {
	if p.job.deed == rollingBack {
		return fmt.Sprintf("%s is as it was in revision %d.", c.context, c.plan.Revision)
	}
	return c.context + " is as " + p.job.named() + " says."
}

// accepts says what the server thinks of a plan, as far as it could be asked.
func accepts(plan *apply.Plan) string {
	for _, l := range plan.Layers {
		if len(l.Remarks()) > 0 {
			return "The server would accept all that it could try beforehand."
		}
	}
	return "The server has tried it and would accept all of it."
}

// stays counts what is left as it is.
func stays(plan *apply.Plan) string {
	n := 0
	for _, l := range plan.Layers {
		n += l.Count(apply.Leave)
	}
	if n == 0 {
		return ""
	}
	return " " + text.Count(n, "object") + map[bool]string{true: " stays", false: " stay"}[n == 1] + " as " + map[bool]string{true: "it is", false: "they are"}[n == 1] + "."
}

// about is what concerns the plan as a whole.
func (d *drawing) about(c *comparison) {
	g := d.page.planning
	for _, note := range append(append([]string{}, g.prep.notes...), c.plan.Notes...) {
		hang(&d.Sheet, 0, d.Theme.Glyphs.Warn, sheet.Warn(note))
	}
	if d.page.job.deed == rollingBack && c.plan.Version != "" {
		d.Para(0, sheet.Plain(fmt.Sprintf("It goes back to revision %d, which has version %s.", c.plan.Revision, c.plan.Version)))
	}
	var made []string
	for _, l := range c.plan.Layers {
		for _, s := range l.Steps {
			if s.Verb == apply.Create && s.Object.Kind == "Namespace" && s.Object.Group == "" {
				made = append(made, s.Object.Name)
			}
		}
	}
	if len(made) > 0 {
		d.Para(0, sheet.Dim("New namespaces: "+text.Listed(made, 6)+"."))
	}
	if len(g.prep.homes) > 0 {
		d.Para(0, sheet.Dim("VMs go to: "+text.Listed(g.prep.homes, 6)+"."))
	}
	if c.able() {
		d.Para(0, sheet.Dim(strings.Join(d.page.goes(), " ")+" o changes that."))
	}
}

// several is the plan of some clusters.
func (d *drawing) several(g *planning) {
	for _, note := range g.prep.notes {
		hang(&d.Sheet, 0, d.Theme.Glyphs.Warn, sheet.Warn(note))
	}
	if len(g.those((*comparison).able)) > 0 && !g.busy() {
		d.Para(0, sheet.Dim(strings.Join(d.page.goes(), " ")+" o changes that."))
	}
	for _, c := range g.parts {
		d.Gap()
		d.cluster(c)
	}
}

// cluster is one of several: how it stands, with its layers unless they are folded.
func (d *drawing) cluster(c *comparison) {
	g := d.Theme.Glyphs
	glyph, tone, says := g.Mark, theme.Good, ""
	switch {
	case c.reading:
		glyph, tone, says = g.Half, theme.Dim, "being compared"
	case c.obstacle() != "":
		glyph, tone, says = g.Cross, theme.Bad, "will not be changed"
	case c.idle():
		says = "nothing to do"
	default:
		says = text.Lower(strings.TrimSuffix(amounts(c.plan), "."))
	}
	r := planRow{part: c}
	d.row(r, d.Theme.Paint(tone, glyph)+" "+d.Theme.Paint(theme.Strong, text.Clean(c.context))+"  "+d.Theme.Paint(tone, says))
	switch {
	case c.reading:
	case c.plan == nil:
		d.Para(2, sheet.Plain(c.obstacle()))
	default:
		for _, refused := range c.plan.Refusals {
			d.Item(g.Bullet, theme.Bad, sheet.Plain(refusal(refused)))
		}
		for _, note := range c.plan.Notes {
			hang(&d.Sheet, 2, g.Warn, sheet.Warn(note))
		}
		if !d.page.folded[r.id()] {
			d.layers(c, 2)
		}
	}
}

// doPlan carries out a binding of the plan.
func (p *Page) doPlan(id string) (tea.Cmd, bool) {
	switch id {
	case bindConfirm:
		return p.confirm(), true
	case bindDiff:
		return p.diff(), true
	case bindFold:
		if r := p.list.row(); r >= 0 {
			p.folded[p.rows[r].id()] = !p.folded[p.rows[r].id()]
			p.refresh()
		}
		return nil, true
	case bindOptions:
		if p.planning.refused == "" {
			p.askOptions(func() tea.Cmd { return nil })
		}
		return nil, true
	case bindAgain:
		if p.planning.busy() {
			return nil, true
		}
		return p.again(), true
	case bindCopy:
		var out []string
		for _, line := range p.list.lines {
			out = append(out, strings.TrimRight(line.Plain, " "))
		}
		return deck.Copy(p.job.title()+": "+p.headline()+"\n\n"+strings.Join(out, "\n"), "the plan"), true
	}
	return nil, false
}
