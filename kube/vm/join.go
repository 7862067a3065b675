package vm

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

// protectionLabel keeps a VirtualMachine from being deleted (KubeVirt's deletion protection, kubevirt/community#363).
const protectionLabel = "kubevirt.io/vm-delete-protection"

// sizes looks up what an instance type gives a VirtualMachine that names no CPU and memory of its own.
type sizes func(kind, namespace, name string) (cpu int, memory int64)

// join makes one row of what the three kinds say about one name. At least one of vm and vmi is given.
func join(vm *machine, vmi *instance, active *migration, size sizes) *Row {
	r := &Row{ACPI: true}
	if vmi != nil {
		r.fromInstance(vmi)
	}
	if vm != nil {
		r.fromMachine(vm, size)
	}
	r.Migration = joinMigration(vmi, active)
	r.Attention = attention(vm, vmi)
	return r
}

func (r *Row) fromInstance(vmi *instance) {
	meta, status := &vmi.Metadata, &vmi.Status
	r.UID, r.Namespace, r.Name, r.ResourceVersion = meta.UID, meta.Namespace, meta.Name, meta.ResourceVersion
	r.Created, r.Labels, r.Deleting = meta.CreationTimestamp, meta.Labels, meta.DeletionTimestamp != nil
	r.HasInstance, r.InstanceUID = true, meta.UID
	r.Phase, r.Node = status.Phase, status.NodeName
	r.Paused = conditionTrue(status.Conditions, "Paused")
	r.Agent = conditionTrue(status.Conditions, "AgentConnected")
	if enabled := vmi.Spec.Domain.Features.ACPI.Enabled; enabled != nil {
		r.ACPI = *enabled
	}
	r.GracePeriod = vmi.Spec.TerminationGracePeriodSeconds
	r.LivenessProbe = probeOf(&vmi.Spec)
	if c := conditionOf(status.Conditions, "LiveMigratable"); c != nil && c.Status == "False" {
		r.NotMigratable = c
	}
	for _, nic := range status.Interfaces {
		if len(nic.IPAddresses) > 0 {
			r.IPs = append(r.IPs, nic.IPAddresses...)
		} else if nic.IPAddress != "" {
			r.IPs = append(r.IPs, nic.IPAddress)
		}
	}
	r.OS = guestOS(vmi)
	r.CPU, r.Memory = sizeOf(&vmi.Spec)
	if n := status.CurrentCPUTopology.count(); n > 0 {
		r.CPU = n
	}
	if n := bytesOf(status.Memory.GuestCurrent); n > 0 {
		r.Memory = n
	}
	r.Status = instanceStatus(vmi)
}

func (r *Row) fromMachine(vm *machine, size sizes) {
	meta, status := &vm.Metadata, &vm.Status
	r.UID, r.Namespace, r.Name, r.ResourceVersion = meta.UID, meta.Namespace, meta.Name, meta.ResourceVersion
	r.Created, r.Labels, r.Deleting = meta.CreationTimestamp, meta.Labels, meta.DeletionTimestamp != nil
	r.HasVM = true
	r.Protected = strings.EqualFold(meta.Labels[protectionLabel], "true")
	r.RunStrategy = runStrategy(vm)
	r.Instancetype, r.Preference = vm.Spec.Instancetype.Name, vm.Spec.Preference.Name
	if r.Status = status.PrintableStatus; r.Status == "" {
		r.Status = StatusUnknown
		if vm.Metadata.DeletionTimestamp != nil {
			r.Status = StatusTerminating
		}
	}
	r.VolumesChanging = conditionTrue(status.Conditions, "VolumesChange")
	r.NeedsRecovery = conditionTrue(status.Conditions, "ManualRecoveryRequired")
	r.SnapshotInProgress, r.RestoreInProgress = deref(status.SnapshotInProgress), deref(status.RestoreInProgress)
	r.StateChanges = len(status.StateChangeRequests)
	if f := status.StartFailure; f != nil {
		r.StartFailures, r.RetryAfter = f.ConsecutiveFailCount, f.RetryAfterTimestamp
	}
	cpu, memory := sizeOf(&vm.Spec.Template.Spec)
	if name := r.Instancetype; name != "" && (r.CPU == 0 || r.Memory == 0) && size != nil {
		cpu, memory = size(vm.Spec.Instancetype.Kind, meta.Namespace, name)
	} else if cpu == 0 {
		cpu = 1 // KubeVirt's default
	}
	if r.CPU == 0 {
		r.CPU = cpu
	}
	if r.Memory == 0 {
		r.Memory = memory
	}
}

