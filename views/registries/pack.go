package registries

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/choose"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// face is one of the ways to look at a pack.
type face int

const (
	faceAbout face = iota
	faceReadme
	faceValues
	faceCount
)

// Pack shows one version of a pack: what it is, its readme, its values. It implements shell.Page.
type Pack struct {
	deck          *deck.Deck
	th            *theme.Theme
	registry      pack.Registry
	name, version string

	ctx    context.Context
	cancel context.CancelFunc

	pack     *pack.Pack // nil: not read yet
	versions []string   // the newest first; none: not known
	err      error      // why it could not be read

	face    face
	pagers  [faceCount]*pager.Model
	w       int // that the pagers' lines were made for
	changed bool
}

// NewPack makes the page of a version of a pack, which it reads itself.
func NewPack(d *deck.Deck, registry pack.Registry, name, version string) *Pack {
	p := &Pack{deck: d, th: d.Theme, registry: registry, name: name, version: version}
	for i := range p.pagers {
		p.pagers[i] = pager.New(d.Theme, "")
	}
	return p
}

// Init implements shell.Page.
func (p *Pack) Init() tea.Cmd {
	p.ctx, p.cancel = context.WithCancel(p.deck.Context())
	return p.load()
}

// Leave implements shell.Leaver.
func (p *Pack) Leave() {
	if p.cancel != nil {
		p.cancel()
	}
}

// Title implements shell.Page.
func (p *Pack) Title() string {
	if p.pack != nil {
		return p.pack.DisplayName + " " + p.version
	}
	return p.name + " " + p.version
}

// Capturing implements shell.Page.
func (p *Pack) Capturing() bool { return p.pagers[p.face].Capturing() }

// Escape implements shell.Escaper: it undoes a search.
func (p *Pack) Escape() bool {
	p.changed = true
	return p.pagers[p.face].Escape()
}

// Changed implements shell.Changer.
func (p *Pack) Changed() bool {
	was := p.changed
	p.changed = false
	return was
}

// loaded is a version of a pack that was read.
type loaded struct {
	version  string
	pack     *pack.Pack
	versions []string
	err      error
}

// load reads the version beside the screen.
func (p *Pack) load() tea.Cmd {
	p.pack, p.err = nil, nil
	ctx, registry, name, version, known := p.ctx, p.registry, p.name, p.version, p.versions
	return func() tea.Msg {
		msg := loaded{version: version, versions: known}
		msg.pack, msg.err = registry.Load(ctx, name, version)
		if len(known) == 0 {
			// Without them the page is complete but for the choice of another version.
			msg.versions, _ = registry.Versions(ctx, name)
		}
		return shell.For(p, msg)
	}
}

func (p *Pack) take(msg loaded) {
	if msg.version != p.version {
		return
	}
	p.pack, p.err, p.versions = msg.pack, msg.err, msg.versions
	p.layout()
}

// Update implements shell.Page.
func (p *Pack) Update(msg tea.Msg) tea.Cmd {
	p.changed = true
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		if b, ok := packKeys.Lookup(msg); ok && !p.Capturing() {
			return p.do(b.ID)
		}
		return p.pagers[p.face].Update(msg)
	case tea.PasteMsg, tea.MouseWheelMsg:
		return p.pagers[p.face].Update(msg)
	case loaded:
		p.take(msg)
	default:
		p.changed = false
	}
	return nil
}

// layout writes the pagers for the width.
func (p *Pack) layout() {
	if p.pack == nil || p.w <= 0 {
		return
	}
	about := &sheet.Sheet{Theme: p.th, Width: max(p.w-2, 1)}
	p.facts(about)
	p.pagers[faceAbout].SetLines(about.Lines)
	readme := &sheet.Sheet{Theme: p.th, Width: min(max(p.w-2, 1), readmeWidth)}
	if p.pack.Readme == "" {
		readme.Para(2, sheet.Dim("The pack has no readme."))
	}
	markdown(readme, p.pack.Readme)
	p.pagers[faceReadme].SetLines(readme.Lines)
	p.pagers[faceValues].SetLines(pager.YAML(p.pack.ValuesYAML, p.th))
}

// pickVersion offers the versions that there are.
func (p *Pack) pickVersion() tea.Cmd {
	var items []choose.Item
	for _, v := range p.versions {
		item := choose.Item{ID: v, Title: v}
		if v == p.version {
			item.Desc = "shown"
		}
		items = append(items, item)
	}
	return shell.OpenDialog(dialog.NewPicker(p.th, "Version", items, func(r dialog.Result) tea.Cmd {
		if !r.OK || r.Choice == p.version || !slices.Contains(p.versions, r.Choice) {
			return nil
		}
		p.version, p.changed = r.Choice, true
		return p.load()
	}))
}

func (p *Pack) copy() tea.Cmd {
	if p.pack == nil {
		return shell.Toast(theme.Warn, "the pack was not read yet")
	}
	switch p.face {
	case faceReadme:
		return deck.Copy(p.pack.Readme, "the readme of "+p.name)
	case faceValues:
		return deck.Copy(p.pack.ValuesYAML, "the values of "+p.name)
	}
	return deck.Copy(p.pagers[faceAbout].Text(), "what "+p.name+" is")
}
