package vm

import (
	"reflect"
	"strings"
	"testing"
	"time"

	clonev1 "kubevirt.io/api/clone/v1beta1"
)

// An action without an entry could be waited for and never would be done.
func TestEveryActionHasAnEffect(t *testing.T) {
	for _, a := range Actions() {
		e, ok := effects[a.ID]
		ways := 0
		for _, way := range []bool{e.unseen != "", e.gone, e.at != nil, e.there != nil, e.clone} {
			if way {
				ways++
			}
		}
		if !ok || ways != 1 || (e.what == "") != (e.unseen != "") {
			t.Errorf("%s: %+v", a.ID, e)
		}
	}
	for id := range effects {
		if Find(id) == nil {
			t.Errorf("there is no action %s", id)
		}
	}
}

func TestEffects(t *testing.T) {
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	halted := &Row{UID: "u", Status: StatusStopped, HasVM: true, RunStrategy: "Halted"}
	with := func(change func(*Row)) *Row {
		r := *halted
		r.HasInstance, r.InstanceUID, r.Phase, r.Status, r.RunStrategy = true, "i1", "Running", StatusRunning, "Always"
		change(&r)
		return &r
	}
	running := with(func(*Row) {})
	paused := with(func(r *Row) { r.Paused, r.Status = true, StatusPaused })
	migrating := with(func(r *Row) { r.Status, r.Migration = StatusMigrating, &Migration{Name: "m", UID: "m2"} })
	ended := func(uid string, failed bool, reason string) *migrationState {
		return &migrationState{MigrationUID: uid, StartTimestamp: &at, EndTimestamp: &at, Completed: true, Failed: failed, FailureReason: reason}
	}
	for _, tt := range []struct {
		name, action string
		before, now  sight
		want         string // "yes", "no", or why it has failed
	}{
		{"runs", "start", sight{row: halted}, sight{row: running}, "yes"},
		{"starts", "start", sight{row: halted}, sight{row: with(func(r *Row) { r.Status, r.Phase = StatusStarting, "Scheduling" })}, "no"},
		{"has no room", "start", sight{row: halted}, sight{row: with(func(r *Row) { r.Status, r.Phase = StatusErrorUnschedulable, "Scheduling" })}, "no"},
		{"crashes", "start", sight{row: halted}, sight{row: with(func(r *Row) { r.Status, r.Phase = StatusCrashLoopBackOff, "Failed" })}, "it does not start: it is CrashLoopBackOff"},
		{"status of before", "start", sight{row: with(func(r *Row) { r.Status = StatusCrashLoopBackOff })}, sight{row: with(func(r *Row) { r.Status, r.Phase = StatusCrashLoopBackOff, "Pending" })}, "no"},
		{"ended at once", "start", sight{row: halted}, sight{row: with(func(r *Row) { r.Phase, r.Status, r.RunStrategy = "Succeeded", StatusStopped, "Once" })}, "it has started and ended already, as Succeeded"},
		{"paused from the start", "start-paused", sight{row: halted}, sight{row: paused}, "yes"},
		{"stopping", "stop", sight{row: running}, sight{row: with(func(r *Row) { r.Status = StatusStopping })}, "no"},
		{"stopped but its instance is there", "stop", sight{row: running}, sight{row: with(func(r *Row) { r.Status = StatusStopped })}, "no"},
		{"stopped", "stop", sight{row: running}, sight{row: halted}, "yes"},
		{"the old instance runs", "restart", sight{row: running}, sight{row: running}, "no"},
		{"the new instance runs", "restart", sight{row: running}, sight{row: with(func(r *Row) { r.InstanceUID = "i2" })}, "yes"},
		{"paused", "pause", sight{row: running}, sight{row: paused}, "yes"},
		{"unpaused", "unpause", sight{row: paused}, sight{row: running}, "yes"},
		{"migration runs", "migrate", sight{row: running}, sight{row: migrating, migrations: map[string]string{"m2": "Running"}}, "no"},
		{"an older one succeeded", "migrate", sight{row: running, migrations: map[string]string{"m1": "Succeeded"}, last: ended("m1", false, "")},
			sight{row: migrating, migrations: map[string]string{"m1": "Succeeded", "m2": "Pending"}, last: ended("m1", false, "")}, "no"},
		{"succeeded", "migrate", sight{row: running}, sight{row: running, migrations: map[string]string{"m2": "Succeeded"}}, "yes"},
		{"failed", "migrate", sight{row: running}, sight{row: running, migrations: map[string]string{"m2": "Failed"}, last: ended("m2", true, "no room")}, "the migration failed: no room"},
		{"failed before it began", "migrate", sight{row: running, last: ended("m1", true, "old")}, sight{row: running, migrations: map[string]string{"m2": "Failed"}, last: ended("m1", true, "old")}, "the migration failed"},
		{"succeeded, unseen", "migrate", sight{row: running, last: ended("m1", true, "")}, sight{row: running, last: ended("m2", false, "")}, "yes"},
		{"failed, unseen", "migrate", sight{row: running}, sight{row: running, last: ended("m2", true, "no room")}, "the migration failed: no room"},
		{"still cancelling", "cancel-migration", sight{row: migrating}, sight{row: migrating}, "no"},
		{"cancelled", "cancel-migration", sight{row: migrating}, sight{row: running, last: ended("m2", true, "aborted")}, "yes"},
		{"cancelled too late", "cancel-migration", sight{row: migrating}, sight{row: running, last: ended("m2", false, "")}, "the migration had succeeded before it could be cancelled"},
	} {
		e, got := effects[tt.action], "no"
		switch {
		case e.failed != nil && e.failed(tt.before, tt.now) != "":
			got = e.failed(tt.before, tt.now)
		case e.at != nil && e.at(tt.now.row), e.there != nil && e.there(tt.before, tt.now):
			got = "yes"
		}
		if got != tt.want {
			t.Errorf("%s, %s: %s, want %s", tt.action, tt.name, got, tt.want)
		}
	}
}

func TestReached(t *testing.T) {
	running := &Row{Phase: "Running", Status: StatusRunning}
	stopping := &Row{Phase: "Running", Status: StatusStopping, HasInstance: true}
	for _, tt := range []struct {
		action string
		row    *Row
		want   string
	}{
		{"start", running, "running"}, {"stop", running, ""}, {"start", stopping, ""}, {"stop", &Row{Status: StatusStopped}, "stopped"},
		{"delete", running, ""}, {"restart", running, ""}, {"unpause", running, "running"},
	} {
		if got := Find(tt.action).Reached(tt.row); got != tt.want {
			t.Errorf("%s of a %s VM: %q, want %q", tt.action, tt.row.Status, got, tt.want)
		}
	}
}

func TestCloningNamesFieldsOfKubeVirt(t *testing.T) {
	var missing []string
	comparePaths(reflect.TypeOf(cloning{}.Status), reflect.TypeOf(clonev1.VirtualMachineCloneStatus{}), "status", &missing)
	comparePaths(reflect.TypeOf(cloning{}.Spec), reflect.TypeOf(clonev1.VirtualMachineCloneSpec{}), "spec", &missing)
	if len(missing) > 0 {
		t.Errorf("no such fields:\n%s", strings.Join(missing, "\n"))
	}
}
