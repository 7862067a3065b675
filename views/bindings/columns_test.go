package bindings

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// TestNamesThatAreWhole: subjects always, roles where there is room for them; the names of bindings are the first to be cut.
func TestNamesThatAreWhole(t *testing.T) {
	subject, robot, role := "oidc:platform-team-1", account("ci-pipelines", "builder"), rbac.RoleListVMTemplates // 20, 20 and 24 characters
	for w, whole := range map[int]map[string]bool{
		80:  {subject: true, "ci-pipelines/builder": true, "everywhere": true, role: false},
		100: {subject: true, "ci-pipelines/builder": true, "everywhere": true, role: true, "list VM templates": true},
		120: {subject: true, "ci-pipelines/builder": true, "everywhere": true, role: true, "list VM templates": true, "a-binding-with-": false},
	} {
		for _, key := range []string{"", "tab"} {
			s := setting{Size: drive.Size{W: w, H: 30}, bare: true, prepare: func(api *fakeapi.Server) {
				api.Put(fakeapi.Catalogue()...)
				api.Put(fakeapi.Bound("", "a-binding-with-a-rather-long-name", role, group(subject), robot))
			}}
			inWorld(t, s, func(w *world) {
				if key != "" {
					w.Keys(key)
				}
				w.Pass(time.Second)
				for name, want := range whole {
					if got := strings.Contains(w.Plain(), name); got != want {
						t.Errorf("%s: %q is whole: %v\n%s", fmt.Sprint(w.W, key), name, got, w.Plain())
					}
				}
			})
		}
	}
}
