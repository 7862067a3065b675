package rollout

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// signs are what happens to objects, and how that looks.
var signs = map[apply.Verb]struct {
	sign string
	tone theme.Tone
}{
	apply.Create: {"+", theme.Good}, apply.Change: {"~", theme.Warn}, apply.Delete: {"-", theme.Bad}, apply.Leave: {"=", theme.Dim},
}

// verbs in the order in which they are counted.
var verbs = []apply.Verb{apply.Create, apply.Change, apply.Delete, apply.Leave}

const mostWidth = 36 // of the title of a layer

// layers are rows for the layers of a plan, and for their objects.
func (d *drawing) layers(c *comparison, indent int) {
	title, versions, state := 0, 0, 0
	for _, l := range c.plan.Layers {
		title = max(title, min(text.Width(text.Clean(l.Title)), mostWidth))
		versions = max(versions, text.Width(l.Versions()))
		state = max(state, text.Width(l.State.String()))
	}
	versions = min(versions, max((d.Width-indent-title-state)/2, 8))
	for i := range c.plan.Layers {
		l := &c.plan.Layers[i]
		row := planRow{part: c, layer: l}
		d.row(row, text.Spaces(indent)+d.Theme.Paint(theme.Strong, text.Fit(text.Clean(l.Title), title, d.Theme.Glyphs.Ellipsis))+"  "+
			text.Fit(d.Theme.Glyphs.Arrows(text.Clean(l.Versions())), versions, d.Theme.Glyphs.Ellipsis)+"  "+
			d.Theme.Paint(theme.Dim, text.Fit(l.State.String(), state, ""))+"  "+d.counts(*l))
		for _, note := range l.Notes {
			d.Para(indent+4, sheet.Dim(note))
		}
		if d.page.isFolded(row) {
			continue
		}
		d.steps(row, indent+2)
	}
}

// isFolded tells whether the objects of a layer are hidden, which is how layers begin where there are several clusters.
func (p *Page) isFolded(r planRow) bool {
	return p.folded[r.id()] != (len(p.planning.parts) > 1)
}

// counts reads "+14 ~3 -1 =20".
func (d *drawing) counts(l apply.LayerPlan) string {
	var out []string
	for _, verb := range verbs {
		if n := l.Count(verb); n > 0 {
			out = append(out, d.Theme.Paint(signs[verb].tone, fmt.Sprintf("%s%d", signs[verb].sign, n)))
		}
	}
	return strings.Join(out, " ")
}

// steps are the objects that change, and those that stay where there is a word on it.
func (d *drawing) steps(row planRow, indent int) {
	for i := range row.layer.Steps {
		s := &row.layer.Steps[i]
		if s.Verb == apply.Leave && s.Note == "" {
			continue
		}
		sign := signs[s.Verb]
		name := text.TruncateMiddle(text.Clean(s.Object.String()), max(d.Width-indent-2, 8), d.Theme.Glyphs.Ellipsis)
		tone := theme.Normal
		if s.Verb == apply.Leave {
			tone = theme.Dim
		}
		row.step = s
		d.row(row, text.Spaces(indent)+d.Theme.Paint(sign.tone, sign.sign)+" "+d.Theme.Paint(tone, name))
		if s.Verb == apply.Leave {
			d.Para(indent+4, sheet.Dim(s.Note))
		}
	}
	for _, r := range row.layer.Remarks() {
		d.Para(indent+2, sheet.Dim(fmt.Sprintf("On %d of these: %s", r.Steps, r.Text)))
	}
}

// diff opens the differences of what is under the cursor.
func (p *Page) diff() tea.Cmd {
	i := p.list.row()
	if i < 0 {
		return nil
	}
	r := p.rows[i]
	title, lines := "", []pager.Line{}
	switch {
	case r.step != nil:
		title, lines = r.step.Object.String(), p.difference(*r.step)
	case r.layer != nil:
		title = r.layer.Title + " " + r.layer.Versions()
		lines = p.differences(*r.layer)
	case r.part.plan != nil:
		title = r.part.context
		for _, l := range r.part.plan.Layers {
			lines = append(lines, pager.Styled(p.th.Paint(theme.Header, text.Clean(l.Title+" "+l.Versions()))), pager.Line{})
			lines = append(lines, p.differences(l)...)
		}
	default:
		return nil
	}
	view := pager.New(p.th, p.th.Glyphs.Arrows(title))
	view.SetLines(lines)
	return shell.OpenDialog(&pager.Overlay{Model: view})
}

// differences are those of all objects of a layer, the ones that stay by name only.
func (p *Page) differences(l apply.LayerPlan) []pager.Line {
	var out []pager.Line
	for _, verb := range verbs {
		for _, s := range l.Steps {
			if s.Verb != verb {
				continue
			}
			sign := signs[s.Verb]
			out = append(out, pager.Styled(p.th.Paint(sign.tone, sign.sign)+" "+p.th.Paint(theme.Strong, text.Clean(s.Object.String()))))
			if s.Verb != apply.Leave {
				out = append(append(out, p.difference(s)...), pager.Line{})
			}
		}
	}
	return out
}

// difference is that of one object, line by line.
func (p *Page) difference(s apply.Step) []pager.Line {
	var out []pager.Line
	for _, note := range text.Wrap(text.Clean(s.Note), max(p.w-4, 20)) {
		if note != "" {
			out = append(out, pager.Styled(p.th.Paint(theme.Dim, note)))
		}
	}
	if len(s.Diff) == 0 {
		says := map[apply.Verb]string{
			apply.Create: "It is made; the server was not asked beforehand what it becomes.", apply.Delete: "It is deleted.",
			apply.Change: "No field that can be seen changes.", apply.Leave: "It is as it should be.",
		}
		return append(out, pager.Styled(p.th.Paint(theme.Dim, "  "+says[s.Verb])))
	}
	for _, line := range s.Diff {
		content := text.Clean(line.Text)
		switch line.Op {
		case apply.Add:
			out = append(out, pager.Styled(p.th.Paint(theme.Good, "+ "+content)))
		case apply.Remove:
			out = append(out, pager.Styled(p.th.Paint(theme.Bad, "- "+content)))
		case apply.Skip:
			out = append(out, pager.Styled(p.th.Paint(theme.Dim, "  "+p.th.Glyphs.Ellipsis+" "+content)))
		default:
			out = append(out, pager.Plain("  "+content))
		}
	}
	return out
}
