package deck

import (
	"context"
	"strings"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
)

// Group is a cluster group that the context belongs to.
type Group struct {
	Name     string
	Contexts []string // of its clusters, in the order of the configuration; the deck's own is among them
}

// GroupNames joins the names of groups, as messages and binding.Keeper have them.
func GroupNames(groups []Group) string {
	names := make([]string, len(groups))
	for i, g := range groups {
		names[i] = g.Name
	}
	return strings.Join(names, ", ")
}

// Member is a cluster that is open for changes.
type Member struct {
	Keeper   *binding.Keeper
	Platform Platform
}

// NewMember opens another cluster for changes. Who the user is there is asked of it, also after ctx has ended: a change may last longer
// than the connecting.
func NewMember(ctx context.Context, c *kube.Cluster, o Options) Member {
	return newMember(c, o, binding.UserOf(context.WithoutCancel(ctx), c))
}

func newMember(c *kube.Cluster, o Options, user func() string) Member {
	return Member{
		Keeper:   &binding.Keeper{Cluster: c, Rules: o.Rules, Group: GroupNames(o.Groups), ReadOnly: o.ReadOnly, Audit: o.Audit, User: user},
		Platform: newPlatform(c, o, user),
	}
}

// Members are the clusters of a group, for changes of bindings. The deck's own is open already; the others are connected to when they
// are opened, and it is the caller who ends that connection.
func (d *Deck) Members(g Group) []binding.Member {
	out := make([]binding.Member, len(g.Contexts))
	for i, name := range g.Contexts {
		open := d.member(name)
		out[i] = binding.Member{Context: name, Open: func(ctx context.Context) (*binding.Keeper, error) {
			m, err := open(ctx)
			return m.Keeper, err
		}}
	}
	return out
}

// MemberPlatform returns what opens the platform of a cluster of a group, by its context; see Members.
func (d *Deck) MemberPlatform(name string) func(ctx context.Context) (Platform, error) {
	open := d.member(name)
	return func(ctx context.Context) (Platform, error) {
		m, err := open(ctx)
		return m.Platform, err
	}
}

// member returns what opens a cluster. While the user looks as somebody else, nothing is changed there either.
func (d *Deck) member(name string) func(ctx context.Context) (Member, error) {
	own, open, borrowed := Member{d.Keeper, d.Platform}, d.open, d.Eyes() != nil
	if name == d.Cluster.Target().Context {
		return func(context.Context) (Member, error) { return own, nil }
	}
	return func(ctx context.Context) (Member, error) {
		m, err := open(ctx, name)
		if err == nil && borrowed {
			m.Keeper.ReadOnly = own.Keeper.ReadOnly
			m.Platform = m.Platform.readOnly(own.Keeper.ReadOnly)
		}
		return m, err
	}
}
