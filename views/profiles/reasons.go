package profiles

import (
	"fmt"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/text"
)

const nothingThere = "there is no profile under the cursor"

// off says why a binding of the list does nothing at the moment; empty when it may be tried.
func (p *Page) off(id string) string {
	switch id {
	case keyNew:
		return p.mayNotMake()
	case keyInstall:
		return p.mayNotInstall()
	case keyAdd:
		if p.list.Total() == 0 {
			return "there are no profiles"
		}
		return ""
	}
	if !about[id] {
		return ""
	}
	r, ok := p.list.Current()
	if !ok {
		return nothingThere
	}
	return p.offFor(id, r)
}

// about are the bindings that are about one version of a profile.
var about = map[string]bool{
	keyOpen: true, keyEdit: true, keyVersion: true, keyApply: true, keyBack: true, keyRemove: true, keyDelete: true, keyExport: true, keyCopy: true,
}

// offFor says why something cannot be done to a version of a profile.
func (p *Page) offFor(id string, r *row) string {
	switch id {
	case keyEdit, keyVersion, keyExport, keyCopy, keyApply:
		if r.stored == nil {
			return "it is not kept in " + p.keeper().Profiles.Where() + " any more"
		}
		if r.stored.Err != nil {
			return "it cannot be read; " + listKeys.Binding(keyDelete).Keys[0] + " deletes it"
		}
	}
	switch id {
	case keyEdit:
		return p.mayNotEdit(r)
	case keyVersion:
		return p.mayNotMake()
	case keyApply:
		return p.mayNotApply(r)
	case keyBack, keyRemove:
		return p.mayNotTake(r)
	case keyDelete:
		return p.mayNotDelete(r)
	}
	return ""
}

// storeOff says why nothing may be changed where profiles are kept. A folder can be written to while the cluster is away.
func (p *Page) storeOff() string {
	k := p.keeper()
	if k.ReadOnly != "" || len(profile.Creating(k.Profiles)) == 0 {
		return k.ReadOnly
	}
	return p.connectionOff()
}

// clusterOff says why nothing may be changed on the cluster.
func (p *Page) clusterOff() string {
	if reason := p.deck.Platform.Applier.ReadOnly; reason != "" {
		return reason
	}
	return p.connectionOff()
}

func (p *Page) connectionOff() string {
	switch p.deck.Cluster.Health().Status().State {
	case kube.Lost:
		return "the API server does not answer; what you see may be out of date"
	case kube.Expired:
		return "the login is no longer accepted"
	}
	return ""
}

// mayNotMake says why no profile can be saved. What is not known is tried.
func (p *Page) mayNotMake() string {
	if reason := p.storeOff(); reason != "" {
		return reason
	}
	return denied(profile.CanCreate(p.deck.Gate.Access, p.keeper().Profiles))
}

// denied is a denial with the roles that would help; empty for anything else.
func denied(d rbac.Decision) string {
	if d.Verdict != rbac.Denied {
		return ""
	}
	return d.Reason + "; " + whoGrants(d)
}

// whoGrants says where a permission comes from.
func whoGrants(d rbac.Decision) string {
	if len(d.Grants) == 0 {
		return "no role of vmdeck grants it, a cluster administrator has it"
	}
	return "granted by " + text.Listed(d.Grants, 2)
}

func (p *Page) mayNotEdit(r *row) string {
	if reason := p.storeOff(); reason != "" {
		return reason
	}
	if len(r.uses) > 0 {
		return fmt.Sprintf("it is on the cluster (%s); %s makes a new version from it", r.uses[0], listKeys.Binding(keyVersion).Keys[0])
	}
	return denied(profile.CanChange(p.deck.Gate.Access, p.keeper().Profiles))
}

func (p *Page) mayNotDelete(r *row) string {
	switch reason := p.storeOff(); {
	case r.stored == nil:
		return "it is not kept in " + p.keeper().Profiles.Where() + " any more; " + listKeys.Binding(keyRemove).Keys[0] + " takes it off the cluster"
	case r.stored.Unnamed:
		return "the file cannot be read; mend it, or delete it yourself"
	case reason != "":
		return reason
	case len(r.uses) > 0:
		return fmt.Sprintf("it is in use: %s; %s takes it off the cluster", releases(r.uses), listKeys.Binding(keyRemove).Keys[0])
	}
	return denied(profile.CanDelete(p.deck.Gate.Access, p.keeper().Profiles))
}

func releases(uses []profile.Use) string {
	var names []string
	for _, u := range uses {
		names = append(names, u.String())
	}
	return text.Listed(names, 2)
}

func (p *Page) mayNotApply(r *row) string {
	if reason := p.clusterOff(); reason != "" {
		return reason
	}
	if len(r.stored.Value.Packs)+len(r.stored.Value.Manifests) == 0 {
		return "it has no packs yet; " + listKeys.Binding(keyEdit).Keys[0] + " adds some"
	}
	return p.mayNotRelease()
}

// mayNotTake says why what a profile has on the cluster cannot be rolled back or removed.
func (p *Page) mayNotTake(r *row) string {
	if reason := p.clusterOff(); reason != "" {
		return reason
	}
	if len(r.uses)+len(r.others) == 0 && r.stand != notKnown {
		return "nothing of it is on the cluster"
	}
	return p.mayNotRelease()
}

// mayNotRelease says why nothing can be carried out on the cluster.
func (p *Page) mayNotRelease() string {
	return denied(apply.CanRelease(p.deck.Gate.Access, p.deck.Namespaces().Names))
}

// mayNotInstall says why the custom resource cannot be installed or brought up to date.
func (p *Page) mayNotInstall() string {
	k := p.keeper()
	switch reason := p.storeOff(); {
	case len(profile.Creating(k.Profiles)) == 0:
		return "profiles are kept in files here, which need no custom resource"
	case p.busy != "":
		return "wait: " + p.busyWords()
	case reason != "":
		return reason
	}
	return denied(profile.CanInstall(p.deck.Gate.Access))
}
