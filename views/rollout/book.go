package rollout

import (
	"context"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// Book opens the screens that carry profiles out, and knows the runs of a deck: they go on when their page is left. It belongs to the
// goroutine of Update.
type Book struct {
	deck   *deck.Deck
	source source
	runs   []*run // the latest of each profile, in the order in which they were begun
}

// NewBook makes the book of a deck.
func NewBook(d *deck.Deck) *Book { return &Book{deck: d, source: platforms{d}} }

// ApplyNamed asks for a profile to be applied that is kept; without a version, the newest.
type ApplyNamed struct{ Ref profile.Ref }

// Show asks for the run that is under way, or the last one.
type Show struct{}

// Open opens the screen that a message asks for: deck.Apply, deck.RollBack, deck.RemoveProfile, ApplyNamed or Show. Where a run of the
// profile is under way, that is shown instead.
func (b *Book) Open(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case deck.Apply:
		return b.open(job{deed: applying, ref: msg.Profile.Ref(), given: &msg.Profile})
	case ApplyNamed:
		return b.open(job{deed: applying, ref: msg.Ref})
	case deck.RollBack:
		return b.open(job{deed: rollingBack, ref: profile.Ref{Name: msg.Profile}, to: msg.To})
	case deck.RemoveProfile:
		return b.open(job{deed: removing, ref: profile.Ref{Name: msg.Profile}})
	case Show:
		if r := b.latest(); r != nil {
			return shell.Push(b.showing(r))
		}
		return shell.Toast(theme.Info, "no profile was applied, rolled back or removed in this session")
	}
	return nil
}

func (b *Book) open(j job) tea.Cmd {
	if j.ref.Name == "" {
		return shell.Toast(theme.Warn, "name the profile, as in: vm-platform@1.0.0")
	}
	if r := b.of(j.ref.Name); r != nil && !r.ended() {
		return tea.Batch(shell.Push(b.showing(r)), shell.Toast(theme.Info, r.under(r.where())))
	}
	return shell.Push(newPage(b, j))
}

// showing is a page for a run that was begun before.
func (b *Book) showing(r *run) *Page {
	p := newPage(b, r.job)
	p.run = r
	return p
}

// of is the latest run of a profile; nil: there was none.
func (b *Book) of(name string) *run {
	for _, r := range b.runs {
		if r.ref.Name == name {
			return r
		}
	}
	return nil
}

// latest is the run begun last of those under way, or else of all.
func (b *Book) latest() *run {
	for _, r := range slices.Backward(b.runs) {
		if !r.ended() {
			return r
		}
	}
	if len(b.runs) == 0 {
		return nil
	}
	return b.runs[len(b.runs)-1]
}

// Busy says what quitting would interrupt; empty for nothing.
func (b *Book) Busy() string {
	var out []string
	for _, r := range b.runs {
		if !r.ended() {
			out = append(out, fmt.Sprintf("%s. Quitting breaks that off in the middle: what is done stays, and %s carries it on.", r.under(r.where()), r.anew()))
		}
	}
	return strings.Join(out, " ")
}

// Ended tells that a run is over.
type Ended struct {
	run  *run
	tone theme.Tone
	text string
}

// Tell says how the run has ended, to those who have another page before them.
func (e Ended) Tell(shown shell.Page) tea.Cmd {
	if p, ok := shown.(*Page); ok && p.screen == screenRun && p.run == e.run {
		return nil
	}
	return shell.Toast(e.tone, e.text+"; :rollout shows it")
}

// start carries out a run beside the screen.
func (b *Book) start(r *run) tea.Cmd {
	b.runs = append(slices.DeleteFunc(b.runs, func(o *run) bool { return o.ref.Name == r.ref.Name }), r)
	d, name := b.deck, r.ref.Name
	ctx, cancel := context.WithCancel(d.Context())
	r.cancel = cancel
	changed := func() tea.Msg { return deck.ProfileChanged{Profile: name} }
	return tea.Batch(changed, tea.Sequence(func() tea.Msg {
		defer cancel()
		r.carryOut(ctx)
		close(r.over)
		r.change(func() {})
		d.Reread()
		d.Cluster.Health().RetryNow() // what was asked for in vain may be served now
		return r.farewell()
	}, changed))
}

func (r *run) farewell() Ended {
	s, says := r.overall()
	e := Ended{r, s.tone(), fmt.Sprintf("%s on %s: %s", r.named(), r.where(), text.Lower(says))}
	for _, share := range r.snapshot() {
		if why := share.failure(); why != "" && s.bad() {
			e.text += ": " + strings.TrimSuffix(why, ".")
			break
		}
	}
	return e
}

// own is the context of the deck.
func (b *Book) own() string { return b.deck.Cluster.Target().Context }
