package binding

import (
	"fmt"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// Saving are the permissions that it takes to save new rules in a store; none for a folder, where the file system decides.
func Saving(s Store) []rbac.Permission {
	if _, ok := s.(clusterStore); !ok {
		return nil
	}
	return []rbac.Permission{rbac.On("create", storeGroup, storeResource)}
}

// ExplainRules says in a short sentence why the rules of a store are not known.
func ExplainRules(err error) string {
	if kube.Classify(err) == kube.KindForbidden {
		return fmt.Sprintf("You may not read the stored rules (needs %s).", rbac.On("list", storeGroup, storeResource))
	}
	return kube.Explain(err, "Reading the rules")
}
