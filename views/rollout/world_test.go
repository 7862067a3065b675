package rollout

import (
	"context"
	"fmt"
	"slices"
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
	drive.In(t, begin, s, time.Second, test)
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

var production = []deck.Group{{Name: "production", Contexts: []string{"demo", "east", "west"}}, {Name: "labs", Contexts: []string{"demo", "lab"}}}
