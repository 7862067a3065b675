package app

import (
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

const teamA = "/apis/subresources.kubevirt.io/v1/namespaces/team-a/"

// A key pressed on an action that is off answers with the reason, never with silence.
func TestEveryKeyAnswers(t *testing.T) {
	for _, tt := range []struct {
		name string
		setting
		fault func(api *fakeapi.Server)
		want  func(a *vm.Action) string // what is on the screen besides the VM's name
	}{
		{name: "state", want: func(*vm.Action) string { return "" }},
		{name: "read-only", setting: setting{readOnly: "this demo changes nothing"}, want: func(*vm.Action) string { return "this demo changes nothing" }},
		{name: "permission", setting: setting{user: viewer()}, want: func(a *vm.Action) string { return "Not permitted: " + strings.ToLower(a.Title) }},
		{name: "lost", fault: down, want: func(*vm.Action) string { return "the API server does not answer" }},
		{name: "expired", fault: expired, want: func(*vm.Action) string { return "the login is no longer accepted" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, name := range []string{"db-replica", "build-runner-1", "old-wiki", "mail-gateway"} {
				inWorld(t, tt.setting, func(w *world) {
					w.to(name)
					w.Pass(time.Second)
					if tt.fault != nil {
						tt.fault(w.api)
						w.Pass(time.Minute)
					}
					for _, a := range vm.Actions() {
						if a.Key == "" {
							continue
						}
						before := w.Plain()
						w.Keys(a.Key)
						w.Contains(tt.want(a))
						if w.Plain() == before {
							t.Errorf("%s on %s: nothing on the screen tells of it", a.Key, name)
						}
						w.Quiet()
						w.Keys("esc")
						w.Pass(10 * time.Second) // until the answer has gone, so that the next one shows
					}
					if calls := w.api.Calls(); tt.name != "state" && len(calls) > 0 {
						t.Errorf("%s: done all the same: %q", name, calls)
					}
				})
			}
		})
	}
}

// Who presses a key before it is known what the user may do does not have to press it twice.
func TestKeyBeforePermissionsAreKnown(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.to("build-runner-1")
		release := w.api.HangReviews()
		w.app.deck.Cluster.Access().Invalidate("team-a")
		w.Keys("x")
		w.Lacks("Stop build-runner-1?")
		w.Keys("j") // the question is about the VM that the key was pressed on
		release()
		w.Settle()
		w.Contains("Stop build-runner-1?")
		w.Quiet()
		w.Keys("tab", "enter")
		w.writes("PUT " + teamA + "virtualmachines/build-runner-1/stop")
	})
	inWorld(t, setting{user: viewer(), early: true}, func(w *world) {
		release := w.api.HangReviews()
		w.Pass(time.Second)
		w.to("build-runner-1")
		w.Keys("x")
		release()
		w.Settle()
		w.Contains("Not permitted: stop", "ann may not stop team-a/build-runner-1")
	})
}

