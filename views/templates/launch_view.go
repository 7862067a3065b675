package templates

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/area"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/look"
)

const (
	widestForm = 60
	labelCells = 16 // before the values
)

// View implements shell.Page.
func (p *Launch) View(w, h int) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	lines := sheet.Notices(p.th, p.notices(), w)
	rest := max(h-len(lines), 1)
	switch p.screen {
	case screenYAML:
		lines = append(lines, p.yamlView(w, rest))
	case screenRun:
		lines = append(lines, p.runView(w, rest))
	default:
		lines = append(lines, p.formView(w, rest))
	}
	body := text.Block(strings.Join(lines, "\n"), w, h)
	if p.asking.Len() > 0 {
		body = text.Block(p.asking.View(body, w, h), w, h)
	}
	return body
}

func (p *Launch) notices() []sheet.Words {
	var out []sheet.Words
	if n, ok := deck.ConnectionNotice(p.deck.Cluster.Health().Status(), p.now, "what is known is from before"); ok {
		out = append(out, n)
	}
	if p.deck.Gate.ReadOnly != "" && p.deck.Gate.As == "" {
		out = append(out, sheet.Warn("Nothing is made: "+p.deck.Gate.ReadOnly+". The form and the trial work all the same."))
	}
	return append(out, eyesNotice(p.deck)...)
}

// formView draws the form with the manifest beside it, or below.
func (p *Launch) formView(w, h int) string {
	formW := w
	if _, ok := p.form.template(); w >= sideFrom && ok {
		formW = min(widestForm, w/2)
	}
	d := p.drawForm(formW)
	formH := h
	if formW == w {
		formH = min(len(d.lines), max(h-4, h/2))
	}
	top := max(min(d.at, len(d.lines)-formH, max(d.last-formH+1, 0)), 0)
	lines := slices.Clone(d.lines[top:min(top+formH, len(d.lines))])
	body := ""
	if _, ok := p.form.template(); !ok {
		body = strings.Join(lines, "\n")
	} else if formW < w {
		for len(lines) < h {
			lines = append(lines, "")
		}
		yaml := strings.Split(p.preview.View(w-formW-3, h), "\n")
		bar := p.th.Paint(theme.Dim, p.th.Glyphs.Side) + " "
		for i := range lines {
			lines[i] = text.Block(lines[i], formW, 1) + bar + yaml[i]
		}
		body = strings.Join(lines, "\n")
	} else {
		body = strings.Join(lines, "\n")
		if left := h - len(lines) - 1; left >= 2 {
			rule := p.th.Paint(theme.Dim, text.Fit(" "+strings.Repeat(p.th.Glyphs.HLine, max(w-2, 0)), w, ""))
			body += "\n" + rule + "\n" + p.preview.View(w, left)
		}
	}
	shown := text.Block(body, w, h)
	if c := p.form.text(); c != nil {
		return c.Over(shown, labelCells-2, d.at-top, formW, h)
	}
	return shown
}

// told is what is under way, what the server said, and what is wrong with no field in particular.
func (p *Launch) told() []sheet.Words {
	var out []sheet.Words
	if p.busy != "" {
		out = append(out, sheet.Dim(p.busy+p.th.Glyphs.Ellipsis))
	}
	if p.verdict != "" {
		out = append(out, sheet.Words{Text: p.th.Glyphs.Mark + " " + p.verdict, Tone: theme.Good})
	}
	for _, pr := range p.problems {
		placed := false
		for _, at := range p.form.parts() {
			placed = placed || pr.Field == ids[at] && pr.Field != ""
		}
		if !placed || p.screen == screenYAML {
			out = append(out, sheet.Bad(p.th.Glyphs.Cross+" "+pr.String()))
		}
	}
	return out
}

