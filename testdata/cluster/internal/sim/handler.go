package sim

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	virtv1 "kubevirt.io/api/core/v1"
)

// syncVMI is virt-handler for one VMI (pkg/virt-handler/vm.go, updateVMIStatus). virt-controller brings a VMI as far as
// Scheduled and takes over again when it is final.
func (s *Simulator) syncVMI(ctx context.Context, key string) (time.Duration, error) {
	vmi := s.vmi(key)
	if vmi == nil || vmi.IsFinal() {
		return 0, nil
	}
	switch vmi.Status.Phase {
	case virtv1.Scheduled:
		if since, leaving := s.leaving(vmi); leaving {
			return s.shutDown(ctx, vmi, since)
		}
		return s.boot(ctx, vmi)
	case virtv1.Running:
		if since, leaving := s.leaving(vmi); leaving {
			return s.shutDown(ctx, vmi, since)
		}
		return s.syncRunning(ctx, vmi)
	}
	return 0, nil
}

// leaving says whether and since when the guest is to shut down: its VMI is being deleted, or the launcher it is in.
func (s *Simulator) leaving(vmi *virtv1.VirtualMachineInstance) (time.Time, bool) {
	if vmi.DeletionTimestamp != nil {
		return vmi.DeletionTimestamp.Time, true
	}
	for _, p := range s.podsOf(vmi.Namespace + "/" + vmi.Name) {
		if p.DeletionTimestamp != nil && p.Labels[virtv1.AppLabel] == "virt-launcher" && belongs(vmi, p) && isCurrent(vmi, p) && p.Status.Phase == corev1.PodRunning {
			// A pod's deletion time lies its grace period ahead.
			return p.DeletionTimestamp.Add(-time.Duration(ptr.Deref(p.DeletionGracePeriodSeconds, 0)) * time.Second), true
		}
	}
	return time.Time{}, false
}

// shutDown signals the guest and ends it, on its own or, when the grace period is shorter, by force. Killed guests leave
// their VMI failed, others succeeded (pkg/virt-handler/vm.go, calculateVmPhaseForStatusReason).
func (s *Simulator) shutDown(ctx context.Context, vmi *virtv1.VirtualMachineInstance, since time.Time) (time.Duration, error) {
	needs := seconds(vmi.Annotations, ShutdownSeconds, defaultShutdown)
	grace := time.Duration(ptr.Deref(vmi.Spec.TerminationGracePeriodSeconds, 30)) * time.Second
	phase := virtv1.Succeeded
	if grace < needs {
		needs = grace
		if grace > 0 {
			phase = virtv1.Failed
		}
	}
	if end := since.Add(needs); time.Now().Before(end) {
		return until(end), nil
	}
	return 0, s.finish(ctx, vmi, phase, virtv1.Stopped, "The VirtualMachineInstance was shut down.")
}

func (s *Simulator) finish(ctx context.Context, vmi *virtv1.VirtualMachineInstance, phase virtv1.VirtualMachineInstancePhase, reason virtv1.SyncEvent, message string) error {
	changed, err := s.update(ctx, vmi, func(v *virtv1.VirtualMachineInstance) {
		setPhase(v, phase)
		removeCondition(v, virtv1.VirtualMachineInstancePaused)
		removeCondition(v, virtv1.VirtualMachineInstanceAgentConnected)
		if m := v.Status.MigrationState; m != nil && m.EndTimestamp == nil {
			now := metav1.Now()
			m.EndTimestamp, m.Failed, m.Completed, m.FailureReason = &now, true, true, "the guest is gone"
		}
	})
	if changed {
		kind := corev1.EventTypeNormal
		if phase == virtv1.Failed {
			kind = corev1.EventTypeWarning
		}
		s.events.Event(vmi, kind, reason.String(), message)
	}
	return err
}

