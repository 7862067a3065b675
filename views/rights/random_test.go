package rights

import (
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/uitest"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// noDeadline hides what may not be called in a bubble from rapid.
type noDeadline struct{ testing.TB }

// finisher runs the cleanups of one round, as rapid has many rounds in a test.
type finisher struct {
	testing.TB
	cleanups []func()
}

func (f *finisher) Cleanup(fn func()) { f.cleanups = append([]func(){fn}, f.cleanups...) }

func (f *finisher) finish() {
	for _, fn := range f.cleanups {
		fn()
	}
}

var pressed = []string{
	"j", "k", "h", "l", "g", "G", "0", "$", "left", "right", "up", "down", "home", "end", "ctrl+d", "ctrl+u", "pgup", "pgdown", "space", "tab", "enter", "esc",
	"a", "n", "v", "/", "o", "O", "y", "t", "u", "w", "I", "R", "?", ":", "b", "o", "backspace",
}

// notEnter is for the matrix, where enter colours YAML: what limits the time for that runs on in a bubble for as long as this test.
var notEnter = slices.DeleteFunc(slices.Clone(pressed), func(key string) bool { return key == "enter" })

// hostile is a name that would act on a terminal.
const hostile = "x\x1b[2J\u202e名前\tlong-long-long-long-long-long-name"

// TestRandomKeysOnTheViewsOfRights presses whatever comes while roles come and go. The driver holds every frame to the size of the
// terminal.
func TestRandomKeysOnTheViewsOfRights(t *testing.T) {
	drive.Bubble(t, func(t *testing.T) {
		rapid.Check(noDeadline{t}, func(r *rapid.T) {
			page, keys := matrix, notEnter
			if rapid.Bool().Draw(r, "who-can") {
				page = whoCan("start", rapid.SampledFrom([]string{"", "team-a", "nowhere"}).Draw(r, "namespace"))
				keys = pressed
			}
			s := setting{page: page, ascii: rapid.Bool().Draw(r, "ascii"), as: rapid.SampledFrom([]string{"root", "bob"}).Draw(r, "as"), prepare: func(api *fakeapi.Server) {
				customRoles(api)
				api.Put(fakeapi.ClusterRole(hostile, rule("*", "*", "*")), fakeapi.Bound("team-a", hostile, hostile, user(hostile)))
			}}
			tb := &finisher{TB: t}
			defer tb.finish()
			w := begin(tb, s)
			for range rapid.IntRange(1, 25).Draw(r, "steps") {
				randomStep(r, w, keys)
			}
		})
	})
}

func randomStep(r *rapid.T, w *world, keys []string) {
	switch rapid.IntRange(0, 9).Draw(r, "kind") {
	case 0:
		w.Resize(rapid.IntRange(1, 130).Draw(r, "w"), rapid.IntRange(1, 50).Draw(r, "h"))
	case 1:
		w.Send(tea.MouseClickMsg{X: rapid.IntRange(0, 130).Draw(r, "x"), Y: rapid.IntRange(0, 50).Draw(r, "y"), Button: tea.MouseLeft})
	case 2:
		w.Send(tea.PasteMsg{Content: rapid.String().Draw(r, "paste")})
	case 3:
		w.api.Put(fakeapi.ClusterRole(rapid.SampledFrom([]string{rbac.RoleUser, "edit", hostile}).Draw(r, "role"), rule("list", rbac.GroupKubeVirt, "*")))
	case 4:
		w.api.Delete("clusterroles", "", rapid.SampledFrom([]string{rbac.RoleUser, "edit", "cluster-admin", hostile}).Draw(r, "role"))
	case 5:
		w.Pass(time.Duration(rapid.IntRange(0, 40000).Draw(r, "ms")) * time.Millisecond)
	default:
		w.Send(uitest.Key(rapid.SampledFrom(keys).Draw(r, "key")))
	}
}

// The keys that random input presses have to be those that there are.
func TestRandomKeysKnowEveryKey(t *testing.T) {
	all := " " + strings.Join(pressed, " ") + " "
	for _, b := range append(rolesBindings(), append(whoCanBindings(), movingBindings()...)...) {
		if !strings.Contains(all, " "+b.Keys[0]+" ") {
			t.Errorf("%s is pressed by nobody", b.Keys[0])
		}
	}
}
