package template

import (
	"encoding/json"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

func TestBlankIsATemplate(t *testing.T) {
	list, err := Parse([]byte(Blank), "blank")
	if err != nil || len(list) != 1 {
		t.Fatal(err)
	}
	if m, problems := list[0].Instantiate(Options{Name: "a", Namespace: "b"}); len(problems) > 0 || m.CPU() != 1 || m.Starts() {
		t.Errorf("%v %v", m, problems)
	}
}

func decoded(t *testing.T, manifest string) Template {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(manifest))
	if err != nil {
		t.Fatal(err)
	}
	template, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return template
}

func TestLikeIsNobodys(t *testing.T) {
	before := decoded(t, `
metadata:
  name: cirros
  uid: u1
  resourceVersion: "7"
  generation: 3
  labels: {app.kubernetes.io/managed-by: Helm, helm.sh/chart: vmo, vmdeck.dev/profile: vmo, tier: tiny}
  annotations: {meta.helm.sh/release-name: vmo, meta.helm.sh/release-namespace: vmo}
spec: {displayName: CirrOS, template: {spec: {domain: {cpu: {cores: 1}}}}}
`)
	if before.Owner == "" {
		t.Fatal("the first one has no owner")
	}
	like := before.Like("cirros-2")
	manifest, err := like.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	for _, left := range []string{"elm", "vmdeck.dev", "uid", "resourceVersion", "annotations"} {
		if strings.Contains(manifest, left) {
			t.Errorf("it has %s:\n%s", left, manifest)
		}
	}
	if like.Owner != "" || like.ResourceVersion != "" || like.Name != "cirros-2" || !strings.Contains(manifest, "tier: tiny") || !strings.Contains(manifest, "name: cirros-2") {
		t.Errorf("%+v\n%s", like, manifest)
	}
	if before.Name != "cirros" || before.Object()["metadata"].(map[string]any)["uid"] != "u1" {
		t.Error("the first one is changed")
	}
}

func TestATemplateOfAMachine(t *testing.T) {
	data, err := yaml.YAMLToJSON([]byte(`
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: db-1, namespace: team-a, uid: u}
spec:
  running: true
  dataVolumeTemplates: [{metadata: {name: db-1-root}, spec: {}}]
  template:
    metadata: {creationTimestamp: null}
    spec:
      hostname: db-1
      domain:
        cpu: {cores: 2}
        firmware: {uuid: x, serial: y}
        devices: {interfaces: [{name: default, macAddress: "02:00:00:00:00:01", masquerade: {}}]}
      volumes:
      - {name: root, dataVolume: {name: db-1-root}}
      - {name: data, persistentVolumeClaim: {claimName: db-data}}
      - {name: init, cloudInitNoCloud: {userData: "password: x"}}
status: {printableStatus: Running}
`))
	if err != nil {
		t.Fatal(err)
	}
	var machine map[string]any
	if err := json.Unmarshal(data, &machine); err != nil {
		t.Fatal(err)
	}
	made, notes, err := ofMachine(machine)
	if err != nil {
		t.Fatal(err)
	}
	manifest, _ := made.Manifest()
	for _, own := range []string{"02:00", "hostname", "uuid", "serial", "running:", "status", "namespace", "creationTimestamp"} {
		if strings.Contains(manifest, own) {
			t.Errorf("it has %s:\n%s", own, manifest)
		}
	}
	if _, err := Parse([]byte(manifest), "made"); err != nil || made.CPU != 2 || made.DataVolumes != 1 || made.RunStrategy != "Halted" {
		t.Errorf("%v %+v", err, made)
	}
	if len(notes) != 2 || !strings.Contains(notes[0], "The disk data is") || !strings.Contains(notes[1], "init") {
		t.Errorf("%q", notes)
	}
	if machine["spec"].(map[string]any)["running"] != true {
		t.Error("the machine is changed")
	}
}
