package deck

import "vmdeck.dev/vmdeck/kube/profile"

// Profiles returns what is known of the cluster profiles and of what they made on this cluster; each change of it delivers an Event. The
// first call has it read.
func (d *Deck) Profiles() profile.State {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.profiles.following {
		d.profiles.following = true
		store, wake := d.Platform.Profiles.Profiles, d.profiles.reread
		d.wg.Go(func() { profile.Follow(d.ctx, d.Cluster, store, d.placeNames, wake, d.profilesChanged) })
	}
	return d.profiles.state
}

// profiles is what Profiles needs to know.
type profiles struct {
	following bool
	reread    chan struct{}
	state     profile.State
}

func (d *Deck) placeNames() []string { return d.Namespaces().Names }

func (d *Deck) profilesChanged(s profile.State) {
	d.mu.Lock()
	d.profiles.state = s
	d.mu.Unlock()
	d.poke()
}

// RereadProfiles has the profiles and what they made read anew. It is safe for concurrent use.
func (d *Deck) RereadProfiles() {
	select {
	case d.profiles.reread <- struct{}{}:
	default:
	}
}
