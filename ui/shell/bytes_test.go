package shell

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"vmdeck.dev/vmdeck/ui/uitest"
)

// counter is the line to a far terminal.
type counter struct {
	mu   sync.Mutex
	more *sync.Cond
	out  strings.Builder
}

func newCounter() *counter {
	c := &counter{}
	c.more = sync.NewCond(&c.mu)
	return c
}

func (c *counter) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out.Write(p)
	c.more.Broadcast()
	return len(p), nil
}

// await returns what was written until it contains want, and starts anew.
func (c *counter) await(t *testing.T, want string) string {
	t.Helper()
	late := false
	timer := time.AfterFunc(20*time.Second, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		late = true
		c.more.Broadcast()
	})
	defer timer.Stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	for !strings.Contains(c.out.String(), want) {
		if late {
			t.Fatalf("%q was not written, but %q", want, c.out.String())
		}
		c.more.Wait()
	}
	s := c.out.String()
	c.out.Reset()
	return s
}

// TestBytes counts what a real program writes at 160×50: over a slow line, bytes are what one waits for.
func TestBytes(t *testing.T) {
	out := newCounter()
	m := sample(nil)
	p := tea.NewProgram(m, tea.WithInput(nil), tea.WithOutput(out), tea.WithWindowSize(160, 50), tea.WithoutSignals(),
		tea.WithEnvironment([]string{"TERM=xterm-256color", "COLORTERM=truecolor"}), tea.WithColorProfile(colorprofile.TrueColor))
	done := make(chan error, 1)
	go func() {
		_, err := p.Run()
		done <- err
	}()
	first := out.await(t, "already running")
	t.Logf("first paint %d bytes", len(first))

	status := func(row int, s string) tea.Msg {
		return changed{[]*thing{{id: fmt.Sprintf("id-%03d", row), name: fmt.Sprintf("vm-%03d", row), status: s, cpu: 1 + row%16}}}
	}
	p.Send(status(5, "Stopped"))
	one := out.await(t, "Stopped")
	if len(one) > 64 {
		t.Errorf("one status cell: %d bytes, %q", len(one), one)
	}

	// What changes nothing writes nothing: the bytes up to the next change are that change's.
	for range 500 {
		p.Send(changed{})
		p.Send(struct{}{})
		p.Send(status(90, "Stopped")) // Not on the screen.
	}
	p.Send(status(6, "Stopped"))
	idle := out.await(t, "Stopped")
	if len(idle) > 64 {
		t.Errorf("1500 messages that change nothing on the screen and one cell: %d bytes, %q", len(idle), idle)
	}

	// A change of one cell behind the keys tells when all of them have been written.
	press := func(n int, marker string) int {
		for range n {
			p.Send(uitest.Key("j"))
		}
		p.Send(status(20, marker))
		return len(out.await(t, marker))
	}
	t.Logf("cursor down %d bytes", press(1, "Paused"))
	press(43, "Starting") // To the last line of 45.
	scroll := press(1, "Unknown")
	if scroll > 512 {
		t.Errorf("scroll by one row: %d bytes", scroll)
	}
	t.Logf("one cell %d, after nothing %d, scroll %d bytes", len(one), len(idle), scroll)
	p.Quit()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
