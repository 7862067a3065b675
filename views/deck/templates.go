package deck

import "vmdeck.dev/vmdeck/kube/template"

// Templates returns what is known of the cluster's templates; each change of it delivers an Event. The first call has them read.
func (d *Deck) Templates() template.State {
	return d.templates.get(d, func(wake chan struct{}, changed func(template.State)) {
		template.Follow(d.ctx, d.Cluster, wake, changed)
	})
}

// RereadTemplates has the templates read anew. It is safe for concurrent use.
func (d *Deck) RereadTemplates() { d.templates.again() }
