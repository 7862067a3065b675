package vm

import (
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube/stream"
)

func twoTeams(t *testing.T) *apiServer {
	t.Helper()
	server := newAPIServer(t)
	for _, ns := range []string{"team-a", "team-b"} {
		server.put(Machines, aMachine(ns, "web", "Always"))
		server.put(Instances, owned(anInstance(ns, "web", "node-1")))
	}
	return server
}

func TestNamespacesOneByOneWhereTheWholeIsRefused(t *testing.T) {
	server := twoTeams(t)
	for _, kind := range allKinds {
		server.refuse(kind, "", http.StatusForbidden)
	}
	s := show(t, server, Scope{All: true})
	s.await("the refusal", func() bool {
		c := s.report.Kinds[Machines]
		return c.Phase == stream.Forbidden && c.ByNamespace && c.Err != nil
	})
	s.inv.SetNamespaces([]string{"team-a"})
	s.await("the first namespace", s.shows("team-a/web"))
	s.inv.SetNamespaces([]string{"team-a", "team-b"})
	s.await("both namespaces", s.shows("team-a/web", "team-b/web"))
	s.await("what is joined", func() bool { return s.row("team-b/web").Node == "node-1" })
	if c := s.report.Kinds[Machines]; c.Phase != stream.Live || !c.ByNamespace || len(c.Forbidden) != 0 {
		t.Errorf("report %+v", c)
	}
	if c := s.report.Kinds[ClusterInstancetypes]; c.Phase != stream.Forbidden {
		t.Errorf("a kind without namespaces: %+v", c)
	}
	server.put(Machines, aMachine("team-b", "db", "Halted"))
	s.await("a change", s.shows("team-a/web", "team-b/db", "team-b/web"))

	s.inv.SetNamespaces([]string{"team-b"})
	s.await("team-a's rows go", s.shows("team-b/db", "team-b/web"))
	s.inv.SetNamespaces(nil)
	s.await("all rows go", s.shows())
	if c := s.report.Kinds[Machines]; c.Phase != stream.Forbidden {
		t.Errorf("report %+v", c)
	}
	s.inv.SetNamespaces([]string{"team-a"})
	s.await("team-a is back", s.shows("team-a/web"))

	for _, kind := range allKinds {
		server.refuse(kind, "", 0)
	}
	s.awaitLive()
	s.await("everything", func() bool {
		return s.shows("team-a/web", "team-b/db", "team-b/web")() && !s.report.Kinds[Machines].ByNamespace
	})
	// Nothing is watched twice: one watch of each kind is left.
	s.await("the single namespaces' watches to end", func() bool { return server.openWatches() == len(allKinds) })
	s.inv.SetNamespaces([]string{"team-a"}) // means nothing now
	server.put(Machines, aMachine("team-c", "new", "Halted"))
	s.await("a change", func() bool { return s.row("team-c/new") != nil })
}

func TestRightsThatComeAndGo(t *testing.T) {
	server := twoTeams(t)
	s := show(t, server, Scope{All: true})
	s.awaitLive()
	s.inv.SetNamespaces([]string{"team-a", "team-b"})

	server.refuse(Machines, "", http.StatusForbidden)
	server.refuse(Machines, "team-b", http.StatusForbidden)
	s.await("team-b's VM is only an instance", func() bool {
		c := s.report.Kinds[Machines]
		return s.row("team-b/web") != nil && !s.row("team-b/web").HasVM && s.row("team-a/web") != nil && s.row("team-a/web").HasVM &&
			c.Phase == stream.Live && slices.Equal(c.Forbidden, []string{"team-b"})
	})
	server.refuse(Machines, "team-b", 0)
	s.await("the right is back", func() bool { return s.row("team-b/web").HasVM && len(s.report.Kinds[Machines].Forbidden) == 0 })
	server.refuse(Machines, "team-a", http.StatusForbidden)
	server.refuse(Machines, "team-b", http.StatusForbidden)
	s.await("no VM is visible", func() bool {
		return s.report.Kinds[Machines].Phase == stream.Forbidden && !s.row("team-a/web").HasVM && !s.row("team-b/web").HasVM
	})
	server.refuse(Machines, "", 0)
	s.await("all is visible", func() bool { return s.row("team-a/web").HasVM && s.row("team-b/web").HasVM })
}

