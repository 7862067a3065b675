package seed

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	virtv1 "kubevirt.io/api/core/v1"
	snapshotv1 "kubevirt.io/api/snapshot/v1beta1"
	"kubevirt.io/client-go/kubevirt"

	"vmdeck/testdata/cluster/internal/sim"
	"vmdeck/testdata/cluster/internal/state"
)

// ProtectLabel on a VM refuses its deletion; an admission policy that is installed with the cluster looks at it.
const ProtectLabel = "kubevirt.io/vm-delete-protection"

// settleLimit is how long the demo's VMs may take to get where they are meant to be.
const settleLimit = 2 * time.Minute

// Demo makes the demo's VMs that are missing, and waits until the new ones are where they are meant to be. A VM that
// exists is left alone, whatever was done with it.
func Demo(ctx context.Context, f *state.Folder, say func(string, ...any)) error {
	cfg, err := f.RESTConfig(state.Operator)
	if err != nil {
		return err
	}
	client, err := kubevirt.NewForConfig(cfg)
	if err != nil {
		return err
	}
	made, err := makeMissing(ctx, client, demoVMs)
	if err != nil {
		return fmt.Errorf("cannot make the demo's VMs: %w", err)
	}
	say("made %d VMs, %d were there", len(made), len(demoVMs)-len(made))
	if err := settle(ctx, client, made); err != nil {
		return err
	}
	for _, s := range demoSnapshots {
		_, err := client.SnapshotV1beta1().VirtualMachineSnapshots(s.Namespace).Create(ctx, &s, metav1.CreateOptions{})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("cannot make the snapshot %s/%s: %w", s.Namespace, s.Name, err)
		}
	}
	return nil
}

func makeMissing(ctx context.Context, client kubevirt.Interface, vms []demoVM) ([]demoVM, error) {
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		made []demoVM
		errs []error
		slot = make(chan struct{}, 8)
	)
	for _, d := range vms {
		wg.Add(1)
		slot <- struct{}{}
		go func() {
			defer wg.Done()
			defer func() { <-slot }()
			_, err := client.KubevirtV1().VirtualMachines(d.namespace).Create(ctx, d.object(), metav1.CreateOptions{})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				made = append(made, d)
			case !apierrors.IsAlreadyExists(err):
				errs = append(errs, fmt.Errorf("%s/%s: %w", d.namespace, d.name, err))
			}
		}()
	}
	wg.Wait()
	return made, errors.Join(errs...)
}

// settle starts what must be started by hand and waits for the status each new VM is meant to have.
func settle(ctx context.Context, client kubevirt.Interface, made []demoVM) error {
	waiting := map[string]demoVM{}
	for _, d := range made {
		waiting[d.namespace+"/"+d.name] = d
	}
	started := map[string]bool{}
	err := wait.PollUntilContextTimeout(ctx, 500*time.Millisecond, settleLimit, true, func(ctx context.Context) (bool, error) {
		list, err := client.KubevirtV1().VirtualMachines("").List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, nil
		}
		for i := range list.Items {
			vm := &list.Items[i]
			key := vm.Namespace + "/" + vm.Name
			d, ok := waiting[key]
			switch {
			case !ok:
			case d.startByHand && !started[key] && vm.Status.PrintableStatus == virtv1.VirtualMachineStatusStopped:
				started[key] = start(ctx, client, vm) == nil
			case vm.Status.PrintableStatus == d.wanted():
				delete(waiting, key)
			}
		}
		return len(waiting) == 0, nil
	})
	if err != nil {
		return fmt.Errorf("these VMs of the demo did not get where they are meant to be: %s", strings.Join(names(waiting), ", "))
	}
	return nil
}

func names(vms map[string]demoVM) []string {
	var out []string
	for key, d := range vms {
		out = append(out, key+" ("+string(d.wanted())+")")
	}
	sort.Strings(out)
	return out
}

// start calls virt-api's start subresource, the only way to start a VM of run strategy Manual.
func start(ctx context.Context, client kubevirt.Interface, vm *virtv1.VirtualMachine) error {
	return client.KubevirtV1().RESTClient().Put().
		AbsPath("/apis/subresources.kubevirt.io/v1/namespaces", vm.Namespace, "virtualmachines", vm.Name, "start").
		Body([]byte("{}")).Do(ctx).Error()
}

// demoSnapshots are there to be looked at and restored.
var demoSnapshots = []snapshotv1.VirtualMachineSnapshot{
	snapshot("databases", "postgres-primary", "postgres-primary-before-upgrade"),
	snapshot("databases", "postgres-primary", "postgres-primary-nightly"),
	snapshot("team-a", "web-frontend-blue", "web-frontend-blue-release-41"),
}

