package fakeapi

import (
	"errors"
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/apply"
)

// What the server says of profiles and releases is what vmdeck and Helm read.
func TestProfilesAndTheirReleases(t *testing.T) {
	s := New()
	c := s.Connect(t, kube.Target{Context: "demo"})
	store := profile.ClusterStore(c)
	if _, err := store.List(t.Context()); !errors.Is(err, profile.ErrNotInstalled) {
		t.Fatalf("without the definition: %v", err)
	}
	p := profile.Profile{Name: "vm-platform", Version: "1.1.0", Type: profile.TypeAddOn, Packs: []profile.PackRef{{Registry: "r", Name: "orchestrator", Version: "1.1.0"}}}
	release := Release{Namespace: "vm-system", Name: "orchestrator", Chart: "orchestrator", Version: "1.1.0", Profile: p.Ref(), At: time.Now(),
		Manifest: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: facts}\ndata: {a: b}\n"}
	former := release
	former.Status, former.Profile.Version = "superseded", "1.0.0"
	release.Revision = 2
	s.Put(Defined("clusterprofiles.vmdeck.dev"), Profile(p), release.Object(), former.Object(),
		Object{"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"namespace": "vm-system", "name": "password"}})

	kept, err := store.List(t.Context())
	if err != nil || len(kept) != 1 || kept[0].Err != nil || kept[0].Value.Ref() != p.Ref() {
		t.Fatalf("%+v %v", kept, err)
	}
	uses, err := profile.InUse(t.Context(), c, profile.Ref{})
	if err != nil || len(uses) != 1 || uses[0].String() != "vm-system/orchestrator (deployed)" || uses[0].Ref != p.Ref() {
		t.Fatalf("%+v %v", uses, err)
	}
	applier := &apply.Applier{Cluster: c}
	status, err := applier.Status(t.Context(), "vm-platform")
	if err != nil || status.State != apply.Drifted || !strings.Contains(status.Text, "it is gone") || len(status.Revisions) != 2 {
		t.Fatalf("%+v %v", status, err)
	}
	s.Put(Object{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"namespace": "vm-system", "name": "facts"}, "data": map[string]any{"a": "b"}})
	if status, err = applier.Status(t.Context(), "vm-platform"); err != nil || status.State != apply.Running || status.Version != "1.1.0" {
		t.Fatalf("%+v %v", status, err)
	}
}
