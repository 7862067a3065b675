package wizard

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/theme"
)

// field is one stop of a form.
type field interface {
	key() string
	focus(on bool)
	// update reports whether the message was for the field.
	update(msg tea.Msg) bool
	problem() string
	view(th *theme.Theme, w int, on bool) []string
}

// form is fields below each other, one of which has the focus.
type form struct {
	th     *theme.Theme
	fields []field
	at     int
	top    int // first line that is shown
}

func newForm(th *theme.Theme, fields ...field) *form {
	f := &form{th: th, fields: fields}
	if len(fields) > 0 {
		fields[0].focus(true)
	}
	return f
}

func (f *form) current() field {
	if len(f.fields) == 0 {
		return nil
	}
	return f.fields[f.at]
}

// typing tells whether letters are text.
func (f *form) typing() bool {
	_, ok := f.current().(*entry)
	return ok
}

// update gives a message to the field with the focus and moves the focus. It reports that the form was gone through: enter on the last
// field.
func (f *form) update(msg tea.Msg) (through bool) {
	c := f.current()
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		if c != nil {
			c.update(msg)
		}
		return false
	}
	name := k.String()
	if e, ok := c.(*entry); ok {
		several := e.lines > 1 && (name == "up" || name == "down")
		if !several && (name == "tab" || name == "shift+tab" || name == "up" || name == "down" || name == "enter") {
			return f.moved(name)
		}
		e.update(msg)
		return false
	}
	if c != nil && c.update(msg) {
		return false
	}
	return f.moved(name)
}

func (f *form) moved(key string) (through bool) {
	switch key {
	case "tab", "down":
		f.move(1)
	case "shift+tab", "up":
		f.move(-1)
	case "enter":
		if f.at >= len(f.fields)-1 {
			return true
		}
		f.move(1)
	}
	return false
}

func (f *form) move(by int) { f.goTo(f.at + by) }

func (f *form) goTo(i int) {
	if i < 0 || i >= len(f.fields) || i == f.at {
		return
	}
	f.fields[f.at].focus(false)
	f.at = i
	f.fields[i].focus(true)
}

// goToKey puts the focus on the field of a key, where there is one.
func (f *form) goToKey(key string) {
	for i, c := range f.fields {
		if c.key() == key {
			f.goTo(i)
		}
	}
}

// putRight is what a form says that cannot be left; what is wrong stands by the field that then has the focus.
const putRight = "Put this right first."

// fault puts the focus on the first field that is wrong; false: none is.
func (f *form) fault() bool {
	for i, c := range f.fields {
		if c.problem() == "" {
			continue
		}
		if e, ok := c.(*entry); ok {
			e.asked = true
		}
		f.goTo(i)
		return true
	}
	return false
}

// lines draws the form with an empty line between its fields, and says which lines the field with the focus takes.
func (f *form) lines(w int) (lines []string, first, last int) {
	for i, c := range f.fields {
		if i > 0 {
			lines = append(lines, "")
		}
		if i == f.at {
			first = len(lines)
		}
		lines = append(lines, c.view(f.th, w, i == f.at)...)
		if i == f.at {
			last = len(lines) - 1
		}
	}
	return lines, first, last
}

// scrolled is the part of lines that h lines show, so that first to last are in sight.
func scrolled(lines []string, first, last, h int, top *int) []string {
	*top = max(min(*top, first, len(lines)-h), last-h+1, 0)
	return lines[*top:min(*top+h, len(lines))]
}

func splitLines(s string) []string { return strings.Split(strings.TrimRight(s, "\n"), "\n") }
