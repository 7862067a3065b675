package rights

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

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
	drive.Check(t, func(tb testing.TB, r *rapid.T) {
		page, keys := matrix, notEnter
		if rapid.Bool().Draw(r, "who-can") {
			page = whoCan("start", rapid.SampledFrom([]string{"", "team-a", "nowhere"}).Draw(r, "namespace"))
			keys = pressed
		}
		s := setting{page: page, ascii: rapid.Bool().Draw(r, "ascii"), as: rapid.SampledFrom([]string{"root", "bob"}).Draw(r, "as"), prepare: func(api *fakeapi.Server) {
			customRoles(api)
			api.Put(fakeapi.ClusterRole(hostile, rule("*", "*", "*")), fakeapi.Bound("team-a", hostile, hostile, user(hostile)))
		}}
		w := begin(tb, s)
		put := func() {
			w.api.Put(fakeapi.ClusterRole(rapid.SampledFrom([]string{rbac.RoleUser, "edit", hostile}).Draw(r, "role"), rule("list", rbac.GroupKubeVirt, "*")))
		}
		remove := func() {
			w.api.Delete("clusterroles", "", rapid.SampledFrom([]string{rbac.RoleUser, "edit", "cluster-admin", hostile}).Draw(r, "role"))
		}
		for range rapid.IntRange(1, 25).Draw(r, "steps") {
			w.Random(r, keys, put, remove)
		}
	})
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
