package kube

import (
	"errors"
	"net/http"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"

	"vmdeck.dev/vmdeck/rbac"
)

const (
	kubevirts   = "GET /apis/kubevirt.io/v1/kubevirts"
	virtVersion = "GET /apis/subresources.kubevirt.io/v1/version"
)

func asObject(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(text))
	}
}

// ordinary is a cluster with KubeVirt.
func ordinary() *api {
	server := newAPI()
	server.on(whoAmI, asJSON(authenticationv1.SelfSubjectReview{Status: authenticationv1.SelfSubjectReviewStatus{
		UserInfo: authenticationv1.UserInfo{Username: "alice@example.com", Groups: []string{"devs"}},
	}}))
	server.on("GET /version", asObject(`{"gitVersion":"v1.33.13"}`))
	server.on("GET /apis", asJSON(metav1.APIGroupList{Groups: []metav1.APIGroup{
		{Name: rbac.GroupKubeVirt, PreferredVersion: metav1.GroupVersionForDiscovery{Version: "v1"}},
		{Name: rbac.GroupExport, PreferredVersion: metav1.GroupVersionForDiscovery{Version: "v1beta1"}},
	}}))
	server.on(kubevirts, asObject(`{"items":[{"spec":{"configuration":{"developerConfiguration":{"featureGates":["Snapshot"],"disabledFeatureGates":["VMExport"]}}},
		"status":{"phase":"Deployed","observedKubeVirtVersion":"v1.7.0"}}]}`))
	return server
}

func TestInfo(t *testing.T) {
	server := ordinary()
	c := server.cluster(t, Target{User: "kubeconfig-user"})
	info := c.Info(t.Context())
	if !info.Complete() || info.Identity.User != "alice@example.com" || info.Server != "v1.33.13" || info.Groups[rbac.GroupExport] != "v1beta1" {
		t.Errorf("%+v", info)
	}
	if k := info.KubeVirt; k.Version != "v1.7.0" || k.Phase != "Deployed" || k.GateOff("Snapshot") || !k.GateOff("VMExport") || info.Presence() != Present {
		t.Errorf("%+v", k)
	}
	if c.Health().Status().State != Live {
		t.Error("four answers and not live")
	}
	c.Info(t.Context())
	if n := server.count("selfsubjectreviews"); n != 1 {
		t.Errorf("asked %d times who one is", n)
	}
}

func TestInfoPresence(t *testing.T) {
	forbidden := asStatus(apierrors.NewForbidden(schema.GroupResource{Group: rbac.GroupKubeVirt, Resource: "kubevirts"}, "", errors.New("no")))
	without := asJSON(metav1.APIGroupList{Groups: []metav1.APIGroup{{Name: "apps"}}})
	tests := []struct {
		name     string
		change   func(*api)
		presence Presence
		version  string
		errKind  Kind
	}{
		{"ordinary", func(*api) {}, Present, "v1.7.0", KindNone},
		{"no KubeVirt", func(a *api) { a.on("GET /apis", without); a.on(kubevirts, nil) }, Absent, "", KindNoKubeVirt},
		{"no KubeVirt, no discovery", func(a *api) { a.on("GET /apis", forbidden); a.on(kubevirts, nil) }, Absent, "", KindNoKubeVirt},
		{"may not read kubevirts", func(a *api) { a.on(kubevirts, forbidden) }, Present, "", KindForbidden},
		{"may not read kubevirts, virt-api tells", func(a *api) {
			a.on(kubevirts, forbidden)
			a.on(virtVersion, asObject(`{"gitVersion":"v1.9.0"}`))
		}, Present, "v1.9.0", KindNone},
		{"nothing is told", func(a *api) { a.on(kubevirts, forbidden); a.on("GET /apis", forbidden) }, Unsure, "", KindForbidden},
		{"not installed yet", func(a *api) { a.on(kubevirts, asObject(`{"items":[]}`)) }, Present, "", KindNone},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := ordinary()
			tt.change(server)
			info := server.cluster(t, Target{}).Info(t.Context())
			if info.Presence() != tt.presence || info.KubeVirt.Version != tt.version || Classify(info.KubeVirtErr) != tt.errKind {
				t.Errorf("presence %d, version %q, error %v", info.Presence(), info.KubeVirt.Version, info.KubeVirtErr)
			}
		})
	}
}

func TestInfoOfNobodyThere(t *testing.T) {
	c := connect(t, &rest.Config{Host: "http://127.0.0.1:1"}, Target{User: "kubeconfig-user"})
	info := c.Info(t.Context())
	if info.Presence() != Unsure || info.Identity.User != "kubeconfig-user" || Classify(info.IdentityErr) != KindUnreachable || info.Complete() {
		t.Errorf("%+v", info)
	}
	if c.Health().Status().State != Lost {
		t.Errorf("state %v", c.Health().Status().State)
	}
}

func TestKubeVirtVersions(t *testing.T) {
	tests := []struct {
		version string
		minor   int
		want    bool
	}{
		{"v1.9.0", 9, true}, {"v1.10.2", 9, true}, {"v1.7.4", 9, false}, {"v2.0.0", 9, true}, {"v0.59.0", 9, false},
		{"1.9.0-rc.0", 9, true}, {"", 0, false}, {"devel", 0, false}, {"v1.x", 0, false},
	}
	for _, tt := range tests {
		if got := (KubeVirt{Version: tt.version}).AtLeast(1, tt.minor); got != tt.want {
			t.Errorf("%q at least 1.%d = %v", tt.version, tt.minor, got)
		}
	}
	gates := []struct {
		k    KubeVirt
		want bool
	}{
		{KubeVirt{Version: "v1.7.0"}, true},
		{KubeVirt{Version: "v1.7.0", Gates: []string{"Snapshot"}}, false},
		{KubeVirt{Version: "v1.9.0"}, false},
		{KubeVirt{Version: "v1.9.0", Off: []string{"Snapshot"}}, true},
		{KubeVirt{}, false},
	}
	for _, tt := range gates {
		if got := tt.k.GateOff("Snapshot"); got != tt.want {
			t.Errorf("%+v: off = %v", tt.k, got)
		}
	}
}
