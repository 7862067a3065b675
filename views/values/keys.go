package values

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/views/deck"
)

// Names of the bindings.
const (
	keyNext     = "values.next"
	keyBack     = "values.back"
	keyUndo     = "values.undo"
	keyRedo     = "values.redo"
	keyReset    = "values.reset"
	keyResetAll = "values.reset-all"
	keyProblem  = "values.problem"
	keyFind     = "values.find"
)

// Bindings are the keys of the editor. Those with ctrl work in text too.
func Bindings() []keys.Binding {
	return []keys.Binding{
		{ID: keyNext, Keys: []string{"tab"}, Label: "next part", Help: "Go from choices to settings, YAML and changes"},
		{ID: keyBack, Keys: []string{"shift+tab"}, Label: "part before", Help: "Go to the part before"},
		{ID: keyUndo, Keys: []string{"ctrl+u", "u"}, Label: "undo", Help: "Take the last change back, whichever way it was made"},
		{ID: keyRedo, Keys: []string{"ctrl+y"}, Label: "redo", Help: "Make the change again that was taken back"},
		{ID: keyReset, Keys: []string{"ctrl+r", "r"}, Label: "default", Help: "Set this value, or the choice of this group, to its default"},
		{ID: keyResetAll, Keys: []string{"ctrl+x", "X"}, Label: "all defaults", Help: "Set everything to the defaults; undo takes that back"},
		{ID: keyProblem, Keys: []string{"ctrl+g", "n"}, Label: "next problem", Help: "Go to the next value that is wrong or has to be filled in"},
		{ID: keyFind, Keys: []string{"ctrl+f", "/"}, Label: "find", Help: "Find text in the YAML while typing; enter goes on"},
	}
}

var bindings = deck.MustKeys(Bindings())

// Update handles input; other messages are none of its business.
func (m *Model) Update(msg tea.Msg) tea.Cmd {
	before := m.text.Version()
	m.input(msg)
	m.refresh()
	if m.text.Version() == before || m.OnChange == nil {
		return nil
	}
	return m.OnChange()
}

func (m *Model) input(msg tea.Msg) {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		m.note, m.changed = "", true
		m.key(msg)
	case tea.PasteMsg:
		m.note, m.changed = "", true
		m.paste(msg)
	case tea.MouseWheelMsg:
		if m.shown() == yaml {
			m.changed = true
			m.text.Update(msg)
		}
	}
}

func (m *Model) paste(msg tea.PasteMsg) {
	if m.finding {
		m.query.Update(msg)
		m.found(false)
		return
	}
	switch m.part {
	case yaml:
		m.text.Update(msg)
	case choices:
		m.form.paste(msg)
	case settings:
		m.list.paste(msg)
	}
}

func (m *Model) key(msg tea.KeyPressMsg) {
	if msg.String() == "esc" {
		m.Escape()
		return
	}
	if m.finding {
		m.find(msg)
		return
	}
	b, ok := bindings.Lookup(msg)
	if ok && (!m.Capturing() || len(msg.String()) > 1) && m.do(b.ID) {
		return
	}
	switch m.part {
	case choices:
		m.form.key(msg)
	case settings:
		m.list.key(msg)
	case yaml:
		m.text.Update(msg)
	case changes:
		m.diff.key(msg.String())
	}
}

// do carries out a binding; it reports false for those that are not the editor's.
func (m *Model) do(id string) bool {
	switch id {
	case keyNext:
		m.turn(1)
	case keyBack:
		m.turn(-1)
	case keyUndo:
		m.settle()
		if !m.text.Undo() {
			m.note = "There is nothing to undo."
		}
	case keyRedo:
		if !m.text.Redo() {
			m.note = "There is nothing to redo."
		}
	case keyReset:
		m.settle()
		m.say(m.resetHere())
	case keyResetAll:
		m.settle()
		m.say(m.resetAll())
	case keyProblem:
		m.settle()
		m.nextProblem()
	case keyFind:
		m.show(yaml)
		m.finding = true
		m.query.SetValue("")
	default:
		return false
	}
	return true
}

// Finish keeps what is typed in the line of a setting, as a page does before it goes on. Its command is OnChange's.
func (m *Model) Finish() tea.Cmd {
	before := m.text.Version()
	m.list.finish()
	m.refresh()
	if m.text.Version() == before || m.OnChange == nil {
		return nil
	}
	return m.OnChange()
}

// ShowProblem goes to a value that is wrong or has to be filled in, unless the cursor is on one, and returns what is wrong with it. Without
// problems it does nothing.
func (m *Model) ShowProblem() pack.Problem {
	all := m.Problems()
	if len(all) == 0 {
		return pack.Problem{}
	}
	if m.problemHere() < 0 || m.dormant() {
		m.settle()
		m.changed = true
		m.nextProblem()
	}
	return all[max(m.problemHere(), 0)]
}

// settle ends editing a setting in its line.
func (m *Model) settle() { m.list.cancel() }

// say tells why something was not done.
func (m *Model) say(err error) {
	if err != nil {
		m.note = text.Sentence(err.Error())
	}
}

func (m *Model) turn(by int) {
	m.list.finish()
	m.form.finish()
	i := slices.Index(m.parts, m.part)
	m.show(m.parts[(i+by+len(m.parts))%len(m.parts)])
}

func (m *Model) show(p part) {
	if p != changes {
		m.last = p
	}
	m.part, m.changed = p, true
}

// toYAML shows where a value stands in the text.
func (m *Model) toYAML(at pack.Path) {
	m.show(yaml)
	if line := pack.Line(m.text.Text(), at); line > 0 {
		m.text.GoTo(line)
	}
}

// resetHere sets what the cursor is on to its default.
func (m *Model) resetHere() error {
	switch m.part {
	case choices, settings:
		f := m.form
		if m.part == settings {
			f = m.list
		}
		r := f.current()
		if r == nil {
			return nil
		}
		if r.preset != nil && r.group.Default != "" {
			return m.Choose(r.group.Name, r.group.Default)
		}
		if r.preset == nil {
			return m.reset(r.path)
		}
	case changes:
		if c, ok := m.diff.current(); ok {
			return m.reset(c.Path)
		}
	case yaml:
		return m.resetLine()
	}
	return nil
}

// Capturing is true while keys are text.
func (m *Model) Capturing() bool {
	switch m.part {
	case yaml:
		return true
	case choices:
		return m.form.live()
	case settings:
		return m.list.live()
	}
	return false
}

// Escape leaves a field or the text; it reports false when neither has the focus.
func (m *Model) Escape() bool {
	m.changed = true
	switch {
	case m.finding:
		m.finding = false
	case m.part == settings && m.list.cancel(), m.part == choices && m.form.cancel():
	case m.part == yaml:
		m.show(changes)
	default:
		return false
	}
	return true
}

// Changed implements shell.Changer.
func (m *Model) Changed() bool {
	was := m.changed
	m.changed = false
	return was
}
