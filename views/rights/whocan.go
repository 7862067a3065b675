package rights

import (
	"cmp"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/list"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/look"
)

// WhoCan lists who may carry an action out, by which role and binding. It implements shell.Page.
type WhoCan struct {
	deck *deck.Deck
	th   *theme.Theme
	list *list.Model[holding]

	need      rbac.Need
	namespace string // empty: everywhere, and in each namespace

	state    binding.State
	shown    version // of the state that the rows are from
	asked    int     // counts evaluations: the outcome of an old one is dropped
	loading  bool    // the rows of the last question are not there yet
	checks   checks
	question int // counts what was asked for: the server's answers to an old one are dropped
	now      time.Time
	changed  bool // since Changed was asked
}

// holding is a line: somebody who has the right, by one binding.
type holding struct {
	id      string
	subject rbac.Subject
	where   string // namespace; empty: everywhere
	ref     rbac.BindingRef
	check   check
}

// everywhere is how the cluster as a whole is called.
const everywhere = "everywhere"

func (h holding) place() string {
	if h.where == "" {
		return everywhere
	}
	return h.where
}

func (h holding) role() string {
	if h.ref.RoleKind == rbac.KindRole {
		return "Role " + h.ref.Role
	}
	return h.ref.Role
}

// binding is the name of the binding, which is where the right is unless it says otherwise.
func (h holding) binding() string {
	if h.ref.Namespace == h.where {
		return h.ref.Name
	}
	return h.ref.Name + " (cluster-wide)"
}

// NewWhoCan makes the page for an action; one that is not known stands for seeing VMs.
func NewWhoCan(d *deck.Deck, w deck.ShowWhoCan) *WhoCan {
	need, ok := binding.FindNeed(w.Need)
	if !ok {
		need = binding.Needs()[0]
	}
	p := &WhoCan{deck: d, th: d.Theme, need: need, namespace: w.Namespace, now: time.Now(), loading: true}
	rows := table.New(holdingColumns(d.Theme), func(h holding) string { return h.id }, d.Theme)
	p.list = list.New(d.Theme, rows, list.Options{Placeholder: "words of any column", Narrow: p.refilter, Keys: whoCanKeys, Do: p.do,
		Above: func() int { return len(p.above(0)) }})
	return p
}

// holdingColumns are the columns: the rights first, the server's word at the end. Where it is narrow the names of bindings give way
// first, those of roles last.
func holdingColumns(th *theme.Theme) []table.Column[holding] {
	plain := func(f func(holding) string) func(holding, time.Time) table.Cell {
		return func(h holding, _ time.Time) table.Cell { return table.Cell{Text: f(h)} }
	}
	by := func(f func(holding) string) func(a, b holding) int {
		return func(a, b holding) int { return cmp.Compare(f(a), f(b)) }
	}
	subject := func(h holding) string { return h.subject.String() }
	return []table.Column[holding]{
		{ID: "subject", Title: "SUBJECT", Min: look.SubjectWidth, Flex: 5, Middle: true, Compare: by(subject),
			Cell: func(h holding, _ time.Time) table.Cell { return look.SubjectCell(h.subject) }},
		{ID: "where", Title: "WHERE", Min: 11, Keep: 16, Flex: 5, Middle: true, Cell: plain(holding.place), Compare: by(func(h holding) string { return h.where })},
		{ID: "role", Title: "ROLE", Min: 16, Flex: 1, Middle: true, Cell: plain(holding.role), Compare: by(holding.role)},
		{ID: "binding", Title: "BINDING", Min: 8, Flex: 60, Middle: true, Cell: plain(holding.binding), Compare: by(holding.binding)},
		{ID: "server", Title: "SERVER", Min: 6, Cell: func(h holding, _ time.Time) table.Cell { return h.check.cell(th) },
			Compare: func(a, b holding) int { return cmp.Compare(a.check.state, b.check.state) }},
	}
}

// Init implements shell.Page.
func (p *WhoCan) Init() tea.Cmd { return p.look() }

// Title implements shell.Page.
func (p *WhoCan) Title() string { return "Who can" }

// Capturing implements shell.Page.
func (p *WhoCan) Capturing() bool { return p.list.Query.Typing() }

// Changed implements shell.Changer.
func (p *WhoCan) Changed() bool {
	changed := p.changed
	p.changed = false
	return changed
}

// look takes in what was read since.
func (p *WhoCan) look() tea.Cmd {
	state := p.deck.Rights()
	if v := versionOf(state); v != p.shown {
		p.state, p.shown = state, v
		return p.find()
	}
	return nil
}

// found is who may, as an evaluation found out.
type found struct {
	asked int
	rows  []holding
}

// find evaluates roles and bindings beside the screen: on a cluster with many namespaces it takes a while.
func (p *WhoCan) find() tea.Cmd {
	if p.state.At.IsZero() {
		return nil
	}
	p.asked++
	asked, world, perms, namespace := p.asked, p.state.World, p.need.Perms, p.namespace
	return func() tea.Msg {
		var rows []holding
		for _, h := range world.WhoCan(perms, namespace) {
			for _, ref := range h.Via {
				id := strings.Join([]string{h.Subject.String(), h.Namespace, ref.Kind, ref.Namespace, ref.Name}, "|")
				rows = append(rows, holding{id: id, subject: h.Subject, where: h.Namespace, ref: ref})
			}
		}
		return shell.For(p, found{asked, rows})
	}
}

func (p *WhoCan) take(f found) {
	if f.asked != p.asked {
		return
	}
	p.loading = false
	for i, h := range f.rows {
		f.rows[i].check = p.checks.of(h)
	}
	p.list.Reset(f.rows)
}

// ask changes the question. What the server said to the old one does not count.
func (p *WhoCan) ask(need rbac.Need, namespace string) tea.Cmd {
	p.need, p.namespace, p.checks, p.loading = need, namespace, checks{}, true
	p.question++
	p.list.Reset(nil)
	return p.find()
}

// Update implements shell.Page.
func (p *WhoCan) Update(msg tea.Msg) tea.Cmd {
	p.changed = true
	switch msg := msg.(type) {
	case tea.KeyPressMsg, tea.PasteMsg, tea.MouseClickMsg, tea.MouseWheelMsg:
		return p.list.Update(msg)
	case found:
		p.take(msg)
	case verified:
		return p.takeChecks(msg)
	case deck.Event:
		if p.changed = msg.Deck == p.deck; p.changed {
			p.now = time.Now()
			return p.look()
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

func (p *WhoCan) refilter() {
	p.list.NarrowByWords(func(h holding) string { return look.SubjectKind(h.subject) + "  " + h.line() })
}

// line is the row as one text, to search in and to copy.
func (h holding) line() string {
	return strings.Join([]string{h.subject.String(), h.place(), h.ref.RoleKind + " " + h.ref.Role, h.ref.Kind + " " + h.ref.Name}, "  ")
}

// Escape implements shell.Escaper: it undoes the filter.
func (p *WhoCan) Escape() bool { return p.list.Unfilter() || p.list.Escape() }
