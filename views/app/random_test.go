package app

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/ui/uitest"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// noDeadline hides what may not be called in a bubble from rapid.
type noDeadline struct{ testing.TB }

var pressed = []string{
	"j", "k", "g", "G", "space", "V", "ctrl+a", "ctrl+d", "pgup", "left", "right", "enter", "esc", "tab", "up", "down", "backspace", "home",
	"s", "S", "x", "X", "r", "p", "u", "b", "B", "m", "M", "c", "D", "a", "o", "O", "n", "y", "C", "R", "/", ":", "?", "w", "t", "1", "3", "ctrl+l", "ctrl+u",
}

// TestRandomKeysOverALiveCluster presses whatever comes while the cluster does what it likes. The driver holds every frame to the
// size of the terminal.
func TestRandomKeysOverALiveCluster(t *testing.T) {
	drive.Bubble(t, func(t *testing.T) {
		rapid.Check(noDeadline{t}, func(r *rapid.T) {
			user := rapid.SampledFrom([]fakeapi.User{powerUser(), *viewer(), *inTeamA(), fakeapi.Nobody()}).Draw(r, "user")
			s := setting{user: &user, target: targetIn("team-a"), prepare: odd, theme: theme.Options{ASCII: rapid.Bool().Draw(r, "ascii")}}
			tb := &finisher{TB: t}
			defer tb.finish()
			w := begin(tb, s)
			for range rapid.IntRange(1, 40).Draw(r, "steps") {
				randomStep(r, w)
			}
		})
	})
}

func randomStep(r *rapid.T, w *world) {
	switch rapid.IntRange(0, 11).Draw(r, "kind") {
	case 0:
		w.Resize(rapid.IntRange(1, 130).Draw(r, "w"), rapid.IntRange(1, 50).Draw(r, "h"))
	case 1:
		w.Send(tea.MouseClickMsg{X: rapid.IntRange(0, 130).Draw(r, "x"), Y: rapid.IntRange(0, 50).Draw(r, "y"), Button: tea.MouseLeft})
	case 2:
		w.Send(tea.PasteMsg{Content: rapid.String().Draw(r, "paste")})
	case 3:
		w.Type(rapid.SampledFrom([]string{"status:run", "node:x", "staus:", "18", "db-replica", "\"", "!is:problem", "team-a"}).Draw(r, "text"))
	case 4, 5:
		randomChange(r, w.api)
	case 6:
		w.Pass(time.Duration(rapid.IntRange(0, 20000).Draw(r, "ms")) * time.Millisecond)
	default:
		w.Send(uitest.Key(rapid.SampledFrom(pressed).Draw(r, "key")))
	}
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

// finisher lets what a check has begun end with it, so that the next one finds the bubble empty.
type finisher struct {
	testing.TB
	cleanups []func()
}

func (f *finisher) Cleanup(fn func()) { f.cleanups = append(f.cleanups, fn) }

func (f *finisher) finish() {
	for _, fn := range f.cleanups {
		fn()
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
