package templates

import (
	"context"
	"errors"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// tried is what the server said to a template that was not kept.
type tried struct {
	template template.Template
	note     string // what would be wrong with a VM of it
	err      error
}

// save has the server try the template, after reading it.
func (m *manuscript) save() tea.Cmd {
	if m.busy != "" {
		return nil
	}
	if v := writing(m.deck, m.verb()); v.Off() {
		return explain(m.deck, m.verb()+" template", v)
	}
	t, err := m.read()
	if err != nil {
		m.problems = []template.Problem{{Text: err.Error() + "."}}
		return nil
	}
	m.problems, m.busy = nil, "The server tries it"
	parent, keeper, namespace := m.deck.Context(), m.deck.Platform.Templates, trialPlace(m.deck)
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(parent, saveWithin)
		defer cancel()
		out := tried{template: t}
		if _, out.err = keeper.Save(ctx, t, true); out.err == nil {
			if err := keeper.Check(ctx, t.Trial(namespace)); err != nil && !errors.Is(err, template.ErrForbidden) {
				out.note = err.Error()
			}
		}
		return shell.For(m, out)
	}
}

// read makes a template of the text.
func (m *manuscript) read() (template.Template, error) {
	list, err := template.Parse([]byte(m.area.Text()), "the text")
	switch {
	case err != nil:
		return template.Template{}, errors.New(strings.TrimPrefix(err.Error(), "the text: "))
	case len(list) != 1:
		return template.Template{}, errors.New("there are several templates in it: one at a time")
	case !m.fresh() && list[0].Name != m.before.Name:
		return template.Template{}, fmt.Errorf("the name of a template cannot be changed: it is %s", m.before.Name)
	case m.fresh():
		return list[0].WithVersion(""), nil
	}
	return list[0].WithVersion(m.before.ResourceVersion), nil
}

// trialPlace is the namespace in which the server is asked about VMs of a template.
func trialPlace(d *deck.Deck) string {
	names := places(d)
	for _, namespace := range names[:min(len(names), asked)] {
		if launchingIn(d, namespace).Offered() {
			return namespace
		}
	}
	return "default"
}

func (m *manuscript) tried(msg tried) tea.Cmd {
	m.busy = ""
	if msg.err != nil {
		return m.failed(msg.err)
	}
	what, verb := "Save the template "+msg.template.Name+"?", "Save"
	if m.fresh() {
		what, verb = "Make the template "+msg.template.Name+"?", "Make"
	}
	body := []string{"The server would accept it. VMs that were made before stay as they are."}
	if msg.note != "" {
		body = append(body, m.th.Glyphs.Warn+" A VM of it would be refused: "+msg.note)
	}
	body = append(body, m.notes...)
	m.asking.Open(dialog.NewConfirm(m.th, what, body, []dialog.Button{{ID: "save", Label: verb}}, func(r dialog.Result) tea.Cmd {
		if !r.OK {
			return nil
		}
		return m.keep(msg.template)
	}))
	return nil
}

// saved is the outcome of saving.
type saved struct{ err error }

// keep saves beside the screen; the deck owns it, and who has left the page is told all the same.
func (m *manuscript) keep(t template.Template) tea.Cmd {
	m.busy = "Saving"
	parent, keeper, d := m.deck.Context(), m.deck.Platform.Templates, m.deck
	done := "the template " + t.Name + " is saved"
	if m.fresh() {
		done = "the template " + t.Name + " is made"
	}
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(parent, saveWithin)
		defer cancel()
		kept, err := keeper.Save(ctx, t, false)
		d.RereadTemplates()
		switch {
		case kept.Name == "":
			return shell.For(m, saved{err})
		case err != nil: // it is saved, and something around it went wrong: the audit log
			return tea.Batch(message(shell.For(m, saved{})), shell.Toast(theme.Warn, done+"; "+err.Error()))()
		}
		return tea.Batch(message(shell.For(m, saved{})), shell.Toast(theme.Good, done))()
	}
}

func (m *manuscript) saved(msg saved) tea.Cmd {
	m.busy = ""
	if msg.err != nil {
		return m.failed(msg.err)
	}
	m.opened = m.area.Text()
	return shell.Close(m)
}

// failed shows what is wrong. For what somebody else has changed meanwhile there is a way on.
func (m *manuscript) failed(err error) tea.Cmd {
	if !errors.Is(err, template.ErrChanged) {
		m.problems = template.Problems(err)
		if len(m.problems) == 0 || errors.Is(err, template.ErrExists) {
			m.problems = []template.Problem{{Text: strings.TrimSuffix(err.Error(), ".") + "."}}
		}
		if line := placed(m.area.Text(), m.problems[0].Field); line > 0 {
			m.area.GoTo(line)
		}
		return nil
	}
	m.asking.Open(dialog.NewConfirm(m.th, "Somebody else has changed it", []string{
		"The template " + m.before.Name + " is not what it was when you opened it. Nothing was overwritten.",
		"Load shows what is there now. Your text is one step away then: ctrl+u brings it back, and ctrl+s saves it over the other.",
	}, []dialog.Button{{ID: "load", Label: "Load"}}, func(r dialog.Result) tea.Cmd {
		if !r.OK {
			return nil
		}
		return m.reload()
	}))
	return nil
}

// latest is the template as it is now.
type latest struct {
	template template.Template
	err      error
}

func (m *manuscript) reload() tea.Cmd {
	m.busy = "Loading"
	parent, cluster, name := m.deck.Context(), m.deck.Cluster, m.before.Name
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(parent, saveWithin)
		defer cancel()
		t, err := template.Get(ctx, cluster, name)
		return shell.For(m, latest{t, err})
	}
}

func (m *manuscript) latest(msg latest) tea.Cmd {
	m.busy = ""
	manifest, err := "", msg.err
	if err == nil {
		manifest, err = msg.template.Manifest()
	}
	if err != nil {
		m.problems = []template.Problem{{Text: err.Error() + "."}}
		return nil
	}
	m.before, m.opened = msg.template, manifest
	m.area.Replace(manifest)
	return nil
}
