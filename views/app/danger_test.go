package app

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// An action is tied to the VM that the user saw, not to its name.
func TestVMReplacedWhileTheDialogIsOpen(t *testing.T) {
	replace := func(w *world) {
		w.api.Replace(w.api.Get("virtualmachines", "team-a", "db-replica"))
	}
	for _, tt := range []struct {
		name string
		when func(w *world)
		want string
	}{
		{"replaced", func(w *world) { replace(w); w.Pass(time.Second) }, "nothing was done: another VM of the same name has taken its place"},
		// The watch has not brought it yet: the server itself is asked.
		{"replaced-unseen", func(w *world) { w.api.Mute(); replace(w) }, "nothing was done: another VM of the same name has taken its place"},
		{"gone", func(w *world) { w.api.Delete("virtualmachines", "team-a", "db-replica"); w.Pass(time.Second) }, "it no longer exists"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, setting{}, func(w *world) {
				w.to("db-replica")
				w.Keys("D")
				w.Quiet()
				w.Type("db-replica")
				tt.when(w)
				w.Keys("enter")
				w.writes()
				w.Contains("Delete team-a/db-replica: " + tt.want)
				if e := w.audit.Last(); e.Result != "refused" || e.Action != "delete" {
					t.Errorf("the audit log says %+v", e)
				}
			})
		})
	}
}

func TestVMMovesWhileTheDialogIsOpen(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.to("build-runner-1")
		w.Keys("x")
		w.api.Put(fakeapi.Running("team-a", "aaa-new-1", "node-1")...)
		w.api.Put(fakeapi.Running("team-a", "aaa-new-2", "node-1")...)
		w.api.Delete("virtualmachines", "team-b", "analytics-1")
		w.Pass(time.Second)
		w.Contains("aaa-new-2", "▸ build-runner-1")
		w.Keys("tab", "enter")
		w.writes("PUT " + teamA + "virtualmachines/build-runner-1/stop")
	})
}

// A VM whose state no longer allows the action by the time it is confirmed is left alone.
func TestStateChangesWhileTheDialogIsOpen(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.to("build-runner-1")
		w.Keys("p")
		w.api.Delete("virtualmachineinstances", "team-a", "build-runner-1")
		w.Pass(time.Second)
		w.Keys("tab", "enter")
		w.writes()
		w.Contains("Pause team-a/build-runner-1: not running")
	})
}

func bulkOfThree(w *world) {
	w.Type("/runner") // two that can be stopped, and a halted one
	w.Keys("enter", "ctrl+a")
	w.Keys("x")
	w.Quiet()
}

func TestBulkWithSomeOffAndOneFailing(t *testing.T) {
	inWorld(t, setting{prepare: func(api *fakeapi.Server) {
		failingStop(api)
		api.Put(fakeapi.Machine("team-b", "runner-halted", "Stopped"))
	}}, func(w *world) {
		bulkOfThree(w)
		w.Contains("Stop 3 VMs?", "3 in team-a", "not running")
		w.Type("4")
		w.Keys("enter")
		w.Contains("not the same")
		w.writes()
		w.Keys("backspace", "3", "enter")
		w.Settle()
		w.Contains("2 of 3 done, 1 failed", "✗ failed   team-a/build-runner-1  refused by KubeVirt: Cannot update VM while a snapshot", "esc close")
		if got := w.api.Calls(); len(got) != 3 {
			t.Errorf("the server got %q", got)
		}
		if len(w.audit.Entries()) != 3 {
			t.Errorf("the audit log has %d entries, want 3", len(w.audit.Entries()))
		}
	})
}

func TestBulkGoesOnBehindTheList(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		release := w.api.Hang()
		bulkOfThree(w)
		w.Type("3")
		w.Keys("enter")
		w.Contains("0 of 3 done, 3 running", "esc hide, it goes on")
		w.Keys("esc")
		w.Lacks("3 running")
		w.Keys("q")
		w.Contains("Quit?", "Stop 3 VMs is still running")
		w.Quiet()
		w.Keys("esc")
		if w.Quit {
			t.Error("it has quit without an answer")
		}
		w.Keys("C", "down", "down", "enter") // would take the bulk's connection away
		w.Contains("Stop 3 VMs is still running")
		release()
		w.Settle()
		if got := w.api.Calls(); len(got) != 3 {
			t.Errorf("the server got %q", got)
		}
		w.Pass(10 * time.Second)
		w.Type(":progress")
		w.Keys("enter")
		w.Contains("3 of 3 done")
		w.Keys("esc", "q")
		if !w.Quit {
			t.Error("nothing runs any more, and it has not quit")
		}
	})
}

func TestBulkCancelled(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		release := w.api.Hang()
		press("ctrl+a", "x")(w)
		w.Type("18")
		w.Keys("enter", "esc")
		w.Type(":cancel")
		w.Keys("enter")
		w.Contains("what has not begun is left alone")
		release()
		w.Pass(10 * time.Second)
		if got := len(w.api.Calls()); got > 4 {
			t.Errorf("%d VMs were stopped after it was cancelled, want the 4 at most that had begun", got)
		}
		w.Type(":progress")
		w.Keys("enter")
		w.Contains("of 18 done", "esc close")
	})
}

func TestAuditLogFails(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.audit.Err = errors.New("open audit.log: no space left on device")
		w.to("db-replica")
		w.Keys("s")
		w.writes("PUT " + teamA + "virtualmachines/db-replica/start")
		w.Contains("the audit log could not be written: open audit.log: no space left on device")
	})
}

func TestAuditLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "audit.log")
	inWorld(t, setting{audit: config.NewAudit(path), prepare: func(api *fakeapi.Server) {
		api.FailCall("build-runner-1", 500, "it failed, Authorization: Bearer "+fakeapi.Token)
	}}, func(w *world) {
		w.to("db-replica")
		w.Keys("s")
		w.to("build-runner-1")
		press("x", "tab", "enter")(w)
	})
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	const first = `{"time":"2026-03-05T09:34:13Z","context":"demo","user":"power-user","action":"start","namespace":"team-a","name":"db-replica",` +
		`"uid":"5a1c0de0-0000-4000-8000-000000000013","decision":"allowed","result":"accepted"}`
	if len(lines) != 2 || lines[0] != first {
		t.Errorf("the audit log has\n%s\nwant first\n%s", text, first)
	}
	if strings.Contains(string(text), fakeapi.Token) || !strings.Contains(lines[1], `"result":"failed"`) {
		t.Errorf("the audit log has\n%s", text)
	}
}

func TestCopyStripsControlSequences(t *testing.T) {
	inWorld(t, setting{empty: true, prepare: odd}, func(w *world) {
		w.Keys("g", "y")
		if len(w.Copied) != 1 || w.Copied[0] != "team-a/aredb" {
			t.Errorf("copied %q", w.Copied)
		}
	})
}
