package wizard

import (
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

var pressed = []string{
	"a", "j", "k", "u", "m", "v", "d", "r", "o", "e", "i", "n", "y", "w", "g", "G", "R", "C", "?", "/", "x", "1", ".", ",", "-",
	"enter", "enter", "enter", "tab", "shift+tab", "space", "backspace", "delete", "up", "down", "left", "right", "home", "end", "pgup", "pgdown", "esc",
	"ctrl+n", "ctrl+n", "ctrl+n", "ctrl+p", "ctrl+o", "ctrl+s", "ctrl+r", "ctrl+t", "ctrl+u", "ctrl+y", "ctrl+x", "ctrl+g", "alt+enter",
}

// TestRandomKeysInTheWizard presses whatever comes, in the middle of the wizard and at its gate. The driver holds every frame to the size
// of the terminal.
func TestRandomKeysInTheWizard(t *testing.T) {
	begins := [][]string{nil, toPacks, toConfigure, toReview}
	drive.Check(t, func(tb testing.TB, r *rapid.T) {
		s := setting{
			ascii: rapid.Bool().Draw(r, "ascii"), cluster: rapid.Bool().Draw(r, "cluster"), drafts: filepath.Join(tb.TempDir(), "drafts"),
			as: rapid.SampledFrom([]string{"root", "root", "alice"}).Draw(r, "as"),
		}
		if rapid.Bool().Draw(r, "installed") {
			s.prepare = served
		}
		if rapid.Bool().Draw(r, "from") {
			s.ask = deck.NewProfile{From: &profile.Profile{Name: "vms", Version: "1.0.0", Type: profile.TypeAddOn, Packs: []profile.PackRef{
				{Registry: rapid.SampledFrom([]string{"Public Repo", "away"}).Draw(r, "registry"), Name: "spectro-proxy", Version: "1.0.0"}}}}
		}
		w := begin(tb, s)
		w.Pass(time.Second)
		w.press(rapid.SampledFrom(begins).Draw(r, "begin")...)
		for range rapid.IntRange(1, 25).Draw(r, "steps") {
			w.Random(r, pressed, func() { w.api.Put(fakeapi.Defined(definition)) })
		}
	})
}

// The keys that random input presses have to be those that there are.
func TestRandomKeysKnowEveryKey(t *testing.T) {
	known := map[string]bool{}
	for _, k := range pressed {
		known[k] = true
	}
	for _, b := range append(append(append(append(stepBindings(), packsBindings()...), reviewBindings()...), finishBindings()...), gateBindings()...) {
		if !known[b.Keys[0]] {
			t.Errorf("%s is pressed by nobody", b.Keys[0])
		}
	}
}
