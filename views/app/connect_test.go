package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

const issuer = "https://login.example.com"

// administered is an administrator's cluster that has what users of VMs need, so that it opens on the VMs.
func administered() setting {
	u := fakeapi.Admin()
	u.Name, u.Groups = "kubernetes-admin", []string{"system:masters", "system:authenticated"}
	return setting{user: &u, prepare: func(api *fakeapi.Server) { api.Put(fakeapi.Catalogue()...) }}
}

// settings are what a profile leaves on the cluster that has VMs operated as an identity provider says.
func settings(identity string) fakeapi.Object {
	return fakeapi.Settings("vm-dashboard", "virtual-machine-orchestrator", "virtual-machine-orchestrator-1.1.0", map[string]string{
		"access": "direct", "identityProvider": identity, "oidc-issuer-url": issuer, "oidc-client-id": "vms",
	})
}

// says has the cluster say as whom VMs are operated.
func says(identity string) func(w *world) {
	return func(w *world) {
		w.api.Put(settings(identity))
		w.Pass(3 * time.Second)
	}
}

func connectAs(user string) func(w *world) {
	return func(w *world) {
		w.Press("enter")
		w.Type(user)
		w.Press("enter", "right", "enter")
		w.Pass(2 * time.Second)
	}
}

// TestFirstTabFollowsTheProfile: applied, changed and removed while the program runs.
func TestFirstTabFollowsTheProfile(t *testing.T) {
	inWorld(t, administered(), func(w *world) {
		w.Contains("1 Virtual Machines", "build-runner-1")
		for range 2 {
			for _, identity := range []string{"none", "tenant"} {
				says(identity)(w)
				w.Contains("1 Connect", "[Connect]")
				w.Lacks("build-runner-1")
			}
			says("palette")(w)
			w.Contains("1 Virtual Machines", "build-runner-1")
			says("noauth")(w)
			w.Contains("1 Virtual Machines", "build-runner-1")
		}
		says("none")(w)
		w.Contains("1 Connect")
		w.api.Delete("configmaps", "vm-dashboard", "virtual-machine-orchestrator")
		w.Pass(3 * time.Second)
		w.Contains("1 Virtual Machines", "build-runner-1")
	})
}

// Whoever is at work keeps the tab until they are done.
func TestFirstTabWaits(t *testing.T) {
	for name, begin := range map[string]func(w *world){
		"a VM is open": func(w *world) { w.Press("enter") },
		"a dialog":     func(w *world) { w.Press("C") },
		"typing":       func(w *world) { w.Type("/db") },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, administered(), func(w *world) {
				begin(w)
				says("none")(w)
				w.Contains("Virtual Machines")
				w.Lacks("[Connect]")
				w.Press("esc", "esc")
				w.Pass(2 * time.Second)
				w.Contains("1 Connect", "[Connect]")
			})
		})
	}
	t.Run("another tab", func(t *testing.T) {
		inWorld(t, administered(), func(w *world) {
			w.Press("4")
			says("none")(w)
			w.Contains("1 Connect", "KubeVirt")
			if w.app.shell.Tab() != 3 {
				t.Errorf("the tab is %d", w.app.shell.Tab())
			}
		})
	})
}

func TestConnecting(t *testing.T) {
	inWorld(t, administered(), func(w *world) {
		says("none")(w)
		connectAs("sso")(w)
		w.Contains("1 Virtual Machines", "alice@example.com@demo", "connected as sso", "seen-by-alice")
		w.Lacks("build-runner-1")
		// Another context has its own user, and the choice is still there on return.
		w.switchTo("staging")
		w.Contains("@staging", "only-here")
		w.Lacks("connected as sso")
		w.switchTo("demo")
		w.Pass(2 * time.Second)
		w.Contains("connected as sso", "seen-by-alice")
		// The details say so, from where one goes back.
		w.Send(deck.Connect{})
		w.Send(deck.Connect{}) // is not opened twice
		w.Contains("Connected as the kubeconfig user sso")
		w.Press("esc")
		w.Contains("seen-by-alice")
		w.Send(deck.Connect{})
		w.Press("d")
		w.Pass(3 * time.Second)
		w.Contains("kubernetes-admin@demo", "1 Connect", "[Connect]")
		w.Lacks("connected as sso")
	})
}