// Every kind but one may be seen: what is left of the rows stays, and the report names the kind.
func TestOneForbiddenKindDegradesOnlyItself(t *testing.T) {
	for kind, gone := range map[Kind]func(*Row) bool{
		Machines:             func(r *Row) bool { return !r.HasVM && r.Node == "node-1" },
		Instances:            func(r *Row) bool { return r.HasVM && !r.HasInstance && r.Migration != nil },
		Migrations:           func(r *Row) bool { return r.HasVM && r.Node == "node-1" && r.Migration == nil },
		Instancetypes:        func(r *Row) bool { return r.HasVM && r.Node == "node-1" && r.Migration != nil },
		ClusterInstancetypes: func(r *Row) bool { return r.HasVM && r.Node == "node-1" && r.Migration != nil },
	} {
		for status, phase := range map[int]stream.Phase{http.StatusForbidden: stream.Forbidden, http.StatusNotFound: stream.Absent} {
			t.Run(fmt.Sprint(kind, " ", status), func(t *testing.T) {
				server := newAPIServer(t)
				server.put(Machines, aMachine("team", "web", "Always"))
				server.put(Instances, owned(anInstance("team", "web", "node-1")))
				server.put(Migrations, aMigration("team", "mig", "web", "Running"))
				server.refuse(kind, "", status)
				server.refuse(kind, "team", status)
				s := show(t, server, Scope{All: true})
				s.inv.SetNamespaces([]string{"team"})
				s.await("the others", func() bool {
					for _, k := range allKinds {
						if want := map[bool]stream.Phase{true: phase, false: stream.Live}[k == kind]; s.phase(k) != want {
							return false
						}
					}
					return s.row("team/web") != nil && gone(s.row("team/web"))
				})
				if c := s.report.Kinds[kind]; c.Err == nil {
					t.Error("the report does not say why")
				}
			})
		}
	}
}

func TestScopeOfNamespacesAsksForNothingElse(t *testing.T) {
	server := twoTeams(t)
	server.put(Machines, aMachine("team-c", "web", "Always"))
	s := show(t, server, Scope{Namespaces: []string{"team-a", "team-c"}})
	s.awaitLive()
	s.await("the rows", s.shows("team-a/web", "team-c/web"))
	s.inv.SetNamespaces([]string{"team-b"}) // is for the scope of all
	server.put(Machines, aMachine("team-a", "new", "Halted"))
	s.await("a change", s.shows("team-a/new", "team-a/web", "team-c/web"))
	for _, request := range server.requests() {
		if strings.Contains(request, "@team-b") || strings.Contains(request, "@?") && !strings.Contains(request, string(ClusterInstancetypes)) {
			t.Errorf("asked for %s", request)
		}
	}
	if !s.report.Kinds[Machines].ByNamespace {
		t.Error("the report does not say that namespaces are watched one by one")
	}
}

func TestScopeCovers(t *testing.T) {
	tests := []struct {
		scope     Scope
		namespace string
		want      bool
	}{
		{Scope{All: true}, "", true}, {Scope{All: true}, "a", true}, {Scope{Namespaces: []string{"a"}}, "a", true},
		{Scope{Namespaces: []string{"a"}}, "b", false}, {Scope{Namespaces: []string{"a", ""}}, "", false}, {Scope{}, "", false},
	}
	for _, tt := range tests {
		if got := tt.scope.Covers(tt.namespace); got != tt.want {
			t.Errorf("%+v covers %q: %v", tt.scope, tt.namespace, got)
		}
		if got := NewInventory(nil, tt.scope).Scope().Covers(tt.namespace); got != tt.want {
			t.Errorf("the inventory of %+v covers %q: %v", tt.scope, tt.namespace, got)
		}
	}
}

