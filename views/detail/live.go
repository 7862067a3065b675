package detail

import (
	"context"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/stream"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/text"
)

const (
	// debounce gathers changes that come in a burst, such as those of a start, into one fetch.
	debounce = 500 * time.Millisecond
	// again is how long after a fetch that failed the next one is tried.
	again = 10 * time.Second
)

// fetching is the state of reading the whole objects. At most one fetch is under way.
type fetching struct {
	running bool
	armed   bool // a timer runs, at the end of which a fetch begins
	wanted  bool // something changed since the last fetch began
	ended   time.Time
	good    [3]time.Time // when each part was last read
}

type (
	// due ends the debounce.
	due struct{}
	// fetched brings the objects.
	fetched struct{ detail vm.Detail }
	// happened brings the events.
	happened struct {
		events []*vm.Event
		state  stream.State
	}
)

// want asks for a fetch soon.
func (p *Page) want() tea.Cmd {
	p.fetch.wanted = true
	if p.fetch.running || p.fetch.armed || p.gone.how != here {
		return nil
	}
	p.fetch.armed = true
	return p.mine(tea.Tick(debounce, func(time.Time) tea.Msg { return due{} }))
}

func (p *Page) due() tea.Cmd {
	p.fetch.armed = false
	if !p.fetch.wanted || p.fetch.running || p.gone.how != here {
		return nil
	}
	return p.refetch()
}

// refetch reads everything now.
func (p *Page) refetch() tea.Cmd {
	if p.fetch.running {
		p.fetch.wanted = true
		return nil
	}
	p.fetch.running, p.fetch.wanted = true, false
	ctx, w, namespace, name := p.ctx, p.world, p.row().Namespace, p.row().Name
	return p.mine(func() tea.Msg { return fetched{w.Fetch(ctx, namespace, name)} })
}

// takeDetail takes in the objects. A part that could not be read stays as it was.
func (p *Page) takeDetail(msg fetched) tea.Cmd {
	p.fetch.running, p.fetch.ended = false, p.clock()
	if p.gone.how != here {
		return nil
	}
	d := msg.detail
	if how := p.vanished(d); how != here {
		p.lose(how)
		return nil
	}
	old := p.facts.detail
	for i, err := range []error{d.MachineErr, d.InstanceErr, d.MigrationsErr} {
		if err == nil {
			p.fetch.good[i] = p.fetch.ended
		}
	}
	if d.MachineErr != nil {
		d.Machine, d.MachineYAML = old.Machine, old.MachineYAML
	}
	if d.InstanceErr != nil {
		d.Instance, d.InstanceYAML = old.Instance, old.InstanceYAML
	}
	if d.MigrationsErr != nil {
		d.Migrations = old.Migrations
	}
	if d.MachineYAML != old.MachineYAML || d.InstanceYAML != old.InstanceYAML {
		p.manifest.version++
	}
	p.facts.detail, p.facts.loaded = d, true
	p.stale()
	if p.fetch.wanted {
		return p.want()
	}
	return nil
}

// vanished says whether the objects show that the VM is no longer the one that the page is about.
func (p *Page) vanished(d vm.Detail) how {
	if p.row().HasVM {
		switch {
		case d.MachineErr != nil:
			return here
		case d.Machine == nil:
			return deleted
		case string(d.Machine.UID) != p.uid:
			return replaced
		}
		return here
	}
	switch {
	case d.InstanceErr != nil:
		return here
	case d.Instance == nil:
		return deleted
	case string(d.Instance.UID) != p.uid:
		return replaced
	}
	return here
}

// recover tries again after a fetch that failed, once the connection is back.
func (p *Page) recover() tea.Cmd {
	if p.gone.how != here || p.fetch.armed || p.fetch.running || p.now.Sub(p.fetch.ended) < again {
		return nil
	}
	if state := p.world.Health().State; state == kube.Lost || state == kube.Expired {
		return nil
	}
	for _, part := range p.facts.parts() {
		if part.err != nil {
			return p.refetch()
		}
	}
	return nil
}

// follow begins to follow the events.
func (p *Page) follow() tea.Cmd {
	ctx, stop := context.WithCancel(p.ctx)
	p.stopEvents, p.feed = stop, p.world.Events(p.row().Namespace, p.row().Name)
	feed := p.feed
	go feed.Run(ctx)
	return p.await(ctx)
}

// await delivers the next change of the events.
func (p *Page) await(ctx context.Context) tea.Cmd {
	feed := p.feed
	return p.mine(func() tea.Msg {
		select {
		case <-ctx.Done():
			return nil
		case <-feed.Changes():
			events, state := feed.Take()
			return happened{events, state}
		}
	})
}

func (p *Page) takeEvents(msg happened) tea.Cmd {
	if p.gone.how == replaced {
		return nil // from now on they are about the other VM
	}
	p.facts.events, p.facts.state = msg.events, msg.state
	p.stale(tabEvents)
	return p.await(p.ctx)
}

// how says what became of the VM.
type how int

const (
	here how = iota
	deleted
	replaced
)

// gone tells since when the VM is no longer there.
type gone struct {
	how   how
	since time.Time
}

// lose notes that the VM is gone. What is known of it stays on the screen.
func (p *Page) lose(how how) {
	if p.gone.how == how {
		return
	}
	p.gone = gone{how, p.clock()}
	if how == replaced && p.stopEvents != nil {
		p.stopEvents()
	}
	p.stale()
}

// reason is why actions are off on a VM that is gone; empty while it is there.
func (p *Page) goneReason() string {
	age := text.Age(max(0, p.now.Sub(p.gone.since)))
	switch p.gone.how {
	case deleted:
		return fmt.Sprintf("this VM was deleted %s ago", age)
	case replaced:
		return "this VM was replaced by another one of the same name"
	}
	return ""
}
