package seed

import (
	"encoding/json"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"
)

func TestParse(t *testing.T) {
	for s, want := range map[string]struct {
		bulk int
		demo bool
		bad  bool
	}{"": {}, "none": {}, "demo": {demo: true}, "10000": {bulk: 10000}, "0": {bad: true}, "many": {bad: true}, "1000000": {bad: true}} {
		bulk, demo, err := Parse(s)
		if bulk != want.bulk || demo != want.demo || (err != nil) != want.bad {
			t.Errorf("Parse(%q) = %d, %v, %v", s, bulk, demo, err)
		}
	}
}

func TestDemoNamesAreValidAndDifferent(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range demoVMs {
		key := d.namespace + "/" + d.name
		if seen[key] {
			t.Errorf("%s is there twice", key)
		}
		seen[key] = true
		if problems := validation.IsDNS1123Label(d.name); len(problems) > 0 {
			t.Errorf("%s: %v", key, problems)
		}
		if o := d.object(); o.Spec.Preference.Name == "" {
			t.Errorf("%s: no preference for %q", key, d.guest)
		}
	}
}

// Storing the same VMs again must change nothing, or a second `up --seed N` would.
func TestBulkVMsFollowFromTheirNumber(t *testing.T) {
	running := 0
	for i := range 200 {
		vm, vmi := bulkVM(i)
		again, vmiAgain := bulkVM(i)
		a, _ := json.Marshal([]any{vm, vmi})
		b, _ := json.Marshal([]any{again, vmiAgain})
		if string(a) != string(b) {
			t.Fatalf("VM %d differs from itself", i)
		}
		if vmi != nil {
			running++
			if vmi.OwnerReferences[0].UID != vm.UID {
				t.Errorf("VMI %d is not its VM's", i)
			}
		}
	}
	if running != 100 {
		t.Errorf("%d of 200 run", running)
	}
}

func TestNextStatusAlwaysChanges(t *testing.T) {
	for _, runs := range []bool{true, false} {
		for _, now := range []string{"Running", "Paused", "Migrating", "Stopped", "Starting", "Provisioning", "CrashLoopBackOff"} {
			if next := nextStatus(now, runs); string(next) == now {
				t.Errorf("%s stays", now)
			}
		}
	}
}
