// Package vms is the live list of virtual machines: the screen that the program opens on.
package vms

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/list"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/act"
	"vmdeck.dev/vmdeck/views/deck"
)

// Page is the VM list. It implements shell.Page.
type Page struct {
	deck *deck.Deck
	th   *theme.Theme
	list *list.Model[*vm.Row]
	open func(*vm.Row) tea.Cmd // shows a VM's details

	acts *act.Flow

	namespace string // shown alone; empty: all that the inventory covers
	filter    vm.Filter
	filterErr error
	now       time.Time
	changed   bool // since Changed was asked

	sight sight

	seen map[string]bool // namespaces for which permissions were asked beforehand
}

// New makes the list of a deck. acts carries its actions out; open is called for the row that the user wants to see whole.
func New(d *deck.Deck, acts *act.Flow, namespace string, open func(*vm.Row) tea.Cmd) *Page {
	p := &Page{deck: d, th: d.Theme, open: open, namespace: namespace, acts: acts, now: time.Now(), seen: map[string]bool{}}
	p.list = list.New(d.Theme, table.New(columns(d.Theme), (*vm.Row).ID, d.Theme), list.Options{Placeholder: "text  status:  node:  ns:  os:  label:  is:problem",
		Suggest: p.suggest, Narrow: p.refilter, Keys: bindings, Do: p.do, Above: p.above})
	p.list.SetLoading(true)
	p.refilter()
	return p
}

// Init implements shell.Page.
func (p *Page) Init() tea.Cmd { return nil }

// Title implements shell.Page.
func (p *Page) Title() string { return "Virtual Machines" }

// Capturing implements shell.Page.
func (p *Page) Capturing() bool { return p.list.Query.Typing() }

// Changed implements shell.Changer.
func (p *Page) Changed() bool {
	changed := p.changed
	p.changed = false
	return changed
}

// event takes in what has changed around the list or in it.
func (p *Page) event(e deck.Event) tea.Cmd {
	p.now, p.changed = time.Now(), true
	defer p.reckonSight()
	if e.Delta == nil {
		return nil
	}
	p.foresee(e.Delta.Upserts)
	p.list.SetLoading(!p.loaded())
	p.list.Apply(e.Delta.Upserts, e.Delta.Removed)
	if id := p.list.CursorLost(); id != "" && p.loaded() {
		return shell.Toast(theme.Info, "the VM under the cursor is gone; the cursor is on the next one")
	}
	return nil
}

// foreseen is in how many namespaces it is asked beforehand what the user may do, so that the first key press finds the answer there.
const foreseen = 24

func (p *Page) foresee(rows []*vm.Row) {
	for _, r := range rows {
		if len(p.seen) == foreseen {
			return
		}
		if !p.seen[r.Namespace] {
			p.seen[r.Namespace] = true
			p.deck.Gate.Check(vm.Actions()[0], r)
		}
	}
}

// Reset forgets all rows, when the inventory is replaced.
func (p *Page) Reset() {
	p.list.Reset(nil)
	p.list.SetLoading(true)
}

// Renew brings the rows anew, for a list that was no tab while they came and went. Filter, order and namespaces stay as they are.
func (p *Page) Renew() {
	p.Reset()
	p.deck.SetScope(p.deck.Inventory().Scope())
}

// Update implements shell.Page.
func (p *Page) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg, tea.PasteMsg, tea.MouseClickMsg, tea.MouseWheelMsg:
		return p.list.Update(msg)
	case deck.Event:
		if msg.Deck == p.deck {
			return p.event(msg)
		}
	case deck.Tick:
		if msg.Now.Sub(p.now) >= p.agesEvery() {
			p.now, p.changed = msg.Now, true
		}
	}
	return nil
}

// agesEvery is how often the screen follows the clock: every second while seconds are what matters, seldom while only ages grow. A
// frame a second is a fifth of what an idle program costs.
func (p *Page) agesEvery() time.Duration {
	if p.deck.Report.ByStatus[vm.StatusMigrating] > 0 || p.deck.Cluster.Health().Status().State != kube.Live {
		return 0
	}
	return 10 * time.Second
}

