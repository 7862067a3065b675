package sim

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	virtv1 "kubevirt.io/api/core/v1"
)

// migrationPorts are those libvirt and qemu would listen on at the target.
var migrationPorts = map[string]int{"49152": 49152, "49153": 49153, "22222": 0}

// syncMigration does the next step of a live migration, one per call, as the virt-handlers of source and target take
// turns (pkg/virt-handler/migration-source.go and migration-target.go). virt-controller follows each step
// (pkg/virt-controller/watch/migration/migration.go, processMigrationPhase).
func (s *Simulator) syncMigration(ctx context.Context, vmi *virtv1.VirtualMachineInstance) (time.Duration, error) {
	m := vmi.Status.MigrationState
	if m.AbortRequested {
		return 0, s.abortMigration(ctx, vmi)
	}
	switch {
	case vmi.Labels[virtv1.MigrationTargetNodeNameLabel] == "" || m.TargetNode == "":
		return 0, nil // not handed over to the target yet
	case m.TargetNodeAddress == "":
		changed, err := s.update(ctx, vmi, func(v *virtv1.VirtualMachineInstance) {
			v.Status.MigrationState.TargetNodeAddress = s.nodeAddress(m.TargetNode)
			v.Status.MigrationState.TargetDirectMigrationNodePorts = migrationPorts
		})
		if changed {
			s.events.Event(vmi, corev1.EventTypeNormal, virtv1.PreparingTarget.String(), "VirtualMachineInstance Migration Target Prepared.")
		}
		return 0, err
	case m.StartTimestamp == nil:
		changed, err := s.update(ctx, vmi, func(v *virtv1.VirtualMachineInstance) {
			now := metav1.Now()
			v.Status.MigrationState.StartTimestamp = &now
			v.Status.MigrationState.Mode = virtv1.MigrationPreCopy
		})
		if changed {
			s.events.Event(vmi, corev1.EventTypeNormal, virtv1.Migrating.String(), "VirtualMachineInstance is migrating.")
		}
		return 0, err
	}
	wish := vmi.Annotations[Migration]
	if wish == "hold" {
		return 0, nil
	}
	if end := m.StartTimestamp.Add(seconds(vmi.Annotations, MigrationSeconds, defaultMigration)); time.Now().Before(end) {
		return until(end), nil
	}
	switch {
	case wish == "fail":
		return 0, s.failMigration(ctx, vmi, "Live migration failed: the guest's memory changes faster than it can be copied", "")
	case !m.TargetNodeDomainDetected:
		_, err := s.update(ctx, vmi, func(v *virtv1.VirtualMachineInstance) {
			now := metav1.Now()
			v.Status.MigrationState.TargetNodeDomainDetected = true
			v.Status.MigrationState.TargetNodeDomainReadyTimestamp = &now
		})
		return 0, err
	}
	return 0, s.completeMigration(ctx, vmi)
}

// completeMigration transfers the VMI to the target node, and applies there what was changed while it ran
// (pkg/virt-handler/migration-target.go, finalizeMigration).
func (s *Simulator) completeMigration(ctx context.Context, vmi *virtv1.VirtualMachineInstance) error {
	m := vmi.Status.MigrationState
	var target *corev1.Pod
	for _, p := range s.podsOf(vmi.Namespace + "/" + vmi.Name) {
		if p.Name == m.TargetPod {
			target = p
		}
	}
	if target == nil || target.DeletionTimestamp != nil || target.Status.Phase != corev1.PodRunning {
		return s.failMigration(ctx, vmi, fmt.Sprintf("the target pod %s is gone", m.TargetPod), "")
	}
	changed, err := s.update(ctx, vmi, func(v *virtv1.VirtualMachineInstance) {
		now := metav1.Now()
		st := &v.Status
		st.MigrationState.EndTimestamp, st.MigrationState.Completed = &now, true
		st.NodeName = m.TargetNode
		v.Labels[virtv1.NodeNameLabel] = m.TargetNode
		delete(v.Labels, virtv1.MigrationTargetNodeNameLabel)
		st.EvacuationNodeName = ""
		st.LauncherContainerImageVersion = "" // virt-controller fills it from the target pod
		st.MigrationTransport = virtv1.MigrationTransportUnix
		st.Interfaces = s.interfaces(v, target)
		applyLiveUpdate(v)
	})
	if changed {
		s.events.Event(vmi, corev1.EventTypeNormal, virtv1.Migrated.String(), "The VirtualMachineInstance migrated to node "+m.TargetNode+".")
	}
	return err
}

