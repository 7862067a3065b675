package vm

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"
)

func follow(t *testing.T, server *apiServer, scope Scope) *Followed {
	t.Helper()
	f, err := Follow(t.Context(), server.connect(t), scope)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

var teamOnly = Scope{Namespaces: []string{"team"}}

func TestFollowIsCompleteWhenItReturns(t *testing.T) {
	server := newAPIServer(t)
	server.put(Machines, aMachine("team", "web", "Always"))
	server.put(Machines, aMachine("team", "db", "Halted"))
	server.put(Machines, aMachine("other", "db", "Halted"))
	server.put(Instances, owned(anInstance("team", "web", "node-1")))
	rows := follow(t, server, teamOnly).Rows()
	if len(rows) != 2 || rows[0].Name != "db" || rows[1].Name != "web" || rows[1].Node != "node-1" {
		t.Errorf("rows %+v", rows)
	}
}

func TestFollowSaysWhyThereIsNothingToSee(t *testing.T) {
	for name, tt := range map[string]struct {
		prepare func(*apiServer)
		want    string
	}{
		"no right":    {func(s *apiServer) { s.refuse(Machines, "team", 403); s.refuse(Instances, "team", 403) }, "list VMs: not permitted"},
		"no KubeVirt": {func(s *apiServer) { s.refuse(Machines, "team", 404); s.refuse(Instances, "team", 404) }, "does not serve KubeVirt's API"},
		"no server":   {func(s *apiServer) { s.do(func() { s.down = true }) }, "the API server cannot be reached"},
	} {
		server := newAPIServer(t)
		tt.prepare(server)
		_, err := Follow(t.Context(), server.connect(t), teamOnly)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

func TestFollowTellsGaps(t *testing.T) {
	server := newAPIServer(t)
	server.put(Machines, aMachine("team-a", "web", "Always"))
	server.refuse(Machines, "team-b", http.StatusForbidden)
	server.refuse(Migrations, "team-a", http.StatusForbidden)
	server.refuse(Migrations, "team-b", http.StatusForbidden)
	f := follow(t, server, Scope{Namespaces: []string{"team-a", "team-b"}})
	want := "You may not list virtualmachines in team-b. You may not list virtualmachineinstancemigrations, so what they would tell is missing."
	if got := strings.Join(f.Gaps(), " "); got != want || len(f.Rows()) != 1 {
		t.Errorf("gaps %q, rows %v", got, f.Rows())
	}
}

// waiting begins to wait for the effect of an action on the VM team/web.
func waiting(t *testing.T, ctx context.Context, f *Followed, id string, o Options) <-chan error {
	t.Helper()
	r := f.Find("team", "web")
	w, err := f.Waiter(ctx, Find(id), []*Row{r}, o)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- w.Wait(ctx, r) }()
	return ended
}

// end fails the test when waiting does not end as wanted; "" is success.
func end(t *testing.T, ended <-chan error, want string) {
	t.Helper()
	select {
	case err := <-ended:
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("waiting ended with %v, want %q", err, want)
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("waiting does not end; want %q", want)
	}
}

func TestWaitEndsWithTheEffect(t *testing.T) {
	server := newAPIServer(t)
	server.put(Machines, aMachine("team", "web", "Halted"))
	f := follow(t, server, teamOnly)
	ended := waiting(t, t.Context(), f, "start", Options{})
	server.put(Instances, owned(anInstance("team", "web", "node-1")))
	running := aMachine("team", "web", "Always")
	running.Status["printableStatus"] = StatusRunning
	server.put(Machines, running)
	end(t, ended, "")

	ended = waiting(t, t.Context(), f, "migrate", Options{})
	server.put(Migrations, aMigration("team", "mig", "web", "Running"))
	server.put(Migrations, aMigration("team", "mig", "web", "Failed"))
	end(t, ended, "the migration failed")
	ended = waiting(t, t.Context(), f, "migrate", Options{})
	server.put(Migrations, aMigration("team", "mig-2", "web", "Running"))
	server.put(Migrations, aMigration("team", "mig-2", "web", "Succeeded"))
	end(t, ended, "")

	ended = waiting(t, t.Context(), f, "delete", Options{})
	server.delete(Instances, "team/web")
	server.delete(Machines, "team/web")
	end(t, ended, "")
}

func TestWaitEndsWithoutTheEffect(t *testing.T) {
	server := newAPIServer(t)
	server.put(Machines, aMachine("team", "web", "Halted"))
	f := follow(t, server, teamOnly)
	soon, stop := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer stop()
	end(t, waiting(t, soon, f, "start", Options{}), "not running after 0s: it is Stopped")

	interrupted, interrupt := context.WithCancel(t.Context())
	ended := waiting(t, interrupted, f, "start", Options{})
	interrupt()
	end(t, ended, "what was requested goes on")

	ended = waiting(t, t.Context(), f, "start", Options{})
	server.replace(Machines, aMachine("team", "web", "Halted"))
	end(t, ended, "meanwhile") // gone or another one, as the watch brings both at a time or not

	if _, err := f.Waiter(t.Context(), Find("reset"), nil, Options{}); err == nil {
		t.Error("a reset can be waited for")
	}
}

func TestWaitForAClone(t *testing.T) {
	const kind = Kind("virtualmachineclones")
	clone := func(name, target, phase string, conditions ...any) object {
		spec := map[string]any{"source": map[string]any{"name": "web"}, "target": map[string]any{"name": target}}
		return object{Metadata: named("team", name), Spec: spec, Status: map[string]any{"phase": phase, "conditions": conditions}}
	}
	server := newAPIServer(t)
	server.put(Machines, aMachine("team", "web", "Halted"))
	server.put(kind, clone("old", "copy", "Succeeded"))
	f := follow(t, server, teamOnly)
	ended := waiting(t, t.Context(), f, "clone", Options{CloneName: "copy"})
	server.put(kind, clone("of-another-target", "elsewhere", "Failed"))
	server.put(kind, clone("new", "copy", "RestoreInProgress"))
	server.put(kind, clone("new", "copy", "Succeeded"))
	end(t, ended, "")

	ended = waiting(t, t.Context(), f, "clone", Options{})
	server.put(kind, clone("broken", "", "Failed", map[string]any{"type": "Ready", "status": "False", "message": "no storage"}))
	end(t, ended, "the clone failed: no storage")

	server.refuse(kind, "team", http.StatusForbidden)
	if _, err := f.Waiter(t.Context(), Find("clone"), f.Rows(), Options{}); err == nil || !strings.Contains(err.Error(), "to see when a clone is ready: not permitted") {
		t.Errorf("clones that may not be seen: %v", err)
	}
}
