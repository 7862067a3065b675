package deck

import "vmdeck.dev/vmdeck/kube/profile/setup"

// setups is what a deck knows of what was set up on the cluster; Deck.mu guards it.
type setups struct {
	state     setup.State
	following bool
	wake      chan struct{}
}

// Setup returns what was set up on the cluster: how it is reached, and as whom VMs are operated. Each change of it delivers an Event.
// The first call has it read.
func (d *Deck) Setup() setup.State {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.setups.following {
		d.setups.following, d.setups.wake = true, make(chan struct{}, 1)
		wake := d.setups.wake
		d.wg.Go(func() { setup.Follow(d.ctx, d.Cluster, wake, d.setupChanged) })
	}
	return d.setups.state
}

func (d *Deck) setupChanged(s setup.State) {
	d.mu.Lock()
	d.setups.state = s
	d.mu.Unlock()
	d.poke()
}

// RereadSetup has it read anew what was set up. It is safe for concurrent use.
func (d *Deck) RereadSetup() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.setups.following {
		return
	}
	select {
	case d.setups.wake <- struct{}{}:
	default:
	}
}