// Run may return only when nothing of it is left, in whatever state its streams are: live, paused after a refusal, or in a list.
func TestRunLeavesNothingBehind(t *testing.T) {
	before := runtime.NumGoroutine()
	server := twoTeams(t)
	server.refuse(Machines, "", http.StatusForbidden)
	server.hold(string(Migrations))
	s := show(t, server, Scope{All: true})
	s.inv.SetNamespaces([]string{"team-a", "team-b", "team-c"})
	s.await("rows", s.shows("team-a/web", "team-b/web"))
	s.stop()
	for _, stack := range strings.Split(allStacks(), "\n\n") {
		if strings.Contains(stack, "kube/stream.") || strings.Contains(stack, "vm.(*Inventory)") {
			t.Errorf("Run has returned, but there is\n%s", stack)
		}
	}
	s.inv.SetNamespaces([]string{"team-d"}) // starts nothing any more
	s.cluster.HTTPClient().CloseIdleConnections()
	server.stop()
	deadline := time.After(20 * time.Second)
	for runtime.NumGoroutine() > before {
		select {
		case <-deadline:
			t.Fatalf("%d goroutines, before there were %d:\n%s", runtime.NumGoroutine(), before, allStacks())
		default:
			runtime.Gosched()
		}
	}
	if slices.ContainsFunc(server.requests(), func(r string) bool { return strings.Contains(r, "@team-d?") }) {
		t.Error("a namespace was asked for after the end")
	}
}

func allStacks() string {
	buf := make([]byte, 1<<20)
	return string(buf[:runtime.Stack(buf, true)])
}

// Rights across the cluster arrive while the stream of a namespace lags behind. What it still tells is older than the whole list, and
// must not take rows along when the stream is ended.
func TestRowsStayWhenTheWholeTakesOver(t *testing.T) {
	const many = 257 // more than a stream hands on at once
	server := newAPIServer(t)
	for i := range many {
		server.put(Instances, anInstance("team", fmt.Sprintf("vmi-%03d", i), "node-1"))
	}
	server.refuse(Instances, "", http.StatusForbidden)
	s := show(t, server, Scope{All: true})
	s.inv.SetNamespaces([]string{"team"})
	s.await("the namespace", func() bool { return len(s.rows) == many && s.phase(Instances) == stream.Live })

	tell := server.hold(string(Instances) + "?watch")
	for i := range 50 {
		server.put(Instances, anInstance("team", fmt.Sprintf("vmi-%03d", i), "node-2"))
	}
	release := server.hold(string(Instances) + "?half")
	refusals := len(server.requests())
	s.removed = func(uid string) { t.Errorf("%s was taken off the screen for a while", uid) }
	server.do(func() { server.refused = map[string]int{} })
	s.await("the whole list to be under way", func() bool {
		return slices.ContainsFunc(server.requests()[refusals:], func(r string) bool { return strings.HasPrefix(r, "list virtualmachineinstances@?") })
	})
	s.await("a part of it", func() bool { return s.phase(Instances) == stream.Loading })
	tell()
	s.await("the namespace's watch to tell of it or to be ended", func() bool {
		server.mu.Lock()
		defer server.mu.Unlock()
		const where = "virtualmachineinstances@team"
		return server.sent[where] == server.version || server.watches[where] == 0
	})
	release()
	s.await("the whole", func() bool { return s.phase(Instances) == stream.Live && !s.report.Kinds[Instances].ByNamespace })
	server.put(Instances, anInstance("team", "vmi-256", "node-3"))
	s.await("another change", func() bool { return s.row("team/vmi-256").Node == "node-3" })
	moved := 0
	for _, r := range s.rows {
		if r.Node == "node-2" {
			moved++
		}
	}
	if len(s.rows) != many || moved != 50 {
		t.Errorf("of %d rows there are %d, of 50 changes %d", many, len(s.rows), moved)
	}
}
