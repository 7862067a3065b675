package templates

import (
	"context"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/area"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// screen is one of the three that making a VM has.
type screen int

const (
	screenForm screen = iota
	screenYAML
	screenRun
)

// Launch makes a VM from a template: a form with the manifest beside it, the manifest itself where that is not enough, and then what
// becomes of the VM. It implements shell.Page.
type Launch struct {
	deck *deck.Deck
	th   *theme.Theme
	open func(*vm.Row) tea.Cmd // shows a VM's details

	screen  screen
	form    *form
	preview *pager.Model
	shown   string // what the preview shows
	area    *area.Model
	made    string // the YAML that the form made of itself when the area was opened

	problems []template.Problem // of the server, or of the YAML; gone with the next change
	verdict  string             // of a trial that found nothing wrong
	busy     string             // what is under way; empty: nothing
	launch   *launch            // the VM that is made; nil: none yet

	ctx     context.Context // of what belongs to the page; the VM belongs to the deck
	cancel  context.CancelFunc
	asking  *dialog.Stack
	now     time.Time
	changed bool
}

// NewLaunch makes the page; open is called for the VM that the user wants to see whole.
func NewLaunch(d *deck.Deck, asked deck.Launch, open func(*vm.Row) tea.Cmd) *Launch {
	p := &Launch{deck: d, th: d.Theme, open: open, preview: pager.New(d.Theme, "YAML"), area: area.New(d.Theme), asking: dialog.NewStack(nil), now: time.Now()}
	p.form = newForm(d, asked)
	return p
}

// Init implements shell.Page.
func (p *Launch) Init() tea.Cmd {
	p.ctx, p.cancel = context.WithCancel(p.deck.Context())
	p.form.follow()
	p.refresh()
	return p.readClasses()
}

// Leave implements shell.Leaver. A VM that is being made goes on.
func (p *Launch) Leave() {
	if p.launch != nil {
		p.launch.left.Store(true)
	}
	if p.cancel != nil {
		p.cancel()
	}
}

// Title implements shell.Page.
func (p *Launch) Title() string {
	switch p.screen {
	case screenYAML:
		return "New VM " + p.th.Glyphs.Arrow + " YAML"
	case screenRun:
		return "New VM " + p.th.Glyphs.Arrow + " " + p.launch.machine.Name
	}
	return "New VM"
}

// Capturing implements shell.Page.
func (p *Launch) Capturing() bool {
	return p.asking.Len() > 0 || p.screen == screenYAML || p.screen == screenForm && p.form.text() != nil
}

// Busy says what would be interrupted by quitting; empty for nothing. A VM that the server has taken starts without vmdeck.
func (p *Launch) Busy() string {
	switch {
	case p.launch != nil && p.launch.making():
		return "The VM " + p.launch.machine.Name + " is being made."
	case p.screen != screenRun && p.form.touched:
		return "The new VM is not made yet."
	}
	return ""
}

// Changed implements shell.Changer.
func (p *Launch) Changed() bool {
	changed := p.changed
	p.changed = false
	return changed
}

// Escape implements shell.Escaper: it goes back by one screen, and asks before anything is lost.
func (p *Launch) Escape() bool {
	switch p.screen {
	case screenYAML:
		if p.area.Text() == p.made {
			p.back()
			return true
		}
		p.confirm("Go back to the form?", "The form makes the YAML anew: what you have changed in it is lost.", "Discard", func() tea.Cmd { p.back(); return nil })
		return true
	case screenRun:
		return false
	}
	if c := p.form.text(); c != nil && c.Close() {
		return true
	}
	if !p.form.touched {
		return false
	}
	p.confirm("Discard the VM?", "It is not made yet.", "Discard", func() tea.Cmd { return shell.Close(p) })
	return true
}

// confirm asks over the page, since the shell's Escape cannot open a question.
func (p *Launch) confirm(title, body, button string, then func() tea.Cmd) {
	p.asking.Open(dialog.NewConfirm(p.th, title, []string{body}, []dialog.Button{{ID: "yes", Label: button, Danger: true}}, func(r dialog.Result) tea.Cmd {
		if !r.OK {
			return nil
		}
		return then()
	}))
}

// back shows the form as it was left.
func (p *Launch) back() {
	p.screen, p.problems, p.verdict = screenForm, nil, ""
	p.refresh()
}

// Update implements shell.Page.
func (p *Launch) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg, tea.PasteMsg, tea.MouseMsg:
		p.changed = true
		cmd := p.input(msg)
		p.refresh()
		return cmd
	case deck.Event:
		if msg.Deck == p.deck && msg.Delta == nil {
			p.changed = true
			p.form.follow()
			p.refresh()
		}
	case deck.Tick:
		p.now = msg.Now
		p.changed = p.busy != "" || p.launch != nil && !p.launch.snapshot().over
	case classes:
		p.form.classes, p.changed = msg.names, true
	case checked:
		p.changed = true
		return p.checked(msg)
	case news:
		return p.news(msg)
	}
	return nil
}

// refresh works out anew what the form shows.
func (p *Launch) refresh() {
	if p.screen != screenForm {
		return
	}
	p.form.propose()
	if yaml := p.form.yaml(); yaml != p.shown {
		p.shown = yaml
		p.preview.SetLines(pager.YAML(yaml, p.th))
	}
}

// wrong are what is wrong with a field, where it is time to say so.
func (p *Launch) wrong(id string) []string {
	var out []string
	for _, pr := range slices.Concat(p.form.problems(), p.problems) {
		if pr.Field == id {
			out = append(out, pr.Text)
		}
	}
	return out
}
