package pack

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"testing"
)

// Helm is large. Only what is below kube/profile imports it, so that it is plain who pays for it.
func TestHelmIsConfined(t *testing.T) {
	tree := os.DirFS("../../..")
	seen := false
	err := fs.WalkDir(tree, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (path != "." && strings.HasPrefix(d.Name(), ".")) {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		source, err := fs.ReadFile(tree, path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, source, parser.ImportsOnly)
		if err != nil {
			return nil // the compiler says it better
		}
		for _, spec := range file.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			if !strings.HasPrefix(name, "helm.sh/") {
				continue
			}
			seen = true
			if !strings.HasPrefix(path, "kube/profile/") {
				t.Errorf("%s imports %s: only packages below kube/profile may", path, name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !seen {
		t.Error("nobody imports Helm: this test looks in the wrong place")
	}
}
