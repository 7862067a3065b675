package vm

import (
	stdjson "encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	virtv1 "kubevirt.io/api/core/v1"
	instancetypev1 "kubevirt.io/api/instancetype/v1beta1"
)

func readFixture(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestJoinObjectsAsAServerSendsThem(t *testing.T) {
	got := joined(t, readFixture(t, "virtualmachine"), readFixture(t, "virtualmachineinstance"), readFixture(t, "virtualmachineinstancemigration"))
	grace, started := int64(180), time.Date(2026, 3, 5, 9, 31, 0, 0, time.UTC)
	want := &Row{
		UID: "0d1a7a6e-6b1d-4f0e-9a51-4a0f7b5f2c11", Namespace: "team-a", Name: "postgres-0", ResourceVersion: "48211",
		HasVM: true, HasInstance: true, InstanceUID: "b9c6c1d4-2f3a-4d55-8a77-0c2a5d7d9e21",
		Status: StatusMigrating, Phase: "Running", RunStrategy: "Always", Agent: true, ACPI: true,
		Created: time.Date(2026, 3, 1, 8, 15, 30, 0, time.UTC),
		Node:    "node-1", IPs: []string{"10.244.1.23", "fd10:244::1:17", "192.168.7.4"}, OS: "Fedora Linux 43 (Cloud Edition)",
		CPU: 6, Memory: 6 * gib,
		Labels: map[string]string{"app": "postgres", "kubevirt.io/vm-delete-protection": "True"},
		Migration: &Migration{
			Name: "kubevirt-migrate-vm-8xk5z", UID: "7e0f9a44-5d43-4b8c-a9d8-9a3d2f0f6b7c", Phase: "Running",
			Source: "node-1", Target: "node-2", Started: &started,
		},
		Attention: []Condition{
			{Type: "EvictionRequested", Status: "True", Reason: "EvictionRequested", Message: "VMI is required to be migrated"},
			{Type: "RestartRequired", Status: "True", Reason: "RestartRequired", Message: "a non-live-updatable field was changed in the template spec"},
		},
		GracePeriod: &grace, Protected: true, LivenessProbe: AgentPingProbe,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("joined\n%+v\nwant\n%+v", got, want)
	}
	if !ownedByMachine(decode[instance](t, readFixture(t, "virtualmachineinstance"))) {
		t.Error("the instance's owner was not recognised")
	}
}

// The fixtures are only worth something while they hold nothing that KubeVirt's own types do not know.
func TestFixturesAreKubeVirtObjects(t *testing.T) {
	for name, object := range map[string]any{
		"virtualmachine": &virtv1.VirtualMachine{}, "virtualmachineinstance": &virtv1.VirtualMachineInstance{},
		"virtualmachineinstancemigration": &virtv1.VirtualMachineInstanceMigration{},
	} {
		dec := stdjson.NewDecoder(strings.NewReader(readFixture(t, name)))
		dec.DisallowUnknownFields()
		if err := dec.Decode(object); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A misspelt tag in a slim type loses the field without an error: every path must exist in KubeVirt's own type.
func TestSlimTypesNameFieldsOfKubeVirt(t *testing.T) {
	for _, pair := range []struct{ slim, full any }{
		{machine{}, virtv1.VirtualMachine{}},
		{instance{}, virtv1.VirtualMachineInstance{}},
		{migration{}, virtv1.VirtualMachineInstanceMigration{}},
		{instancetype{}, instancetypev1.VirtualMachineInstancetype{}},
		{instancetype{}, instancetypev1.VirtualMachineClusterInstancetype{}},
	} {
		var missing []string
		comparePaths(reflect.TypeOf(pair.slim), reflect.TypeOf(pair.full), reflect.TypeOf(pair.full).Name(), &missing)
		slices.Sort(missing)
		if len(missing) > 0 {
			t.Errorf("no such fields:\n%s", strings.Join(missing, "\n"))
		}
	}
}

var leaves = []reflect.Type{
	reflect.TypeOf(time.Time{}), reflect.TypeOf(metav1.Time{}), reflect.TypeOf(resource.Quantity{}),
}

func comparePaths(slim, full reflect.Type, path string, missing *[]string) {
	slim, full = elem(slim), elem(full)
	if slim.Kind() != reflect.Struct || slices.Contains(leaves, slim) {
		return
	}
	fullFields := jsonFields(full)
	for name, slimType := range jsonFields(slim) {
		fullType, ok := fullFields[name]
		if !ok {
			*missing = append(*missing, fmt.Sprintf("%s.%s", path, name))
			continue
		}
		comparePaths(slimType, fullType, path+"."+name, missing)
	}
}

func elem(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t
}

// jsonFields returns a struct's fields by their JSON names, those of embedded structs included.
func jsonFields(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	if t.Kind() != reflect.Struct || slices.Contains(leaves, t) {
		return fields
	}
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" {
			fields[name] = f.Type
			continue
		}
		for inner, innerType := range jsonFields(elem(f.Type)) {
			fields[inner] = innerType
		}
	}
	return fields
}
