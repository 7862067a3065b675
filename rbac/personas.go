package rbac

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
)

func listNamespacesRole() Role {
	return Role{
		Name: RoleListNamespaces, Title: "List namespaces",
		Description: "Sees which namespaces exist, so that the namespace selector can offer them. Every user needs it, bound cluster-wide.",
		Object:      rules(allow(read, GroupCore, "namespaces")),
	}
}

func listVMTemplatesRole() Role {
	return Role{
		Name: RoleListVMTemplates, Title: "List VM templates",
		Description: "Sees the VM templates, which are not in any namespace. Every user needs it, bound cluster-wide.",
		Object:      rules(allow(read, GroupTemplates, "vmtemplates")),
	}
}

// viewerRole reads and does nothing else. Palette does not say whether a viewer may open a console:
// KubeVirt's own view role may not, and Palette's Viewer lacks the operation that includes it, so no.
func viewerRole() Role {
	return Role{
		Name: RoleViewer, Title: "VM viewer", Persona: true,
		Description:  "Views virtual machines and what belongs to them.",
		Restrictions: []string{"cannot change or operate anything", "cannot open consoles or forward ports"},
		PaletteRoles: []string{"Cluster Viewer", "Virtual Machine Viewer"},
		Reading: "Reconstructed. Consoles are not mentioned for viewers; they are left out as in KubeVirt's view role, " +
			"since a console can change the guest. Snapshots can be read, as all other objects.",
		Object: rules(viewerRules()...),
	}
}

// userRole operates virtual machines that exist. The published table forbids launching, cloning, deleting
// and migrating. Snapshots: Palette's permission keys and its IAM roles let users take them, the table of
// cluster roles is silent, so reading only. Resizing: only the table of 2023 forbids it, but a permission to
// update the VM also switches runStrategy and everything else, so no update. Hot-plug follows resizing.
func userRole() Role {
	return Role{
		Name: RoleUser, Title: "VM user", Persona: true,
		Description: "Uses virtual machines made by others: start, stop, restart, pause, resume, reset, console, VNC, port forwarding.",
		Restrictions: []string{
			"cannot launch virtual machines", "cannot clone them", "cannot delete them", "cannot migrate them between nodes",
			"cannot change their specification or disks", "cannot take or restore snapshots",
		},
		PaletteRoles: []string{"Cluster Viewer", "Virtual Machine User"},
		Reading: "Reconstructed, stricter reading. Snapshots are read only: the table of cluster roles does not grant them, although " +
			"Palette's permission keys do. No update of the VM: the table of 2023 forbids resizing, and update would allow much more than that.",
		Object: rules(userRules()...),
	}
}

// powerUserRole does everything with virtual machines. The table of cluster roles restricts only the user
// from launching and deleting, although Palette's Virtual Machine Power User has neither key; the table is
// about Kubernetes permissions, so it decides. Secrets are left out: reading them is not a VM operation.
func powerUserRole() Role {
	return Role{
		Name: RolePowerUser, Title: "VM power user", Persona: true,
		Description: "Does most virtual machine operations: launch, edit, clone, snapshot, restore, migrate, hot-plug, export, delete.",
		Restrictions: []string{
			"cannot administer the cluster", "cannot manage or update VM templates", "cannot read secrets",
		},
		PaletteRoles: []string{"Cluster Viewer", "Virtual Machine Power User"},
		Reading: "Reconstructed. May create and delete: the table of cluster roles withholds that from users only, although Palette's " +
			"Virtual Machine Power User lacks both keys. Migration is granted in full, as KubeVirt 1.5 and newer took it out of edit and admin. " +
			"Templates are read only, although Palette's Editor may write them.",
		Object: rules(powerUserRules()...),
	}
}

// adminRole manages virtual machines, templates, namespaces and the bindings of the catalogue's roles.
// It may bind those roles without holding all they grant (verb bind with resourceNames), and no others, so
// it cannot make itself cluster-admin that way. Installing a pack needs the rights over what is in it.
func adminRole() Role {
	return Role{
		Name: RoleAdmin, Title: "VM administrator", Persona: true,
		Description: "Manages virtual machines, templates, KubeVirt and CDI, nodes, namespaces, cluster profiles, and who has which of vmdeck's roles.",
		PaletteRoles: []string{
			"Cluster Admin or Editor", "Cluster Profile Admin or Editor", "Virtual Machine Admin",
		},
		Reading: "Reconstructed. No restriction on virtual machines. Binds vmdeck's own roles only (verb bind by name), so that it is not " +
			"cluster-admin in disguise; installing packs needs, besides, the rights over the objects in them.",
		Object: rules(adminRules()...),
	}
}

func viewerRules() []rbacv1.PolicyRule {
	return []rbacv1.PolicyRule{
		allow(read, GroupKubeVirt, "virtualmachines", "virtualmachineinstances", "virtualmachineinstancemigrations",
			"virtualmachineinstancepresets", "virtualmachineinstancereplicasets"),
		allow([]string{"get", "list"}, GroupKubeVirt, "kubevirts"),
		allow(read, GroupSnapshot, "virtualmachinesnapshots", "virtualmachinesnapshotcontents", "virtualmachinerestores"),
		allow(read, GroupClone, "virtualmachineclones"),
		allow(read, GroupExport, "virtualmachineexports"),
		allow(read, GroupPool, "virtualmachinepools"),
		allow(read, GroupBackup, "virtualmachinebackups", "virtualmachinebackuptrackers"),
		allow(read, GroupInstancetype, instancetypes...),
		allow(read, GroupMigrations, "migrationpolicies"),
		allow(read, GroupCDI, "datavolumes", "datasources"),
		allow(read, GroupTemplates, "vmtemplates"),
		allow(read, GroupCore, "events", "pods", "persistentvolumeclaims"),
		allow([]string{"get"}, GroupSubresources, "virtualmachines/expand-spec", "virtualmachines/objectgraph",
			"virtualmachineinstances/guestosinfo", "virtualmachineinstances/filesystemlist",
			"virtualmachineinstances/userlist", "virtualmachineinstances/objectgraph"),
		// A dry calculation: PUT of a VM that answers with its expanded form and stores nothing.
		allow([]string{"update"}, GroupSubresources, "expand-vm-spec"),
	}
}

