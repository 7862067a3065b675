package check

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/kube/profile/setup"
	"vmdeck.dev/vmdeck/rbac"
)

// FromProfiles is what the applied profiles say, and Helm's releases of the packs that vmdeck knows.
type FromProfiles struct {
	// Profiles is where they are kept.
	Profiles profile.Store
	// Registries are those that were added; nil: none.
	Registries func() ([]config.Registry, error)
}

// Setup implements Source.
func (f FromProfiles) Setup(ctx context.Context, c *kube.Cluster) (Setup, error) {
	s, err := FromCluster{}.Setup(ctx, c)
	s.PacksErr = err
	settings := setup.Read(ctx, c)
	switch settings.Known {
	case setup.Found:
		s.From, s.Access, s.IdentityProvider = settings.From(), settings.Access, settings.IdentityProvider
		s.Proxy, s.Issuer, s.Connects = settings.Proxy, settings.Issuer, settings.Connect()
	case setup.Forbidden, setup.Unreachable:
		s.SettingsErr = settings.Err
	}
	uses, err := profile.InUse(ctx, c, profile.Ref{})
	if err != nil {
		s.PacksErr = err
		return s, nil
	}
	kept, err := f.Profiles.List(ctx)
	if err != nil && !errors.Is(err, profile.ErrNotInstalled) {
		s.ListErr = err
	}
	for _, name := range applied(uses) {
		s.take(ctx, c, name, uses, kept)
	}
	s.registries(f.Registries)
	return s, nil
}

