package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestA3Registries(t *testing.T) {
	dir := t.TempDir()
	file := RegistriesBeside(filepath.Join(dir, "config.yaml"))
	if all, err := file.Read(); err != nil || len(all) > 0 {
		t.Errorf("without a file: %v %v", all, err)
	}
	ours := Registry{Name: "ours", Kind: "oci", URL: "oci://registry.example.com/packs", Packs: []string{"x"}}
	here := Registry{Name: "here", Kind: "folder", URL: filepath.Join(dir, "packs")}
	for _, r := range []Registry{ours, here} {
		if err := file.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := file.Add(here); err == nil || !strings.Contains(err.Error(), `"here" already`) {
		t.Errorf("added twice: %v", err)
	}
	if all, err := file.Read(); err != nil || !reflect.DeepEqual(all, []Registry{ours, here}) {
		t.Errorf("%+v %v", all, err)
	}
	if info, err := os.Stat(file.Path()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	if found, err := file.Remove("theirs"); found || err != nil {
		t.Errorf("%v %v", found, err)
	}
	if found, err := file.Remove("ours"); !found || err != nil {
		t.Errorf("%v %v", found, err)
	}
	if all, err := file.Read(); err != nil || !reflect.DeepEqual(all, []Registry{here}) {
		t.Errorf("%+v %v", all, err)
	}
}

func TestRegistriesFaults(t *testing.T) {
	file := RegistriesBeside(filepath.Join(t.TempDir(), "config.yaml"))
	for text, want := range map[string]string{
		"registries: [{name: a, login: x}]":       `unknown field "login"`,
		"registries: [{name: a}, {name: a}]":      `"a" stands there twice`,
		"registries: [{kind: oci, url: oci://x}]": "registry 1 has no name",
		"registries: {a: b}":                      "registries must be a list of registries, not a map",
	} {
		if err := os.WriteFile(file.Path(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := file.Read(); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), file.Path()) {
			t.Errorf("%s: %v", text, err)
		}
		if err := file.Add(Registry{Name: "b"}); err == nil {
			t.Errorf("%s: what cannot be read was overwritten", text)
		}
	}
	text := "registries: [{name: a, kind: folder, url: packs, caFile: ca.pem}]"
	if err := os.WriteFile(file.Path(), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Dir(file.Path())
	if all, err := file.Read(); err != nil || all[0].URL != filepath.Join(folder, "packs") || all[0].CAFile != filepath.Join(folder, "ca.pem") {
		t.Errorf("%+v %v", all, err)
	}
}
