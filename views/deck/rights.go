package deck

import (
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

// Rights returns what is known of the cluster's roles, bindings and rules; each change of it delivers an Event. The first call has it
// read.
func (d *Deck) Rights() binding.State {
	rules := d.Keeper.Rules
	return d.rights.get(d, func(wake chan struct{}, changed func(binding.State)) {
		binding.Follow(d.ctx, d.Cluster, rules, wake, changed)
	})
}

// Reread has roles, bindings and rules read anew, and asks again what the user may do. It is safe for concurrent use.
func (d *Deck) Reread() {
	d.askAnew()
	d.rights.again()
}

// EditRule asks the program to open the rule editor, filled in; the zero rule is a new one.
type EditRule struct {
	Rule rbac.BindingRule
	// Version is that of the stored rule which is edited; empty for one that is not stored.
	Version string
	// Exists is set when the rule has bindings already, stored or not, so that its name stays.
	Exists bool
}

// ShowBindings asks the program to show the role bindings that match a query.
type ShowBindings struct{ Query string }

// ShowWhoCan asks the program to show who may do something. Need is the ID of a need, Namespace empty for all.
type ShowWhoCan struct{ Need, Namespace string }

// ShowRoles asks the program to show what each role permits.
type ShowRoles struct{}

// LookAs asks the program to look through somebody's eyes; nil asks the user through whose, and nobody's are the user's own.
type LookAs struct{ Who *rbac.Who }
