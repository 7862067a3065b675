package templates

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// startWithin is how long a VM is followed until it runs: images have to be pulled, and disks to be filled.
const startWithin = 15 * time.Minute

// event is a line of what became of the VM.
type event struct {
	at   time.Time
	tone theme.Tone
	text string
}

// progress is how far the VM is.
type progress struct {
	made   template.Made
	status string // as the list of VMs says it
	events []event
	over   bool
	failed string // a sentence; empty: it is as it was asked for, as far as it is
	err    error  // why there is no VM at all
}

// launch makes one VM and follows it until it runs. It belongs to the deck and goes on when its page is left.
type launch struct {
	machine template.Machine
	keeper  *template.Keeper
	began   time.Time
	left    atomic.Bool
	over    chan struct{}
	notice  chan struct{} // holds a value while there is news

	mu  sync.Mutex
	now progress
}

// news tells the page that the VM has gone on.
type news struct{ of *launch }

// begin makes the VM.
func (p *Launch) begin(m template.Machine) tea.Cmd {
	l := &launch{machine: m, keeper: p.deck.Platform.Templates, began: time.Now(), over: make(chan struct{}), notice: make(chan struct{}, 1)}
	p.launch, p.screen = l, screenRun
	ctx := p.deck.Context()
	return tea.Batch(p.await(l), l.farewell(), func() tea.Msg {
		defer close(l.over)
		l.carryOut(ctx)
		return nil
	})
}

// await delivers what happens to the page, until it is left.
func (p *Launch) await(l *launch) tea.Cmd {
	ctx := p.ctx
	return func() tea.Msg {
		select {
		case <-l.notice:
		case <-l.over:
		case <-ctx.Done():
			return nil
		}
		return shell.For(p, news{l})
	}
}

func (p *Launch) news(msg news) tea.Cmd {
	if msg.of != p.launch {
		return nil
	}
	p.changed = true
	now := msg.of.snapshot()
	if now.err != nil { // back to where it can be put right
		p.screen = screenForm
		if p.made != "" && p.area.Text() != p.made {
			p.screen = screenYAML
		}
		p.launch = nil
		defer p.refresh()
		return p.refused(now.err)
	}
	if now.over {
		return nil
	}
	return p.await(msg.of)
}

// farewell tells the result to those who have left the page.
func (l *launch) farewell() tea.Cmd {
	return func() tea.Msg {
		<-l.over
		if !l.left.Load() {
			return nil
		}
		tone, said := theme.Good, l.key()+" "+l.snapshot().outcome()
		switch now := l.snapshot(); {
		case now.err != nil:
			tone, said = theme.Bad, now.err.Error()
		case now.failed != "":
			tone = theme.Bad
		}
		return shell.Toast(tone, said)()
	}
}

func (l *launch) key() string { return l.machine.Namespace + "/" + l.machine.Name }

// outcome is the end in a few words.
func (g progress) outcome() string {
	switch {
	case g.failed != "":
		return "is made, and does not run: " + g.failed
	case g.status == vm.StatusRunning:
		return "is running"
	}
	return "is made"
}

// snapshot is how far it is. It is safe for concurrent use, as are note and event.
func (l *launch) snapshot() progress {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

// making tells whether the server has not answered yet.
func (l *launch) making() bool { now := l.snapshot(); return now.made.UID == "" && !now.over }

func (l *launch) note(change func(*progress)) {
	l.mu.Lock()
	change(&l.now)
	l.mu.Unlock()
	select {
	case l.notice <- struct{}{}:
	default:
	}
}

func (l *launch) event(tone theme.Tone, format string, args ...any) {
	e := event{time.Now(), tone, fmt.Sprintf(format, args...)}
	l.note(func(g *progress) { g.events = append(g.events, e) })
}

// carryOut is all of it. It blocks.
func (l *launch) carryOut(ctx context.Context) {
	defer l.note(func(g *progress) { g.over = true })
	made, err := l.submit(ctx)
	if made.UID == "" {
		l.note(func(g *progress) { g.err = err })
		return
	}
	l.note(func(g *progress) { g.made = made })
	l.event(theme.Good, "The server has made %s.", l.key())
	if err != nil { // it is made, and something around it went wrong: the audit log
		l.event(theme.Warn, "%s.", strings.TrimSuffix(err.Error(), "."))
	}
	if !l.machine.Starts() {
		l.event(theme.Dim, "It is not started.")
		return
	}
	l.follow(ctx, made)
}

func (l *launch) submit(ctx context.Context) (template.Made, error) {
	ctx, cancel := context.WithTimeout(ctx, saveWithin)
	defer cancel()
	return l.keeper.Create(ctx, l.machine)
}

// follow tells of each status until the VM runs.
func (l *launch) follow(ctx context.Context, made template.Made) {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	list, err := vm.Follow(ctx, l.keeper.Cluster, vm.Scope{Namespaces: []string{made.Namespace}})
	if err != nil {
		l.event(theme.Warn, "It is not followed until it runs: %s.", strings.TrimSuffix(err.Error(), "."))
		return
	}
	err = template.Await(ctx, list, made, func(status string) {
		if status == vm.StatusUnknown { // KubeVirt has not looked at it yet
			return
		}
		l.note(func(g *progress) { g.status = status })
		l.event(theme.Normal, "%s", status)
	})
	switch {
	case errors.Is(err, context.Canceled):
	case err != nil:
		l.note(func(g *progress) { g.failed = err.Error() })
		l.event(theme.Bad, "It does not run: %s.", strings.TrimSuffix(err.Error(), "."))
	default:
		l.note(func(g *progress) { g.status = vm.StatusRunning })
		l.event(theme.Good, "It is running, %s after it was asked for.", text.Age(max(time.Since(l.began), time.Second)))
	}
}

// show opens the VM's details in place of this page.
func (p *Launch) show() tea.Cmd {
	if p.launch == nil {
		return nil
	}
	made := p.launch.snapshot().made
	if r := p.deck.Inventory().Find(made.Namespace, made.Name); r != nil && made.UID != "" {
		return tea.Sequence(shell.Close(p), p.open(r))
	}
	return shell.Toast(theme.Info, "it is not in the list of VMs yet")
}

// another goes back to the form, for one more VM like it.
func (p *Launch) another() tea.Cmd {
	if p.launch.making() {
		return shell.Toast(theme.Info, "the server has not answered yet")
	}
	p.launch.left.Store(true) // its end is told all the same
	next := p.launch.machine.Template
	p.launch, p.form.named, p.form.asked, p.form.left, p.form.touched, p.made = nil, false, false, map[part]bool{}, false, ""
	if _, ok := p.deck.Templates().Find(next); ok {
		p.form.focus = partName
	}
	p.back()
	return nil
}
