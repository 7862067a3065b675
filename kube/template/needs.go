package template

import (
	"context"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
)

// Reads is what seeing the catalogue needs, across the cluster.
func Reads() []rbac.Permission {
	return []rbac.Permission{rbac.On("list", rbac.GroupTemplates, Resource)}
}

// Launches is what making a VM needs, in its namespace. Disks made together with it need nothing more from the user: virt-controller
// makes them, and asks whether the namespace's service account may read their source (KubeVirt pkg/virt-controller/watch/vm/vm.go,
// cloneAuthFunc).
func Launches() []rbac.Permission {
	return []rbac.Permission{rbac.On("create", rbac.GroupKubeVirt, string(vm.Machines))}
}

// Writes is what changing the catalogue needs, across the cluster; the verb is create, update or delete.
func Writes(verb string) []rbac.Permission {
	return []rbac.Permission{rbac.On(verb, rbac.GroupTemplates, Resource)}
}

// Decide answers from memory whether the user may make a VM from a template in a namespace; see kube.Access. It does no I/O.
func Decide(access vm.Decider, namespace string) rbac.Decision {
	return rbac.Combine(access.Decide("", Reads()), access.Decide(namespace, Launches()))
}

// Ask asks the API server what Decide answers from memory.
func Ask(ctx context.Context, access *kube.Access, namespace string) rbac.Decision {
	return rbac.Combine(access.Ask(ctx, "", Reads()...), access.Ask(ctx, namespace, Launches()...))
}
