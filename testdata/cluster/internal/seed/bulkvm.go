package seed

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	virtv1 "kubevirt.io/api/core/v1"
)

// epoch is when the first stored VM was made; each later one is a minute younger.
var epoch = time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)

var bulkApps = []string{"web", "api", "worker", "cache", "postgres", "build-runner", "gateway", "reporting"}

// bulkVM makes the VM of a number, as large as a real one of its kind, and its VMI when it runs.
func bulkVM(i int) (*virtv1.VirtualMachine, *virtv1.VirtualMachineInstance) {
	app := bulkApps[i%len(bulkApps)]
	name, namespace := fmt.Sprintf("%s-%05d", app, i), bulkNamespace(i)
	made := metav1.NewTime(epoch.Add(time.Duration(i) * time.Minute))
	runs := i/bulkNamespaces%2 == 0
	status := bulkStatus(i, runs)
	strategy := virtv1.RunStrategyAlways
	if status == virtv1.VirtualMachineStatusStopped {
		strategy = virtv1.RunStrategyHalted
	}
	labels := map[string]string{"app": app, "tier": "bulk", "team": fmt.Sprintf("team-%d", i%17), "environment": []string{"dev", "test", "prod"}[i%3]}
	vm := &virtv1.VirtualMachine{
		TypeMeta: metav1.TypeMeta{APIVersion: virtv1.GroupVersion.String(), Kind: "VirtualMachine"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: name, UID: uid("vm", i), CreationTimestamp: made, Generation: 2,
			Labels: labels, Finalizers: []string{virtv1.VirtualMachineControllerFinalizer},
			Annotations: map[string]string{
				virtv1.ControllerAPILatestVersionObservedAnnotation:  "v1",
				virtv1.ControllerAPIStorageVersionObservedAnnotation: "v1",
			},
		},
		Spec: virtv1.VirtualMachineSpec{
			RunStrategy: &strategy,
			Template: &virtv1.VirtualMachineInstanceTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": app, "kubevirt.io/domain": name}},
				Spec:       bulkSpec(i, name),
			},
		},
	}
	applied, _ := json.Marshal(map[string]any{"apiVersion": vm.APIVersion, "kind": vm.Kind,
		"metadata": map[string]any{"name": name, "namespace": namespace, "labels": labels}, "spec": vm.Spec})
	vm.Annotations[corev1.LastAppliedConfigAnnotation] = string(applied)

	var vmi *virtv1.VirtualMachineInstance
	if runs {
		vmi = bulkVMI(i, vm, status)
	}
	vm.Status = virtv1.VirtualMachineStatus{
		Created: runs, Ready: runs && status == virtv1.VirtualMachineStatusRunning, PrintableStatus: status,
		ObservedGeneration: 2, DesiredGeneration: 2, RunStrategy: strategy,
		VolumeSnapshotStatuses: []virtv1.VolumeSnapshotStatus{
			{Name: "rootdisk", Enabled: false, Reason: "Snapshot is not supported for this volumeSource type [rootdisk]"},
			{Name: "cloudinit", Enabled: false, Reason: "Snapshot is not supported for this volumeSource type [cloudinit]"},
		},
	}
	if vmi != nil {
		for _, c := range vmi.Status.Conditions {
			vm.Status.Conditions = append(vm.Status.Conditions, virtv1.VirtualMachineCondition{
				Type: virtv1.VirtualMachineConditionType(c.Type), Status: c.Status, Reason: c.Reason, Message: c.Message, LastTransitionTime: c.LastTransitionTime,
			})
		}
	} else {
		vm.Status.Conditions = []virtv1.VirtualMachineCondition{{Type: virtv1.VirtualMachineReady, Status: corev1.ConditionFalse,
			Reason: "VMINotExists", Message: "VMI does not exist", LastTransitionTime: made}}
	}
	vm.ManagedFields = []metav1.ManagedFieldsEntry{
		owned("kubectl-client-side-apply", made, "", map[string]any{"metadata": map[string]any{"labels": labels}, "spec": vm.Spec}),
		owned("virt-controller", made, "", map[string]any{"metadata": map[string]any{"annotations": vm.Annotations, "finalizers": vm.Finalizers}}),
		owned("virt-controller", made, "status", map[string]any{"status": vm.Status}),
	}
	return vm, vmi
}

// bulkStatus spreads the states as a large cluster shows them: most VMs just run or do not.
func bulkStatus(i int, runs bool) virtv1.VirtualMachinePrintableStatus {
	switch k := i * 7919 / 50 % 100; { // scattered
	case runs && k < 3:
		return virtv1.VirtualMachineStatusPaused
	case runs && k < 4:
		return virtv1.VirtualMachineStatusMigrating
	case runs:
		return virtv1.VirtualMachineStatusRunning
	case k < 2:
		return virtv1.VirtualMachineStatusCrashLoopBackOff
	case k < 3:
		return virtv1.VirtualMachineStatusProvisioning
	}
	return virtv1.VirtualMachineStatusStopped
}

