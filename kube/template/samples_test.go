package template_test

import (
	"path/filepath"
	"testing"

	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/kube/template/templatetest"
)

// The samples of the pack are what users see first.
func TestSamplesMakeVMs(t *testing.T) {
	files, err := filepath.Glob("../profile/pack/charts/virtual-machine-orchestrator/*/templates/sample-*.yaml")
	if err != nil || len(files) < len(templatetest.Samples()) {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	for _, file := range files {
		list, err := template.Parse([]byte(templatetest.Sample(t, file)), file)
		if err != nil || len(list) != 1 {
			t.Fatal(err)
		}
		m, problems := list[0].Instantiate(template.Options{Name: "web-1", Namespace: "team-a", CPU: 2, Memory: "1Gi"})
		if len(problems) > 0 || m.CPU() != 2 || m.Memory() != 1<<30 {
			t.Errorf("%s: %v, CPU %d, memory %d", file, problems, m.CPU(), m.Memory())
		}
		if s := list[0]; s.Title == s.Name || s.Description == "" || s.OS == "" || len(s.Disks) != 2 || s.CPU == 0 || s.Memory == 0 {
			t.Errorf("%s: the catalogue shows %+v", file, s)
		}
	}
}
