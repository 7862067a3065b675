// Package templates is the catalogue of VM templates and what is done with them: VMs are launched from them and, by those who may, they
// are made, changed and deleted.
package templates

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/ui/list"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// Page is the catalogue. It implements shell.Page.
type Page struct {
	deck *deck.Deck
	th   *theme.Theme
	list *list.Model[template.Template]

	state   template.State
	now     time.Time
	changed bool // since Changed was asked
}

// New makes the catalogue of a deck.
func New(d *deck.Deck) *Page {
	p := &Page{deck: d, th: d.Theme, now: time.Now()}
	rows := table.New(columns(d.Theme), func(t template.Template) string { return t.Name }, d.Theme, table.WithEqual(same))
	p.list = list.New(d.Theme, rows, list.Options{Placeholder: "words of name, OS or description", Narrow: p.refilter, Keys: listKeys, Do: p.do, Above: p.above})
	return p
}

// Init implements shell.Page.
func (p *Page) Init() tea.Cmd {
	p.take(p.deck.Templates())
	for _, id := range []string{keyLaunch, keyNew, keyEdit, keyDelete} { // so that the first key press finds the answers there
		verdict(p.deck, id, true)
	}
	return nil
}

// Title implements shell.Page.
func (p *Page) Title() string { return "Templates" }

// Capturing implements shell.Page.
func (p *Page) Capturing() bool { return p.list.Query.Typing() }

// Changed implements shell.Changer.
func (p *Page) Changed() bool {
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
			p.now, p.changed = time.Now(), true
			return p.take(p.deck.Templates())
		}
	case deck.Tick:
		if p.stale() {
			p.now, p.changed = msg.Now, true
		}
	}
	return nil
}

// stale tells whether the page says how old it is.
func (p *Page) stale() bool { return p.deck.Cluster.Health().Status().State != kube.Live }

// take shows what was read, if it was read anew.
func (p *Page) take(s template.State) tea.Cmd {
	if s.At.Equal(p.state.At) {
		p.state = s
		return nil
	}
	first := p.state.At.IsZero()
	p.state = s
	p.list.Replace(s.Templates)
	if id := p.list.CursorLost(); id != "" && !first && p.list.Total() > 0 {
		return shell.Toast(theme.Info, "the template under the cursor is gone; the cursor is on the next one")
	}
	return nil
}

func (p *Page) refilter() {
	p.list.NarrowByWords(func(t template.Template) string {
		return strings.Join([]string{t.Title, t.Name, t.OS, t.Description, t.Instancetype}, " ")
	})
}

// Escape implements shell.Escaper: it undoes the filter.
func (p *Page) Escape() bool { return p.list.Unfilter() || p.list.Escape() }
