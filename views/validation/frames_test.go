package validation

import (
	"testing"
	"time"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

type frame = drive.Frame[setting, *world]

var (
	press = drive.Press[*world]
	on    = drive.On[*world]
)

func TestFramesOfTheList(t *testing.T) {
	drive.Goldens(t, inWorld, []frame{
		{Name: "mixed"},
		{Name: "all-green", Setting: setting{whole: true}},
		{Name: "problems", Do: press("p")},
		{Name: "no-problems", Setting: setting{whole: true}, Do: press("p")},
		{Name: "filtered", Do: func(w *world) { w.Type("/alice") }},
		{Name: "filter-nothing", Do: func(w *world) { w.Type("/nothing-has-this"); w.Keys("enter") }},
		{Name: "ascii", Setting: setting{theme: theme.Options{ASCII: true, NoColor: true}}},
		{Name: "help", Do: press("?")},
		{Name: "whom", Do: press("u")},
		{Name: "for-alice", Do: func(w *world) { w.Keys("u"); w.Type("alice"); w.Keys("enter"); w.Pass(2 * time.Second) }},
		{Name: "for-a-group", Do: func(w *world) { w.Keys("u"); w.Type("oidc"); w.Keys("enter"); w.Pass(2 * time.Second) }},
		{Name: "namespaces", Do: press("N")},
	})
}

func TestFramesOfStates(t *testing.T) {
	hanging := func(api *fakeapi.Server) { api.Half("nodes", 3) } // one of them, since which of many come through is up to chance
	drive.Goldens(t, inWorld, []frame{
		{Name: "before", Setting: setting{early: true, prepare: func(api *fakeapi.Server) { api.Hang() }}},
		{Name: "running", Setting: setting{prepare: hanging}},
		{Name: "nothing-permitted", Setting: setting{prepare: func(api *fakeapi.Server) { api.Become(fakeapi.Nobody()) }}},
		{Name: "nothing-permitted-list", Setting: setting{prepare: func(api *fakeapi.Server) { api.Become(fakeapi.Nobody()) }}, Do: press("j")},
		{Name: "viewer", Setting: setting{prepare: func(api *fakeapi.Server) { api.Become(fakeapi.Persona("vera", rbac.RoleViewer)) }}},
		{Name: "unreachable", Setting: setting{prepare: func(api *fakeapi.Server) { api.Down(true) }}},
		{Name: "login-refused", Setting: setting{prepare: func(api *fakeapi.Server) { api.Refuse("*", 401, 0) }}},
		{Name: "connection-lost", Do: func(w *world) {
			w.api.Down(true)
			w.Pass(45 * time.Second)
		}},
		{Name: "another's-eyes", Do: func(w *world) {
			alice := rbac.WhoIs("alice")
			w.deck.LookThrough(&alice)
			w.Pass(2 * time.Second)
		}},
	})
}

func TestFramesOfDetails(t *testing.T) {
	drive.Goldens(t, inWorld, []frame{
		{Name: "detail", Do: on([]string{"spectro-vm-viewer"}, "enter")},
		{Name: "detail-rights", Do: on([]string{"User alice"}, "enter")},
		{Name: "matrix", Do: on([]string{"User alice"}, "enter", "tab")},
		{Name: "matrix-scrolled", Do: on([]string{"User alice"}, "enter", "tab", "G", "l")},
	})
}
