package detail

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/stream"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

func changed(r *vm.Row) deck.Event { return deck.Event{Delta: &vm.Delta{Upserts: []*vm.Row{r}}} }

func TestKeysMeanOneThing(t *testing.T) {
	for _, taken := range []string{"x", "tab", "/", "q"} {
		clash := keys.Binding{ID: "clash", Keys: []string{taken}}
		if _, err := deck.Keys(slices.Concat(pageBindings(), actionBindings(), []keys.Binding{clash}), pager.Bindings()...); err == nil {
			t.Errorf("%q can mean two things", taken)
		}
	}
}

func TestReplacedVM(t *testing.T) {
	w := sample(t)
	d, p := open(t, w, 120, 40)
	other := *w.row
	other.UID, other.InstanceUID = "another", "another-instance"
	d.Send(changed(&other))
	d.Contains("✗ Replaced", "Another VM has taken this name.", "esc goes back", "esc back", "node-1→node-2")
	d.Lacks("stop")
	d.Keys("x")
	d.Contains("stop orders-db-1: this VM was replaced")
	if p.act(vm.Find("delete")) == nil || len(d.Seen) == 0 {
		t.Error("no answer")
	}
	for _, line := range p.drawn[tabOverview] {
		if line.Shown != th.Paint(theme.Dim, line.Plain) {
			t.Errorf("%q is not grey", line.Shown)
		}
	}
	fetches := w.fetches
	d.Send(changed(&other), deck.Tick{Now: epoch.Add(time.Hour)}, shell.For(p, due{}))
	if w.fetches != fetches {
		t.Error("a VM that is gone was read again")
	}
	d.Send(shell.For(p, happened{nil, stream.State{}}))
	if len(p.facts.events) == 0 {
		t.Error("the events of the other VM are shown")
	}
	d.Keys("esc")
	if p.ctx.Err() == nil {
		t.Error("the page's goroutines were not ended")
	}
}

func TestReplacedVMIsSeenByAFetchToo(t *testing.T) {
	w := sample(t)
	w.detail.Machine.UID = "another"
	d, _ := open(t, w, 120, 40)
	d.Contains("✗ Replaced")
}

func TestDeletedVM(t *testing.T) {
	w := sample(t)
	d, p := open(t, w, 120, 40)
	d.Send(deck.Event{Delta: &vm.Delta{Removed: []string{machineUID}}}, deck.Tick{Now: epoch.Add(5 * time.Second)})
	d.Contains("✗ Deleted", "This VM was deleted 5s ago.", "Fedora Linux 43")
	d.Keys("a")
	d.Contains("no actions: this VM was deleted")
	if e := p.Commands()[0]; !e.Disabled {
		t.Error("the palette offers actions")
	}
	w = sample(t)
	w.detail = vm.Detail{}
	d, _ = open(t, w, 120, 40)
	d.Contains("✗ Deleted", "node-1→node-2")
}

// TestSameGuest: the row changes its identity when the VirtualMachine goes and the instance stays.
func TestSameGuest(t *testing.T) {
	w := sample(t)
	d, _ := open(t, w, 120, 40)
	orphan := *w.row
	orphan.UID, orphan.HasVM = instanceUID, false
	d.Send(deck.Event{Delta: &vm.Delta{Upserts: []*vm.Row{&orphan}, Removed: []string{machineUID}}})
	d.Lacks("Replaced", "Deleted")
	d.Contains("none: there is no VirtualMachine")
}

func TestChangesAreGathered(t *testing.T) {
	w := sample(t)
	p := page(w)
	p.Init()
	fetch := func() { p.Update(fetched{w.Fetch(t.Context(), "", "")}) }
	if !p.fetch.running {
		t.Fatal("nothing is read at first")
	}
	p.Update(changed(w.row))
	if p.fetch.armed {
		t.Error("a second fetch is prepared while one is under way")
	}
	fetch()
	if !p.fetch.armed || p.fetch.running {
		t.Errorf("the change during the fetch is forgotten: %+v", p.fetch)
	}
	p.Update(changed(w.row))
	p.Update(due{})
	if !p.fetch.running || p.fetch.armed {
		t.Errorf("no fetch after the pause: %+v", p.fetch)
	}
	fetch()
	if p.fetch.armed || p.fetch.running || p.fetch.wanted {
		t.Errorf("not at rest: %+v", p.fetch)
	}
}

func TestErrorsKeepWhatWasThere(t *testing.T) {
	w := sample(t)
	d, p := open(t, w, 120, 40)
	broken := vm.Detail{MachineErr: errors.New("boom"), InstanceErr: errors.New("boom"), MigrationsErr: errors.New("boom")}
	d.Send(shell.For(p, fetched{broken}), deck.Tick{Now: epoch.Add(9 * time.Second)})
	d.Contains("What is shown of the VirtualMachine is 9s old", "boom", "pc-q35-rhel9.6.0")
	d.Send(deck.Tick{Now: epoch.Add(11 * time.Second)})
	d.Lacks("boom") // it was read again
	w.health = kube.HealthStatus{State: kube.Lost, Since: epoch}
	d.Send(shell.For(p, fetched{broken}), deck.Event{}, deck.Tick{Now: epoch.Add(72 * time.Second)})
	d.Contains("Connection lost 72s ago")
	d.Lacks("boom")
}

