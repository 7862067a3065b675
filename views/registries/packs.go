package registries

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/list"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// Packs is the list of the packs of registries. It implements shell.Page.
type Packs struct {
	deck       *deck.Deck
	th         *theme.Theme
	registries []pack.Registry

	ctx    context.Context
	cancel context.CancelFunc

	list    *list.Model[*packRow]
	rows    []*packRow
	waiting map[string]bool // registries that have not answered yet
	failed  []failure       // registries that have no list
	changed bool            // since Changed was asked
}

// packRow is a pack of a registry.
type packRow struct {
	registry pack.Registry
	pack.Summary
}

func (r *packRow) id() string { return r.registry.Name() + "\x00" + r.Name }

// title is the pack's name for people.
func (r *packRow) title() string { return cmp.Or(r.DisplayName, r.Name) }

// failure is a registry that could not be listed.
type failure struct {
	registry string
	err      error
}

// NewPacks makes the list of the packs of some registries.
func NewPacks(d *deck.Deck, registries ...pack.Registry) *Packs {
	p := &Packs{deck: d, th: d.Theme, registries: registries, waiting: map[string]bool{}}
	rows := table.New(packColumns(d.Theme, len(registries) > 1), (*packRow).id, d.Theme)
	p.list = list.New(d.Theme, rows, list.Options{Placeholder: "name, type or words of the description", Narrow: p.narrow, Keys: packsKeys, Do: p.do, Above: p.above})
	return p
}

// Init implements shell.Page.
func (p *Packs) Init() tea.Cmd {
	p.ctx, p.cancel = context.WithCancel(p.deck.Context())
	return p.read()
}

// Leave implements shell.Leaver.
func (p *Packs) Leave() {
	if p.cancel != nil {
		p.cancel()
	}
}

// Title implements shell.Page.
func (p *Packs) Title() string {
	if len(p.registries) == 1 {
		return "Packs of " + p.registries[0].Name()
	}
	return "Packs"
}

// Capturing implements shell.Page.
func (p *Packs) Capturing() bool { return p.list.Query.Typing() }

// Escape implements shell.Escaper: it undoes the filter.
func (p *Packs) Escape() bool {
	p.changed = true
	return p.list.Unfilter() || p.list.Escape()
}

// Changed implements shell.Changer.
func (p *Packs) Changed() bool {
	was := p.changed
	p.changed = false
	return was
}

// packsRead is what a registry has.
type packsRead struct {
	registry pack.Registry
	packs    []pack.Summary
	err      error
}

// read asks every registry for its packs. What is known stays until it has answered.
func (p *Packs) read() tea.Cmd {
	var cmds []tea.Cmd
	ctx := p.ctx
	for _, registry := range p.registries {
		if p.waiting[registry.Name()] {
			continue
		}
		p.waiting[registry.Name()] = true
		cmds = append(cmds, func() tea.Msg {
			ctx, cancel := context.WithTimeout(ctx, probeTimeout)
			defer cancel()
			packs, err := registry.Packs(ctx)
			return shell.For(p, packsRead{registry, packs, err})
		})
	}
	p.list.SetLoading(len(p.waiting) > 0)
	return tea.Batch(cmds...)
}

// take shows what a registry has.
func (p *Packs) take(msg packsRead) {
	name := msg.registry.Name()
	delete(p.waiting, name)
	// Last, so that the cursor stays on the first line until everything is there.
	defer func() { p.list.SetLoading(len(p.waiting) > 0) }()
	p.failed = slices.DeleteFunc(p.failed, func(f failure) bool { return f.registry == name })
	if msg.err != nil {
		p.failed = append(p.failed, failure{name, msg.err})
		return
	}
	p.rows = slices.DeleteFunc(p.rows, func(r *packRow) bool { return r.registry.Name() == name })
	for _, s := range msg.packs {
		p.rows = append(p.rows, &packRow{msg.registry, s})
	}
	p.list.Reset(slices.Clone(p.rows))
}

// narrow shows the packs that match what is typed: all of its words.
func (p *Packs) narrow() {
	p.list.NarrowByWords(func(r *packRow) string {
		return strings.Join([]string{r.Name, r.DisplayName, r.Type, r.Description, r.registry.Name(), strings.Join(r.Versions, " ")}, "\n")
	})
}

// Update implements shell.Page.
func (p *Packs) Update(msg tea.Msg) tea.Cmd {
	p.changed = true
	switch msg := msg.(type) {
	case tea.KeyPressMsg, tea.PasteMsg, tea.MouseClickMsg, tea.MouseWheelMsg:
		return p.list.Update(msg)
	case packsRead:
		p.take(msg)
	default:
		p.changed = false
	}
	return nil
}

func packColumns(th *theme.Theme, many bool) []table.Column[*packRow] {
	out := []table.Column[*packRow]{
		{ID: "pack", Title: "PACK", Min: 16, Max: 40, Flex: 1, Keep: 28, Compare: func(a, b *packRow) int {
			return cmp.Or(cmp.Compare(a.title(), b.title()), cmp.Compare(a.id(), b.id()))
		}, Cell: func(r *packRow, _ time.Time) table.Cell {
			cell := table.Cell{Text: r.title()}
			if r.Problem != nil {
				cell.Prefix, cell.PrefixTone = th.Glyphs.Cross, theme.Bad
			}
			return cell
		}},
		{ID: "type", Title: "TYPE", Min: 10, Max: 16, Priority: 2, Cell: func(r *packRow, _ time.Time) table.Cell { return table.Cell{Text: r.Type} }},
		{ID: "versions", Title: "VERSIONS", Min: 8, Max: 24, Priority: 1, Cell: func(r *packRow, _ time.Time) table.Cell {
			return table.Cell{Text: versionsWord(r.Versions)}
		}},
	}
	if many {
		out = append(out, table.Column[*packRow]{ID: "registry", Title: "REGISTRY", Min: 10, Max: 20, Priority: 3,
			Cell: func(r *packRow, _ time.Time) table.Cell { return table.Cell{Text: r.registry.Name(), Tone: theme.Dim} }})
	}
	return append(out, table.Column[*packRow]{ID: "description", Title: "DESCRIPTION", Min: 16, Flex: 3, Priority: 4,
		Cell: func(r *packRow, _ time.Time) table.Cell {
			if r.Problem != nil {
				return table.Cell{Text: r.Problem.Error(), Tone: theme.Bad}
			}
			return table.Cell{Text: r.Description, Tone: theme.Dim}
		}})
}

// versionsWord is the newest version, and how many more there are.
func versionsWord(versions []string) string {
	switch len(versions) {
	case 0:
		return ""
	case 1:
		return versions[0]
	case 2, 3:
		return strings.Join(versions, ", ")
	}
	return fmt.Sprintf("%s and %d more", versions[0], len(versions)-1)
}
