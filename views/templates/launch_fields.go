package templates

import (
	"strings"

	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// drawn is the form as lines, with the place of what has the focus.
type drawn struct {
	lines    []string
	at, last int // lines of the part with the focus
}

var partLabel = map[part]string{
	partTemplate: "Template", partName: "Name", partNamespace: "Namespace", partCPU: "CPU", partMemory: "Memory",
	partStorage: "Storage class", partLabels: "Labels", partStart: "Start",
}

// drawForm draws every part, with what is wrong with it below.
func (p *Launch) drawForm(w int) *drawn {
	f, d := p.form, &drawn{}
	t, ok := f.template()
	room := max(w-labelCells-1, 8)
	for _, at := range f.parts() {
		if at >= partCreate {
			continue
		}
		focus := f.focus == at
		mark, tone := "  ", theme.Normal
		if focus {
			mark, tone, d.at = p.th.Glyphs.Cursor+" ", theme.Strong, len(d.lines)
		}
		d.lines = append(d.lines, text.Block(p.th.Paint(tone, text.Fit(mark+partLabel[at], labelCells, ""))+p.value(at, t, ok, room), w, 1))
		for _, words := range p.remarks(at, t, ok) {
			s := &sheet.Sheet{Theme: p.th, Width: room}
			s.Para(0, words)
			for _, l := range s.Lines {
				d.lines = append(d.lines, text.Spaces(labelCells)+l.Shown)
			}
		}
		if focus {
			d.last = len(d.lines) - 1
		}
	}
	d.lines = append(d.lines, "")
	if f.focus >= partCreate {
		d.at = len(d.lines)
	}
	d.lines = append(d.lines, text.Block(text.Spaces(labelCells)+p.button("Create", partCreate)+" "+p.button("Edit YAML", partYAML)+" "+p.button("Cancel", partCancel), w, 1))
	for _, words := range p.told() {
		s := &sheet.Sheet{Theme: p.th, Width: max(w-3, 8)}
		s.Para(0, words)
		for _, l := range s.Lines {
			d.lines = append(d.lines, "  "+l.Shown)
		}
	}
	if f.focus >= partCreate {
		d.last = len(d.lines) - 1
	}
	return d
}

// value draws what is chosen, or where nothing is what that comes to.
func (p *Launch) value(at part, t template.Template, ok bool, room int) string {
	f := p.form
	if at == partStart {
		if f.starts() {
			return p.th.Glyphs.On + " as soon as it is made"
		}
		return p.th.Glyphs.Off + " as soon as it is made"
	}
	c := f.fields[at]
	if hint := given(at, t); ok && c.Value() == "" && hint != "" && f.focus != at {
		return p.th.Paint(theme.Dim, text.Truncate(hint, room, p.th.Glyphs.Ellipsis))
	}
	note := ""
	if at == partTemplate && ok && t.Title != t.Name {
		note = "  " + text.Truncate(text.Clean(t.Title), room/2, p.th.Glyphs.Ellipsis)
	}
	if f.focus == at {
		return c.View(room, true)
	}
	return text.Truncate(text.Clean(c.Value()), max(room-text.Width(note), 4), p.th.Glyphs.Ellipsis) + p.th.Paint(theme.Dim, note)
}

// given is what a field that is left empty comes to.
func given(at part, t template.Template) string {
	switch at {
	case partCPU:
		if t.CPU > 0 {
			return cpuText(t) + ", as the template says"
		}
		return "as the template says"
	case partMemory:
		if t.Memory > 0 {
			return memoryText(t) + ", as the template says"
		}
		return "as the template says"
	case partStorage:
		return "the template's, or the cluster's default"
	case partLabels:
		return "none"
	}
	return ""
}

// remarks are what is wrong with a part, or what is to be known of it.
func (p *Launch) remarks(at part, t template.Template, ok bool) []sheet.Words {
	var out []sheet.Words
	for _, text := range p.wrong(ids[at]) {
		out = append(out, sheet.Bad(p.th.Glyphs.Cross+" "+text))
	}
	if len(out) > 0 {
		return out
	}
	switch {
	case at == partTemplate && ok && t.Instancetype != "":
		return []sheet.Words{sheet.Dim("CPU and memory come from the instance type " + t.Instancetype + ".")}
	case at == partNamespace && ok && p.form.value(at) != "":
		return p.permitted(p.form.value(at))
	case at == partCPU && p.form.focus == at && ok:
		return []sheet.Words{sheet.Dim("Empty: " + given(at, t) + ".")}
	case at == partMemory && p.form.focus == at && ok:
		return []sheet.Words{sheet.Dim("As in 512Mi or 4Gi. Empty: " + given(at, t) + ".")}
	}
	return nil
}

// permitted says whether VMs may be made in a namespace, before it is tried.
func (p *Launch) permitted(namespace string) []sheet.Words {
	switch v := launchingIn(p.deck, namespace); v.Cause {
	case vm.Permission:
		text := p.th.Glyphs.Cross + " Not permitted: " + v.Decision.Reason + "."
		if len(v.Decision.Grants) > 0 {
			text += " Roles that grant it: " + strings.Join(v.Decision.Grants, ", ") + "."
		}
		return []sheet.Words{sheet.Bad(text)}
	case vm.Asking:
		return []sheet.Words{sheet.Dim("asking whether you may" + p.th.Glyphs.Ellipsis)}
	case vm.On:
		if namespace == "default" {
			return []sheet.Words{sheet.Dim("Permitted. A namespace of its own is better for VMs.")}
		}
	}
	return nil
}

func (p *Launch) button(label string, of part) string {
	if p.form.focus == of {
		return p.th.Paint(theme.Reverse, "[ "+label+" ]")
	}
	return "  " + label + "  "
}
