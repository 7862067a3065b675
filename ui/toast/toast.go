// Package toast shows short messages and remembers them.
package toast

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

const (
	shownFor = 4 * time.Second
	// hurried is how long a message stays while others wait.
	hurried = 1500 * time.Millisecond
	// readable is how long an error stays at least, for the key that takes it away may have been on its way already.
	readable   = time.Second
	maxQueue   = 8
	maxHistory = 100
)

// Entry is one message.
type Entry struct {
	At   time.Time
	Tone theme.Tone
	Text string
}

// sticky messages stay until the user did something: one must not miss that something failed.
func (e Entry) sticky() bool { return e.Tone == theme.Bad }

// Model is the queue. A timer runs only while a message is shown.
type Model struct {
	now     func() time.Time
	queue   []Entry // The first is shown.
	history []Entry
	serial  int
}

// expireMsg ends the message with that serial number.
type expireMsg struct{ serial int }

// New makes an empty queue; now nil means time.Now.
func New(now func() time.Time) *Model {
	if now == nil {
		now = time.Now
	}
	return &Model{now: now}
}

// Add shows a message, after those that wait. An error does not wait: it takes the place of all others. News give way to
// everything else. A message that says the same as the last one waiting is dropped.
func (m *Model) Add(tone theme.Tone, s string) tea.Cmd {
	e := Entry{At: m.now(), Tone: tone, Text: text.Clean(s)}
	m.history = append(m.history, e)
	m.history = m.history[max(len(m.history)-maxHistory, 0):]
	if n := len(m.queue); n > 0 && m.queue[n-1].Text == e.Text && m.queue[n-1].Tone == tone {
		return nil
	}
	switch {
	case e.sticky():
		m.queue = m.queue[:0]
	case tone != theme.Info: // what became of the user's own doing does not wait behind news
		m.queue = slices.DeleteFunc(m.queue, func(e Entry) bool { return e.Tone == theme.Info })
	}
	m.queue = append(m.queue, e)
	if len(m.queue) > maxQueue {
		m.queue = append(m.queue[:1], m.queue[2:]...)
	}
	if len(m.queue) == 1 {
		return m.show()
	}
	return nil
}

// show starts the timer of the first message.
func (m *Model) show() tea.Cmd {
	m.serial++
	if len(m.queue) == 0 || m.queue[0].sticky() {
		return nil
	}
	d := shownFor
	if len(m.queue) > 1 {
		d = hurried
	}
	serial := m.serial
	return tea.Tick(d, func(time.Time) tea.Msg { return expireMsg{serial} })
}

// Update handles the timer. It reports whether something else is shown now.
func (m *Model) Update(msg tea.Msg) (tea.Cmd, bool) {
	e, ok := msg.(expireMsg)
	if !ok || e.serial != m.serial || len(m.queue) == 0 {
		return nil, false
	}
	m.queue = m.queue[1:]
	return m.show(), true
}

// IsTimer reports messages that are for Update alone.
func IsTimer(msg tea.Msg) bool {
	_, ok := msg.(expireMsg)
	return ok
}

// KeyPressed takes an error away, now that the user is there. It reports whether something else is shown now.
func (m *Model) KeyPressed() (tea.Cmd, bool) {
	if len(m.queue) == 0 || !m.queue[0].sticky() || m.now().Sub(m.queue[0].At) < readable {
		return nil, false
	}
	m.queue = m.queue[1:]
	return m.show(), true
}

// Current is the message to show.
func (m *Model) Current() (Entry, bool) {
	if len(m.queue) == 0 {
		return Entry{}, false
	}
	return m.queue[0], true
}

// History returns the last messages, the newest last.
func (m *Model) History() []Entry {
	return append([]Entry(nil), m.history...)
}
