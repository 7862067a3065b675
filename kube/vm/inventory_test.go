package vm

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube/stream"
)

func TestFirstPageAndThenTheWhole(t *testing.T) {
	server := newAPIServer(t)
	for i := range 250 {
		server.put(Machines, aMachine("team", fmt.Sprintf("vm-%03d", i), "Halted"))
	}
	release := server.hold(string(Machines))
	s := show(t, server, Scope{All: true})
	s.await("the first page", func() bool {
		return len(s.rows) == firstPage && s.phase(Machines) == stream.Loading && s.report.Kinds[Machines].Expected == 250
	})
	release()
	s.await("all", func() bool { return len(s.rows) == 250 && s.phase(Machines) == stream.Live })
	if s.report.ByStatus[StatusStopped] != 250 {
		t.Errorf("by status %v", s.report.ByStatus)
	}
}

func TestChangesArrive(t *testing.T) {
	server := newAPIServer(t)
	server.put(Machines, aMachine("team", "web", "Halted"))
	s := show(t, server, Scope{All: true})
	s.awaitLive()
	uid := s.row("team/web").UID

	server.put(Machines, aMachine("team", "db", "Manual"))
	s.await("a new VM", s.shows("team/db", "team/web"))
	server.put(Machines, aMachine("team", "web", "Always"))
	s.await("a change", func() bool { return s.row("team/web").RunStrategy == "Always" })
	server.put(Instances, owned(anInstance("team", "web", "node-1")))
	s.await("its instance", func() bool { return s.row("team/web").Node == "node-1" })
	server.put(Migrations, aMigration("team", "mig", "web", "Running"))
	s.await("its migration", func() bool { return s.row("team/web").Migration != nil })
	server.put(Migrations, aMigration("team", "mig", "web", "Succeeded"))
	s.await("the migration's end", func() bool { return s.row("team/web").Migration == nil })
	server.delete(Instances, "team/web")
	s.await("the instance's end", func() bool { return !s.row("team/web").HasInstance })
	if got := s.row("team/web").UID; got != uid {
		t.Errorf("the row's identity changed from %s to %s", uid, got)
	}
	server.delete(Machines, "team/web")
	s.await("the VM's end", s.shows("team/db"))
	if s.inv.Find("team", "web") != nil || s.inv.Find("team", "db") == nil {
		t.Error("Find does not know what was taken")
	}
}

func TestCancelledMigrationLeavesTheRow(t *testing.T) {
	server := newAPIServer(t)
	server.put(Instances, anInstance("team", "web", "node-1"))
	server.put(Migrations, aMigration("team", "old", "web", "Failed"))
	server.put(Migrations, aMigration("team", "mig", "web", "Pending"))
	s := show(t, server, Scope{All: true})
	s.awaitLive()
	if m := s.row("team/web").Migration; m == nil || m.Name != "mig" {
		t.Fatalf("migration %+v", m)
	}
	server.delete(Migrations, "team/old")
	server.put(Migrations, aMigration("team", "mig", "web", "Running"))
	s.await("the next phase", func() bool { return s.row("team/web").Migration.Phase == "Running" })
	server.delete(Migrations, "team/mig")
	s.await("no migration", func() bool { return s.row("team/web").Migration == nil })
}

// A migration may end, and another of its name begin for another instance, while the connection is down.
func TestMigrationReplacedWhileNobodyLooked(t *testing.T) {
	server := newAPIServer(t)
	server.put(Instances, anInstance("team", "web", "node-1"))
	server.put(Instances, anInstance("team", "db", "node-1"))
	server.put(Migrations, aMigration("team", "mig", "web", "Running"))
	s := show(t, server, Scope{All: true})
	s.await("the migration", func() bool {
		return s.row("team/web") != nil && s.row("team/web").Migration != nil && s.row("team/db") != nil
	})
	server.do(func() { server.down = true })
	server.breakConnections()
	s.await("the loss", func() bool { return s.phase(Migrations) == stream.Lost })
	server.replace(Migrations, aMigration("team", "mig", "db", "Running"))
	server.expire()
	server.do(func() { server.down = false })
	s.await("the other migration", func() bool { return s.row("team/db").Migration != nil && s.row("team/web").Migration == nil })
}

func TestInstanceTypesFillInAndChange(t *testing.T) {
	server := newAPIServer(t)
	vm := aMachine("team", "web", "Halted")
	vm.Spec["instancetype"] = map[string]any{"name": "u1"}
	server.put(Machines, vm)
	s := show(t, server, Scope{All: true})
	s.awaitLive()
	size := func(cpu int, memory int64) func() bool {
		return func() bool { return s.row("team/web").CPU == cpu && s.row("team/web").Memory == memory }
	}
	s.await("no size", size(0, 0))
	typ := func(cpu int) object {
		return object{Metadata: metadata{Name: "u1"}, Spec: map[string]any{"cpu": map[string]any{"guest": cpu}, "memory": map[string]any{"guest": "2Gi"}}}
	}
	server.put(ClusterInstancetypes, typ(2))
	s.await("the type's size", size(2, 2*gib))
	server.put(ClusterInstancetypes, typ(4))
	s.await("the changed size", size(4, 2*gib))
	server.delete(ClusterInstancetypes, "/u1")
	s.await("no size again", size(0, 0))
}

