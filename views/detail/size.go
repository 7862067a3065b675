package detail

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	virtv1 "kubevirt.io/api/core/v1"

	"vmdeck.dev/vmdeck/ui/text"
)

// outdatedImage marks an instance whose launcher is older than the cluster's KubeVirt (kubevirt.io/api, OutdatedLauncherImageLabel).
const outdatedImage = virtv1.OutdatedLauncherImageLabel

func (f *facts) sizeBlock() block {
	b := block{title: "Size", fields: []field{{"CPU", f.cpu()}, {"Memory", f.memory()}}}
	kind, preference := plain(f.row.Instancetype), plain(f.row.Preference)
	if m := f.detail.Machine; m != nil {
		if t := m.Spec.Instancetype; t != nil {
			kind = plain(t.Name + scope(t.Kind))
		}
		if p := m.Spec.Preference; p != nil {
			preference = plain(p.Name + scope(p.Kind))
		}
	}
	b.fields = append(b.fields, field{"Instance type", []words{kind}}, field{"Preference", []words{preference}})
	return b
}

// scope tells a type of the namespace from one of the cluster, which is the default (kubevirt.io/api, InstancetypeMatcher).
func scope(kind string) string {
	if kind == "" || strings.Contains(strings.ToLower(kind), "cluster") {
		return ""
	}
	return ", of this namespace"
}

func (f *facts) memory() []words {
	if f.row.Memory == 0 {
		return nil
	}
	now := text.Bytes(f.row.Memory)
	values := []words{plain(now)}
	if m := f.status().Memory; m != nil {
		if q := m.GuestRequested; q != nil && text.Bytes(q.Value()) != now {
			values = append(values, warn(text.Bytes(q.Value())+" asked for"))
		}
		if q := m.GuestAtBoot; q != nil && text.Bytes(q.Value()) != now {
			values = append(values, dim(text.Bytes(q.Value())+" at boot"))
		}
	}
	if m := f.spec().Domain.Memory; m != nil {
		if q := m.MaxGuest; q != nil && q.Value() > f.row.Memory && f.detail.Instance != nil {
			values = append(values, dim("can grow to "+text.Bytes(q.Value())+" while it runs"))
		}
		if h := m.Hugepages; h != nil {
			values = append(values, dim("in huge pages of "+h.PageSize))
		}
	}
	return values
}

func (f *facts) hardwareBlock() block {
	if !f.known() {
		return block{}
	}
	spec := f.spec()
	machine := ""
	if m := spec.Domain.Machine; m != nil {
		machine = m.Type
	}
	if m := f.status().Machine; m != nil && m.Type != "" {
		machine = m.Type
	}
	b := block{title: "Hardware"}
	if machine != "" {
		b.fields = append(b.fields, one("Machine type", machine))
	}
	if spec.Architecture != "" {
		b.fields = append(b.fields, one("Architecture", spec.Architecture))
	}
	b.fields = append(b.fields, one("Firmware", f.firmware()), one("Boot order", bootOrder(spec)))
	return b
}

// firmware says what boots the guest. A preference may choose it, which shows only in the instance.
func (f *facts) firmware() string {
	fw := f.spec().Domain.Firmware
	switch {
	case fw != nil && fw.KernelBoot != nil:
		return "a kernel from outside the disks"
	case fw == nil || fw.Bootloader == nil || fw.Bootloader.EFI == nil:
		switch {
		case f.row.Preference != "" && f.detail.Instance == nil:
			return "as the preference says"
		case f.spec().Architecture == "amd64" || f.spec().Architecture == "":
			return "BIOS"
		}
		return "UEFI"
	case fw.Bootloader.EFI.SecureBoot == nil || *fw.Bootloader.EFI.SecureBoot: // the default is on
		return "UEFI with secure boot"
	default:
		return "UEFI"
	}
}

