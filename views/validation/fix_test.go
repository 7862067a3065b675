package validation

import (
	"reflect"
	"testing"

	"vmdeck.dev/vmdeck/kube/check"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/views/deck"
)

// Every screen that a check names is opened, and said before.
func TestFixesOpenScreens(t *testing.T) {
	ref := profile.Ref{Name: "vm-platform", Version: "1.0.0"}
	p := profile.Profile{Name: ref.Name, Version: ref.Version}
	for _, tt := range []struct {
		open check.Target
		want any
	}{
		{check.InstallRoles{}, deck.ShowRoles{}},
		{check.EditRule{Version: "7"}, deck.EditRule{Version: "7"}},
		{check.ShowBindings{Query: "sa:ci/bot"}, deck.ShowBindings{Query: `"sa:ci/bot"`}},
		{check.ShowProfiles{Ref: ref}, deck.ShowProfiles{Ref: ref}},
		{check.ApplyProfile{Profile: p}, deck.Apply{Profile: p}},
		{check.NewProfile{}, deck.NewProfile{}},
		{check.ShowRegistries{}, deck.ShowRegistries{}},
	} {
		fix := check.Fix{Open: tt.open}
		if have := (&Page{}).fix(fix)(); !reflect.DeepEqual(have, tt.want) {
			t.Errorf("%T opens %#v", tt.open, have)
		}
		if opens(fix) == "" {
			t.Errorf("%T: nothing is said", tt.open)
		}
	}
}