// Who comes back to the VMs finds the list as it was left.
func TestListIsKeptWhileTabConnects(t *testing.T) {
	inWorld(t, administered(), func(w *world) {
		w.Type("/db-")
		w.Press("enter")
		w.Contains("db-", "1 Virtual Machines")
		w.Lacks("build-runner-1")
		says("none")(w)
		w.Contains("1 Connect")
		w.api.Put(fakeapi.Running("team-a", "db-new", "node-1")...)
		says("palette")(w)
		w.Contains("1 Virtual Machines", "/db-", "db-new")
		w.Lacks("build-runner-1")
	})
}

// A way back that fails changes nothing, and says nothing else.
func TestGoingBackFails(t *testing.T) {
	inWorld(t, administered(), func(w *world) {
		says("none")(w)
		connectAs("sso")(w)
		w.gone = true
		w.Send(deck.Connect{})
		w.Press("d")
		w.Pass(time.Second)
		w.Contains("the kubeconfig is gone", "connected as sso", "alice@example.com@demo")
		w.gone = false
		w.Press("d")
		w.Pass(3 * time.Second)
		w.Contains("kubernetes-admin@demo")
		w.Lacks("connected as sso")
	})
}

// What was entered and is not kept anywhere is not lost to another context or user.
func TestContextWaitsForWhatWasEntered(t *testing.T) {
	s := administered()
	prepare := s.prepare
	s.prepare = func(api *fakeapi.Server) { prepare(api); withTemplates(api) }
	for says, begin := range map[string]func(w *world){
		"New rule: what you have entered is not applied.": func(w *world) {
			w.Press("3", "n")
			w.Pass(time.Second)
			w.Type("spectro-vm-user")
			w.Press("enter")
		},
		"The new VM is not made yet.": func(w *world) {
			w.Press("+")
			w.Pass(time.Second)
			w.Type("cirros")
			w.Press("enter")
		},
	} {
		inWorld(t, s, func(w *world) {
			begin(w)
			w.Send(deck.ChooseContext{})
			w.Type("staging")
			w.Press("enter")
			w.Pass(time.Second)
			w.Contains(says, "kubernetes-admin@demo")
			w.Press("ctrl+c")
			w.Contains("Quit?")
		})
	}
}

// Who does not connect stays who they are.
func TestConnectingIsCancelled(t *testing.T) {
	inWorld(t, administered(), func(w *world) {
		says("none")(w)
		w.Press("enter")
		w.Type("sso")
		w.Press("enter")
		w.Contains("You become alice@example.com")
		w.Press("esc")
		w.Pass(time.Second)
		w.Contains("kubernetes-admin@demo", "1 Connect")
		if slices.ContainsFunc(w.sso.Seen(), func(s string) bool { return strings.Contains(s, "virtualmachines") }) {
			t.Error("VMs were asked for as somebody one did not become")
		}
	})
}

func TestFramesOfConnecting(t *testing.T) {
	s := administered()
	drive.Goldens(t, inWorld, []frame{
		{Name: "connect", Setting: s, Do: drive.Steps(says("none"), drive.Pass[*world](10*time.Second))},
		{Name: "connected", Setting: s, Do: drive.Steps(says("none"), connectAs("sso"), drive.Pass[*world](10*time.Second))},
	})
}

// TestRandomKeysWhileTheProfileChanges presses whatever comes while the first tab turns.
func TestRandomKeysWhileTheProfileChanges(t *testing.T) {
	keys := []string{"enter", "esc", "right", "d", "j", "1", "2", "3", "4", "tab", "C", "R", "/", "s", ":", "space"}
	drive.Check(t, func(tb testing.TB, r *rapid.T) {
		w := begin(tb, administered())
		w.Pass(time.Second)
		for range rapid.IntRange(1, 20).Draw(r, "steps") {
			w.Random(r, keys, func() { w.api.Put(settings(rapid.SampledFrom([]string{"none", "palette"}).Draw(r, "identity"))) },
				func() { w.api.Delete("configmaps", "vm-dashboard", "virtual-machine-orchestrator") },
				func() { w.Send(deck.Connect{}) })
		}
	})
}
