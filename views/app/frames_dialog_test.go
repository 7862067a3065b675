package app

import (
	"testing"
	"time"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

func viewer() *fakeapi.User { return ptr(fakeapi.Persona("ann", rbac.RoleViewer)) }

// inTeamA may do most things in one namespace and see nothing else.
func inTeamA() *fakeapi.User {
	return ptr(fakeapi.NamespaceOnly("team-a-operator", rbac.RolePowerUser, "team-a"))
}

func TestFramesOfDialogs(t *testing.T) {
	markBuilders := both(typing("/build-runner"), press("enter", "ctrl+a"))
	drive.Goldens(t, inWorld, []frame{
		{Name: "namespaces", Do: press("n")},
		{Name: "namespaces-typed", Do: both(press("n"), typing("team-x"))},
		{Name: "namespaces-not-listed", Setting: setting{user: inTeamA(), target: targetIn("team-a")}, Do: press("n")},
		{Name: "sort", Do: press("o")},
		{Name: "contexts", Do: press("C")},
		{Name: "menu", Do: on("db-replica", "a")},
		{Name: "palette", Do: on("build-runner-1", ":")},
		{Name: "palette-off", Do: both(on("build-runner-1", ":"), typing("start"), press("enter"))},
		{Name: "help", Do: on("db-replica", "?")},
		{Name: "help-end", Do: on("db-replica", "?", "G")},
		{Name: "stop", Do: on("build-runner-1", "x")},
		{Name: "stop-options", Do: on("build-runner-1", "x", "tab", "tab", "enter")},
		{Name: "delete", Do: on("db-replica", "D")},
		{Name: "delete-wrong", Do: both(on("db-replica", "D"), typing("db-primary"), press("enter"))},
		{Name: "delete-right", Do: both(on("db-replica", "D"), typing("db-replica"))},
		{Name: "bulk-count", Do: both(markBuilders, press("x"))},
		{Name: "bulk-hidden", Do: both(markBuilders, typing("/runner-1"), press("enter", "x"))},
		{Name: "bulk-start", Do: press("ctrl+a", "s")},
		{Name: "clone", Do: on("db-replica", "c")},
		{Name: "clone-invalid", Do: both(on("db-replica", "c"), typing("_"), press("enter"))},
		{Name: "migrate", Do: on("build-runner-1", "m", "tab", "tab", "enter")},
		{Name: "migrate-invalid", Do: both(on("build-runner-1", "m", "tab", "tab", "enter"), typing("zone in (a,b)"), press("enter"))},
		{Name: "not-permitted", Setting: setting{user: viewer()}, Do: on("build-runner-1", "x")},
		{Name: "failed", Setting: setting{prepare: failingStop}, Do: on("build-runner-1", "x", "tab", "enter")},
		{Name: "bulk-failures", Setting: setting{prepare: failingStop}, Do: both(press("ctrl+a", "x"), typing("18"), press("enter"), pass(5*time.Second))},
		{Name: "quit-busy", Do: func(w *world) {
			press("ctrl+a", "x")(w)
			w.Type("18")
			w.api.Hang()
			press("enter", "esc", "q")(w)
		}},
		{Name: "copied", Do: on("db-replica", "y")},
		{Name: "messages", Do: both(on("db-replica", "y", "x"), typing(":messages"), press("enter"))},
	})
}

func failingStop(api *fakeapi.Server) {
	api.FailCall("build-runner-1", 500, `Internal error occurred: admission webhook "virtualmachine-validator.kubevirt.io" denied the request: Cannot update VM while a snapshot is being taken`)
	api.FailCall("checkout-2", 409, `Operation cannot be fulfilled on virtualmachine.kubevirt.io "checkout-2": VM is not running`)
	api.FailCall("search", 503, "the server is currently unable to handle the request")
}
