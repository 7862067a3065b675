package template

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// one reads a template of YAML.
func one(t *testing.T, manifest string) Template {
	t.Helper()
	list, err := Parse([]byte(manifest), "test")
	if err != nil {
		t.Fatal(err)
	}
	return list[0]
}

const golden = `apiVersion: spectrocloud.com/v1
kind: VmTemplate
metadata:
  name: golden
  annotations: {vmo-manager.spectrocloud.com/snapshot-policy: nightly, meta.helm.sh/release-name: vmo}
spec:
  displayName: Golden image
  description: Made of a golden image.
  icon: https://example.invalid/a.png
  running: true
  dataVolumeTemplates:
  - metadata: {name: ubuntu, namespace: elsewhere}
    spec:
      source: {pvc: {name: template-ubuntu, namespace: vmo-golden-images}}
      storage: {storageClassName: old, resources: {requests: {storage: 50Gi}}}
  template:
    metadata: {labels: {kubevirt.io/os: ubuntu}}
    spec:
      evictionStrategy: LiveMigrate
      domain:
        cpu: {cores: 2, sockets: 2}
        memory: {guest: 4Gi, maxGuest: 8Gi}
        resources: {requests: {memory: 2Gi}, limits: {cpu: "8"}}
      volumes:
      - {name: os, dataVolume: {name: ubuntu}}
      - {name: data, persistentVolumeClaim: {claimName: shared}}
`

