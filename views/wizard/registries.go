package wizard

import (
	"context"
	"slices"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/text"
)

// readTime bounds what is read for a screen; registries have shorter deadlines of their own.
const readTime = 60 * time.Second

// cached is a registry that loads each version of a pack once, as a profile is worked out anew with every choice.
type cached struct {
	pack.Registry
	mu     sync.Mutex
	loaded map[[2]string]*pack.Pack
}

// Load implements pack.Registry. Failures are not remembered.
func (c *cached) Load(ctx context.Context, name, version string) (*pack.Pack, error) {
	key := [2]string{name, version}
	c.mu.Lock()
	known := c.loaded[key]
	c.mu.Unlock()
	if known != nil {
		return known, nil
	}
	p, err := c.Registry.Load(ctx, name, version)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.loaded[key] = p
	return p, nil
}

func remembering(all profile.Registries) profile.Registries {
	out := make(profile.Registries, len(all))
	for i, r := range all {
		out[i] = &cached{Registry: r, loaded: map[[2]string]*pack.Pack{}}
	}
	return out
}

// shelf is a registry with what is known of its packs.
type shelf struct {
	registry pack.Registry
	asked    bool // it was asked, or is being
	loading  bool
	packs    []pack.Summary
	err      error
}

// registriesRead is the outcome of reading which registries there are.
type registriesRead struct {
	all profile.Registries
	err error
}

// shelved is what a registry answered.
type shelved struct {
	registry pack.Registry
	packs    []pack.Summary
	err      error
}

// readRegistries looks which registries there are.
func (p *Page) readRegistries() tea.Cmd {
	platform := p.deck.Platform
	return p.mine(func() tea.Msg {
		all, err := platform.OpenRegistries()
		return registriesRead{all, err}
	})
}

// takeRegistries keeps what is known of registries that were there before.
func (p *Page) takeRegistries(msg registriesRead) tea.Cmd {
	p.registriesErr = msg.err
	same := slices.EqualFunc(p.shelves, msg.all, func(s *shelf, r pack.Registry) bool {
		return s.registry.Name() == r.Name() && s.registry.Where() == r.Where()
	})
	if same && len(p.shelves) > 0 {
		return nil
	}
	p.registries = remembering(msg.all)
	p.shelves = nil
	for _, r := range p.registries {
		p.shelves = append(p.shelves, &shelf{registry: r})
	}
	return tea.Batch(p.settle(), p.refreshScreen())
}

// askRegistries lists the packs of those registries that were not asked yet, and of those that failed.
func (p *Page) askRegistries() tea.Cmd {
	return p.askThose(func(s *shelf) bool { return !s.asked || s.err != nil })
}

// askAnew lists the packs of all registries, where a version may have been published meanwhile. What is known stays until the answer.
func (p *Page) askAnew() tea.Cmd {
	return p.askThose(func(*shelf) bool { return true })
}

func (p *Page) askThose(are func(*shelf) bool) tea.Cmd {
	var cmds []tea.Cmd
	for _, s := range p.shelves {
		if s.loading || !are(s) {
			continue
		}
		s.asked, s.loading, s.err = true, true, nil
		registry, ctx := s.registry, p.ctx
		cmds = append(cmds, p.mine(func() tea.Msg {
			ctx, cancel := context.WithTimeout(ctx, readTime)
			defer cancel()
			packs, err := registry.Packs(ctx)
			return shelved{registry, packs, err}
		}))
	}
	return tea.Batch(cmds...)
}

func (p *Page) takeShelf(msg shelved) tea.Cmd {
	for _, s := range p.shelves {
		if s.registry == msg.registry {
			s.loading, s.packs, s.err = false, msg.packs, msg.err
		}
	}
	return p.refreshScreen()
}

// settled is a profile that was worked out: completed by the packs that its packs need, and resolved.
type settled struct {
	turn     int
	profile  profile.Profile
	did      []string
	resolved profile.Resolved
	problems []profile.Problem
}

// settle works out what the packs of the draft amount to. A change that comes meanwhile makes the answer void.
func (p *Page) settle() tea.Cmd {
	if p.registries == nil {
		return nil
	}
	p.turn++
	p.settling = true
	turn, given, registries, ctx := p.turn, p.draft.profile(), p.registries, p.ctx
	return p.mine(func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, readTime)
		defer cancel()
		out := settled{turn: turn, profile: given}
		completed, did, err := profile.Complete(ctx, given, registries)
		if err == nil {
			out.profile, out.did = completed, did
		}
		out.resolved, out.problems = profile.Resolve(ctx, out.profile, registries)
		if err != nil && len(out.problems) == 0 {
			out.problems = []profile.Problem{{Field: "Packs", Text: text.Sentence(err.Error())}}
		}
		out.problems = append(out.problems, out.resolved.Problems()...)
		return out
	})
}

func (p *Page) takeSettled(msg settled) tea.Cmd {
	if msg.turn != p.turn {
		return nil
	}
	p.settling = false
	p.resolved, p.problems = msg.resolved, msg.problems
	var cmd tea.Cmd
	if len(msg.did) > 0 {
		p.draft.Packs, p.did = msg.profile.Packs, msg.did
		cmd = p.touch()
	}
	cmd = tea.Batch(cmd, p.refreshScreen())
	if p.onward {
		p.onward = false
		cmd = tea.Batch(cmd, p.next())
		p.did = msg.did // it was never seen
	}
	return cmd
}
