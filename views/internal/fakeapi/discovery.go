package fakeapi

import (
	"net/http"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/rbac"
)

// served are the kinds that clients which look kinds up can find, by group and version; those of KubeVirt come and go with it, and custom
// ones with their definitions.
var served = map[string][]metav1.APIResource{
	"v1": {
		{Name: "configmaps", Kind: "ConfigMap", Namespaced: true}, {Name: "namespaces", Kind: "Namespace"}, {Name: "secrets", Kind: "Secret", Namespaced: true},
		{Name: "serviceaccounts", Kind: "ServiceAccount", Namespaced: true}, {Name: "services", Kind: "Service", Namespaced: true},
	},
	"apps/v1": {
		{Name: "daemonsets", Kind: "DaemonSet", Namespaced: true}, {Name: "deployments", Kind: "Deployment", Namespaced: true},
		{Name: "statefulsets", Kind: "StatefulSet", Namespaced: true},
	},
	"apiextensions.k8s.io/v1": {{Name: "customresourcedefinitions", Kind: "CustomResourceDefinition"}},
	"coordination.k8s.io/v1":  {{Name: "leases", Kind: "Lease", Namespaced: true}},
	rbac.GroupRBAC + "/v1": {
		{Name: "clusterrolebindings", Kind: "ClusterRoleBinding"}, {Name: "clusterroles", Kind: "ClusterRole"},
		{Name: "rolebindings", Kind: "RoleBinding", Namespaced: true}, {Name: "roles", Kind: "Role", Namespaced: true},
	},
	rbac.GroupKubeVirt + "/v1": {
		{Name: "kubevirts", Kind: "KubeVirt", Namespaced: true}, {Name: "virtualmachineinstancemigrations", Kind: "VirtualMachineInstanceMigration", Namespaced: true},
		{Name: "virtualmachineinstances", Kind: "VirtualMachineInstance", Namespaced: true}, {Name: "virtualmachines", Kind: "VirtualMachine", Namespaced: true},
	},
	rbac.GroupSubresources + "/v1": {{Name: "virtualmachines/start", Kind: "VirtualMachine", Namespaced: true}},
	rbac.GroupClone + "/v1":        {{Name: "virtualmachineclones", Kind: "VirtualMachineClone", Namespaced: true}},
	"instancetype.kubevirt.io/v1":  {{Name: "virtualmachineinstancetypes", Kind: "VirtualMachineInstancetype", Namespaced: true}},
	rbac.GroupTemplates + "/v1":    {{Name: "vmtemplates", Kind: "VmTemplate"}},
	rbac.GroupVMDeck + "/v1alpha1": {
		{Name: "clusterprofiles", Kind: "ClusterProfile"}, {Name: "rolebindingrules", Kind: "RoleBindingRule"},
	},
}

// discover answers which kinds there are, which everybody may ask; it reports false where something else was asked.
func (s *Server) discover(w http.ResponseWriter, r *http.Request) bool {
	path := strings.Trim(r.URL.Path, "/")
	version, group := strings.CutPrefix(path, "apis/")
	switch {
	case path == "api":
		reply(w, metav1.APIVersions{TypeMeta: metav1.TypeMeta{Kind: "APIVersions"}, Versions: []string{"v1"}})
	case path == "apis":
		s.groups(w)
	case path == "api/v1":
		s.resources(w, "v1")
	case group && served[version] != nil:
		s.resources(w, version)
	default:
		return false
	}
	return true
}

// groups lists the groups that have kinds now.
func (s *Server) groups(w http.ResponseWriter) {
	versions := []string{}
	for version := range served {
		if strings.Contains(version, "/") && len(s.found(version)) > 0 {
			versions = append(versions, version)
		}
	}
	slices.Sort(versions)
	groups := []any{}
	for _, version := range versions {
		name, number, _ := strings.Cut(version, "/")
		v := map[string]any{"groupVersion": version, "version": number}
		groups = append(groups, map[string]any{"name": name, "versions": []any{v}, "preferredVersion": v})
	}
	reply(w, map[string]any{"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

func (s *Server) resources(w http.ResponseWriter, version string) {
	list := metav1.APIResourceList{TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: version, APIResources: s.found(version)}
	reply(w, list)
}

// found are the kinds of a group and version that are there now.
func (s *Server) found(version string) []metav1.APIResource {
	group, _, _ := strings.Cut(version, "/")
	s.mu.Lock()
	absent := s.faults.noKubeVirt && strings.HasSuffix(group, rbac.GroupKubeVirt)
	s.mu.Unlock()
	out := []metav1.APIResource{}
	for _, r := range served[version] {
		if absent || custom(group) && s.Get("customresourcedefinitions", "", r.Name+"."+group) == nil {
			continue
		}
		r.Verbs = metav1.Verbs{"create", "delete", "get", "list", "patch", "update", "watch"}
		out = append(out, r)
	}
	return out
}

func custom(group string) bool { return group == rbac.GroupVMDeck || group == rbac.GroupTemplates }
