// Package detail shows one virtual machine whole: its state and what that means, disks, networks, migrations, events and manifests.
package detail

import (
	"context"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/act"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/look"
)

// Page is the detail view of one VM. It implements shell.Page.
type Page struct {
	deck  *deck.Deck
	world world
	th    *theme.Theme
	acts  *act.Flow
	clock func() time.Time

	ctx        context.Context // of everything that the page has started
	cancel     context.CancelFunc
	feed       feed
	stopEvents context.CancelFunc

	uid      string
	facts    facts
	gone     gone
	fetch    fetching
	manifest manifest

	tab     tab
	pagers  [tabCount]*pager.Model
	fresh   [tabCount]bool
	drawn   [tabCount][]pager.Line // as the pagers have them
	top     string                 // what stood above the pager in the last View
	title   string                 // of the pager that is shown
	w       int                    // of the last View
	tabLine int                    // where the sub-tabs were drawn
	spans   [tabCount]span
	now     time.Time
	changed bool // since Changed was asked
}

// New makes the page of the VM that a row stands for. acts carries its actions out.
func New(d *deck.Deck, acts *act.Flow, r *vm.Row) *Page {
	p := newPage(deckWorld{d}, acts, d.Theme, r, time.Now)
	p.deck = d
	return p
}

func newPage(w world, acts *act.Flow, th *theme.Theme, r *vm.Row, clock func() time.Time) *Page {
	p := &Page{world: w, th: th, acts: acts, uid: r.UID, clock: clock, now: clock()}
	p.facts, p.manifest.asked = facts{row: r, looks: look.New(th)}, nothing
	for i := range p.pagers {
		p.pagers[i] = pager.New(th, "")
	}
	return p
}

// Init implements shell.Page: it begins to read the VM and to follow its events.
func (p *Page) Init() tea.Cmd {
	p.ctx, p.cancel = context.WithCancel(p.world.Context())
	if r := p.world.Find(p.row().Namespace, p.row().Name); r != nil {
		p.take(r)
	}
	return tea.Batch(p.refetch(), p.follow())
}

// Leave implements shell.Leaver.
func (p *Page) Leave() {
	if p.cancel != nil {
		p.cancel()
	}
}

// row is the VM as the list knows it, as it was last.
func (p *Page) row() *vm.Row { return p.facts.row }

// Title implements shell.Page.
func (p *Page) Title() string { return p.row().Name }

// Capturing implements shell.Page: a search is being typed.
func (p *Page) Capturing() bool { return p.pagers[p.tab].Capturing() }

// Escape implements shell.Escaper: it undoes a search.
func (p *Page) Escape() bool { return p.pagers[p.tab].Escape() }

// Changed implements shell.Changer.
func (p *Page) Changed() bool {
	changed := p.changed
	p.changed = false
	return changed
}

// mine addresses what a command brings to this page alone.
func (p *Page) mine(cmd tea.Cmd) tea.Cmd { return shell.CmdFor(p, cmd) }

// Update implements shell.Page.
func (p *Page) Update(msg tea.Msg) tea.Cmd {
	cmd := p.update(msg)
	colour := p.colour()
	p.layout()
	return tea.Batch(cmd, colour)
}

func (p *Page) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return p.key(msg)
	case tea.PasteMsg, tea.MouseWheelMsg:
		return p.pagers[p.tab].Update(msg)
	case tea.MouseClickMsg:
		p.click(msg)
	case deck.Event:
		if msg.Deck == p.deck {
			return p.event(msg)
		}
	case deck.Tick:
		return p.tick(msg.Now)
	case due:
		return p.due()
	case fetched:
		return p.takeDetail(msg)
	case happened:
		return p.takeEvents(msg)
	case coloured:
		p.takeColoured(msg)
	}
	return nil
}

func (p *Page) key(msg tea.KeyPressMsg) tea.Cmd {
	if !p.Capturing() {
		if b, ok := bindings.Lookup(msg); ok {
			return p.do(b.ID)
		}
	}
	return p.pagers[p.tab].Update(msg)
}

// event takes in what has changed in the list or around it.
func (p *Page) event(e deck.Event) tea.Cmd {
	p.now, p.changed = p.clock(), true
	if e.Delta == nil {
		return p.recover()
	}
	for _, r := range e.Delta.Upserts {
		if p.concerns(r) {
			return p.meet(r)
		}
	}
	if slices.Contains(e.Delta.Removed, p.uid) {
		p.lose(deleted)
	}
	return nil
}

// concerns says whether a row is this VM or one that took its name.
func (p *Page) concerns(r *vm.Row) bool {
	return r.UID == p.uid || r.Namespace == p.row().Namespace && r.Name == p.row().Name
}

// meet takes in the row that now has the VM's name. A row changes its identity without the guest being another one when its
// VirtualMachine becomes visible, or goes and leaves the instance behind.
func (p *Page) meet(r *vm.Row) tea.Cmd {
	old := p.row()
	sameGuest := r.InstanceUID != "" && r.InstanceUID == old.InstanceUID && r.HasVM != old.HasVM
	if r.UID != p.uid && !sameGuest {
		p.lose(replaced)
		return nil
	}
	p.take(r)
	return p.want()
}

func (p *Page) take(r *vm.Row) {
	if r.UID != p.uid && r.InstanceUID != p.row().InstanceUID {
		p.lose(replaced)
		return
	}
	p.uid, p.facts.row, p.gone = r.UID, r, gone{}
	p.stale()
}

// tick lets time pass on the screen.
func (p *Page) tick(now time.Time) tea.Cmd {
	p.now = now
	for i, t := range tabs {
		if t.timed {
			p.fresh[i] = false
		}
	}
	if p.w > 0 && p.above(p.w) != p.top {
		p.changed = true
	}
	return p.recover()
}

// stale says that what some sub-tabs show is out of date; without a name, all.
func (p *Page) stale(which ...tab) {
	p.changed = true
	if len(which) == 0 {
		p.fresh = [tabCount]bool{}
	}
	for _, t := range which {
		p.fresh[t] = false
	}
}
