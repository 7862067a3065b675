package rollout

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

func TestMain(m *testing.M) { drive.Main(m) }

// world is the screens in a shell, with a runner that does what a test says.
type world struct {
	*drive.Driver
	book  *Book
	deck  *deck.Deck
	fake  *fake
	shell *shell.Model
	asked []tea.Msg // what the screens asked of the program
}

// setting is what a world begins with. The zero value applies vm-platform 1.1.0 to demo, where it is new.
type setting struct {
	drive.Size
	open   tea.Msg // nil: deck.Apply
	plan   *apply.Plan
	err    error // of the plan
	script script
	// scripts are those of certain clusters.
	scripts map[string]script
	groups  []deck.Group
	plans   map[string]*apply.Plan // of other clusters than demo
	fails   map[string]error       // clusters that cannot be opened
	ro      string
	slow    time.Duration // of preparing and of each plan
	broken  error         // of preparing
	ascii   bool
}

// script is a run.
type script func(ctx context.Context, o apply.Options, tell func(apply.Event)) (*apply.Report, error)

// fake is the source of all plans and runs.
type fake struct {
	s    setting
	mu   sync.Mutex
	runs []string // the clusters where a run was begun, with its options
}

func (f *fake) began() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.runs)
}

func (f *fake) readOnly() string { return f.s.ro }

func (f *fake) preparer() func(context.Context, job) (prepared, error) {
	return func(_ context.Context, j job) (prepared, error) {
		time.Sleep(f.s.slow)
		p := prepared{job: j}
		if j.deed == applying {
			p.homes = []string{"virtual-machines"}
			p.notes = []string{"Not all defaults were left in Virtual Machine Orchestrator. " + profile.ChangedWarning}
			if p.ref.Version == "" {
				p.ref.Version = "1.1.0"
			}
		}
		return p, f.s.broken
	}
}

func (f *fake) opener(name string) func(context.Context, prepared) (cluster, error) {
	return func(context.Context, prepared) (cluster, error) {
		if err := f.s.fails[name]; err != nil {
			return cluster{}, err
		}
		return cluster{runner: fakeRunner{f, name}, rest: func() {}}, nil
	}
}

type fakeRunner struct {
	f    *fake
	name string
}

func (r fakeRunner) Plan(context.Context) (*apply.Plan, error) {
	time.Sleep(r.f.s.slow)
	if plan := r.f.s.plans[r.name]; plan != nil {
		return plan, nil
	}
	return r.f.s.plan, r.f.s.err
}

func (r fakeRunner) Run(ctx context.Context, o apply.Options, observe func(apply.Event)) (*apply.Report, error) {
	r.f.mu.Lock()
	r.f.runs = append(r.f.runs, fmt.Sprintf("%s back=%v within=%s", r.name, o.RollBack, o.Timeout))
	r.f.mu.Unlock()
	script := r.f.s.script
	if own := r.f.s.scripts[r.name]; own != nil {
		script = own
	}
	return script(ctx, o, func(e apply.Event) {
		e.Time = time.Now()
		observe(e)
	})
}

func inWorld(t *testing.T, s setting, test func(w *world)) {
	t.Helper()
	drive.Bubble(t, func(t *testing.T) {
		w := begin(t, s)
		w.Pass(time.Second)
		test(w)
	})
}

func begin(t testing.TB, s setting) *world {
	t.Helper()
	if s.plan == nil {
		s.plan = installing()
	}
	if s.script == nil {
		s.script = succeeding
	}
	api := fakeapi.New()
	cluster := api.Connect(t, kube.Target{Context: "demo", User: "root", Namespace: "team-a"})
	w := &world{fake: &fake{s: s}}
	w.deck = deck.Open(t.Context(), cluster, deck.Options{Theme: theme.New(theme.Options{Dark: true, ASCII: s.ascii}), Scope: vm.Scope{All: true}, Groups: s.groups})
	w.book = &Book{deck: w.deck, source: w.fake}
	w.shell = shell.New(shell.Options{Theme: w.deck.Theme, Pages: []shell.Page{&rootPage{w: w}}, Handle: w.handle, Busy: func() string { return w.book.Busy() }})
	w.Driver = drive.New(t, w.shell, s.W, s.H, w.deck.Close)
	return w
}

// handle is what the program does with messages.
func (w *world) handle(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case deck.Event:
		return w.deck.Wait()
	case deck.Tick:
		return tick()
	case Ended:
		return msg.Tell(w.shell.Page())
	case deck.Apply, deck.RemoveProfile, ApplyNamed, Show:
		return w.book.Open(msg)
	case deck.RollBack:
		w.asked = append(w.asked, msg)
		return w.book.Open(msg)
	case deck.ShowProfiles, deck.ShowTemplates, deck.EditRule, deck.ProfileChanged:
		w.asked = append(w.asked, msg)
	}
	return nil
}

