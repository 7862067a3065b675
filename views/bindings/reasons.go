package bindings

import (
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// off says why a binding of the list does nothing at the moment; empty when it may be tried.
func (p *Page) off(id string) string {
	switch id {
	case keyNew:
		return p.mayNotMake()
	case keyOpen, keyCopy:
		if _, ok := p.list.Current(); !ok {
			return nothingThere
		}
	case keyEdit:
		r, ok := p.list.Current()
		if !ok {
			return nothingThere
		}
		return p.mayNotEdit(r)
	case keyDelete:
		r, ok := p.list.Current()
		if p.list.Marked() > 0 { // what is wrong with many is said when the key is pressed: this is asked for every frame
			return p.changesOff()
		}
		if !ok {
			return nothingThere
		}
		return p.mayNotDelete([]rbac.Binding{r.binding})
	}
	return ""
}

const nothingThere = "there is no binding under the cursor"

// changesOff says why nothing may be changed at all.
func (p *Page) changesOff() string {
	if reason := p.deck.Keeper.ReadOnly; reason != "" {
		return reason
	}
	switch p.deck.Cluster.Health().Status().State {
	case kube.Lost:
		return "the API server does not answer; what you see may be out of date"
	case kube.Expired:
		return "the login is no longer accepted"
	}
	return ""
}

// askedNamespaces is in how many namespaces it is asked whether bindings may be made there, where they may not everywhere.
const askedNamespaces = 24

// mayNotMake says why no rule can be made: the user may make bindings nowhere. What is not known is tried.
func (p *Page) mayNotMake() string {
	if reason := p.changesOff(); reason != "" {
		return reason
	}
	inCluster := p.decide("", "create", "clusterrolebindings", "")
	everywhere := p.decide("", "create", "rolebindings", "")
	namespaces := p.state.World.Namespaces
	if inCluster.Verdict != rbac.Denied || everywhere.Verdict != rbac.Denied || p.state.World.Open || len(namespaces) > askedNamespaces {
		return ""
	}
	for _, namespace := range namespaces {
		if p.decide(namespace, "create", "rolebindings", "").Verdict != rbac.Denied {
			return ""
		}
	}
	return "you may make bindings nowhere: " + everywhere.Reason
}

func (p *Page) mayNotEdit(r *row) string {
	if r.state == stateUnusable {
		return "the rule cannot be read; D deletes it"
	}
	return p.mayNotMake()
}

// mayNotDelete says why bindings cannot be deleted: the first one that the user may not delete decides.
func (p *Page) mayNotDelete(bindings []rbac.Binding) string {
	if reason := p.changesOff(); reason != "" {
		return reason
	}
	for _, b := range bindings {
		resource := "rolebindings"
		if b.Namespace == "" {
			resource = "clusterrolebindings"
		}
		if b.Name == "" { // a rule that has made none
			continue
		}
		if d := p.decide(b.Namespace, "delete", resource, b.Name); d.Verdict == rbac.Denied {
			return d.Reason
		}
	}
	return ""
}

func (p *Page) decide(namespace, verb, resource, name string) rbac.Decision {
	perm := rbac.On(verb, rbac.GroupRBAC, resource)
	perm.Name = name
	return p.deck.Cluster.Access().Decide(namespace, []rbac.Permission{perm})
}
