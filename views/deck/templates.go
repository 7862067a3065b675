package deck

import "vmdeck.dev/vmdeck/kube/template"

// catalogue is what a deck knows of the cluster's templates; Deck.mu guards it.
type catalogue struct {
	state     template.State
	following bool
	wake      chan struct{}
}

// Templates returns what is known of the cluster's templates; each change of it delivers an Event. The first call has them read, as most
// sessions never ask.
func (d *Deck) Templates() template.State {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.catalogue.following {
		d.catalogue.following, d.catalogue.wake = true, make(chan struct{}, 1)
		wake := d.catalogue.wake
		d.wg.Go(func() { template.Follow(d.ctx, d.Cluster, wake, d.templatesChanged) })
	}
	return d.catalogue.state
}

func (d *Deck) templatesChanged(s template.State) {
	d.mu.Lock()
	d.catalogue.state = s
	d.mu.Unlock()
	d.poke()
}

// RereadTemplates has the templates read anew. It is safe for concurrent use.
func (d *Deck) RereadTemplates() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.catalogue.following {
		return
	}
	select {
	case d.catalogue.wake <- struct{}{}:
	default:
	}
}
