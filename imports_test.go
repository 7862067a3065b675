package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// layers may import only what stands behind them (ARCHITECTURE.md): main → views → {ui, kube} → {rbac, config}.
var layers = map[string][]string{
	"config": {},
	"rbac":   {},
	"ui":     {"ui"},
	"kube":   {"kube", "rbac", "config"},
	"views":  {"views", "ui", "kube", "rbac", "config"},
}

func TestImportsPointOneWay(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || path != "." && strings.HasPrefix(d.Name(), ".")) {
			return filepath.SkipDir
		}
		layer, _, below := strings.Cut(filepath.ToSlash(path), "/")
		if !below || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		allowed, known := layers[layer]
		if !known {
			t.Errorf("%s: %s is no layer of the architecture", path, layer)
			return nil
		}
		seen[layer] = true
		for _, imported := range ownImports(t, path) {
			if target, _, _ := strings.Cut(imported, "/"); !contains(allowed, target) && target != layer {
				t.Errorf("%s imports %s: %s may import only %v", path, imported, layer, allowed)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for layer := range layers {
		if !seen[layer] {
			t.Errorf("no package of layer %s was found", layer)
		}
	}
}

// ownImports lists the packages of this module that a file imports, relative to the module.
func ownImports(t *testing.T, path string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var own []string
	for _, spec := range file.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if rest, ok := strings.CutPrefix(name, "vmdeck.dev/vmdeck/"); ok {
			own = append(own, rest)
		}
	}
	return own
}

func contains(list []string, want string) bool {
	for _, have := range list {
		if have == want {
			return true
		}
	}
	return false
}
