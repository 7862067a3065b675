package pack

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"

	"helm.sh/helm/v4/pkg/chart/loader/archive"
)

// public loads an embedded pack.
func public(t testing.TB, name, version string) *Pack {
	t.Helper()
	p, err := Public().Load(t.Context(), name, version)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const (
	vmo       = "virtual-machine-orchestrator"
	dashboard = "spectro-vm-dashboard"
	proxy     = "spectro-proxy"
)

// built reads a pack from files, the Chart.yaml being there unless it is given.
func built(files map[string]string) (*Pack, error) {
	buffered := []*archive.BufferedFile{}
	if _, given := files["Chart.yaml"]; !given {
		buffered = append(buffered, &archive.BufferedFile{Name: "Chart.yaml", Data: []byte("apiVersion: v2\nname: demo\nversion: 1.2.3\n")})
	}
	for name, text := range files {
		buffered = append(buffered, &archive.BufferedFile{Name: name, Data: []byte(text)})
	}
	return fromFiles(buffered)
}

func TestPublicRepo(t *testing.T) {
	packs, err := Public().Packs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, s := range packs {
		if s.Problem != nil || s.Description == "" {
			t.Errorf("%s: problem %v, description %q", s.Name, s.Problem, s.Description)
		}
		have = append(have, s.DisplayName+" | "+s.Type+" | "+strings.Join(s.Versions, " "))
	}
	want := []string{
		"Spectro Proxy | Authentication | 1.0.0",
		"Spectro VM Dashboard | System App | 3.1.0",
		"Virtual Machine Orchestrator | System App | 1.1.0 1.0.0",
	}
	if strings.Join(have, "\n") != strings.Join(want, "\n") {
		t.Errorf("packs\n%s\nwant\n%s", strings.Join(have, "\n"), strings.Join(want, "\n"))
	}
	if said, err := Test(t.Context(), Public()); err != nil || !strings.Contains(said, "3 packs") {
		t.Errorf("test says %q, %v", said, err)
	}
}

func TestOverlayIsTheBaseWithWhatIsNew(t *testing.T) {
	before, after := public(t, vmo, "1.0.0"), public(t, vmo, "1.1.0")
	changes := Changes(before.Defaults(), after.Defaults())
	if len(changes) != 1 || changes[0].String() != "charts.virtual-machine-orchestrator.sampleTemplates.fedora: added true" {
		t.Errorf("defaults change by %v", changes)
	}
	if after.Readme == "" || after.Readme != before.Readme || len(after.Groups()) != len(before.Groups()) || len(after.CRDs()) != 1 {
		t.Error("the overlay lost something of its base")
	}
	if !strings.Contains(after.ValuesYAML, "# Where golden images are kept") || !strings.Contains(after.ValuesYAML, "fedora: true") {
		t.Errorf("values.yaml lost its comments or gained nothing:\n%s", after.ValuesYAML)
	}
	if v, err := ParseValues(after.ValuesYAML); err != nil || len(Changes(v, after.Defaults())) > 0 {
		t.Errorf("values.yaml is not what the defaults are: %v", err)
	}
	for _, f := range after.Chart().Raw {
		if f.Name == overlayFile {
			t.Error("the overlay's own file is in the chart")
		}
	}
}

func TestMalformedPacksSayWhatAndWhere(t *testing.T) {
	const head = "apiVersion: packs.vmdeck.dev/v1alpha1\nkind: Pack\n"
	const choice = head + "presets:\n- name: a\n  group: G\n"
	for _, c := range []struct {
		name, want string
		files      map[string]string
	}{
		{"no name", "Chart.yaml: name is required", map[string]string{"Chart.yaml": "apiVersion: v2\nversion: 1.0.0\n"}},
		{"bad YAML", "Chart.yaml: line 3: could not find expected ':'", map[string]string{"Chart.yaml": "apiVersion: v2\nname\nversion: 1\n"}},
		{"library", "Chart.yaml: it is a library", map[string]string{"Chart.yaml": "apiVersion: v2\nname: x\nversion: 1.0.0\ntype: library\n"}},
		{"version", `Chart.yaml: version "1.0" is no semantic version`, map[string]string{"Chart.yaml": "apiVersion: v2\nname: x\nversion: \"1.0\"\n"}},
		{"missing part", "Chart.yaml: it depends on the chart redis, which is not in its charts folder",
			map[string]string{"Chart.yaml": "apiVersion: v2\nname: x\nversion: 1.0.0\ndependencies:\n- {name: redis, version: 1.x, repository: https://example.com}\n"}},
		{"values", `values.yaml: not YAML: line 2: key "a" already set in map`, map[string]string{"values.yaml": "a: 1\na: 2\n"}},
		{"values no map", "values.yaml: not a list of keys and values", map[string]string{"values.yaml": "- a\n"}},
		{"schema no JSON", "values.schema.json: not JSON", map[string]string{"values.schema.json": "{"}},
		{"schema type", "values.schema.json: not a JSON schema", map[string]string{"values.schema.json": `{"type": "strnig"}`}},
		{"schema elsewhere", "values.schema.json: it refers to https://example.com/x.json, which is not followed",
			map[string]string{"values.schema.json": `{"properties": {"a": {"$ref": "https://example.com/x.json"}}}`}},
		{"schema of this machine", "which is not followed", map[string]string{"values.schema.json": `{"properties": {"a": {"$ref": "file:///etc/passwd"}}}`}},
		{"kind", `pack.yaml: apiVersion and kind are "v1" and "Pack"`, map[string]string{"pack.yaml": "apiVersion: v1\nkind: Pack\n"}},
		{"unknown key", `pack.yaml: unknown field "presents"`, map[string]string{"pack.yaml": head + "presents: []\n"}},
		{"namespace", `pack.yaml: namespace: "Bad_Name" cannot be the name`, map[string]string{"pack.yaml": head + "namespace: Bad_Name\n"}},
		{"preset name", "pack.yaml: presets[0].name is empty", map[string]string{"pack.yaml": head + "presets:\n- group: G\n  add: \"a: 1\"\n"}},
		{"preset add", "pack.yaml: presets[0].add: not YAML: line 1", map[string]string{"pack.yaml": choice + "  add: \"a: [\"\n"}},
		{"preset does nothing", "pack.yaml: presets[0] changes nothing", map[string]string{"pack.yaml": choice}},
		{"preset path", "pack.yaml: presets[0].remove[0]: path \"a..b\": a key is empty", map[string]string{"pack.yaml": choice + "  remove: [a..b]\n"}},
		{"preset need", "pack.yaml: presets[0].needs[0]: path \"\"", map[string]string{"pack.yaml": choice + "  add: \"a: 1\"\n  needs: [{title: x}]\n"}},
		{"preset pack", `pack.yaml: presets[0].packs[0].version: "new" is no version constraint`, map[string]string{"pack.yaml": choice + "  add: \"a: 1\"\n  packs: [{name: x, version: new}]\n"}},
		{"preset twice", `pack.yaml: presets[1].name: "a" stands twice`, map[string]string{"pack.yaml": choice + "  add: \"a: 1\"\n- {name: a, group: G, add: \"a: 2\"}\n"}},
		{"preset and schema", "pack.yaml: presets[0] (a) leads to values that values.schema.json refuses: a: must be text, not a number",
			map[string]string{"pack.yaml": choice + "  add: \"a: 1\"\n", "values.schema.json": `{"properties": {"a": {"type": "string"}}}`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := built(c.files)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v\nwant   %s", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("the error has lines: %q", err)
			}
		})
	}
	if _, err := FromArchive([]byte("no archive")); err == nil || !strings.HasPrefix(err.Error(), "not a chart archive") {
		t.Errorf("an archive that is none: %v", err)
	}
}