// act begins an action on the VM under the cursor, or on the marked ones.
func (p *Page) act(a *vm.Action) tea.Cmd {
	if p.list.Marked() > 0 {
		return p.acts.Many(a, p.list.MarkedRows(), p.list.MarkedHidden())
	}
	r, ok := p.list.Current()
	if !ok {
		return shell.Toast(theme.Info, a.Title+": there is no VM under the cursor")
	}
	return p.acts.One(a, r)
}

// whyCommand explains whether an action on the VM under the cursor is permitted.
func (p *Page) whyCommand(args string) tea.Cmd {
	r, ok := p.list.Current()
	if !ok {
		return shell.Toast(theme.Info, "why: there is no VM under the cursor")
	}
	return p.acts.Why(args, r)
}

// menu offers every action, with the reason at those that are off.
func (p *Page) menu() tea.Cmd {
	r, ok := p.list.Current()
	if !ok {
		return shell.Toast(theme.Info, "there is no VM under the cursor")
	}
	title := "Actions on " + r.Name
	if n := p.list.Marked(); n > 0 {
		title = fmt.Sprintf("Actions on %d marked VMs", n)
	}
	return p.acts.Menu(title, r, p.list.Marked() > 0, p.act)
}

// refilter reads the query and narrows the list. While the query cannot be read, the last one that could stays in force.
func (p *Page) refilter() {
	f, err := vm.ParseFilter(p.list.Query.Value())
	if p.filterErr = err; err == nil {
		p.filter = f
	}
	filter, namespace := p.filter, p.namespace
	if filter.Empty() && namespace == "" {
		p.list.SetFilter(nil)
		return
	}
	p.list.SetFilter(func(r *vm.Row) bool {
		return (namespace == "" || r.Namespace == namespace) && filter.Match(r)
	})
}

// suggest completes the last word of the query.
func (p *Page) suggest(value string) []string {
	cut := strings.LastIndexByte(value, ' ') + 1
	head, word := value[:cut], value[cut:]
	var found []string
	for _, k := range vm.FilterKeys() {
		if word != "" && len(word) < len(k[0]) && strings.HasPrefix(k[0], word) {
			found = append(found, head+k[0])
		}
	}
	if key, part, ok := strings.Cut(word, ":"); ok && key == "status" && part != "" {
		for _, s := range vm.Statuses() {
			if len(part) < len(s) && strings.EqualFold(s[:len(part)], part) {
				found = append(found, head+"status:"+part+s[len(part):])
			}
		}
	}
	return found
}

// above is how many lines stand over the table.
func (p *Page) above() int { return len(p.notices()) + p.list.Query.Lines() }

// View implements shell.Page.
func (p *Page) View(w, h int) string {
	lines := sheet.Notices(p.th, p.notices(), w)
	if p.list.Query.Lines() > 0 {
		lines = append(lines, p.queryView(w))
	}
	if rest := h - len(lines); rest > 0 {
		lines = append(lines, p.body(w, rest))
	}
	return text.Block(strings.Join(lines, "\n"), w, h)
}

func (p *Page) body(w, h int) string {
	if p.list.Visible() > 0 {
		return p.list.View(w, h, p.asOf())
	}
	return p.empty(w, h)
}

// asOf is the time that the rows tell of: ages and migrations that go on counting would make an old list look live.
func (p *Page) asOf() time.Time {
	if s := p.deck.Cluster.Health().Status(); s.State == kube.Lost || s.State == kube.Expired {
		return s.Since
	}
	return p.now
}

func (p *Page) queryView(w int) string {
	remark, tone := p.countText(), theme.Dim
	if p.filterErr != nil {
		tone = theme.Bad
		if p.list.Visible() > 0 { // an empty list says it at length
			remark = p.filterErr.Error()
		}
	}
	return p.list.Query.Beside(remark, tone, w)
}
