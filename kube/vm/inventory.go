package vm

import (
	"context"
	"slices"
	"sync"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/stream"
)

// Kind names one of the kinds that an inventory watches.
type Kind string

// The kinds of an inventory, by their resource names.
const (
	Machines             Kind = "virtualmachines"
	Instances            Kind = "virtualmachineinstances"
	Migrations           Kind = "virtualmachineinstancemigrations"
	Instancetypes        Kind = "virtualmachineinstancetypes"
	ClusterInstancetypes Kind = "virtualmachineclusterinstancetypes"
)

// firstPage is how many VirtualMachines are asked for before all of them: about what a tall terminal shows.
const firstPage = 100

// Scope says which namespaces an inventory covers. With All, namespaces are watched one by one only where the user may not list
// across the cluster.
type Scope struct {
	All        bool
	Namespaces []string
}

// Covers says whether an inventory of this scope already knows everything in the namespace ("" for all).
func (s Scope) Covers(namespace string) bool {
	return s.All || namespace != "" && slices.Contains(s.Namespaces, namespace)
}

// Inventory is the live list of VMs: VirtualMachines, their instances, migrations and instance types, watched and joined. Create it
// with NewInventory, let Run fill it, wait on Changes and fetch them with Take. All methods are safe for concurrent use.
type Inventory struct {
	cluster *kube.Cluster
	scope   Scope

	mu         sync.Mutex
	machines   *table[machine, *machine]
	instances  *table[instance, *instance]
	migrations *table[migration, *migration]
	types      *table[instancetype, *instancetype] // of single namespaces
	shared     *table[instancetype, *instancetype] // of the whole cluster
	active     map[string]*migration               // by the instance's namespace/name
	rows       map[string]*Row                     // by namespace/name, as last taken
	dirty      map[string]struct{}                 // keys whose row must be made anew
	states     map[Kind]map[string]stream.State
	groups     map[Kind]*group
	namespaces []string       // to watch one by one, where there is need to
	tally      map[string]int // rows by status

	stopping bool

	notifier *notifier
}

// NewInventory prepares an inventory; it asks the server for nothing until Run.
func NewInventory(cluster *kube.Cluster, scope Scope) *Inventory {
	v := &Inventory{
		cluster: cluster, scope: scope, namespaces: scope.Namespaces,
		active: map[string]*migration{}, rows: map[string]*Row{}, dirty: map[string]struct{}{},
		states: map[Kind]map[string]stream.State{}, groups: map[Kind]*group{}, tally: map[string]int{},
		notifier: newNotifier(),
	}
	v.machines = newTable[machine, *machine](Machines, func(before, after *machine) { v.mark(metaOf(before, after)) })
	v.instances = newTable[instance, *instance](Instances, func(before, after *instance) { v.mark(metaOf(before, after)) })
	v.migrations = newTable[migration, *migration](Migrations, v.migrationChanged)
	v.types = newTable[instancetype, *instancetype](Instancetypes, v.typeChanged)
	v.shared = newTable[instancetype, *instancetype](ClusterInstancetypes, v.typeChanged)
	v.machines.settled = v.machinesSettled
	return v
}

// Scope returns what the inventory covers.
func (v *Inventory) Scope() Scope { return v.scope }

// Run fills the inventory until the context ends, and returns when all of its goroutines have.
func (v *Inventory) Run(ctx context.Context) {
	var wg sync.WaitGroup
	v.mu.Lock()
	launch(ctx, &wg, v, v.machines, stream.Request{Group: "kubevirt.io", Version: "v1", FirstPage: firstPage})
	launch(ctx, &wg, v, v.instances, stream.Request{Group: "kubevirt.io", Version: "v1"})
	launch(ctx, &wg, v, v.migrations, stream.Request{Group: "kubevirt.io", Version: "v1"})
	launch(ctx, &wg, v, v.types, stream.Request{Group: "instancetype.kubevirt.io", Version: "v1beta1"})
	launch(ctx, &wg, v, v.shared, stream.Request{Group: "instancetype.kubevirt.io", Version: "v1beta1"})
	v.mu.Unlock()
	<-ctx.Done()
	v.mu.Lock()
	v.stopping = true
	v.mu.Unlock()
	wg.Wait()
}

// Changes delivers a value when there is something to Take, at most one every 100 ms.
func (v *Inventory) Changes() <-chan struct{} { return v.notifier.changes }

// SetNamespaces tells which namespaces to watch one by one where the user may not list across the cluster. It may come before Run.
func (v *Inventory) SetNamespaces(namespaces []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.scope.All || v.stopping {
		return
	}
	v.namespaces = slices.Clone(namespaces)
	for _, g := range v.groups {
		g.namespaces = v.namespaces
		g.reconcile()
	}
	v.notifier.touch()
}

func (v *Inventory) mark(m *stream.Meta) { v.dirty[m.Key()] = struct{}{} }

// metaOf returns the metadata of whichever is there.
func metaOf[T any, P stream.Decodable[T]](before, after P) *stream.Meta {
	if after != nil {
		return after.Meta()
	}
	return before.Meta()
}

// machinesSettled lets instances appear whose VirtualMachine turned out to be gone or hidden.
func (v *Inventory) machinesSettled(namespace string) {
	for key, e := range v.instances.objects {
		if v.machines.get(key) == nil && (namespace == "" || e.object.Metadata.Namespace == namespace) {
			v.dirty[key] = struct{}{}
		}
	}
}

// migrationChanged keeps the one migration of each instance that is not final. Another one may have taken the name of the last, even
// for another instance.
func (v *Inventory) migrationChanged(before, after *migration) {
	if before != nil {
		key := before.instanceKey()
		if current := v.active[key]; current != nil && current.Metadata.UID == before.Metadata.UID {
			delete(v.active, key)
			v.dirty[key] = struct{}{}
		}
	}
	if after != nil && !after.final() {
		v.active[after.instanceKey()] = after
		v.dirty[after.instanceKey()] = struct{}{}
	}
}

func (v *Inventory) typeChanged(before, after *instancetype) {
	name := metaOf[instancetype](before, after).Name
	for key, e := range v.machines.objects {
		if e.object.Spec.Instancetype.Name == name {
			v.dirty[key] = struct{}{}
		}
	}
}

// size implements sizes. An instance type reference without a kind means the cluster-wide one (kubevirt.io/api, InstancetypeMatcher).
func (v *Inventory) size(kind, namespace, name string) (int, int64) {
	t := v.types.get(namespace + "/" + name)
	if kind == "" || kind == "VirtualMachineClusterInstancetype" || kind == string(ClusterInstancetypes) {
		t = v.shared.get("/" + name)
	}
	if t == nil {
		return 0, 0
	}
	return t.Spec.CPU.Guest, bytesOf(t.Spec.Memory.Guest)
}
