package dialog

import (
	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/choose"
	"vmdeck.dev/vmdeck/ui/input"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// freeID is the item for what was typed.
const freeID = "\x00free"

// Picker chooses one of many by typing part of its name.
type Picker struct {
	Title string
	// Note is a line above the list: "You may not list namespaces: type one".
	Note string
	// Free allows what is typed even if no item has that name.
	Free bool
	// Danger makes the picker wait for quiet, when choosing has consequences.
	Danger bool

	th     *theme.Theme
	list   *choose.List
	items  []choose.Item
	field  *input.Model
	done   Done
	reason string
}

// NewPicker makes a picker. The result's Choice is the ID of the item, or the text itself when it was typed freely.
func NewPicker(th *theme.Theme, title string, items []choose.Item, done Done) *Picker {
	p := &Picker{Title: title, th: th, list: choose.New(th, items), items: items, field: input.New(th), done: done}
	p.field.Placeholder = "type to search"
	return p
}

// SetItems replaces the items while the picker is open.
func (p *Picker) SetItems(items []choose.Item) {
	p.items = items
	p.list.SetItems(items)
	p.filter()
}

// Guarded is false: typing ahead into a search does no harm.
func (p *Picker) Guarded() bool { return p.Danger }

// Update searches, moves and chooses.
func (p *Picker) Update(msg tea.Msg) (tea.Cmd, bool) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "esc":
			return p.done.call(Result{}), true
		case "enter":
			return p.enter()
		case "up", "ctrl+p", "shift+tab":
			p.move(-1)
			return nil, false
		case "down", "ctrl+n", "tab":
			p.move(1)
			return nil, false
		case "pgup":
			p.move(-10)
			return nil, false
		case "pgdown":
			p.move(10)
			return nil, false
		}
	}
	if p.field.Update(msg) {
		p.filter()
	}
	return nil, false
}

func (p *Picker) move(by int) {
	p.reason = ""
	p.list.Move(by)
}

func (p *Picker) filter() {
	typed := p.field.Value()
	p.reason = ""
	p.list.Filter(typed)
	p.list.SetLast(nil)
	if !p.Free || typed == "" {
		return
	}
	for _, it := range p.items {
		if it.Title == typed {
			return
		}
	}
	p.list.SetLast(&choose.Item{ID: freeID, Title: typed, Desc: "as typed"})
}

func (p *Picker) enter() (tea.Cmd, bool) {
	it, ok := p.list.Current()
	switch {
	case !ok:
		return nil, false
	case it.Off:
		p.reason = it.Reason
		return nil, false
	case it.ID == freeID:
		return p.done.call(Result{OK: true, Choice: it.Title, Text: it.Title}), true
	}
	return p.done.call(Result{OK: true, Choice: it.ID, Text: p.field.Value()}), true
}

// View draws the picker. Its height does not change while one types.
func (p *Picker) View(w, h int) string {
	in := inner(formInner, w)
	p.field.Prompt = p.th.Glyphs.Cursor + " "
	lines := []string{p.field.View(in, true)}
	for _, l := range text.Wrap(text.Clean(p.Note), in) {
		if l != "" {
			lines = append(lines, p.th.Paint(theme.Warn, l))
		}
	}
	room := max(min(len(p.items)+1, 16, h-frameRows-len(lines)-1), 1)
	rows := p.list.View(in, room)
	if len(rows) == 0 {
		rows = []string{p.th.Paint(theme.Dim, "  nothing matches")}
	}
	lines = append(lines, rows...)
	for range room - len(rows) {
		lines = append(lines, "")
	}
	hint, part := "enter choose  esc cancel", p.list.Range(room)
	last := p.th.Paint(theme.Dim, hint+text.Spaces(max(in-text.Width(hint)-text.Width(part), 2))+part)
	if p.reason != "" {
		last = p.th.Paint(theme.Warn, p.th.Glyphs.Warn+" "+p.reason)
	}
	lines = append(lines, last)
	return box(p.th, p.Title, theme.Strong, lines[:min(len(lines), max(h-frameRows, 1))], in)
}