// boot brings a scheduled VMI to Running, or fails it when its guest crashes.
func (s *Simulator) boot(ctx context.Context, vmi *virtv1.VirtualMachineInstance) (time.Duration, error) {
	if ready := phaseTime(vmi, virtv1.Scheduled).Add(seconds(vmi.Annotations, BootSeconds, defaultBoot)); time.Now().Before(ready) {
		return until(ready), nil
	}
	if vmi.Annotations[Crash] == "true" {
		return 0, s.finish(ctx, vmi, virtv1.Failed, virtv1.Stopped, "The VirtualMachineInstance crashed.")
	}
	pod := s.currentPod(vmi)
	if pod == nil {
		return 0, nil // the informer will tell
	}
	changed, err := s.update(ctx, vmi, func(v *virtv1.VirtualMachineInstance) {
		setPhase(v, virtv1.Running)
		st := &v.Status
		st.Interfaces = s.interfaces(v, pod)
		st.MigrationMethod = virtv1.LiveMigration
		st.SelinuxContext = "none" // without it a migration is refused (watch/migration/migration.go)
		st.Machine = &virtv1.Machine{Type: "pc-q35-rhel9.6.0"}
		if m := v.Spec.Domain.Memory; m != nil && m.Guest != nil {
			st.Memory = &virtv1.MemoryStatus{GuestAtBoot: m.Guest, GuestCurrent: m.Guest, GuestRequested: m.Guest}
		}
		if c := v.Spec.Domain.CPU; c != nil {
			st.CurrentCPUTopology = &virtv1.CPUTopology{Cores: c.Cores, Sockets: c.Sockets, Threads: c.Threads}
		}
		for i := range st.VolumeStatus {
			if st.VolumeStatus[i].Target == "" {
				st.VolumeStatus[i].Target = fmt.Sprintf("vd%c", 'a'+i%26)
			}
		}
		setMigratable(v)
		setCondition(v, virtv1.VirtualMachineInstanceIsStorageLiveMigratable, corev1.ConditionTrue, "", "")
		if v.Annotations[Agent] != "none" {
			st.GuestOSInfo = guestOS(v.Annotations[GuestOS])
			setCondition(v, virtv1.VirtualMachineInstanceAgentConnected, corev1.ConditionTrue, "", "")
		}
		if p := v.Spec.StartStrategy; p != nil && *p == virtv1.StartStrategyPaused {
			setPaused(v)
		}
	})
	if changed {
		s.events.Event(vmi, corev1.EventTypeNormal, virtv1.Started.String(), "VirtualMachineInstance started.")
	}
	return 0, err
}

// syncRunning looks after a running guest: an end it was given, and migrations.
func (s *Simulator) syncRunning(ctx context.Context, vmi *virtv1.VirtualMachineInstance) (time.Duration, error) {
	if after := seconds(vmi.Annotations, ShutdownAfter, 0); after > 0 {
		end := phaseTime(vmi, virtv1.Running).Add(after)
		if !time.Now().Before(end) {
			return 0, s.finish(ctx, vmi, virtv1.Succeeded, virtv1.Stopped, "The VirtualMachineInstance was shut down.")
		}
		s.vmiQueue.AddAfter(vmi.Namespace+"/"+vmi.Name, until(end))
	}
	if m := vmi.Status.MigrationState; m != nil && m.MigrationUID != "" && !m.Completed && !m.Failed {
		return s.syncMigration(ctx, vmi)
	}
	return s.migrateAgain(ctx, vmi)
}

// update writes a change of a VMI, which has no status of its own. It says whether anything changed.
func (s *Simulator) update(ctx context.Context, vmi *virtv1.VirtualMachineInstance, change func(*virtv1.VirtualMachineInstance)) (bool, error) {
	next := vmi.DeepCopy()
	change(next)
	if equality.Semantic.DeepEqual(vmi, next) {
		return false, nil
	}
	_, err := s.virt.KubevirtV1().VirtualMachineInstances(vmi.Namespace).Update(ctx, next, metav1.UpdateOptions{})
	return err == nil, err
}

func (s *Simulator) currentPod(vmi *virtv1.VirtualMachineInstance) *corev1.Pod {
	for _, p := range s.podsOf(vmi.Namespace + "/" + vmi.Name) {
		if belongs(vmi, p) && isCurrent(vmi, p) && p.Status.PodIP != "" && p.Labels[virtv1.AppLabel] == "virt-launcher" {
			return p
		}
	}
	return nil
}

