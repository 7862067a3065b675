package editor

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

var pressed = []string{
	"tab", "shift+tab", "up", "down", "left", "right", "space", "enter", "enter", "esc", "ctrl+s", "ctrl+s", "ctrl+t", "ctrl+g", "ctrl+r", "ctrl+n", "ctrl+u",
	"backspace", "home", "a", "e", "r", "y", "q", "?", ":", "/", "1", "pgdown", "G",
}

// TestRandomKeysOverALiveCluster presses whatever comes, over all three screens. The driver holds every frame to the size of the terminal.
func TestRandomKeysOverALiveCluster(t *testing.T) {
	drive.Check(t, func(tb testing.TB, r *rapid.T) {
		s := setting{ascii: rapid.Bool().Draw(r, "ascii"), bare: rapid.Bool().Draw(r, "bare"), prepare: existing}
		switch rapid.IntRange(0, 3).Draw(r, "open") {
		case 0:
			s.rule = deck.EditRule{Rule: bind("devs", rbac.RoleViewer, "team-a", rapid.StringMatching(`[~]?/?\^?[a-z(\[*]{0,6}/?`).Draw(r, "namespace")), Exists: true}
		case 1:
			s.group = "shared"
		case 2:
			s.readOnly = "read-only"
		}
		w := begin(tb, s)
		if rapid.Bool().Draw(r, "filled") {
			w.Pass(time.Second)
			w.fill()
		}
		typed := func() {
			w.Type(rapid.SampledFrom([]string{"alice", "sa:", "group:ops", "/^te(", "~/x/", "spectro-vm", "Ü", "/\x1b[2J/", "team-a"}).Draw(r, "text"))
		}
		for range rapid.IntRange(1, 18).Draw(r, "steps") {
			w.Random(r, pressed, typed, func() { randomChange(r, w.api) })
		}
	})
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
