package vm

import "fmt"

// The functions of this file are the Off rules of the action table: each returns why an action makes no sense now, or nothing. They
// say no where virt-api would, and where it would say yes but do nothing.

const (
	notRunning   = "not running"
	noMachine    = "an instance without a VirtualMachine"
	beingDeleted = "being deleted"
	underWay     = "a start or stop is still under way"
)

// startOff: a start that goes through a state change request, as every start but that of a halted VM, must wait for the last one.
func startOff(paused bool) func(*Row, Facts) string {
	return func(r *Row, _ Facts) string {
		requested := paused || r.RunStrategy != "Halted"
		switch {
		case !r.HasVM:
			return noMachine
		case r.Deleting:
			return beingDeleted
		case r.HasInstance && !r.Final() && r.Phase != "" && r.Phase != "Unknown":
			return "already " + doing(r)
		case r.NeedsRecovery:
			return "a failed volume migration must be recovered by hand first"
		case r.RunStrategy == "Always" || r.RunStrategy == "Once":
			return fmt.Sprintf("run strategy %s starts it by itself", r.RunStrategy)
		case r.RunStrategy == "WaitAsReceiver":
			return "waits for a migration to bring it"
		case r.RunStrategy == "RerunOnFailure" && r.Phase == "Failed":
			return "failed; run strategy RerunOnFailure starts it again by itself"
		case requested && r.StateChanges > 0:
			return underWay
		}
		return ""
	}
}

func doing(r *Row) string {
	switch r.Status {
	case StatusStarting, StatusStopping:
		return map[string]string{StatusStarting: "starting", StatusStopping: "running, it is still stopping"}[r.Status]
	case StatusPaused:
		return "running, paused"
	default:
		return "running"
	}
}

func stopOff(r *Row, _ Facts) string {
	switch {
	case !r.HasVM:
		return noMachine
	case r.RunStrategy == "WaitAsReceiver":
		return "waits for a migration to bring it"
	case r.RunStrategy == "Always" || r.RunStrategy == "Once":
		return "" // with no instance this ends the attempts to start one
	case !r.HasInstance || r.Final():
		return notRunning
	case r.RunStrategy == "Halted":
		return "already stopping; a forced stop cuts the grace period short"
	}
	return ""
}

func forceStopOff(r *Row, f Facts) string {
	if r.HasVM && r.RunStrategy == "Halted" && r.HasInstance && !r.Final() {
		if r.GracePeriod != nil && *r.GracePeriod == 0 {
			return "already being forced to stop"
		}
		return ""
	}
	return stopOff(r, f)
}

func restartOff(r *Row, _ Facts) string {
	switch {
	case !r.HasVM:
		return noMachine
	case r.VolumesChanging:
		return "its volumes are being migrated"
	case !r.HasInstance:
		return notRunning
	case r.RunStrategy == "Halted":
		return "already stopping"
	case r.RunStrategy == "Once":
		return "run strategy Once does not restart"
	case r.StateChanges > 0:
		return underWay
	}
	return ""
}

func pauseOff(r *Row, f Facts) string {
	switch {
	case !r.Running():
		return notRunning
	case r.Paused:
		return "already paused"
	case r.LivenessProbe == OtherProbe, r.LivenessProbe == AgentPingProbe && !f.PauseWithAgentPing:
		return "has a liveness probe, which would take a pause for a failure"
	}
	return ""
}

func unpauseOff(r *Row, _ Facts) string {
	switch {
	case r.SnapshotInProgress != "":
		return fmt.Sprintf("snapshot %s is being taken", r.SnapshotInProgress)
	case !r.Running():
		return notRunning
	case !r.Paused:
		return "not paused"
	}
	return ""
}

func softRebootOff(r *Row, _ Facts) string {
	switch {
	case !r.Running():
		return notRunning
	case r.Paused:
		return "paused"
	case !r.Agent && !r.ACPI:
		return "neither guest agent nor ACPI"
	}
	return ""
}

func resetOff(r *Row, _ Facts) string {
	if !r.Running() {
		return notRunning
	}
	return ""
}

func migrateOff(r *Row, _ Facts) string {
	switch {
	case !r.HasVM:
		return noMachine
	case !r.Running():
		return notRunning
	case r.Migration != nil:
		return "already migrating"
	case r.NotMigratable != nil:
		return fmt.Sprintf("not live migratable: %s", orReason(r.NotMigratable))
	}
	return ""
}

func orReason(c *Condition) string {
	if c.Message != "" {
		return c.Message
	}
	return c.Reason
}

func cancelOff(r *Row, _ Facts) string {
	switch {
	case r.Migration == nil:
		return "not migrating"
	case r.Migration.Name == "":
		return "the migration's name is not known, for want of list virtualmachineinstancemigrations"
	case r.Migration.Aborting:
		return "already being cancelled"
	}
	return ""
}

func cloneOff(r *Row, f Facts) string {
	switch {
	case !r.HasVM:
		return noMachine
	case r.Deleting:
		return beingDeleted
	case f.SnapshotsOff:
		return "KubeVirt's feature gate Snapshot is off on this cluster"
	}
	return ""
}

func deleteOff(r *Row, _ Facts) string {
	switch {
	case r.Deleting:
		return "already " + beingDeleted
	case r.Protected:
		return fmt.Sprintf("protected by the label %s", protectionLabel)
	}
	return ""
}
