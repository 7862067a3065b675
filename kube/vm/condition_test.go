package vm

import (
	"fmt"
	"strings"
	"testing"

	virtv1 "kubevirt.io/api/core/v1"
)

func TestAttentionIsOrderedByUrgencyAndNamesEachTypeOnce(t *testing.T) {
	vm := decode[machine](t, vmJSON("", `"conditions":[
		{"type":"Ready","status":"False"},
		{"type":"AgentVersionNotSupported","status":"True"},
		{"type":"RestartRequired","status":"True","message":"of the machine"},
		{"type":"Synchronized","status":"True"},
		{"type":"Unheard","status":"True"},
		{"type":"ManualRecoveryRequired","status":"True"},
		{"type":"EvictionRequested","status":"True","message":"copied"}]`))
	vmi := decode[instance](t, vmiJSON("", `"conditions":[
		{"type":"EvictionRequested","status":"True","message":"original"},
		{"type":"DataVolumesReady","status":"False"},
		{"type":"HotMemoryChange","status":"False"},
		{"type":"PodScheduled","status":"False"},
		{"type":"AccessCredentialsSynchronized","status":"Unknown"}]`))
	var got []string
	for _, c := range join(vm, vmi, nil, noSizes).Attention {
		got = append(got, c.Type+c.Message)
	}
	// Equal urgency keeps the order in which they came: the machine's first.
	want := "ManualRecoveryRequired PodScheduled DataVolumesReady EvictionRequestedcopied HotMemoryChange " +
		"RestartRequiredof the machine AgentVersionNotSupported"
	if strings.Join(got, " ") != want {
		t.Errorf("attention\n%v\nwant\n%v", strings.Join(got, " "), want)
	}
	if a := join(decode[machine](t, vmJSON("", `"conditions":[{"type":"Ready","status":"False"}]`)), nil, nil, noSizes).Attention; len(a) != 0 {
		t.Errorf("a VM that is merely off needs attention: %v", a)
	}
}

func TestExplanations(t *testing.T) {
	for kind, text := range explanations {
		for _, status := range []string{"True", "False"} {
			c := Condition{Type: kind, Status: status}
			if c.Worrying() && c.Explanation() == "" {
				t.Errorf("%s=%s worries but is not explained", kind, status)
			}
		}
		if text.yes == "" {
			t.Errorf("%s=True is not explained", kind)
		}
		if (Condition{Type: kind, Status: "Unknown"}).Worrying() {
			t.Errorf("%s=Unknown worries", kind)
		}
	}
	if got := (Condition{Type: "Unheard", Status: "True"}).Explanation(); got != "" {
		t.Errorf("an unknown condition is explained: %q", got)
	}
	if got := (Condition{Type: "Ready", Status: "Unknown"}).Explanation(); got == "" {
		t.Error("nothing is said of an unknown status")
	}
}

// A condition type that KubeVirt does not have is a typing error that nobody would notice.
func TestConditionTypesAreKubeVirts(t *testing.T) {
	known := map[string]bool{"PodScheduled": true} // copied from the launcher pod
	for _, c := range []virtv1.VirtualMachineConditionType{
		virtv1.VirtualMachineReady, virtv1.VirtualMachineFailure, virtv1.VirtualMachineRestartRequired, virtv1.VirtualMachinePaused,
		virtv1.VirtualMachineManualRecoveryRequired,
	} {
		known[string(c)] = true
	}
	for _, c := range []virtv1.VirtualMachineInstanceConditionType{
		virtv1.VirtualMachineInstanceProvisioning, virtv1.VirtualMachineInstanceReady, virtv1.VirtualMachineInstanceSynchronized,
		virtv1.VirtualMachineInstancePaused, virtv1.VirtualMachineInstanceAgentConnected, virtv1.VirtualMachineInstanceUnsupportedAgent,
		virtv1.VirtualMachineInstanceAccessCredentialsSynchronized, virtv1.VirtualMachineInstanceIsMigratable,
		virtv1.VirtualMachineInstanceIsStorageLiveMigratable, virtv1.VirtualMachineInstanceVCPUChange,
		virtv1.VirtualMachineInstanceMemoryChange, virtv1.VirtualMachineInstanceVolumesChange,
		virtv1.VirtualMachineInstanceDataVolumesReady, virtv1.VirtualMachineInstanceMigrationRequired,
		virtv1.VirtualMachineInstanceEvictionRequested, virtv1.VirtualMachineInstanceDecentralizedLiveMigrationFailure,
	} {
		known[string(c)] = true
	}
	var unknown []string
	for kind := range explanations {
		if !known[kind] && kind != "SoftwareEmulation" { // KubeVirt 1.9; the constant lives outside of the API module
			unknown = append(unknown, kind)
		}
	}
	if len(unknown) > 0 {
		t.Error(fmt.Sprint("no conditions of KubeVirt: ", unknown))
	}
}
