// Package uitest drives a tea.Model without a terminal: keys in, frames out, nothing in parallel.
package uitest

import (
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"vmdeck.dev/vmdeck/ui/text"
)

// patience is how long a command may take before the harness goes on without it. Timers take longer, and tests do not
// wait for timers.
const patience = 100 * time.Millisecond

// maxDrain bounds how many messages one message may lead to.
const maxDrain = 1000

// Driver runs one model.
type Driver struct {
	Screen
	// Quit is set when the model asked to quit.
	Quit bool
	// Seen are all messages that commands returned, for assertions.
	Seen []tea.Msg
}

// New starts a model in a terminal of w×h cells. Every message is followed by the commands that come back, and a look at the frame.
func New(t testing.TB, m tea.Model, w, h int) *Driver {
	t.Helper()
	d := &Driver{Screen: Screen{T: t, Model: m}}
	d.Deliver = func(msg tea.Msg) {
		d.T.Helper()
		d.update(msg)
		d.Exact()
	}
	d.run(m.Init())
	d.Resize(w, h)
	return d
}

// Fataler is what Exact needs of a test; a rapid.T will do.
type Fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// Exact fails unless a frame has exactly h lines of w cells and nothing in it but text and colours.
func Exact(t Fataler, frame string, w, h int) {
	t.Helper()
	lines := strings.Split(frame, "\n")
	if len(lines) != h {
		t.Fatalf("the frame has %d lines, want %d\n%s", len(lines), h, ansi.Strip(frame))
		return
	}
	if text.Block(frame, w, h) == frame {
		return
	}
	for i, line := range lines {
		if got := text.Width(line); got != w {
			t.Fatalf("line %d has %d cells, want %d: %q\n%s", i, got, w, line, ansi.Strip(frame))
		}
	}
	t.Fatalf("the frame has control characters: %q", frame)
}

// update is one turn of the loop that tea.Program runs.
func (d *Driver) update(msg tea.Msg) {
	d.T.Helper()
	queue := []tea.Msg{msg}
	for n := 0; len(queue) > 0; n++ {
		if n > maxDrain {
			d.T.Fatalf("more than %d messages after %T", maxDrain, msg)
			return
		}
		var cmd tea.Cmd
		d.Model, cmd = d.Model.Update(queue[0])
		queue = append(queue[1:], d.collect(cmd)...)
	}
}

func (d *Driver) run(cmd tea.Cmd) {
	for _, msg := range d.collect(cmd) {
		d.update(msg)
	}
}

// collect runs a command and those it is made of, and returns their messages.
func (d *Driver) collect(cmd tea.Cmd) []tea.Msg {
	msg := await(cmd)
	switch msg := msg.(type) {
	case nil:
		return nil
	case tea.QuitMsg:
		d.Quit = true
		return nil
	case tea.BatchMsg:
		var out []tea.Msg
		for _, c := range msg {
			out = append(out, d.collect(c)...)
		}
		return out
	}
	// tea.Sequence makes a type of its own that is a list of commands too.
	if v := reflect.ValueOf(msg); v.Kind() == reflect.Slice && v.Type().Elem() == reflect.TypeFor[tea.Cmd]() {
		var out []tea.Msg
		for i := range v.Len() {
			out = append(out, d.collect(v.Index(i).Interface().(tea.Cmd))...)
		}
		return out
	}
	d.Seen = append(d.Seen, msg)
	return []tea.Msg{msg}
}

func await(cmd tea.Cmd) tea.Msg {
	if cmd == nil {
		return nil
	}
	done := make(chan tea.Msg, 1)
	go func() { done <- cmd() }()
	select {
	case msg := <-done:
		return msg
	case <-time.After(patience):
		return nil
	}
}

var named = map[string]rune{
	"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "space": tea.KeySpace, "backspace": tea.KeyBackspace,
	"delete": tea.KeyDelete, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
	"home": tea.KeyHome, "end": tea.KeyEnd, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "f1": tea.KeyF1,
}

// Key makes the message of a key press from the name that its String method gives.
func Key(name string) tea.KeyPressMsg {
	var k tea.KeyPressMsg
	for {
		mod, rest, found := strings.Cut(name, "+")
		if !found || rest == "" {
			break
		}
		switch mod {
		case "ctrl":
			k.Mod |= tea.ModCtrl
		case "alt":
			k.Mod |= tea.ModAlt
		case "shift":
			k.Mod |= tea.ModShift
		}
		name = rest
	}
	if code, ok := named[name]; ok {
		k.Code = code
		if name == "space" {
			k.Text = " "
		}
		return k
	}
	r, _ := utf8.DecodeRuneInString(name)
	if r == ' ' {
		return tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}
	}
	k.Code = r
	if k.Mod == 0 {
		k.Text = name
	}
	return k
}
