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
	if p.launch != nil && p.launch.making() {
		return "The VM " + p.launch.machine.Name + " is being made."
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

func (p *Launch) input(msg tea.Msg) tea.Cmd {
	if p.asking.Len() > 0 {
		return p.asking.Update(msg)
	}
	key, isKey := msg.(tea.KeyPressMsg)
	if isKey {
		if b, ok := bindingsOf(p.screen).Lookup(key); ok {
			return p.do(b.ID)
		}
	}
	switch p.screen {
	case screenForm:
		return p.formInput(msg)
	case screenYAML:
		if isKey && key.String() == "esc" {
			p.Escape()
			return nil
		}
		before := p.area.Version()
		if p.busy == "" && p.area.Update(msg) && p.area.Version() != before {
			p.problems, p.verdict = nil, ""
		}
	}
	return nil
}

// formInput takes a key or a paste for the form. A text field gets what it understands before the form does.
func (p *Launch) formInput(msg tea.Msg) tea.Cmd {
	f := p.form
	key, ok := msg.(tea.KeyPressMsg)
	if !ok {
		if paste, ok := msg.(tea.PasteMsg); ok && f.text() != nil && f.text().Update(paste) {
			p.typed()
		}
		if wheel, ok := msg.(tea.MouseWheelMsg); ok {
			p.preview.Update(wheel)
		}
		return nil
	}
	if c := f.text(); c != nil {
		before := c.Value()
		if c.Update(key) {
			if c.Value() != before {
				p.typed()
			}
			return nil
		}
	}
	switch key.String() {
	case "tab", "down":
		f.move(1)
	case "shift+tab", "up":
		f.move(-1)
	case "pgdown", "pgup":
		p.preview.Update(key)
	case "enter":
		return p.enter()
	case "esc":
		if !p.Escape() {
			return shell.Close(p)
		}
	case "left", "right", "space":
		p.turn(key.String())
	}
	return nil
}

// typed notes what follows from a change.
func (p *Launch) typed() {
	p.problems, p.verdict = nil, ""
	p.form.typed()
}

// enter takes what is picked and goes on; on a button it does what that says.
func (p *Launch) enter() tea.Cmd {
	f := p.form
	switch f.focus {
	case partCreate:
		return p.create(false)
	case partYAML:
		return p.toYAML()
	case partCancel:
		if !p.Escape() {
			return shell.Close(p)
		}
		return nil
	}
	if c := f.text(); c != nil && c.Take() {
		p.typed()
	}
	f.move(1)
	return nil
}

// turn changes what is chosen and not typed, or goes from button to button.
func (p *Launch) turn(key string) {
	f := p.form
	switch {
	case f.focus == partStart:
		start := !f.starts()
		f.start, f.touched = &start, true
		p.problems, p.verdict = nil, ""
	case f.focus >= partCreate && key == "left":
		f.focus = max(f.focus-1, partCreate)
	case f.focus >= partCreate:
		f.focus = min(f.focus+1, partCancel)
	}
}

// toYAML opens the manifest that the form has made.
func (p *Launch) toYAML() tea.Cmd {
	if _, ok := p.form.template(); !ok {
		return shell.Toast(theme.Warn, "YAML: choose a template first")
	}
	p.screen, p.problems, p.verdict, p.made = screenYAML, nil, "", p.form.yaml()
	p.area.SetText(p.made)
	p.made = p.area.Text()
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
