package vm

import (
	"strings"
	"testing"
)

// The reasons are read by people: each names what is in the way, and where several things are, the one to deal with first.
func TestReasonsForBeingOff(t *testing.T) {
	running := Row{HasVM: true, HasInstance: true, RunStrategy: "Always", Phase: "Running", Status: StatusRunning, ACPI: true}
	with := func(change func(r *Row)) *Row {
		r := running
		change(&r)
		return &r
	}
	stopped := func(change func(r *Row)) *Row {
		r := Row{HasVM: true, RunStrategy: "Halted", Status: StatusStopped, ACPI: true}
		change(&r)
		return &r
	}
	stray := &Row{HasInstance: true, Phase: "Running", Status: StatusRunning, ACPI: true}
	same := func(*Row) {}
	tests := []struct {
		id   string
		row  *Row
		want string // part of the reason; empty: on
	}{
		{"start", with(same), "already running"},
		{"start", with(func(r *Row) { r.Status = StatusPaused }), "running, paused"},
		{"start", with(func(r *Row) { r.Phase, r.Status = "Scheduling", StatusStarting }), "already starting"},
		{"start", with(func(r *Row) { r.Status = StatusStopping }), "still stopping"},
		{"start", stopped(func(r *Row) { r.Deleting = true }), "being deleted"},
		{"start", stopped(func(r *Row) { r.NeedsRecovery = true }), "recovered by hand"},
		{"start", stopped(func(r *Row) { r.RunStrategy = "Once" }), "run strategy Once"},
		{"start", stopped(func(r *Row) { r.RunStrategy, r.StateChanges = "Manual", 1 }), "still under way"},
		{"start", stopped(func(r *Row) { r.StateChanges = 1 }), ""},
		{"start-paused", stopped(func(r *Row) { r.StateChanges = 1 }), "still under way"},
		{"start", stray, "without a VirtualMachine"},
		{"stop", stray, "without a VirtualMachine"},
		{"force-stop", stray, "without a VirtualMachine"},
		{"restart", stray, "without a VirtualMachine"},
		{"migrate", stray, "without a VirtualMachine"},
		{"clone", stray, "without a VirtualMachine"},
		{"pause", stray, ""},
		{"soft-reboot", stray, ""},
		{"reset", stray, ""},
		{"delete", stray, ""},
		{"stop", stopped(same), "not running"},
		{"stop", with(func(r *Row) { r.RunStrategy = "Halted" }), "forced stop"},
		{"force-stop", with(func(r *Row) { r.RunStrategy = "Halted" }), ""},
		{"force-stop", with(func(r *Row) { r.RunStrategy, r.GracePeriod = "Halted", new(int64) }), "already being forced"},
		{"restart", with(func(r *Row) { r.VolumesChanging = true }), "volumes"},
		{"restart", with(func(r *Row) { r.RunStrategy = "Once" }), "Once does not restart"},
		{"pause", with(func(r *Row) { r.Paused = true }), "already paused"},
		{"pause", with(func(r *Row) { r.LivenessProbe = OtherProbe }), "liveness probe"},
		{"unpause", with(func(r *Row) { r.Paused, r.SnapshotInProgress = true, "nightly" }), "snapshot nightly"},
		{"soft-reboot", with(func(r *Row) { r.ACPI = false }), "neither guest agent nor ACPI"},
		{"soft-reboot", with(func(r *Row) { r.ACPI, r.Agent = false, true }), ""},
		{"reset", with(func(r *Row) { r.Phase = "Scheduled" }), "not running"},
		{"migrate", with(func(r *Row) { r.Migration = &Migration{} }), "already migrating"},
		{"migrate", with(func(r *Row) { r.NotMigratable = &Condition{Reason: "R", Message: "PVC root is not shared"} }), "PVC root is not shared"},
		{"migrate", with(func(r *Row) { r.NotMigratable = &Condition{Reason: "HostDevice"} }), "HostDevice"},
		{"cancel-migration", with(same), "not migrating"},
		{"cancel-migration", with(func(r *Row) { r.Migration = &Migration{Target: "b"} }), "list virtualmachineinstancemigrations"},
		{"cancel-migration", with(func(r *Row) { r.Migration = &Migration{Name: "m", Aborting: true} }), "already being cancelled"},
		{"cancel-migration", with(func(r *Row) { r.Migration = &Migration{Name: "m"} }), ""},
		{"clone", with(func(r *Row) { r.Deleting = true }), "being deleted"},
		{"clone", with(same), ""},
		{"delete", with(func(r *Row) { r.Deleting = true }), "already being deleted"},
		{"delete", with(func(r *Row) { r.Protected = true }), "kubevirt.io/vm-delete-protection"},
		{"delete", with(same), ""},
	}
	for _, tt := range tests {
		got := Find(tt.id).Off(tt.row, Facts{})
		if tt.want == "" && got != "" || tt.want != "" && !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q for %+v", tt.id, got, tt.want, *tt.row)
		}
	}
	if got := Find("clone").Off(with(same), Facts{SnapshotsOff: true}); !strings.Contains(got, "feature gate Snapshot") {
		t.Errorf("clone without snapshots: %q", got)
	}
}

// No rule may look at what is not there: rows of every kind pass every rule.
func TestRulesTakeAnyRow(t *testing.T) {
	everyState(func(r *Row, flag func(int) bool) {
		r.HasVM, r.Deleting, r.Protected, r.Paused = flag(0), flag(1), flag(2), flag(3)
		for _, a := range Actions() {
			if reason := a.Off(r, Facts{}); strings.ContainsAny(reason, "\n") || strings.HasSuffix(reason, ".") {
				t.Fatalf("%s: %q is no fragment of a sentence", a.ID, reason)
			}
		}
	})
}
