package detail

import (
	"strings"
	"testing"

	"vmdeck.dev/vmdeck/kube/vm"
)

func TestMaskHidesCloudInitData(t *testing.T) {
	w := sample(t)
	for _, manifest := range []string{w.detail.MachineYAML, w.detail.InstanceYAML} {
		for _, secret := range []string{"hunter2", "hunter3", "aHVudGVyMg=="} {
			if strings.Contains(vm.Mask(manifest), secret) {
				t.Errorf("%s is in\n%s", secret, vm.Mask(manifest))
			}
		}
	}
	for name, manifest := range map[string]string{
		"broken":             "a: [userData: hunter2",
		"ignition":           "metadata: {annotations: {kubevirt.io/ignitiondata: hunter2}}",
		"text with a key":    "metadata: {annotations: {note: 'userData was hunter2'}}",
		"deep in a list":     "spec: [[{cloudInitConfigDrive: {networkDataBase64: hunter2}}]]",
		"a map as user data": "spec: {userData: {password: hunter2}}",
		"copy in a copy":     `metadata: {annotations: {a: '{"b":"{\"userData\":\"hunter2\"}"}'}}`,
	} {
		if got := vm.Mask(manifest); strings.Contains(got, "hunter2") || !strings.Contains(got, vm.Masked) {
			t.Errorf("%s: %s", name, got)
		}
	}
	const harmless = "a: 1\nb:\n- c: d\n"
	if got := vm.Mask(harmless); got != harmless {
		t.Errorf("%q became %q", harmless, got)
	}
}

func TestManifest(t *testing.T) {
	d, p := open(t, sample(t), 100, 200)
	press := func(names ...string) {
		d.Keys(names...)
		settle(d, p)
	}
	p.Commands()[len(vm.Actions())+int(tabYAML)].Run("")
	settle(d, p)
	d.Contains("kind: VirtualMachine\n", "userData: •••", "masked: U shows it")
	d.Lacks("hunter")
	if strings.Contains(p.pagers[tabYAML].Text(), "hunter") {
		t.Error("the copy is not masked")
	}
	press("U")
	d.Contains("hunter2", "hunter3", "cloud-init data shown")
	press("U")
	d.Lacks("hunter")
	press("U", "tab", "shift+tab")
	d.Lacks("hunter")
	press("v")
	d.Contains("kind: VirtualMachineInstance", "userDataBase64: •••")
	d.Lacks("aHVudGVyMg")
	press("/", "p", "h", "a", "s", "e", "enter")
	d.Contains("/phase 1 of")
	press("esc")
	d.Contains("VirtualMachineInstance, cloud-init")
}

func TestManifestThatIsMissing(t *testing.T) {
	d, _ := open(t, stopped(t), 100, 40)
	d.Keys("shift+tab", "v")
	d.Contains("There is no instance: the VM does not run.", "v shows the other object.")
	w := sample(t)
	w.detail.Machine, w.detail.MachineYAML, w.detail.MachineErr = nil, "", refused("virtualmachines")
	d, _ = open(t, w, 120, 40)
	d.Keys("shift+tab")
	d.Contains("You may not read the VirtualMachine: get virtualmachines (kubevirt.io) is missing in team-a.")
}
