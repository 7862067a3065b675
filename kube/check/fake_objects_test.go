package check

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/rbac"
)

func (f *fake) groups() metav1.APIGroupList {
	var list metav1.APIGroupList
	for _, path := range slices.Sorted(maps.Keys(f.pages)) {
		if parts := strings.Split(path, "/"); len(parts) == 4 && parts[1] == "apis" {
			list.Groups = append(list.Groups, metav1.APIGroup{Name: parts[2], PreferredVersion: metav1.GroupVersionForDiscovery{Version: parts[3]}})
		}
	}
	return list
}

// object answers for a path: RBAC's objects and namespaces as they are, all else from pages, and what the user may do.
func (f *fake) object(w http.ResponseWriter, r *http.Request, who rbac.Who) {
	namespace, p := request(r)
	if p.Resource != "" && p.Group != "subresources.kubevirt.io" && !f.may(who, namespace, p) {
		refuse(w, 403, fmt.Sprintf("%s cannot %s", who.User, p))
		return
	}
	if found, ok := f.pages[r.URL.Path]; ok {
		switch {
		case found.code == 401:
			w.WriteHeader(401)
			_, _ = io.WriteString(w, found.text)
		case found.code != 0:
			refuse(w, found.code, found.text)
		default:
			send(w, found.body)
		}
		return
	}
	switch p.Resource {
	case "namespaces", "clusterroles", "roles", "clusterrolebindings", "rolebindings":
		send(w, f.listOf(p.Resource, namespace))
	case "virtualmachines":
		send(w, map[string]any{"items": []any{}})
	default:
		http.Error(w, "404 page not found", http.StatusNotFound)
	}
}

func (f *fake) listOf(resource, namespace string) any {
	var items []any
	meta := func(namespace, name string) metav1.ObjectMeta {
		return metav1.ObjectMeta{Namespace: namespace, Name: name}
	}
	switch resource {
	case "namespaces":
		for _, name := range f.namespaces {
			items = append(items, corev1.Namespace{ObjectMeta: meta("", name)})
		}
	case "clusterroles":
		for ref, rules := range f.roles {
			items = append(items, rbacv1.ClusterRole{ObjectMeta: meta("", ref.Name), Rules: rules})
		}
	case "clusterrolebindings", "rolebindings":
		for _, b := range f.bindings {
			if (b.Namespace == "") == (resource == "clusterrolebindings") && (namespace == "" || namespace == b.Namespace) {
				items = append(items, b.Object())
			}
		}
	}
	kinds := map[string]string{"namespaces": "NamespaceList", "clusterroles": "ClusterRoleList", "roles": "RoleList",
		"clusterrolebindings": "ClusterRoleBindingList", "rolebindings": "RoleBindingList"}
	version := "rbac.authorization.k8s.io/v1"
	if resource == "namespaces" {
		version = "v1"
	}
	return map[string]any{"kind": kinds[resource], "apiVersion": version, "metadata": map[string]any{}, "items": items}
}

// request is what a path asks for in RBAC's terms; without a resource it is about something that everybody may read.
func request(r *http.Request) (namespace string, p rbac.Permission) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if parts[0] == "apis" && len(parts) > 1 {
		p.Group, parts = parts[1], parts[1:]
	}
	parts = parts[min(2, len(parts)):]
	if len(parts) > 1 && parts[0] == "namespaces" {
		namespace, parts = parts[1], parts[2:]
	}
	if len(parts) == 0 {
		return namespace, rbac.Permission{}
	}
	p.Resource, p.Verb = parts[0], "list"
	if len(parts) > 1 {
		p.Verb, p.Name = "get", parts[1]
	}
	if r.Method == http.MethodPost {
		p.Verb = "create"
	}
	if p.Group == "kubevirt.io" && p.Resource == "kubevirts" {
		return namespace, rbac.Permission{} // every authenticated user may
	}
	return namespace, p
}

func send(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func refuse(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	status := metav1.Status{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: "Failure", Message: text, Code: int32(code)}
	status.Reason = map[int]metav1.StatusReason{403: metav1.StatusReasonForbidden, 404: metav1.StatusReasonNotFound, 422: metav1.StatusReasonInvalid,
		503: metav1.StatusReasonServiceUnavailable, 500: metav1.StatusReasonInternalError}[code]
	_ = json.NewEncoder(w).Encode(status)
}
