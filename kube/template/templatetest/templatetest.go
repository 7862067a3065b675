// Package templatetest brings VM templates to the test cluster, as the pack virtual-machine-orchestrator does.
package templatetest

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/kubetest"
	"vmdeck.dev/vmdeck/kube/template"
)

const (
	definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/"
	catalogue   = "/apis/spectrocloud.com/v1/vmtemplates/"
	kind        = "vmtemplates.spectrocloud.com"
)

// Samples are the names of the templates that Install makes.
func Samples() []string { return []string{"alpine", "cirros", "ubuntu-2204"} }

// Install applies the kind VmTemplate and the samples of the pack's chart, and removes them after the test.
func Install(t testing.TB, admin *kube.Cluster) {
	t.Helper()
	chart := filepath.Join(root(t), "kube/profile/pack/charts/virtual-machine-orchestrator/1.0.0")
	t.Cleanup(func() { Remove(t, admin) })
	apply(t, admin, definitions+kind, read(t, filepath.Join(chart, "crds/vmtemplates.yaml")))
	kubetest.Await(t, time.Minute, "the kind VmTemplate to be served", func() bool {
		_, err := template.List(t.Context(), admin)
		return err == nil
	})
	for _, name := range Samples() {
		apply(t, admin, catalogue+name, Sample(t, filepath.Join(chart, "templates/sample-"+name+".yaml")))
	}
}

// Remove takes the kind away with all templates.
func Remove(t testing.TB, admin *kube.Cluster) {
	t.Helper()
	_ = admin.REST("", "v1").Delete().AbsPath(definitions + kind).Do(context.Background()).Error()
	kubetest.Await(t, time.Minute, "the kind VmTemplate to be gone", func() bool {
		return kube.Classify(admin.REST("", "v1").Get().AbsPath(definitions+kind).Do(context.Background()).Error()) == kube.KindNotFound
	})
}

// Sample is a manifest of a chart without the lines that are for Helm.
func Sample(t testing.TB, file string) string {
	t.Helper()
	lines := slices.DeleteFunc(strings.SplitAfter(read(t, file), "\n"), func(line string) bool { return strings.Contains(line, "{{") })
	return strings.Join(lines, "")
}

func apply(t testing.TB, admin *kube.Cluster, path, manifest string) {
	t.Helper()
	err := admin.REST("", "v1").Patch(types.ApplyPatchType).AbsPath(path).Param("fieldManager", "vmdeck-test").Param("force", "true").
		Body([]byte(manifest)).Do(t.Context()).Error()
	if err != nil {
		t.Fatalf("apply %s: %v", path, err)
	}
}

func read(t testing.TB, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// root is the folder of the repository, above that of the package that is tested.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	for ; err == nil && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	t.Fatal("there is no go.mod above this package", err)
	return ""
}
