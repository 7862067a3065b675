package app

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/ui/uitest"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// line is the line to a far terminal.
type line struct {
	mu  sync.Mutex
	out strings.Builder
}

func (l *line) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(p)
}

// taken returns what was written since it was last asked.
func (l *line) taken() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.out.String()
	l.out.Reset()
	return s
}

// TestBytes counts what the whole program writes at 160×50 over 500 VMs: over a slow line, bytes are what one waits for. Time is the
// bubble's, so that a minute without a change is a minute.
func TestBytes(t *testing.T) {
	drive.Bubble(t, func(t *testing.T) {
		api, out := fakeapi.New(), &line{}
		api.Put(fakeapi.Namespace("team-a", "Active"))
		api.Put(fakeapi.Many("team-a", 500)...)
		api.Put(fakeapi.Catalogue()...)
		api.Put(fakeapi.Bound("team-a", "ops", rbac.RoleUser, rbac.SubjectOf("alice"))) // so that this is no first start
		open := Opened{Cluster: api.Connect(t, kube.Target{Context: "demo", User: "power-user"}), Scope: vm.Scope{All: true}}
		m := New(t.Context(), Options{Theme: theme.New(theme.Options{Dark: true}), Audit: &drive.Audit{}}, open)
		p := tea.NewProgram(m, tea.WithInput(nil), tea.WithOutput(out), tea.WithWindowSize(160, 50), tea.WithoutSignalHandler(),
			tea.WithEnvironment([]string{"TERM=xterm-256color", "COLORTERM=truecolor"}), tea.WithColorProfile(colorprofile.TrueColor))
		done := make(chan error, 1)
		go func() {
			_, err := p.Run()
			done <- err
		}()
		after := func(d time.Duration) string {
			time.Sleep(d)
			synctest.Wait()
			return out.taken()
		}
		first := after(5 * time.Second)
		if !strings.Contains(first, "500 VMs") {
			t.Errorf("the first frame is %.300q", first)
		}
		for range 5 {
			if s := after(time.Minute); s != "" {
				t.Errorf("nothing changed: %d bytes, %q", len(s), s)
			}
		}
		put := func(name, status string) {
			api.Put(fakeapi.Machine("team-a", name, "Running").Status(status))
		}
		put("vm-0005", "Starting") // and the header's number of running VMs
		if s := after(2 * time.Second); len(s) > 64 || !strings.Contains(s, "Starting") {
			t.Errorf("one status: %d bytes, %q", len(s), s)
		} else {
			t.Logf("one status %d bytes", len(s))
		}
		put("vm-0005", "Stopping")
		if s := after(2 * time.Second); len(s) > 64 || !strings.Contains(s, "opp") {
			t.Errorf("one status: %d bytes, %q", len(s), s)
		}
		put("vm-0400", "Running") // out of sight, and nothing that counts
		if s := after(2 * time.Second); s != "" {
			t.Errorf("a change out of sight: %d bytes, %q", len(s), s)
		}
		for range 47 {
			p.Send(uitest.Key("j"))
		}
		after(time.Second)
		p.Send(uitest.Key("j"))
		if s := after(time.Second); len(s) > 512 {
			t.Errorf("scroll by one row: %d bytes", len(s))
		} else {
			t.Logf("scroll %d bytes, first paint %d bytes", len(s), len(first))
		}
		p.Quit()
		if err := <-done; err != nil {
			t.Error(err)
		}
		m.Close()
		time.Sleep(time.Minute) // timers that nobody waits for run out
	})
}
