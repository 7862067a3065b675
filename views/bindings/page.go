// Package bindings is the list of who has which rights on VMs and by what: role bindings and the rules that make them. They are
// looked at, filtered and deleted here; rules are made in the editor.
package bindings

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/ui/list"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// Page is the list of bindings. It implements shell.Page.
type Page struct {
	deck     *deck.Deck
	th       *theme.Theme
	list     *list.Model[*row]
	grouping grouping

	asked bool // the page was shown, so rights are worth reading
	state binding.State
	rows  map[string]*row
	facts facts

	filter    filter
	filterErr error
	system    bool // what keeps the cluster itself going is shown
	shown     tally

	removing []string // the names of what is being deleted

	now     time.Time
	changed bool // since Changed was asked
}

// New makes the list of a deck.
func New(d *deck.Deck) *Page {
	p := &Page{deck: d, th: d.Theme, now: time.Now(), rows: map[string]*row{}}
	p.list = list.New(p.th, p.grouped(bySubject), list.Options{Placeholder: "text  subject:  ns:  role:  rule:  kind:  grants:  is:problem", Narrow: p.refilter,
		Suggest: func(value string) []string { return suggest(value, p.list.Each) }, Keys: listKeys, Do: p.do, Above: p.above})
	p.refilter()
	return p
}

// Init implements shell.Page.
func (p *Page) Init() tea.Cmd { return nil }

// Title implements shell.Page.
func (p *Page) Title() string { return "Role Bindings" }

// Capturing implements shell.Page.
func (p *Page) Capturing() bool { return p.list.Query.Typing() }

// Changed implements shell.Changer.
func (p *Page) Changed() bool {
	changed := p.changed
	p.changed = false
	return changed
}

// grouped makes the table of a grouping.
func (p *Page) grouped(g grouping) *table.Model[*row] {
	return table.New(columns(g, p.th), func(r *row) string { return r.id }, p.th, table.WithOrder(order(g)), table.WithEqual(same))
}

// group shows the rows in a grouping. Cursor and marks stay with their rows.
func (p *Page) group(g grouping) {
	old := p.list.Model
	p.grouping, p.list.Model = g, p.grouped(g)
	rows, marked := make([]*row, 0, len(p.rows)), old.MarkedRows()
	for _, r := range p.rows {
		rows = append(rows, r)
	}
	p.list.Reset(rows)
	for _, r := range marked {
		p.list.Mark(r.id)
	}
	p.refilter()
	p.list.Select(old.CurrentID())
}

// Update implements shell.Page.
func (p *Page) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg, tea.PasteMsg, tea.MouseClickMsg, tea.MouseWheelMsg:
		return p.list.Update(msg)
	case deck.Event:
		if msg.Deck == p.deck && msg.Delta == nil {
			return p.event()
		}
	case deck.Tick:
		if msg.Now.Sub(p.now) >= p.agesEvery() {
			p.now, p.changed = msg.Now, true
		}
	case deleted:
		return p.deleted(msg)
	}
	return nil
}

// event takes in what has changed around the list or in it.
func (p *Page) event() tea.Cmd {
	p.now, p.changed = time.Now(), true
	if !p.asked {
		return nil
	}
	before := p.state.At
	p.take(p.deck.Rights())
	if id := p.list.CursorLost(); id != "" && !before.IsZero() {
		return shell.Toast(theme.Info, "the binding under the cursor is gone; the cursor is on the next one")
	}
	return nil
}

// take makes the rows of what was read, if it was read anew.
func (p *Page) take(s binding.State) {
	same := s.At.Equal(p.state.At)
	p.state = s
	if same {
		return
	}
	all := rowsOf(s)
	rows := make(map[string]*row, len(all))
	for _, r := range all {
		rows[r.id] = r
	}
	p.rows, p.facts = rows, factsOf(s, all)
	p.list.Replace(all)
	p.count()
}

// agesEvery is how often the screen follows the clock: every second while it says how old the list is, else seldom.
func (p *Page) agesEvery() time.Duration {
	if p.state.Err != nil || p.deck.Cluster.Health().Status().State != kube.Live {
		return 0
	}
	return 10 * time.Second
}

// Filter shows what matches a query.
func (p *Page) Filter(query string) {
	p.changed = true
	p.list.Query.Type(false)
	p.list.Query.SetValue(query)
}

// refilter reads the query and narrows the list. While the query cannot be read, the last one that could stays in force.
func (p *Page) refilter() {
	f, err := parseFilter(p.list.Query.Value())
	if p.filterErr = err; err == nil {
		p.filter = f
	}
	f, system := p.filter, p.system
	p.list.SetFilter(func(r *row) bool { return (system || !r.system) && f.match(r) })
	p.count()
}

// tally counts what is shown.
type tally struct{ bindings, subjects int }

func (p *Page) count() {
	bindings, subjects := map[string]bool{}, map[string]bool{}
	for _, r := range p.list.VisibleRows() {
		if r.made() {
			bindings[r.binding.UID] = true
		}
		if r.subject.Kind != "" {
			subjects[r.subject.String()] = true
		}
	}
	p.shown = tally{len(bindings), len(subjects)}
}

// Escape implements shell.Escaper: it undoes a range or marks, then the filter.
func (p *Page) Escape() bool { return p.list.Escape() }

// find returns the row of that ID, nil when there is none any more.
func (p *Page) find(id string) *row { return p.rows[id] }
