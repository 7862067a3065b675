// Package rollout carries profiles out on clusters: it compares, shows what would change, asks, follows the run object by object, and reports.
// The same screens apply a profile, roll it back and remove it, on one cluster or on those of a group.
package rollout

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// screen is one of the three.
type screen int

const (
	screenClusters screen = iota
	screenPlan
	screenRun
)

// Page is what is done with one profile. It implements shell.Page.
type Page struct {
	book   *Book
	th     *theme.Theme
	job    job
	screen screen

	clusters *table.Model[place] // nil: there is only the one
	planning *planning
	list     *pane     // of the plan
	rows     []planRow // what the rows of the list are
	folded   map[string]bool
	options  options
	run      *run
	upper    *pane // progress, and the report at the end
	events   *pane
	lower    bool   // the events have the focus
	counted  string // of how many objects all is done

	ctx     context.Context // of what belongs to the page; a run belongs to the deck
	cancel  context.CancelFunc
	asking  *dialog.Stack
	now     time.Time
	w, h    int // of the last View
	changed bool
}

func newPage(b *Book, j job) *Page {
	p := &Page{book: b, th: b.deck.Theme, job: j, asking: dialog.NewStack(nil), now: time.Now()}
	p.options = options{Options: apply.Options{Timeout: apply.DefaultTimeout, RollBack: j.deed != removing}}
	p.upper, p.events = &pane{th: p.th}, &pane{th: p.th, follow: true}
	return p
}

// Init implements shell.Page.
func (p *Page) Init() tea.Cmd {
	p.ctx, p.cancel = context.WithCancel(p.book.deck.Context())
	if p.run != nil {
		return p.show(p.run)
	}
	if places := p.book.places(); len(places) > 1 && p.book.source.readOnly() == "" {
		p.clusters = newClusters(p.th, places)
		p.screen = screenClusters
		return nil
	}
	return p.startPlan([]string{p.book.own()})
}

// Leave implements shell.Leaver. A run goes on.
func (p *Page) Leave() {
	if p.cancel != nil {
		p.cancel()
	}
}

// Title implements shell.Page.
func (p *Page) Title() string { return text.Clean(p.job.title()) }

// Capturing implements shell.Page: a question is open.
func (p *Page) Capturing() bool { return p.asking.Len() > 0 }

// Changed implements shell.Changer.
func (p *Page) Changed() bool {
	changed := p.changed
	p.changed = false
	return changed
}

// Escape implements shell.Escaper: it goes back by one screen, and asks before a run is left that is under way.
func (p *Page) Escape() bool {
	switch {
	case p.screen == screenRun && !p.run.ended():
		p.askToLeave()
		return true
	case p.screen == screenPlan && p.clusters != nil:
		p.screen = screenClusters
		p.changed = true
		return true
	case p.screen == screenClusters:
		return p.clusters.Escape()
	}
	return false
}

// Interrupt implements shell.Interrupter: to quit is not the only answer to a run that is shown.
func (p *Page) Interrupt() bool {
	if p.screen != screenRun || p.run.ended() || p.asking.Len() > 0 {
		return false
	}
	p.askToLeave()
	return true
}

// ask puts a question over the page. The page keeps its questions to itself, since the shell's Escape cannot open one.
func (p *Page) ask(d dialog.Dialog) { p.asking.Open(d) }

// mine addresses what a command brings to this page alone.
func (p *Page) mine(cmd tea.Cmd) tea.Cmd { return shell.CmdFor(p, cmd) }

// Update implements shell.Page.
func (p *Page) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg, tea.PasteMsg, tea.MouseMsg:
		p.changed = true
		return p.input(msg)
	case deck.Tick:
		p.tick(msg.Now)
	case deck.Event:
		p.recheck(msg)
	case readied:
		return p.takeReadied(msg)
	case compared:
		p.takeCompared(msg)
	case told:
		return p.takeNews(msg)
	}
	return nil
}

// recheck says at once when nothing may be changed any more, because the user begins to look through other eyes.
func (p *Page) recheck(msg deck.Event) {
	if msg.Deck != p.book.deck || msg.Delta != nil || p.screen != screenPlan || p.planning.refused != "" {
		return
	}
	if why := p.book.source.readOnly(); why != "" {
		p.planning.refused, p.changed = why, true
		p.asking = dialog.NewStack(nil)
		p.refresh()
	}
}

func (p *Page) input(msg tea.Msg) tea.Cmd {
	if p.asking.Len() > 0 {
		return p.asking.Update(msg)
	}
	if k, ok := msg.(tea.KeyPressMsg); ok {
		if b, ok := p.bindings().Lookup(k); ok {
			return p.do(b.ID)
		}
	}
	switch p.screen {
	case screenClusters:
		p.clusters.Update(msg)
	case screenPlan:
		p.list.update(msg)
	case screenRun:
		p.focused().update(msg)
	}
	return nil
}

// focused is the part of the run's screen that the keys move in.
func (p *Page) focused() *pane {
	if p.lower {
		return p.events
	}
	return p.upper
}

// tick lets time pass on the screen, where anything shows it.
func (p *Page) tick(now time.Time) {
	p.now = now
	if p.screen == screenRun && !p.run.ended() || p.screen == screenPlan && p.planning.busy() {
		p.changed = true
		p.refresh()
	}
}

// refresh works out anew what the screen tells.
func (p *Page) refresh() {
	if p.w == 0 {
		return
	}
	switch p.screen {
	case screenPlan:
		p.drawPlan()
	case screenRun:
		p.drawRun()
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
	p.h = h
	body := ""
	switch p.screen {
	case screenClusters:
		body = p.clustersView(w, h)
	case screenPlan:
		body = p.planView(w, h)
	case screenRun:
		body = p.runView(w, h)
	}
	if p.asking.Len() > 0 {
		body = p.asking.View(text.Block(body, w, h), w, h)
	}
	return text.Block(body, w, h)
}
