package validation

import (
	"context"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/kube/stream"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/deck"
)

// firstWithin is how long the question may take: whoever has begun to work is not taken elsewhere.
const firstWithin = 10 * time.Second

// FirstStart says that validation is where the user of a deck has to begin.
type FirstStart struct {
	Deck *deck.Deck
	Why  string // a sentence
}

// First finds out, once for a deck, whether the program should open on validation: because the user may list VMs nowhere, or because
// nobody but administrators has been given rights. It costs nothing before the list of VMs has come, and a request or two then. It belongs
// to the goroutine of Update.
type First struct {
	deck  *deck.Deck
	asked bool
}

// NewFirst makes the question for a deck.
func NewFirst(d *deck.Deck) *First { return &First{deck: d} }

// Look is to be called at every deck.Event, after Deck.Report was brought up to date. The command, nil where nothing can be said yet or
// all was said, brings a FirstStart, or nothing where the list of VMs is the right place.
func (f *First) Look() tea.Cmd {
	if f.asked {
		return nil
	}
	d := f.deck
	machines := d.Report.Kinds[vm.Machines]
	switch {
	case machines.Phase == stream.Forbidden && len(machines.Forbidden) > 0: // before that no namespace was asked about by itself
		f.asked = true
		return message(FirstStart{d, "You may not list VMs in any namespace that is known."})
	case machines.Phase != stream.Live:
		return nil
	}
	f.asked = true
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(d.Context(), firstWithin)
		defer cancel()
		if configured(ctx, d.Cluster) {
			return nil
		}
		return FirstStart{d, "Nobody but administrators has been given rights on VMs yet."}
	}
}

// configured tells whether a role of the catalogue is there, or somebody has rights on VMs who is no administrator of the whole cluster.
// Where that cannot be seen, it is taken to be so.
func configured(ctx context.Context, c *kube.Cluster) bool {
	for _, role := range rbac.Catalogue() {
		_, err := c.RBAC().ClusterRoles().Get(ctx, role.Name, metav1.GetOptions{})
		if kube.Classify(err) != kube.KindNotFound {
			return true
		}
	}
	world, err := binding.Read(ctx, c)
	if err != nil || len(world.Gaps) > 0 {
		return true
	}
	return slices.ContainsFunc(world.Concerning(binding.Needs()), func(e binding.Entry) bool {
		return len(e.Grants) > 0 && !world.Roles[e.Role].Allows(everything) && slices.ContainsFunc(e.Subjects, ordinary)
	})
}

// everything is what administrators of the whole cluster may do.
var everything = rbac.Permission{Verb: "*", Group: "*", Resource: "*"}

// ordinary tells whether a subject is not one of the cluster's own.
func ordinary(s rbac.Subject) bool {
	return !strings.HasPrefix(s.Name, "system:") && !(s.Kind == rbacv1.ServiceAccountKind && rbac.IsSystemNamespace(s.Namespace))
}
