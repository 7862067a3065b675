package check

import (
	"encoding/json"
	"strings"
	"testing"

	"vmdeck.dev/vmdeck/rbac"
)

// broken is a check that is to turn when something is broken.
type broken struct {
	name, id string
	breakIt  func(*fake)
	verdict  Verdict
	words    []string
}

func runBroken(t *testing.T, tests []broken) {
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake()
			tt.breakIt(f)
			want(t, f.only(t, tt.id, Options{}), tt.verdict, tt.words...)
		})
	}
}

func fails(path string, code int, text string) func(*fake) {
	return func(f *fake) { f.page(path, page{code: code, text: text}) }
}

func TestPlatform(t *testing.T) {
	const kubevirts, version = "/apis/kubevirt.io/v1/kubevirts", "/apis/subresources.kubevirt.io/v1/version"
	runBroken(t, []broken{
		{"no KubeVirt", "platform.kubevirt", func(f *fake) { f.serve("kubevirt.io") }, Fail, []string{"not installed"}},
		{"no resource", "platform.kubevirt", func(f *fake) { f.list(kubevirts) }, Fail, []string{"no KubeVirt resource"}},
		{"deploying", "platform.kubevirt", func(f *fake) { f.kubevirt("v1.7.0", "Deploying") }, Fail,
			[]string{"its phase is Deploying", "kubectl -n kubevirt describe kubevirt kubevirt"}},
		{"unavailable", "platform.kubevirt", func(f *fake) {
			item := f.pages[kubevirts].body.(map[string]any)["items"].([]any)[0].(map[string]any)
			item["status"].(map[string]any)["conditions"] = []map[string]string{{"type": "Available", "status": "False", "message": "virt-handler is not ready"}}
		}, Fail, []string{"not all of it works", "virt-handler is not ready"}},
		{"unreadable", "platform.kubevirt", fails(kubevirts, 403, "no"), NotPermitted, []string{"You may not read the KubeVirt resource; spectro-vm-viewer"}},
		{"failing", "platform.kubevirt", fails(kubevirts, 500, "etcd is away"), Fail, []string{"etcd is away"}},
		{"nobody behind the API service", "platform.virt-api", func(f *fake) {
			f.page(version, page{code: 503, text: "error trying to reach service"})
			f.page("/apis/apiregistration.k8s.io/v1/apiservices/"+virtAPIService, page{body: map[string]any{"status": map[string]any{
				"conditions": []map[string]string{{"type": "Available", "status": "False", "reason": "FailedDiscoveryCheck", "message": "connection refused"}},
			}}})
		}, Fail, []string{"Nobody answers", "503", "FailedDiscoveryCheck", "get pods -l kubevirt.io=virt-api"}},
		{"served and denied", "platform.virt-api", fails(version, 401, "request is not authenticated"), Fail,
			[]string{"answers and refuses", "401", "system:auth-delegator"}},
		{"denied after the API server permitted", "platform.virt-api", fails(probePath("default"), 401, "cannot review"), Fail, []string{"refuses what kube-apiserver permits"}},
		{"virt-api cannot review", "platform.virt-api", fails(probePath("default"), 500, ""), Fail, []string{"fails to decide", "kubevirt-apiserver-auth-delegator"}},
		{"gone on the way", "platform.virt-api", fails(probePath("default"), 503, "no endpoints"), Fail, []string{"Nobody answers"}},
		{"no right to call", "platform.virt-api", fails(probePath("default"), 403, "no"), Pass, []string{"You may not call it"}},
		{"no API service", "platform.virt-api", func(f *fake) { delete(f.pages, version) }, Fail, []string{"has no API service"}},
		{"version not readable", "platform.virt-api", fails(version, 403, "no"), NotPermitted, nil},
		{"one node", "platform.nodes", func(f *fake) { f.list("/api/v1/nodes", object("n", "spec", nil)) }, Warn, []string{"none can migrate"}},
		{"no node", "platform.nodes", func(f *fake) { f.list("/api/v1/nodes") }, Fail, []string{"No node can run VMs"}},
		{"cordoned", "platform.nodes", func(f *fake) {
			f.list("/api/v1/nodes", object("n-1", "spec", nil), object("n-2", "spec", map[string]any{"unschedulable": true}))
		}, Warn, []string{"cordoned: n-2"}},
		{"no CDI", "platform.cdi", func(f *fake) { f.serve("cdi.kubevirt.io") }, Warn, []string{"CDI is not installed"}},
		{"no CDI resource", "platform.cdi", func(f *fake) { f.list("/apis/cdi.kubevirt.io/v1/cdis") }, Fail, []string{"no CDI resource"}},
		{"CDI failing", "platform.cdi", func(f *fake) {
			f.list("/apis/cdi.kubevirt.io/v1/cdis", object("cdi", "status", map[string]any{"phase": "Error"}))
		}, Fail, []string{"its phase is Error", "kubectl describe cdi cdi"}},
	})
}

