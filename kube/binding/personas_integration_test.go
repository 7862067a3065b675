package binding

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/kubetest"
	"vmdeck.dev/vmdeck/rbac"
)

// b1 is MISSION B1 in its own words, as permissions. May has the persona's initials: viewer, user, power user, admin.
var b1 = []struct {
	what  string
	perms []rbac.Permission
	may   string
}{
	{"viewer: views VMs", on("list", rbac.GroupKubeVirt, "virtualmachines"), "vupa"},
	{"viewer: views instances", on("get", rbac.GroupKubeVirt, "virtualmachineinstances"), "vupa"},
	{"viewer: views only: start", sub("start"), "upa"},
	{"viewer: views only: stop", sub("stop"), "upa"},
	{"viewer: views only: restart", sub("restart"), "upa"},
	{"viewer: views only: pause", rbac.Deep("update", rbac.GroupSubresources, "virtualmachineinstances/pause"), "upa"},
	{"viewer: views only: console", rbac.Deep("get", rbac.GroupSubresources, "virtualmachineinstances/console"), "upa"},
	{"user: cannot launch", on("create", rbac.GroupKubeVirt, "virtualmachines"), "pa"},
	{"user: cannot clone", on("create", rbac.GroupClone, "virtualmachineclones"), "pa"},
	{"user: cannot delete", on("delete", rbac.GroupKubeVirt, "virtualmachines"), "pa"},
	{"user: cannot migrate", sub("migrate"), "pa"},
	{"user: cannot migrate by object", on("create", rbac.GroupKubeVirt, "virtualmachineinstancemigrations"), "pa"},
	{"power-user: most VM operations: edit", on("patch", rbac.GroupKubeVirt, "virtualmachines"), "pa"},
	{"power-user: most VM operations: snapshot", on("create", rbac.GroupSnapshot, "virtualmachinesnapshots"), "pa"},
	{"power-user: most VM operations: restore", on("create", rbac.GroupSnapshot, "virtualmachinerestores"), "pa"},
	{"power-user: cannot manage templates", on("create", rbac.GroupTemplates, "vmtemplates"), "a"},
	{"power-user: cannot update templates", on("update", rbac.GroupTemplates, "vmtemplates"), "a"},
	{"power-user: cannot administer the cluster: nodes", on("patch", rbac.GroupCore, "nodes"), "a"},
	{"power-user: cannot administer the cluster: namespaces", on("create", rbac.GroupCore, "namespaces"), "a"},
	{"power-user: cannot administer the cluster: bindings", on("create", rbac.GroupRBAC, "rolebindings"), "a"},
	{"admin: manages the cluster: KubeVirt", on("patch", rbac.GroupKubeVirt, "kubevirts"), "a"},
	{"admin: manages VMs: all at once", on("deletecollection", rbac.GroupKubeVirt, "virtualmachines"), "a"},
	{"admin: manages templates", on("delete", rbac.GroupTemplates, "vmtemplates"), "a"},
	{"C1: sees namespaces", on("list", rbac.GroupCore, "namespaces"), "vupa"},
	{"C1: sees templates", on("list", rbac.GroupTemplates, "vmtemplates"), "vupa"},
}

func on(verb, group, resource string) []rbac.Permission {
	return []rbac.Permission{rbac.On(verb, group, resource)}
}

func sub(name string) []rbac.Permission {
	return rbac.Deep("update", rbac.GroupSubresources, "virtualmachines/"+name)
}

// TestIntegrationB1Personas holds the personas to MISSION B1 row by row, by the API server's answers.
func TestIntegrationB1Personas(t *testing.T) {
	admin := kubetest.Connect(t, "cluster-admin")
	var matrix strings.Builder
	for _, row := range b1 {
		fmt.Fprintf(&matrix, "%-55s", row.what)
		for _, persona := range []string{"viewer", "user", "power-user", "vm-admin"} {
			d, err := reviewAll(t.Context(), admin, admin.Authorization(), rbac.WhoIs(persona), kubetest.Namespace, row.perms)
			if err != nil {
				t.Fatal(err)
			}
			initial := strings.TrimPrefix(persona, "vm-")[:1]
			if want := strings.Contains(row.may, initial); d.Allowed() != want {
				t.Errorf("B1 %s: %s %v, want allowed %v", row.what, persona, d.Verdict, want)
			}
			fmt.Fprintf(&matrix, " %-8s", map[bool]string{true: "yes", false: "-"}[d.Allowed()])
		}
		matrix.WriteByte('\n')
	}
	t.Logf("the API server's answers: viewer, user, power-user, vm-admin\n%s", matrix.String())
}

