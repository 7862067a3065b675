package deck

import (
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

// Rights returns what is known of the cluster's roles, bindings and rules; each change of it delivers an Event. The first call has it
// read, as most sessions never ask.
func (d *Deck) Rights() binding.State {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.following {
		d.following = true
		rules := d.Keeper.Rules
		d.wg.Go(func() { binding.Follow(d.ctx, d.Cluster, rules, d.reread, d.rightsChanged) })
	}
	return d.rights
}

func (d *Deck) rightsChanged(s binding.State) {
	d.mu.Lock()
	d.rights = s
	d.mu.Unlock()
	d.poke()
}

// Reread has roles, bindings and rules read anew, and asks again what the user may do. It is safe for concurrent use.
func (d *Deck) Reread() {
	d.askAnew()
	select {
	case d.reread <- struct{}{}:
	default:
	}
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