// What is confirmed is sent once, with the path and body that virt-api takes, and told in a line.
func TestConfirmedIsDone(t *testing.T) {
	for _, tt := range []struct {
		name, on string
		keys     []string
		call     string
		toast    string
	}{
		{"start", "db-replica", []string{"s"}, "virtualmachines/db-replica/start", "team-a/db-replica: start requested; run strategy is now Always"},
		{"start-paused", "db-replica", []string{"S"}, `virtualmachines/db-replica/start {"paused":true}`, "start requested, paused"},
		{"stop", "build-runner-1", []string{"x", "tab", "enter"}, "virtualmachines/build-runner-1/stop", "team-a/build-runner-1: stop requested; run strategy Always is now Halted"},
		{"dry-run", "build-runner-1", []string{"x", "tab", "tab", "tab", "enter"}, `virtualmachines/build-runner-1/stop {"dryRun":["All"]}`, "dry run, nothing was changed"},
		{"grace", "build-runner-1", []string{"x", "tab", "tab", "enter", "7", "enter", "tab", "tab", "enter"}, `virtualmachines/build-runner-1/stop {"gracePeriod":7}`, "stop requested"},
		{"force", "build-runner-1", []string{"X", "tab", "enter"}, `virtualmachines/build-runner-1/stop {"gracePeriod":0}`, "forced stop requested"},
		{"restart", "build-runner-1", []string{"r", "tab", "enter"}, "virtualmachines/build-runner-1/restart", "restart requested"},
		{"unpause", "mail-gateway", []string{"u"}, "virtualmachineinstances/mail-gateway/unpause", "unpaused"},
		{"pause", "build-runner-1", []string{"p", "tab", "enter"}, "virtualmachineinstances/build-runner-1/pause", "paused"},
		{"migrate", "build-runner-1", []string{"m", "tab", "enter"}, "virtualmachines/build-runner-1/migrate", "migration requested"},
		{"migrate-to", "build-runner-1", []string{"m", "tab", "tab", "enter", "a", "=", "b", "enter", "tab", "tab", "enter"}, `virtualmachines/build-runner-1/migrate {"addedNodeSelector":{"a":"b"}}`, "migration requested"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, setting{}, func(w *world) {
				w.to(tt.on)
				w.Pass(time.Second)
				press(tt.keys...)(w)
				w.writes(strings.Replace("PUT "+teamA+tt.call, " {}", "", 1))
				w.Contains(tt.toast)
				w.Lacks("?  ╮")
				if e := w.audit.Last(); e.Result != "accepted" || e.Name != tt.on {
					t.Errorf("the audit log says %+v", e)
				}
			})
		})
	}
}

func TestCancelHasTheFocusAndTypeAheadConfirmsNothing(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.to("build-runner-1")
		w.Keys("x")
		w.Contains("Stop build-runner-1?", "[ Cancel ]")
		for range 10 { // a held key and a burst that was typed for what was there before
			w.Pass(100 * time.Millisecond)
			w.Keys("tab")
		}
		w.Contains("[ Cancel ]")
		w.Keys("enter", "y", "space")
		w.Contains("[ Cancel ]")
		w.Quiet()
		w.Keys("y", "s") // one letter is never enough
		w.Contains("[ Cancel ]")
		w.Keys("enter")
		w.Lacks("Stop build-runner-1?")
		w.writes()
	})
}

func TestDeleteTakesTheNameAndSendsTheUID(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		uid := w.api.Get("virtualmachines", "team-a", "db-replica")["metadata"].(map[string]any)["uid"].(string)
		w.to("db-replica")
		w.Keys("D")
		w.Quiet()
		for _, wrong := range []string{"db-replic", "DB-replica", "db-replica ", "team-a/db-replica"} {
			w.Type(wrong)
			w.Keys("enter")
			w.Contains("not the same")
			w.Keys("ctrl+u")
		}
		w.writes()
		w.Type("db-replica")
		w.Contains("enter to delete")
		w.Keys("enter")
		w.writes("DELETE /apis/kubevirt.io/v1/namespaces/team-a/virtualmachines/db-replica " +
			`{"apiVersion":"kubevirt.io/v1","kind":"DeleteOptions","preconditions":{"uid":"` + uid + `"}}`)
		w.Contains("deletion requested")
		w.Pass(time.Second)
		w.Contains("24 VMs")
		w.Lacks("▸ db-replica")
	})
	inWorld(t, setting{}, func(w *world) {
		w.to("db-primary")
		w.Keys("D")
		w.Contains("delete db-primary: protected by the label kubevirt.io/vm-delete-protection")
	})
}

func TestFailuresAreTold(t *testing.T) {
	inWorld(t, setting{prepare: failingStop}, func(w *world) {
		w.to("build-runner-1")
		press("x", "tab", "enter")(w)
		w.Contains("Stop failed", "refused by KubeVirt", "a snapshot is being taken")
		if e := w.audit.Last(); e.Result != "failed" || !strings.Contains(e.Error, "snapshot") {
			t.Errorf("the audit log says %+v", e)
		}
		press("tab", "enter")(w)
		if len(w.Copied) != 1 || !strings.Contains(w.Copied[0], "a snapshot is being taken") {
			t.Errorf("copied %q", w.Copied)
		}
	})
}
