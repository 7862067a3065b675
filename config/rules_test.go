package config

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestRulesAndGroups(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("HOME", "/home/ann")
	path := filepath.Join(dir, "config.yaml")
	text := "rules: rules\ncontexts:\n  own: {rules: /etc/rules}\n  home: {rules: ~/rules}\n  plain: {readOnly: true}\nclusterGroups:\n  b: [own, home]\n  a: [own]\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	for context, want := range map[string]string{"own": "/etc/rules", "home": "/home/ann/rules", "plain": filepath.Join(dir, "rules"), "other": filepath.Join(dir, "rules")} {
		if got := f.RulesOf(context); got != want {
			t.Errorf("rules of %s are in %q, want %q", context, got, want)
		}
	}
	if own, none := f.GroupsOf("own"), f.GroupsOf("plain"); !slices.Equal(own, []string{"a", "b"}) || none != nil {
		t.Errorf("groups %q, %q", own, none)
	}
	if got := (File{}).RulesOf("x"); got != "" {
		t.Errorf("without a setting %q", got)
	}
}
