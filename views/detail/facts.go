package detail

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	virtv1 "kubevirt.io/api/core/v1"

	"vmdeck.dev/vmdeck/kube/stream"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/views/look"
)

// facts are all that is known of the VM; the sub-tabs are drawn from them. What could not be read is nil, and the row must do.
type facts struct {
	row    *vm.Row
	detail vm.Detail
	loaded bool // the detail was fetched at least once
	looks  *look.Looks

	events []*vm.Event
	state  stream.State // of the events
}

// spec is what the guest runs with, or would run with.
func (f *facts) spec() *virtv1.VirtualMachineInstanceSpec {
	if i := f.detail.Instance; i != nil && !i.IsFinal() {
		return &i.Spec
	}
	if m := f.detail.Machine; m != nil && m.Spec.Template != nil {
		return &m.Spec.Template.Spec
	}
	return &virtv1.VirtualMachineInstanceSpec{}
}

// known says whether the specification could be read.
func (f *facts) known() bool { return f.detail.Machine != nil || f.detail.Instance != nil }

// status is the instance's, empty where there is none.
func (f *facts) status() *virtv1.VirtualMachineInstanceStatus {
	if i := f.detail.Instance; i != nil {
		return &i.Status
	}
	return &virtv1.VirtualMachineInstanceStatus{}
}

// machineStatus is the VirtualMachine's, empty where there is none.
func (f *facts) machineStatus() *virtv1.VirtualMachineStatus {
	if m := f.detail.Machine; m != nil {
		return &m.Status
	}
	return &virtv1.VirtualMachineStatus{}
}

// condition is a condition with the time of its last change.
type condition struct {
	vm.Condition
	since time.Time
}

// conditions joins those of both objects, each type once, worries first in the order of their urgency. A VirtualMachine copies the
// conditions of its instance.
func (f *facts) conditions() []condition {
	var all []condition
	add := func(kind, status, reason, message string, since time.Time) {
		i := slices.IndexFunc(all, func(c condition) bool { return c.Type == kind })
		if i < 0 {
			all = append(all, condition{vm.Condition{Type: kind, Status: status, Reason: reason, Message: message}, since})
		} else if all[i].since.IsZero() && all[i].Status == status {
			all[i].since = since
		}
	}
	for _, c := range f.machineStatus().Conditions {
		add(string(c.Type), string(c.Status), c.Reason, c.Message, c.LastTransitionTime.Time)
	}
	for _, c := range f.status().Conditions {
		add(string(c.Type), string(c.Status), c.Reason, c.Message, c.LastTransitionTime.Time)
	}
	urgency := func(c condition) int {
		if i := slices.IndexFunc(f.row.Attention, func(a vm.Condition) bool { return a.Type == c.Type }); i >= 0 {
			return i
		}
		return len(f.row.Attention)
	}
	slices.SortStableFunc(all, func(a, b condition) int {
		switch {
		case a.Worrying() != b.Worrying():
			return map[bool]int{true: -1, false: 1}[a.Worrying()]
		case urgency(a) != urgency(b):
			return urgency(a) - urgency(b)
		case a.Type < b.Type:
			return -1
		default:
			return 1
		}
	})
	return all
}

// holds says whether a condition is true.
func (f *facts) holds(kind string) bool {
	return slices.ContainsFunc(f.conditions(), func(c condition) bool { return c.Type == kind && c.Status == string(corev1.ConditionTrue) })
}

// runningSince is when the instance began to run; zero where it does not.
func (f *facts) runningSince() time.Time {
	if !f.row.Running() {
		return time.Time{}
	}
	for _, t := range slices.Backward(f.status().PhaseTransitionTimestamps) {
		if t.Phase == virtv1.Running {
			return t.PhaseTransitionTimestamp.Time
		}
	}
	return time.Time{}
}

// cpu describes what the guest has.
func (f *facts) cpu() []sheet.Words {
	sockets, cores, threads := uint32(0), uint32(0), uint32(0)
	limit := uint32(0)
	if c := f.spec().Domain.CPU; c != nil {
		sockets, cores, threads, limit = c.Sockets, c.Cores, c.Threads, c.MaxSockets
	}
	if t := f.status().CurrentCPUTopology; t != nil {
		sockets, cores, threads = t.Sockets, t.Cores, t.Threads
	}
	if f.row.CPU == 0 && sockets+cores+threads == 0 {
		return nil
	}
	sockets, cores, threads = max(sockets, 1), max(cores, 1), max(threads, 1)
	topology := fmt.Sprint(f.row.CPU)
	switch total := sockets * cores * threads; {
	case f.row.CPU != 0 && int(total) != f.row.CPU:
	case threads > 1:
		topology = fmt.Sprintf("%d: %s of %s of %s", total, text.Count(sockets, "socket"), text.Count(cores, "core"), text.Count(threads, "thread"))
	case total > 1:
		topology = fmt.Sprintf("%d: %s of %s", total, text.Count(sockets, "socket"), text.Count(cores, "core"))
	default:
		topology = "1"
	}
	values := []sheet.Words{sheet.Plain(topology)}
	if limit > sockets && f.detail.Instance != nil {
		values = append(values, sheet.Dim(fmt.Sprintf("can grow to %s while it runs", text.Count(limit, "socket"))))
	}
	return values
}
