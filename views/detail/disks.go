package detail

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	virtv1 "kubevirt.io/api/core/v1"

	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// disksTab lists the volumes in the order of the specification, with how the guest sees them.
func (f *facts) disksTab(s *tabSheet) {
	if !f.known() {
		f.missing(s, f.main(), false)
		return
	}
	columns := []sheet.Column{
		{Title: "NAME", Flex: true}, {Title: "SOURCE", Flex: true}, {Title: "BUS"}, {Title: "BOOT", Right: true, From: 64}, {Title: "SIZE", Right: true},
		{Title: "DEVICE", From: 72}, {Title: "STATE", From: sheet.TwoColumns}, {Title: "SNAPSHOT", From: 56},
	}
	volumes := f.volumes()
	if len(volumes) == 0 {
		s.Para(0, sheet.Dim("The VM has no disks."))
		return
	}
	var rows []sheet.Record
	for _, v := range volumes {
		rows = append(rows, f.diskRecord(s, v))
	}
	s.Table(columns, rows)
}

// volumes are those of the instance, then those of the VM that the instance does not have yet.
func (f *facts) volumes() []virtv1.Volume {
	all := slices.Clone(f.spec().Volumes)
	if m := f.detail.Machine; m != nil && m.Spec.Template != nil {
		for _, v := range m.Spec.Template.Spec.Volumes {
			if !hasVolume(all, v.Name) {
				all = append(all, v)
			}
		}
	}
	return all
}

func hasVolume(list []virtv1.Volume, name string) bool {
	return slices.ContainsFunc(list, func(v virtv1.Volume) bool { return v.Name == name })
}

func (f *facts) diskRecord(s *tabSheet, v virtv1.Volume) sheet.Record {
	none := sheet.Words{Text: s.Theme.Glyphs.None, Tone: theme.Dim}
	or := func(value string) sheet.Words {
		if value == "" {
			return none
		}
		return sheet.Plain(value)
	}
	bus, boot := f.attached(v.Name)
	state := f.volumeStatus(v.Name)
	source := sheet.Plain(volumeSource(&v.VolumeSource))
	if state.HotplugVolume != nil {
		source.Text += ", hot-plugged"
	}
	snapshot, why := f.snapshotOf(v.Name)
	record := sheet.Record{Cells: []sheet.Words{
		sheet.Plain(v.Name), source, or(bus), or(boot), or(f.volumeSize(&v)), or(state.Target), stateWords(state.Phase, none), or(snapshot),
	}}
	if snapshot == "no" {
		record.Cells[len(record.Cells)-1].Tone = theme.Dim
	}
	if i := f.detail.Instance; i != nil && !i.IsFinal() && !hasVolume(i.Spec.Volumes, v.Name) {
		record.Notes = append(record.Notes, sheet.Warn("not in the running instance"))
	}
	if bad := problem(state); bad != "" {
		record.Notes = append(record.Notes, sheet.Warn(bad))
	}
	if why != "" {
		record.Notes = append(record.Notes, sheet.Dim("no snapshot: "+why))
	}
	return record
}

func stateWords(phase virtv1.VolumePhase, none sheet.Words) sheet.Words {
	switch phase {
	case "":
		return none
	case virtv1.VolumeReady, virtv1.VolumeBound:
		return sheet.Plain(string(phase))
	}
	return sheet.Warn(string(phase))
}

// problem says why a volume is not ready.
func problem(v virtv1.VolumeStatus) string {
	if v.Phase == "" || v.Phase == virtv1.VolumeReady || v.Phase == virtv1.VolumeBound {
		return ""
	}
	if v.Message == "" && v.Reason == "" {
		return string(v.Phase)
	}
	return fmt.Sprintf("%s: %s", v.Phase, cmp.Or(v.Message, v.Reason))
}

// attached tells how the guest gets a volume: the bus with the kind of device, and its place in the boot order.
func (f *facts) attached(name string) (bus, boot string) {
	devices := f.spec().Domain.Devices
	disks := devices.Disks
	if m := f.detail.Machine; m != nil && m.Spec.Template != nil {
		disks = slices.Concat(disks, m.Spec.Template.Spec.Domain.Devices.Disks)
	}
	for _, d := range disks {
		if d.Name != name {
			continue
		}
		if d.BootOrder != nil {
			boot = fmt.Sprint(*d.BootOrder)
		}
		switch {
		case d.CDRom != nil:
			return string(d.CDRom.Bus) + " CD", boot
		case d.LUN != nil:
			return string(d.LUN.Bus) + " LUN", boot
		case d.Disk != nil:
			return string(d.Disk.Bus), boot
		}
		return "", boot
	}
	for _, fs := range devices.Filesystems {
		if fs.Name == name {
			return "virtiofs", ""
		}
	}
	return "", ""
}

func (f *facts) volumeStatus(name string) virtv1.VolumeStatus {
	for _, v := range f.status().VolumeStatus {
		if v.Name == name {
			return v
		}
	}
	return virtv1.VolumeStatus{}
}

// volumeSize is the capacity that the instance reports, or else what was asked for.
func (f *facts) volumeSize(v *virtv1.Volume) string {
	state := f.volumeStatus(v.Name)
	if pvc := state.PersistentVolumeClaimInfo; pvc != nil {
		if q, ok := pvc.Capacity[corev1.ResourceStorage]; ok {
			return text.Bytes(q.Value())
		}
	}
	switch {
	case state.Size > 0:
		return text.Bytes(state.Size)
	case v.EmptyDisk != nil:
		return text.Bytes(v.EmptyDisk.Capacity.Value())
	case v.DataVolume != nil:
		return f.templateSize(v.DataVolume.Name)
	}
	return ""
}

func (f *facts) templateSize(name string) string {
	if f.detail.Machine == nil {
		return ""
	}
	for _, t := range f.detail.Machine.Spec.DataVolumeTemplates {
		if t.Name != name {
			continue
		}
		requests := corev1.ResourceList{}
		if t.Spec.Storage != nil {
			requests = t.Spec.Storage.Resources.Requests
		} else if t.Spec.PVC != nil {
			requests = t.Spec.PVC.Resources.Requests
		}
		if q, ok := requests[corev1.ResourceStorage]; ok {
			return text.Bytes(q.Value())
		}
	}
	return ""
}

func (f *facts) snapshotOf(name string) (answer, why string) {
	for _, v := range f.machineStatus().VolumeSnapshotStatuses {
		if v.Name == name && v.Enabled {
			return "yes", ""
		}
		if v.Name == name {
			return "no", v.Reason
		}
	}
	return "", ""
}
