package rbac

import (
	"fmt"
	"strings"
)

// API groups that permissions are about most often.
const (
	GroupCore         = ""
	GroupKubeVirt     = "kubevirt.io"
	GroupSubresources = "subresources.kubevirt.io"
	GroupSnapshot     = "snapshot.kubevirt.io"
	GroupClone        = "clone.kubevirt.io"
	GroupExport       = "export.kubevirt.io"
	GroupPool         = "pool.kubevirt.io"
	GroupInstancetype = "instancetype.kubevirt.io"
	GroupMigrations   = "migrations.kubevirt.io"
	GroupBackup       = "backup.kubevirt.io"
	GroupCDI          = "cdi.kubevirt.io"
	GroupTemplates    = "spectrocloud.com"
	GroupRBAC         = "rbac.authorization.k8s.io"
	GroupVMDeck       = "vmdeck.dev" // cluster profiles and binding rules
)

// Permission is one verb on one resource, as a rule of a role would have to grant it. The zero Name
// means the resource as a whole: a rule with resourceNames does not cover it.
type Permission struct {
	Verb     string
	Group    string
	Resource string
	// Subresource is what follows the object's name in the URL; it may have several segments, such as
	// "evacuate/cancel".
	Subresource string
	// Name is one object's name, for permissions granted by resourceNames.
	Name string
}

// On returns the permission for a resource, which may carry its subresource after a slash:
// On("update", GroupSubresources, "virtualmachines/start").
func On(verb, group, resource string) Permission {
	res, sub, _ := strings.Cut(resource, "/")
	return Permission{Verb: verb, Group: group, Resource: res, Subresource: sub}
}

// Deep returns the permissions that a subresource call needs. A call with several segments is
// authorised twice: kube-apiserver looks at the first segment only (k8s.io/apiserver
// pkg/endpoints/request/requestinfo.go) and virt-api at all of them (KubeVirt 1.6.6, 1.7.4, 1.8.3,
// 1.9.0 and newer: pkg/virt-api/rest/authorizer.go), so both are needed. With one segment or none there
// is one check and one permission.
func Deep(verb, group, resource string) []Permission {
	full := On(verb, group, resource)
	first, _, deep := strings.Cut(full.Subresource, "/")
	if !deep {
		return []Permission{full}
	}
	outer := full
	outer.Subresource = first
	return []Permission{outer, full}
}

// ResourcePath is resource and subresource as a rule spells them: "virtualmachines/start".
func (p Permission) ResourcePath() string {
	if p.Subresource == "" {
		return p.Resource
	}
	return p.Resource + "/" + p.Subresource
}

// Short names the permission without its API group: "update virtualmachines/start".
func (p Permission) Short() string {
	if p.Name == "" {
		return p.Verb + " " + p.ResourcePath()
	}
	return fmt.Sprintf("%s %s %q", p.Verb, p.ResourcePath(), p.Name)
}

// String names the permission in RBAC terms: "update virtualmachines/start (subresources.kubevirt.io)".
// The core group, which has no name, is left out.
func (p Permission) String() string {
	if p.Group == GroupCore {
		return p.Short()
	}
	return p.Short() + " (" + p.Group + ")"
}
