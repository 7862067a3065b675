package wizard

import (
	"strings"
	"testing"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
	"vmdeck.dev/vmdeck/views/internal/stage"
)

const definition = "clusterprofiles.vmdeck.dev"

func served(api *fakeapi.Server) { api.Put(fakeapi.Defined(definition)) }

// Somebody who may not create profiles learns it before anything is typed, with the permission and the roles that have it.
func TestA2DeniedBeforeTheFirstStep(t *testing.T) {
	inWorld(t, setting{cluster: true, as: "alice", prepare: served}, func(w *world) {
		w.Contains("You cannot make a cluster profile here", "this needs create clusterprofiles", "spectro-vm-admin")
		w.Lacks("1 Basics")
		w.press("enter", "ctrl+n", `"x"`, "i")
		w.Lacks("1 Basics")
		w.api.Put(fakeapi.ClusterRole("profiles", rule("*", "vmdeck.dev", "clusterprofiles")), fakeapi.Bound("", "profiles", "profiles", who("alice")))
		w.press("R")
		w.Contains("1 Basics")
	})
}

func TestA2ReadOnly(t *testing.T) {
	inWorld(t, setting{readOnly: "vmdeck was started with --read-only"}, func(w *world) {
		w.Contains("You cannot make a cluster profile here", "Vmdeck was started with --read-only.")
		w.Lacks("1 Basics")
		w.press("esc")
		w.Contains(stage.Below)
	})
}

func TestInstallingTheCustomResource(t *testing.T) {
	inWorld(t, setting{cluster: true}, func(w *world) {
		w.Contains("Cluster profiles are not installed in this cluster", "profiles: FOLDER")
		w.press("i")
		w.Contains("Install clusterprofiles.vmdeck.dev in context demo?")
		if len(w.audit.Entries()) > 0 {
			t.Errorf("audited before anything was confirmed: %+v", w.audit.Entries())
		}
		w.press("enter")
		w.Contains("Press i to install them")
		w.press("i", "right", "enter")
		w.Pass(installTime)
		w.Contains("1 Basics")
		if len(w.audit.Entries()) != 1 || w.audit.Last().Action != "install" {
			t.Errorf("audited %+v", w.audit.Entries())
		}
		w.press(append(toReview, "enter", "enter")...)
		if got := w.stored(); len(got) != 1 || got[0].Name != "vm-platform" {
			t.Errorf("stored %+v", got)
		}
	})
}

func TestInstallingIsRefused(t *testing.T) {
	mayCreate := func(api *fakeapi.Server) {
		api.Put(fakeapi.ClusterRole("profiles", rule("*", "vmdeck.dev", "clusterprofiles")), fakeapi.Bound("", "profiles", "profiles", who("alice")))
	}
	inWorld(t, setting{cluster: true, as: "alice", prepare: mayCreate}, func(w *world) {
		w.press("i")
		w.Contains("you may not install it")
		w.Lacks("Install clusterprofiles.vmdeck.dev in context")
		for _, call := range w.api.Calls() {
			if strings.Contains(call, definition) && !strings.Contains(call, "dryRun") {
				t.Errorf("called %s", call)
			}
		}
	})
}

// A store that cannot be listed does not keep anybody from making a profile.
func TestUnlistedStore(t *testing.T) {
	only := func(api *fakeapi.Server) {
		served(api)
		api.Put(fakeapi.ClusterRole("creator", rule("create", "vmdeck.dev", "clusterprofiles")), fakeapi.Bound("", "creator", "creator", who("alice")))
	}
	inWorld(t, setting{cluster: true, as: "alice", prepare: only}, func(w *world) {
		w.Contains("1 Basics", "You may not read the cluster profiles")
	})
}

func TestSomebodyElseChangesTheProfileMeanwhile(t *testing.T) {
	was := profile.Profile{Name: "vm-platform", Version: "1.0.0", Type: profile.TypeAddOn, Packs: []profile.PackRef{
		{Registry: "Public Repo", Name: "spectro-proxy", Version: "1.0.0", Values: "manifests: {spectro-proxy: {server: a, subdomain: b}}\n"},
	}}
	inWorld(t, setting{cluster: true, prepare: served}, func(w *world) {
		stored, err := w.store.Save(w.T.Context(), was, "")
		if err != nil {
			t.Fatal(err)
		}
		w.press("esc")
		w.again(newProfile(stored))
		w.press("enter", "enter", "enter", "ctrl+n", "enter", "enter")
		w.Contains("in place of what is stored")
		theirs := was
		theirs.Description = "theirs"
		if _, err := w.store.Save(w.T.Context(), theirs, stored.Version); err != nil {
			t.Fatal(err)
		}
		w.press("enter")
		w.Contains("it was changed since you opened it", "as another version, with n")
		w.press("n")
		w.Contains("Choose another version", "vm-platform 1.0.0 exists already")
		w.press("down", "end", "backspace", `"1"`)
		for range 6 {
			w.press("ctrl+n")
		}
		w.press("enter")
		if got := w.stored(); len(got) != 2 || got[0].Description+got[1].Description != "theirs" {
			t.Errorf("stored %+v", got)
		}
	})
}