func userRules() []rbacv1.PolicyRule {
	return append(viewerRules(),
		allow([]string{"update"}, GroupSubresources, "virtualmachines/start", "virtualmachines/stop", "virtualmachines/restart",
			"virtualmachineinstances/pause", "virtualmachineinstances/unpause",
			"virtualmachineinstances/softreboot", "virtualmachineinstances/reset"),
		allow([]string{"get"}, GroupSubresources, "virtualmachineinstances/console", "virtualmachineinstances/vnc",
			"virtualmachineinstances/vnc/screenshot", "virtualmachineinstances/usbredir",
			"virtualmachineinstances/portforward", "virtualmachines/portforward"),
	)
}

func powerUserRules() []rbacv1.PolicyRule {
	return append(userRules(),
		allow(write, GroupKubeVirt, "virtualmachines", "virtualmachineinstances"),
		allow(slices.Concat(read, write, []string{"deletecollection"}), GroupKubeVirt, "virtualmachineinstancemigrations"),
		allow([]string{"update"}, GroupSubresources, "virtualmachines/migrate",
			// kube-apiserver checks the first segment, virt-api the whole: see Deep.
			"virtualmachines/evacuate", "virtualmachines/evacuate/cancel",
			"virtualmachineinstances/evacuate", "virtualmachineinstances/evacuate/cancel",
			"virtualmachines/addvolume", "virtualmachines/removevolume",
			"virtualmachineinstances/addvolume", "virtualmachineinstances/removevolume",
			"virtualmachines/memorydump", "virtualmachines/removememorydump",
			"virtualmachineinstances/freeze", "virtualmachineinstances/unfreeze"),
		allow(write, GroupSnapshot, "virtualmachinesnapshots", "virtualmachinerestores"),
		allow(write, GroupClone, "virtualmachineclones"),
		allow(write, GroupExport, "virtualmachineexports"),
		allow(write, GroupPool, "virtualmachinepools"),
		allow([]string{"get", "update", "patch"}, GroupPool, "virtualmachinepools/scale"),
		allow(write, GroupBackup, "virtualmachinebackups", "virtualmachinebackuptrackers"),
		allow(write, GroupCDI, "datavolumes"),
		// Cloning a template's disk from another namespace is authorised there, by this subresource.
		allow([]string{"create"}, GroupCDI, "datavolumes/source"),
		allow(write, GroupCore, "persistentvolumeclaims"),
		allow([]string{"get"}, GroupCore, "pods/log"),
		allow(read, "storage.k8s.io", "storageclasses"),
		allow(read, "k8s.cni.cncf.io", "network-attachment-definitions"),
	)
}

func adminRules() []rbacv1.PolicyRule {
	return append(powerUserRules(),
		rbacv1.PolicyRule{
			Verbs: []string{"*"}, Resources: []string{"*"},
			APIGroups: []string{
				GroupKubeVirt, GroupSubresources, GroupSnapshot, GroupClone, GroupExport, GroupPool, GroupBackup,
				GroupInstancetype, GroupMigrations, GroupCDI, GroupVMDeck,
			},
		},
		allow(write, GroupTemplates, "vmtemplates"),
		allow(slices.Concat(read, []string{"update", "patch"}), GroupCore, "nodes"),
		allow([]string{"delete"}, GroupCore, "pods"),
		allow([]string{"create"}, GroupCore, "pods/eviction"), // draining a node
		allow(slices.Concat(read, write), GroupCore, "namespaces"),
		allow(read, GroupRBAC, "roles", "clusterroles"),
		allow(slices.Concat(read, write), GroupRBAC, "rolebindings", "clusterrolebindings"),
		rbacv1.PolicyRule{
			Verbs: []string{"bind"}, APIGroups: []string{GroupRBAC}, Resources: []string{"clusterroles"}, ResourceNames: Names(),
		},
		// Checking what a subject of a binding may do, before and after it is made.
		allow([]string{"create"}, "authorization.k8s.io", "subjectaccessreviews", "localsubjectaccessreviews"),
		allow(read, "apiextensions.k8s.io", "customresourcedefinitions"),
	)
}

var (
	read  = []string{"get", "list", "watch"}
	write = []string{"create", "update", "patch", "delete"}

	instancetypes = []string{
		"virtualmachineinstancetypes", "virtualmachineclusterinstancetypes",
		"virtualmachinepreferences", "virtualmachineclusterpreferences",
	}
)

func allow(verbs []string, group string, resources ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{Verbs: slices.Clone(verbs), APIGroups: []string{group}, Resources: slices.Clone(resources)}
}

func rules(rs ...rbacv1.PolicyRule) *rbacv1.ClusterRole { return &rbacv1.ClusterRole{Rules: rs} }
