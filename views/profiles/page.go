// Package profiles is the list of cluster profiles with how each is on the cluster, and the page of one. Profiles are deleted and exported
// here; they are made in the wizard, and applied, rolled back and removed on the page of a run.
package profiles

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/ui/list"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// Page is the list of profiles. It implements shell.Page.
type Page struct {
	deck *deck.Deck
	th   *theme.Theme
	list *list.Model[*row]

	asked  bool // the page was shown, so profiles are worth reading
	state  profile.State
	rows   map[string]*row
	wanted wanted

	busy string // what is done beside the screen, as in "Installing …"

	now     time.Time
	changed bool // since Changed was asked
}

// New makes the list of a deck.
func New(d *deck.Deck) *Page {
	p := &Page{deck: d, th: d.Theme, now: time.Now(), rows: map[string]*row{}}
	rows := table.New(columns(p.th), func(r *row) string { return r.id }, p.th, table.WithOrder(byRef), table.WithEqual(same))
	p.list = list.New(p.th, rows, list.Options{Placeholder: "name, version, pack, state  !not this", Narrow: p.refilter, Keys: listKeys, Do: p.do, Above: p.above})
	return p
}

// Init implements shell.Page.
func (p *Page) Init() tea.Cmd { return nil }

// Title implements shell.Page.
func (p *Page) Title() string { return "Profiles" }

// Capturing implements shell.Page.
func (p *Page) Capturing() bool { return p.list.Query.Typing() }

// Changed implements shell.Changer.
func (p *Page) Changed() bool {
	changed := p.changed
	p.changed = false
	return changed
}

// Busy says what would be interrupted by quitting; empty for nothing.
func (p *Page) Busy() string {
	if p.busy == "" {
		return ""
	}
	return p.busy + "."
}

// busyWords are what is done beside the screen, in the middle of a sentence.
func (p *Page) busyWords() string { return text.Lower(p.busy) }

// wanted is a profile that is to be opened when it has been read.
type wanted struct {
	ref profile.Ref // without a name: none
	at  time.Time   // when it was asked for
}

// Show opens a version of a profile, with an empty version the newest, as soon as it has been read: it may just have been saved.
func (p *Page) Show(ref profile.Ref) tea.Cmd {
	p.wanted = wanted{ref, time.Now()}
	p.look()
	p.deck.RereadProfiles()
	return p.openWanted()
}

// look has the profiles read from the first time on that somebody wants to see them.
func (p *Page) look() {
	if !p.asked {
		p.asked = true
		p.take(p.deck.Profiles())
	}
}

// wantedWithin is how long a profile that is not there is waited for.
const wantedWithin = 2 * time.Second

// openWanted opens what Show was asked for.
func (p *Page) openWanted() tea.Cmd {
	ref := p.wanted.ref
	if ref.Name == "" {
		return nil
	}
	var found *row
	p.list.Each(func(r *row) {
		if r.ref.Name == ref.Name && (r.ref.Version == ref.Version || ref.Version == "" && (found == nil || found.stored == nil)) {
			found = r
		}
	})
	switch late := time.Since(p.wanted.at) > wantedWithin; {
	case found == nil && (!late || p.state.Err == nil && p.state.At.Before(p.wanted.at)):
		return nil // it may still come
	case found == nil:
		p.wanted = wanted{}
		return shell.Toast(theme.Warn, "there is no profile "+strings.TrimSpace(ref.String())+" in "+p.keeper().Profiles.Where())
	}
	p.wanted = wanted{}
	if !p.list.Select(found.id) {
		p.list.Query.SetValue("")
		p.list.Select(found.id)
	}
	return p.openRow(found)
}

// keeper is the one of this moment: it is another while the user looks as somebody else.
func (p *Page) keeper() *profile.Keeper { return p.deck.Platform.Profiles }

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
		return p.openWanted()
	case deck.ProfileChanged:
		p.deck.RereadProfiles()
	case finished:
		return p.outcome(msg)
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
	p.take(p.deck.Profiles())
	cmd := p.openWanted()
	if id := p.list.CursorLost(); id != "" && !before.IsZero() {
		cmd = tea.Batch(cmd, shell.Toast(theme.Info, "the profile under the cursor is gone; the cursor is on the next one"))
	}
	return cmd
}

// take makes the rows of what was read.
func (p *Page) take(s profile.State) {
	p.state = s
	all := rowsOf(s)
	rows := make(map[string]*row, len(all))
	for _, r := range all {
		rows[r.id] = r
	}
	p.rows = rows
	p.list.Replace(all)
}

// agesEvery is how often the screen follows the clock: every second while it says how old the list is, else seldom.
func (p *Page) agesEvery() time.Duration {
	if p.state.Err != nil || p.deck.Cluster.Health().Status().State != kube.Live {
		return 0
	}
	return 10 * time.Second
}

// refilter narrows the list to the rows that have all words, and none of those with an exclamation mark.
func (p *Page) refilter() { p.list.NarrowByTerms(func(r *row) string { return r.search }) }

// Escape implements shell.Escaper: it undoes marks, then the filter.
func (p *Page) Escape() bool { return p.list.Escape() }