// TestIntegrationB4WhyAgrees compares, for the seven identities and every action, what Why and WhoCan say with what each identity is
// answered itself.
func TestIntegrationB4WhyAgrees(t *testing.T) {
	admin := kubetest.Connect(t, "cluster-admin")
	world, err := Read(t.Context(), admin)
	if err != nil || len(world.Gaps) > 0 {
		t.Fatalf("%v, gaps %v", err, world.Gaps)
	}
	for _, identity := range kubetest.Identities() {
		cluster := kubetest.Connect(t, identity)
		me, err := cluster.WhoAmI(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		who := rbac.Who{User: me.User, Groups: me.Groups}
		for _, namespace := range []string{kubetest.Namespace, "default"} {
			for _, need := range Needs() {
				truth := cluster.Access().Ask(t.Context(), namespace, need.Perms...).Verdict
				where := fmt.Sprintf("%s, %s in %s", identity, need.ID, namespace)
				if got := world.Decide(who, namespace, need.Perms).Verdict; got != truth {
					t.Errorf("%s: evaluated %v, the server says %v", where, got, truth)
				}
				if got := held(world.WhoCan(need.Perms, namespace), who); got != (truth == rbac.Allowed) {
					t.Errorf("%s: who-can lists it %v, the server says %v", where, got, truth)
				}
			}
		}
		checkWhy(t, admin, cluster, identity, who)
	}
}

// held tells whether somebody is among the holders, by name or by group.
func held(holders []Holder, who rbac.Who) bool {
	return slices.ContainsFunc(holders, func(h Holder) bool { return who.Is(h.Subject) })
}

// checkWhy asks why as the identity itself and as the administrator in its place.
func checkWhy(t *testing.T, admin, cluster *kube.Cluster, identity string, who rbac.Who) {
	for _, id := range []string{"start", "migrate", "delete"} {
		need, _ := FindNeed(id)
		q := Question{Namespace: kubetest.Namespace, Perms: OnVM(need.Perms, "db-1")}
		own, err := Why(t.Context(), cluster, q)
		if err != nil {
			t.Fatalf("%s: %v", identity, err)
		}
		q.As = &who
		other, err := Why(t.Context(), admin, q)
		if err != nil {
			t.Fatalf("as %s: %v", identity, err)
		}
		if own.Source != Asked || other.Source != Impersonated || own.Decision.Verdict != other.Decision.Verdict || own.Who.User != other.Who.User {
			t.Errorf("%s, %s: itself %v (%v), impersonated %v (%v)", identity, id, own.Decision.Verdict, own.Source, other.Decision.Verdict, other.Source)
		}
		denied := own.Decision.Verdict == rbac.Denied
		if denied != (len(own.Fix) > 0) || denied != (len(other.Fix) > 0) || denied != (len(other.OnCluster) > 0) {
			t.Errorf("%s, %s is %v: %d and %d objects proposed, %d roles", identity, id, own.Decision.Verdict, len(own.Fix), len(other.Fix), len(other.OnCluster))
		}
		readable := identity == "cluster-admin" || identity == "vm-admin"
		if readable != (len(own.Gaps) == 0) {
			t.Errorf("%s: gaps %q", identity, own.Gaps)
		}
	}
}

// TestIntegrationB4WhyDegrades asks about somebody else with ever fewer rights.
func TestIntegrationB4WhyDegrades(t *testing.T) {
	need, _ := FindNeed("delete")
	alice := rbac.WhoIs("user")
	for asker, want := range map[string]struct {
		source  Source
		verdict rbac.Verdict
	}{
		"cluster-admin": {Impersonated, rbac.Denied}, "vm-admin": {Reviewed, rbac.Denied},
		"viewer": {Evaluated, rbac.Unknown}, "namespace-only": {Evaluated, rbac.Unknown}, "nobody": {Evaluated, rbac.Unknown},
	} {
		a, err := Why(t.Context(), kubetest.Connect(t, asker), Question{Namespace: kubetest.Namespace, Perms: need.Perms, As: &alice})
		if err != nil {
			t.Errorf("%s: %v", asker, err)
			continue
		}
		if a.Source != want.source || a.Decision.Verdict != want.verdict || a.Decision.Reason == "" {
			t.Errorf("%s: %v %v %q", asker, a.Source, a.Decision.Verdict, a.Decision.Reason)
		}
	}
}
