package ui

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestKnowsNothingOfKubernetes holds the direction of imports: what is here can be read, tested and reused without
// knowing what the rows are.
func TestKnowsNothingOfKubernetes(t *testing.T) {
	const own = "vmdeck.dev/vmdeck/"
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			foreign := strings.HasPrefix(name, own) && !strings.HasPrefix(name, own+"ui/")
			if foreign || strings.Contains(name, "k8s.io") || strings.Contains(name, "kubevirt.io") {
				t.Errorf("%s imports %s", path, name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
