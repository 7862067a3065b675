package templates

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

var pressed = []string{
	"j", "k", "g", "G", "up", "down", "left", "right", "home", "end", "pgup", "pgdown", "ctrl+home", "ctrl+end", "space", "tab", "shift+tab", "enter", "enter", "esc",
	"L", "n", "+", "e", "D", "/", "o", "O", "y", "p", "R", "?", ":", "a", "1", "x", "backspace", "ctrl+s", "ctrl+t", "ctrl+y", "ctrl+z", "ctrl+u", "ctrl+k", "ctrl+n",
}

// TestRandomKeysOverALiveCatalogue presses whatever comes, on the catalogue and on the form, while templates, VMs and rights come and go.
// The driver holds every frame to the size of the terminal.
func TestRandomKeysOverALiveCatalogue(t *testing.T) {
	drive.Check(t, func(tb testing.TB, r *rapid.T) {
		s := setting{ascii: rapid.Bool().Draw(r, "ascii"), bare: rapid.Bool().Draw(r, "bare"), prepare: hostile}
		s.user = rapid.SampledFrom([]*fakeapi.User{nil, powerUser(), plainUser(), nobody(), namespaceOnly()}).Draw(r, "user")
		switch rapid.IntRange(0, 2).Draw(r, "page") {
		case 1:
			s.launch = &deck.Launch{Template: rapid.SampledFrom([]string{"", "cirros", "db-large", "gone", drive.Hostile}).Draw(r, "template")}
		case 2:
			s.readOnly = "read-only"
		}
		w := begin(tb, s)
		if rapid.Bool().Draw(r, "read") {
			w.Pass(time.Second)
		}
		put := func() { w.api.Put(fakeapi.Defined(kind), fakeapi.Template("cirros", "CirrOS", drive.Hostile)) }
		remove := func() { w.api.Delete("vmtemplates", "", "cirros") }
		uninstall := func() { w.api.Delete("customresourcedefinitions", "", kind) }
		demote := func() { w.api.Become(fakeapi.Nobody()) }
		for range rapid.IntRange(1, 25).Draw(r, "steps") {
			w.Random(r, pressed, put, remove, uninstall, demote)
		}
	})
}

// The keys that random input presses have to be those that there are.
func TestRandomKeysKnowEveryKey(t *testing.T) {
	all := " " + strings.Join(pressed, " ") + " "
	for _, b := range append(append(Bindings(), formBindings()...), append(yamlBindings(), runBindings()...)...) {
		if !strings.Contains(all, " "+b.Keys[0]+" ") {
			t.Errorf("%s is pressed by nobody", b.Keys[0])
		}
	}
}
