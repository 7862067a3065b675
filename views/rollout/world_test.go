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
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
	"vmdeck.dev/vmdeck/views/internal/stage"
)

func TestMain(m *testing.M) { drive.Main(m) }

// world is the screens in a shell, with a runner that does what a test says.
type world struct {
	*stage.Stage
	book *Book
	deck *deck.Deck
	fake *fake
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
	w.Stage = stage.Bare(t, w.deck, stage.Options{Size: s.Size, Tab: "Profiles", Handle: w.handle, Busy: w.book.Busy})
	if s.open == nil {
		s.open = deck.Apply{Profile: profile.Profile{Name: "vm-platform", Version: "1.1.0"}}
	}
	w.Send(s.open)
	return w
}

// handle is what the program does with messages of a run.
func (w *world) handle(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case Ended:
		return msg.Tell(w.Shell.Page()), true
	case deck.Apply, deck.RemoveProfile, ApplyNamed, Show:
		return w.book.Open(msg), true
	case deck.RollBack:
		return w.book.Open(msg), false
	}
	return nil, false
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

var production = []deck.Group{{Name: "production", Contexts: []string{"demo", "east", "west"}}, {Name: "labs", Contexts: []string{"demo", "lab"}}}
