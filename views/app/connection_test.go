package app

import (
	"strings"
	"sync"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

func (w *world) switchTo(context string) {
	w.T.Helper()
	w.Keys("C")
	w.Type(context)
	w.Keys("enter")
}

func TestContextSwitch(t *testing.T) {
	shows := func(w *world) {
		w.T.Helper()
		w.Pass(time.Second)
		w.Contains("power-user@staging", "only-here", "1 VM  1 running", "● live", "context staging")
		w.Lacks("build-runner-1", "25 VMs")
		w.Keys("space", "x") // acts where it looks
		w.Quiet()
		w.Keys("tab", "enter")
		if got := w.other.Calls(); len(got) != 1 || !strings.HasSuffix(got[0], "/namespaces/staging/virtualmachines/only-here/stop") {
			w.T.Errorf("staging got %q", got)
		}
		w.writes()
	}
	t.Run("connected", func(t *testing.T) {
		inWorld(t, setting{}, func(w *world) {
			w.Type("/node:node-3")
			w.Keys("enter", "ctrl+a")
			w.switchTo("staging")
			shows(w)
			seen := len(w.api.Seen())
			w.Pass(10 * time.Minute)
			if more := w.api.Seen()[seen:]; len(more) > 0 {
				w.T.Errorf("the context that was left is still asked: %q", more)
			}
		})
	})
	t.Run("from-detail", func(t *testing.T) {
		inWorld(t, setting{}, func(w *world) {
			w.Keys("enter")
			w.switchTo("staging")
			shows(w)
		})
	})
	t.Run("server-hangs", func(t *testing.T) {
		inWorld(t, setting{prepare: func(api *fakeapi.Server) { api.Hang() }}, func(w *world) {
			w.Contains("Loading virtual machines")
			w.switchTo("staging")
			shows(w)
		})
	})
	t.Run("server-down", func(t *testing.T) {
		inWorld(t, setting{prepare: down}, func(w *world) {
			w.Contains("The API server does not answer.")
			w.Type(":ctx staging")
			w.Keys("enter")
			shows(w)
		})
	})
	t.Run("and-back", func(t *testing.T) {
		inWorld(t, setting{}, func(w *world) {
			w.switchTo("staging")
			w.Pass(time.Second)
			w.switchTo("demo")
			w.Pass(time.Second)
			w.Contains("@demo", "25 VMs", "● live")
		})
	})
}

// A context that cannot be opened leaves the present one as it is.
func TestContextThatCannotBeOpened(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.switchTo("broken")
		w.Contains(`context broken of the kubeconfig: cluster "gone" does not exist`, "@demo", "25 VMs", "● live")
		w.Pass(2 * time.Second)
		w.Type(":ctx nowhere")
		w.Keys("enter")
		w.Contains(`there is no context "nowhere"; there are broken, demo, staging`)
	})
}

func TestReconnectBringsFreshRows(t *testing.T) {
	for _, tt := range []struct {
		name        string
		fault, mend func(api *fakeapi.Server)
		says        []string
	}{
		{"down", down, func(api *fakeapi.Server) { api.Down(false) }, []string{"✗ lost", "Connection lost", "R tries now"}},
		{"expired", expired, func(api *fakeapi.Server) { api.Refuse("*", 0, 0) }, []string{"✗ login refused", "Login no longer accepted", "R tries now"}},
		{"throttled", throttle, func(api *fakeapi.Server) { api.Refuse("*", 0, 0) }, []string{"◐ throttled", "asks for fewer requests"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, setting{}, func(w *world) {
				tt.fault(w.api)
				w.Pass(90 * time.Second)
				w.Contains(append(tt.says, "25 VMs", "build-runner-1")...)
				w.Lacks("● live")
				w.api.Put(fakeapi.Running("team-a", "made-meanwhile", "node-1")...)
				w.api.Delete("virtualmachines", "team-a", "db-replica")
				tt.mend(w.api)
				w.Keys("R") // nobody has to sit out the back-off
				w.Pass(time.Second)
				w.Contains("● live", "made-meanwhile")
				w.Lacks("db-replica")
				for _, s := range tt.says {
					w.Lacks(s)
				}
			})
			inWorld(t, setting{}, func(w *world) {
				tt.fault(w.api)
				w.Pass(90 * time.Second)
				tt.mend(w.api)
				w.api.Delete("virtualmachines", "team-a", "db-replica")
				w.Pass(time.Minute) // nor press anything
				w.Contains("● live")
				w.Lacks("db-replica")
			})
		})
	}
}