func tick() tea.Cmd {
	return tea.Tick(time.Second, func(now time.Time) tea.Msg { return deck.Tick{Now: now} })
}

// rootPage is what the screens were opened from.
type rootPage struct{ w *world }

func (p *rootPage) Init() tea.Cmd {
	open := p.w.fake.s.open
	if open == nil {
		open = deck.Apply{Profile: profile.Profile{Name: "vm-platform", Version: "1.1.0"}}
	}
	return tea.Batch(p.w.deck.Wait(), tick(), p.w.book.Open(open))
}

func (p *rootPage) Update(tea.Msg) tea.Cmd    { return nil }
func (p *rootPage) View(int, int) string      { return "what was there before" }
func (p *rootPage) Title() string             { return "Profiles" }
func (p *rootPage) Hints() []shell.Hint       { return nil }
func (p *rootPage) Help() []help.Section      { return nil }
func (p *rootPage) Commands() []palette.Entry { return nil }
func (p *rootPage) Capturing() bool           { return false }

// The objects of the plans.
var (
	home       = apply.Object{Version: "v1", Kind: "Namespace", Name: "virtual-machines"}
	role       = apply.Object{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "ClusterRole", Name: "spectro-vm-user"}
	definition = apply.Object{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition", Name: "vmtemplates.spectrocloud.com"}
	virt       = apply.Object{Group: "kubevirt.io", Version: "v1", Kind: "KubeVirt", Namespace: "kubevirt", Name: "kubevirt"}
	dashboard  = apply.Object{Group: "apps", Version: "v1", Kind: "Deployment", Namespace: "vm-dashboard", Name: "spectro-vm-dashboard"}
	settings   = apply.Object{Version: "v1", Kind: "ConfigMap", Namespace: "vm-dashboard", Name: "spectro-vm-dashboard-settings"}
	old        = apply.Object{Version: "v1", Kind: "Service", Namespace: "vm-dashboard", Name: "spectro-vm-dashboard-metrics"}
)

const (
	vmo  = "virtual-machine-orchestrator"
	dash = "spectro-vm-dashboard"
)

// installing is a plan where nothing was before.
func installing() *apply.Plan {
	return &apply.Plan{Profile: "vm-platform", Version: "1.1.0", Revision: 1, Layers: []apply.LayerPlan{
		{Release: vmo, Namespace: "vm-system", Title: "Virtual Machine Orchestrator", To: "1.1.0", Steps: []apply.Step{
			{Verb: apply.Create, Object: home, Diff: []apply.Line{{Op: apply.Add, Text: "apiVersion: v1"}, {Op: apply.Add, Text: "kind: Namespace"}}},
			{Verb: apply.Create, Object: definition},
			{Verb: apply.Create, Object: role, Note: "The server could not be asked beforehand: its namespace is still to be made."},
			{Verb: apply.Create, Object: virt, Note: "The server could not be asked beforehand: its namespace is still to be made."},
		}},
		{Release: dash, Namespace: "vm-dashboard", Title: "Spectro VM Dashboard", To: "3.1.0", Notes: []string{"2 hooks run besides; they are not checked beforehand."}, Steps: []apply.Step{
			{Verb: apply.Create, Object: settings}, {Verb: apply.Create, Object: dashboard},
		}},
	}}
}

// upgrading is a plan that changes what is there.
func upgrading() *apply.Plan {
	return &apply.Plan{Profile: "vm-platform", Version: "1.1.0", Revision: 2, Notes: []string{"Only some namespaces were searched for releases of the profile, because you may not list secrets everywhere."},
		Layers: []apply.LayerPlan{
			{Release: vmo, Namespace: "vm-system", Title: "Virtual Machine Orchestrator", From: "1.0.0", To: "1.1.0", State: apply.Differs, Steps: []apply.Step{
				{Verb: apply.Leave, Object: home}, {Verb: apply.Leave, Object: virt, Note: "It is left as it is: somebody else made it."},
				{Verb: apply.Change, Object: role, Diff: []apply.Line{
					{Op: apply.Skip}, {Op: apply.Keep, Text: "rules:"}, {Op: apply.Remove, Text: "- verbs: [get]"}, {Op: apply.Add, Text: "- verbs: [get, list]"}, {Op: apply.Skip},
				}},
			}},
			{Release: dash, Namespace: "vm-dashboard", Title: "Spectro VM Dashboard", From: "3.1.0", To: "3.1.0", State: apply.Same, Steps: []apply.Step{{Verb: apply.Leave, Object: dashboard}}},
			{Release: "spectro-proxy", Namespace: "vm-dashboard", Title: "spectro-proxy", From: "1.0.0", State: apply.Leaving, Steps: []apply.Step{{Verb: apply.Delete, Object: old}}},
		}}
}

// leaving is the plan of a removal.
func leaving() *apply.Plan {
	return &apply.Plan{Profile: "vm-platform", Revision: 2, Layers: []apply.LayerPlan{
		{Release: dash, Namespace: "vm-dashboard", Title: dash, From: "3.1.0", State: apply.Leaving, Steps: []apply.Step{{Verb: apply.Delete, Object: dashboard}, {Verb: apply.Delete, Object: settings}}},
		{Release: vmo, Namespace: "vm-system", Title: vmo, From: "1.1.0", State: apply.Leaving, Steps: []apply.Step{
			{Verb: apply.Delete, Object: role}, {Verb: apply.Leave, Object: home, Note: "It stays, with all that is in it: its chart says so."},
		}},
	}}
}

// refusedPlan is one that may not be carried out.
func refusedPlan() *apply.Plan {
	p := installing()
	p.Refusals = []apply.Refusal{
		{Layer: vmo, Object: role, Text: "create ClusterRole spectro-vm-user: refused, because nobody may hand out rights that they lack themselves. It takes an administrator, or the verb escalate on clusterroles for you."},
		{Layer: dash, Text: "you may not create secrets in vm-dashboard, where Helm records the release. The ClusterRoles admin, edit have it."},
	}
	return p
}

func idlePlan() *apply.Plan {
	p := upgrading()
	p.Notes, p.Layers = nil, p.Layers[1:2]
	return p
}

// event makes one; its time is that of telling it.
func event(kind apply.EventKind, layer string, o apply.Object, words string) apply.Event {
	return apply.Event{Kind: kind, Layer: layer, Object: o, Text: words}
}

var none apply.Object

// firstLayer is what happens in the first layer of installing.
func firstLayer(tell func(apply.Event)) {
	tell(event(apply.Started, vmo, none, "install Virtual Machine Orchestrator"))
	tell(event(apply.Created, vmo, home, ""))
	time.Sleep(2 * time.Second)
	tell(event(apply.Created, vmo, definition, ""))
	tell(event(apply.Ready, vmo, definition, ""))
	tell(event(apply.Created, vmo, role, ""))
	tell(event(apply.Created, vmo, virt, ""))
	tell(event(apply.Ready, vmo, home, ""))
	tell(event(apply.Ready, vmo, role, ""))
	tell(event(apply.Waiting, vmo, virt, "its phase is Deploying"))
	time.Sleep(5 * time.Second)
	tell(event(apply.Ready, vmo, virt, "its phase is Deployed"))
	tell(event(apply.Done, vmo, none, ""))
	tell(event(apply.Started, dash, none, "install Spectro VM Dashboard"))
	tell(event(apply.Created, dash, settings, ""))
	tell(event(apply.Created, dash, dashboard, ""))
	tell(event(apply.Ready, dash, settings, ""))
	tell(event(apply.Waiting, dash, dashboard, "Available: 0/1"))
}

func layersAs(outcomes ...apply.Outcome) []apply.LayerReport {
	return []apply.LayerReport{
		{Release: vmo, Namespace: "vm-system", Title: "Virtual Machine Orchestrator", To: "1.1.0", Outcome: outcomes[0], Changes: 4},
		{Release: dash, Namespace: "vm-dashboard", Title: "Spectro VM Dashboard", To: "3.1.0", Outcome: outcomes[1], Changes: 2},
	}
}

func succeeding(_ context.Context, _ apply.Options, tell func(apply.Event)) (*apply.Report, error) {
	firstLayer(tell)
	time.Sleep(4 * time.Second)
	tell(event(apply.Ready, dash, dashboard, ""))
	tell(event(apply.Done, dash, none, ""))
	tell(event(apply.Done, "", none, ""))
	return &apply.Report{Profile: "vm-platform", Version: "1.1.0", Revision: 1, Layers: layersAs(apply.Installed, apply.Installed)}, nil
}

// hanging waits for the dashboard until it is stopped, and takes back what it did where that is wished for.
func hanging(ctx context.Context, o apply.Options, tell func(apply.Event)) (*apply.Report, error) {
	firstLayer(tell)
	<-ctx.Done()
	problem := &apply.Problem{Layer: dash, Why: "it was stopped on request.", Next: "What was done so far stays. Apply the profile again to carry on, or roll it back."}
	layers := layersAs(apply.Installed, apply.Broken)
	if o.RollBack {
		undo(tell)
		problem.Next, layers = "All releases were taken back to what they were. Apply the profile again whenever you like.", layersAs(apply.Reverted, apply.Reverted)
	}
	tell(event(apply.Failed, "", none, problem.Error()))
	return &apply.Report{Profile: "vm-platform", Version: "1.1.0", Layers: layers, Problem: problem}, problem
}

func undo(tell func(apply.Event)) {
	time.Sleep(2 * time.Second)
	tell(event(apply.Deleted, dash, dashboard, ""))
	tell(event(apply.RolledBack, dash, none, "It was uninstalled again."))
	time.Sleep(2 * time.Second)
	tell(event(apply.Kept, vmo, home, "It stays, with all that is in it: its chart says so."))
	tell(event(apply.RolledBack, vmo, none, "It was uninstalled again."))
}

// failing fails at the dashboard.
func failing(_ context.Context, o apply.Options, tell func(apply.Event)) (*apply.Report, error) {
	firstLayer(tell)
	time.Sleep(3 * time.Second)
	why := "Deployment vm-dashboard/spectro-vm-dashboard does not become ready: not ready in time: after 3s: Available: 0/1. Look at its events and at the logs of its pods."
	tell(event(apply.Failed, dash, dashboard, why))
	problem := &apply.Problem{Layer: dash, Object: dashboard, Why: why, Next: "What was done so far stays. Apply the profile again to carry on, or roll it back."}
	layers := layersAs(apply.Installed, apply.Broken)
	if o.RollBack {
		undo(tell)
		problem.Next, layers = "All releases were taken back to what they were. Mend that and apply the profile again.", layersAs(apply.Reverted, apply.Reverted)
	}
	tell(event(apply.Failed, "", none, problem.Error()))
	return &apply.Report{Profile: "vm-platform", Version: "1.1.0", Layers: layers, Problem: problem, Unwritten: errors.New("write the audit log: disk full")}, problem
}

// outage is a run in whose midst the API server goes away for 20 seconds.
func outage(ctx context.Context, o apply.Options, tell func(apply.Event)) (*apply.Report, error) {
	tell(event(apply.Started, vmo, none, "install Virtual Machine Orchestrator"))
	tell(event(apply.Created, vmo, home, ""))
	time.Sleep(time.Second)
	tell(event(apply.Away, "", none, "talk to the API server: it cannot be reached. It is tried again until the time of the run is over."))
	time.Sleep(20 * time.Second)
	tell(event(apply.Back, "", none, "The API server answers again."))
	return succeeding(ctx, o, tell)
}

// removingAll is a removal that keeps the namespace.
func removingAll(_ context.Context, _ apply.Options, tell func(apply.Event)) (*apply.Report, error) {
	tell(event(apply.Started, dash, none, "uninstall "+dash))
	tell(event(apply.Deleted, dash, dashboard, ""))
	tell(event(apply.Deleted, dash, settings, ""))
	tell(event(apply.Done, dash, none, ""))
	tell(event(apply.Started, vmo, none, "uninstall "+vmo))
	tell(event(apply.Deleted, vmo, role, ""))
	tell(event(apply.Kept, vmo, home, "It stays, with all that is in it: its chart says so."))
	tell(event(apply.Kept, vmo, definition, "It stays: all objects of its kind would go with it."))
	tell(event(apply.Done, vmo, none, ""))
	return &apply.Report{Profile: "vm-platform", Kept: []apply.Object{home, definition}, Layers: []apply.LayerReport{
		{Release: dash, Title: dash, From: "3.1.0", Outcome: apply.Uninstalled, Changes: 2}, {Release: vmo, Title: vmo, From: "1.1.0", Outcome: apply.Uninstalled, Changes: 1},
	}}, nil
}

// confirm confirms the plan that is shown.
func (w *world) confirm() {
	w.T.Helper()
	w.Keys("ctrl+s")
	w.Quiet()
	w.Keys("tab", "enter")
}

// confirmName confirms by typing the name.
func (w *world) confirmName() {
	w.T.Helper()
	w.Keys("ctrl+s")
	w.Quiet()
	w.Type("vm-platform")
	w.Keys("enter")
}

// says holds that these texts are told, line breaks aside.
func (w *world) says(texts ...string) {
	w.T.Helper()
	flat := strings.Join(strings.Fields(w.Plain()), " ")
	for _, s := range texts {
		if !strings.Contains(flat, strings.Join(strings.Fields(s), " ")) && !w.Has(s) {
			w.T.Fatalf("%q is not told\n%s", s, w.Plain())
		}
	}
}

var production = []deck.Group{{Name: "production", Contexts: []string{"demo", "east", "west"}}, {Name: "labs", Contexts: []string{"demo", "lab"}}}
