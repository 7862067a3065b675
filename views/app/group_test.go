package app

import (
	"testing"
	"time"

	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// The other cluster is opened as a switch to its context would, and audited as what it is.
func TestC5ARuleReachesTheOtherContextOfTheGroup(t *testing.T) {
	admin := fakeapi.Admin()
	inWorld(t, setting{user: &admin, empty: true, group: "production", prepare: func(api *fakeapi.Server) { api.Put(fakeapi.Catalogue()...) }}, func(w *world) {
		w.other.Become(admin)
		w.other.Put(fakeapi.Catalogue()...)
		w.Keys(":")
		w.Type("rule")
		w.Keys("enter")
		w.Pass(time.Second)
		w.Type("vm-user")
		w.Keys("enter")
		w.Type("alice")
		w.Keys("enter", "enter")
		w.Type("/^team-a$|staging/")
		w.Keys("enter", "enter", "space", "ctrl+s")
		w.Pass(time.Second)
		w.Contains("Changes 2 of 2 clusters of production")
		w.Keys("enter")
		w.Quiet()
		w.Keys("tab", "enter")
		w.Pass(2 * time.Second)
		w.Contains("demo     Running", "staging  Running")
		for place, api := range map[string]*fakeapi.Server{"team-a": w.api, "staging": w.other} {
			if api.Get("rolebindings", place, "vmdeck-vm-user-alice") == nil {
				t.Errorf("alice has nothing in %s", place)
			}
		}
		contexts := map[string]string{}
		for _, e := range w.audit.Entries() {
			contexts[e.Context] = e.Namespace + " as " + e.User
		}
		if contexts["demo"] != "team-a as cluster-admin" || contexts["staging"] != "staging as cluster-admin" {
			t.Errorf("audited %v", contexts)
		}
	})
}
