package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// withProfile is a cluster on which vmdeck's roles are and a profile is kept that makes the namespace team-a ready for VMs.
func withProfile(api *fakeapi.Server) {
	bare(api)
	api.Put(fakeapi.Catalogue()...)
	api.Put(fakeapi.Defined("clusterprofiles.vmdeck.dev"), fakeapi.Profile(profile.Profile{
		Name: "vm-platform", Version: "1.0.0", Type: profile.TypeAddOn,
		Packs: []profile.PackRef{{Registry: pack.PublicRepo, Name: "virtual-machine-orchestrator", Version: "1.0.0",
			Values: "charts: {virtual-machine-orchestrator: {vmEnabledNamespaces: [team-a]}}\npack: {palette: {config: {dashboard: {access: direct}}}}\n"}},
	}))
}

// TestC6FromTheProfileToTheBinding walks the documented path by keyboard: cluster, Profiles, + beside the add-on layers, the profile,
// Settings, RBAC, bindings, Confirm; the cluster shows Updating and events, and the binding is made in the profile's namespace.
func TestC6FromTheProfileToTheBinding(t *testing.T) {
	inWorld(t, setting{prepare: withProfile}, func(w *world) {
		w.Keys("2")
		w.Pass(2 * time.Second)
		w.Contains("┃2 Profiles┃", "Add-on layers of demo", "vm-platform")
		w.Press("?")
		w.Contains("Choose a profile to put on this cluster", "Settings, RBAC")
		w.Press("esc", "+")
		w.Contains("Add-on layers: choose a profile")
		w.Press("enter")
		w.Contains("Profile vm-platform 1.0.0", "VM namespaces  team-a")
		w.Press("s")
		w.Contains("Settings", "RBAC")
		w.Press("enter")
		w.Contains("New rule", "team-a")
		w.Type("spectro-vm-user")
		w.Keys("enter")
		w.Type("alice")
		w.Keys("enter", "ctrl+s")
		w.Pass(2 * time.Second)
		w.Contains("The server would accept all", "team-a/vmdeck-")
		w.Press("enter")
		release := w.api.Hang() // the server takes its time, so that what is shown meanwhile can be looked at
		w.Keys("tab", "enter")
		w.Pass(time.Second)
		w.Contains("Updating", "Events")
		release()
		w.Pass(5 * time.Second)
		w.Contains("Running", "as promised")
		if calls := w.api.Calls(); !slices.ContainsFunc(calls, func(c string) bool { return strings.Contains(c, "/namespaces/team-a/rolebindings") }) {
			t.Errorf("the server got %q", calls)
		}
	})
}

// The palette shows the list, and opens a profile from wherever one is; what is not there is said.
func TestPaletteOpensProfiles(t *testing.T) {
	inWorld(t, setting{prepare: withProfile}, func(w *world) {
		w.Keys(":")
		w.Type("profile vm-platform@1.0.0")
		w.Keys("enter")
		w.Pass(2 * time.Second)
		w.Contains("┃2 Profiles → vm-platform 1.0.0┃")
		w.Keys("1", ":")
		w.Type("profiles")
		w.Keys("enter")
		w.Pass(time.Second)
		w.Contains("2 Profiles")
		w.Keys(":")
		w.Type("profile none")
		w.Keys("enter")
		w.Pass(4 * time.Second)
		w.Contains("there is no profile none in the cluster")
	})
	viewer := fakeapi.Persona("vic", rbac.RoleViewer)
	inWorld(t, setting{user: &viewer}, func(w *world) {
		w.Keys("2")
		w.Pass(2 * time.Second)
		w.Contains("You may not read the cluster profiles", "needs list clusterprofiles")
	})
}
