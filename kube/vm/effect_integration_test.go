package vm

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube/kubetest"
	"vmdeck.dev/vmdeck/kube/stream"
)

// operatorFor makes the operator of an identity, as the program does.
func (f *fixture) operatorFor(t *testing.T, identity string) *Operator {
	t.Helper()
	cluster := kubetest.Connect(t, identity)
	if err := cluster.Access().Ensure(t.Context(), kubetest.Namespace); err != nil {
		t.Fatal(err)
	}
	gate := &Gate{Access: cluster.Access(), Health: cluster.Health().Status, Facts: func() Facts { return Facts{} }}
	return &Operator{
		Cluster: cluster, Gate: gate, Latest: f.inventory.Find, User: func() string { return identity },
		Audit: config.NewAudit(filepath.Join(t.TempDir(), "audit.log")),
	}
}

// TestIntegrationActionsTakeEffect carries every action out for good, as power-user, and waits for the row to show it.
func TestIntegrationActionsTakeEffect(t *testing.T) {
	f := newFixture(t, kubetest.Connect(t, "cluster-admin"))
	operator := f.operatorFor(t, "power-user")
	f.create(t, "effect", "Halted", map[string]string{"simulator.vmdeck.dev/migration": "hold"})
	row := f.await(t, "effect", "stopped", func(r *Row) bool { return r.Status == StatusStopped })
	is := func(status string) func(*Row) bool {
		return func(r *Row) bool { return r.Status == status && (r.StateChanges == 0) }
	}
	var before string
	steps := []struct {
		action  string
		options Options
		what    string
		wanted  func(*Row) bool
	}{
		{"start-paused", Options{}, "paused", is(StatusPaused)},
		{"unpause", Options{}, "running", func(r *Row) bool { return r.Status == StatusRunning && r.Agent && r.NotMigratable == nil }},
		{"pause", Options{}, "paused", is(StatusPaused)},
		{"unpause", Options{}, "running", is(StatusRunning)},
		{"soft-reboot", Options{}, "running", is(StatusRunning)},
		{"reset", Options{}, "running", is(StatusRunning)},
		{"migrate", Options{}, "migrating", func(r *Row) bool { return r.Migration != nil && r.Migration.Started != nil && r.Migration.Name != "" }},
		{"cancel-migration", Options{}, "running without a migration", func(r *Row) bool { return r.Status == StatusRunning && r.Migration == nil }},
		{"restart", Options{}, "running anew", func(r *Row) bool { return r.Status == StatusRunning && r.InstanceUID != before && r.Agent }},
		{"force-restart", Options{}, "running anew", func(r *Row) bool { return r.Status == StatusRunning && r.InstanceUID != before && r.Agent }},
		{"clone", Options{CloneName: "effect-clone"}, "there", func(*Row) bool { return f.inventory.Find(kubetest.Namespace, "effect-clone") != nil }},
		{"stop", Options{}, "stopped", func(r *Row) bool { return r.Status == StatusStopped && !r.HasInstance }},
		{"start", Options{}, "running", is(StatusRunning)},
		{"force-stop", Options{}, "stopped", func(r *Row) bool { return r.Status == StatusStopped && !r.HasInstance }},
	}
	for _, s := range steps {
		before = row.InstanceUID
		out := operator.Do(t.Context(), Find(s.action), row, s.options)
		if !out.Done() || out.AuditErr != nil {
			t.Fatalf("%s: %s (%v, audit %v)", s.action, out.Text, out.Err, out.AuditErr)
		}
		t.Logf("%s: %s", s.action, out.Text)
		row = f.await(t, "effect", s.what+" after "+s.action, s.wanted)
	}
	for _, name := range []string{"effect", "effect-clone"} {
		out := operator.Do(t.Context(), Find("delete"), f.inventory.Find(kubetest.Namespace, name), Options{})
		if !out.Done() {
			t.Fatalf("delete %s: %s", name, out.Text)
		}
		kubetest.Await(t, time.Minute, name+" to be gone", func() bool {
			f.inventory.Take()
			return f.inventory.Find(kubetest.Namespace, name) == nil
		})
	}
}

// TestIntegrationReplacedVMIsLeftAlone deletes a VM and makes another one of the same name between the look and the key press.
func TestIntegrationReplacedVMIsLeftAlone(t *testing.T) {
	f := newFixture(t, kubetest.Connect(t, "cluster-admin"))
	operator := f.operatorFor(t, "power-user")
	f.create(t, "replaced", "Halted", nil)
	seen := f.await(t, "replaced", "there", func(r *Row) bool { return r.Status == StatusStopped })
	f.do(t, "delete", seen, Options{})
	kubetest.Await(t, time.Minute, "the VM to be gone", func() bool {
		f.inventory.Take()
		return f.inventory.Find(kubetest.Namespace, "replaced") == nil
	})
	f.create(t, "replaced", "Halted", nil)
	other := f.await(t, "replaced", "there again", func(r *Row) bool { return r.UID != seen.UID && r.Status == StatusStopped })
	for _, id := range []string{"start", "delete"} {
		out := operator.Do(t.Context(), Find(id), seen, Options{})
		if out.Done() || !out.Refused || !strings.Contains(out.Text, "same name") {
			t.Errorf("%s of the VM that is gone: %+v", id, out)
		}
	}
	// Even where the list lags behind the server, the server's word counts.
	operator.Latest = func(string, string) *Row { return seen }
	if out := operator.Do(t.Context(), Find("delete"), seen, Options{}); out.Done() {
		t.Errorf("delete with a stale list: %+v", out)
	}
	if now := f.await(t, "replaced", "untouched", func(*Row) bool { return true }); now.UID != other.UID || now.Deleting {
		t.Errorf("the other VM was touched: %+v", now)
	}
}

// TestIntegrationServerGoesAndComesBack stops the API server under an inventory: rows stay, the state says lost, and what changed
// meanwhile arrives.
func TestIntegrationServerGoesAndComesBack(t *testing.T) {
	f := newFixture(t, kubetest.Connect(t, "cluster-admin"))
	f.create(t, "survivor", "Halted", nil)
	row := f.await(t, "survivor", "stopped", func(r *Row) bool { return r.Status == StatusStopped })
	kubetest.Control(t, "stop", "apiserver")
	started := false
	start := func() {
		if !started {
			started = true
			kubetest.Control(t, "start", "apiserver")
		}
	}
	t.Cleanup(start)
	kubetest.Await(t, time.Minute, "the inventory to say lost", func() bool {
		return f.inventory.Take().Report.Kinds[Machines].Phase == stream.Lost
	})
	if f.inventory.Find(kubetest.Namespace, "survivor") == nil {
		t.Error("the row went with the connection")
	}
	gate := &Gate{Access: f.admin.Access(), Health: f.admin.Health().Status, Facts: func() Facts { return Facts{} }}
	if v := gate.Check(Find("start"), row); v.Cause != Connection {
		t.Errorf("without a server the gate says %+v", v)
	}
	start()
	kubetest.Await(t, 2*time.Minute, "the inventory to be live", func() bool {
		return f.inventory.Take().Report.Kinds[Machines].Phase == stream.Live
	})
	kubetest.Await(t, 2*time.Minute, "a start to be accepted", func() bool {
		return Find("start").run(t.Context(), &client{f.admin}, row, Options{}) == nil
	})
	f.await(t, "survivor", "running", func(r *Row) bool { return r.Status == StatusRunning })
}
