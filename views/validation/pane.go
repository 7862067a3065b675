package validation

import (
	"fmt"
	"strings"
	"time"

	"vmdeck.dev/vmdeck/kube/check"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// pane is as much of a result as w×h cells have room for.
func (p *Page) pane(r *row, w, h int) string {
	s := &sheet.Sheet{Theme: p.th, Width: max(w-1, 1)}
	p.about(s, r, "enter")
	lines := make([]string, 0, h)
	for _, l := range s.Lines {
		lines = append(lines, l.Shown)
	}
	if len(lines) > h && h > 0 {
		lines = append(lines[:h-1], p.th.Paint(theme.Dim, "  "+p.th.Glyphs.Ellipsis+" enter shows all"))
	}
	return text.Block(strings.Join(lines, "\n"), w, h)
}

// about writes a result, what is to be done about it first. key shows the matrix.
func (p *Page) about(s *sheet.Sheet, r *row, key string) {
	cell := verdictCell(p.th.Glyphs, r)
	title := r.check.Title
	if r.result != nil && r.result.Object != "" {
		title += ": " + r.result.Object
	}
	s.Raw(" " + p.th.Paint(cell.PrefixTone, cell.Prefix) + " " + cell.Text + "  " +
		p.th.Paint(theme.Strong, text.Truncate(text.Clean(title), max(s.Width-text.Width(cell.Text)-6, 1), p.th.Glyphs.Ellipsis)))
	if r.result == nil {
		s.Fields([]sheet.Field{{Key: "proves", Values: []sheet.Words{{Text: r.check.Proves}}}})
		return
	}
	fields := []sheet.Field{{Key: "finding", Values: []sheet.Words{{Text: r.result.Summary}}}}
	add := func(key string, tone theme.Tone, values ...string) {
		f := sheet.Field{Key: key}
		for _, v := range values {
			if v != "" {
				f.Values = append(f.Values, sheet.Words{Text: v, Tone: tone})
			}
		}
		if len(f.Values) > 0 {
			fields = append(fields, f)
		}
	}
	if fix := fixField(r.result); len(fix.Values) > 0 {
		fields = append(fields, fix)
	}
	add("evidence", theme.Normal, r.result.Evidence...)
	add("needs", theme.Normal, permissions(r.result.Missing)...)
	add("granted by", theme.Normal, strings.Join(r.result.Grants, ", "))
	if m := r.result.Matrix; m != nil {
		add("rights", theme.Normal, fmt.Sprintf("%s shows %s in %s", key, text.Count(actions(*m), "action"), text.Count(len(m.Places), "place")))
	}
	add("proves", theme.Dim, r.result.Proves)
	add("asked", theme.Dim, r.result.How...)
	add("checked", theme.Dim, fmt.Sprintf("%s, in %s", p.age(r.at), r.result.Took.Round(time.Millisecond)))
	s.Fields(fields)
}

func fixField(r *check.Result) sheet.Field {
	f := sheet.Field{Key: "fix"}
	if r.Fix.Text != "" {
		f.Values = append(f.Values, sheet.Words{Text: r.Fix.Text})
	}
	if r.Fix.Command != "" {
		f.Values = append(f.Values, sheet.Words{Text: "$ " + r.Fix.Command, Tone: theme.Accent})
	}
	if does := opens(r.Fix); does != "" {
		f.Values = append(f.Values, sheet.Words{Text: does, Tone: theme.Dim})
	}
	if r.Check == "access.personas" && r.Object == "others" { // there are too many to ask about all
		f.Values = append(f.Values, sheet.Words{Text: "u looks at one of them", Tone: theme.Dim})
	}
	return f
}

func permissions(perms []rbac.Permission) []string {
	out := make([]string, len(perms))
	for i, perm := range perms {
		out[i] = perm.String()
	}
	return out
}

func actions(m check.Matrix) int {
	if len(m.Places) == 0 {
		return 0
	}
	return len(m.Places[0].Cells)
}