// applyLiveUpdate plugs the CPUs and the memory that were added to the running VM. The migration does not count as
// successful before these conditions are gone.
func applyLiveUpdate(vmi *virtv1.VirtualMachineInstance) {
	st := &vmi.Status
	if c := vmi.Spec.Domain.CPU; c != nil && hasCondition(vmi, virtv1.VirtualMachineInstanceVCPUChange) {
		st.CurrentCPUTopology = &virtv1.CPUTopology{Cores: c.Cores, Sockets: c.Sockets, Threads: c.Threads}
	}
	if m := vmi.Spec.Domain.Memory; m != nil && m.Guest != nil && hasCondition(vmi, virtv1.VirtualMachineInstanceMemoryChange) {
		if st.Memory == nil {
			st.Memory = &virtv1.MemoryStatus{GuestAtBoot: m.Guest}
		}
		st.Memory.GuestRequested, st.Memory.GuestCurrent = m.Guest, m.Guest
	}
	for _, label := range []string{virtv1.VirtualMachinePodCPULimitsLabel, virtv1.VirtualMachinePodMemoryRequestsLabel, virtv1.MemoryHotplugOverheadRatioLabel} {
		delete(vmi.Labels, label)
	}
	for _, c := range []virtv1.VirtualMachineInstanceConditionType{
		virtv1.VirtualMachineInstanceVCPUChange, virtv1.VirtualMachineInstanceMemoryChange,
		virtv1.VirtualMachineInstanceVolumesChange, virtv1.VirtualMachineInstanceMigrationRequired,
	} {
		removeCondition(vmi, c)
	}
}

// abortMigration is what follows from deleting a migration that is under way.
func (s *Simulator) abortMigration(ctx context.Context, vmi *virtv1.VirtualMachineInstance) error {
	return s.failMigration(ctx, vmi, "Live migration has been aborted", virtv1.MigrationAbortSucceeded)
}

func (s *Simulator) failMigration(ctx context.Context, vmi *virtv1.VirtualMachineInstance, reason string, abort virtv1.MigrationAbortStatus) error {
	changed, err := s.update(ctx, vmi, func(v *virtv1.VirtualMachineInstance) {
		now := metav1.Now()
		m := v.Status.MigrationState
		m.EndTimestamp, m.Completed, m.Failed, m.FailureReason, m.AbortStatus = &now, true, true, reason, abort
		delete(v.Labels, virtv1.MigrationTargetNodeNameLabel)
	})
	if changed {
		s.events.Eventf(vmi, corev1.EventTypeWarning, virtv1.Migrated.String(),
			"VirtualMachineInstance migration uid %s failed. reason:%s", vmi.Status.MigrationState.MigrationUID, reason)
	}
	return err
}

func (s *Simulator) nodeAddress(name string) string {
	if o, ok, _ := s.nodes.GetStore().GetByKey(name); ok {
		for _, a := range o.(*corev1.Node).Status.Addresses {
			if a.Type == corev1.NodeInternalIP {
				return a.Address
			}
		}
	}
	return name
}

// migrateAgain gives a VM that wants it another migration when the time has come.
func (s *Simulator) migrateAgain(ctx context.Context, vmi *virtv1.VirtualMachineInstance) (time.Duration, error) {
	period := every(vmi.Annotations)
	if period == 0 || !hasCondition(vmi, virtv1.VirtualMachineInstanceIsMigratable) {
		return 0, nil
	}
	last := phaseTime(vmi, virtv1.Running)
	if m := vmi.Status.MigrationState; m != nil && m.EndTimestamp != nil {
		last = m.EndTimestamp.Time
	}
	for _, o := range s.migrations.GetStore().List() {
		m := o.(*virtv1.VirtualMachineInstanceMigration)
		if m.Namespace != vmi.Namespace || m.Spec.VMIName != vmi.Name {
			continue
		}
		if !m.IsFinal() {
			return 0, nil // its end will bring us here again
		}
		if m.CreationTimestamp.After(last) {
			last = m.CreationTimestamp.Time
		}
	}
	if due := last.Add(period); time.Now().Before(due) {
		return until(due), nil
	}
	_, err := s.life.KubevirtV1().VirtualMachineInstanceMigrations(vmi.Namespace).Create(ctx, &virtv1.VirtualMachineInstanceMigration{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "rebalance-"},
		Spec:       virtv1.VirtualMachineInstanceMigrationSpec{VMIName: vmi.Name},
	}, metav1.CreateOptions{})
	if err != nil {
		return 0, err
	}
	return period, nil
}
