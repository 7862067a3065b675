package rbac

import (
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/component-helpers/auth/rbac/validation"
)

// personaMatrix is the requirement: which persona may do what. The columns are viewer, user, power user,
// admin.
var personaMatrix = []struct {
	what  string
	perms []Permission
	want  string
}{
	{"list virtual machines", verbs(read, GroupKubeVirt, "virtualmachines"), "vupa"},
	{"see instances and migrations", append(verbs(read, GroupKubeVirt, "virtualmachineinstances"), verbs(read, GroupKubeVirt, "virtualmachineinstancemigrations")...), "vupa"},
	{"see events", verbs(read, GroupCore, "events"), "vupa"},
	{"see pods", verbs(read, GroupCore, "pods"), "vupa"},
	{"see disks", append(verbs(read, GroupCDI, "datavolumes"), verbs(read, GroupCore, "persistentvolumeclaims")...), "vupa"},
	{"see instance types", verbs(read, GroupInstancetype, "virtualmachineclusterinstancetypes"), "vupa"},
	{"read KubeVirt's version", verbs([]string{"get", "list"}, GroupKubeVirt, "kubevirts"), "vupa"},
	{"see snapshots", verbs(read, GroupSnapshot, "virtualmachinesnapshots"), "vupa"},
	{"see templates", verbs(read, GroupTemplates, "vmtemplates"), "vupa"},
	{"guest information", Deep("get", GroupSubresources, "virtualmachineinstances/guestosinfo"), "vupa"},

	{"start", update("virtualmachines/start"), "upa"},
	{"stop", update("virtualmachines/stop"), "upa"},
	{"restart", update("virtualmachines/restart"), "upa"},
	{"pause", update("virtualmachineinstances/pause"), "upa"},
	{"unpause", update("virtualmachineinstances/unpause"), "upa"},
	{"soft reboot", update("virtualmachineinstances/softreboot"), "upa"},
	{"reset", update("virtualmachineinstances/reset"), "upa"},
	{"console", Deep("get", GroupSubresources, "virtualmachineinstances/console"), "upa"},
	{"VNC", Deep("get", GroupSubresources, "virtualmachineinstances/vnc"), "upa"},
	{"screenshot", Deep("get", GroupSubresources, "virtualmachineinstances/vnc/screenshot"), "upa"},
	{"forward ports", append(Deep("get", GroupSubresources, "virtualmachineinstances/portforward"), Deep("get", GroupSubresources, "virtualmachines/portforward")...), "upa"},

	{"launch", verbs([]string{"create"}, GroupKubeVirt, "virtualmachines"), "pa"},
	{"launch with disks", verbs([]string{"create"}, GroupCDI, "datavolumes"), "pa"},
	{"edit", verbs([]string{"update", "patch"}, GroupKubeVirt, "virtualmachines"), "pa"},
	{"delete", verbs([]string{"delete"}, GroupKubeVirt, "virtualmachines"), "pa"},
	{"clone", verbs([]string{"create"}, GroupClone, "virtualmachineclones"), "pa"},
	{"take a snapshot", verbs([]string{"create"}, GroupSnapshot, "virtualmachinesnapshots"), "pa"},
	{"delete a snapshot", verbs([]string{"delete"}, GroupSnapshot, "virtualmachinesnapshots"), "pa"},
	{"restore", verbs([]string{"create"}, GroupSnapshot, "virtualmachinerestores"), "pa"},
	{"migrate", update("virtualmachines/migrate"), "pa"},
	{"cancel a migration", verbs([]string{"delete"}, GroupKubeVirt, "virtualmachineinstancemigrations"), "pa"},
	{"cancel an evacuation", append(Deep("update", GroupSubresources, "virtualmachines/evacuate/cancel"), Deep("update", GroupSubresources, "virtualmachineinstances/evacuate/cancel")...), "pa"},
	{"hot-plug a disk", append(update("virtualmachines/addvolume"), update("virtualmachines/removevolume")...), "pa"},
	{"export", verbs([]string{"create", "delete"}, GroupExport, "virtualmachineexports"), "pa"},

	{"change templates", verbs(write, GroupTemplates, "vmtemplates"), "a"},
	{"change one verb of templates", verbs([]string{"update"}, GroupTemplates, "vmtemplates"), "a"},
	{"see nodes", verbs(read, GroupCore, "nodes"), "a"},
	{"cordon a node", verbs([]string{"patch"}, GroupCore, "nodes"), "a"},
	{"drain a node", Deep("create", GroupCore, "pods/eviction"), "a"},
	{"create namespaces", verbs([]string{"create"}, GroupCore, "namespaces"), "a"},
	{"bind roles", append(verbs(write, GroupRBAC, "rolebindings"), verbs(write, GroupRBAC, "clusterrolebindings")...), "a"},
	{"configure KubeVirt", verbs([]string{"patch"}, GroupKubeVirt, "kubevirts"), "a"},
	{"create profiles", verbs([]string{"create"}, GroupVMDeck, "clusterprofiles"), "a"},
	{"keep binding rules", verbs([]string{"create", "update", "delete"}, GroupVMDeck, "rolebindingrules"), "a"},
	{"see custom resource definitions", verbs(read, "apiextensions.k8s.io", "customresourcedefinitions"), "a"},

	{"read secrets", verbs([]string{"get"}, GroupCore, "secrets"), ""},
	{"bind cluster-admin", named("bind", GroupRBAC, "clusterroles", "cluster-admin"), ""},
	{"escalate", verbs([]string{"escalate"}, GroupRBAC, "clusterroles"), ""},
	{"write roles", verbs([]string{"create"}, GroupRBAC, "clusterroles"), ""},
	{"impersonate", verbs([]string{"impersonate"}, GroupCore, "users"), ""},
}

