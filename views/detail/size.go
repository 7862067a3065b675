package detail

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	virtv1 "kubevirt.io/api/core/v1"

	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
)

// outdatedImage marks an instance whose launcher is older than the cluster's KubeVirt (kubevirt.io/api, OutdatedLauncherImageLabel).
const outdatedImage = virtv1.OutdatedLauncherImageLabel

func (f *facts) sizeBlock() sheet.Block {
	b := sheet.Block{Title: "Size", Fields: []sheet.Field{sheet.Of("CPU", f.cpu()...), sheet.Of("Memory", f.memory()...)}}
	kind, preference := sheet.Plain(f.row.Instancetype), sheet.Plain(f.row.Preference)
	if m := f.detail.Machine; m != nil {
		if t := m.Spec.Instancetype; t != nil {
			kind = sheet.Plain(t.Name + scope(t.Kind))
		}
		if p := m.Spec.Preference; p != nil {
			preference = sheet.Plain(p.Name + scope(p.Kind))
		}
	}
	b.Fields = append(b.Fields, sheet.Of("Instance type", kind), sheet.Of("Preference", preference))
	return b
}

// scope tells a type of the namespace from one of the cluster, which is the default (kubevirt.io/api, InstancetypeMatcher).
func scope(kind string) string {
	if kind == "" || strings.Contains(strings.ToLower(kind), "cluster") {
		return ""
	}
	return ", of this namespace"
}

func (f *facts) memory() []sheet.Words {
	if f.row.Memory == 0 {
		return nil
	}
	now := text.Bytes(f.row.Memory)
	values := []sheet.Words{sheet.Plain(now)}
	if m := f.status().Memory; m != nil {
		if q := m.GuestRequested; q != nil && text.Bytes(q.Value()) != now {
			values = append(values, sheet.Warn(text.Bytes(q.Value())+" asked for"))
		}
		if q := m.GuestAtBoot; q != nil && text.Bytes(q.Value()) != now {
			values = append(values, sheet.Dim(text.Bytes(q.Value())+" at boot"))
		}
	}
	if m := f.spec().Domain.Memory; m != nil {
		if q := m.MaxGuest; q != nil && q.Value() > f.row.Memory && f.detail.Instance != nil {
			values = append(values, sheet.Dim("can grow to "+text.Bytes(q.Value())+" while it runs"))
		}
		if h := m.Hugepages; h != nil {
			values = append(values, sheet.Dim("in huge pages of "+h.PageSize))
		}
	}
	return values
}

func (f *facts) hardwareBlock() sheet.Block {
	if !f.known() {
		return sheet.Block{}
	}
	spec := f.spec()
	machine := ""
	if m := spec.Domain.Machine; m != nil {
		machine = m.Type
	}
	if m := f.status().Machine; m != nil && m.Type != "" {
		machine = m.Type
	}
	b := sheet.Block{Title: "Hardware"}
	if machine != "" {
		b.Fields = append(b.Fields, sheet.One("Machine type", machine))
	}
	if spec.Architecture != "" {
		b.Fields = append(b.Fields, sheet.One("Architecture", spec.Architecture))
	}
	b.Fields = append(b.Fields, sheet.One("Firmware", f.firmware()), sheet.One("Boot order", bootOrder(spec)))
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

func (f *facts) operationBlock(s *tabSheet) sheet.Block {
	if !f.known() {
		return sheet.Block{}
	}
	b := sheet.Block{Title: "Operation"}
	if f.row.Running() {
		b.Fields = append(b.Fields, sheet.Of("Live migration", f.migratable()...))
	}
	b.Fields = append(b.Fields, sheet.Of("Node drain", sheet.Plain(eviction(f.spec().EvictionStrategy))), sheet.Of("Snapshots", f.snapshots()...))
	status := f.status()
	if len(status.ActivePods) > 0 {
		b.Fields = append(b.Fields, sheet.Of("Launcher pod", f.launchers(s)...))
	}
	if _, image, ok := strings.Cut(status.LauncherContainerImageVersion, "virt-launcher"); ok && len(image) > 1 {
		launcher := []sheet.Words{sheet.Plain(image[1:])}
		if i := f.detail.Instance; i != nil {
			if _, old := i.Labels[outdatedImage]; old {
				launcher = append(launcher, sheet.Warn("older than the cluster; a migration or restart renews it"))
			}
		}
		b.Fields = append(b.Fields, sheet.Of("Launcher", launcher...))
	}
	return b
}

func (f *facts) migratable() []sheet.Words {
	switch {
	case f.row.NotMigratable != nil:
		return []sheet.Words{sheet.Warn("not possible"), sheet.Dim(cmp.Or(f.row.NotMigratable.Message, f.row.NotMigratable.Reason))}
	case f.row.Running() && f.holds("LiveMigratable"):
		return []sheet.Words{sheet.Plain("possible")}
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

func (f *facts) snapshots() []sheet.Words {
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
		return []sheet.Words{sheet.Plain("all volumes")}
	case len(without) == len(states):
		return []sheet.Words{sheet.Dim("no volume; Disks says why")}
	}
	return []sheet.Words{sheet.Plain(fmt.Sprintf("%d of %d volumes", len(states)-len(without), len(states))), sheet.Dim("not " + joined(without))}
}

// launchers names the pods that hold the guest. The instance knows their names only from its last migration.
func (f *facts) launchers(s *tabSheet) []sheet.Words {
	names := map[string]string{}
	if m := f.status().MigrationState; m != nil {
		names[m.SourceNode], names[m.TargetNode] = m.SourcePod, m.TargetPod
	}
	var list []sheet.Words
	pods := f.status().ActivePods
	for _, uid := range slices.Sorted(maps.Keys(pods)) {
		node := cmp.Or(pods[uid], "a node not chosen yet")
		list = append(list, sheet.Plain(cmp.Or(names[pods[uid]], string(uid))), sheet.Dim("on "+node))
	}
	return list
}
