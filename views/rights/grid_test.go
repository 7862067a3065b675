package rights

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/ui/text"
)

// However a role's name is broken, its lines read as the name, and each fits.
func TestNamesOfRolesAreBrokenInOrder(t *testing.T) {
	if got, want := parts("kubevirt-synchronization-controller", widestPart), []string{"kubevirt-", "synchronizat", "ion-", "controller"}; !slices.Equal(got, want) {
		t.Errorf("lines %q, want %q", got, want)
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-z日]{1,30}([-:./_][a-z日]{1,30}){0,4}`).Draw(t, "name")
		lines := parts(name, widestPart)
		if strings.Join(lines, "") != name || slices.ContainsFunc(lines, func(l string) bool { return text.Width(l) > widestPart }) {
			t.Fatalf("%q is broken into %q", name, lines)
		}
	})
}
