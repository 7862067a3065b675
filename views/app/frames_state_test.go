package app

import (
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/theme"
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
	goldens(t, []frame{
		{name: "loading", setting: setting{early: true, prepare: func(api *fakeapi.Server) { api.Hang() }}},
		{name: "loading-many", setting: setting{empty: true, prepare: half(10000)}},
		{name: "empty", setting: setting{empty: true}},
		{name: "empty-namespace", setting: setting{}, do: both(typing(":ns default"), press("enter"))},
		{name: "nobody", setting: setting{user: &none, target: targetIn("")}},
		{name: "nobody-configured", setting: setting{user: &none, target: targetIn("team-b")}},
		{name: "namespace-only", setting: setting{user: inTeamA(), target: targetIn("team-a")}},
		{name: "no-instances", setting: setting{user: &noInstances}},
		{name: "no-migrations", setting: setting{user: ptr(powerUser().Without("virtualmachineinstancemigrations"))}},
		{name: "lost", do: then(down, 42500*time.Millisecond)},
		{name: "lost-action", do: both(then(down, 42500*time.Millisecond), press("x"))},
		{name: "never-reached", setting: setting{prepare: down}, do: pass(20500 * time.Millisecond)},
		{name: "hangs", setting: setting{prepare: func(api *fakeapi.Server) { api.Hang() }}, do: pass(40500 * time.Millisecond)},
		{name: "expired", do: then(expired, 20500*time.Millisecond)},
		{name: "never-logged-in", setting: setting{prepare: expired}, do: pass(5500 * time.Millisecond)},
		{name: "throttled", do: then(throttle, 5500*time.Millisecond)},
		{name: "no-kubevirt", setting: setting{prepare: func(api *fakeapi.Server) { api.NoKubeVirt(true) }}},
		{name: "terminating", setting: setting{scope: &vm.Scope{Namespaces: []string{"team-b"}}}, do: then(func(api *fakeapi.Server) { api.Put(fakeapi.Namespace("team-b", "Terminating")) }, time.Second)},
		{name: "no-such-namespace", do: both(typing(":ns team-x"), press("enter"))},
		{name: "read-only", setting: setting{readOnly: "vmdeck was started with --read-only"}, do: press("x")},
		{name: "ascii", setting: setting{theme: theme.Options{ASCII: true}}, do: on1("build-runner-1", "space", "j", "x")},
		{name: "no-color", setting: setting{theme: theme.Options{NoColor: true}}, do: on("build-runner-1", "space", "j", "x")},
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
	goldens(t, []frame{
		{name: "list", setting: strange},
		{name: "stop", setting: strange, do: press("j", "j", "j", "x")},
		{name: "delete-hostile", setting: strange, do: press("g", "D")},
	})
}

func TestTooSmall(t *testing.T) {
	inWorld(t, setting{w: 39, h: 9}, func(w *world) {
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
	goldens(t, []frame{
		{name: "admin", setting: setting{user: &everything}},
		{name: "user", setting: setting{user: ptr(fakeapi.Persona("bob", rbac.RoleUser))}, do: on("build-runner-1")},
		{name: "service-account", setting: setting{user: ptr(fakeapi.Persona("system:serviceaccount:ops:vm-bot", rbac.RolePowerUser))}},
	})
}
