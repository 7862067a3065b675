package dialog

import (
	"slices"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/input"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// Kind is what a field takes.
type Kind uint8

// The kinds of field.
const (
	Text Kind = iota
	Number
	Choice
	Toggle // "true" or "false".
)

// Field is one line of a form.
type Field struct {
	ID, Label string
	// Help is shown while the field has the focus.
	Help  string
	Kind  Kind
	Value string
	// Choices are for Choice; Suggest completes a Text.
	Choices     []string
	Suggest     func(string) []string
	Placeholder string
	// Validate returns what is wrong with a value, "" when nothing is.
	Validate func(string) string
}

// field is a Field while it is edited.
type field struct {
	Field
	input *input.Model
	err   string
}

// Form asks for several values at once.
type Form struct {
	Title  string
	Intro  []string
	Submit string // Label of the button that accepts.
	// Danger marks a form whose acceptance interrupts something.
	Danger bool

	th     *theme.Theme
	fields []*field
	focus  int // Index of the field; then Cancel, then Submit.
	done   Done
	scroll scroll
}

// NewForm makes a form. The result's Values has every field.
func NewForm(th *theme.Theme, title string, intro []string, fields []Field, submit string, done Done) *Form {
	f := &Form{Title: title, Intro: intro, Submit: submit, th: th, done: done}
	for _, d := range fields {
		if d.Kind == Choice && !slices.Contains(d.Choices, d.Value) && len(d.Choices) > 0 {
			d.Value = d.Choices[0]
		}
		in := input.New(th)
		in.Placeholder, in.Suggest = d.Placeholder, d.Suggest
		in.SetValue(d.Value)
		f.fields = append(f.fields, &field{Field: d, input: in})
	}
	return f
}

// Guarded is true.
func (f *Form) Guarded() bool { return true }

func (f *field) value() string {
	if f.Kind == Choice || f.Kind == Toggle {
		return f.Value
	}
	return f.input.Value()
}

func (f *field) check() bool {
	f.err = ""
	v := f.value()
	if f.Kind == Number {
		if _, err := strconv.ParseInt(v, 10, 64); err != nil {
			f.err = "a whole number, please"
			return false
		}
	}
	if f.Validate != nil {
		f.err = f.Validate(v)
	}
	return f.err == ""
}

// Update edits the field with the focus and moves the focus.
func (f *Form) Update(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return f.key(msg)
	case tea.PasteMsg:
		if e := f.current(); e != nil {
			e.edit(msg)
		}
	}
	return nil, false
}

func (f *Form) current() *field {
	if f.focus < len(f.fields) {
		return f.fields[f.focus]
	}
	return nil
}

func (f *Form) key(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	k, cur := msg.String(), f.current()
	if cur != nil && k != "enter" && cur.edit(msg) {
		return nil, false
	}
	n := len(f.fields) + 2
	switch k {
	case "esc":
		return f.done.call(Result{}), true
	case "tab", "down":
		f.focus = (f.focus + 1) % n
	case "shift+tab", "up":
		f.focus = (f.focus + n - 1) % n
	case "left", "right", "h", "l":
		if cur == nil {
			f.focus = 2*len(f.fields) + 1 - f.focus // The other button.
		}
	case "enter":
		return f.enter()
	}
	return nil, false
}

// enter goes to the next field, and accepts on the last one.
func (f *Form) enter() (tea.Cmd, bool) {
	switch {
	case f.focus == len(f.fields):
		return f.done.call(Result{}), true
	case f.focus < len(f.fields)-1:
		if f.fields[f.focus].check() {
			f.focus++
		}
		return nil, false
	}
	values, ok := make(map[string]string, len(f.fields)), true
	for i, e := range f.fields {
		values[e.ID] = e.value()
		if !e.check() && ok {
			ok = false
			f.focus = i
		}
	}
	if !ok {
		return nil, false
	}
	return f.done.call(Result{OK: true, Choice: "submit", Values: values}), true
}

// edit changes the field's value; it reports false for keys that move the focus.
func (f *field) edit(msg tea.Msg) bool {
	if f.Kind == Text || f.Kind == Number {
		if !f.input.Update(msg) {
			return false
		}
		f.err = ""
		return true
	}
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return false
	}
	by := 0
	switch k.String() {
	case "left", "h":
		by = -1
	case "right", "l", "space":
		by = 1
	default:
		return false
	}
	f.turn(by)
	return true
}

func (f *field) turn(by int) {
	f.err = ""
	if f.Kind == Toggle {
		f.Value = strconv.FormatBool(f.Value != "true")
		return
	}
	if n := len(f.Choices); n > 0 {
		i := slices.Index(f.Choices, f.Value)
		f.Value = f.Choices[(i+by+n)%n]
	}
}

// View draws the form; the field with the focus is always on the screen.
func (f *Form) View(w, h int) string {
	in := inner(formInner, w)
	labels := 0
	for _, e := range f.fields {
		labels = max(labels, text.Width(text.Clean(e.Label)))
	}
	labels = min(labels, in/2)
	lines := wrapAll(f.Intro, in)
	if len(lines) > 0 {
		lines = append(lines, "")
	}
	first, last := 0, 0
	for i, e := range f.fields {
		if i == f.focus {
			first = len(lines)
		}
		lines = append(lines, f.line(e, i == f.focus, labels, in)...)
		if i == f.focus {
			last = len(lines) - 1
		}
	}
	answers := []Button{{Label: "Cancel"}, {Label: f.Submit, Danger: f.Danger}}
	footer := buttons(f.th, answers, f.focus-len(f.fields), in)
	room := max(h-frameRows-len(footer), 1)
	if f.focus >= len(f.fields) {
		first, last = len(lines)-1, len(lines)-1
	}
	f.scroll.top = min(max(f.scroll.top, last-room+2), first)
	tone := theme.Strong
	if f.Danger {
		tone = theme.Bad
	}
	return box(f.th, f.Title, tone, stackUp(f.scroll.window(f.th, lines, room), footer, h-frameRows), in)
}

// line draws one field, with its error or its help below.
func (f *Form) line(e *field, focus bool, labels, w int) []string {
	label := text.Fit(text.Clean(e.Label), labels, f.th.Glyphs.Ellipsis)
	mark := "  "
	if focus {
		mark = f.th.Glyphs.Cursor + " "
		label = f.th.Paint(theme.Strong, label)
	}
	out := []string{mark + label + "  " + f.value(e, focus, max(w-labels-4, 1))}
	indent := text.Spaces(labels + 4)
	below, tone := "", theme.Dim
	switch {
	case e.err != "":
		below, tone = f.th.Glyphs.Cross+" "+e.err, theme.Bad
	case focus:
		below = e.Help
	}
	if below == "" {
		return out
	}
	for _, l := range text.Wrap(text.Clean(below), max(w-labels-4, 8)) {
		out = append(out, indent+f.th.Paint(tone, l))
	}
	return out
}

func (f *Form) value(e *field, focus bool, w int) string {
	g := f.th.Glyphs
	switch e.Kind {
	case Toggle:
		if e.Value == "true" {
			return g.On + " yes"
		}
		return g.Off + " no"
	case Choice:
		v := text.Clean(e.Value)
		if focus {
			return f.th.Paint(theme.Reverse, "< "+v+" >")
		}
		return v
	}
	return e.input.View(w, focus)
}
