package detail

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	virtv1 "kubevirt.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/stream"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/ui/uitest"
	"vmdeck.dev/vmdeck/views/act"
	"vmdeck.dev/vmdeck/views/deck"
)

const (
	machineUID  = "0d1a7a6e-6b1d-4f0e-9a51-4a0f7b5f2c11"
	instanceUID = "b9c6c1d4-2f3a-4d55-8a77-0c2a5d7d9e21"
)

var (
	epoch = time.Date(2026, 3, 5, 9, 34, 12, 0, time.UTC)
	th    = theme.New(theme.Options{Dark: true})
)

// fakeWorld answers from memory.
type fakeWorld struct {
	row     *vm.Row
	detail  vm.Detail
	events  []*vm.Event
	state   stream.State
	health  kube.HealthStatus
	off     map[string]string
	fetches int
}

// Context has ended, so that a page waits for no events; tests send them.
func (w *fakeWorld) Context() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func (w *fakeWorld) Find(string, string) *vm.Row { return w.row }

func (w *fakeWorld) Check(a *vm.Action, _ *vm.Row) vm.Verdict {
	if reason := w.off[a.ID]; reason != "" {
		return vm.Verdict{Cause: vm.State, Reason: reason}
	}
	return vm.Verdict{}
}

func (w *fakeWorld) Health() kube.HealthStatus { return w.health }

func (w *fakeWorld) Fetch(context.Context, string, string) vm.Detail {
	w.fetches++
	return w.detail
}

func (w *fakeWorld) Events(string, string) feed { return w }

func (w *fakeWorld) Run(context.Context) {}

func (w *fakeWorld) Changes() <-chan struct{} { return nil }

func (w *fakeWorld) Take() ([]*vm.Event, stream.State) { return w.events, w.state }

func read(t testing.TB, name string, into any) string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(text, into); err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sample is a VM with something of everything.
func sample(t testing.TB) *fakeWorld {
	t.Helper()
	w := &fakeWorld{state: stream.State{Phase: stream.Live}, health: kube.HealthStatus{State: kube.Live, LastOK: epoch}}
	w.detail.Machine, w.detail.Instance = &virtv1.VirtualMachine{}, &virtv1.VirtualMachineInstance{}
	w.detail.MachineYAML, w.detail.InstanceYAML = read(t, "machine.yaml", w.detail.Machine), read(t, "instance.yaml", w.detail.Instance)
	var list virtv1.VirtualMachineInstanceMigrationList
	read(t, "migrations.yaml", &list)
	w.detail.Migrations = list.Items
	started := time.Date(2026, 3, 5, 9, 31, 0, 0, time.UTC)
	w.row = &vm.Row{
		UID: machineUID, Namespace: "team-a", Name: "orders-db-1", ResourceVersion: "48211", HasVM: true, HasInstance: true, InstanceUID: instanceUID,
		Status: vm.StatusMigrating, Phase: "Running", RunStrategy: "Always", Agent: true, ACPI: true,
		Created: w.detail.Machine.CreationTimestamp.Time, Node: "node-1",
		IPs: []string{"10.244.1.23", "fd10:244::1:17", "192.168.120.14", "10.88.0.1"}, OS: "Fedora Linux 43 (Cloud Edition)",
		CPU: 6, Memory: 8 << 30, Instancetype: "u1.xlarge", Preference: "fedora-db", Labels: w.detail.Machine.Labels, Protected: true,
		Migration: &vm.Migration{Name: "kubevirt-evacuation-8xk5z", UID: "7e0f9a44-5d43-4b8c-a9d8-9a3d2f0f6b7c", Phase: "Running", Source: "node-1", Target: "node-2", Started: &started},
		Attention: []vm.Condition{
			{Type: "EvictionRequested", Status: "True", Reason: "EvictionRequested", Message: "VMI is required to be migrated"},
			{Type: "RestartRequired", Status: "True", Reason: "RestartRequired", Message: "a non-live-updatable field was changed in the template spec"},
		},
	}
	w.off = map[string]string{"start": "already running", "start-paused": "already running", "unpause": "not paused", "migrate": "already migrating"}
	w.events = []*vm.Event{
		event("Normal", "PreparingTarget", "VirtualMachineInstance Migration Target Prepared.", 1, epoch.Add(-190*time.Second)),
		event("Normal", "SuccessfulUpdate", "Expanded PodDisruptionBudget kubevirt-disruption-budget-7kqlm", 1, epoch.Add(-200*time.Second)),
		event("Warning", "FailedMigration", "Source node reported migration failed: Live migration stuck for 150 seconds and has been aborted: memory changes faster than it can be sent", 1, epoch.Add(-19*time.Hour)),
		event("Warning", "SyncFailed", "server error. command SyncVMI failed: \"LibvirtError(Code=1, Domain=10, Message='internal error: unable to execute QEMU command')\"", 14, epoch.Add(-3*24*time.Hour)),
		event("Normal", "Started", "VirtualMachineInstance started.", 1, epoch.Add(-3*24*time.Hour)),
		event("Normal", "Created", "VirtualMachineInstance defined.", 2, epoch.Add(-3*24*time.Hour)),
	}
	return w
}

