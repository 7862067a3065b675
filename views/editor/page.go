// Package editor edits a binding rule: who gets which role where. It is one page with three screens: the form with its consequences,
// the review of what would change, and the update with its events until the server shows and confirms what was asked for.
package editor

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// screen is one of the three.
type screen int

const (
	screenEdit screen = iota
	screenReview
	screenRun
)

// Page is the rule editor. It implements shell.Page.
type Page struct {
	deck    *deck.Deck
	th      *theme.Theme
	edit    deck.EditRule // as it was opened
	version string        // of the stored rule; changes when it is stored
	screen  screen
	form    *form
	told    []section    // what the form means, as of the last change
	top     int          // first line of the form that is shown
	review  *review      // of one cluster
	joint   *joint       // of those of a group; nil: of one
	update  update       // the latest; nil: none
	pager   *pager.Model // of the review or the update

	ctx     context.Context // of what belongs to the page; an update belongs to the deck
	cancel  context.CancelFunc
	asking  *dialog.Stack
	now     time.Time
	w       int // of the last View
	changed bool
}

// New makes the editor of a rule; the zero rule is a new one.
func New(d *deck.Deck, e deck.EditRule) *Page {
	p := &Page{deck: d, th: d.Theme, edit: e, version: e.Version, asking: dialog.NewStack(nil), now: time.Now()}
	p.form = newForm(d, e)
	p.refresh()
	return p
}

// Init implements shell.Page.
func (p *Page) Init() tea.Cmd {
	p.ctx, p.cancel = context.WithCancel(p.deck.Context())
	if p.form.focus.part == partRole && p.form.role.Value() == "" {
		p.form.role.Open()
	}
	p.refresh()
	return nil
}

// Leave implements shell.Leaver. An update goes on: half of it would be worse.
func (p *Page) Leave() {
	if p.update != nil {
		p.update.leave()
	}
	if p.cancel != nil {
		p.cancel()
	}
}

// Title implements shell.Page.
func (p *Page) Title() string {
	switch p.screen {
	case screenReview:
		return p.name() + " " + p.th.Glyphs.Arrow + " Review"
	case screenRun:
		return p.name() + " " + p.th.Glyphs.Arrow + " Update"
	}
	return p.name()
}

func (p *Page) name() string {
	if p.edit.Exists {
		return "Rule " + p.edit.Rule.Name
	}
	return "New rule"
}

// Busy says what would be interrupted by quitting; empty for nothing.
func (p *Page) Busy() string {
	switch {
	case p.screen != screenRun && p.form.entered() != p.form.opened:
		return p.name() + ": what you have entered is not applied."
	case p.update == nil || p.update.ended():
		return ""
	}
	return "The rule " + p.update.named() + " is still being applied. What has not begun will be left alone."
}

// Capturing implements shell.Page: a text field has the focus, or a question is open.
func (p *Page) Capturing() bool {
	if p.asking.Len() > 0 {
		return true
	}
	if p.screen == screenEdit {
		return p.form.text() != nil
	}
	return p.pager.Capturing()
}

// Changed implements shell.Changer.
func (p *Page) Changed() bool {
	changed := p.changed
	p.changed = false
	return changed
}

// Escape implements shell.Escaper: it goes back by one screen, and asks before anything is lost.
func (p *Page) Escape() bool {
	switch p.screen {
	case screenReview:
		if !p.pager.Escape() {
			p.backToForm()
		}
		return true
	case screenRun:
		if p.pager.Escape() {
			return true
		}
		if !p.update.ended() {
			p.askToLeave()
			return true
		}
		return false
	}
	if c := p.form.text(); c != nil && c.Close() {
		return true
	}
	if p.form.entered() == p.form.opened {
		return false
	}
	p.ask(dialog.NewConfirm(p.th, "Discard the changes?", []string{"What you have entered is not applied yet."},
		[]dialog.Button{{ID: "discard", Label: "Discard", Danger: true}}, p.leaveIf))
	return true
}

// leaveIf closes the page when a question was answered with yes.
func (p *Page) leaveIf(r dialog.Result) tea.Cmd {
	if !r.OK {
		return nil
	}
	return shell.Close(p)
}

// ask puts a question over the page. The page keeps its questions to itself, since the shell's Escape cannot open one.
func (p *Page) ask(d dialog.Dialog) { p.asking.Open(d) }

// backToForm shows the form as it was left.
func (p *Page) backToForm() {
	p.screen = screenEdit
	p.refresh()
}

// mine addresses what a command brings to this page alone.
func (p *Page) mine(cmd tea.Cmd) tea.Cmd { return shell.CmdFor(p, cmd) }

// Update implements shell.Page.
func (p *Page) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg, tea.PasteMsg, tea.MouseMsg:
		p.changed = true
		return p.input(msg)
	case deck.Event:
		if msg.Deck == p.deck && msg.Delta == nil {
			p.changed = true
			if c := p.form.text(); c != nil {
				c.Refresh()
			}
			p.refresh()
		}
	case deck.Tick:
		p.tick(msg.Now)
	case reviewed:
		return p.takeReview(msg)
	case news:
		return p.takeNews(msg)
	}
	return nil
}

func (p *Page) input(msg tea.Msg) tea.Cmd {
	switch {
	case p.asking.Len() > 0:
		return p.asking.Update(msg)
	case p.screen == screenEdit:
		cmd := p.editInput(msg)
		p.refresh()
		return cmd
	}
	if k, ok := msg.(tea.KeyPressMsg); ok && !p.pager.Capturing() {
		if b, ok := bindingsOf(p.screen).Lookup(k); ok {
			return p.do(b.ID)
		}
	}
	return p.pager.Update(msg)
}

// refresh works out anew what the screen tells.
func (p *Page) refresh() {
	switch p.screen {
	case screenEdit:
		p.form.propose()
		p.told = p.form.sections()
	case screenReview:
		p.drawReview()
	case screenRun:
		p.drawRun()
	}
}

// tick lets time pass on the screen, where anything shows it.
func (p *Page) tick(now time.Time) {
	p.now = now
	if p.screen == screenRun && !p.update.ended() || p.screen == screenReview && p.isReading() {
		p.changed = true
		p.refresh()
	}
}

// View implements shell.Page.
func (p *Page) View(w, h int) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	if p.w != w {
		p.w = w
		p.refresh()
	}
	body := ""
	if p.screen == screenEdit {
		body = p.editView(w, h)
	} else {
		body = p.pagerView(w, h)
	}
	if p.asking.Len() > 0 {
		body = p.asking.View(text.Block(body, w, h), w, h)
	}
	return text.Block(body, w, h)
}