// interfaces of the guest: the first, default one has the launcher's address, as with masquerade.
func (s *Simulator) interfaces(vmi *virtv1.VirtualMachineInstance, pod *corev1.Pod) []virtv1.VirtualMachineInstanceNetworkInterface {
	var out []virtv1.VirtualMachineInstanceNetworkInterface
	for i, spec := range vmi.Spec.Domain.Devices.Interfaces {
		nic := virtv1.VirtualMachineInstanceNetworkInterface{
			Name: spec.Name, MAC: spec.MacAddress, InfoSource: "domain", LinkState: "up", QueueCount: 1,
			PodInterfaceName: fmt.Sprintf("eth%d", i),
		}
		if nic.MAC == "" {
			h := sha256.Sum256([]byte(vmi.Namespace + "/" + vmi.Name + "/" + spec.Name))
			nic.MAC = fmt.Sprintf("02:%02x:%02x:%02x:%02x:%02x", h[0], h[1], h[2], h[3], h[4])
		}
		if i == 0 {
			nic.IP, nic.IPs = pod.Status.PodIP, []string{pod.Status.PodIP}
		}
		if vmi.Annotations[Agent] != "none" {
			nic.InfoSource, nic.InterfaceName = "domain, guest-agent", fmt.Sprintf("eth%d", i)
		}
		out = append(out, nic)
	}
	return out
}

func setPhase(vmi *virtv1.VirtualMachineInstance, phase virtv1.VirtualMachineInstancePhase) {
	vmi.Status.Phase = phase
	for _, t := range vmi.Status.PhaseTransitionTimestamps {
		if t.Phase == phase {
			return
		}
	}
	// Without the one of Running, virt-controller takes any later end for a failed start (watch/vm/vm.go, wasVMIInRunningPhase).
	vmi.Status.PhaseTransitionTimestamps = append(vmi.Status.PhaseTransitionTimestamps,
		virtv1.VirtualMachineInstancePhaseTransitionTimestamp{Phase: phase, PhaseTransitionTimestamp: metav1.Now()})
}

func phaseTime(vmi *virtv1.VirtualMachineInstance, phase virtv1.VirtualMachineInstancePhase) time.Time {
	for _, t := range vmi.Status.PhaseTransitionTimestamps {
		if t.Phase == phase {
			return t.PhaseTransitionTimestamp.Time
		}
	}
	return vmi.CreationTimestamp.Time
}

// setMigratable follows virt-handler's check of what ties a guest to its node (pkg/virt-handler/vm.go, calculateLiveMigrationCondition).
func setMigratable(vmi *virtv1.VirtualMachineInstance) {
	for _, i := range vmi.Spec.Domain.Devices.Interfaces {
		if i.Bridge != nil {
			setCondition(vmi, virtv1.VirtualMachineInstanceIsMigratable, corev1.ConditionFalse, virtv1.VirtualMachineInstanceReasonInterfaceNotMigratable,
				"cannot migrate VMI which does not use masquerade, bridge with "+virtv1.AllowPodBridgeNetworkLiveMigrationAnnotation+" VM annotation or a migratable plugin to connect to the pod network")
			return
		}
	}
	for _, v := range vmi.Spec.Volumes {
		if v.HostDisk != nil {
			setCondition(vmi, virtv1.VirtualMachineInstanceIsMigratable, corev1.ConditionFalse, virtv1.VirtualMachineInstanceReasonDisksNotMigratable,
				"cannot migrate VMI with non-shared HostDisk")
			return
		}
	}
	setCondition(vmi, virtv1.VirtualMachineInstanceIsMigratable, corev1.ConditionTrue, "", "")
}

func setPaused(vmi *virtv1.VirtualMachineInstance) {
	setCondition(vmi, virtv1.VirtualMachineInstancePaused, corev1.ConditionTrue, "PausedByUser", "VMI was paused by user")
}

func setCondition(vmi *virtv1.VirtualMachineInstance, kind virtv1.VirtualMachineInstanceConditionType, status corev1.ConditionStatus, reason, message string) {
	now := metav1.Now()
	c := virtv1.VirtualMachineInstanceCondition{Type: kind, Status: status, Reason: reason, Message: message, LastTransitionTime: now}
	for i := range vmi.Status.Conditions {
		if vmi.Status.Conditions[i].Type == kind {
			vmi.Status.Conditions[i] = c
			return
		}
	}
	vmi.Status.Conditions = append(vmi.Status.Conditions, c)
}

func removeCondition(vmi *virtv1.VirtualMachineInstance, kind virtv1.VirtualMachineInstanceConditionType) {
	kept := vmi.Status.Conditions[:0]
	for _, c := range vmi.Status.Conditions {
		if c.Type != kind {
			kept = append(kept, c)
		}
	}
	vmi.Status.Conditions = kept
}

func hasCondition(vmi *virtv1.VirtualMachineInstance, kind virtv1.VirtualMachineInstanceConditionType) bool {
	for _, c := range vmi.Status.Conditions {
		if c.Type == kind && c.Status == corev1.ConditionTrue {
			return true
		}
	}
	return false
}