func event(kind, reason, message string, count int, seen time.Time) *vm.Event {
	return &vm.Event{Type: kind, Reason: reason, Message: message, Count: count, LastTimestamp: &seen}
}

// stopped is the sample after a stop.
func stopped(t testing.TB) *fakeWorld {
	w := sample(t)
	w.detail.Instance, w.detail.InstanceYAML = nil, ""
	r := *w.row
	r.HasInstance, r.InstanceUID, r.Phase, r.Status, r.RunStrategy = false, "", "", vm.StatusStopped, "Halted"
	r.Agent, r.Node, r.IPs, r.OS, r.Migration, r.Attention, r.Memory, r.CPU = false, "", nil, "", nil, nil, 16<<30, 4
	w.row, w.events, w.detail.Migrations = &r, nil, nil
	w.detail.Machine.Status.Conditions = w.detail.Machine.Status.Conditions[:0]
	return w
}

func refused(resource string) error {
	return apierrors.NewForbidden(schema.GroupResource{Group: "kubevirt.io", Resource: resource}, "orders-db-1", errors.New("no"))
}

// root is the page under the detail page.
type root struct{}

func (root) Init() tea.Cmd             { return nil }
func (root) Update(tea.Msg) tea.Cmd    { return nil }
func (root) View(int, int) string      { return "" }
func (root) Title() string             { return "Virtual Machines" }
func (root) Hints() []shell.Hint       { return nil }
func (root) Help() []help.Section      { return nil }
func (root) Commands() []palette.Entry { return nil }
func (root) Capturing() bool           { return false }

func page(w *fakeWorld) *Page {
	d := &deck.Deck{Theme: th, Gate: &vm.Gate{Health: w.Health, ReadOnly: "read-only"}}
	return newPage(w, act.New(d), th, w.row, func() time.Time { return epoch })
}

// open shows a page in a shell and brings its events.
func open(t testing.TB, w *fakeWorld, width, height int) (*uitest.Driver, *Page) {
	t.Helper()
	p := page(w)
	m := shell.New(shell.Options{Theme: th, Pages: []shell.Page{root{}}, Now: func() time.Time { return epoch }, Header: func(int) shell.Header {
		return shell.Header{Left: []shell.Segment{{Text: "vmdeck", Tone: theme.Accent}, {Text: "power-user@demo"}}, Right: []shell.Segment{{Text: "● live", Tone: theme.Good}}}
	}})
	d := uitest.New(t, m, width, height)
	d.Send(shell.Push(p)(), shell.For(p, happened{w.events, w.state}))
	return d, p
}

// settle brings the manifest that is shown, however long colouring it takes.
func settle(d *uitest.Driver, p *Page) {
	p.manifest.asked = nothing
	if cmd := p.colour(); cmd != nil {
		d.Send(cmd())
	}
}