// applied are the names of the profiles that have made releases, sorted.
func applied(uses []profile.Use) []string {
	var names []string
	for _, u := range uses {
		names = append(names, u.Ref.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// take adds a profile that was applied, with those of its packs that have no release.
func (s *Setup) take(ctx context.Context, c *kube.Cluster, name string, uses []profile.Use, kept []profile.Stored) {
	a := Applied{Ref: profile.Ref{Name: name}}
	status, err := (&apply.Applier{Cluster: c}).Status(ctx, name)
	if a.StateErr = err; err == nil {
		a.State, a.Text, a.Ref.Version = status.State, status.Text, status.Version
	}
	if a.Ref.Version == "" {
		a.Ref.Version = uses[slices.IndexFunc(uses, func(u profile.Use) bool { return u.Ref.Name == name })].Ref.Version
	}
	if stored, ok := profile.Find(kept, a.Ref.Name, a.Ref.Version); ok && stored.Err == nil {
		p := stored.Value
		a.Kept = &p
		for _, ref := range p.Packs {
			there := slices.ContainsFunc(s.Packs, func(known Pack) bool { return known.Name == ref.Name })
			made := slices.IndexFunc(uses, func(u profile.Use) bool { return u.Ref.Name == name && u.Release == ref.Name })
			switch {
			case there:
			case made >= 0:
				s.Packs = append(s.Packs, Pack{Name: ref.Name, Namespace: uses[made].Namespace, Status: uses[made].Status})
			default:
				s.Packs = append(s.Packs, Pack{Name: ref.Name})
			}
		}
	}
	s.Profiles = append(s.Profiles, a)
}

// registries finds where the packs of the profiles come from, other than from vmdeck itself and from folders.
func (s *Setup) registries(read func() ([]config.Registry, error)) {
	var added []config.Registry
	if read != nil {
		added, _ = read() // what is then not known is told by its name
	}
	for _, a := range s.Profiles {
		if a.Kept == nil {
			continue
		}
		for _, ref := range a.Kept.Packs {
			i := slices.IndexFunc(added, func(r config.Registry) bool { return r.Name == ref.Registry })
			switch {
			case ref.Registry == pack.PublicRepo, i >= 0 && added[i].Kind == "folder":
			case i < 0 && !slices.Contains(s.Unregistered, ref.Registry):
				s.Unregistered = append(s.Unregistered, ref.Registry)
			case i >= 0 && !slices.Contains(s.Registries, added[i].URL):
				s.Registries = append(s.Registries, added[i].URL)
			}
		}
	}
}

const appliedCheck = "profile.applied"

// checkApplied looks whether the profiles that were applied are in the list and the cluster is as they say, or leads to the first one.
func checkApplied(ctx context.Context, e *env) []Result {
	s, err := e.setup.of(ctx)
	if err == nil {
		err = s.PacksErr
	}
	if err != nil {
		return one(unread(err, "read Helm's releases, which say what was set up", rbac.On("list", rbac.GroupCore, "secrets")))
	}
	if len(s.Profiles) == 0 {
		return one(e.noProfile(ctx, s))
	}
	out := make([]Result, len(s.Profiles))
	for i, a := range s.Profiles {
		out[i] = a.result(s)
	}
	return out
}

func (a Applied) result(s Setup) Result {
	r := Result{Object: a.Ref.Name, Verdict: Pass, Summary: fmt.Sprintf("The profile %s is in the list, and the cluster is as it says.", a.Ref)}
	show := Fix{Command: "vmdeck profile status " + quote(a.Ref.Name), Open: ShowProfiles{a.Ref}}
	switch {
	case s.ListErr != nil:
		r = unread(s.ListErr, "list cluster profiles", rbac.On("list", rbac.GroupVMDeck, "clusterprofiles"))
		r.Object, r.Evidence = a.Ref.Name, []string{"applied: " + a.Ref.String()}
	case a.Kept == nil:
		r.Verdict, r.Summary, r.Fix = Warn, fmt.Sprintf("The profile %s was applied, and is not in the list any more.", a.Ref), show
		r.Fix.Text = "Save the profile again, or apply another version, so that others find what the cluster has."
	case a.StateErr != nil:
		r.Verdict, r.Summary, r.Fix = Warn, fmt.Sprintf("How the profile %s is cannot be told: %s", a.Ref, sentence(a.StateErr.Error())), show
		r.Fix.Text = "Look at the profile's state."
	case a.State == apply.Updating:
		r.Verdict, r.Summary, r.Fix = Warn, fmt.Sprintf("The cluster is being made as the profile %s says.", a.Ref), show
		r.Fix.Text = "Wait until it is done, and check again."
	case a.State == apply.Unknown:
		r.Verdict, r.Summary, r.Fix = Warn, fmt.Sprintf("Not all that the profile %s made may be read.", a.Ref), show
		r.Fix.Text = "Have it checked by an administrator of the cluster."
	case a.State != apply.Running:
		r.Verdict, r.Summary = Fail, fmt.Sprintf("The cluster is not as the profile %s says.", a.Ref)
		r.Fix = Fix{Text: "Compare the profile with the cluster, and apply it again.", Command: applyAgain(a.Ref), Open: ApplyProfile{*a.Kept}}
	}
	if a.Text != "" && r.Verdict != Pass {
		r.Evidence = append(r.Evidence, a.Text)
	}
	return r
}

// applyAgain is the command that applies the version that is on the cluster: the newest may be another.
func applyAgain(ref profile.Ref) string {
	return "vmdeck profile apply " + quote(ref.Name+"@"+ref.Version)
}

// noProfile is the result where no profile was applied: on a cluster that was set up by other means that is no fault, and on one where
// nothing was, the first thing to do.
func (e *env) noProfile(ctx context.Context, s Setup) Result {
	world, err := e.world.of(ctx)
	_, seen := blind(world, "cluster roles")
	bare := err == nil && seen && len(s.Packs) == 0 && !slices.ContainsFunc(rbac.Catalogue(), func(role rbac.Role) bool {
		return world.Stand(role) != binding.Missing
	})
	if !bare {
		return Result{Verdict: NotApplicable, Summary: "No profile was applied: the platform was set up by other means."}
	}
	r := Result{Verdict: Fail, Summary: "Nothing is configured on this cluster: no profile was applied, and there are no roles for users of VMs."}
	if err := profile.AskCreate(ctx, e.cluster, e.options.Profiles); err != nil {
		r.Fix.Text = "Somebody who may makes a cluster profile and applies it: " + sentence(err.Error())
		return r
	}
	r.Fix = Fix{Text: "Make a cluster profile and apply it: it brings roles, templates and namespaces for VMs.", Command: "vmdeck profile create -f FILE", Open: NewProfile{}}
	return r
}

// checkEntry says which of the two ways to the VMs is shown, and whether it leads anywhere.
func checkEntry(ctx context.Context, e *env) []Result {
	s, r, done := e.setupFor(ctx)
	switch {
	case done:
		return one(r)
	case s.IdentityProvider == "":
		return one(Result{Verdict: NotApplicable, Summary: "No profile names an identity provider: the Virtual Machines tab is shown."})
	case !s.Connects:
		return one(Result{Verdict: Pass, Summary: fmt.Sprintf("The identity provider is %s: the Virtual Machines tab is shown.", s.IdentityProvider)})
	}
	evidence := []string{"known from " + s.From}
	if s.Issuer == "" {
		return one(Result{
			Verdict: Fail, Summary: fmt.Sprintf("The identity provider is %s: Connect is shown, but no OIDC issuer was named.", s.IdentityProvider), Evidence: evidence,
			Fix: Fix{Text: "Name issuer and client ID in the profile, and apply it.", Command: "vmdeck profile list", Open: ShowProfiles{}},
		})
	}
	return one(Result{Verdict: Pass, Summary: fmt.Sprintf("The identity provider is %s: Connect is shown until one has an identity of %s.", s.IdentityProvider, s.Issuer), Evidence: evidence})
}
