package editor

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/uitest"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// noDeadline hides what may not be called in a bubble from rapid.
type noDeadline struct{ testing.TB }

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

var pressed = []string{
	"tab", "shift+tab", "up", "down", "left", "right", "space", "enter", "enter", "esc", "ctrl+s", "ctrl+s", "ctrl+t", "ctrl+g", "ctrl+r", "ctrl+n", "ctrl+u",
	"backspace", "home", "a", "e", "r", "y", "q", "?", ":", "/", "1", "pgdown", "G",
}

// TestRandomKeysOverALiveCluster presses whatever comes, over all three screens. The driver holds every frame to the size of the terminal.
func TestRandomKeysOverALiveCluster(t *testing.T) {
	drive.Bubble(t, func(t *testing.T) {
		rapid.Check(noDeadline{t}, func(r *rapid.T) {
			s := setting{ascii: rapid.Bool().Draw(r, "ascii"), bare: rapid.Bool().Draw(r, "bare"), prepare: existing}
			switch rapid.IntRange(0, 3).Draw(r, "open") {
			case 0:
				s.rule = deck.EditRule{Rule: bind("devs", rbac.RoleViewer, "team-a", rapid.StringMatching(`[~]?/?\^?[a-z(\[*]{0,6}/?`).Draw(r, "namespace")), Exists: true}
			case 1:
				s.group = "shared"
			case 2:
				s.readOnly = "read-only"
			}
			tb := &finisher{TB: t}
			defer tb.finish()
			w := begin(tb, s)
			if rapid.Bool().Draw(r, "filled") {
				w.Pass(time.Second)
				w.fill()
			}
			for range rapid.IntRange(1, 18).Draw(r, "steps") {
				randomStep(r, w)
			}
		})
	})
}

func randomStep(r *rapid.T, w *world) {
	switch rapid.IntRange(0, 12).Draw(r, "kind") {
	case 0:
		w.Resize(rapid.IntRange(1, 130).Draw(r, "w"), rapid.IntRange(1, 50).Draw(r, "h"))
	case 1:
		w.Send(tea.PasteMsg{Content: rapid.String().Draw(r, "paste")})
	case 2:
		w.Type(rapid.SampledFrom([]string{"alice", "sa:", "group:ops", "/^te(", "~/x/", "spectro-vm", "Ü", "/\x1b[2J/", "team-a"}).Draw(r, "text"))
	case 3:
		w.Pass(time.Duration(rapid.IntRange(0, 20000).Draw(r, "ms")) * time.Millisecond)
	case 4:
		randomChange(r, w.api)
	case 5:
		w.Send(tea.MouseClickMsg{X: rapid.IntRange(0, 130).Draw(r, "x"), Y: rapid.IntRange(0, 50).Draw(r, "y"), Button: tea.MouseLeft})
	default:
		w.Send(uitest.Key(rapid.SampledFrom(pressed).Draw(r, "key")))
	}
}

func randomChange(r *rapid.T, api *fakeapi.Server) {
	switch rapid.IntRange(0, 6).Draw(r, "change") {
	case 0:
		api.Put(fakeapi.Namespace(rapid.SampledFrom([]string{"team-a", "team-d"}).Draw(r, "name"), rapid.SampledFrom([]string{"Active", "Terminating"}).Draw(r, "phase")))
	case 1:
		api.Refuse("*", rapid.SampledFrom([]int{0, 401, 403, 429, 503}).Draw(r, "code"), 0)
	case 2:
		api.Down(rapid.Bool().Draw(r, "down"))
	case 3:
		api.Delete("clusterroles", "", rapid.SampledFrom([]string{rbac.RoleUser, rbac.RoleListNamespaces}).Draw(r, "role"))
	case 4:
		api.Put(fakeapi.Bound("team-a", "vmdeck-vm-user-alice", rbac.RoleViewer, alice))
	case 5:
		api.Login(rapid.SampledFrom([]string{"root", "bob"}).Draw(r, "user"))
	case 6:
		api.Put(fakeapi.Bound(rapid.SampledFrom([]string{"", "team-b"}).Draw(r, "namespace"), "od\x1b[31md", "ro\u202ele", rbac.SubjectOf(rapid.String().Draw(r, "subject"))))
	}
}

// An idle editor asks for no frames.
func TestNothingChangedMeansNoFrame(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		w.fill()
		w.page.Changed()
		w.page.Update(deck.Tick{Now: time.Now()})
		if w.page.Changed() {
			t.Error("a second in which nothing changed asks for a frame")
		}
		w.review()
		w.page.Changed()
		w.page.Update(deck.Tick{Now: time.Now()})
		if w.page.Changed() {
			t.Error("a review that stands asks for a frame")
		}
	})
}
