package vm

import (
	"maps"

	"vmdeck.dev/vmdeck/kube/stream"
)

// Delta is what changed since the last Take. Applying every Delta in order to an empty list gives the list.
type Delta struct {
	Upserts []*Row
	Removed []string // UIDs
	Report  Report
}

// Report tells how complete the inventory is.
type Report struct {
	Kinds    map[Kind]Coverage
	Total    int            // rows
	ByStatus map[string]int // rows by status
}

// Coverage is how far one kind has come, over all namespaces that are watched.
type Coverage struct {
	Phase     stream.Phase
	Err       error    // why the phase is not Live
	Expected  int      // how many objects there will be while Loading; 0 = unknown
	Forbidden []string // namespaces whose objects of this kind the user may not see, where others are visible
	// ByNamespace says that the user may not list across the cluster, so that namespaces are watched one by one.
	ByNamespace bool
}

// Take returns the changes since the last call.
func (v *Inventory) Take() Delta {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.notifier.took()
	var d Delta
	for key := range v.dirty {
		before, after := v.rows[key], v.build(key)
		if before != nil {
			v.count(before.Status, -1)
			if after == nil || after.UID != before.UID {
				d.Removed = append(d.Removed, before.UID)
			}
		}
		if after == nil {
			delete(v.rows, key)
			continue
		}
		v.count(after.Status, 1)
		v.rows[key] = after
		d.Upserts = append(d.Upserts, after)
	}
	clear(v.dirty)
	d.Report = v.report()
	return d
}

// Find returns the row of a VM as of the last Take; nil when there is none.
func (v *Inventory) Find(namespace, name string) *Row {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.rows[namespace+"/"+name]
}

// build makes the row of a key, or nil where nothing of it is left. An instance that belongs to a VirtualMachine waits until it is
// known whether that exists, so that no row first appears as a stray instance.
func (v *Inventory) build(key string) *Row {
	vm, vmi := v.machines.get(key), v.instances.get(key)
	if vm == nil && vmi == nil {
		return nil
	}
	if vm == nil && ownedByMachine(vmi) && !v.machinesKnown(vmi.Metadata.Namespace) {
		return nil
	}
	r := join(vm, vmi, v.active[key], v.size)
	r.search = searchText(r)
	return r
}

func ownedByMachine(vmi *instance) bool {
	for _, owner := range vmi.Metadata.OwnerReferences {
		if owner.Kind == "VirtualMachine" {
			return true
		}
	}
	return false
}

// machinesKnown says whether it is known which VirtualMachines a namespace has, be it that the user may not know. A connection that
// was lost before the first list was complete has told nothing.
func (v *Inventory) machinesKnown(namespace string) bool {
	if v.machines.listed[""] || v.machines.listed[namespace] {
		return true
	}
	state, asked := v.states[Machines][namespace]
	return asked && (state.Phase == stream.Forbidden || state.Phase == stream.Absent) || v.states[Machines][""].Phase == stream.Absent
}

func (v *Inventory) count(status string, by int) {
	if v.tally[status] += by; v.tally[status] == 0 {
		delete(v.tally, status)
	}
}

func (v *Inventory) report() Report {
	r := Report{Kinds: make(map[Kind]Coverage, len(v.states)), Total: len(v.rows), ByStatus: maps.Clone(v.tally)}
	for kind, states := range v.states {
		r.Kinds[kind] = coverage(states)
	}
	return r
}

// coverage sums up one kind: the cluster-wide stream decides where it may, the streams of single namespaces otherwise.
func coverage(states map[string]stream.State) Coverage {
	whole, asked := states[""]
	refused := asked && (whole.Phase == stream.Forbidden)
	if asked && (!refused || len(states) == 1) {
		return Coverage{Phase: whole.Phase, Err: whole.Err, Expected: whole.Total, ByNamespace: refused}
	}
	c := Coverage{Phase: stream.Forbidden, Err: whole.Err, ByNamespace: true}
	rank := map[stream.Phase]int{stream.Forbidden: 0, stream.Absent: 1, stream.Live: 2, stream.Loading: 3, stream.Lost: 4}
	for ns, s := range states {
		if ns == "" {
			continue
		}
		if s.Phase == stream.Forbidden {
			c.Forbidden = append(c.Forbidden, ns)
		}
		if rank[s.Phase] > rank[c.Phase] || c.Err == nil && s.Phase == c.Phase {
			c.Phase, c.Err = s.Phase, s.Err
		}
		c.Expected += s.Total
	}
	return c
}
