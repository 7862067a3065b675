package fakeapi

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	virtv1 "kubevirt.io/api/core/v1"

	"vmdeck.dev/vmdeck/rbac"
)

// The estate is only worth something while it holds nothing that KubeVirt's own types do not know.
func TestEstateIsKubeVirtObjects(t *testing.T) {
	var list struct{ Items []json.RawMessage }
	if err := json.Unmarshal(Estate(), &list); err != nil {
		t.Fatal(err)
	}
	statuses := map[virtv1.VirtualMachinePrintableStatus]bool{}
	for _, item := range list.Items {
		var kind struct{ Kind string }
		_ = json.Unmarshal(item, &kind)
		vm := &virtv1.VirtualMachine{}
		into := map[string]any{"VirtualMachine": vm, "VirtualMachineInstance": &virtv1.VirtualMachineInstance{}, "VirtualMachineInstanceMigration": &virtv1.VirtualMachineInstanceMigration{}}[kind.Kind]
		if into == nil {
			continue
		}
		dec := json.NewDecoder(bytes.NewReader(item))
		dec.DisallowUnknownFields()
		if err := dec.Decode(into); err != nil {
			t.Errorf("%s: %v", item, err)
		}
		if into == any(vm) {
			statuses[vm.Status.PrintableStatus] = true
		}
	}
	if len(statuses) != 17 {
		t.Errorf("the estate has %d statuses, want all 17: %v", len(statuses), statuses)
	}
}

// What the fake says in memory it says over a network too.
func TestMemoryIsLikeANetwork(t *testing.T) {
	s := New()
	s.Load(Estate())
	server := httptest.NewServer(s)
	defer server.Close()
	s.Become(Persona("ann", rbac.RoleViewer))
	for _, path := range []string{
		"/version", "/apis", "/apis/kubevirt.io/v1/virtualmachines?limit=3", "/apis/kubevirt.io/v1/namespaces/team-b/virtualmachineinstances",
		"/apis/kubevirt.io/v1/namespaces/team-a/virtualmachines/none", "/api/v1/namespaces", "/api/v1/secrets",
	} {
		var answers []string
		for base, client := range map[string]*http.Client{server.URL: server.Client(), "http://in.memory": {Transport: (*memory)(s)}} {
			resp, err := client.Get(base + path)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			answers = append(answers, resp.Header.Get("Content-Type")+" "+http.StatusText(resp.StatusCode)+" "+string(body))
		}
		if answers[0] != answers[1] {
			t.Errorf("%s: %.200q and %.200q", path, answers[0], answers[1])
		}
	}
}

func TestRightsDecide(t *testing.T) {
	s := New()
	s.Load(Estate())
	client := &http.Client{Transport: (*memory)(s)}
	ask := func(method, path string) int {
		req, err := http.NewRequest(method, "http://in.memory"+path, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	const vms, stop = "/apis/kubevirt.io/v1/namespaces/team-a/virtualmachines", "/apis/subresources.kubevirt.io/v1/namespaces/team-a/virtualmachines/ldap/stop"
	for _, tt := range []struct {
		name                 string
		user                 User
		all, list, put, kind int
	}{
		{"admin", Admin(), 200, 200, 202, 200},
		{"viewer", Persona("v", rbac.RoleViewer), 200, 200, 401, 200},
		{"namespace-only", NamespaceOnly("n", rbac.RolePowerUser, "team-a"), 403, 200, 202, 200},
		{"nobody", Nobody(), 403, 403, 401, 200},
		{"without", Admin().Without("*"), 403, 403, 401, 200},
	} {
		s.Become(tt.user)
		got := []int{ask("GET", "/apis/kubevirt.io/v1/virtualmachines"), ask("GET", vms), ask("PUT", stop), ask("GET", "/apis/kubevirt.io/v1/kubevirts")}
		for i, want := range []int{tt.all, tt.list, tt.put, tt.kind} {
			if got[i] != want {
				t.Errorf("%s: request %d was answered %d, want %d", tt.name, i, got[i], want)
			}
		}
	}
	if calls := s.Calls(); len(calls) != 2 || calls[0] != "PUT "+stop {
		t.Errorf("recorded %q", calls)
	}
}