// An instance that belongs to a VM must not stand there as a stray one for a moment because its list was the faster one.
func TestNoStrayRowFlashes(t *testing.T) {
	for name, status := range map[string]int{"slow": 0, "failing": 503} {
		t.Run(name, func(t *testing.T) {
			server := newAPIServer(t)
			server.put(Machines, aMachine("team", "web", "Always"))
			server.put(Instances, owned(anInstance("team", "web", "node-1")))
			server.put(Instances, owned(anInstance("team", "orphan", "node-1")))
			server.put(Instances, anInstance("team", "free", "node-1"))
			release := server.hold(string(Machines) + "?limit")
			s := show(t, server, Scope{All: true})
			s.await("the instance that has no owner", s.shows("team/free"))
			if status != 0 {
				server.refuse(Machines, "", status)
				s.await("the failure", func() bool { return s.phase(Machines) == stream.Lost })
			}
			server.put(Instances, owned(anInstance("team", "web", "node-2")))
			server.put(Instances, anInstance("team", "free", "node-2"))
			s.await("a change to it", func() bool { return s.row("team/free").Node == "node-2" })
			if !s.shows("team/free")() {
				t.Errorf("before the VMs are known there stand %v", s.keys())
			}
			release()
			if status != 0 {
				server.refuse(Machines, "", 0)
			}
			s.awaitLive()
			s.await("all", s.shows("team/free", "team/orphan", "team/web"))
			if log := strings.Join(s.log, "\n"); strings.Contains(log, "team/web vm=false") {
				t.Errorf("team/web was a stray row at first:\n%s", log)
			}
			if s.row("team/orphan").HasVM {
				t.Error("an instance whose VM is gone claims to have one")
			}
		})
	}
}

func TestReplacedVMIsAnotherRow(t *testing.T) {
	server := newAPIServer(t)
	server.put(Machines, aMachine("team", "web", "Halted"))
	s := show(t, server, Scope{All: true})
	s.awaitLive()
	before := s.row("team/web").UID
	server.replace(Machines, aMachine("team", "web", "Halted"))
	s.await("another identity", func() bool { r := s.row("team/web"); return r != nil && r.UID != before })
	if len(s.rows) != 1 {
		t.Errorf("rows %v", s.keys())
	}
	// The same without the deletion being seen.
	before = s.row("team/web").UID
	server.do(func() { server.down = true })
	server.breakConnections()
	s.await("the loss", func() bool { return s.phase(Machines) == stream.Lost })
	server.replace(Machines, aMachine("team", "web", "Halted"))
	server.expire()
	server.do(func() { server.down = false })
	s.await("another identity", func() bool { r := s.row("team/web"); return r != nil && r.UID != before })
}

func TestLostConnectionKeepsRowsAndSaysSo(t *testing.T) {
	server := newAPIServer(t)
	server.put(Machines, aMachine("team", "web", "Halted"))
	server.put(Machines, aMachine("team", "db", "Halted"))
	s := show(t, server, Scope{All: true})
	s.awaitLive()
	server.do(func() { server.down = true })
	server.breakConnections()
	s.await("the loss", func() bool {
		for _, kind := range allKinds {
			if c := s.report.Kinds[kind]; c.Phase != stream.Lost || c.Err == nil {
				return false
			}
		}
		return true
	})
	if !s.shows("team/db", "team/web")() {
		t.Errorf("rows %v", s.keys())
	}
	server.delete(Machines, "team/db")
	server.put(Machines, aMachine("team", "new", "Halted"))
	server.do(func() { server.down = false })
	s.awaitLive()
	s.await("what changed meanwhile", s.shows("team/new", "team/web"))
	for _, kind := range allKinds {
		if err := s.report.Kinds[kind].Err; err != nil {
			t.Errorf("%s is live with error %v", kind, err)
		}
	}
}

func TestManyChangesAreFewSignals(t *testing.T) {
	server := newAPIServer(t)
	s := show(t, server, Scope{All: true})
	s.awaitLive()
	began, before := time.Now(), s.takes
	const changes = 2000
	for i := range changes {
		server.put(Machines, aMachine("team", fmt.Sprintf("vm-%d", i%50), "Manual"))
	}
	server.put(Machines, aMachine("team", "last", "Halted"))
	s.await("the last one", func() bool { return len(s.rows) == 51 })
	took := time.Since(began)
	if takes, most := s.takes-before, int(took/interval)+2; takes > most || takes == 0 {
		t.Errorf("%d changes in %s came in %d Takes, at most %d were to be expected", changes, took, takes, most)
	}
}
