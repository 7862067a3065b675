// Package validation shows whether the VM platform works, and for whom: the checks of kube/check with what they found, how, and where
// it is put right.
package validation

import (
	"maps"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/list"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// Page is the list of checks. It implements shell.Page. It works while it is looked at and not otherwise.
type Page struct {
	deck *deck.Deck
	th   *theme.Theme
	list *list.Model[*row]
	side bool   // the result stands beside the table
	rows []*row // all of them, in the order of the checks

	whom       whom
	namespaces []string // where rights are looked at; none: where the subjects have bindings

	found   map[string]found // by check
	last    outcome
	run     *run
	pending map[string]bool // checks and groups that are to be made again after the run
	due     due

	problems bool // only what is not as it should be is listed
	browsing bool // the list is shown although nothing is permitted
	moved    bool // the user has chosen where the cursor is

	seen    bool // since the last tick
	now     time.Time
	changed bool // since Changed was asked
}

// whom is whose rights are looked at.
type whom struct {
	who     *rbac.Who     // nil: one's own
	subject *rbac.Subject // besides one's own: a group has no name to make requests in
	name    string
}

// outcome is what came of the last run that ended.
type outcome struct {
	at  time.Time // when it ended
	all time.Time // when the last run of all checks ended
	err error     // why it found nothing out
}

// due is what the page knows of why checks have to be made again.
type due struct {
	rights time.Time // when roles, bindings or rules were seen to have changed; zero: not since
	state  binding.State
	stale  bool // what was found is from before something that may have changed all of it
}

// New makes the list of a deck's checks.
func New(d *deck.Deck) *Page {
	p := &Page{deck: d, th: d.Theme, now: time.Now(), found: map[string]found{}, pending: map[string]bool{}}
	p.list = list.New(d.Theme, p.arranged(false), list.Options{Placeholder: "text  fail  warn  \"not permitted\"", Narrow: p.refresh, Keys: listKeys, Do: p.do,
		Above: p.above, Move: p.move})
	p.refresh()
	return p
}

// arranged makes the table for a place above the result, or beside it.
func (p *Page) arranged(beside bool) *table.Model[*row] {
	return table.New(columns(p.th, !beside), func(r *row) string { return r.id }, p.th,
		table.WithOrder(func(a, b *row) int { return a.order - b.order }), table.WithEqual(same))
}

// arrange moves the list to a place above the result, or beside it.
func (p *Page) arrange(beside bool) {
	at := p.list.CurrentID()
	p.side, p.list.Model = beside, p.arranged(beside)
	p.refresh()
	p.list.Select(at)
}

// Init implements shell.Page.
func (p *Page) Init() tea.Cmd { return nil }

// Title implements shell.Page.
func (p *Page) Title() string { return "Validation" }

// Capturing implements shell.Page.
func (p *Page) Capturing() bool { return p.list.Query.Typing() }

// Changed implements shell.Changer. The shell asks it of the page that is shown alone, at every message.
func (p *Page) Changed() bool {
	p.seen = true
	changed := p.changed
	p.changed = false
	return changed
}

// Update implements shell.Page.
func (p *Page) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg, tea.PasteMsg, tea.MouseClickMsg, tea.MouseWheelMsg:
		return p.list.Update(msg)
	case deck.Event:
		if msg.Deck == p.deck && msg.Delta == nil {
			p.changed = true
			return p.attend()
		}
	case deck.Tick:
		return p.tick(msg.Now)
	case progress:
		return p.progress(msg)
	case ended:
		return p.ended(msg)
	}
	return nil
}

// tick looks whether the page was seen since the last one, and does what is due.
func (p *Page) tick(now time.Time) tea.Cmd {
	before := p.ages()
	p.now = now
	if !p.seen {
		return nil
	}
	cmd := p.attend()
	p.seen, p.changed = false, p.changed || cmd != nil || !maps.Equal(before, p.ages())
	return cmd
}

// move moves in the list. What stands in place of it has nothing to click on, and gives way to a key.
func (p *Page) move(msg tea.Msg) {
	switch msg.(type) {
	case tea.KeyPressMsg:
		if p.alone() {
			p.browse()
			return
		}
		p.moved = p.list.Model.Update(msg) || p.moved
	case tea.MouseClickMsg:
		if p.alone() {
			return
		}
		p.moved = true
		p.list.Model.Update(msg)
	default:
		p.list.Model.Update(msg)
	}
}

// browse shows the list in place of the page for those who may do nothing.
func (p *Page) browse() {
	p.browsing, p.changed = true, true
}

// Escape implements shell.Escaper: it undoes marks, then the filters.
func (p *Page) Escape() bool {
	switch {
	case p.list.Escape():
	case p.problems:
		p.problems = false
		p.refresh()
	case p.browsing && p.nothing():
		p.browsing = false
	default:
		return false
	}
	return true
}

// ages are all words on the page that change with time alone.
func (p *Page) ages() map[string]string {
	out := map[string]string{}
	for id, f := range p.found {
		out[id] = p.age(f.at)
	}
	if status := p.deck.Cluster.Health().Status(); p.offline() {
		out[""] = text.Age(max(p.now.Sub(status.Since), 0))
	}
	return out
}

// age is how old something is, in words that stand still for a while.
func (p *Page) age(at time.Time) string {
	d := max(p.now.Sub(at), 0)
	if d < 10*time.Second {
		return "just now"
	}
	return ago(d)
}
