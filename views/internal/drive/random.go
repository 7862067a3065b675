package drive

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/uitest"
)

// Hostile is a text that would act on a terminal and is too long for every place.
var Hostile = "\x1b]0;owned\a\x1b[2J" + strings.Repeat("very-long-", 30) + "\u202e宽\u0301"

// Check runs rounds of a random test in a bubble. What a round begins with tb ends with that round.
func Check(t *testing.T, round func(tb testing.TB, r *rapid.T)) {
	t.Helper()
	Bubble(t, func(t *testing.T) {
		rapid.Check(noDeadline{t}, func(r *rapid.T) {
			f := &finisher{TB: t}
			defer f.finish()
			round(f, r)
		})
	})
}

// noDeadline hides what may not be called in a bubble from rapid.
type noDeadline struct{ testing.TB }

// finisher lets what a round has begun end with it, so that the next one finds the bubble empty.
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

// Random lets one thing happen that nobody expects: half the time one of the keys, else a click, a paste, another size, time that
// passes, or one of the others. The driver holds every frame to the size of the terminal.
func (d *Driver) Random(r *rapid.T, keys []string, others ...func()) {
	d.T.Helper()
	switch kind := rapid.IntRange(0, 7+2*len(others)).Draw(r, "kind"); {
	case kind == 0:
		d.Resize(rapid.IntRange(1, 130).Draw(r, "w"), rapid.IntRange(1, 50).Draw(r, "h"))
	case kind == 1:
		d.Send(tea.MouseClickMsg{X: rapid.IntRange(0, 130).Draw(r, "x"), Y: rapid.IntRange(0, 50).Draw(r, "y"), Button: tea.MouseLeft})
	case kind == 2:
		d.Send(tea.PasteMsg{Content: rapid.String().Draw(r, "paste")})
	case kind == 3:
		d.Pass(time.Duration(rapid.IntRange(0, 40000).Draw(r, "ms")) * time.Millisecond)
	case kind < 4+len(others):
		others[kind-4]()
	default:
		d.Send(uitest.Key(rapid.SampledFrom(keys).Draw(r, "key")))
	}
}

// Poke is Random for a page that has no program around it: one of the keys, a click, or a paste of one of the texts.
func Poke(r *rapid.T, page shell.Page, keys []string, pastes ...string) {
	switch rapid.IntRange(0, 7).Draw(r, "poke") {
	case 0:
		page.Update(tea.MouseClickMsg{X: rapid.IntRange(0, 100).Draw(r, "x"), Y: rapid.IntRange(0, 30).Draw(r, "y"), Button: tea.MouseLeft})
	case 1:
		page.Update(tea.PasteMsg{Content: rapid.SampledFrom(append(pastes, Hostile)).Draw(r, "paste")})
	default:
		page.Update(uitest.Key(rapid.SampledFrom(keys).Draw(r, "key")))
	}
}

// Draw draws a page in some size, which the frame must have exactly, with all that the shell asks of a page.
func Draw(r *rapid.T, page shell.Page) {
	r.Helper()
	w, h := rapid.IntRange(1, 140).Draw(r, "w"), rapid.IntRange(1, 45).Draw(r, "h")
	uitest.Exact(r, page.View(w, h), w, h)
	page.Hints()
	page.Help()
	page.Commands()
}
