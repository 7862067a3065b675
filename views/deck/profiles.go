package deck

import "vmdeck.dev/vmdeck/kube/profile"

// Profiles returns what is known of the cluster profiles and of what they made on this cluster; each change of it delivers an Event. The
// first call has it read.
func (d *Deck) Profiles() profile.State {
	store := d.Platform.Profiles.Profiles
	return d.profiles.get(d, func(wake chan struct{}, changed func(profile.State)) {
		profile.Follow(d.ctx, d.Cluster, store, func() []string { return d.Namespaces().Names }, wake, changed)
	})
}

// RereadProfiles has the profiles and what they made read anew. It is safe for concurrent use.
func (d *Deck) RereadProfiles() { d.profiles.again() }
