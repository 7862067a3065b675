package shell

import (
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/theme"
)

type (
	pushMsg      struct{ page Page }
	popMsg       struct{ page Page }
	openMsg      struct{ dialog dialog.Dialog }
	switchTabMsg struct{ tab int }
	setTabsMsg   struct{ pages []Page }
	quitMsg      struct{}
	redrawMsg    struct{}
	toastMsg     struct {
		tone theme.Tone
		text string
	}
	forMsg struct {
		page Page
		msg  tea.Msg
	}
)

func send(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }

// Push opens a page over the one that is shown.
func Push(p Page) tea.Cmd { return send(pushMsg{p}) }

// Close closes a page wherever it is, if it is not the root of a tab.
func Close(p Page) tea.Cmd { return send(popMsg{p}) }

// OpenDialog puts a dialog on top.
func OpenDialog(d dialog.Dialog) tea.Cmd { return send(openMsg{d}) }

// Toast shows a short message. theme.Bad stays until a key is pressed.
func Toast(tone theme.Tone, text string) tea.Cmd { return send(toastMsg{tone, text}) }

// SwitchTab shows another tab, counted from 0.
func SwitchTab(i int) tea.Cmd { return send(switchTabMsg{i}) }

// SetTabs replaces the tabs. Tabs whose root is the same page keep what is open in them.
func SetTabs(pages ...Page) tea.Cmd { return send(setTabsMsg{pages}) }

// Quit quits as the key does: it asks when something is running.
func Quit() tea.Cmd { return send(quitMsg{}) }

// Redraw draws a new frame, after something changed that no message told of.
func Redraw() tea.Cmd { return send(redrawMsg{}) }

// For wraps a message that is for one page only. Other messages go to all pages and open dialogs.
func For(p Page, msg tea.Msg) tea.Msg { return forMsg{p, msg} }

// CmdFor has what a command brings go to one page only.
func CmdFor(p Page, cmd tea.Cmd) tea.Cmd {
	return func() tea.Msg {
		if msg := cmd(); msg != nil {
			return For(p, msg)
		}
		return nil
	}
}

// assumeSync tells Bubble Tea that the terminal knows synchronized output (mode 2026). It asks terminals itself, but
// not over SSH.
func assumeSync() tea.Msg {
	return tea.ModeReportMsg{Mode: ansi.ModeSynchronizedOutput, Value: ansi.ModeReset}
}

// WantSync reports whether Options.SyncOutput should be set: over SSH, where nobody asks the terminal and torn frames
// show most. Terminals that do not know the mode ignore it. VMDECK_NO_SYNC turns it off for those that flicker with it.
func WantSync(getenv func(string) string) bool {
	remote := getenv("SSH_TTY") != "" || getenv("SSH_CONNECTION") != ""
	switch getenv("TERM") {
	case "", "dumb", "linux":
		return false
	}
	return remote && getenv("VMDECK_NO_SYNC") == ""
}

// ProgramOptions are what the options mean for the program that runs the shell.
func (o Options) ProgramOptions() []tea.ProgramOption {
	if o.FPS > 0 {
		return []tea.ProgramOption{tea.WithFPS(o.FPS)}
	}
	return nil
}
