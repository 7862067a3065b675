// Package registries shows where packs come from, and the packs: the registries with what came of testing them, the packs of one or of
// all, and one pack with its readme and its values.
package registries

import (
	"cmp"
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/list"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// Page is the list of registries. It implements shell.Page.
type Page struct {
	deck *deck.Deck
	th   *theme.Theme
	// open reads which registries there are and opens them. It reads files.
	open func() ([]config.Registry, profile.Registries, error)

	ctx    context.Context // of all that the page has started
	cancel context.CancelFunc

	list    *list.Model[*row] // nothing narrows it
	rows    []*row            // in the order of the table
	read    bool              // at least once
	readErr error

	trying *trial // the registry that is tested before it is added
	goTo   string // the registry that the cursor goes to once it is listed
	note   string // what the last key led to, where it is no message
	now    time.Time
	asked  time.Time // when now was shown last
	w      int
	change bool // since Changed was asked
}

// row is a registry.
type row struct {
	order    int
	entry    *config.Registry // nil: it is built in
	registry pack.Registry
	probe    probe
}

func (r *row) name() string { return r.registry.Name() }

// New makes the list of the registries of a deck.
func New(d *deck.Deck) *Page {
	return newPage(d, func() ([]config.Registry, profile.Registries, error) {
		added, err := d.Platform.Registries.Read()
		return added, profile.OpenRegistries(added), err
	})
}

func newPage(d *deck.Deck, open func() ([]config.Registry, profile.Registries, error)) *Page {
	p := &Page{deck: d, th: d.Theme, open: open, now: time.Now()}
	rows := table.New(columns(d.Theme), func(r *row) string { return r.name() }, d.Theme, table.WithOrder(byOrder))
	p.list = list.New(d.Theme, rows, list.Options{Keys: listKeys, Do: p.do, Above: func() int { return len(p.notices(p.w)) }})
	return p
}

func byOrder(a, b *row) int { return cmp.Compare(a.order, b.order) }

// Init implements shell.Page.
func (p *Page) Init() tea.Cmd {
	p.ctx, p.cancel = context.WithCancel(p.deck.Context())
	p.deck.Profiles() // has them read, to know what a registry is needed for
	return p.reread()
}

// Leave implements shell.Leaver.
func (p *Page) Leave() {
	if p.cancel != nil {
		p.cancel()
	}
}

// Title implements shell.Page.
func (p *Page) Title() string { return "Registries" }

// Capturing implements shell.Page.
func (p *Page) Capturing() bool { return false }

// Escape implements shell.Escaper: it gives up a registry that is being tested before it is added.
func (p *Page) Escape() bool {
	p.change = true
	if p.trying != nil {
		p.note = p.trying.entry.Name + " was not added."
		p.giveUp()
		return true
	}
	return p.list.Escape()
}

// Changed implements shell.Changer.
func (p *Page) Changed() bool {
	was := p.change
	p.change = false
	return was
}

// Update implements shell.Page.
func (p *Page) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		p.note, p.change = "", true
		return p.list.Update(msg)
	case tea.MouseClickMsg, tea.MouseWheelMsg:
		p.change = true
		return p.list.Update(msg)
	case deck.Event:
		p.change = msg.Deck == p.deck
	case deck.Tick:
		p.now = msg.Now
		p.change = p.now.Sub(p.asked) >= 10*time.Second || p.testing()
	default:
		return p.result(msg)
	}
	return nil
}

// result takes in what a command brought.
func (p *Page) result(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case opened:
		p.change = true
		return p.take(msg)
	case tested:
		p.change = true
		p.learn(msg)
	case tried:
		p.change = true
		return p.tried(msg)
	case written:
		p.change = true
		return p.written(msg)
	}
	return nil
}

// mine addresses what a command brings to this page alone.
func (p *Page) mine(cmd func() tea.Msg) tea.Cmd {
	return func() tea.Msg { return shell.For(p, cmd()) }
}
