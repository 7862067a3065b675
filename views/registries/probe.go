package registries

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/text"
)

// probeTimeout is how long a test may take. Registries have deadlines of their own for each request.
const probeTimeout = time.Minute

// probe is what is known of how a registry does.
type probe struct {
	running bool
	at      time.Time // when the last test ended; zero: never
	packs   int       // that it lists
	said    string    // what the test found
	err     error     // why it cannot be used
}

// opened is which registries there are.
type opened struct {
	added []config.Registry
	all   profile.Registries
	err   error
}

// reread reads which registries there are.
func (p *Page) reread() tea.Cmd {
	open := p.open
	return p.mine(func() tea.Msg {
		added, all, err := open()
		return opened{added, all, err}
	})
}

// take shows the registries that there are, and tests those that are new.
func (p *Page) take(msg opened) tea.Cmd {
	p.read, p.readErr = true, msg.err
	old := p.rows
	p.rows = nil
	var cmds []tea.Cmd
	for i, registry := range msg.all {
		r := &row{order: i, registry: registry}
		if at := slices.IndexFunc(msg.added, func(e config.Registry) bool { return e.Name == registry.Name() }); at >= 0 {
			r.entry = &msg.added[at]
		}
		if at := slices.IndexFunc(old, func(o *row) bool { return o.same(r) }); at >= 0 {
			r.registry, r.probe = old[at].registry, old[at].probe
		}
		p.rows = append(p.rows, r)
		if r.probe.at.IsZero() && !r.probe.running {
			cmds = append(cmds, p.test(r))
		}
	}
	p.list.Reset(slices.Clone(p.rows))
	if p.goTo != "" && p.list.Select(p.goTo) {
		p.goTo = ""
	}
	return tea.Batch(cmds...)
}

// same tells whether another row is about the same registry.
func (r *row) same(o *row) bool {
	return r.name() == o.name() && r.registry.Kind() == o.registry.Kind() && r.registry.Where() == o.registry.Where()
}

// tested is what came of testing a registry.
type tested struct {
	registry pack.Registry
	probe    probe
}

// test tests a registry beside the screen.
func (p *Page) test(r *row) tea.Cmd {
	p.update(r.registry, func(pr *probe) { pr.running = true })
	ctx, registry := p.ctx, r.registry
	return p.mine(func() tea.Msg { return tested{registry, try(ctx, registry)} })
}

// try lists the packs of a registry and reads one.
func try(ctx context.Context, registry pack.Registry) probe {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	packs, err := registry.Packs(ctx)
	said := ""
	if err == nil {
		said, err = pack.Test(ctx, listed{registry, packs})
	}
	return probe{at: time.Now(), packs: len(packs), said: said, err: err}
}

// listed is a registry that need not be asked again for what it has.
type listed struct {
	pack.Registry
	packs []pack.Summary
}

func (l listed) Packs(context.Context) ([]pack.Summary, error) { return l.packs, nil }

func (p *Page) learn(msg tested) { p.update(msg.registry, func(pr *probe) { *pr = msg.probe }) }

// update changes what is known of a registry, if it is still there. Rows that the table has do not change, so it gets another one.
func (p *Page) update(registry pack.Registry, change func(*probe)) {
	i := slices.IndexFunc(p.rows, func(r *row) bool { return r.registry == registry })
	if i < 0 {
		return
	}
	r := *p.rows[i]
	change(&r.probe)
	p.rows[i] = &r
	p.list.Apply([]*row{&r}, nil)
}

func (p *Page) testing() bool {
	return slices.ContainsFunc(p.rows, func(r *row) bool { return r.probe.running })
}

// users are the stored profiles that have packs of a registry, and why not all of them may be known.
func (p *Page) users(name string) (profiles []string, gap string) {
	state := p.deck.Profiles()
	for _, s := range state.Profiles {
		if slices.ContainsFunc(s.Value.Packs, func(ref profile.PackRef) bool { return ref.Registry == name }) {
			profiles = append(profiles, s.Value.Name+" "+s.Value.Version)
		}
	}
	switch {
	case errors.Is(state.Err, profile.ErrNotInstalled):
	case state.Err != nil && !state.At.IsZero():
		gap = text.Sentence(fmt.Sprintf("Which profiles use it may have changed: %v", state.Err))
	case state.Err != nil:
		gap = text.Sentence(fmt.Sprintf("Which profiles use it is not known: %v", state.Err))
	case state.At.IsZero():
		gap = "Which profiles use it is not known yet."
	}
	return profiles, gap
}