// bootOrder lists disks and interfaces as the firmware tries them; without an order it is the order of the disks.
func bootOrder(spec *virtv1.VirtualMachineInstanceSpec) string {
	type device struct {
		order uint
		name  string
	}
	var found []device
	for _, d := range spec.Domain.Devices.Disks {
		if d.BootOrder != nil {
			found = append(found, device{*d.BootOrder, d.Name})
		}
	}
	for _, nic := range spec.Domain.Devices.Interfaces {
		if nic.BootOrder != nil {
			found = append(found, device{*nic.BootOrder, "network " + nic.Name})
		}
	}
	slices.SortStableFunc(found, func(a, b device) int { return cmp.Compare(a.order, b.order) })
	var names []string
	for _, d := range found {
		names = append(names, d.name)
	}
	if len(names) == 0 && len(spec.Domain.Devices.Disks) > 0 {
		return "disks as listed"
	}
	return joined(names)
}

func (f *facts) operationBlock(s *sheet) block {
	if !f.known() {
		return block{}
	}
	b := block{title: "Operation"}
	if f.row.Running() {
		b.fields = append(b.fields, field{"Live migration", f.migratable()})
	}
	b.fields = append(b.fields, field{"Node drain", []words{plain(eviction(f.spec().EvictionStrategy))}}, field{"Snapshots", f.snapshots()})
	status := f.status()
	if len(status.ActivePods) > 0 {
		b.fields = append(b.fields, field{"Launcher pod", f.launchers(s)})
	}
	if _, image, ok := strings.Cut(status.LauncherContainerImageVersion, "virt-launcher"); ok && len(image) > 1 {
		launcher := []words{plain(image[1:])}
		if i := f.detail.Instance; i != nil {
			if _, old := i.Labels[outdatedImage]; old {
				launcher = append(launcher, warn("older than the cluster; a migration or restart renews it"))
			}
		}
		b.fields = append(b.fields, field{"Launcher", launcher})
	}
	return b
}

func (f *facts) migratable() []words {
	switch {
	case f.row.NotMigratable != nil:
		return []words{warn("not possible"), dim(cmp.Or(f.row.NotMigratable.Message, f.row.NotMigratable.Reason))}
	case f.row.Running() && f.holds("LiveMigratable"):
		return []words{plain("possible")}
	}
	return nil
}

// eviction says what happens to the guest when its node is drained (kubevirt.io/api, EvictionStrategy).
func eviction(e *virtv1.EvictionStrategy) string {
	if e == nil {
		return "as the cluster is set"
	}
	switch *e {
	case virtv1.EvictionStrategyLiveMigrate:
		return "migrates (LiveMigrate)"
	case virtv1.EvictionStrategyLiveMigrateIfPossible:
		return "migrates if it can (LiveMigrateIfPossible)"
	case virtv1.EvictionStrategyNone:
		return "is shut down (None)"
	case virtv1.EvictionStrategyExternal:
		return "left to another controller (External)"
	}
	return string(*e)
}

func (f *facts) snapshots() []words {
	states := f.machineStatus().VolumeSnapshotStatuses
	var without []string
	for _, v := range states {
		if !v.Enabled {
			without = append(without, v.Name)
		}
	}
	switch {
	case len(states) == 0:
		return nil
	case len(without) == 0:
		return []words{plain("all volumes")}
	case len(without) == len(states):
		return []words{dim("no volume; Disks says why")}
	}
	return []words{plain(fmt.Sprintf("%d of %d volumes", len(states)-len(without), len(states))), dim("not " + joined(without))}
}

// launchers names the pods that hold the guest. The instance knows their names only from its last migration.
func (f *facts) launchers(s *sheet) []words {
	names := map[string]string{}
	if m := f.status().MigrationState; m != nil {
		names[m.SourceNode], names[m.TargetNode] = m.SourcePod, m.TargetPod
	}
	var list []words
	pods := f.status().ActivePods
	for _, uid := range slices.Sorted(maps.Keys(pods)) {
		node := cmp.Or(pods[uid], "a node not chosen yet")
		list = append(list, plain(cmp.Or(names[pods[uid]], string(uid))), dim("on "+node))
	}
	return list
}
