package app

import (
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// names are those of the rows on the screen, from the top.
func (w *world) names() string {
	var names []string
	for line := range lines(w.Plain()) {
		if fields := strings.Fields(strings.TrimLeft(line, "✓▸ ")); len(fields) > 2 && strings.ContainsAny(line, "●○◐✗‖▲") && !strings.Contains(line, "NAME") && !strings.Contains(line, "@") {
			names = append(names, fields[0])
		}
	}
	return strings.Join(names, " ")
}

func TestEscapeUndoesOneThingAtATime(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.Type("/cache")
		w.Keys("enter", "ctrl+a")
		w.Contains("3 marked", "3 of 25")
		w.Keys("esc")
		w.Lacks("marked")
		w.Contains("3 of 25")
		w.Keys("esc")
		w.Lacks("of 25")
		w.Contains("analytics-1")
		w.Keys("esc")
		w.Contains("25 VMs")
	})
}

func TestFilterWhileTyping(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.Type("/stat")
		w.Keys("tab") // completes the key, and then the status
		w.Type("ErrorU")
		w.Keys("tab")
		if got := w.names(); got != "gpu-train-1" {
			t.Errorf("the list shows %q", got)
		}
		w.Keys("ctrl+u")
		w.Type("is:problem !ns:team-b")
		if got := w.names(); got != "gpu-train-1 legacy-erp payments" {
			t.Errorf("the list shows %q", got)
		}
		w.Keys("down", "down")
		if got := w.current(); got != "payments" {
			t.Errorf("the cursor is on %q", got)
		}
		w.Keys("esc") // gives up the whole query; the cursor stays where it is
		if got := w.current(); got != "payments" {
			t.Errorf("the cursor is on %q", got)
		}
		w.Type(":filter os:windows")
		w.Keys("enter")
		if got := w.names(); got != "legacy-erp" {
			t.Errorf("the list shows %q", got)
		}
	})
}

func TestSorting(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.Type("/checkout")
		w.Keys("enter", "O")
		if got := w.names(); got != "checkout-2 checkout-1" {
			t.Errorf("turned round it shows %q", got)
		}
		w.Keys("o")
		w.Type("name")
		w.Keys("enter") // again: back
		if got := w.names(); got != "checkout-1 checkout-2" {
			t.Errorf("turned round again it shows %q", got)
		}
		w.Type(":sort weight")
		w.Keys("enter")
		w.Contains(`there is no column "weight"; there are name, namespace, status`)
	})
}

// The cursor follows the VM, and who presses a key meant the VM that was there.
func TestCursorFollowsTheVM(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.to("db-replica")
		w.Keys("space", "k") // marking goes on to the next row
		w.api.Put(fakeapi.Running("team-a", "aaa", "node-1")...)
		w.Pass(time.Second)
		if got := w.current(); got != "db-replica" {
			t.Errorf("the cursor is on %q", got)
		}
		w.api.Delete("virtualmachines", "team-a", "db-replica")
		w.Pass(time.Second)
		w.Contains("the VM under the cursor is gone; the cursor is on the next one")
		w.Lacks("marked") // a mark of what is gone counts no more
	})
}

func TestClickChoosesTheRow(t *testing.T) {
	inWorld(t, setting{Size: drive.Size{W: 80, H: 24}}, func(w *world) {
		for y, line := range strings.Split(w.Plain(), "\n") {
			if strings.Contains(line, "cache-red") {
				w.Click(6, y)
			}
		}
		if got := w.current(); got != "cache-red" {
			t.Errorf("the cursor is on %q", got)
		}
		w.Type("/cache") // the line of the filter moves the rows down
		w.Keys("enter")
		for y, line := range strings.Split(w.Plain(), "\n") {
			if strings.Contains(line, "cache-green") {
				w.Click(6, y)
			}
		}
		if got := w.current(); got != "cache-green" {
			t.Errorf("the cursor is on %q", got)
		}
	})
}

// What a plugin writes to standard error shows as a message, without what it could do to the terminal.
func TestSaid(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.Send(Said{Line: "To sign in, open \x1b]8;;https://evil\a\x1b[1mhttps://login.example\x1b[0m\x1b[2J"})
		w.Contains("To sign in, open https://login.example")
	})
}

func TestMarkedVMs(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.Type("/mail")
		w.Keys("enter", "space", "s") // one marked VM is asked about as one
		w.Contains("start mail-gateway: already running, paused")
		w.Keys("esc", "esc")
		w.Pass(10 * time.Second)
		w.Type("/cache")
		w.Keys("enter", "ctrl+a", "u")
		w.Contains("unpause: off for all 3 marked VMs: not running")
		w.writes()
	})
}
