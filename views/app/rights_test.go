package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// bare is a cluster where only root has rights, and nothing of vmdeck's is installed.
func bare(api *fakeapi.Server) {
	api.Put(fakeapi.ClusterRole("cluster-admin", fakeapi.Admin().Everywhere...),
		fakeapi.Bound("", "root", "cluster-admin", rbac.SubjectOf("root")),
		fakeapi.Namespace("team-a", "Active"), fakeapi.Namespace("team-b", "Active"), fakeapi.Namespace("shop", "Active"))
	api.Login("root")
}

// TestC6C7FromNothingToOperatingAVM goes the whole way by keyboard: a cluster where nobody has rights says so and leads to the roles
// and the editor, Confirm shows Updating and what happens, and the user who was given the role then starts a VM.
func TestC6C7FromNothingToOperatingAVM(t *testing.T) {
	inWorld(t, setting{prepare: bare}, func(w *world) {
		w.Keys("3")
		w.Pass(2 * time.Second)
		w.Contains("Only administrators of the whole cluster have rights on VMs so far", "m installs")

		w.Keys("m")
		w.Pass(time.Second)
		w.Keys("I")
		w.Pass(2 * time.Second)
		w.Contains("Install")
		w.Quiet()
		w.Keys("tab", "enter")
		w.Pass(2 * time.Second)
		for _, role := range rbac.Names() {
			if w.api.Get("clusterroles", "", role) == nil {
				t.Fatalf("the role %s was not installed\n%s", role, w.Plain())
			}
		}
		w.Keys("esc", "esc", "n")
		w.Pass(time.Second)
		w.Contains("New rule")
		w.Type("spectro-vm-user")
		w.Keys("enter")
		w.Type("alice")
		w.Keys("enter", "down")
		w.Type("/^team-/")
		w.Keys("ctrl+s")
		w.Pass(2 * time.Second)
		w.Contains("The server would accept all", "team-a/vmdeck-", "team-b/vmdeck-")
		w.Keys("enter")
		w.Quiet()
		release := w.api.Hang() // the server takes its time, so that what is shown meanwhile can be looked at
		w.Keys("tab", "enter")
		w.Pass(time.Second)
		w.Contains("Updating", "Events")
		release()
		w.Pass(5 * time.Second)
		w.Contains("Running", "done.", "as promised")
		w.Lacks("Updating")

		w.api.Login("alice")
		w.switchTo("demo")
		w.Pass(2 * time.Second)
		w.Contains("alice@demo")
		w.Lacks("checkout-1") // in the namespace shop
		w.to("db-replica")
		w.Keys("s")
		w.Pass(time.Second)
		w.Contains("start requested")
		if calls := w.api.Calls(); !slices.ContainsFunc(calls, func(c string) bool { return strings.Contains(c, "virtualmachines/db-replica/start") }) {
			t.Errorf("the server got %q", calls)
		}
		w.Keys("D")
		w.Pass(2 * time.Second)
		w.Contains("Not permitted: delete")
	})
}

// TestC7FirstStart: where the user has nothing, or nobody has, the program opens on validation with the next step, unless the user has
// begun to work meanwhile.
func TestC7FirstStart(t *testing.T) {
	nobody := fakeapi.Nobody()
	inWorld(t, setting{user: &nobody, target: targetIn("team-b")}, func(w *world) {
		w.Pass(5 * time.Second)
		w.Contains("┃4 Validation┃", "Next:")
		w.Keys("1")
		w.Pass(time.Minute)
		w.Contains("┃1 Virtual Machines┃", "You may not list virtual machines here", "Rights come from role bindings: 3 shows them")
		w.Keys("3")
		w.Pass(time.Second)
		w.Contains("You may not list role bindings here", "vmdeck why")
	})
	inWorld(t, setting{prepare: bare}, func(w *world) {
		w.Pass(5 * time.Second)
		w.Contains("┃4 Validation┃", "Next:")
	})
	inWorld(t, setting{user: &nobody}, func(w *world) {
		w.Pass(5 * time.Second) // no namespace is known, so one has to be typed before anything can be said
		w.Contains("┃1 Virtual Machines┃", "Press n and type its name")
	})
	var release func()
	inWorld(t, setting{prepare: func(api *fakeapi.Server) { bare(api); release = api.Hang() }}, func(w *world) {
		w.Keys("/")
		release()
		w.Pass(5 * time.Second)
		w.Contains("┃1 Virtual Machines┃")
	})
	inWorld(t, setting{}, func(w *world) {
		w.Pass(time.Minute)
		w.Contains("┃1 Virtual Machines┃")
	})
}
