package kube

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	virtv1 "kubevirt.io/api/core/v1"

	"vmdeck.dev/vmdeck/rbac"
)

func TestConnectIsSilent(t *testing.T) {
	server := newAPI()
	c := server.cluster(t, Target{Context: "demo"})
	c.REST(rbac.GroupKubeVirt, "v1")
	c.Access().Decide("a", startPerm)
	if n := server.count(""); n != 0 {
		t.Errorf("%d requests before anything was asked: %v", n, server.calls)
	}
	if c.Health().Status().State != Connecting {
		t.Error("a connection that was never used is not Connecting")
	}
}

func TestConnectFaults(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "ca.crt")
	if err := os.WriteFile(bad, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tt := range map[string]struct {
		ctx    context.Context
		config *rest.Config
	}{
		"missing certificate": {t.Context(), &rest.Config{Host: "https://x", TLSClientConfig: rest.TLSClientConfig{CAFile: filepath.Join(dir, "none")}}},
		"bad certificate":     {t.Context(), &rest.Config{Host: "https://x", TLSClientConfig: rest.TLSClientConfig{CAFile: bad}}},
		"bad host":            {t.Context(), &rest.Config{Host: "https://[::1"}},
		"ended":               {ended, &rest.Config{Host: "https://x"}},
	} {
		if _, err := Connect(tt.ctx, tt.config, Target{Context: "demo"}); err == nil || !strings.Contains(err.Error(), `context "demo"`) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestConnectSharesAndCopies(t *testing.T) {
	original := &rest.Config{Host: "https://x", QPS: 50, Burst: 100}
	c := connect(t, original, Target{Namespaces: []string{"a"}})
	original.Host = "https://y"
	c.Config().Host = "https://z"
	c.Target().Namespaces[0] = "b"
	if c.Config().Host != "https://x" || c.Target().Namespaces[0] != "a" {
		t.Errorf("config %s, target %v", c.Config().Host, c.Target())
	}
	if original.RateLimiter != nil {
		t.Error("the caller's config was changed")
	}
	vm := c.REST(rbac.GroupKubeVirt, "v1")
	if c.REST(rbac.GroupKubeVirt, "v1") != vm {
		t.Error("a second client for the same group and version")
	}
	if vm.Client != c.HTTPClient() || vm.GetRateLimiter() != c.REST("", "v1").GetRateLimiter() || vm.GetRateLimiter() != c.core.RESTClient().GetRateLimiter() {
		t.Error("clients do not share HTTP client and rate limiter")
	}
}

func TestRESTDecodesKubeVirt(t *testing.T) {
	server := newAPI()
	server.on("GET /apis/kubevirt.io/v1/namespaces/a/virtualmachines", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("labelSelector") != "app=db" || !strings.HasPrefix(r.Header.Get("Accept"), "application/json") {
			http.Error(w, r.URL.String(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(virtv1.VirtualMachineList{
			TypeMeta: metav1.TypeMeta{APIVersion: "kubevirt.io/v1", Kind: "VirtualMachineList"},
			Items:    []virtv1.VirtualMachine{{ObjectMeta: metav1.ObjectMeta{Name: "db"}}},
		})
	})
	c := server.cluster(t, Target{})
	var list virtv1.VirtualMachineList
	err := c.REST(rbac.GroupKubeVirt, "v1").Get().Namespace("a").Resource("virtualmachines").
		VersionedParams(&metav1.ListOptions{LabelSelector: "app=db"}, ParameterCodec()).Do(t.Context()).Into(&list)
	if err != nil || len(list.Items) != 1 || list.Items[0].Name != "db" {
		t.Errorf("%v %v", list.Items, err)
	}
}
