package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/pack"
)

// TestProfileEditor: what the editor leaves is checked again; what cannot be used is shown to the user above the text, and kept.
func TestProfileEditor(t *testing.T) {
	t.Setenv("VISUAL", "")
	t.Setenv("TMPDIR", t.TempDir())
	store := profile.FolderStore(t.TempDir())
	given, err := decodeProfiles([]byte(platformYAML(t, "p", "1.0.0")), "it")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Save(t.Context(), given[0], ""); err != nil {
		t.Fatal(err)
	}
	desk := &profileDesk{Keeper: &profile.Keeper{Profiles: store}, registries: profile.Registries{pack.Public()}}
	edit := func(script, answers string) error {
		t.Helper()
		editor := filepath.Join(t.TempDir(), "editor")
		if err := os.WriteFile(editor, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
			t.Fatal(err)
		}
		t.Setenv("EDITOR", editor)
		c := &profileChange{bindingsChange: bindingsChange{out: io.Discard, ask: console{in: strings.NewReader(answers), out: io.Discard, terminal: true}}}
		e, err := c.begin(t.Context(), desk, "p", "")
		if err != nil {
			t.Fatal(err)
		}
		return e.open(t.Context())
	}
	description := func() string {
		all, err := desk.list(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s, _ := profile.Find(all, "p", "")
		return s.Value.Description
	}
	const breakIt, mendIt = `sed -i 's/server: .*/server: ""/' "$1"`, `sed -i 's/server: .*/server: p.example.com/; s/description: .*/description: mended/' "$1"`
	if err := edit("true", ""); err != nil {
		t.Errorf("nothing changed: %v", err)
	}
	if err := edit(`sed -i 's/description: .*/description: for all/' "$1"`, ""); err != nil || description() != "for all" {
		t.Errorf("%q %v", description(), err)
	}
	err = edit(breakIt, "n\n")
	if err == nil || !strings.Contains(err.Error(), "needs a value for Proxy server") || exitCode(err) != exitNoRun {
		t.Fatal(err)
	}
	_, path, _ := strings.Cut(err.Error(), "What you wrote is in ")
	if text, err := os.ReadFile(path); err != nil || !strings.Contains(string(text), `server: ""`) {
		t.Errorf("%s %v", text, err)
	}
	err = edit(`if grep -q '^# the profile p 1.0.0 was not changed: .*Proxy server' "$1"; then `+mendIt+"; else "+breakIt+"; fi", "y\n")
	if err != nil || description() != "mended" {
		t.Errorf("%q %v", description(), err)
	}
}