// yamlView draws the manifest while it is edited.
func (p *Launch) yamlView(w, h int) string {
	marks := map[int]area.Mark{}
	for _, pr := range p.problems {
		if line := placed(p.area.Text(), pr.Field); line > 0 {
			marks[line] = area.Mark{Symbol: p.th.Glyphs.Cross, Tone: theme.Bad}
		}
	}
	lines := []string{title(p.th, "The VM as it is made", fmt.Sprintf("line %d of %d", p.area.Line(), p.area.Lines()), w)}
	told := p.told()
	if m, problems := p.current(); len(told) == 0 && len(problems) == 0 {
		told = slices.DeleteFunc(p.permitted(m.Namespace), func(words sheet.Words) bool { return words.Tone == theme.Dim })
	}
	foot := under(p.th, told, w, min(mostTold, h/3))
	lines = append(lines, p.area.View(w, max(h-1-len(foot), 1), p.asking.Len() == 0 && p.busy == "", marks))
	return strings.Join(append(lines, foot...), "\n")
}

// runView draws what became of the VM.
func (p *Launch) runView(w, h int) string {
	now := p.launch.snapshot()
	s := &sheet.Sheet{Theme: p.th, Width: max(w-4, 10)}
	s.Gap()
	s.Raw(p.th.Paint(theme.Strong, text.Truncate(text.Clean(p.launch.key()), s.Width, p.th.Glyphs.Ellipsis)) + p.from(s.Width))
	s.Raw(p.status(now))
	s.Gap()
	for _, e := range now.events {
		s.Para(0, sheet.Words{Text: e.at.Format("15:04:05") + "  " + e.text, Tone: e.tone})
	}
	s.Gap()
	for _, l := range p.outlook(now) {
		s.Para(0, sheet.Dim(l))
	}
	shown := s.Lines[max(len(s.Lines)-h, 0):]
	return join(shown)
}

func join(lines []pager.Line) string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = "  " + l.Shown
	}
	return strings.Join(out, "\n")
}

func (p *Launch) from(w int) string {
	if p.launch.machine.Template == "" {
		return ""
	}
	from := " from the template " + text.Clean(p.launch.machine.Template)
	return p.th.Paint(theme.Dim, text.Truncate(from, max(w-text.Width(text.Clean(p.launch.key())), 0), ""))
}

// status is how the VM is now, as the list of VMs would show it.
func (p *Launch) status(now progress) string {
	switch {
	case now.made.UID == "":
		return p.th.Paint(theme.Dim, "Making it"+p.th.Glyphs.Ellipsis)
	case now.failed != "":
		return p.th.Paint(theme.Bad, p.th.Glyphs.Cross+" "+text.Clean(now.failed))
	}
	if r := p.deck.Inventory().Find(now.made.Namespace, now.made.Name); r != nil && r.UID == now.made.UID && r.Status != vm.StatusUnknown {
		l := look.New(p.th).Of(r, p.now)
		return p.th.Paint(l.Tone, l.Glyph) + " " + p.th.Paint(l.TextTone(), text.Clean(l.Text))
	}
	return p.th.Paint(theme.Good, p.th.Glyphs.Mark) + " made"
}

// outlook says what can be done meanwhile, or then.
func (p *Launch) outlook(now progress) []string {
	switch {
	case now.made.UID == "":
		return nil
	case !now.over:
		wait := "It is followed until it runs, " + text.Age(max(p.now.Sub(p.launch.began).Truncate(time.Second), 0)) + " so far."
		if r := p.deck.Inventory().Find(now.made.Namespace, now.made.Name); r != nil && r.Troubled() {
			wait += " It has trouble starting: enter opens the VM, whose conditions and events say why."
		}
		return []string{wait, "You need not wait: esc goes back, and a message tells how it ended."}
	case now.failed != "" && p.deck.Inventory().Find(now.made.Namespace, now.made.Name) == nil:
		return []string{"n goes back to the form."}
	case now.failed != "":
		return []string{"enter opens the VM: its conditions and events tell more. It stays until it is deleted."}
	case now.status == "":
		return []string{"enter opens the VM; s starts it there."}
	}
	return []string{"enter opens the VM."}
}
