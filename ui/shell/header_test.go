package shell

import (
	"strings"
	"testing"

	"vmdeck.dev/vmdeck/ui/uitest"
)

// The halves of the header never touch, at whatever width.
func TestHeaderKeepsAGap(t *testing.T) {
	for w := MinWidth; w < 120; w++ {
		m := sample(nil)
		d := uitest.New(t, m, w, 12)
		first, _, _ := strings.Cut(d.Plain(), "\n")
		for _, right := range []string{"ns team-a", "● live"} {
			if i := strings.Index(first, right); i >= 0 && !strings.HasSuffix(first[:i], "  ") {
				t.Errorf("at %d columns: %q", w, first)
			}
		}
	}
}