func TestTemplateSaysWhatItIs(t *testing.T) {
	got := one(t, golden)
	got.object = nil
	want := Template{
		Name: "golden", Title: "Golden image", Description: "Made of a golden image.", Icon: "https://example.invalid/a.png",
		Owner: "the Helm release vmo", CPU: 4, Memory: 4 << 30, OS: "ubuntu", RunStrategy: "Always", DataVolumes: 1,
		Disks: []string{"os: new disk, 50Gi", "data: claim shared"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	plain := one(t, "apiVersion: spectrocloud.com/v1\nkind: VmTemplate\nmetadata: {name: plain}\nspec: {template: {spec: {domain: {resources: {requests: {memory: 1Gi, cpu: 1500m}}}}}}")
	if plain.Title != "plain" || plain.CPU != 2 || plain.Memory != 1<<30 || plain.RunStrategy != "Halted" {
		t.Errorf("without much it is %+v", plain)
	}
}

func TestInstantiate(t *testing.T) {
	start := false
	tmpl := one(t, golden)
	m, problems := tmpl.Instantiate(Options{
		Name: "web-1", Namespace: "team-a", CPU: 8, Memory: "8Gi", Start: &start, Labels: map[string]string{"tier": "web"}, StorageClass: "fast",
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	got, err := m.YAML()
	if err != nil {
		t.Fatal(err)
	}
	const want = `apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  annotations:
    vmdeck.dev/template: golden
    vmo-manager.spectrocloud.com/snapshot-policy: nightly
  labels:
    tier: web
  name: web-1
  namespace: team-a
spec:
  dataVolumeTemplates:
  - metadata:
      name: web-1-ubuntu
    spec:
      source:
        pvc:
          name: template-ubuntu
          namespace: vmo-golden-images
      storage:
        resources:
          requests:
            storage: 50Gi
        storageClassName: fast
  runStrategy: Halted
  template:
    metadata:
      labels:
        kubevirt.io/os: ubuntu
    spec:
      domain:
        cpu:
          cores: 4
          sockets: 2
        memory:
          guest: 8Gi
          maxGuest: 8Gi
        resources:
          limits:
            cpu: "8"
          requests:
            memory: 4Gi
      evictionStrategy: LiveMigrate
      volumes:
      - dataVolume:
          name: web-1-ubuntu
        name: os
      - name: data
        persistentVolumeClaim:
          claimName: shared
`
	if got != want {
		t.Errorf("got\n%s", got)
	}
	if m.CPU() != 8 || m.Memory() != 8<<30 || m.Starts() {
		t.Errorf("it says %d CPUs, %d bytes, starts %t", m.CPU(), m.Memory(), m.Starts())
	}
	if again, _ := tmpl.Instantiate(Options{Name: "a", Namespace: "b"}); again.CPU() != 4 || !again.Starts() {
		t.Error("making a VM has changed the template")
	}
	if parsed, problems := ParseMachine(got); len(problems) > 0 || parsed.Name != "web-1" || parsed.Namespace != "team-a" || parsed.Template != "golden" || !reflect.DeepEqual(parsed.Object(), m.Object()) {
		t.Errorf("read again it is %+v, %v", parsed, problems)
	}
}

func TestProblemsNameTheirField(t *testing.T) {
	typed := one(t, "apiVersion: spectrocloud.com/v1\nkind: VmTemplate\nmetadata: {name: typed}\nspec: {instancetype: {name: u1.small}, template: {spec: {domain: {}}}}")
	tmpl := one(t, golden)
	for _, tt := range []struct {
		of    Template
		o     Options
		field string
		says  string
	}{
		{tmpl, Options{Namespace: "a"}, FieldName, "needs a name"},
		{tmpl, Options{Name: "Web_1", Namespace: "a"}, FieldName, `"Web_1" cannot be a name`},
		{tmpl, Options{Name: strings.Repeat("a", 64), Namespace: "a"}, FieldName, "63 at most"},
		{tmpl, Options{Name: "a"}, FieldNamespace, "needs a namespace"},
		{tmpl, Options{Name: "a", Namespace: "a/b"}, FieldNamespace, `"a/b" cannot be a namespace`},
		{tmpl, Options{Name: "a", Namespace: "a", CPU: -1}, FieldCPU, "at least 1 CPU"},
		{tmpl, Options{Name: "a", Namespace: "a", CPU: 3}, FieldCPU, "take a multiple of 2"},
		{tmpl, Options{Name: "a", Namespace: "a", CPU: 10}, FieldCPU, "allows 8 CPUs at most"},
		{tmpl, Options{Name: "a", Namespace: "a", Memory: "lots"}, FieldMemory, `"lots" is no amount`},
		{tmpl, Options{Name: "a", Namespace: "a", Memory: "-1Gi"}, FieldMemory, "more than nothing"},
		{tmpl, Options{Name: "a", Namespace: "a", Memory: "4"}, FieldMemory, "a unit may be missing"},
		{tmpl, Options{Name: "a", Namespace: "a", Memory: "9Gi"}, FieldMemory, "allows 8Gi at most"},
		{typed, Options{Name: "a", Namespace: "a", Memory: "1Gi"}, FieldMemory, "instance type u1.small"},
		{typed, Options{Name: "a", Namespace: "a", CPU: 1}, FieldCPU, "instance type u1.small"},
		{typed, Options{Name: "a", Namespace: "a", StorageClass: "fast"}, FieldStorageClass, "makes no disks"},
		{tmpl, Options{Name: "a", Namespace: "a", StorageClass: "Fast One"}, FieldStorageClass, "cannot be the name"},
		{tmpl, Options{Name: "a", Namespace: "a", Labels: map[string]string{"x y": "z"}}, FieldLabels, "x y=z cannot be a label"},
	} {
		_, problems := tt.of.Instantiate(tt.o)
		if len(problems) != 1 || problems[0].Field != tt.field || !strings.Contains(problems[0].Text, tt.says) || !strings.HasSuffix(problems[0].Text, ".") {
			t.Errorf("%+v: %q, want %s: %s", tt.o, problems, tt.field, tt.says)
		}
	}
	if _, problems := typed.Instantiate(Options{Name: "a", Namespace: "a"}); len(problems) > 0 {
		t.Error(problems)
	}
}

func TestSizesStandWhereTheTemplateHasThem(t *testing.T) {
	for domain, want := range map[string]string{
		`{}`: `map[cpu:map[cores:6] memory:map[guest:3Gi]]`,
		`{resources: {requests: {memory: 1Gi, cpu: 2}}}`:                   `map[cpu:map[cores:6] resources:map[requests:map[cpu:6 memory:3Gi]]]`,
		`{cpu: {sockets: 1, cores: 1, threads: 2}, memory: {guest: 1Gi}}`:  `map[cpu:map[cores:3 sockets:1 threads:2] memory:map[guest:3Gi]]`,
		`{memory: {guest: 1Gi}, resources: {requests: {memory: 1536Mi}}}`:  `map[cpu:map[cores:6] memory:map[guest:3Gi] resources:map[requests:map[memory:4608Mi]]]`,
		`{cpu: {cores: 1}, resources: {requests: {cpu: 100m}}, memory: x}`: `map[cpu:map[cores:6] memory:map[guest:3Gi] resources:map[requests:map[cpu:100m]]]`,
	} {
		tmpl := one(t, "apiVersion: spectrocloud.com/v1\nkind: VmTemplate\nmetadata: {name: x}\nspec: {template: {spec: {domain: "+domain+"}}}")
		m, problems := tmpl.Instantiate(Options{Name: "a", Namespace: "b", CPU: 6, Memory: "3Gi"})
		if got := fmt.Sprint(dig(m.object, "spec", "template", "spec", "domain")); got != want || len(problems) > 0 {
			t.Errorf("%s becomes %s, want %s; %v", domain, got, want, problems)
		}
	}
}

func TestStart(t *testing.T) {
	yes, no := true, false
	for _, tt := range []struct {
		spec  string
		start *bool
		want  string
	}{
		{"running: true", nil, "Always"}, {"running: false", nil, "Halted"}, {"runStrategy: Manual", nil, "Manual"},
		{"running: false", &yes, "Always"}, {"runStrategy: Once", &yes, "Once"}, {"runStrategy: RerunOnFailure", &no, "Halted"},
		{"runStrategy: Manual", &no, "Manual"}, {"runStrategy: Manual", &yes, "Always"},
	} {
		tmpl := one(t, "apiVersion: spectrocloud.com/v1\nkind: VmTemplate\nmetadata: {name: x}\nspec: {"+tt.spec+", template: {spec: {}}}")
		m, _ := tmpl.Instantiate(Options{Name: "a", Namespace: "b", Start: tt.start})
		spec := dig(m.object, "spec")
		if _, old := spec["running"]; spec["runStrategy"] != tt.want || old || m.Starts() != slices.Contains([]string{"Always", "Once"}, tt.want) {
			t.Errorf("%s: %v, want %s", tt.spec, spec, tt.want)
		}
	}
}

func TestParseRefusesInSentences(t *testing.T) {
	for manifest, want := range map[string]string{
		"":                            "there is no template in f.yaml",
		"a: [":                        "f.yaml: this is no YAML",
		"a: 1\na: 2":                  "f.yaml: this is no YAML",
		"- x":                         "f.yaml: this is no map",
		"kind: ConfigMap":             "it is a ConfigMap of (nothing), and a template is a VmTemplate of spectrocloud.com/v1",
		strip(golden, "name: golden"): "metadata.name is missing",
		strings.Replace(golden, "name: golden", "name: Gold", 1):     `"Gold" cannot be a name`,
		strings.Replace(golden, "\n  template:", "\n  tamplate:", 1): "spec.template is missing",
		golden + "---\n" + golden:                                    "the template golden stands there twice",
	} {
		if list, err := Parse([]byte(manifest), "f.yaml"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %d, %v, want %q", manifest, len(list), err, want)
		}
	}
	if list, err := Parse([]byte("---\n# nothing\n---\n"+golden+"---\n"+strings.Replace(golden, "name: golden", "name: other", 1)), "f.yaml"); err != nil || len(list) != 2 {
		t.Errorf("two documents: %d, %v", len(list), err)
	}
	for manifest, field := range map[string]string{
		"a: [": "", "kind: Pod\nmetadata: {name: a, namespace: b}\nspec: {}": "kind",
		"apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata: {name: A, namespace: b}\nspec: {}": "metadata.name",
		"apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata: {name: a}\nspec: {}":               "metadata.namespace",
		"apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata: {name: a, namespace: b}":           "spec",
	} {
		if _, problems := ParseMachine(manifest); len(problems) != 1 || problems[0].Field != field {
			t.Errorf("%q: %v, want a problem of %q", manifest, problems, field)
		}
	}
}

func strip(from, what string) string { return strings.Replace(from, what, "x: y", 1) }