func bulkSpec(i int, name string) virtv1.VirtualMachineInstanceSpec {
	memory := resource.MustParse(fmt.Sprintf("%dGi", 1<<(i%5)))
	maxMemory := memory.DeepCopy()
	maxMemory.Add(memory)
	nic := func(name string, how virtv1.InterfaceBindingMethod) virtv1.Interface {
		return virtv1.Interface{Name: name, Model: "virtio", InterfaceBindingMethod: how}
	}
	disk := func(name string) virtv1.Disk {
		return virtv1.Disk{Name: name, DiskDevice: virtv1.DiskDevice{Disk: &virtv1.DiskTarget{Bus: virtv1.DiskBusVirtio}}}
	}
	return virtv1.VirtualMachineInstanceSpec{
		Architecture:                  "amd64",
		EvictionStrategy:              ptr.To(virtv1.EvictionStrategyLiveMigrate),
		TerminationGracePeriodSeconds: ptr.To[int64](180),
		Domain: virtv1.DomainSpec{
			CPU:       &virtv1.CPU{Cores: 1, Sockets: uint32(1 << (i % 4)), MaxSockets: uint32(4 << (i % 4)), Threads: 1, Model: "host-model"},
			Memory:    &virtv1.Memory{Guest: &memory, MaxGuest: &maxMemory},
			Machine:   &virtv1.Machine{Type: "q35"},
			Firmware:  &virtv1.Firmware{UUID: types.UID(uid("firmware", i)), Serial: string(uid("serial", i))},
			Resources: virtv1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceMemory: memory}},
			Devices: virtv1.Devices{
				AutoattachPodInterface: ptr.To(false),
				Disks:                  []virtv1.Disk{disk("rootdisk"), disk("cloudinit"), disk("data")},
				Interfaces: []virtv1.Interface{
					nic("default", virtv1.InterfaceBindingMethod{Masquerade: &virtv1.InterfaceMasquerade{}}),
					nic("storage", virtv1.InterfaceBindingMethod{Bridge: &virtv1.InterfaceBridge{}}),
				},
				Rng: &virtv1.Rng{},
			},
		},
		Networks: []virtv1.Network{
			{Name: "default", NetworkSource: virtv1.NetworkSource{Pod: &virtv1.PodNetwork{}}},
			{Name: "storage", NetworkSource: virtv1.NetworkSource{Multus: &virtv1.MultusNetwork{NetworkName: "default/storage-vlan"}}},
		},
		Volumes: []virtv1.Volume{
			{Name: "rootdisk", VolumeSource: virtv1.VolumeSource{ContainerDisk: &virtv1.ContainerDiskSource{Image: "quay.io/containerdisks/ubuntu:24.04", ImagePullPolicy: corev1.PullIfNotPresent}}},
			{Name: "cloudinit", VolumeSource: virtv1.VolumeSource{CloudInitNoCloud: &virtv1.CloudInitNoCloudSource{
				UserData: userData(i, name)}}},
			{Name: "data", VolumeSource: virtv1.VolumeSource{PersistentVolumeClaim: &virtv1.PersistentVolumeClaimVolumeSource{
				PersistentVolumeClaimVolumeSource: corev1.PersistentVolumeClaimVolumeSource{ClaimName: name + "-data"}}}},
		},
	}
}

// userData is a cloud-init script of ordinary length: an account with two keys, packages and a mounted disk.
func userData(i int, name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "#cloud-config\nhostname: %s\nfqdn: %s.%s.example.com\nssh_pwauth: false\nusers:\n- name: ops\n  groups: [sudo, adm]\n  shell: /bin/bash\n  ssh_authorized_keys:\n", name, name, bulkNamespace(i))
	for k := range 2 {
		key := sha256.Sum256([]byte(uid("key", i, k)))
		fmt.Fprintf(&b, "  - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI%s ops-%d@example.com\n", base64.RawStdEncoding.EncodeToString(key[:]), k)
	}
	b.WriteString("packages: [qemu-guest-agent, chrony, unattended-upgrades]\nruncmd:\n- [systemctl, enable, --now, qemu-guest-agent]\n- [systemctl, enable, --now, chrony]\n" +
		"fs_setup:\n- {device: /dev/vdc, filesystem: ext4, label: data}\nmounts:\n- [LABEL=data, /srv, ext4, 'defaults,nofail', '0', '2']\n" +
		"write_files:\n- path: /etc/sysctl.d/90-net.conf\n  content: |\n    net.core.somaxconn = 4096\n    net.ipv4.tcp_keepalive_time = 600\n    vm.swappiness = 10\n")
	return b.String()
}

