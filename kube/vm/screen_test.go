package vm

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/stream"
)

// screen shows an inventory as the list does, from nothing but its Deltas, and checks that these make sense.
type screen struct {
	t       testing.TB
	inv     *Inventory
	cluster *kube.Cluster
	rows    map[string]*Row // by UID
	report  Report
	takes   int
	log     []string // every row that was ever shown
	stop    func()   // ends Run and waits for it
	removed func(uid string)
}

// show runs an inventory against the server until the test ends.
func show(t testing.TB, server *apiServer, scope Scope) *screen {
	t.Helper()
	s := &screen{t: t, cluster: server.connect(t), rows: map[string]*Row{}}
	s.inv = NewInventory(s.cluster, scope)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); s.inv.Run(ctx) }()
	s.stop = func() {
		cancel()
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			t.Error("Run does not return")
		}
	}
	t.Cleanup(s.stop)
	return s
}

func (s *screen) take() {
	s.t.Helper()
	d := s.inv.Take()
	s.takes++
	s.report = d.Report
	for _, uid := range d.Removed {
		if s.rows[uid] == nil {
			s.t.Errorf("%s is removed and was never there", uid)
		}
		delete(s.rows, uid)
		if s.removed != nil {
			s.removed(uid)
		}
	}
	keys := map[string]string{}
	for _, r := range d.Upserts {
		s.rows[r.UID] = r
		s.log = append(s.log, fmt.Sprintf("%s vm=%v", r.Key(), r.HasVM))
	}
	statuses := map[string]int{}
	for uid, r := range s.rows {
		statuses[r.Status]++
		if other, twice := keys[r.Key()]; twice {
			s.t.Errorf("%s stands there as %s and %s", r.Key(), uid, other)
		}
		keys[r.Key()] = uid
		if s.inv.Find(r.Namespace, r.Name) == nil {
			s.t.Errorf("%s is not found", r.Key())
		}
	}
	if d.Report.Total != len(s.rows) || fmt.Sprint(statuses) != fmt.Sprint(d.Report.ByStatus) {
		s.t.Errorf("the report counts %d rows, %v; there are %d, %v", d.Report.Total, d.Report.ByStatus, len(s.rows), statuses)
	}
}

// await takes whenever there is something to take until the condition holds. Pauses between attempts are ended: no test waits for
// one. A signal that never comes fails the test.
func (s *screen) await(what string, cond func() bool) {
	s.t.Helper()
	deadline, tick := time.After(20*time.Second), time.NewTicker(5*time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-s.inv.Changes():
			s.take()
		case <-tick.C:
			s.cluster.Health().RetryNow()
		case <-deadline:
			s.t.Fatalf("not seen: %s; rows %v, report %+v", what, s.keys(), s.report)
		}
	}
}

// awaitLive waits until everything that there is has come.
func (s *screen) awaitLive() {
	s.t.Helper()
	s.await("all kinds live", func() bool {
		for _, kind := range allKinds {
			if s.phase(kind) != stream.Live {
				return false
			}
		}
		return true
	})
}

var allKinds = []Kind{Machines, Instances, Migrations, Instancetypes, ClusterInstancetypes}

// phase is how far a kind has come; -1 before the first Take.
func (s *screen) phase(kind Kind) stream.Phase {
	c, ok := s.report.Kinds[kind]
	if !ok {
		return -1
	}
	return c.Phase
}

func (s *screen) keys() []string {
	var keys []string
	for _, r := range s.rows {
		keys = append(keys, r.Key())
	}
	slices.Sort(keys)
	return keys
}

func (s *screen) shows(keys ...string) func() bool {
	return func() bool { return slices.Equal(s.keys(), keys) }
}

func (s *screen) row(key string) *Row {
	for _, r := range s.rows {
		if r.Key() == key {
			return r
		}
	}
	return nil
}

// object is any object on the wire.
type object struct {
	Metadata metadata       `json:"metadata"`
	Spec     map[string]any `json:"spec,omitempty"`
	Status   map[string]any `json:"status,omitempty"`
}

type metadata struct {
	Name            string              `json:"name"`
	Namespace       string              `json:"namespace,omitempty"`
	UID             string              `json:"uid"`
	ResourceVersion string              `json:"resourceVersion"`
	Deletion        *string             `json:"deletionTimestamp,omitempty"`
	Owners          []map[string]string `json:"ownerReferences,omitempty"`
}

func (m metadata) key() string { return m.Namespace + "/" + m.Name }

func named(namespace, name string) metadata { return metadata{Namespace: namespace, Name: name} }

// aMachine and the like are objects with the least that makes them what they are.
func aMachine(namespace, name, strategy string) object {
	return object{Metadata: named(namespace, name), Spec: map[string]any{"runStrategy": strategy}, Status: map[string]any{"printableStatus": "Stopped"}}
}

func anInstance(namespace, name, node string) object {
	return object{Metadata: named(namespace, name), Status: map[string]any{"phase": "Running", "nodeName": node}}
}

func owned(o object) object {
	o.Metadata.Owners = []map[string]string{{"kind": "VirtualMachine", "name": o.Metadata.Name, "uid": "x"}}
	return o
}

func aMigration(namespace, name, vmi, phase string) object {
	return object{Metadata: named(namespace, name), Spec: map[string]any{"vmiName": vmi}, Status: map[string]any{"phase": phase}}
}
