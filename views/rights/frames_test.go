package rights

import (
	"testing"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

type frame = drive.Frame[setting, *world]

var press = drive.Press[*world]

// nothingInstalled takes the catalogue away.
func nothingInstalled(api *fakeapi.Server) {
	for _, name := range rbac.Names() {
		api.Delete("clusterroles", "", name)
	}
}

// drifted gives the user's role a right more and takes most away.
func drifted(api *fakeapi.Server) {
	viewer, _ := rbac.Lookup(rbac.RoleViewer)
	rules := append(viewer.Rules(), rule("update", rbac.GroupSubresources, "virtualmachines/start"), rule("get", "", "secrets"))
	api.Put(fakeapi.ClusterRole(rbac.RoleUser, rules...))
}

// customRoles are roles besides the catalogue, the names of which are long.
func customRoles(api *fakeapi.Server) {
	api.Put(fakeapi.ClusterRole("edit", rule("*", rbac.GroupKubeVirt, "virtualmachines"), rule("update", rbac.GroupSubresources, "*")),
		fakeapi.ClusterRole("kubevirt.io:view", rule("list", rbac.GroupKubeVirt, "virtualmachines")),
		fakeapi.ClusterRole("monitoring-of-virtual-machines-and-everything-else", rule("list", rbac.GroupKubeVirt, "virtualmachines")),
		fakeapi.ClusterRole("nothing-to-do-with-vms", rule("list", "", "pods")),
		fakeapi.ClusterRole("system:controller:everything", rule("*", "*", "*")),
		fakeapi.Object{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": map[string]any{"namespace": "team-a", "name": "starter"},
			"rules": []any{map[string]any{"verbs": []any{"update"}, "apiGroups": []any{rbac.GroupSubresources}, "resources": []any{"virtualmachines/start"}}}})
}

func TestFramesB1B2Roles(t *testing.T) {
	drive.Goldens(t, inWorld, []frame{
		{Name: "catalogue", Setting: setting{page: matrix}},
		{Name: "cell", Setting: setting{page: matrix}, Do: press("right", "G")},
		{Name: "differs", Setting: setting{page: matrix, prepare: drifted}, Do: press("right", "j", "j", "j")},
		{Name: "absent", Setting: setting{page: matrix, prepare: nothingInstalled}},
		{Name: "ascii", Setting: setting{page: matrix, prepare: drifted, ascii: true}, Do: press("right", "j", "j", "j")},
		{Name: "early", Setting: setting{page: matrix, early: true, prepare: func(api *fakeapi.Server) { api.Hang() }}},
		{Name: "unreadable", Setting: setting{page: matrix, as: "bob"}},
		{Name: "rules", Setting: setting{page: matrix, prepare: drifted}, Do: press("right", "enter")},
	})
}

func TestFramesB3CustomRoles(t *testing.T) {
	drive.Goldens(t, inWorld, []frame{
		{Name: "custom", Setting: setting{page: matrix, prepare: customRoles}, Do: press("end", "left")},
		{Name: "last", Setting: setting{page: matrix, prepare: customRoles}, Do: press("end")},
	})
}

func TestFramesB1Install(t *testing.T) {
	drive.Goldens(t, inWorld, []frame{
		{Name: "all", Setting: setting{page: matrix, prepare: nothingInstalled}, Do: press("I")},
		{Name: "drifted", Setting: setting{page: matrix, prepare: drifted}, Do: press("I")},
		{Name: "kept", Setting: setting{page: matrix, prepare: keptByOthers}, Do: press("I")},
		{Name: "not-permitted", Setting: setting{page: matrix, as: "bob"}, Do: press("I")},
	})
}

// onlyAuditors leaves nobody but one who reads roles and bindings.
func onlyAuditors(api *fakeapi.Server) {
	nothingInstalled(api)
	api.Delete("clusterroles", "", "cluster-admin")
	api.Put(fakeapi.ClusterRole("auditor", rule("list", rbac.GroupRBAC, "*"), rule("list", "", "namespaces")), fakeapi.Bound("", "auditors", "auditor", user("auditor")))
}

func keptByOthers(api *fakeapi.Server) {
	drifted(api)
	api.Delete("clusterroles", "", rbac.RoleViewer)
	api.FailCall(rbac.RoleUser, 409, `Apply failed with 1 conflict: conflict with "kubectl-edit" using rbac.authorization.k8s.io/v1: .rules`)
}

func TestFramesB4WhoCan(t *testing.T) {
	drive.Goldens(t, inWorld, []frame{
		{Name: "everywhere", Setting: setting{page: whoCan("start", "")}},
		{Name: "namespace", Setting: setting{page: whoCan("migrate", "team-a")}},
		{Name: "verified", Setting: setting{page: whoCan("start", "")}, Do: press("v")},
		{Name: "filtered", Setting: setting{page: whoCan("start", "")}, Do: press("/", "b", "o", "b", "enter")},
		{Name: "nothing-matches", Setting: setting{page: whoCan("start", "")}, Do: press("/", "z", "z", "enter")},
		{Name: "nobody", Setting: setting{page: whoCan("delete", "team-b"), prepare: onlyAuditors, as: "auditor"}},
		{Name: "unreadable", Setting: setting{page: whoCan("start", "team-b"), as: "bob"}},
		{Name: "early", Setting: setting{page: whoCan("start", ""), early: true, prepare: func(api *fakeapi.Server) { api.Hang() }}},
		{Name: "actions", Setting: setting{page: whoCan("start", "")}, Do: press("a")},
	})
}
