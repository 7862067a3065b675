package dialog

import (
	"cmp"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/input"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// cancelID is the button that every question has.
const cancelID = "cancel"

// Confirm asks a question with buttons. Cancel comes first and has the focus, unless Focus says otherwise.
type Confirm struct {
	Title string
	Body  []string
	// Buttons are the answers besides Cancel.
	Buttons []Button
	// Keep is what the button that changes nothing is called where "Cancel" could mean two things; empty: Cancel.
	Keep string

	th     *theme.Theme
	done   Done
	focus  int
	scroll scroll
}

// NewConfirm makes a question. The result's Choice is the ID of the button.
func NewConfirm(th *theme.Theme, title string, body []string, buttons []Button, done Done) *Confirm {
	return &Confirm{Title: title, Body: body, Buttons: buttons, th: th, done: done}
}

// Focus gives the focus to an answer, by its ID. It is for questions where what people mostly want destroys nothing; a dangerous answer
// never gets it.
func (c *Confirm) Focus(id string) *Confirm {
	for i, b := range c.Buttons {
		if b.ID == id && !b.Danger {
			c.focus = i + 1
		}
	}
	return c
}

// Guarded is true: a key typed before the question appeared must not answer it.
func (c *Confirm) Guarded() bool { return true }

func (c *Confirm) all() []Button {
	return append([]Button{{ID: cancelID, Label: cmp.Or(c.Keep, "Cancel")}}, c.Buttons...)
}

// Update moves between the buttons and answers.
func (c *Confirm) Update(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		c.scroll.mouse(msg)
	case tea.KeyPressMsg:
		return c.key(msg.String())
	}
	return nil, false
}

func (c *Confirm) key(k string) (tea.Cmd, bool) {
	n := len(c.Buttons) + 1
	switch k {
	case "tab", "right", "l":
		c.focus = (c.focus + 1) % n
	case "shift+tab", "left", "h":
		c.focus = (c.focus + n - 1) % n
	case "esc", "n":
		return c.answer(0)
	case "y":
		// Convenient for the harmless, never enough for what destroys.
		if len(c.Buttons) == 1 && !c.Buttons[0].Danger {
			return c.answer(1)
		}
	case "enter", "space":
		return c.answer(c.focus)
	default:
		c.scroll.key(k)
	}
	return nil, false
}

func (c *Confirm) answer(i int) (tea.Cmd, bool) {
	if i == 0 {
		return c.done.call(Result{}), true
	}
	return c.done.call(Result{OK: true, Choice: c.Buttons[i-1].ID}), true
}

// View draws the question.
func (c *Confirm) View(w, h int) string {
	tone := theme.Strong
	labels := []string{c.Title}
	for _, b := range c.Buttons {
		if b.Danger {
			tone = theme.Bad
		}
	}
	in := inner(widest(append(labels, wrapAll(c.Body, w)...)...)+2, w)
	footer := buttons(c.th, c.all(), c.focus, in)
	room := h - frameRows - len(footer)
	body := c.scroll.window(c.th, wrapAll(c.Body, in), room)
	return box(c.th, c.Title, tone, stackUp(body, footer, h-frameRows), in)
}

// TypeToConfirm asks to type a text, for what cannot be undone.
type TypeToConfirm struct {
	Title string
	Body  []string
	// Want is what has to be typed, exactly: the name of the object, or the number of them.
	Want string
	// Verb names the deed: "delete".
	Verb string

	th     *theme.Theme
	done   Done
	field  *input.Model
	wrong  bool
	scroll scroll
}

// NewTypeToConfirm makes a question that is answered by typing want.
func NewTypeToConfirm(th *theme.Theme, title string, body []string, want, verb string, done Done) *TypeToConfirm {
	return &TypeToConfirm{Title: title, Body: body, Want: want, Verb: verb, th: th, done: done, field: input.New(th)}
}

// Guarded is true.
func (c *TypeToConfirm) Guarded() bool { return true }

// Update takes the text; enter with the right text confirms, with any other it says so.
func (c *TypeToConfirm) Update(msg tea.Msg) (tea.Cmd, bool) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch s := k.String(); s {
		case "esc":
			return c.done.call(Result{}), true
		case "enter":
			if c.field.Value() == c.Want && c.Want != "" {
				return c.done.call(Result{OK: true, Choice: c.Verb, Text: c.Want}), true
			}
			c.wrong = true
			return nil, false
		case "up", "down", "pgup", "pgdown":
			c.scroll.key(s)
			return nil, false
		}
	}
	if wheel, ok := msg.(tea.MouseWheelMsg); ok {
		c.scroll.mouse(wheel)
	}
	if c.field.Update(msg) {
		c.wrong = false
	}
	return nil, false
}

// View draws the question.
func (c *TypeToConfirm) View(w, h int) string {
	want := text.Clean(c.Want)
	ask := "Type " + want + " to " + text.Clean(c.Verb) + ":"
	in := inner(max(widest(wrapAll(c.Body, w)...), text.Width(ask), text.Width(c.Title)+2), w)
	var footer []string
	for _, line := range text.Wrap(ask, in) {
		footer = append(footer, strings.Replace(line, want, c.th.Paint(theme.Strong, want), 1))
	}
	c.field.Prompt = c.th.Glyphs.Cursor + " "
	footer = append(footer, c.field.View(in, true), c.state())
	body := c.scroll.window(c.th, wrapAll(c.Body, in), h-frameRows-len(footer))
	return box(c.th, c.Title, theme.Bad, stackUp(body, footer, h-frameRows), in)
}

func (c *TypeToConfirm) state() string {
	switch {
	case c.field.Value() == c.Want:
		return c.th.Paint(theme.Bad, c.th.Glyphs.Mark+" enter to "+text.Clean(c.Verb)) + c.th.Paint(theme.Dim, "  esc cancel")
	case c.wrong:
		return c.th.Paint(theme.Warn, c.th.Glyphs.Cross+" not the same") + c.th.Paint(theme.Dim, "  esc cancel")
	}
	return c.th.Paint(theme.Dim, "esc cancel")
}
