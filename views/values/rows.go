package values

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/input"
)

// row is a line of a form: a heading, a preset, or a value.
type row struct {
	heading string
	group   pack.Group // of a preset
	preset  *pack.Preset

	path        pack.Path // of a value
	title, desc string
	kind        string // as pack.Field.Type
	enum        []string
	need        bool
}

// id tells a row from others when the rows are made anew.
func (r row) id() string {
	if r.preset != nil {
		return "preset " + r.group.Name + " " + r.preset.Name
	}
	return r.heading + "value " + r.path.String()
}

// rows is a form.
type rows struct {
	m       *Model
	make    func(*Model) []row
	all     []row
	cursor  int
	top     int
	field   *input.Model
	editing bool // a setting
	// typing is whether what has to be filled in is a field as soon as the cursor is on it: not when a letter has moved the cursor there,
	// or the next one would be text.
	typing bool
}

func newRows(m *Model, of func(*Model) []row) *rows {
	return &rows{m: m, make: of, field: input.New(m.th)}
}

// choiceRows are the presets, and what has to be filled in with them.
func choiceRows(m *Model) []row {
	var out []row
	for _, g := range m.pack.Groups() {
		out = append(out, row{heading: g.Name, group: g})
		for i := range g.Presets {
			out = append(out, row{group: g, preset: &g.Presets[i]})
		}
	}
	if len(m.now.needs) > 0 {
		out = append(out, row{heading: "To fill in"})
	}
	fields := m.pack.Schema().Fields()
	for _, need := range m.now.needs {
		r := row{path: need.At(), title: need.Title, desc: need.Description, kind: "string", need: true}
		if i := slices.IndexFunc(fields, func(f pack.Field) bool { return slices.Equal(f.Path, r.path) }); i >= 0 {
			r.kind, r.enum = fields[i].Type, fields[i].Enum
		}
		out = append(out, r)
	}
	return out
}

// settingRows are the settings that the schema describes, group by group. Of the groups around one the two innermost tell enough.
func settingRows(m *Model) []row {
	fields := m.pack.Schema().Fields()
	slices.SortStableFunc(fields, func(a, b pack.Field) int { return slices.Compare(a.Path[:len(a.Path)-1], b.Path[:len(b.Path)-1]) })
	var out []row
	last := ""
	for i, f := range fields {
		if title := strings.Join(f.Groups[max(len(f.Groups)-2, 0):], " / "); i == 0 || title != last {
			last = title
			if title != "" {
				out = append(out, row{heading: title})
			}
		}
		out = append(out, row{path: f.Path, title: f.Title, desc: f.Description, kind: f.Type, enum: f.Enum})
	}
	return out
}

// fill makes the rows anew. The cursor stays on its row.
func (f *rows) fill() {
	var was string
	if f.cursor < len(f.all) {
		was = f.all[f.cursor].id()
	}
	f.all = f.make(f.m)
	if i := slices.IndexFunc(f.all, func(r row) bool { return r.id() == was }); i >= 0 && was != "" {
		f.cursor = i
	}
	f.step(0)
	f.load()
}

// current is the row of the cursor; nil: there is none.
func (f *rows) current() *row {
	if f.cursor < 0 || f.cursor >= len(f.all) || f.all[f.cursor].heading != "" {
		return nil
	}
	return &f.all[f.cursor]
}

// live tells whether keys are text.
func (f *rows) live() bool {
	r := f.current()
	return f.editing || f.typing && r != nil && r.fillable(f.m)
}

// fillable tells whether a row is a value to fill in that is typed in its line.
func (r row) fillable(m *Model) bool {
	return r.need && len(r.enum) == 0 && r.kind != "boolean" && r.oneLine(m)
}

// load shows the row's value in the field, unless it is there already.
func (f *rows) load() {
	if r := f.current(); r != nil && r.preset == nil && !f.editing {
		if now := f.written(*r); now != f.field.Value() {
			f.field.SetValue(now)
		}
	}
}

// step moves the cursor over rows that are no headings.
func (f *rows) step(by int) {
	dir := 1
	if by < 0 {
		dir = -1
	}
	at := max(min(f.cursor+by, len(f.all)-1), 0)
	for i := at; i >= 0 && i < len(f.all); i += dir {
		if f.all[i].heading == "" {
			f.cursor = i
			f.load()
			return
		}
	}
	for i := at; i >= 0 && i < len(f.all); i -= dir {
		if f.all[i].heading == "" {
			f.cursor = i
			f.load()
			return
		}
	}
}

// goTo puts the cursor on the row of a path; it reports false when there is none.
func (f *rows) goTo(at pack.Path) bool {
	i := slices.IndexFunc(f.all, func(r row) bool { return r.path != nil && slices.Equal(r.path, at) })
	if i < 0 {
		return false
	}
	f.editing, f.typing, f.cursor = false, true, i
	f.load()
	return true
}

// key moves, chooses and edits; it reports whether the key was for the form.
func (f *rows) key(msg tea.KeyPressMsg) bool {
	if f.live() {
		return f.typed(msg)
	}
	if f.moved(msg.String()) {
		return true
	}
	f.typing = false
	switch msg.String() {
	case "k":
		f.step(-1)
	case "j":
		f.step(1)
	case "g":
		f.cursor = 0
		f.step(0)
	case "G":
		f.step(len(f.all))
	case "right", "l":
		f.cycle(1)
	case "left", "h":
		f.cycle(-1)
	case "enter", "space":
		f.press()
	default:
		return false
	}
	return true
}

// moved carries out the keys that move also out of a field.
func (f *rows) moved(key string) bool {
	was := f.typing
	f.typing = true
	switch key {
	case "up":
		f.step(-1)
	case "down":
		f.step(1)
	case "pgup":
		f.step(-10)
	case "pgdown":
		f.step(10)
	default:
		f.typing = was
		return false
	}
	return true
}
