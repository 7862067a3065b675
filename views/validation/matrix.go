package validation

import (
	"cmp"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/kube/check"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

const (
	leastColumn  = 9 // "✗ missing"
	widestColumn = 18
	columnGap    = 2
)

// grid is where one is in a matrix, as of the last view.
type grid struct {
	top, left, h int
}

func (g *grid) key(name string) {
	page := max(g.h-1, 1)
	switch name {
	case "down", "j", "enter":
		g.top++
	case "up", "k":
		g.top--
	case "pgdown", "ctrl+f", "space":
		g.top += page
	case "pgup", "ctrl+b":
		g.top -= page
	case "ctrl+d":
		g.top += max(page/2, 1)
	case "ctrl+u":
		g.top -= max(page/2, 1)
	case "g", "home":
		g.top = 0
	case "G", "end":
		g.top = len(binding.Needs())
	case "right", "l":
		g.left++
	case "left", "h":
		g.left--
	}
}

func (g *grid) wheel(msg tea.MouseWheelMsg) {
	switch msg.Button {
	case tea.MouseWheelDown:
		g.top += 3
	case tea.MouseWheelUp:
		g.top -= 3
	case tea.MouseWheelRight:
		g.left++
	case tea.MouseWheelLeft:
		g.left--
	}
}

// view draws whom it is about, a line of namespaces that stays, the actions, and what the marks say.
func (g *grid) view(th *theme.Theme, m check.Matrix, w, h int) string {
	foot := legend(th, m, w)
	if h < len(foot)+6 {
		foot = nil
	}
	all := actions(m)
	g.h = max(h-2-len(foot), 1)
	g.top = max(min(g.top, all-g.h), 0)
	g.left = max(min(g.left, len(m.Places)-1), 0)
	first := 0
	for i := range all {
		first = max(first, text.Width(actionTitle(m, i))+1)
	}
	first = min(first, max(w-leastColumn-columnGap, 1))
	places, widths := g.columns(m, w-first)
	right := part(g.top, g.h, all) + " actions, " + part(g.left, len(places), len(m.Places)) + " places "
	title := text.Fit(" Rights of "+text.Clean(m.Subject), max(w-text.Width(right), 0), th.Glyphs.Ellipsis)
	lines := []string{th.Paint(theme.Strong, title) + th.Paint(theme.Dim, right), heads(th, m, places, widths, first)}
	for i := g.top; i < min(g.top+g.h, all); i++ {
		line := text.Fit(" "+actionTitle(m, i), first, th.Glyphs.Ellipsis)
		for k, place := range places {
			mark, tone := cell(th.Glyphs, m, place, i)
			line += text.Spaces(columnGap) + th.Paint(tone, text.Fit(mark, widths[k], ""))
		}
		lines = append(lines, line)
	}
	for len(lines) < h-len(foot) {
		lines = append(lines, "")
	}
	return text.Block(strings.Join(append(lines, foot...), "\n"), w, h)
}

// columns are the places that fit, by their index, with their widths.
func (g *grid) columns(m check.Matrix, room int) (places, widths []int) {
	for {
		places, widths = nil, nil
		used := 0
		for i := g.left; i < len(m.Places); i++ {
			cw := min(max(text.Width(placeName(m.Places[i])), leastColumn), widestColumn)
			if used+columnGap+cw > room && len(places) > 0 {
				break
			}
			used += columnGap + cw
			places, widths = append(places, i), append(widths, cw)
		}
		if g.left == 0 || g.left+len(places) < len(m.Places) {
			return places, widths
		}
		// At the end as many as fit are shown, and not the last alone.
		cw := min(max(text.Width(placeName(m.Places[g.left-1])), leastColumn), widestColumn)
		if used+columnGap+cw > room {
			return places, widths
		}
		g.left--
	}
}

func heads(th *theme.Theme, m check.Matrix, places, widths []int, first int) string {
	line := text.Fit(" ACTION", first, "")
	for k, i := range places {
		line += text.Spaces(columnGap) + text.Fit(placeName(m.Places[i]), widths[k], th.Glyphs.Ellipsis)
	}
	return th.Paint(theme.Header, line)
}

// legend says what the marks mean and what gives the rights that are meant.
func legend(th *theme.Theme, m check.Matrix, w int) []string {
	g := th.Glyphs
	out := []string{"", th.Paint(theme.Dim, text.Fit(" "+g.Mark+" may   "+g.None+" may not", w, g.Ellipsis))}
	if len(m.From) == 0 {
		return out
	}
	out[1] = th.Paint(theme.Dim, text.Fit(" "+g.Mark+" may   "+g.None+" may not   "+g.Cross+" missing: is meant to   "+g.Warn+" surplus: is not meant to", w, g.Ellipsis))
	for _, line := range text.Wrap(text.Clean("Meant by "+strings.Join(m.From, "; ")), max(w-2, 1)) {
		out = append(out, th.Paint(theme.Dim, " "+line))
	}
	return out[:min(len(out), 5)]
}

func placeName(p check.Place) string { return cmp.Or(text.Clean(p.Namespace), "everywhere") }

func actionTitle(m check.Matrix, i int) string {
	id := m.Places[0].Cells[i].Need
	if need, ok := binding.FindNeed(id); ok {
		return need.Title
	}
	return text.Clean(id)
}

// cell is what the matrix says of an action in a place. What is allowed everywhere is said to be too much there alone.
func cell(g theme.Glyphs, m check.Matrix, place, action int) (string, theme.Tone) {
	c := m.Places[place].Cells[action]
	everywhere := place > 0 && m.Places[0].Namespace == "" && m.Places[0].Cells[action].Got == rbac.Allowed
	switch {
	case c.Got == rbac.Unknown:
		return "?", theme.Warn
	case c.Got == rbac.Allowed && c.Known && !c.Want && !everywhere:
		return g.Warn + " surplus", theme.Warn
	case c.Got == rbac.Allowed:
		return g.Mark, theme.Good
	case c.Known && c.Want:
		return g.Cross + " missing", theme.Bad
	}
	return g.None, theme.Dim
}
