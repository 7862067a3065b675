package app

import (
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

func targetIn(namespace string) kube.Target {
	return kube.Target{Context: "demo", User: "power-user", Namespace: namespace}
}

func down(api *fakeapi.Server)     { api.Down(true) }
func expired(api *fakeapi.Server)  { api.Refuse("*", 401, 0) }
func throttle(api *fakeapi.Server) { api.Refuse("*", 429, 20) }

// then lets something happen to the server while the list is shown.
func then(fault func(api *fakeapi.Server), d time.Duration) func(w *world) {
	return func(w *world) {
		fault(w.api)
		w.Pass(d)
	}
}

func TestFramesOfStates(t *testing.T) {
	half := func(announced int) func(api *fakeapi.Server) {
		return func(api *fakeapi.Server) {
			api.Put(fakeapi.Many("team-a", 300)...)
			api.Half("virtualmachines", announced)
		}
	}
	none, noInstances := fakeapi.Nobody(), powerUser().Without("virtualmachineinstances")
	drive.Goldens(t, inWorld, []frame{
		{Name: "loading", Setting: setting{early: true, prepare: func(api *fakeapi.Server) { api.Hang() }}},
		{Name: "loading-many", Setting: setting{empty: true, prepare: half(10000)}},
		{Name: "empty", Setting: setting{empty: true}},
		{Name: "empty-namespace", Setting: setting{}, Do: both(typing(":ns default"), press("enter"))},
		{Name: "nobody", Setting: setting{user: &none, target: targetIn("")}},
		{Name: "nobody-configured", Setting: setting{user: &none, target: targetIn("team-b")}},
		{Name: "namespace-only", Setting: setting{user: inTeamA(), target: targetIn("team-a")}},
		{Name: "no-instances", Setting: setting{user: &noInstances}},
		{Name: "no-migrations", Setting: setting{user: ptr(powerUser().Without("virtualmachineinstancemigrations"))}},
		{Name: "lost", Do: then(down, 42500*time.Millisecond)},
		{Name: "lost-action", Do: both(then(down, 42500*time.Millisecond), press("x"))},
		{Name: "never-reached", Setting: setting{prepare: down}, Do: pass(20500 * time.Millisecond)},
		{Name: "hangs", Setting: setting{prepare: func(api *fakeapi.Server) { api.Hang() }}, Do: pass(40500 * time.Millisecond)},
		{Name: "expired", Do: then(expired, 20500*time.Millisecond)},
		{Name: "never-logged-in", Setting: setting{prepare: expired}, Do: pass(5500 * time.Millisecond)},
		{Name: "throttled", Do: then(throttle, 5500*time.Millisecond)},
		{Name: "no-kubevirt", Setting: setting{prepare: func(api *fakeapi.Server) { api.NoKubeVirt(true) }}},
		{Name: "terminating", Setting: setting{scope: &vm.Scope{Namespaces: []string{"team-b"}}}, Do: then(func(api *fakeapi.Server) { api.Put(fakeapi.Namespace("team-b", "Terminating")) }, time.Second)},
		{Name: "no-such-namespace", Do: both(typing(":ns team-x"), press("enter"))},
		{Name: "read-only", Setting: setting{readOnly: "vmdeck was started with --read-only"}, Do: press("x")},
		{Name: "ascii", Setting: setting{theme: theme.Options{ASCII: true}}, Do: on1("build-runner-1", "space", "j", "x")},
		{Name: "no-color", Setting: setting{theme: theme.Options{NoColor: true}}, Do: on("build-runner-1", "space", "j", "x")},
	})
}

// on1 is on for themes whose cursor is another symbol.
func on1(filter string, keys ...string) func(w *world) {
	return both(typing("/"+filter), press("enter"), press(keys...))
}

const hostile = "\x1b[2J\x1b]0;owned\a\x1b[31mred\u202e\u200b"

// odd are objects as nobody would make them with good intentions.
func odd(api *fakeapi.Server) {
	long := strings.Repeat("a-very-long-name-", 14)
	for _, o := range []fakeapi.Object{
		fakeapi.Machine("team-a", long+"1", "Running").With("metadata", "labels", map[string]any{hostile: hostile}),
		fakeapi.Machine("team-a", long+"2", "Stopped"),
		fakeapi.Machine(strings.Repeat("long-namespace-", 4)+"x", "short", "Paused"),
		fakeapi.Machine("team-a", "wide-日本語の仮想マシン", "Running"),
		fakeapi.Machine("team-a", "emoji-👩‍👩‍👧‍👦-🇩🇪-é", "Running"),
		fakeapi.Machine("team-a", "a"+hostile+"b", "Run"+hostile+"ning"),
		fakeapi.Machine("team-a", "status-of-tomorrow", "WaitingForTheGodotOfStorage"),
	} {
		api.Put(o)
	}
	api.Put(fakeapi.Instance("team-a", "a"+hostile+"b", hostile+"node").With("status", "guestOSInfo", map[string]any{"prettyName": hostile}))
}

func TestFramesOfOddObjects(t *testing.T) {
	strange := setting{empty: true, prepare: odd}
	drive.Goldens(t, inWorld, []frame{
		{Name: "list", Setting: strange},
		{Name: "stop", Setting: strange, Do: press("j", "j", "j", "x")},
		{Name: "delete-hostile", Setting: strange, Do: press("g", "D")},
	})
}

func TestTooSmall(t *testing.T) {
	inWorld(t, setting{Size: drive.Size{W: 39, H: 9}}, func(w *world) {
		w.Golden()
		w.Resize(40, 10)
		w.Contains("NAME", "▸ analytics-1")
		w.Resize(1, 1)
		w.Resize(300, 3)
		w.Resize(80, 24)
		w.Contains("25 VMs")
	})
}

func TestFramesForTheirUsers(t *testing.T) {
	everything := fakeapi.Admin()
	drive.Goldens(t, inWorld, []frame{
		{Name: "admin", Setting: setting{user: &everything}},
		{Name: "user", Setting: setting{user: ptr(fakeapi.Persona("bob", rbac.RoleUser))}, Do: on("build-runner-1")},
		{Name: "service-account", Setting: setting{user: ptr(fakeapi.Persona("system:serviceaccount:ops:vm-bot", rbac.RolePowerUser))}},
	})
}