// runStrategy follows VirtualMachine.RunStrategy of kubevirt.io/api: the older spec.running stands for Always or Halted.
func runStrategy(vm *machine) string {
	switch {
	case vm.Spec.RunStrategy != "":
		return vm.Spec.RunStrategy
	case vm.Spec.Running != nil && *vm.Spec.Running:
		return "Always"
	default:
		return "Halted"
	}
}

// joinMigration prefers the migration object, which knows the phase, and takes nodes and times from the instance, which alone has
// them while it runs. Without the right to list migrations the instance's word must do.
func joinMigration(vmi *instance, active *migration) *Migration {
	var state *migrationState
	if vmi != nil && vmi.Status.MigrationState != nil && vmi.Status.MigrationState.EndTimestamp == nil && !vmi.Status.MigrationState.Completed {
		state = vmi.Status.MigrationState
	}
	if active == nil && (state == nil || state.StartTimestamp == nil) {
		return nil
	}
	m := &Migration{}
	if active != nil {
		m.Name, m.UID, m.Phase = active.Metadata.Name, active.Metadata.UID, active.Status.Phase
		m.Aborting = active.Metadata.DeletionTimestamp != nil
	}
	if vmi != nil {
		m.Source = vmi.Status.NodeName
	}
	if state != nil && (active == nil || state.MigrationUID == "" || state.MigrationUID == m.UID) {
		if state.SourceNode != "" {
			m.Source = state.SourceNode
		}
		m.Target, m.Started = state.TargetNode, state.StartTimestamp
		m.Aborting = m.Aborting || state.AbortRequested
	}
	return m
}

// instanceStatus maps an instance without a VirtualMachine to the words that KubeVirt uses for one that has it.
func instanceStatus(vmi *instance) string {
	state := vmi.Status.MigrationState
	switch {
	case vmi.Metadata.DeletionTimestamp != nil:
		return StatusTerminating
	case state != nil && state.StartTimestamp != nil && state.EndTimestamp == nil:
		return StatusMigrating
	case vmi.Status.Phase == "Running" && conditionTrue(vmi.Status.Conditions, "Paused"):
		return StatusPaused
	case vmi.Status.Phase == "Running":
		return StatusRunning
	case vmi.Status.Phase == "Succeeded", vmi.Status.Phase == "Failed":
		return StatusStopped
	case vmi.Status.Phase == "WaitingForSync":
		return StatusWaitingForReceiver
	case vmi.Status.Phase == "Unknown":
		return StatusUnknown
	}
	if c := conditionOf(vmi.Status.Conditions, "PodScheduled"); c != nil && c.Status == "False" && c.Reason == "Unschedulable" {
		return StatusErrorUnschedulable
	}
	return StatusStarting
}

func guestOS(vmi *instance) string {
	info := &vmi.Status.GuestOSInfo
	switch {
	case info.PrettyName != "":
		return info.PrettyName
	case info.Name != "":
		return strings.TrimSpace(info.Name + " " + info.Version)
	default:
		return info.ID
	}
}

// sizeOf reads what a spec itself asks for; 0 where it does not say.
func sizeOf(spec *instanceSpec) (cpu int, memory int64) {
	cpu = spec.Domain.CPU.count()
	if cpu == 0 {
		cpu = int(quantity(spec.Domain.Resources.Requests["cpu"]).Value())
	}
	if memory = bytesOf(spec.Domain.Memory.Guest); memory == 0 {
		memory = bytesOf(spec.Domain.Resources.Requests["memory"])
	}
	return cpu, memory
}

func quantity(v any) *resource.Quantity {
	q, err := resource.ParseQuantity(fmt.Sprint(v))
	if v == nil || err != nil {
		return &resource.Quantity{}
	}
	return &q
}

func bytesOf(v any) int64 { return quantity(v).Value() }

func probeOf(spec *instanceSpec) LivenessProbe {
	switch {
	case spec.LivenessProbe == nil:
		return NoProbe
	case spec.LivenessProbe.GuestAgentPing != nil:
		return AgentPingProbe
	default:
		return OtherProbe
	}
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
