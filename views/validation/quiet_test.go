package validation

import (
	"testing"
	"time"

	"vmdeck.dev/vmdeck/views/deck"
)

// Over a slow line, a page that stands still sends nothing.
func TestNothingChangedMeansNoFrame(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		after := func(d time.Duration) bool {
			w.page.Changed()
			w.page.Update(deck.Tick{Now: w.page.now.Add(d)})
			return w.page.Changed()
		}
		after(0)
		if after(time.Second) {
			t.Error("a second in which nothing changed asks for a frame")
		}
		if !after(20 * time.Second) {
			t.Error("the results are older now, and no frame says so")
		}
	})
}