func snapshot(namespace, vm, name string) snapshotv1.VirtualMachineSnapshot {
	group := virtv1.GroupVersion.Group
	return snapshotv1.VirtualMachineSnapshot{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: snapshotv1.VirtualMachineSnapshotSpec{
			Source: corev1.TypedLocalObjectReference{APIGroup: &group, Kind: "VirtualMachine", Name: vm},
		},
	}
}

// demoVM is one VM of the demo, in as few words as tell it from the others.
type demoVM struct {
	namespace, name string
	app, tier       string
	strategy        virtv1.VirtualMachineRunStrategy
	size            string // a VirtualMachineClusterInstancetype
	guest           string // "Ubuntu 24.04"
	// The rest is what makes some VMs special.
	startByHand  bool
	paused       bool
	protected    bool
	bridge       bool // cannot be migrated
	labels       map[string]string
	annotations  map[string]string // for the simulator
	nodeSelector map[string]string
	status       virtv1.VirtualMachinePrintableStatus
}

// wanted is the status the VM settles in.
func (d demoVM) wanted() virtv1.VirtualMachinePrintableStatus {
	switch {
	case d.status != "":
		return d.status
	case d.paused:
		return virtv1.VirtualMachineStatusPaused
	case d.strategy == virtv1.RunStrategyHalted, d.strategy == virtv1.RunStrategyManual && !d.startByHand:
		return virtv1.VirtualMachineStatusStopped
	}
	return virtv1.VirtualMachineStatusRunning
}

// images and preferences by the guest's family, the first word of its name.
var images = map[string]struct{ image, preference string }{
	"Ubuntu":   {"quay.io/containerdisks/ubuntu", "ubuntu"},
	"Debian":   {"quay.io/containerdisks/debian", "debian"},
	"Fedora":   {"quay.io/containerdisks/fedora", "fedora"},
	"CentOS":   {"quay.io/containerdisks/centos-stream", "centos.stream9"},
	"RHEL":     {"registry.example.com/golden/rhel", "rhel.9"},
	"openSUSE": {"quay.io/containerdisks/opensuse-leap", "opensuse.leap"},
	"Alpine":   {"quay.io/containerdisks/alpine", "alpine"},
	"Windows":  {"registry.example.com/golden/windows-server", "windows.2k19.virtio"},
}

func (d demoVM) object() *virtv1.VirtualMachine {
	family, rest, _ := strings.Cut(d.guest, " ")
	image := images[family]
	tag := rest[strings.LastIndex(rest, " ")+1:]
	labels := map[string]string{"app": d.app, "tier": d.tier}
	for k, v := range d.labels {
		labels[k] = v
	}
	template := map[string]string{"app": d.app, "tier": d.tier, "kubevirt.io/domain": d.name}
	if d.protected {
		labels[ProtectLabel] = "True"
	}
	annotations := map[string]string{sim.GuestOS: d.guest}
	for k, v := range d.annotations {
		annotations[k] = v
	}
	nic := virtv1.Interface{Name: "default", InterfaceBindingMethod: virtv1.InterfaceBindingMethod{Masquerade: &virtv1.InterfaceMasquerade{}}}
	if d.bridge {
		nic.InterfaceBindingMethod = virtv1.InterfaceBindingMethod{Bridge: &virtv1.InterfaceBridge{}}
	}
	spec := virtv1.VirtualMachineInstanceSpec{
		NodeSelector: d.nodeSelector,
		Networks:     []virtv1.Network{{Name: "default", NetworkSource: virtv1.NetworkSource{Pod: &virtv1.PodNetwork{}}}},
		Volumes: []virtv1.Volume{
			{Name: "rootdisk", VolumeSource: virtv1.VolumeSource{ContainerDisk: &virtv1.ContainerDiskSource{Image: image.image + ":" + tag}}},
			{Name: "cloudinit", VolumeSource: virtv1.VolumeSource{CloudInitNoCloud: &virtv1.CloudInitNoCloudSource{
				UserData: "#cloud-config\nhostname: " + d.name + "\n"}}},
		},
	}
	spec.Domain.Devices.Interfaces = []virtv1.Interface{nic}
	if d.paused {
		paused := virtv1.StartStrategyPaused
		spec.StartStrategy = &paused
	}
	return &virtv1.VirtualMachine{
		ObjectMeta: metav1.ObjectMeta{Namespace: d.namespace, Name: d.name, Labels: labels},
		Spec: virtv1.VirtualMachineSpec{
			RunStrategy:  &d.strategy,
			Instancetype: &virtv1.InstancetypeMatcher{Name: d.size, Kind: "VirtualMachineClusterInstancetype"},
			Preference:   &virtv1.PreferenceMatcher{Name: image.preference, Kind: "VirtualMachineClusterPreference"},
			Template: &virtv1.VirtualMachineInstanceTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: template, Annotations: annotations},
				Spec:       spec,
			},
		},
	}
}
