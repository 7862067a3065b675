package wizard

import (
	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// option is one choice of a radio group.
type option struct {
	id, title, note string
}

// radio is a group of which one option is chosen. The cursor moves apart from the choice, so that looking changes nothing.
type radio struct {
	id, title string
	options   []option
	chosen    string
	at        int
	choose    func(id string)
}

func newRadio(id, title string, options []option, chosen string, choose func(string)) *radio {
	r := &radio{id: id, title: title, options: options, chosen: chosen, choose: choose}
	for i, o := range options {
		if o.id == chosen {
			r.at = i
		}
	}
	return r
}

func (r *radio) key() string { return r.id }

func (r *radio) focus(bool) {}

// update moves and chooses. At either end the keys are the form's, which leads to the field beside.
func (r *radio) update(msg tea.Msg) bool {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return false
	}
	switch k.String() {
	case "up", "left":
		if r.at == 0 {
			return false
		}
		r.at--
	case "down", "right":
		if r.at == len(r.options)-1 {
			return false
		}
		r.at++
	case "space":
		r.take()
	case "enter":
		r.take()
		return false
	default:
		return false
	}
	return true
}

// take chooses what the cursor is on.
func (r *radio) take() {
	if id := r.options[r.at].id; id != r.chosen {
		r.chosen = id
		r.choose(id)
	}
}

func (r *radio) problem() string { return "" }

func (r *radio) view(th *theme.Theme, w int, on bool) []string {
	tone := theme.Normal
	if on {
		tone = theme.Accent
	}
	widest := 0
	for _, o := range r.options {
		widest = max(widest, text.Width(o.title))
	}
	lines := []string{th.Paint(tone, r.title)}
	for i, o := range r.options {
		lines = append(lines, r.line(th, o, on && i == r.at, widest, w))
	}
	return lines
}

func (r *radio) line(th *theme.Theme, o option, cursor bool, widest, w int) string {
	mark, tone := th.Glyphs.Ring, theme.Normal
	if o.id == r.chosen {
		mark, tone = th.Glyphs.Dot, theme.Strong
	}
	front := "  "
	if cursor {
		front, tone = th.Paint(theme.Accent, th.Glyphs.Cursor)+" ", theme.Accent
	}
	label := text.Fit(o.title, widest, th.Glyphs.Ellipsis)
	room := w - widest - 7
	line := front + th.Paint(tone, mark+" "+label)
	if room > 10 {
		line += "  " + th.Paint(theme.Dim, text.Truncate(o.note, room, th.Glyphs.Ellipsis))
	}
	return line
}
