package help

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/ui/uitest"
)

// No word of the help is lost or broken at any width that has room for words.
func TestHelpIsBrokenAtWords(t *testing.T) {
	const said, off = "Stop the instance and start a new one, perhaps on another node", "the login is no longer accepted"
	m := New(theme.New(theme.Options{}), "Help", []Section{{Title: "Actions", Lines: []Line{{Key: "r", Title: "Restart", Text: said}, {Key: "x", Title: "Stop", Off: off}}}})
	for _, w := range []int{40, 60, 80, 200, 40} {
		frame := m.View(w, 40)
		uitest.Exact(t, frame, w, 40)
		text := strings.Join(strings.Fields(ansi.Strip(frame)), " ")
		if !strings.Contains(text, said) || !strings.Contains(text, "off: "+off) {
			t.Errorf("at %d columns it says %q", w, text)
		}
	}
	uitest.Exact(t, m.View(5, 3), 5, 3)
}