func TestAnyChartIsAPack(t *testing.T) {
	p, err := built(map[string]string{
		"values.yaml":             "replicas: 1\n",
		"charts/redis/Chart.yaml": "apiVersion: v2\nname: redis\nversion: 1.0.0\n", "charts/redis/values.yaml": "port: 6379\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	if p.Type != TypeHelm || p.DisplayName != "demo" || p.Namespace(p.Defaults()) != "demo" || len(p.Groups()) != 0 {
		t.Errorf("type %q, name %q, namespace %q, groups %v", p.Type, p.DisplayName, p.Namespace(nil), p.Groups())
	}
	if v, _ := Lookup(p.Defaults(), Path{"redis", "port"}); v != 6379.0 {
		t.Errorf("the default of the chart inside is %v", v)
	}
	if problems := p.Check(Values{"anything": true}); len(problems) > 0 {
		t.Errorf("a chart without a schema refuses %v", problems)
	}
}

func TestOverlayThatLeadsNowhere(t *testing.T) {
	for overlay, want := range map[string]string{
		"base: 0.9.0": "overlay.yaml: base: ", "base: ../other": "is not the name of another folder", "base: 1.1.0": "is not the name of another folder", "bass: x": "unknown field",
	} {
		tree := fstest.MapFS{
			"demo/1.1.0/Chart.yaml":   {Data: []byte("apiVersion: v2\nname: demo\nversion: 1.1.0\n")},
			"demo/1.1.0/overlay.yaml": {Data: []byte(overlay)},
		}
		if _, err := readFolder(tree, "demo/1.1.0"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", overlay, err)
		}
	}
}

func TestLargeFilesAreRefused(t *testing.T) {
	tree := fstest.MapFS{
		"demo/Chart.yaml": {Data: []byte("apiVersion: v2\nname: demo\nversion: 1.1.0\n")},
		"demo/blob":       {Data: bytes.Repeat([]byte("x"), maxFile+1)},
	}
	if _, err := readFolder(tree, "demo"); err == nil || err.Error() != "blob: it is larger than 5 MiB" {
		t.Errorf("error %v", err)
	}
}
