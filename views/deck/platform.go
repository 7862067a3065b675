package deck

import (
	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/kube/template"
)

// Registries keeps the registries of packs that were added; config.Registries is one. Its methods read and write files: they are for
// commands, not for Update.
type Registries interface {
	Read() ([]config.Registry, error)
	Add(config.Registry) error
	Remove(name string) (found bool, err error)
	Path() string
}

// Platform is what makes a cluster a platform for VMs, and who keeps it so.
type Platform struct {
	Profiles   *profile.Keeper
	Applier    *apply.Applier
	Templates  *template.Keeper
	Registries Registries
	// Drafts is the folder where what was not finished is kept from session to session; empty: nowhere.
	Drafts string
}

// Context is that of the platform's cluster, as people know it.
func (p Platform) Context() string { return p.Applier.Cluster.Target().Context }

// OpenRegistries opens the registry that is built in and those that were added. It reads a file: call it in a command.
func (p Platform) OpenRegistries() (profile.Registries, error) {
	added, err := p.Registries.Read()
	return profile.OpenRegistries(added), err
}

// readOnly is the platform for somebody who may look and change nothing, and why.
func (p Platform) readOnly(why string) Platform {
	profiles, applier, templates := *p.Profiles, *p.Applier, *p.Templates
	profiles.ReadOnly, applier.ReadOnly, templates.ReadOnly = why, why, why
	p.Profiles, p.Applier, p.Templates = &profiles, &applier, &templates
	return p
}

// newPlatform makes the platform of an open context.
func newPlatform(c *kube.Cluster, o Options, user func() string) Platform {
	return Platform{
		Profiles:   &profile.Keeper{Cluster: c, Profiles: o.Profiles, ReadOnly: o.ReadOnly, Audit: o.Audit, User: user},
		Applier:    &apply.Applier{Cluster: c, ReadOnly: o.ReadOnly, Audit: o.Audit, User: user},
		Templates:  &template.Keeper{Cluster: c, ReadOnly: o.ReadOnly, Audit: o.Audit, User: user},
		Registries: o.Registries, Drafts: o.Drafts,
	}
}

// ShowProfiles asks the program to show the cluster profiles, and one version of one where it is named.
type ShowProfiles struct{ Ref profile.Ref }

// NewProfile asks the program to open the wizard for a cluster profile.
type NewProfile struct {
	// From is the profile that the new one begins as; nil: an empty one, or the draft that was left.
	From *profile.Profile
	// Replaces is the stored profile that is changed in place; without a version, another one is made.
	Replaces profile.Stored
}

// Apply asks the program to compare a profile with the cluster and, after that was confirmed, to make the cluster so.
type Apply struct{ Profile profile.Profile }

// RollBack asks the program to take a profile back to a former revision; 0 is the one before.
type RollBack struct {
	Profile string
	To      int
}

// RemoveProfile asks the program to take a profile off the cluster.
type RemoveProfile struct{ Profile string }

// ProfileChanged says that something was begun or has ended that changes what a profile has on the cluster.
type ProfileChanged struct{ Profile string }

// ShowRegistries asks the program to show the registries of packs.
type ShowRegistries struct{}

// ShowTemplates asks the program to show the catalogue of templates.
type ShowTemplates struct{}

// Launch asks the program to open the form that makes a VM from a template. Both fields may be empty.
type Launch struct{ Template, Namespace string }

// Connect asks the program to show the cluster's details, from where one connects to its VMs.
type Connect struct{}