func TestPersonas(t *testing.T) {
	letters := map[string]string{RoleViewer: "v", RoleUser: "u", RolePowerUser: "p", RoleAdmin: "a"}
	for _, row := range personaMatrix {
		t.Run(row.what, func(t *testing.T) {
			for _, role := range Personas() {
				want := strings.Contains(row.want, letters[role.Name])
				if missing := role.Rules().Missing(row.perms); (len(missing) == 0) != want {
					t.Errorf("%s: want %v, missing %v", role.Name, want, missing)
				}
			}
		})
	}
}

// A persona that may not do something may not do any part of it either, for the parts that matter.
func TestRestrictedPersonasHoldNoPartOfIt(t *testing.T) {
	forbidden := map[string][]Permission{
		RoleUser:      slices.Concat(verbs(append(slices.Clone(write), "deletecollection"), GroupKubeVirt, "virtualmachines"), verbs(write, GroupClone, "virtualmachineclones"), verbs(write, GroupSnapshot, "virtualmachinesnapshots"), verbs(write, GroupKubeVirt, "virtualmachineinstancemigrations"), update("virtualmachines/migrate")),
		RolePowerUser: slices.Concat(verbs(write, GroupTemplates, "vmtemplates"), verbs(write, GroupCore, "nodes"), verbs(write, GroupRBAC, "rolebindings"), verbs([]string{"get", "list"}, GroupCore, "secrets")),
	}
	for name, perms := range forbidden {
		role, _ := Lookup(name)
		for _, p := range perms {
			if role.Rules().Allows(p) {
				t.Errorf("%s may %v", name, p)
			}
		}
	}
	viewer, _ := Lookup(RoleViewer)
	for _, r := range viewer.Rules() {
		for _, v := range r.Verbs {
			if !slices.Contains(read, v) && !slices.Equal(r.Resources, []string{"expand-vm-spec"}) {
				t.Errorf("the viewer may %s %v", v, r.Resources)
			}
		}
	}
}

