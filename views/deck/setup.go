package deck

import "vmdeck.dev/vmdeck/kube/profile/setup"

// Setup returns what was set up on the cluster: how it is reached, and as whom VMs are operated. Each change of it delivers an Event.
// The first call has it read.
func (d *Deck) Setup() setup.State {
	return d.setup.get(d, func(wake chan struct{}, changed func(setup.State)) { setup.Follow(d.ctx, d.Cluster, wake, changed) })
}

// RereadSetup has it read anew what was set up. It is safe for concurrent use.
func (d *Deck) RereadSetup() { d.setup.again() }
