package validation

import (
	"fmt"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// sizes are the smallest terminal that one should have, and a comfortable one.
var sizes = []struct{ w, h int }{{80, 24}, {120, 40}}

type frame struct {
	name string
	setting
	do func(w *world)
}

func goldens(t *testing.T, frames []frame) {
	t.Helper()
	for _, f := range frames {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s/%dx%d", f.name, size.w, size.h), func(t *testing.T) {
				s := f.setting
				s.w, s.h = size.w, size.h
				inWorld(t, s, func(w *world) {
					if f.do != nil {
						f.do(w)
					}
					w.Golden()
				})
			})
		}
	}
}

func press(names ...string) func(w *world) {
	return func(w *world) {
		for _, name := range names {
			w.Keys(name)
			w.Quiet()
		}
	}
}

// on goes to a row and presses keys there.
func on(texts []string, names ...string) func(w *world) {
	return func(w *world) {
		w.to(texts...)
		press(names...)(w)
	}
}

func TestFramesOfTheList(t *testing.T) {
	goldens(t, []frame{
		{name: "mixed"},
		{name: "all-green", setting: setting{whole: true}},
		{name: "problems", do: press("p")},
		{name: "no-problems", setting: setting{whole: true}, do: press("p")},
		{name: "filtered", do: func(w *world) { w.Type("/alice") }},
		{name: "filter-nothing", do: func(w *world) { w.Type("/nothing-has-this"); w.Keys("enter") }},
		{name: "ascii", setting: setting{theme: theme.Options{ASCII: true, NoColor: true}}},
		{name: "help", do: press("?")},
		{name: "whom", do: press("u")},
		{name: "for-alice", do: func(w *world) { w.Keys("u"); w.Type("alice"); w.Keys("enter"); w.Pass(2 * time.Second) }},
		{name: "for-a-group", do: func(w *world) { w.Keys("u"); w.Type("oidc"); w.Keys("enter"); w.Pass(2 * time.Second) }},
		{name: "namespaces", do: press("N")},
	})
}

func TestFramesOfStates(t *testing.T) {
	hanging := func(api *fakeapi.Server) { api.Half("nodes", 3) } // one of them, since which of many come through is up to chance
	goldens(t, []frame{
		{name: "before", setting: setting{early: true, prepare: func(api *fakeapi.Server) { api.Hang() }}},
		{name: "running", setting: setting{prepare: hanging}},
		{name: "nothing-permitted", setting: setting{prepare: func(api *fakeapi.Server) { api.Become(fakeapi.Nobody()) }}},
		{name: "nothing-permitted-list", setting: setting{prepare: func(api *fakeapi.Server) { api.Become(fakeapi.Nobody()) }}, do: press("j")},
		{name: "viewer", setting: setting{prepare: func(api *fakeapi.Server) { api.Become(fakeapi.Persona("vera", rbac.RoleViewer)) }}},
		{name: "unreachable", setting: setting{prepare: func(api *fakeapi.Server) { api.Down(true) }}},
		{name: "login-refused", setting: setting{prepare: func(api *fakeapi.Server) { api.Refuse("*", 401, 0) }}},
		{name: "connection-lost", do: func(w *world) {
			w.api.Down(true)
			w.Pass(45 * time.Second)
		}},
		{name: "another's-eyes", do: func(w *world) {
			alice := rbac.WhoIs("alice")
			w.deck.LookThrough(&alice)
			w.Pass(2 * time.Second)
		}},
	})
}

func TestFramesOfDetails(t *testing.T) {
	goldens(t, []frame{
		{name: "detail", do: on([]string{"spectro-vm-viewer"}, "enter")},
		{name: "detail-rights", do: on([]string{"User alice"}, "enter")},
		{name: "matrix", do: on([]string{"User alice"}, "enter", "tab")},
		{name: "matrix-scrolled", do: on([]string{"User alice"}, "enter", "tab", "G", "l")},
	})
}
