package rights

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// Roles is the matrix of what each role permits: a line for each action, a column for each role. It implements shell.Page.
type Roles struct {
	deck *deck.Deck
	th   *theme.Theme

	state   binding.State
	shown   version // of the state that the columns are from
	needs   []rbac.Need
	columns []column
	at      int // the column with the cursor
	row     int // the line with the cursor, an index of needs
	grid    grid
	busy    string // what is being done beside the screen; empty: nothing
	changes bool   // it changes the cluster
	now     time.Time
	changed bool // since Changed was asked
}

// NewRoles makes the page.
func NewRoles(d *deck.Deck) *Roles {
	p := &Roles{deck: d, th: d.Theme, needs: grouped(binding.Needs()), now: time.Now()}
	p.columns = columnsOf(p.needs, p.state.World)
	return p
}

// Init implements shell.Page.
func (p *Roles) Init() tea.Cmd {
	p.look()
	return nil
}

// Title implements shell.Page.
func (p *Roles) Title() string { return "Roles" }

// Capturing implements shell.Page.
func (p *Roles) Capturing() bool { return false }

// Changed implements shell.Changer.
func (p *Roles) Changed() bool {
	changed := p.changed
	p.changed = false
	return changed
}

// look takes in what was read since. The cursor stays on its role.
func (p *Roles) look() {
	state := p.deck.Rights()
	v := versionOf(state)
	if v == p.shown {
		return
	}
	current := p.current().ref
	p.state, p.shown = state, v
	p.columns = columnsOf(p.needs, state.World)
	for i, c := range p.columns {
		if c.ref == current {
			p.at = i
		}
	}
	p.move(0, 0)
}

// current is the role under the cursor.
func (p *Roles) current() column { return p.columns[min(p.at, len(p.columns)-1)] }

// known tells whether the cluster's roles were read, so that a role that is not there is missing.
func (p *Roles) known() bool { return !p.state.At.IsZero() }

// move moves the cursor.
func (p *Roles) move(columns, rows int) {
	p.at = max(min(p.at+columns, len(p.columns)-1), 0)
	p.row = max(min(p.row+rows, len(p.needs)-1), 0)
}

// Update implements shell.Page.
func (p *Roles) Update(msg tea.Msg) tea.Cmd {
	p.changed = true
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		if b, ok := rolesKeys.Lookup(msg); ok {
			return p.do(b.ID)
		}
		p.steer(msg)
	case tea.MouseClickMsg:
		if msg.Button == tea.MouseLeft {
			p.click(msg.X, msg.Y)
		}
	case tea.MouseWheelMsg:
		p.wheel(msg.Button)
	case previewed:
		return p.propose(msg)
	case settled:
		p.busy, p.changes = "", false
	case deck.Event:
		if p.changed = msg.Deck == p.deck; p.changed {
			p.now = time.Now()
			p.look()
		}
	case deck.Tick:
		if p.changed = msg.Now.Sub(p.now) >= ticks(p.deck); p.changed {
			p.now = msg.Now
		}
	default:
		p.changed = false
	}
	return nil
}

func (p *Roles) wheel(button tea.MouseButton) {
	switch button {
	case tea.MouseWheelUp:
		p.move(0, -1)
	case tea.MouseWheelDown:
		p.move(0, 1)
	case tea.MouseWheelLeft:
		p.move(-1, 0)
	case tea.MouseWheelRight:
		p.move(1, 0)
	}
}
