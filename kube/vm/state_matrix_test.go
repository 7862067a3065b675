package vm

import (
	"fmt"
	"testing"
)

// The functions below say what virt-api answers, transcribed from KubeVirt 1.7 (pkg/virt-api/rest/lifecycle.go). The rules of the
// action table are compared with them over every combination of what they look at.

const (
	accepts = "accepts"
	refuses = "refuses"
	ignores = "answers yes and does nothing"
)

// changeRequest is getChangeRequestJson: a lone stop replaces what is still requested, anything else is refused meanwhile.
func changeRequest(r *Row, loneStop bool) string {
	if r.StateChanges > 0 && !loneStop {
		return refuses
	}
	return accepts
}

func virtAPIStart(r *Row, paused bool) string {
	if r.HasInstance && !r.Final() && r.Phase != "Unknown" && r.Phase != "" || r.NeedsRecovery {
		return refuses
	}
	switch r.RunStrategy {
	case "Halted":
		if paused {
			return changeRequest(r, false)
		}
		return accepts
	case "RerunOnFailure":
		if r.HasInstance && r.Phase == "Failed" {
			return refuses
		}
		return changeRequest(r, false)
	case "Manual":
		return changeRequest(r, false)
	case "Always", "Once":
		return refuses
	}
	return ignores
}

func virtAPIStop(r *Row, grace *int64) string {
	gone := !r.HasInstance || r.Final()
	switch r.RunStrategy {
	case "Halted":
		if gone || grace == nil || r.GracePeriod != nil && *grace >= *r.GracePeriod {
			return refuses
		}
		return changeRequest(r, true)
	case "RerunOnFailure", "Manual":
		if gone {
			return refuses
		}
		return changeRequest(r, true)
	case "Always", "Once":
		return accepts
	}
	return ignores
}

func virtAPIRestart(r *Row) string {
	if r.VolumesChanging || r.RunStrategy == "Halted" || r.RunStrategy == "Once" || !r.HasInstance {
		return refuses
	}
	return changeRequest(r, false)
}

func virtAPIPause(r *Row, f Facts) string {
	// 1.9 lets a guest agent ping through.
	probe := r.LivenessProbe == OtherProbe || r.LivenessProbe == AgentPingProbe && !f.PauseWithAgentPing
	if r.Phase != "Running" || probe || r.Paused {
		return refuses
	}
	return accepts
}

func virtAPIUnpause(r *Row) string {
	if r.SnapshotInProgress != "" || r.Phase != "Running" || !r.Paused {
		return refuses
	}
	return accepts
}

func virtAPISoftReboot(r *Row) string {
	if r.Phase != "Running" || r.Paused || !r.Agent && !r.ACPI {
		return refuses
	}
	return accepts
}

// virtAPIMigrate includes the webhook on the migration object (migration-create-admitter.go).
func virtAPIMigrate(r *Row) string {
	if r.Phase != "Running" || r.NotMigratable != nil || r.Migration != nil {
		return refuses
	}
	return accepts
}

var (
	strategies = []string{"Always", "Halted", "Manual", "RerunOnFailure", "Once", "WaitAsReceiver"}
	phases     = []string{"none", "", "Pending", "Scheduling", "Scheduled", "Running", "Succeeded", "Failed", "WaitingForSync", "Unknown"}
)

// everyState calls fn with every run strategy, phase and setting of eight flags; a flag stands for something else in each rule.
func everyState(fn func(r *Row, flag func(i int) bool)) {
	for _, strategy := range strategies {
		for _, phase := range phases {
			for bits := range 1 << 8 {
				r := &Row{Namespace: "team", Name: "web", HasVM: true, RunStrategy: strategy, ACPI: true}
				if phase != "none" {
					r.HasInstance, r.Phase = true, phase
				}
				fn(r, func(i int) bool { return bits&(1<<i) != 0 })
			}
		}
	}
}

func TestRulesAgreeWithVirtAPI(t *testing.T) {
	compared, offs := 0, 0
	compare := func(id string, r *Row, f Facts, answer string) {
		off := Find(id).Off(r, f)
		compared++
		if off != "" {
			offs++
		}
		if (off != "") != (answer != accepts) {
			t.Errorf("%s: off %q, but virt-api %s for %+v", id, off, answer, *r)
		}
	}
	everyState(func(r *Row, flag func(int) bool) {
		if flag(0) {
			r.StateChanges = 1
		}
		r.NeedsRecovery, r.VolumesChanging = flag(1), flag(2)
		if seconds := int64(30); flag(3) {
			if flag(4) {
				seconds = 0
			}
			r.GracePeriod = &seconds
		}
		compare("start", r, Facts{}, virtAPIStart(r, false))
		compare("start-paused", r, Facts{}, virtAPIStart(r, true))
		compare("stop", r, Facts{}, virtAPIStop(r, nil))
		compare("force-stop", r, Facts{}, virtAPIStop(r, new(int64)))
		compare("restart", r, Facts{}, virtAPIRestart(r))
		compare("force-restart", r, Facts{}, virtAPIRestart(r))
	})
	everyState(func(r *Row, flag func(int) bool) {
		r.Paused, r.Agent, r.ACPI = flag(0), flag(1), flag(2)
		r.LivenessProbe = []LivenessProbe{NoProbe, AgentPingProbe, OtherProbe, NoProbe}[pick(flag(3), flag(4))]
		if flag(5) {
			r.SnapshotInProgress = "snap"
		}
		if flag(6) {
			r.Migration = &Migration{Name: "mig"}
		}
		if flag(7) {
			r.NotMigratable = &Condition{Reason: "DisksNotLiveMigratable"}
		}
		for _, f := range []Facts{{}, {PauseWithAgentPing: true}} {
			compare("pause", r, f, virtAPIPause(r, f))
			compare("unpause", r, f, virtAPIUnpause(r))
			compare("soft-reboot", r, f, virtAPISoftReboot(r))
			compare("migrate", r, f, virtAPIMigrate(r))
			compare("reset", r, f, map[bool]string{true: accepts, false: refuses}[r.Phase == "Running"])
		}
	})
	if compared == 0 || offs == 0 || offs == compared {
		t.Errorf("%d of %d were off", offs, compared)
	}
}

func pick(low, high bool) (n int) {
	if low {
		n++
	}
	if high {
		n += 2
	}
	return n
}

// The table that KubeVirt documents for its run strategies, with an instance that runs, one that does not exist and one that failed.
func TestRunStrategiesAsDocumented(t *testing.T) {
	tests := []struct {
		strategy, running, absent, failed string // the actions that are on
	}{
		{"Always", "stop restart", "stop", "stop restart"},
		{"Halted", "", "start", "start"},
		{"Manual", "stop restart", "start", "start restart"},
		{"RerunOnFailure", "stop restart", "start", "restart"},
		{"Once", "stop", "stop", "stop"},
		{"WaitAsReceiver", "restart", "", "restart"},
	}
	for _, tt := range tests {
		for _, state := range []struct{ phase, want string }{{"Running", tt.running}, {"", tt.absent}, {"Failed", tt.failed}} {
			r := &Row{HasVM: true, RunStrategy: tt.strategy, HasInstance: state.phase != "", Phase: state.phase}
			on := ""
			for _, id := range []string{"start", "stop", "restart"} {
				if Find(id).Off(r, Facts{}) == "" {
					on += " " + id
				}
			}
			if want := state.want; on != "" && on[1:] != want || on == "" && want != "" {
				t.Errorf("%s with phase %q: on are%s; want %s", tt.strategy, state.phase, on, fmt.Sprintf("%q", want))
			}
		}
	}
}
