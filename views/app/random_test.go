package app

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

var pressed = []string{
	"j", "k", "g", "G", "space", "V", "ctrl+a", "ctrl+d", "pgup", "left", "right", "enter", "esc", "tab", "up", "down", "backspace", "home",
	"s", "S", "x", "X", "r", "p", "u", "b", "B", "m", "M", "c", "D", "a", "o", "O", "n", "y", "C", "R", "/", ":", "?", "w", "t", "1", "2", "3", "4", "ctrl+l", "ctrl+u",
}

// TestRandomKeysOverALiveCluster presses whatever comes while the cluster does what it likes. The driver holds every frame to the
// size of the terminal.
func TestRandomKeysOverALiveCluster(t *testing.T) {
	drive.Check(t, func(tb testing.TB, r *rapid.T) {
		user := rapid.SampledFrom([]fakeapi.User{powerUser(), *viewer(), *inTeamA(), fakeapi.Nobody()}).Draw(r, "user")
		w := begin(tb, setting{user: &user, target: targetIn("team-a"), prepare: odd, theme: theme.Options{ASCII: rapid.Bool().Draw(r, "ascii")}})
		typed := func() {
			w.Type(rapid.SampledFrom([]string{"status:run", "node:x", "staus:", "18", "db-replica", "\"", "!is:problem", "team-a"}).Draw(r, "text"))
		}
		change := func() { randomChange(r, w.api) }
		for range rapid.IntRange(1, 40).Draw(r, "steps") {
			w.Random(r, pressed, typed, change, change)
		}
	})
}

func randomChange(r *rapid.T, api *fakeapi.Server) {
	name := rapid.SampledFrom([]string{"db-replica", "build-runner-1", "new-1", "new-2"}).Draw(r, "name")
	switch rapid.IntRange(0, 9).Draw(r, "change") {
	case 0, 1:
		api.Put(fakeapi.Machine("team-a", name, rapid.SampledFrom([]string{"Running", "Stopped", "Migrating", hostile, ""}).Draw(r, "status")))
	case 2:
		api.Put(fakeapi.Instance("team-a", name, rapid.String().Draw(r, "node")))
	case 3:
		api.Delete("virtualmachines", "team-a", name)
	case 4:
		api.Delete("virtualmachineinstances", "team-a", name)
	case 5:
		if o := api.Get("virtualmachines", "team-a", name); o != nil {
			api.Replace(o)
		}
	case 6:
		api.Down(rapid.Bool().Draw(r, "down"))
	case 7:
		api.Refuse("*", rapid.SampledFrom([]int{0, 401, 403, 429, 503}).Draw(r, "code"), 0)
	case 8:
		api.NoKubeVirt(rapid.Bool().Draw(r, "absent"))
	case 9:
		api.Put(fakeapi.Namespace("team-a", rapid.SampledFrom([]string{"Active", "Terminating"}).Draw(r, "phase")))
	}
}

// The keys that random input presses have to be those that there are.
func TestRandomKeysKnowEveryAction(t *testing.T) {
	all := " " + strings.Join(pressed, " ") + " "
	inWorld(t, setting{}, func(w *world) {
		for _, h := range w.app.list.Hints() {
			if key := h.Key; !strings.Contains(all, " "+key+" ") {
				w.T.Errorf("%s (%s) is pressed by nobody", key, h.Label)
			}
		}
	})
}
