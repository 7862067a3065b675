package rights

import (
	"fmt"
	"testing"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// frame is one golden frame: what there is, and what the user does.
type frame struct {
	name string
	setting
	keys []string
}

func goldens(t *testing.T, frames []frame) {
	t.Helper()
	for _, f := range frames {
		for _, size := range []struct{ w, h int }{{80, 24}, {120, 40}} {
			t.Run(fmt.Sprintf("%s/%dx%d", f.name, size.w, size.h), func(t *testing.T) {
				s := f.setting
				s.w, s.h = size.w, size.h
				inWorld(t, s, func(w *world) {
					w.press(f.keys...)
					w.Golden()
				})
			})
		}
	}
}

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
	goldens(t, []frame{
		{name: "catalogue", setting: setting{page: matrix}},
		{name: "cell", setting: setting{page: matrix}, keys: []string{"right", "G"}},
		{name: "differs", setting: setting{page: matrix, prepare: drifted}, keys: []string{"right", "j", "j", "j"}},
		{name: "absent", setting: setting{page: matrix, prepare: nothingInstalled}},
		{name: "ascii", setting: setting{page: matrix, prepare: drifted, ascii: true}, keys: []string{"right", "j", "j", "j"}},
		{name: "early", setting: setting{page: matrix, early: true, prepare: func(api *fakeapi.Server) { api.Hang() }}},
		{name: "unreadable", setting: setting{page: matrix, as: "bob"}},
		{name: "rules", setting: setting{page: matrix, prepare: drifted}, keys: []string{"right", "enter"}},
	})
}

func TestFramesB3CustomRoles(t *testing.T) {
	goldens(t, []frame{
		{name: "custom", setting: setting{page: matrix, prepare: customRoles}, keys: []string{"end", "left"}},
		{name: "last", setting: setting{page: matrix, prepare: customRoles}, keys: []string{"end"}},
	})
}

func TestFramesB1Install(t *testing.T) {
	goldens(t, []frame{
		{name: "all", setting: setting{page: matrix, prepare: nothingInstalled}, keys: []string{"I"}},
		{name: "drifted", setting: setting{page: matrix, prepare: drifted}, keys: []string{"I"}},
		{name: "kept", setting: setting{page: matrix, prepare: keptByOthers}, keys: []string{"I"}},
		{name: "not-permitted", setting: setting{page: matrix, as: "bob"}, keys: []string{"I"}},
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
	goldens(t, []frame{
		{name: "everywhere", setting: setting{page: whoCan("start", "")}},
		{name: "namespace", setting: setting{page: whoCan("migrate", "team-a")}},
		{name: "verified", setting: setting{page: whoCan("start", "")}, keys: []string{"v"}},
		{name: "filtered", setting: setting{page: whoCan("start", "")}, keys: []string{"/", "b", "o", "b", "enter"}},
		{name: "nothing-matches", setting: setting{page: whoCan("start", "")}, keys: []string{"/", "z", "z", "enter"}},
		{name: "nobody", setting: setting{page: whoCan("delete", "team-b"), prepare: onlyAuditors, as: "auditor"}},
		{name: "unreadable", setting: setting{page: whoCan("start", "team-b"), as: "bob"}},
		{name: "early", setting: setting{page: whoCan("start", ""), early: true, prepare: func(api *fakeapi.Server) { api.Hang() }}},
		{name: "actions", setting: setting{page: whoCan("start", "")}, keys: []string{"a"}},
	})
}