// What is shown while the connection is down is the truth of the last answer: nothing in it goes on counting.
func TestLostListStandsStill(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.Contains("Migrating 13s")
		down(w.api)
		w.Pass(150 * time.Second)
		w.Contains("✗ lost 2m", "Connection lost 2m ago", "Migrating 13s", "33s")
		w.api.Down(false)
		w.Keys("R")
		w.Pass(time.Second)
		w.Contains("● live", "Migrating 2m")
	})
	// That nothing was asked for a while does not mean that the connection was lost all the time.
	inWorld(t, setting{}, func(w *world) {
		w.Pass(4 * time.Minute)
		down(w.api)
		w.Pass(30500 * time.Millisecond)
		w.Contains("✗ lost 30s", "Connection lost 30s ago")
	})
}

func TestRightsGrantedMeanwhile(t *testing.T) {
	inWorld(t, setting{user: ptr(fakeapi.Nobody())}, func(w *world) {
		w.Contains("You may not list virtual machines here.", "spectro-vm-viewer")
		w.api.Become(powerUser())
		w.Keys("R")
		w.Pass(2 * time.Second)
		w.Contains("25 VMs", "build-runner-1")
	})
	inWorld(t, setting{user: viewer()}, func(w *world) {
		w.to("build-runner-1")
		w.Keys("x")
		w.Contains("Not permitted: stop")
		w.Quiet()
		w.Keys("enter")
		w.api.Become(powerUser())
		w.Pass(time.Minute) // a denial is asked again by itself
		w.Keys("x")
		w.Contains("Stop build-runner-1?")
	})
}

// A right that was taken away shows in the answer to the call, and what was believed is asked anew.
func TestRightsTakenAway(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.to("build-runner-1")
		w.Pass(time.Second)
		w.api.Become(*viewer())
		press("x", "tab", "enter")(w)
		w.Contains("Stop failed", "not permitted by KubeVirt")
		w.Keys("enter")
		w.Pass(time.Second)
		w.Keys("x")
		w.Contains("Not permitted: stop")
	})
}

func TestNamespaces(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.Keys("n")
		w.Type("shop")
		w.Keys("enter")
		w.Contains("ns shop", "checkout-1")
		w.Lacks("build-runner-1")
		w.Type(":ns Not_A_Name")
		w.Keys("enter")
		w.Contains(`"Not_A_Name" cannot be a namespace: it takes lower case letters`)
		w.Pass(2 * time.Second)
		w.Type(":ns all")
		w.Keys("enter")
		w.Contains("ns all", "build-runner-1")
	})
	// Who may not list namespaces types one, and sees what is there.
	inWorld(t, setting{user: inTeamA()}, func(w *world) {
		w.Contains("You may not list virtual machines here.")
		w.Keys("n")
		w.Type("team-a")
		w.Keys("enter")
		w.Pass(time.Second)
		w.Contains("ns team-a", "build-runner-1")
		w.Keys("x")
		w.Contains("Stop build-runner-1?")
	})
	inWorld(t, setting{scope: &vm.Scope{Namespaces: []string{"team-b"}}}, func(w *world) {
		w.Contains("ns team-b", "10 VMs")
		for _, path := range w.api.Seen() {
			if strings.HasPrefix(path, "GET /apis/kubevirt.io/v1/virtualmachines") {
				w.T.Errorf("asked beyond the namespace: %s", path)
			}
		}
		w.Keys("n")
		w.Type("all")
		w.Keys("enter")
		w.Pass(time.Second)
		w.Contains("ns all", "25 VMs")
	})
}

func TestKubeVirtInstalledMeanwhile(t *testing.T) {
	inWorld(t, setting{prepare: func(api *fakeapi.Server) { api.NoKubeVirt(true) }}, func(w *world) {
		w.Contains("This cluster has no KubeVirt.")
		w.api.NoKubeVirt(false)
		w.Pass(time.Minute)
		w.Contains("25 VMs", "build-runner-1")
		w.Pass(time.Minute)
		w.Contains("KubeVirt v1.9.0")
	})
}

// A connection that breaks is lost until the server answers again; what ends with it must not pass for an answer.
func TestLossIsNotTakenBack(t *testing.T) {
	for range 10 { // the order in which the open requests break is not given
		inWorld(t, setting{}, func(w *world) {
			var mu sync.Mutex
			var states []kube.State
			defer w.app.deck.Cluster.Health().Subscribe(func(s kube.HealthStatus) {
				mu.Lock()
				defer mu.Unlock()
				states = append(states, s.State)
			})()
			down(w.api)
			w.Pass(time.Minute)
			mu.Lock()
			defer mu.Unlock()
			if len(states) != 1 || states[0] != kube.Lost {
				w.T.Errorf("the connection went through %v", states)
			}
		})
	}
}

// What a context that was left still has to say is not about the one that is shown.
func TestLateNewsOfAContextThatWasLeft(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		left := w.app.deck
		w.switchTo("staging")
		w.Pass(time.Second)
		w.Send(deck.Event{Deck: left, Delta: &vm.Delta{Upserts: []*vm.Row{{UID: "x", Name: "late"}}, Report: vm.Report{Total: 999}}})
		w.Contains("1 VM  1 running")
		w.Lacks("late")
	})
}