func TestPersonasGrow(t *testing.T) {
	personas := Personas()
	for i := 1; i < len(personas); i++ {
		less, more := personas[i-1], personas[i]
		if ok, missing := validation.Covers(more.Object.Rules, less.Object.Rules); !ok {
			t.Errorf("%s lacks %v of %s", more.Name, missing, less.Name)
		}
		if ok, _ := validation.Covers(less.Object.Rules, more.Object.Rules); ok {
			t.Errorf("%s has all that %s has", less.Name, more.Name)
		}
	}
}

func TestAdminBindsExactlyTheCatalogue(t *testing.T) {
	admin, _ := Lookup(RoleAdmin)
	for _, r := range Catalogue() {
		if !admin.Rules().AllowsAll(named("bind", GroupRBAC, "clusterroles", r.Name)) {
			t.Errorf("the admin may not bind %s", r.Name)
		}
	}
	var bindable []string
	for _, r := range admin.Rules() {
		if hasOrAll(r.Verbs, "bind") && hasOrAll(r.APIGroups, GroupRBAC) {
			bindable = append(bindable, r.ResourceNames...)
		}
	}
	if !slices.Equal(bindable, Names()) {
		t.Errorf("the admin binds %v", bindable)
	}
}

func TestCatalogueObjects(t *testing.T) {
	var names []string
	for _, r := range Catalogue() {
		names = append(names, r.Name)
		o := r.Object
		if o.Kind != "ClusterRole" || o.APIVersion != "rbac.authorization.k8s.io/v1" || o.Name != r.Name || o.AggregationRule != nil {
			t.Errorf("%s: object is %s %s %s", r.Name, o.APIVersion, o.Kind, o.Name)
		}
		if r.Description == "" || o.Annotations[AnnotationDescription] != r.Description || o.Annotations[AnnotationReading] != r.Reading {
			t.Errorf("%s: annotations %v", r.Name, o.Annotations)
		}
		if r.Persona && (len(r.PaletteRoles) == 0 || r.Reading == "") {
			t.Errorf("%s has no Palette roles or does not say how it was read", r.Name)
		}
		for _, rule := range r.Rules() {
			if len(rule.Verbs) == 0 || len(rule.APIGroups) == 0 || len(rule.Resources) == 0 || slices.ContainsFunc(rule.Resources, func(s string) bool { return strings.HasSuffix(s, "/*") }) {
				t.Errorf("%s has a rule that matches nothing: %v", r.Name, rule)
			}
		}
	}
	slices.Sort(names)
	want := slices.Sorted(slices.Values(Names()))
	if !slices.Equal(names, want) {
		t.Errorf("catalogue %v, names %v", names, want)
	}
}

func TestCatalogueIsFresh(t *testing.T) {
	Catalogue()[0].Object.Rules[0] = rbacv1.PolicyRule{}
	if len(Catalogue()[0].Rules()[0].Verbs) == 0 {
		t.Error("changing a returned role changed the catalogue")
	}
}

func TestGranting(t *testing.T) {
	tests := []struct {
		perms []Permission
		want  []string
	}{
		{nil, nil},
		{update("virtualmachines/start"), []string{RoleUser, RolePowerUser, RoleAdmin}},
		{append(update("virtualmachines/start"), verbs(write, GroupTemplates, "vmtemplates")...), []string{RoleAdmin}},
		{verbs([]string{"list"}, GroupCore, "namespaces"), []string{RoleListNamespaces, RoleAdmin}},
		{verbs([]string{"get"}, GroupCore, "secrets"), nil},
	}
	for _, tt := range tests {
		if got := Granting(tt.perms...); !slices.Equal(got, tt.want) {
			t.Errorf("Granting(%v) = %v, want %v", tt.perms, got, tt.want)
		}
	}
}

func update(resource string) []Permission { return Deep("update", GroupSubresources, resource) }

func verbs(vs []string, group, resource string) []Permission {
	var out []Permission
	for _, v := range vs {
		out = append(out, On(v, group, resource))
	}
	return out
}

func named(verb, group, resource, name string) []Permission {
	p := On(verb, group, resource)
	p.Name = name
	return []Permission{p}
}
