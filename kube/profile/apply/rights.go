package apply

import (
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
)

// askedNamespaces is in how many namespaces it is asked whether releases may be recorded there, where they may not everywhere.
const askedNamespaces = 24

// CanRelease tells whether anything can be carried out: Helm has to keep each release as a secret, in one of the namespaces at least. What
// else it takes depends on the packs, and the server says so before anything is changed.
func CanRelease(access vm.Decider, namespaces []string) rbac.Decision {
	record := []rbac.Permission{rbac.On("create", rbac.GroupCore, "secrets")}
	d := access.Decide("", record)
	switch {
	case d.Verdict == rbac.Allowed:
		return d
	case len(namespaces) > askedNamespaces:
		return rbac.Decision{Verdict: rbac.Unknown}
	}
	// All are asked at once, because an answer that is not known yet comes later.
	for _, namespace := range namespaces {
		if in := access.Decide(namespace, record); d.Verdict == rbac.Denied && in.Verdict != rbac.Denied {
			d = in
		}
	}
	return d
}
