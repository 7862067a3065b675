// Package shell is the frame around the pages: header, tabs, key bar, dialogs, messages. It knows pages, not what they
// are about.
package shell

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/ui/toast"
)

// Smallest terminal, in cells, that is worth drawing in.
const (
	MinWidth  = 40
	MinHeight = 10
)

// Page is one screen. Pages are pointers; the shell calls them from one goroutine, and none of the calls may block.
type Page interface {
	Init() tea.Cmd
	Update(msg tea.Msg) tea.Cmd
	// View draws exactly w×h cells.
	View(w, h int) string
	Title() string
	// Hints are for the key bar, the most important first.
	Hints() []Hint
	Help() []help.Section
	Commands() []palette.Entry
	// Capturing is true while a text field of the page has the focus: then letters are text and not commands.
	Capturing() bool
}

// Escaper is a page that has something of its own to undo with esc before it is left, such as a filter or marks.
type Escaper interface {
	// Escape undoes one thing; it reports false when there was nothing.
	Escape() bool
}

// Changer is a page that can tell whether the last Update changed what it shows. The frame is kept when it did not.
type Changer interface {
	Changed() bool
}

// Leaver is a page that wants to know that it was closed, to end what it started.
type Leaver interface {
	Leave()
}

// Busier is a page that can say what quitting would interrupt, "" for nothing.
type Busier interface {
	Busy() string
}

// Interrupter is a page that asks a question of its own when the user wants to quit while it is shown. It reports false when it has none, or
// has asked already: then the shell goes on as always.
type Interrupter interface {
	Interrupt() bool
}

// Hint is one key in the key bar.
type Hint struct {
	Key, Label string
	// Off hints are not offered; the Reason of the first one is shown at the right.
	Off    bool
	Reason string
	// Priority: when the bar is too narrow, the highest number goes first.
	Priority int
}

// Segment is a part of the header. The highest Priority goes first when the terminal is narrow.
type Segment struct {
	Text     string
	Tone     theme.Tone
	Priority int
}

// Header is the first line.
type Header struct{ Left, Right []Segment }

// Options configure a shell. Only Theme and Pages are needed.
type Options struct {
	Theme *theme.Theme
	// Pages are the roots of the tabs.
	Pages []Page
	// Header makes the first line for a width. It runs for every new frame and must be quick.
	Header func(w int) Header
	// Commands and Help are offered on every page.
	Commands func() []palette.Entry
	Help     func() []help.Section
	// Busy says what would be interrupted by quitting besides what pages do, "" for nothing.
	Busy func() string
	// Handle sees every message that is not input before the pages do.
	Handle func(tea.Msg) tea.Cmd
	// NoMouse starts with the mouse off, so that the terminal's own selection works.
	NoMouse bool
	// WindowTitle sets the terminal's title. It is off by default, since not every terminal gives the old one back.
	WindowTitle string
	// SyncOutput asks for frames that the terminal shows at once; see WantSync.
	SyncOutput bool
	// FPS limits how often frames are sent; 0 is Bubble Tea's default. See ProgramOptions.
	FPS int
	// Now is the clock, for tests.
	Now func() time.Time
}

// tab is a stack of pages, the root first.
type tab struct{ stack []Page }

func (t *tab) top() Page { return t.stack[len(t.stack)-1] }

// Model is the shell, the program's one tea.Model.
type Model struct {
	o      Options
	th     *theme.Theme
	tabs   []*tab
	active int
	w, h   int
	mouse  bool

	stack    *dialog.Stack
	toasts   *toast.Model
	quitting dialog.Dialog // The question whether to quit, while it is asked.

	dirty  bool
	frame  string
	header string // As in the frame.
	bodyY  int    // Where the page was drawn.
	bodyH  int
	spans  []span // Of the tabs in the frame.
}

// span is where a tab was drawn.
type span struct{ from, to int }

// New makes a shell.
func New(o Options) *Model {
	if o.Theme == nil {
		o.Theme = theme.New(theme.Options{Dark: true})
	}
	m := &Model{o: o, th: o.Theme, mouse: !o.NoMouse, dirty: true}
	m.stack, m.toasts = dialog.NewStack(o.Now), toast.New(o.Now)
	for _, p := range o.Pages {
		m.tabs = append(m.tabs, &tab{stack: []Page{p}})
	}
	return m
}

// Init starts the pages.
func (m *Model) Init() tea.Cmd {
	var cmds []tea.Cmd
	if m.o.SyncOutput {
		cmds = append(cmds, assumeSync)
	}
	for _, t := range m.tabs {
		for _, p := range t.stack {
			cmds = append(cmds, p.Init())
		}
	}
	return tea.Batch(cmds...)
}

// Page is the page that is shown, nil when there are no tabs.
func (m *Model) Page() Page {
	if m.active >= len(m.tabs) {
		return nil
	}
	return m.tabs[m.active].top()
}

// Tab is the index of the tab that is shown.
func (m *Model) Tab() int { return m.active }

// Toasts gives access to the messages, for history and tests.
func (m *Model) Toasts() *toast.Model { return m.toasts }

// Dialogs gives access to the dialogs that are open.
func (m *Model) Dialogs() *dialog.Stack { return m.stack }

// SetTheme changes the look of the frame; pages are told by their owner.
func (m *Model) SetTheme(th *theme.Theme) {
	m.th, m.dirty = th, true
}

// pages calls f for every page of every tab.
func (m *Model) pages(f func(Page)) {
	for _, t := range m.tabs {
		for _, p := range append([]Page(nil), t.stack...) {
			f(p)
		}
	}
}
