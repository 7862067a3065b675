package app

import (
	"testing"
	"time"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

func viewer() *fakeapi.User { return ptr(fakeapi.Persona("ann", rbac.RoleViewer)) }

// inTeamA may do most things in one namespace and see nothing else.
func inTeamA() *fakeapi.User {
	return ptr(fakeapi.NamespaceOnly("team-a-operator", rbac.RolePowerUser, "team-a"))
}

func TestFramesOfDialogs(t *testing.T) {
	markBuilders := both(typing("/build-runner"), press("enter", "ctrl+a"))
	goldens(t, []frame{
		{name: "namespaces", do: press("n")},
		{name: "namespaces-typed", do: both(press("n"), typing("team-x"))},
		{name: "namespaces-not-listed", setting: setting{user: inTeamA(), target: targetIn("team-a")}, do: press("n")},
		{name: "sort", do: press("o")},
		{name: "contexts", do: press("C")},
		{name: "menu", do: on("db-replica", "a")},
		{name: "palette", do: on("build-runner-1", ":")},
		{name: "palette-off", do: both(on("build-runner-1", ":"), typing("start"), press("enter"))},
		{name: "help", do: on("db-replica", "?")},
		{name: "help-end", do: on("db-replica", "?", "G")},
		{name: "stop", do: on("build-runner-1", "x")},
		{name: "stop-options", do: on("build-runner-1", "x", "tab", "tab", "enter")},
		{name: "delete", do: on("db-replica", "D")},
		{name: "delete-wrong", do: both(on("db-replica", "D"), typing("db-primary"), press("enter"))},
		{name: "delete-right", do: both(on("db-replica", "D"), typing("db-replica"))},
		{name: "bulk-count", do: both(markBuilders, press("x"))},
		{name: "bulk-hidden", do: both(markBuilders, typing("/runner-1"), press("enter", "x"))},
		{name: "bulk-start", do: press("ctrl+a", "s")},
		{name: "clone", do: on("db-replica", "c")},
		{name: "clone-invalid", do: both(on("db-replica", "c"), typing("_"), press("enter"))},
		{name: "migrate", do: on("build-runner-1", "m", "tab", "tab", "enter")},
		{name: "migrate-invalid", do: both(on("build-runner-1", "m", "tab", "tab", "enter"), typing("zone in (a,b)"), press("enter"))},
		{name: "not-permitted", setting: setting{user: viewer()}, do: on("build-runner-1", "x")},
		{name: "failed", setting: setting{prepare: failingStop}, do: on("build-runner-1", "x", "tab", "enter")},
		{name: "bulk-failures", setting: setting{prepare: failingStop}, do: both(press("ctrl+a", "x"), typing("18"), press("enter"), pass(5*time.Second))},
		{name: "quit-busy", do: func(w *world) {
			press("ctrl+a", "x")(w)
			w.Type("18")
			w.api.Hang()
			press("enter", "esc", "q")(w)
		}},
		{name: "copied", do: on("db-replica", "y")},
		{name: "messages", do: both(on("db-replica", "y", "x"), typing(":messages"), press("enter"))},
	})
}

func pass(d time.Duration) func(w *world) { return func(w *world) { w.Pass(d) } }

func failingStop(api *fakeapi.Server) {
	api.FailCall("build-runner-1", 500, `Internal error occurred: admission webhook "virtualmachine-validator.kubevirt.io" denied the request: Cannot update VM while a snapshot is being taken`)
	api.FailCall("checkout-2", 409, `Operation cannot be fulfilled on virtualmachine.kubevirt.io "checkout-2": VM is not running`)
	api.FailCall("search", 503, "the server is currently unable to handle the request")
}