func TestForbiddenParts(t *testing.T) {
	w := sample(t)
	w.detail.InstanceErr, w.detail.MigrationsErr = refused("virtualmachineinstances"), refused("virtualmachineinstancemigrations")
	w.detail.Migrations = nil
	state := w.detail.Instance
	w.detail.Instance = nil
	d, p := open(t, w, 120, 40)
	d.Contains("You may not read the VirtualMachineInstance", "node-1→node-2", "Fedora Linux 43")
	d.Keys("tab", "tab", "tab")
	d.Contains("team-a/vlan-120", "You may not read the VirtualMachineInstance")
	d.Keys("tab")
	d.Contains("You may not list migrations: list virtualmachineinstancemigrations (kubevirt.io) is missing in team-a.")
	w.detail.Instance, w.detail.InstanceErr = state, nil
	d.Send(shell.For(p, fetched{w.detail}))
	d.Contains("as the instance remembers it", "node-1→node-2")
	w.detail = vm.Detail{MachineErr: refused("virtualmachines"), InstanceErr: refused("virtualmachineinstances"), MigrationsErr: refused("virtualmachineinstancemigrations")}
	for i := range tabs {
		d, _ = open(t, w, 120, 40)
		for range i {
			d.Keys("tab")
		}
		if tab(i) != tabEvents {
			d.Contains("You may not")
		}
	}
}

func TestEventStates(t *testing.T) {
	w := sample(t)
	w.events = nil
	for _, tt := range []struct {
		state stream.State
		want  string
	}{
		{stream.State{}, "Loading"},
		{stream.State{Phase: stream.Live}, "There are no events."},
		{stream.State{Phase: stream.Forbidden}, "You may not list events"},
		{stream.State{Phase: stream.Lost, Err: errors.New("boom")}, "The connection broke"},
	} {
		w.state = tt.state
		d, _ := open(t, w, 100, 30)
		d.Keys("shift+tab", "shift+tab")
		d.Contains(tt.want)
	}
}

func TestLoading(t *testing.T) {
	p := page(sample(t))
	p.Init()
	if frame := theme.Strip(p.View(80, 20)); !strings.Contains(frame, "Loading") || !strings.Contains(frame, "node-1→node-2") {
		t.Errorf("before the first answer:\n%s", frame)
	}
}

func TestCrashLoop(t *testing.T) {
	w := stopped(t)
	next := epoch.Add(80 * time.Second)
	w.row.Status, w.row.StartFailures, w.row.RetryAfter = vm.StatusCrashLoopBackOff, 4, &next
	d, _ := open(t, w, 80, 24)
	d.Contains("✗ CrashLoop", "1 thing needs attention", "The start failed 4 times in a row. The next try is in 80s.")
}

func TestClickAndCommands(t *testing.T) {
	d, p := open(t, sample(t), 120, 40)
	d.Click(20, 3)
	if p.tab != tabConditions {
		t.Errorf("a click on Conditions shows %s", tabs[p.tab].title)
	}
	d.Keys("[", "[")
	d.Contains("┃YAML┃")
	d.Keys("]")
	d.Contains("┃Overview┃")
	d.Keys("?")
	d.Contains("Actions on orders-db-1", "already running")
	d.Keys("esc", ":")
	d.Type("disks")
	d.Keys("enter")
	d.Contains("┃Disks┃", "DataVolume orders-db-1-root")
	d.Keys("y")
	d.Contains("copied Disks of team-a/orders-db-1")
}

func TestNothingChangedMeansNoFrame(t *testing.T) {
	d, p := open(t, sample(t), 120, 40)
	d.Keys("tab", "tab")
	p.Changed()
	p.Update(deck.Tick{Now: epoch.Add(time.Second)})
	if p.Changed() {
		t.Error("a second in which nothing changed asks for a frame")
	}
	p.Update(deck.Tick{Now: epoch.Add(time.Minute)})
	if !p.Changed() {
		t.Error("the elapsed time of the migration stands still")
	}
}

// liveFeed has a change at once, and tells when it was ended.
type liveFeed struct {
	*fakeWorld
	changes chan struct{}
	ended   chan struct{}
}

func (f *liveFeed) Context() context.Context   { return context.Background() }
func (f *liveFeed) Events(string, string) feed { return f }
func (f *liveFeed) Changes() <-chan struct{}   { return f.changes }
func (f *liveFeed) Run(ctx context.Context)    { <-ctx.Done(); close(f.ended) }

func TestEventsAreFollowedUntilThePageIsLeft(t *testing.T) {
	f := &liveFeed{sample(t), make(chan struct{}, 1), make(chan struct{})}
	p := page(f.fakeWorld)
	p.world = f
	p.ctx, p.cancel = context.WithCancel(f.Context())
	wait := p.follow()
	f.changes <- struct{}{}
	if wait() == nil {
		t.Error("the change does not arrive")
	}
	p.Leave()
	<-f.ended
	if wait() != nil {
		t.Error("something arrives after the page was left")
	}
}
