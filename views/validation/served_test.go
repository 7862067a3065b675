package validation

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// served are the resources that the server in memory says it has, by group.
var served = map[string][]string{
	rbac.GroupKubeVirt: {"kubevirts", "virtualmachines"}, rbac.GroupCDI: {"cdis", "storageprofiles"},
	rbac.GroupTemplates: {"vmtemplates"}, "snapshot.storage.k8s.io": {"volumesnapshotclasses"},
}

// discovery adds to the server in memory what everybody may ask of a real one: what it has.
type discovery struct{ next http.RoundTripper }

func connect(t testing.TB, api *fakeapi.Server, target kube.Target) *kube.Cluster {
	t.Helper()
	config := api.Config()
	config.Transport = discovery{config.Transport}
	cluster, err := kube.Connect(t.Context(), config, target)
	if err != nil {
		t.Fatal(err)
	}
	return cluster
}

func (d discovery) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := d.next.RoundTrip(r)
	if err != nil || answer.StatusCode == http.StatusServiceUnavailable {
		return answer, err
	}
	body, code := d.answer(r.URL.Path, answer.StatusCode)
	if body == nil {
		return answer, nil
	}
	data, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	_ = answer.Body.Close()
	answer.StatusCode, answer.ContentLength = code, int64(len(data))
	answer.Header.Set("Content-Type", "application/json")
	answer.Body = io.NopCloser(bytes.NewReader(data))
	return answer, nil
}

func (discovery) answer(path string, code int) (body any, as int) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case code == http.StatusUnauthorized && strings.HasSuffix(path, "/guestosinfo"): // kube-apiserver refuses before virt-api is asked
		return map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Forbidden", "code": 403}, http.StatusForbidden
	case code == http.StatusUnauthorized:
	case path == "/apis":
		var groups []any
		for name := range served {
			groups = append(groups, map[string]any{"name": name, "preferredVersion": map[string]any{"groupVersion": name + "/v1", "version": "v1"}})
		}
		return map[string]any{"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}, http.StatusOK
	case len(parts) == 3 && parts[0] == "apis" && served[parts[1]] != nil:
		var resources []any
		for _, name := range served[parts[1]] {
			resources = append(resources, map[string]any{"name": name})
		}
		return map[string]any{"kind": "APIResourceList", "apiVersion": "v1", "resources": resources}, http.StatusOK
	}
	return nil, 0
}

// platform is what a cluster has besides VMs when all of it is installed. The server in memory knows objects by a plural of their kind
// that only adds an s, so the kinds of the classes are odd.
func platform() []fakeapi.Object {
	meta := func(name string) map[string]any { return map[string]any{"name": name} }
	node := func(name string) fakeapi.Object {
		return fakeapi.Object{"apiVersion": "v1", "kind": "Node", "metadata": map[string]any{"name": name, "labels": map[string]any{"kubevirt.io/schedulable": "true"}}}
	}
	return []fakeapi.Object{
		fakeapi.Defined("vmtemplates.spectrocloud.com"), node("node-1"), node("node-2"),
		{"apiVersion": "kubevirt.io/v1", "kind": "KubeVirt", "metadata": map[string]any{"name": "kubevirt", "namespace": "kubevirt"},
			"spec":   map[string]any{"configuration": map[string]any{"developerConfiguration": map[string]any{"featureGates": []any{"Snapshot", "HotplugVolumes"}}}},
			"status": map[string]any{"phase": "Deployed", "observedKubeVirtVersion": "v1.9.0"}},
		{"apiVersion": "cdi.kubevirt.io/v1", "kind": "CDI", "metadata": meta("cdi"), "status": map[string]any{"phase": "Deployed", "observedVersion": "v1.64.0"}},
		{"apiVersion": "cdi.kubevirt.io/v1", "kind": "StorageProfile", "metadata": meta("ceph"),
			"status": map[string]any{"claimPropertySets": []any{map[string]any{"accessModes": []any{"ReadWriteMany"}}}}},
		{"apiVersion": "storage.k8s.io/v1", "kind": "StorageClasse", "metadata": map[string]any{"name": "ceph",
			"annotations": map[string]any{"storageclass.kubernetes.io/is-default-class": "true"}}, "provisioner": "rbd.csi.ceph.com"},
		{"apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshotClasse", "metadata": meta("ceph"), "driver": "rbd.csi.ceph.com"},
		{"apiVersion": "spectrocloud.com/v1", "kind": "VmTemplate", "metadata": meta("ubuntu"),
			"spec": map[string]any{"template": map[string]any{"spec": map[string]any{"domain": map[string]any{"devices": map[string]any{}}}}}},
	}
}
