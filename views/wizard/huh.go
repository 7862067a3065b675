package wizard

import (
	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"
	"charm.land/lipgloss/v2"

	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// look gives huh's fields the theme of the program: the terminal's own colours, and symbols that it can show.
func look(th *theme.Theme) huh.Theme {
	plain, dim, accent := th.Style(theme.Normal), th.Style(theme.Dim), th.Style(theme.Accent)
	blurred := huh.FieldStyles{
		Title: plain, Description: dim, ErrorMessage: th.Style(theme.Bad),
		TextInput: huh.TextInputStyles{Cursor: plain, CursorText: plain, Placeholder: dim, Prompt: dim, Text: plain},
	}
	focused := blurred
	focused.Title = accent
	focused.TextInput.Prompt = accent
	styles := &huh.Styles{FieldSeparator: lipgloss.NewStyle(), Blurred: blurred, Focused: focused}
	return huh.ThemeFunc(func(bool) *huh.Styles { return styles })
}

// entry is a field in which something is typed, one of huh's. Commands of the field are never run: they blink its cursor, which costs
// bytes on a slow line, and read a clipboard that is not the terminal's.
type entry struct {
	id    string
	huh   huh.Field
	note  string              // what the field is for
	check func(string) string // what is wrong with it, as a sentence; nil: nothing ever
	value *string
	typed func() // after each change
	asked bool   // it was left or submitted: now what is missing is a fault
	lines int
}

// margin is how far what is typed stands to the right of the title, for the cursor.
const margin = 2

// newEntry makes a field of one line for a value.
func newEntry(th *theme.Theme, id, title, note, placeholder string, value *string, check func(string) string) *entry {
	e := &entry{id: id, note: note, check: check, value: value, lines: 1}
	e.huh = huh.NewInput().Title(title).Placeholder(placeholder).Prompt("").Value(value)
	return e.dressed(th)
}

// newText makes a field of several lines.
func newText(th *theme.Theme, id, title, note string, lines int, value *string) *entry {
	e := &entry{id: id, note: note, value: value, lines: lines}
	e.huh = huh.NewText().Title(title).ShowLineNumbers(false).ExternalEditor(false).Lines(lines).Value(value)
	return e.dressed(th)
}

func (e *entry) dressed(th *theme.Theme) *entry {
	e.huh.WithTheme(look(th))
	e.huh.WithKeyMap(huh.NewDefaultKeyMap())
	e.huh.Init()
	return e
}

func (e *entry) key() string { return e.id }

func (e *entry) focus(on bool) {
	if on {
		e.huh.Focus()
		return
	}
	before := *e.value
	e.huh.Blur()
	*e.value = before // huh writes back what it shows, which is not always what was given
	e.asked = true
}

// update edits. It reports whether the message was for the field.
func (e *entry) update(msg tea.Msg) bool {
	before := *e.value
	m, _ := e.huh.Update(msg)
	e.huh = m.(huh.Field)
	if *e.value != before && e.typed != nil {
		e.typed()
	}
	return true
}

func (e *entry) problem() string {
	if e.check == nil {
		return ""
	}
	return e.check(*e.value)
}

// view draws the field in lines, what it is for or what is wrong with it beneath. Nothing is wrong with a field that nobody has been in.
func (e *entry) view(th *theme.Theme, w int, on bool) []string {
	e.huh.WithWidth(max(w-margin, 8))
	lines := splitLines(e.huh.View())
	for i := 1; i < len(lines); i++ {
		lines[i] = text.Spaces(margin) + lines[i]
	}
	if on && len(lines) > 1 {
		lines[1] = th.Paint(theme.Accent, th.Glyphs.Cursor) + lines[1][1:]
	}
	problem := e.problem()
	if problem == "" || *e.value == "" && !e.asked {
		return append(lines, painted(th, theme.Dim, e.note, w)...)
	}
	return append(lines, painted(th, theme.Bad, th.Glyphs.Cross+" "+problem, w)...)
}

// painted breaks words into lines of at most w cells, indented by two.
func painted(th *theme.Theme, tone theme.Tone, words string, w int) []string {
	if words == "" {
		return nil
	}
	var out []string
	for _, line := range text.Wrap(th.Glyphs.Arrows(text.Clean(words)), max(w-2, 8)) {
		out = append(out, "  "+th.Paint(tone, line))
	}
	return out
}
