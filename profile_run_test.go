package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/apply"
)

// A removal from a group that failed in the middle is carried on by running it again.
func TestGroupRemovalGoesOn(t *testing.T) {
	absent := fmt.Errorf("the profile p %w: there is nothing to remove", apply.ErrNotApplied)
	there := &apply.Plan{Layers: []apply.LayerPlan{{Title: "Pack", State: apply.Leaving, Steps: []apply.Step{{Verb: apply.Delete}}}}}
	target := func(name string, removes bool, p *apply.Plan, err error) profileTarget {
		return profileTarget{name: name, out: &bytes.Buffer{}, work: profileWork{removes: removes, plan: func() (*apply.Plan, error) { return p, err }}}
	}
	for name, tt := range map[string]struct {
		targets []profileTarget
		todo    []string
		says    string // of the error; empty: none
	}{
		"the first is done":     {[]profileTarget{target("east", true, nil, absent), target("west", true, there, nil)}, []string{"west"}, ""},
		"the last is done":      {[]profileTarget{target("east", true, there, nil), target("west", true, nil, absent)}, []string{"east"}, ""},
		"nowhere":               {[]profileTarget{target("east", true, nil, absent), target("west", true, nil, absent)}, nil, "east: the profile p is not on this cluster"},
		"nothing to go back to": {[]profileTarget{target("east", false, nil, absent), target("west", false, there, nil)}, nil, "east: the profile p is not on this cluster"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &profileRun{}
			r.group = "pair"
			todo, err := r.plan(tt.targets)
			if (err == nil) != (tt.says == "") || err != nil && (exitCode(err) != exitNoRun || !strings.Contains(err.Error(), tt.says)) {
				t.Errorf("error %v, want %q", err, tt.says)
			}
			var names []string
			for _, target := range todo {
				names = append(names, target.name)
			}
			if !slices.Equal(names, tt.todo) {
				t.Errorf("would be done on %v, want %v", names, tt.todo)
			}
		})
	}
}

// What is kept already is found before the first is kept, in a dry run too.
func TestProfilesThatAreKept(t *testing.T) {
	store := profile.FolderStore(filepath.Join(t.TempDir(), "profiles"))
	d := &profileDesk{Keeper: &profile.Keeper{Profiles: store}}
	kept := decoded(t, platformYAML(t, "p", "1.0.0"))
	if err := d.unknown(t.Context(), []profile.Profile{kept}); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Save(t.Context(), kept, ""); err != nil {
		t.Fatal(err)
	}
	err := d.unknown(t.Context(), []profile.Profile{decoded(t, platformYAML(t, "p", "1.1.0")), kept})
	if err == nil || !strings.Contains(err.Error(), "nothing was kept: p 1.0.0: there is a profile of that name and version already") || exitCode(err) != exitFailed {
		t.Errorf("%v", err)
	}
}

func decoded(t *testing.T, yaml string) profile.Profile {
	t.Helper()
	given, err := decodeProfiles([]byte(yaml), "test")
	if err != nil {
		t.Fatal(err)
	}
	return given[0]
}
