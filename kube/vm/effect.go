package vm

import (
	"fmt"

	virtv1 "kubevirt.io/api/core/v1"
)

// effect is how it shows that an accepted action has been carried out. Most actions only leave a request, which KubeVirt's
// controllers carry out later.
type effect struct {
	what   string // what is waited for: "running"
	unseen string // why it never shows; then there is nothing to wait for
	gone   bool   // the VM goes
	// at says whether a VM is as the action would make it, whatever it was before; nil: there is no such state.
	at func(r *Row) bool
	// there compares with how it was before, for actions without such a state.
	there func(before, now sight) bool
	// failed says why it will not come about any more; empty while it may. A nil failed leaves that to the time limit.
	failed func(before, now sight) string
	// clone waits for the VirtualMachineClone that the action makes.
	clone bool
}

// sight is what is known of one VM at a time.
type sight struct {
	row        *Row
	migrations map[string]string // phases by UID, of those that have ended too
	last       *migrationState   // what the instance tells of its last migration; nil where there was none
}

// effects has an entry for every action of the table.
var effects = map[string]effect{
	"start":            {what: "running", at: runs, failed: startFailed},
	"start-paused":     {what: "paused", at: stands, failed: startFailed},
	"stop":             {what: "stopped", at: stopped},
	"force-stop":       {what: "stopped", at: stopped},
	"restart":          {what: "running anew", there: runsAnew, failed: startFailed},
	"force-restart":    {what: "running anew", there: runsAnew, failed: startFailed},
	"pause":            {what: "paused", at: stands},
	"unpause":          {what: "running", at: runs},
	"soft-reboot":      {unseen: "KubeVirt does not show when a guest has rebooted"},
	"reset":            {unseen: "KubeVirt does not show when a guest has been reset"},
	"migrate":          {what: "migrated", there: migrated, failed: migrationFailed},
	"cancel-migration": {what: "free of the migration", there: cancelled, failed: migratedAllTheSame},
	"clone":            {what: "cloned", clone: true},
	"delete":           {what: "gone", gone: true},
}

func runs(r *Row) bool { return r.Running() && !r.Paused && r.Status == StatusRunning }

func stands(r *Row) bool { return r.Running() && r.Paused }

func stopped(r *Row) bool { return r.Status == StatusStopped && (!r.HasInstance || r.Final()) }

func runsAnew(before, now sight) bool {
	return now.row.InstanceUID != before.row.InstanceUID && runs(now.row)
}

// startFailed knows states that last until somebody mends something. A status that the VM had before may be an old one still; an
// unschedulable VM waits for room, which may come.
func startFailed(before, now sight) string {
	r := now.row
	switch r.Status {
	case before.row.Status:
	case StatusCrashLoopBackOff, StatusErrorPvcNotFound, StatusDataVolumeError, StatusImagePullBackOff:
		return "it does not start: it is " + situation(r)
	}
	if r.Final() && r.InstanceUID != before.row.InstanceUID && r.RunStrategy != "Always" {
		return "it has started and ended already, as " + r.Phase
	}
	return ""
}

// migrated looks at the migrations that are new, or at the instance's word where the user may not list migrations.
func migrated(before, now sight) bool {
	for uid, phase := range now.migrations {
		if _, old := before.migrations[uid]; !old && phase == string(virtv1.MigrationSucceeded) {
			return true
		}
	}
	return ended(before, now) && !now.last.Failed
}

func migrationFailed(before, now sight) string {
	for uid, phase := range now.migrations {
		if _, old := before.migrations[uid]; old || phase != string(virtv1.MigrationFailed) {
			continue
		}
		if now.last != nil && now.last.MigrationUID == uid && now.last.FailureReason != "" {
			return "the migration failed: " + now.last.FailureReason
		}
		return "the migration failed"
	}
	if ended(before, now) && now.last.Failed {
		return "the migration failed: " + now.last.FailureReason
	}
	return ""
}

// ended says whether the instance tells of the end of another migration than before.
func ended(before, now sight) bool {
	return now.last != nil && now.last.EndTimestamp != nil && (before.last == nil || before.last.MigrationUID != now.last.MigrationUID)
}

func cancelled(before, now sight) bool {
	return now.row.Migration == nil || now.row.Migration.UID != before.row.Migration.UID
}

func migratedAllTheSame(before, now sight) string {
	uid := before.row.Migration.UID
	if now.migrations[uid] == string(virtv1.MigrationSucceeded) || now.last != nil && now.last.MigrationUID == uid && now.last.Completed && !now.last.Failed {
		return "the migration had succeeded before it could be cancelled"
	}
	return ""
}

// situation is a VM's status with the first thing that an operator should look at.
func situation(r *Row) string {
	if len(r.Attention) == 0 {
		return r.Status
	}
	return fmt.Sprintf("%s (%s: %s)", r.Status, r.Attention[0].Type, orReason(&r.Attention[0]))
}

// WaitsFor says what waiting for an action means, as in "wait until the VM is …", or why there is nothing to wait for.
func (a *Action) WaitsFor() (what, unseen string) {
	e := effects[a.ID]
	return e.what, e.unseen
}

// Reached says in a word how a VM is, where it is already as the action would make it; empty where the action would change something.
func (a *Action) Reached(r *Row) string {
	if e := effects[a.ID]; e.at != nil && e.at(r) {
		return e.what
	}
	return ""
}
