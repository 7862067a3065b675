// Package wizard makes a cluster profile step by step: basics, type, packs, their configuration, namespaces for VMs, review, finish. All
// that was entered is one draft, which is kept in a file until the profile is saved, so that a lost session loses nothing.
package wizard

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// screen is what a step shows.
type screen interface {
	update(msg tea.Msg) tea.Cmd
	view(w, h int) string
	hints() []shell.Hint
	// typing is true while letters are text.
	typing() bool
	// escape undoes one thing of the screen; false: there was nothing.
	escape() bool
	// refresh takes in what became known beside the screen.
	refresh() tea.Cmd
	// fault says why the step cannot be left forwards, and shows where it is wrong; empty: it can.
	fault() string
}

// Page is the wizard. It implements shell.Page.
type Page struct {
	deck *deck.Deck
	th   *theme.Theme
	ask  deck.NewProfile // as it was opened
	gate gate
	// asked counts how often was asked whether profiles may be made; only the last answer counts.
	asked int

	draft  draft
	begun  draft // as it began: what differs from it was entered
	screen screen

	list          []profile.Stored // of the store
	registries    profile.Registries
	registriesErr error
	shelves       []*shelf
	away          bool // the registries are being changed elsewhere

	editors map[string]*editor // of values, by pack

	// What the packs amount to, as of the last time that was worked out.
	resolved profile.Resolved
	problems []profile.Problem
	did      []string // what was added and taken out by itself
	turn     int
	settling bool
	onward   bool // go on once it is worked out

	path  string // of the draft's file
	edits int    // counts changes of the draft, so that the last of many keeps it
	// keptEdits is what edits was when the draft was kept last.
	keptEdits int
	kept      bool // there is a file of the draft
	queue     tea.Cmd
	saving    bool
	over      bool // it was saved or given up: the draft is no more
	note      string
	tone      theme.Tone
	asking    *dialog.Stack
	ctx       context.Context
	cancel    context.CancelFunc
	changed   bool
}

// New makes the wizard.
func New(d *deck.Deck, ask deck.NewProfile) *Page {
	p := &Page{deck: d, th: d.Theme, ask: ask, asking: dialog.NewStack(nil), editors: map[string]*editor{}}
	p.draft = newDraft(ask.From, ask.Replaces)
	p.begun = p.draft
	return p
}

// Init implements shell.Page.
func (p *Page) Init() tea.Cmd {
	p.ctx, p.cancel = context.WithCancel(p.deck.Context())
	p.path = draftPath(p.deck.Platform.Drafts, p.deck.Platform.Context(), p.deck.Platform.Profiles.Profiles.Where())
	return p.begin()
}

// Leave implements shell.Leaver.
func (p *Page) Leave() {
	if p.cancel != nil {
		p.cancel()
	}
}

// Title implements shell.Page.
func (p *Page) Title() string {
	if p.draft.inPlace() {
		return "Profile " + p.draft.title()
	}
	return "New profile"
}

// Busy says what would be interrupted by quitting; empty for nothing.
func (p *Page) Busy() string {
	if p.saving {
		return "The profile is being saved."
	}
	return ""
}

// Capturing implements shell.Page.
func (p *Page) Capturing() bool {
	return p.asking.Len() > 0 || p.screen != nil && p.screen.typing()
}

// Changed implements shell.Changer.
func (p *Page) Changed() bool {
	changed := p.changed
	p.changed = false
	return changed
}

// mine addresses what a command brings to this page alone.
func (p *Page) mine(cmd tea.Cmd) tea.Cmd { return shell.CmdFor(p, cmd) }

// question puts a question over the page. The page keeps its questions to itself, since the shell's Escape cannot open one.
func (p *Page) question(d dialog.Dialog) { p.asking.Open(d) }

// say shows a sentence under the step until the next key.
func (p *Page) say(tone theme.Tone, words string) { p.note, p.tone = words, tone }

// Update implements shell.Page.
func (p *Page) Update(msg tea.Msg) tea.Cmd {
	cmd := tea.Batch(p.queue, p.take(msg))
	p.queue = nil
	return cmd
}

func (p *Page) take(msg tea.Msg) tea.Cmd {
	p.changed = true
	switch msg := msg.(type) {
	case tea.KeyPressMsg, tea.PasteMsg, tea.MouseMsg:
		return p.input(msg)
	case begun:
		return p.takeBegun(msg)
	case tried:
		return p.takeTried(msg)
	case installed:
		return p.takeInstalled(msg)
	case registriesRead:
		return p.takeRegistries(msg)
	case shelved:
		return p.takeShelf(msg)
	case settled:
		return p.takeSettled(msg)
	case loadedReadme:
		return p.takeReadme(msg)
	case draftDue:
		return p.keepDraft(msg.edits)
	case draftKept:
		p.takeKept(msg)
	case listed:
		p.list = msg.all
	case saved:
		return p.takeSaved(msg)
	case deck.Tick:
		p.changed = false
		if p.away {
			return p.readRegistries()
		}
	default:
		p.changed = false
	}
	return nil
}

func (p *Page) input(msg tea.Msg) tea.Cmd {
	if p.asking.Len() > 0 {
		return p.asking.Update(msg)
	}
	k, isKey := msg.(tea.KeyPressMsg)
	if isKey {
		p.note = ""
		if p.away {
			p.away = false
			return tea.Batch(p.readRegistries(), p.askAnew(), p.keyed(k))
		}
		return p.keyed(k)
	}
	if p.screen == nil || p.saving {
		return nil
	}
	return p.screen.update(msg)
}

// keyed takes a key: those of the wizard first, then the step's.
func (p *Page) keyed(k tea.KeyPressMsg) tea.Cmd {
	if p.screen == nil {
		return p.gateKey(k)
	}
	if p.saving {
		return nil
	}
	if k.String() == "esc" {
		if p.Escape() {
			return nil
		}
		return shell.Close(p)
	}
	if b, ok := everywhere.Lookup(k); ok {
		return p.do(b.ID)
	}
	if !p.screen.typing() {
		if b, ok := letters.Lookup(k); ok {
			return p.do(b.ID)
		}
	}
	return p.screen.update(k)
}

// View implements shell.Page.
func (p *Page) View(w, h int) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	body := ""
	if p.screen == nil {
		body = p.gateView(w, h)
	} else {
		body = p.stepView(w, h)
	}
	if p.asking.Len() > 0 {
		body = p.asking.View(text.Block(body, w, h), w, h)
	}
	return text.Block(body, w, h)
}

// draftPause is how long after the last key the draft is kept.
const draftPause = time.Second
