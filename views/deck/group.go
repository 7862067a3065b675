package deck

import (
	"context"

	"vmdeck.dev/vmdeck/kube/binding"
)

// Group is a cluster group that the context belongs to.
type Group struct {
	Name     string
	Contexts []string // of its clusters, in the order of the configuration; the deck's own is among them
}

// Members are the clusters of a group. The deck's own is open already; the others are connected to when they are opened, and it is the
// caller who ends that connection.
func (d *Deck) Members(g Group) []binding.Member {
	out := make([]binding.Member, len(g.Contexts))
	for i, name := range g.Contexts {
		out[i] = d.member(name)
	}
	return out
}

func (d *Deck) member(name string) binding.Member {
	keeper, open, borrowed := d.Keeper, d.open, d.Eyes() != nil
	if name == d.Cluster.Target().Context {
		return binding.Member{Context: name, Open: func(context.Context) (*binding.Keeper, error) { return keeper, nil }}
	}
	return binding.Member{Context: name, Open: func(ctx context.Context) (*binding.Keeper, error) {
		k, err := open(ctx, name)
		if err == nil && borrowed {
			k.ReadOnly = keeper.ReadOnly
		}
		return k, err
	}}
}
