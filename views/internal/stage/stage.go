// Package stage shows pages of one deck in a shell, without the rest of the program: what views/app is otherwise.
package stage

import (
	"reflect"
	"slices"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
)

// Stage is a shell in a terminal, for the worlds of tests to embed.
type Stage struct {
	*drive.Driver
	// Asked are the messages by which pages asked the program for other screens, the oldest first.
	Asked []tea.Msg
	Shell *shell.Model

	deck *deck.Deck
	o    Options
}

// Options are what may be set. The zero value is a terminal of 120×40 without a header.
type Options struct {
	drive.Size
	Header shell.Header
	// Tab is the title of the tab that Over opens a page in.
	Tab string
	// Handle does what the program does with messages besides, and reports whether a message is dealt with: then it is not in Asked.
	Handle func(msg tea.Msg) (tea.Cmd, bool)
	// Busy says what would be interrupted by quitting.
	Busy func() string
}

// Show starts a shell with pages as its tabs, and closes the deck when the test is over.
func Show(t testing.TB, d *deck.Deck, o Options, tabs ...shell.Page) *Stage {
	t.Helper()
	s := &Stage{deck: d, o: o}
	s.Shell = shell.New(shell.Options{Theme: d.Theme, Pages: tabs, Handle: s.handle, Busy: o.Busy, Header: func(int) shell.Header { return o.Header }})
	s.Driver = drive.New(t, program{s}, o.W, o.H, d.Close)
	return s
}

// Over starts a shell with a page opened from one that does nothing, where esc leads to.
func Over(t testing.TB, d *deck.Deck, o Options, page shell.Page) *Stage {
	t.Helper()
	s := Bare(t, d, o)
	s.Send(shell.Push(page)())
	return s
}

// Bare starts a shell with nothing but that page, for messages to open others.
func Bare(t testing.TB, d *deck.Deck, o Options) *Stage {
	t.Helper()
	return Show(t, d, o, below(o.Tab))
}

// handle does what the program does with messages of the deck.
func (s *Stage) handle(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case deck.Event:
		if msg.Delta != nil {
			s.deck.Report = msg.Delta.Report
		}
		return s.deck.Wait()
	case deck.Tick:
		return tick()
	}
	var cmd tea.Cmd
	if s.o.Handle != nil {
		var done bool
		if cmd, done = s.o.Handle(msg); done {
			return cmd
		}
	}
	if t := reflect.TypeOf(msg); t.PkgPath() == reflect.TypeFor[deck.Deck]().PkgPath() {
		s.Asked = append(s.Asked, msg)
	}
	return cmd
}

func tick() tea.Cmd {
	return tea.Tick(time.Second, func(now time.Time) tea.Msg { return deck.Tick{Now: now} })
}

// Asked is the last message of a type by which a page asked the program for another screen.
func Asked[M any](s *Stage) (M, bool) {
	for _, msg := range slices.Backward(s.Asked) {
		if m, ok := msg.(M); ok {
			return m, true
		}
	}
	var none M
	return none, false
}

// program is the model of a stage.
type program struct{ *Stage }

func (p program) Init() tea.Cmd { return tea.Batch(p.Shell.Init(), p.deck.Wait(), tick()) }
func (p program) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	_, cmd := p.Shell.Update(msg)
	return p, cmd
}
func (p program) View() tea.View { return p.Shell.View() }

// Below is what the page below one that was opened shows.
const Below = "what was there before"

// below is such a page, by its title.
type below string

func (below) Init() tea.Cmd             { return nil }
func (below) Update(tea.Msg) tea.Cmd    { return nil }
func (below) View(int, int) string      { return Below }
func (b below) Title() string           { return string(b) }
func (below) Hints() []shell.Hint       { return nil }
func (below) Help() []help.Section      { return nil }
func (below) Commands() []palette.Entry { return nil }
func (below) Capturing() bool           { return false }
