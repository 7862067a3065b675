package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRead(t *testing.T) {
	f, err := Read(write(t, `
readOnly: true
theme: plain
mouse: false
framesPerSecond: 30
contexts:
  prod:
    readOnly: true
    namespaces: [team-a, team-b]
    proxyURL: https://proxy.example.com:443
    server: https://api.example.com:6443
clusterGroups:
  europe: [prod, stage]
`))
	if err != nil {
		t.Fatal(err)
	}
	prod := f.Contexts["prod"]
	if !f.ReadOnly || f.Theme != "plain" || f.Mouse == nil || *f.Mouse || f.FramesPerSecond != 30 || !prod.ReadOnly || len(prod.Namespaces) != 2 ||
		prod.ProxyURL == "" || prod.Server == "" || len(f.ClusterGroups["europe"]) != 2 {
		t.Errorf("%+v", f)
	}
}

func TestReadWithoutAFile(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none.yaml")
	if _, err := Read(missing); err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("a file that was named: %v", err)
	}
	if f, err := Read(write(t, "")); err != nil || f.Theme != "" || f.Mouse != nil {
		t.Errorf("an empty file: %+v %v", f, err)
	}
}

func TestReadFaults(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		says []string
	}{
		"unknown key":           {"theme: plain\nreadonly2: true\n", []string{`line 2: there is no key "readonly2".`, "Did you mean readOnly?", "Known here are readOnly, theme,"}},
		"unknown key elsewhere": {"frobnicate: 1\n", []string{`line 1: there is no key "frobnicate". Known here`}},
		"unknown in a context":  {"contexts:\n  prod:\n    namespace: [a]\n", []string{`line 3: there is no key "namespace".`, "Did you mean namespaces?", "Known here are readOnly, namespaces, proxyURL, server, tlsServerName, rules, profiles."}},
		"same key twice":        {"theme: plain\ntheme: plain\n", []string{"line 2", "already set"}},
		"not YAML":              {"contexts: [\n", []string{"line 1"}},
		"wrong type":            {"framesPerSecond: fast\n", []string{"framesPerSecond must be a number, not text"}},
		"wrong type below":      {"contexts:\n  prod:\n    namespaces: a\n", []string{"contexts.namespaces must be a list of names, not text"}},
		"not a map":             {"- a\n", []string{"the file must be a map, not a list"}},
		"context is no map":     {"contexts:\n  prod: 1\n", []string{"contexts must be a map, not a number"}},
		"out of range":          {"framesPerSecond: 500\n", []string{"from 1 to 120"}},
		"unknown theme":         {"theme: neon\n", []string{`theme "neon"`, "default and plain"}},
		"empty group":           {"clusterGroups:\n  europe: []\n", []string{"clusterGroups.europe"}},
		"a context twice":       {"clusterGroups:\n  europe: [prod, stage, prod]\n", []string{"clusterGroups.europe lists the context prod twice"}},
		"no proxy address":      {"contexts:\n  prod:\n    proxyURL: proxy:443\n", []string{"contexts.prod.proxyURL", `"proxy:443"`}},
		"no server address":     {"contexts:\n  prod:\n    server: ftp://x\n", []string{"contexts.prod.server", `"ftp://x"`}},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, tt.text)
			_, err := Read(path)
			if err == nil {
				t.Fatal("accepted")
			}
			text := err.Error()
			for _, want := range append(tt.says, path) {
				if !strings.Contains(text, want) {
					t.Errorf("%q does not say %q", text, want)
				}
			}
			for _, jargon := range []string{"json:", "JSON", "unmarshal", "Go ", " yaml:", "\n"} {
				if strings.Contains(text, jargon) {
					t.Errorf("%q has %q in it", text, jargon)
				}
			}
		})
	}
}

func TestFaultsKeepPasswordsOff(t *testing.T) {
	for _, address := range []string{"ftp://me:hunter2@proxy", "me:hunter2@proxy", "https://me:hunter2@pro xy"} {
		_, err := Read(write(t, "contexts:\n  prod:\n    proxyURL: \""+address+"\"\n"))
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"prod-eu", "prod-us", "kind-demo"}
	for typed, want := range map[string]string{"prod-e": "prod-eu", "PROD-US": "prod-us", "kind-dmo": "kind-demo", "nothing": "", "": ""} {
		if got := nearest(typed, names); got != want {
			t.Errorf("nearest(%q) = %q, want %q", typed, got, want)
		}
	}
}
