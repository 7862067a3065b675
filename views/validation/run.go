package validation

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/check"
	"vmdeck.dev/vmdeck/ui/shell"
)

const (
	allEvery    = 5 * time.Minute  // while the page is shown
	againAfter  = 30 * time.Second // where nothing could be found out
	ownEvery    = time.Minute      // who may do nothing waits for rights, and may not see them coming
	rightsQuiet = time.Second      // how long rights have to stand still: an apply changes many objects
)

// ofRights are the groups whose checks look at roles, bindings and rules.
var ofRights = []string{check.Roles, check.Bindings, check.Access, check.Namespaces, check.Templates}

// state is how far a check is in a run.
type state int

const (
	waiting state = iota
	running
	done
)

// run is a call of check.Run. What is below events belongs to the goroutine of Update.
type run struct {
	ctx    context.Context
	cancel context.CancelFunc
	after  <-chan struct{} // the run before, so that two never make requests at once; nil: none
	over   chan struct{}

	mu     sync.Mutex
	events []check.Event
	mail   chan struct{} // holds a value while there are events

	only        []string
	helpless    bool // before it, the user could do nothing
	states      map[string]state
	found       map[string]found
	done, total int
}

// found is what a check found, and when.
type found struct {
	results []check.Result
	at      time.Time
}

type (
	progress struct{ run *run }
	ended    struct {
		run *run
		err error
	}
)

// begin makes checks, all of them where only is empty. A run that is under way is superseded: it ends first.
func (p *Page) begin(only ...string) tea.Cmd {
	r := &run{only: only, helpless: p.run == nil && p.nothing(), over: make(chan struct{}), mail: make(chan struct{}, 1), states: map[string]state{}, found: map[string]found{}}
	r.ctx, r.cancel = context.WithCancel(p.deck.Context())
	if p.run != nil {
		p.run.cancel()
		r.after = p.run.over
	}
	for _, c := range check.Checks() {
		if r.makes(c) {
			r.states[c.ID] = waiting
		}
	}
	r.total = len(r.states)
	p.run = r
	if len(only) == 0 {
		clear(p.pending)
		p.due.rights, p.due.stale = time.Time{}, p.offline()
	}
	p.refresh()
	o := check.Options{Only: only, Who: p.whom.who, Namespaces: p.namespaces, Rules: p.deck.Keeper.Rules}
	platform := p.deck.Platform
	o.Profiles = platform.Profiles.Profiles
	source := check.FromProfiles{Profiles: o.Profiles}
	if platform.Registries != nil {
		source.Registries = platform.Registries.Read
	}
	o.Setup = source
	if p.whom.subject != nil {
		o.Subjects = append(o.Subjects, *p.whom.subject)
	}
	cluster := p.deck.Cluster
	return tea.Batch(r.wait(p), func() tea.Msg { return shell.For(p, ended{r, r.work(cluster, o)}) })
}

func (r *run) makes(c *check.Check) bool {
	return len(r.only) == 0 || slices.Contains(r.only, c.ID) || slices.Contains(r.only, c.Group)
}

// work runs beside the screen.
func (r *run) work(cluster *kube.Cluster, o check.Options) error {
	defer close(r.over)
	defer r.cancel()
	if r.after != nil {
		<-r.after
	}
	if err := r.ctx.Err(); err != nil {
		return err
	}
	_, err := check.Run(r.ctx, cluster, o, r.observe)
	return err
}

func (r *run) observe(e check.Event) {
	r.mu.Lock()
	r.events = append(r.events, e)
	r.mu.Unlock()
	select {
	case r.mail <- struct{}{}:
	default:
	}
}

func (r *run) take() []check.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	events := r.events
	r.events = nil
	return events
}

// wait brings a message when something has happened in the run.
func (r *run) wait(p *Page) tea.Cmd {
	return func() tea.Msg {
		select {
		case <-r.mail:
			return shell.For(p, progress{r})
		case <-r.over:
			return nil
		}
	}
}

func (p *Page) progress(msg progress) tea.Cmd {
	if msg.run != p.run {
		return nil
	}
	p.takeIn(msg.run)
	return msg.run.wait(p)
}

// takeIn shows what the run has found so far.
func (p *Page) takeIn(r *run) {
	for _, e := range r.take() {
		r.done = max(r.done, e.Done)
		r.states[e.Check.ID] = running
		if e.Ended {
			r.states[e.Check.ID] = done
			r.found[e.Check.ID] = found{e.Results, time.Now()}
		}
	}
	p.refresh()
}

// ended keeps what the run has found. What it found while the connection went away says nothing about the cluster: then what was known
// before stays.
func (p *Page) ended(msg ended) tea.Cmd {
	r := msg.run
	if r != p.run {
		return nil
	}
	p.takeIn(r)
	p.run = nil
	if errors.Is(msg.err, context.Canceled) {
		p.refresh()
		return nil
	}
	p.now = time.Now()
	p.last.at, p.last.err = p.now, msg.err
	switch {
	case msg.err != nil:
	case p.offline():
		p.due.stale = true
	default:
		maps.Copy(p.found, r.found)
		if len(r.only) == 0 {
			p.last.all = p.now
		}
		p.refresh()
		p.due.stale = r.helpless && !p.nothing()
	}
	p.refresh()
	return p.attend()
}

// attend begins what is due, if the page is looked at.
func (p *Page) attend() tea.Cmd {
	if !p.seen {
		return nil
	}
	p.watchRights()
	if p.offline() {
		p.due.stale = true
		if !p.last.at.IsZero() {
			return nil
		}
	}
	if p.run != nil {
		return nil
	}
	since := time.Since(p.last.at)
	switch {
	case p.last.at.IsZero(), p.due.stale, p.last.err != nil && since >= againAfter, p.last.err == nil && time.Since(p.last.all) >= allEvery:
		return p.begin()
	case p.last.err != nil:
		return nil
	case !p.due.rights.IsZero() && time.Since(p.due.rights) >= rightsQuiet:
		p.due.rights = time.Time{}
		for _, group := range ofRights {
			p.pending[group] = true
		}
	case since >= ownEvery && p.nothing():
		p.pending["access.own"] = true
	}
	if len(p.pending) == 0 {
		return nil
	}
	only := slices.Sorted(maps.Keys(p.pending))
	clear(p.pending)
	return p.begin(only...)
}

// watchRights notes when roles, bindings or rules are not as they were. They are read anew from time to time whether they have changed
// or not.
func (p *Page) watchRights() {
	s := p.deck.Rights()
	if s.At.IsZero() || s.At.Equal(p.due.state.At) {
		return
	}
	before := p.due.state
	p.due.state = s
	if !before.At.IsZero() && !(reflect.DeepEqual(before.World, s.World) && reflect.DeepEqual(before.Rules, s.Rules)) {
		p.due.rights = time.Now()
	}
}

// offline tells whether the API server would not answer.
func (p *Page) offline() bool {
	state := p.deck.Cluster.Health().Status().State
	return state == kube.Lost || state == kube.Expired
}

// againOne makes one check anew, after those that are under way.
func (p *Page) againOne(id string) tea.Cmd {
	if p.run != nil {
		if s, chosen := p.run.states[id]; !chosen || s == done {
			p.pending[id] = true
		}
		return nil
	}
	return p.begin(id)
}

// forget drops what was found for somebody else.
func (p *Page) forget() {
	clear(p.found)
	p.last, p.browsing, p.moved = outcome{}, false, false
}
