package templates

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/ui/area"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// saveWithin is how long a change of the catalogue may take, with the server's trial before it.
const saveWithin = 30 * time.Second

// manuscript is a template while it is written, as YAML. It implements shell.Page.
type manuscript struct {
	deck   *deck.Deck
	th     *theme.Theme
	area   *area.Model
	before template.Template // as it was opened; without a name, or a version: it is to be made
	opened string            // its text then
	notes  []string          // what is to be known of it before it is saved

	problems []template.Problem
	busy     string // what is under way; empty: nothing
	asking   *dialog.Stack
	now      time.Time
	left     bool
	changed  bool
}

// newManuscript opens a template to be changed or, without a version, to be made.
func newManuscript(d *deck.Deck, t template.Template, text string, notes ...string) *manuscript {
	m := &manuscript{deck: d, th: d.Theme, area: area.New(d.Theme), before: t, opened: text, notes: notes, asking: dialog.NewStack(nil), now: time.Now()}
	if t.ResourceVersion != "" && t.Owner != "" {
		m.notes = append(m.notes, "This template belongs to "+t.Owner+": its next upgrade overwrites what you change here. A copy under another name stays.")
	}
	m.area.SetText(text)
	return m
}

// fresh tells whether the template is to be made, not changed.
func (m *manuscript) fresh() bool { return m.before.ResourceVersion == "" }

func (m *manuscript) verb() string {
	if m.fresh() {
		return "create"
	}
	return "update"
}

// Init implements shell.Page.
func (m *manuscript) Init() tea.Cmd { return nil }

// Leave implements shell.Leaver. What is under way goes on, and tells its result by itself.
func (m *manuscript) Leave() { m.left = true }

// Title implements shell.Page.
func (m *manuscript) Title() string {
	if m.fresh() {
		return "New template"
	}
	return "Edit " + m.before.Title
}

// Capturing implements shell.Page: every letter is text.
func (m *manuscript) Capturing() bool { return true }

// Busy says what would be interrupted by quitting; empty for nothing.
func (m *manuscript) Busy() string {
	switch {
	case m.busy != "":
		return "The template is being saved."
	case m.area.Text() != m.opened:
		return "The template " + m.before.Name + " has changes that are not saved."
	}
	return ""
}

// Changed implements shell.Changer.
func (m *manuscript) Changed() bool {
	changed := m.changed
	m.changed = false
	return changed
}

// Escape implements shell.Escaper: it asks before anything is lost.
func (m *manuscript) Escape() bool {
	if m.area.Text() == m.opened || m.busy != "" {
		return false
	}
	m.asking.Open(dialog.NewConfirm(m.th, "Discard the changes?", []string{"What you have written is not saved."},
		[]dialog.Button{{ID: "discard", Label: "Discard", Danger: true}}, func(r dialog.Result) tea.Cmd {
			if !r.OK {
				return nil
			}
			return shell.Close(m)
		}))
	return true
}

// Update implements shell.Page.
func (m *manuscript) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg, tea.PasteMsg, tea.MouseMsg:
		m.changed = true
		return m.input(msg)
	case deck.Event:
		m.changed = msg.Deck == m.deck && msg.Delta == nil
	case deck.Tick:
		m.now = msg.Now
		m.changed = m.busy != ""
	case tried:
		m.changed = true
		return m.tried(msg)
	case saved:
		m.changed = true
		return m.saved(msg)
	case latest:
		m.changed = true
		return m.latest(msg)
	}
	return nil
}

func (m *manuscript) input(msg tea.Msg) tea.Cmd {
	if m.asking.Len() > 0 {
		return m.asking.Update(msg)
	}
	if key, ok := msg.(tea.KeyPressMsg); ok {
		switch key.String() {
		case "ctrl+s":
			return m.save()
		case "esc":
			if !m.Escape() {
				return shell.Close(m)
			}
			return nil
		case "ctrl+u", "ctrl+y":
			if m.busy == "" && (key.String() == "ctrl+u" && m.area.Undo() || key.String() == "ctrl+y" && m.area.Redo()) {
				m.problems = nil
			}
			return nil
		}
	}
	if m.busy == "" {
		if before := m.area.Version(); m.area.Update(msg) && m.area.Version() != before {
			m.problems = nil
		}
	}
	return nil
}

// told are the lines under the text: what is under way, wrong or to be known.
func (m *manuscript) told() []sheet.Words {
	var out []sheet.Words
	if m.busy != "" {
		return []sheet.Words{sheet.Dim(m.busy + m.th.Glyphs.Ellipsis)}
	}
	for _, p := range m.problems {
		out = append(out, sheet.Bad(m.th.Glyphs.Cross+" "+p.String()))
	}
	if len(out) > 0 {
		return out
	}
	for _, n := range m.notes {
		out = append(out, sheet.Warn(m.th.Glyphs.Warn+" "+n))
	}
	return out
}
