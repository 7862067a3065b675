package check

// checks is the table of all checks, in the order of Groups.
var checks = []*Check{
	{ID: "platform.kubevirt", Group: Platform, Title: "KubeVirt", run: checkKubeVirt,
		Proves: "KubeVirt is installed and says that it is deployed."},
	{ID: "platform.virt-api", Group: Platform, Title: "virt-api", run: checkVirtAPI,
		Proves: "virt-api answers behind the API server and permits what the API server permits."},
	{ID: "platform.nodes", Group: Platform, Title: "Nodes for VMs", run: checkNodes,
		Proves: "Two nodes at least can run VMs, so that VMs can migrate."},
	{ID: "platform.gates", Group: Platform, Title: "Feature gates", run: checkGates,
		Proves: "KubeVirt's feature gates for snapshots and hot-plug are on, as its version names them."},
	{ID: "platform.cdi", Group: Platform, Title: "CDI", run: checkCDI,
		Proves: "CDI is installed and says that it is deployed."},

	{ID: "roles.catalogue", Group: Roles, Title: "Catalogue roles", run: checkRoles,
		Proves: "The six cluster roles of the catalogue exist and grant what it says."},

	{ID: "bindings.personas", Group: Bindings, Title: "Users of VMs", run: checkPersonas,
		Proves: "Somebody is bound to a role over VMs."},
	{ID: "bindings.orphans", Group: Bindings, Title: "Roles of bindings", run: checkOrphans,
		Proves: "No binding names a role that does not exist."},
	{ID: "bindings.lists", Group: Bindings, Title: "Lists for everybody", run: checkLists,
		Proves: "Everybody who uses VMs can list namespaces and VM templates."},
	{ID: "bindings.rules", Group: Bindings, Title: "Binding rules", run: checkRules,
		Proves: "The bindings are as the stored rules say."},

	{ID: "access.own", Group: Access, Title: "Own rights", run: checkOwn,
		Proves: "The chosen user may see VMs and do something with them."},
	{ID: "access.personas", Group: Access, Title: "Rights of personas", run: checkAccess,
		Proves: "Subjects may do what their persona is meant to, and no more, as the API server says."},

	{ID: "identity.user", Group: Identity, Title: "Login", run: checkIdentity,
		Proves: "The API server knows who the user is."},
	{ID: "identity.oidc", Group: Identity, Title: "OIDC", run: checkOIDC,
		Proves: "The API server trusts the identity provider that was chosen, where that takes OIDC."},

	{ID: "network.proxy", Group: Network, Title: "Proxy", run: checkProxy,
		Proves: "Where Access is Proxied, the proxy answers on port 443."},
	{ID: "network.registry", Group: Network, Title: "Registries", run: checkRegistry,
		Proves: "The registries that packs come from answer."},

	{ID: "namespaces.dedicated", Group: Namespaces, Title: "Namespaces for VMs", run: checkSpaces,
		Proves: "VMs have a namespace of their own and need not live in default."},

	{ID: "templates.kind", Group: Templates, Title: "VM templates", run: checkTemplateKind,
		Proves: "The cluster knows the kind VmTemplate."},
	{ID: "templates.deploy", Group: Templates, Title: "Deploy from template", run: checkTemplates,
		Proves: "A VM can be made from each template."},

	{ID: "storage.classes", Group: Storage, Title: "Storage classes", run: checkClasses,
		Proves: "Disks can be made without naming a storage class."},
	{ID: "storage.snapshots", Group: Storage, Title: "Volume snapshots", run: checkSnapshots,
		Proves: "Disks of every storage class can be snapshotted."},
	{ID: "storage.shared", Group: Storage, Title: "Shared storage", run: checkShared,
		Proves: "VMs with disks can live-migrate."},

	{ID: "profile.applied", Group: Profile, Title: "Cluster profile", run: checkApplied,
		Proves: "The profile that was applied is in the list, and the cluster is as it says."},
	{ID: "profile.packs", Group: Profile, Title: "Packs", run: checkPacks,
		Proves: "The packs of the profile are installed and whole."},
	{ID: "profile.entry", Group: Profile, Title: "Tab or Connect", run: checkEntry,
		Proves: "Virtual Machines or Connect is shown as the identity provider says."},
}
