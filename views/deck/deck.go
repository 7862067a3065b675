package deck

import (
	"context"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/setup"
	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/theme"
)

// Deck is one context that is open. Its methods belong to the goroutine of Update, except where they say otherwise; what runs
// beside it ends with Close.
type Deck struct {
	Theme    *theme.Theme
	Cluster  *kube.Cluster
	Gate     *vm.Gate
	Operator *vm.Operator
	Keeper   *binding.Keeper
	Platform Platform
	Groups   []Group
	open     func(ctx context.Context, name string) (Member, error)
	own      own // what is the user's while they look as somebody else
	// Report tells how complete the list is, as of the last Event.
	Report vm.Report

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	notice chan struct{}

	rights    followed[binding.State]
	templates followed[template.State]
	profiles  followed[profile.State]
	setup     followed[setup.State]

	mu        sync.Mutex
	inventory *vm.Inventory
	stop      context.CancelFunc // ends the inventory
	info      kube.ClusterInfo
	places    kube.Namespaces
	eyes      *binding.Eyes // nil: the user's own
	stopEyes  context.CancelFunc
}

// Options say how to open a context.
type Options struct {
	Theme    *theme.Theme
	Scope    vm.Scope
	ReadOnly string // why nothing may be changed; empty: it may
	Audit    kube.Auditor
	// Rules is where binding rules are kept.
	Rules binding.Store
	// Profiles is where cluster profiles are kept, Registries where their packs come from.
	Profiles   profile.Store
	Registries Registries
	Drafts     string // as in Platform
	// Groups are the cluster groups that the context belongs to: rules and profiles can be brought to all clusters of one.
	Groups []Group
	// OpenMember connects to another cluster of a group, by the name of its context. It is called beside the screen.
	OpenMember func(ctx context.Context, name string) (Member, error)
}

// Event tells that something has changed: the list where Delta is set, or else what surrounds it. Deltas of an inventory that was
// replaced since do not arrive.
type Event struct {
	Deck  *Deck
	Delta *vm.Delta
}

// Tick arrives about every second, for what shows how much time has passed.
type Tick struct{ Now time.Time }

// Open starts watching. It does no I/O itself and returns at once.
func Open(ctx context.Context, cluster *kube.Cluster, o Options) *Deck {
	d := &Deck{Theme: o.Theme, Cluster: cluster, Groups: o.Groups, open: o.OpenMember, notice: make(chan struct{}, 1)}
	d.ctx, d.cancel = context.WithCancel(ctx)
	d.Gate = &vm.Gate{Access: cluster.Access(), ReadOnly: o.ReadOnly, Health: cluster.Health().Status, Facts: d.facts}
	d.Operator = &vm.Operator{Cluster: cluster, Gate: d.Gate, Audit: o.Audit, Latest: d.latest, User: d.User}
	m := newMember(cluster, o, d.User)
	d.Keeper, d.Platform = m.Keeper, m.Platform
	d.watch()
	d.SetScope(o.Scope)
	return d
}

// watch starts what keeps the surroundings of the list up to date.
func (d *Deck) watch() {
	d.wg.Go(func() { d.Cluster.Access().Run(d.ctx, d.poke) })
	d.wg.Go(func() { d.Cluster.WatchNamespaces(d.ctx, d.namespacesChanged) })
	d.wg.Go(func() { d.watchInfo() })
	cancel := d.Cluster.Health().Subscribe(func(kube.HealthStatus) { d.poke() })
	context.AfterFunc(d.ctx, cancel)
}

// Context ends when the deck is closed; commands that belong to it run under it.
func (d *Deck) Context() context.Context { return d.ctx }

// Close ends everything that the deck has started. It does not wait, so that a screen never hangs on a dead connection.
func (d *Deck) Close() { d.cancel() }

// Wait returns the command that delivers the next Event. Issue it again after each.
func (d *Deck) Wait() tea.Cmd {
	inventory := d.Inventory()
	return func() tea.Msg {
		select {
		case <-d.ctx.Done():
			return nil
		case <-d.notice:
			return Event{Deck: d}
		case <-inventory.Changes():
			if d.Inventory() != inventory {
				return Event{Deck: d}
			}
			delta := inventory.Take()
			return Event{Deck: d, Delta: &delta}
		}
	}
}

// poke makes Wait deliver an Event. It is safe for concurrent use.
func (d *Deck) poke() {
	select {
	case d.notice <- struct{}{}:
	default:
	}
}

// Inventory returns the list that is shown. It is safe for concurrent use.
func (d *Deck) Inventory() *vm.Inventory {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.inventory
}

// SetScope replaces the inventory by one that covers the scope; its rows arrive as from nothing.
func (d *Deck) SetScope(scope vm.Scope) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stop != nil {
		d.stop()
	}
	ctx, stop := context.WithCancel(d.ctx)
	d.stop, d.inventory = stop, vm.NewInventory(d.Cluster, scope)
	inventory := d.inventory
	inventory.SetNamespaces(d.places.Names)
	d.wg.Go(func() { inventory.Run(ctx) })
	d.Report = vm.Report{}
	d.poke()
}

func (d *Deck) latest(namespace, name string) *vm.Row { return d.Inventory().Find(namespace, name) }

// Namespaces returns the namespaces that are known and where that is known from. It is safe for concurrent use.
func (d *Deck) Namespaces() kube.Namespaces {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.places
}

func (d *Deck) namespacesChanged(places kube.Namespaces) {
	d.mu.Lock()
	d.places = places
	inventory := d.inventory
	d.mu.Unlock()
	if inventory != nil {
		inventory.SetNamespaces(places.Names)
	}
	d.poke()
}

// Info returns what is known of the cluster. It is safe for concurrent use.
func (d *Deck) Info() kube.ClusterInfo {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.info
}

// infoEvery is how often versions, feature gates and the user's name are looked at again: they change rarely.
const infoEvery = 10 * time.Minute

func (d *Deck) watchInfo() {
	for d.ctx.Err() == nil {
		info := d.Cluster.Info(d.ctx)
		d.mu.Lock()
		d.info = info
		d.mu.Unlock()
		d.poke()
		pause := infoEvery
		if !info.Complete() {
			pause = 15 * time.Second
		}
		_ = d.Cluster.Health().Wait(d.ctx, pause)
	}
}

// User is the name that the API server knows the user by, or the kubeconfig's until it has answered. It is safe for concurrent use.
func (d *Deck) User() string {
	if name := d.Info().Identity.User; name != "" {
		return name
	}
	return d.Cluster.Target().User
}

func (d *Deck) facts() vm.Facts { return vm.FactsOf(d.Info().KubeVirt) }