// earlierMigration is what a migration leaves behind on a VMI: most long-running ones had one.
func earlierMigration(i int, name, node string, at time.Time) *virtv1.VirtualMachineInstanceMigrationState {
	start, end := metav1.NewTime(at.Add(time.Hour)), metav1.NewTime(at.Add(time.Hour+12*time.Second))
	bandwidth := resource.MustParse("0")
	return &virtv1.VirtualMachineInstanceMigrationState{
		StartTimestamp: &start, EndTimestamp: &end, Completed: true, MigrationUID: uid("earlier", i), Mode: virtv1.MigrationPreCopy,
		SourceNode: fmt.Sprintf("node-%d", 1+(i+2)%bulkNodes), SourcePod: "virt-launcher-" + name + "-x2x8w",
		TargetNode: node, TargetPod: "virt-launcher-" + name + "-7d9qk", TargetNodeAddress: "192.168.100.11", TargetNodeDomainDetected: true,
		TargetNodeDomainReadyTimestamp: &end, TargetDirectMigrationNodePorts: map[string]int{"34821": 0, "39177": 49153, "44283": 49152},
		MigrationConfiguration: &virtv1.MigrationConfiguration{
			NodeDrainTaintKey: ptr.To("kubevirt.io/drain"), ParallelOutboundMigrationsPerNode: ptr.To[uint32](2), ParallelMigrationsPerCluster: ptr.To[uint32](5),
			AllowAutoConverge: ptr.To(false), BandwidthPerMigration: &bandwidth, CompletionTimeoutPerGiB: ptr.To[int64](150), ProgressTimeout: ptr.To[int64](150),
			UnsafeMigrationOverride: ptr.To(false), AllowPostCopy: ptr.To(false), AllowWorkloadDisruption: ptr.To(false),
		},
	}
}