// TestFeatureGates: which gates are needed depends on the version, and the command that switches one on keeps the others.
func TestFeatureGates(t *testing.T) {
	for _, tt := range []struct {
		version           string
		gates             []string
		snapshot, hotplug string // what is to be switched on; empty: it is on
	}{
		{"v1.7.0", []string{"Snapshot", "HotplugVolumes"}, "", ""},
		{"v1.7.0", []string{"Root"}, "Snapshot", "HotplugVolumes"},
		{"v1.8.3", []string{"DeclarativeHotplugVolumes"}, "Snapshot", ""},
		{"v1.9.0", nil, "", ""},
	} {
		f := newFake()
		f.kubevirt(tt.version, "Deployed", tt.gates...)
		for object, name := range map[string]string{"snapshot": tt.snapshot, "hotplug": tt.hotplug} {
			r := f.only(t, "platform.gates/"+object, Options{})
			if name == "" {
				want(t, r, Pass)
				continue
			}
			want(t, r, Fail, "The feature gate "+name+" is off", `"`+name+`"]`)
			_, patch, _ := strings.Cut(r.Fix.Command, " -p ")
			if err := json.Unmarshal([]byte(strings.Trim(patch, "'")), &map[string]any{}); err != nil || !strings.Contains(patch, strings.Join(tt.gates, `","`)) {
				t.Errorf("patch %s: %v", patch, err)
			}
		}
	}
	f := newFake()
	f.kubevirt("v1.9.0", "Deployed")
	item := f.pages["/apis/kubevirt.io/v1/kubevirts"].body.(map[string]any)["items"].([]any)[0].(map[string]any)
	item["spec"] = map[string]any{"configuration": map[string]any{"developerConfiguration": map[string]any{"disabledFeatureGates": []string{"Snapshot"}}}}
	want(t, f.only(t, "platform.gates/snapshot", Options{}), Fail, `"disabledFeatureGates":[]`)
	want(t, f.only(t, "platform.gates/hotplug", Options{}), Pass)
}

func TestD2Roles(t *testing.T) {
	ref := rbac.RoleRef{Kind: rbac.KindClusterRole, Name: rbac.RoleUser}
	more := rbac.Rules{{Verbs: []string{"delete"}, APIGroups: []string{"kubevirt.io"}, Resources: []string{"virtualmachines"}}}
	runBroken(t, []broken{
		{"missing", "roles.catalogue/" + rbac.RoleUser, func(f *fake) { delete(f.roles, ref) }, Fail, []string{"There is no cluster role", "vmdeck roles install"}},
		{"more", "roles.catalogue/" + rbac.RoleUser, func(f *fake) { f.roles[ref] = append(f.roles[ref], more...) }, Warn,
			[]string{"more than the catalogue", "more: delete virtualmachines (kubevirt.io)"}},
		{"less", "roles.catalogue/" + rbac.RoleUser, func(f *fake) { f.roles[ref] = f.roles[ref][1:] }, Fail, []string{"less than the catalogue", "less: get, list, watch virtualmachines (kubevirt.io)"}},
		{"other", "roles.catalogue/" + rbac.RoleUser, func(f *fake) { f.roles[ref] = more }, Fail, []string{"something else"}},
		{"others stay", "roles.catalogue/" + rbac.RoleViewer, func(f *fake) { f.roles[ref] = more }, Pass, nil},
		{"unreadable", "roles.catalogue", func(f *fake) { f.user = rbac.WhoIs("viewer") }, NotPermitted, []string{rbac.RoleAdmin + " may"}},
	})
}
