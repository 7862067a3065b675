package deck

import (
	"context"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
)

// own is what a deck has while the user looks with nobody's eyes but their own.
type own struct {
	gate     *vm.Gate
	operator *vm.Operator
	keeper   *binding.Keeper
	platform Platform
}

// Eyes are those that the deck looks through; nil: the user's own. It is safe for concurrent use.
func (d *Deck) Eyes() *binding.Eyes {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.eyes
}

// LookThrough shows the gates as they are for somebody else, and lets nothing be done meanwhile; nil gives the user's own gates back.
// Gate, Operator, Keeper and Platform are others from then on: what was begun before goes on with those that it was begun with.
func (d *Deck) LookThrough(who *rbac.Who) {
	if d.Eyes() != nil {
		d.stopEyes()
		d.see(nil, nil)
		d.Gate, d.Operator, d.Keeper, d.Platform = d.own.gate, d.own.operator, d.own.keeper, d.own.platform
	}
	if who != nil {
		d.borrow(*who)
	}
	d.poke()
}

func (d *Deck) borrow(who rbac.Who) {
	ctx, stop := context.WithCancel(d.ctx)
	eyes := binding.NewEyes(d.Cluster, who)
	d.see(eyes, stop)
	d.own = own{d.Gate, d.Operator, d.Keeper, d.Platform}
	gate, operator, keeper := *d.Gate, *d.Operator, *d.Keeper
	gate.Access, gate.As = eyes, eyes.Name()
	operator.Gate = &gate
	keeper.ReadOnly = "nothing is changed while you look as " + eyes.Name()
	d.Gate, d.Operator, d.Keeper, d.Platform = &gate, &operator, &keeper, d.Platform.readOnly(keeper.ReadOnly)
	d.wg.Go(func() { eyes.Run(ctx, d.poke) })
}

func (d *Deck) see(eyes *binding.Eyes, stop context.CancelFunc) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.eyes, d.stopEyes = eyes, stop
}