// bulkVMI makes the VMI of a running VM.
func bulkVMI(i int, vm *virtv1.VirtualMachine, status virtv1.VirtualMachinePrintableStatus) *virtv1.VirtualMachineInstance {
	at := metav1.NewTime(vm.CreationTimestamp.Add(40 * time.Second))
	node := fmt.Sprintf("node-%d", 1+i%bulkNodes)
	vmi := &virtv1.VirtualMachineInstance{
		TypeMeta: metav1.TypeMeta{APIVersion: virtv1.GroupVersion.String(), Kind: "VirtualMachineInstance"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: vm.Namespace, Name: vm.Name, UID: uid("vmi", i), CreationTimestamp: at, Generation: 11,
			Labels:          map[string]string{"app": vm.Labels["app"], "kubevirt.io/domain": vm.Name, virtv1.NodeNameLabel: node},
			Annotations:     map[string]string{virtv1.VirtualMachineGenerationAnnotation: "2", virtv1.ControllerAPILatestVersionObservedAnnotation: "v1", virtv1.ControllerAPIStorageVersionObservedAnnotation: "v1"},
			Finalizers:      []string{virtv1.VirtualMachineInstanceFinalizer, virtv1.VirtualMachineControllerFinalizer},
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(vm, virtv1.VirtualMachineGroupVersionKind)},
		},
		Spec: *vm.Spec.Template.Spec.DeepCopy(),
	}
	ip := fmt.Sprintf("10.244.%d.%d", i/250%250, 2+i%250)
	st := &vmi.Status
	*st = virtv1.VirtualMachineInstanceStatus{
		Phase: virtv1.Running, NodeName: node, QOSClass: ptr.To(corev1.PodQOSBurstable), SelinuxContext: "none", VirtualMachineRevisionName: "revision-start-vm-" + string(vm.UID) + "-2",
		LauncherContainerImageVersion: "quay.io/kubevirt/virt-launcher:v1.7.0", MigrationMethod: virtv1.LiveMigration, MigrationTransport: virtv1.MigrationTransportUnix, RuntimeUser: 107,
		ActivePods:         map[types.UID]string{uid("pod", i): node},
		CurrentCPUTopology: &virtv1.CPUTopology{Cores: 1, Sockets: vmi.Spec.Domain.CPU.Sockets, Threads: 1},
		Memory:             &virtv1.MemoryStatus{GuestAtBoot: vmi.Spec.Domain.Memory.Guest, GuestCurrent: vmi.Spec.Domain.Memory.Guest, GuestRequested: vmi.Spec.Domain.Memory.Guest},
		Machine:            &virtv1.Machine{Type: "pc-q35-rhel9.6.0"},
		MigrationState:     earlierMigration(i, vm.Name, node, at.Time),
		GuestOSInfo: virtv1.VirtualMachineInstanceGuestOSInfo{ID: "ubuntu", Name: "Ubuntu", PrettyName: "Ubuntu 24.04 LTS", Version: "24.04 LTS", VersionID: "24.04",
			KernelRelease: "6.8.0-48-generic", KernelVersion: "#48-Ubuntu SMP PREEMPT_DYNAMIC", Machine: "x86_64"},
		Interfaces: []virtv1.VirtualMachineInstanceNetworkInterface{
			{Name: "default", IP: ip, IPs: []string{ip}, MAC: fmt.Sprintf("02:00:00:%02x:%02x:01", i>>8&255, i&255), InterfaceName: "eth0", PodInterfaceName: "eth0", InfoSource: "domain, guest-agent", QueueCount: 1, LinkState: "up"},
			{Name: "storage", MAC: fmt.Sprintf("02:00:00:%02x:%02x:02", i>>8&255, i&255), InterfaceName: "eth1", PodInterfaceName: "net1", InfoSource: "domain, guest-agent, multus-status", QueueCount: 1, LinkState: "up"},
		},
		VolumeStatus: []virtv1.VolumeStatus{
			{Name: "cloudinit", Target: "vdb", Size: 1048576},
			{Name: "data", Target: "vdc", PersistentVolumeClaimInfo: &virtv1.PersistentVolumeClaimInfo{ClaimName: vm.Name + "-data", AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
				Capacity: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("20Gi")}, Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("20Gi")}}},
			{Name: "rootdisk", Target: "vda", ContainerDiskVolume: &virtv1.ContainerDiskInfo{Checksum: 2736912134}},
		},
	}
	for k, phase := range []virtv1.VirtualMachineInstancePhase{virtv1.Pending, virtv1.Scheduling, virtv1.Scheduled, virtv1.Running} {
		st.PhaseTransitionTimestamps = append(st.PhaseTransitionTimestamps, virtv1.VirtualMachineInstancePhaseTransitionTimestamp{
			Phase: phase, PhaseTransitionTimestamp: metav1.NewTime(at.Add(time.Duration(k) * time.Second))})
	}
	for _, kind := range []virtv1.VirtualMachineInstanceConditionType{virtv1.VirtualMachineInstanceReady, virtv1.VirtualMachineInstanceIsMigratable,
		virtv1.VirtualMachineInstanceIsStorageLiveMigratable, virtv1.VirtualMachineInstanceAgentConnected} {
		st.Conditions = append(st.Conditions, virtv1.VirtualMachineInstanceCondition{Type: kind, Status: corev1.ConditionTrue, LastTransitionTime: at})
	}
	switch status {
	case virtv1.VirtualMachineStatusPaused:
		st.Conditions = append(st.Conditions, virtv1.VirtualMachineInstanceCondition{Type: virtv1.VirtualMachineInstancePaused,
			Status: corev1.ConditionTrue, Reason: "PausedByUser", Message: "VMI was paused by user", LastTransitionTime: at})
	case virtv1.VirtualMachineStatusMigrating:
		st.MigrationState = &virtv1.VirtualMachineInstanceMigrationState{StartTimestamp: &at, MigrationUID: uid("migration", i), SourceNode: node,
			TargetNode: fmt.Sprintf("node-%d", 1+(i+1)%bulkNodes), TargetPod: "virt-launcher-" + vm.Name + "-target", Mode: virtv1.MigrationPreCopy}
	}
	vmi.ManagedFields = []metav1.ManagedFieldsEntry{
		owned("virt-controller", at, "", map[string]any{"metadata": map[string]any{"labels": vmi.Labels, "annotations": vmi.Annotations, "finalizers": vmi.Finalizers}, "spec": vmi.Spec}),
		owned("virt-handler", at, "", map[string]any{"status": vmi.Status}),
	}
	return vmi
}

// owned is an entry of managedFields that claims all that is in v. As KubeVirt's lists have no keys, a list is one field.
func owned(manager string, at metav1.Time, subresource string, v any) metav1.ManagedFieldsEntry {
	var tree any
	data, _ := json.Marshal(v)
	json.Unmarshal(data, &tree)
	raw, _ := json.Marshal(fields(tree))
	return metav1.ManagedFieldsEntry{Manager: manager, Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: virtv1.GroupVersion.String(),
		Time: &at, FieldsType: "FieldsV1", FieldsV1: &metav1.FieldsV1{Raw: raw}, Subresource: subresource}
}

func fields(v any) map[string]any {
	out := map[string]any{}
	m, _ := v.(map[string]any)
	for k, child := range m {
		f := fields(child)
		if _, nested := child.(map[string]any); nested && len(f) > 0 {
			f["."] = map[string]any{}
		}
		out["f:"+k] = f
	}
	return out
}
