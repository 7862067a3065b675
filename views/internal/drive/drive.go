// Package drive runs a whole program, with everything that it does beside the screen, in a synctest bubble: time passes when a test
// says so, nothing is waited for longer than it takes, and what happens at one moment has happened when a call returns.
package drive

import (
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/uitest"
)

// Epoch is when a bubble's time begins.
var Epoch = time.Date(2026, 3, 5, 9, 34, 12, 0, time.UTC)

// Driver is what tea.Program is otherwise: it runs commands and hands their messages to the model, one at a time.
type Driver struct {
	uitest.Screen
	// Quit is set when the model asked to quit.
	Quit bool
	// Copied is what went to the clipboard.
	Copied []string

	mu      sync.Mutex
	inbox   []tea.Msg
	mail    chan struct{} // holds a value while the inbox has something
	running sync.WaitGroup
}

// Main runs the tests of a package. Times on the screen are in the terminal's zone, which golden frames must not depend on.
func Main(m *testing.M) {
	time.Local = time.UTC
	os.Exit(m.Run())
}

// Bubble runs a test at Epoch, in a bubble.
func Bubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(Epoch))
		test(t)
	})
}

// In runs a test in a bubble, in the world that a setting describes, once the world had the time to answer.
func In[S any, W interface{ Pass(by time.Duration) }](t *testing.T, begin func(t testing.TB, s S) W, s S, answers time.Duration, test func(w W)) {
	t.Helper()
	Bubble(t, func(t *testing.T) {
		w := begin(t, s)
		w.Pass(answers)
		test(w)
	})
}

// Unless is a time, or none for worlds that are to be looked at early.
func Unless(early bool, d time.Duration) time.Duration {
	if early {
		return 0
	}
	return d
}

// New starts a model in a terminal of w×h cells, 0×0 being 120×40, and lets everything happen that happens at once. stop ends what the
// model started; it is called when the test is over.
func New(t testing.TB, m tea.Model, w, h int, stop func()) *Driver {
	t.Helper()
	d := &Driver{Screen: uitest.Screen{T: t, Model: m}, mail: make(chan struct{}, 1)}
	d.Deliver = func(msg tea.Msg) {
		d.T.Helper()
		d.update(msg)
		d.Settle()
	}
	t.Cleanup(func() {
		stop()
		d.running.Wait() // a bubble must be empty at its end; timers that nobody waits for run out here
	})
	d.run(m.Init())
	size := Size{w, h}.orComfortable()
	d.Resize(size.W, size.H)
	return d
}

// Settle lets everything happen that happens without time passing.
func (d *Driver) Settle() {
	d.T.Helper()
	for {
		synctest.Wait()
		msgs := d.take()
		if len(msgs) == 0 {
			return
		}
		for _, msg := range msgs {
			if batch, ok := msg.(tea.BatchMsg); ok {
				for _, cmd := range batch {
					d.run(cmd)
				}
				continue
			}
			d.update(msg)
		}
	}
}

// Pass lets time pass, with everything that happens meanwhile.
func (d *Driver) Pass(by time.Duration) {
	d.T.Helper()
	until := time.Now().Add(by)
	for {
		d.Settle()
		left := time.Until(until)
		if left <= 0 {
			return
		}
		timer := time.NewTimer(left)
		select {
		case <-d.mail:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// Quiet lets the time pass after which a dialog listens.
func (d *Driver) Quiet() { d.T.Helper(); d.Pass(500 * time.Millisecond) }

func (d *Driver) update(msg tea.Msg) {
	d.T.Helper()
	var cmd tea.Cmd
	d.Model, cmd = d.Model.Update(msg)
	d.Exact()
	d.run(cmd)
}

// run starts a command. What it brings at once is in the inbox when run returns, so that the members of a batch keep their order.
func (d *Driver) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	d.running.Go(func() { d.collect(cmd()) })
	synctest.Wait()
}

// collect puts a command's message into the inbox, or one after the other those of the commands in a sequence.
func (d *Driver) collect(msg tea.Msg) {
	if msg == nil {
		return
	}
	// tea.Sequence makes a type of its own that is a list of commands too.
	if v := reflect.ValueOf(msg); v.Kind() == reflect.Slice && v.Type().Elem() == reflect.TypeFor[tea.Cmd]() && v.Type() != reflect.TypeFor[tea.BatchMsg]() {
		for i := range v.Len() {
			if cmd := v.Index(i).Interface().(tea.Cmd); cmd != nil {
				d.collect(cmd())
			}
		}
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inbox = append(d.inbox, msg)
	select {
	case d.mail <- struct{}{}:
	default:
	}
}

func (d *Driver) take() []tea.Msg {
	d.mu.Lock()
	defer d.mu.Unlock()
	select {
	case <-d.mail:
	default:
	}
	var msgs []tea.Msg
	for _, msg := range d.inbox {
		switch {
		case reflect.TypeOf(msg) == reflect.TypeFor[tea.QuitMsg]():
			d.Quit = true
		case strings.HasSuffix(reflect.TypeOf(msg).String(), "setClipboardMsg"):
			d.Copied = append(d.Copied, reflect.ValueOf(msg).String())
		default:
			msgs = append(msgs, msg)
		}
	}
	d.inbox = nil
	return msgs
}
