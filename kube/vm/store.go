package vm

import (
	"vmdeck.dev/vmdeck/kube/stream"
)

// table keeps the objects of one kind by namespace/name. The inventory's mutex guards it.
type table[T any, P stream.Decodable[T]] struct {
	kind    Kind
	objects map[string]entry[T]
	// listed has the namespaces ("" for all) that a list has covered wholly since they are watched; a lost connection leaves it so.
	listed map[string]bool
	// changed is called for every object that came, changed or went, before and after being nil for a new one and a gone one.
	changed func(before, after *T)
	// settled is called when what exists in a namespace ("" for all) has become known.
	settled func(namespace string)
}

func newTable[T any, P stream.Decodable[T]](kind Kind, changed func(before, after *T)) *table[T, P] {
	return &table[T, P]{
		kind: kind, objects: map[string]entry[T]{}, listed: map[string]bool{}, changed: changed, settled: func(string) {},
	}
}

func (t *table[T, P]) get(key string) *T { return t.objects[key].object }

type entry[T any] struct {
	object *T
	owner  *feedID // the feed that last mentioned the object
	list   int     // and in which of its lists
}

// feedID tells feeds apart and whether they still count: a cancelled stream may have one call under way.
type feedID struct{ stopped bool }

// feed connects one stream to a table: it is the stream's sink, and forgets what a new list no longer mentions.
type feed[T any, P stream.Decodable[T]] struct {
	inv       *Inventory
	table     *table[T, P]
	namespace string // empty: all
	id        *feedID
	list      int
}

func (f *feed[T, P]) Begin() {
	f.inv.mu.Lock() // whoever ends the stream reads it
	defer f.inv.mu.Unlock()
	f.list++
}

func (f *feed[T, P]) Put(objects []*T) {
	f.inv.mu.Lock()
	defer f.inv.mu.Unlock()
	if f.id.stopped {
		return
	}
	f.takeOver()
	for _, object := range objects {
		key := P(object).Meta().Key()
		before := f.table.objects[key].object
		f.table.objects[key] = entry[T]{object, f.id, f.list}
		f.table.changed(before, object)
	}
	f.inv.notifier.touch()
}

func (f *feed[T, P]) Delete(object *T) {
	f.inv.mu.Lock()
	defer f.inv.mu.Unlock()
	if f.id.stopped {
		return
	}
	f.drop(P(object).Meta().Key())
	f.inv.notifier.touch()
}

func (f *feed[T, P]) Synced() {
	f.inv.mu.Lock()
	defer f.inv.mu.Unlock()
	if f.id.stopped {
		return
	}
	f.takeOver()
	f.sweep(f.list)
	f.table.listed[f.namespace] = true
	f.table.settled(f.namespace)
	f.inv.notifier.touch()
}

func (f *feed[T, P]) State(state stream.State) {
	f.inv.mu.Lock()
	defer f.inv.mu.Unlock()
	if f.id.stopped {
		return
	}
	f.inv.states[f.table.kind][f.namespace] = state
	if state.Phase == stream.Forbidden || state.Phase == stream.Absent {
		// What the user may no longer see leaves the screen, and a later list starts from nothing.
		f.sweep(f.list + 1)
		delete(f.table.listed, f.namespace)
		f.table.settled(f.namespace)
	}
	if g := f.inv.groups[f.table.kind]; g != nil && f.namespace == "" && state.Phase == stream.Forbidden {
		g.turnOn()
	}
	f.inv.notifier.touch()
}

// takeOver ends the streams over single namespaces once the cluster-wide one is allowed to bring something.
func (f *feed[T, P]) takeOver() {
	g := f.inv.groups[f.table.kind]
	if f.namespace != "" || g == nil || !g.on {
		return
	}
	f.inv.states[f.table.kind][""] = stream.State{Phase: stream.Loading}
	g.handOver(f.id)
}

// bequeath passes the feed's objects on to another feed, which keeps those that its list mentions; without an heir they are dropped.
func (f *feed[T, P]) bequeath(heir *feedID) {
	if heir == nil {
		f.sweep(f.list + 1)
		return
	}
	for key, e := range f.table.objects {
		if e.owner == f.id {
			f.table.objects[key] = entry[T]{e.object, heir, 0}
		}
	}
}

// sweep drops the feed's own objects that were last mentioned before the given list.
func (f *feed[T, P]) sweep(list int) {
	for key, e := range f.table.objects {
		if e.owner == f.id && e.list < list {
			f.drop(key)
		}
	}
}

func (f *feed[T, P]) drop(key string) {
	if before := f.table.objects[key].object; before != nil {
		delete(f.table.objects, key)
		f.table.changed(before, nil)
	}
}
