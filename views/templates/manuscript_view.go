package templates

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/area"
	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// mostTold keeps the text in sight where much is to be told under it.
const mostTold = 5

// View implements shell.Page.
func (m *manuscript) View(w, h int) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	head := "New template"
	if !m.fresh() {
		head = m.before.Name
	}
	lines := []string{title(m.th, head, fmt.Sprintf("line %d of %d", m.area.Line(), m.area.Lines()), w)}
	foot := under(m.th, m.told(), w, min(mostTold, h/3))
	marks := map[int]area.Mark{}
	for _, pr := range m.problems {
		if line := placed(m.area.Text(), pr.Field); line > 0 {
			marks[line] = area.Mark{Symbol: m.th.Glyphs.Cross, Tone: theme.Bad}
		}
	}
	lines = append(lines, m.area.View(w, max(h-1-len(foot), 1), m.asking.Len() == 0 && m.busy == "", marks))
	body := text.Block(strings.Join(append(lines, foot...), "\n"), w, h)
	if m.asking.Len() > 0 {
		body = text.Block(m.asking.View(body, w, h), w, h)
	}
	return body
}

// title is the first line of a page: what it is about at the left, a remark at the right.
func title(th *theme.Theme, left, right string, w int) string {
	left = text.Truncate(" "+text.Clean(left), max(w-text.Width(right)-2, 0), th.Glyphs.Ellipsis)
	return text.Block(th.Paint(theme.Strong, left)+text.Spaces(max(w-text.Width(left)-text.Width(right)-1, 0))+th.Paint(theme.Dim, right), w, 1)
}

// under are at most so many lines of what is to be told below a text, with a rule over them.
func under(th *theme.Theme, told []sheet.Words, w, most int) []string {
	if len(told) == 0 || most < 2 {
		return nil
	}
	s := &sheet.Sheet{Theme: th, Width: max(w-2, 1)}
	for _, words := range told {
		s.Para(0, words)
	}
	out := []string{th.Paint(theme.Dim, text.Fit(" "+strings.Repeat(th.Glyphs.HLine, max(w-2, 0)), w, ""))}
	for i, l := range s.Lines {
		if i == most-1 && len(s.Lines) > most {
			out = append(out, th.Paint(theme.Dim, " "+th.Glyphs.Ellipsis))
			break
		}
		out = append(out, text.Block(" "+l.Shown, w, 1))
	}
	return out
}

// writingBindings are known to the text, for the help. There are no letters: those are text.
func writingBindings() []keys.Binding {
	return []keys.Binding{
		{ID: "save", Keys: []string{"ctrl+s"}, Label: "save", Help: "Have the server try it, and save it after a question"},
		{ID: "undo", Keys: []string{"ctrl+u"}, Label: "undo", Help: "Take back the last change; ctrl+y brings it back"},
		{ID: "back", Keys: []string{"esc"}, Label: "back", Help: "Leave; asks when something was changed"},
	}
}

// Hints implements shell.Page.
func (m *manuscript) Hints() []shell.Hint {
	if m.asking.Len() > 0 {
		return nil
	}
	v := writing(m.deck, m.verb())
	save := shell.Hint{Key: "ctrl+s", Label: "save", Off: !v.Offered(), Reason: v.Reason}
	if m.fresh() {
		save.Label = "make"
	}
	rest := []shell.Hint{{Key: "ctrl+u", Label: "undo", Priority: 1}, {Key: "esc", Label: "back"}}
	if save.Off {
		return append(rest, save)
	}
	return append([]shell.Hint{save}, rest...)
}

// Help implements shell.Page.
func (m *manuscript) Help() []help.Section {
	return []help.Section{shell.Section("Template", writingBindings(), m.th.Glyphs)}
}

// Commands implements shell.Page.
func (m *manuscript) Commands() []palette.Entry {
	v := writing(m.deck, m.verb())
	return []palette.Entry{{ID: "save", Title: "Have the server try the template, and save it after a question", Key: "ctrl+s", Disabled: !v.Offered(), Reason: v.Reason,
		Run: func(string) tea.Cmd { return m.save() }}}
}
