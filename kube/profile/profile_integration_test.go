package profile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/kubetest"
)

type journal struct{ entries []config.AuditEntry }

func (j *journal) Write(e config.AuditEntry) error {
	j.entries = append(j.entries, e)
	return nil
}

// bench is a keeper on the real control plane, with names of its own.
type bench struct {
	*Keeper
	*journal
	id string
}

func newBench(t *testing.T) bench {
	t.Helper()
	admin := kubetest.Connect(t, "cluster-admin")
	j := &journal{}
	b := bench{&Keeper{Cluster: admin, Profiles: ClusterStore(admin), Audit: j, User: func() string { return "admin" }}, j, fmt.Sprintf("p-%d", time.Now().UnixNano()%1e9)}
	if err := b.Install(t.Context(), true); err != nil {
		t.Error(err)
	}
	for range 2 { // also where it is
		if err := b.Install(t.Context(), false); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		all, _ := b.Profiles.List(context.Background())
		for _, s := range all {
			if strings.HasPrefix(s.Name, b.id) {
				_ = b.Profiles.Delete(context.Background(), Stored{Name: s.Name})
			}
		}
	})
	return b
}

func (b bench) sample(version string) Profile {
	p := sample(version)
	p.Name = b.id
	return p
}

// create puts an object into the store past vmdeck, as kubectl does.
func (b bench) create(ctx context.Context, object string) error {
	return b.Cluster.REST(storeGroup, storeVersion).Post().Resource(storeResource).Body([]byte(object)).Do(ctx).Error()
}

// A1, A6: versions side by side, nobody's change overwritten, and the list that kubectl shows.
func TestIntegrationA6ProfilesInTheCluster(t *testing.T) {
	b := newBench(t)
	made, err := b.Save(t.Context(), b.sample("1.0.0"), "")
	if err != nil || made.UID == "" || !reflect.DeepEqual(made.Value, b.sample("1.0.0")) {
		t.Fatalf("%+v %v", made, err)
	}
	if _, err := b.Save(t.Context(), b.sample("1.1.0"), ""); err != nil {
		t.Fatal(err)
	}
	all, err := b.Profiles.List(t.Context())
	if newest, ok := Find(all, b.id, ""); err != nil || !ok || newest.Value.Version != "1.1.0" || len(Versions(all, b.id)) != 2 {
		t.Errorf("%+v %v", all, err)
	}
	if _, err := b.Save(t.Context(), b.sample("1.0.0"), ""); !errors.Is(err, ErrExists) {
		t.Errorf("made twice: %v", err)
	}
	changed := b.sample("1.0.0")
	changed.Packs, changed.Manifests, changed.Description = changed.Packs[1:], nil, "for some"
	now, err := b.Save(t.Context(), changed, made.Version)
	if err != nil || !reflect.DeepEqual(now.Value, changed) {
		t.Fatalf("%+v %v", now, err)
	}
	if _, err := b.Save(t.Context(), b.sample("1.0.0"), made.Version); !errors.Is(err, ErrChanged) {
		t.Errorf("overwritten: %v", err)
	}
	if err := b.Delete(t.Context(), made, false); !errors.Is(err, ErrChanged) {
		t.Errorf("deleted what was changed: %v", err)
	}
	var table struct{ Rows []struct{ Cells []any } }
	body, err := b.Cluster.REST(storeGroup, storeVersion).Get().Resource(storeResource).Name(now.Name).
		SetHeader("Accept", "application/json;as=Table;g=meta.k8s.io;v=v1").Do(t.Context()).Raw()
	if err == nil {
		err = json.Unmarshal(body, &table)
	}
	if err != nil || len(table.Rows) != 1 || table.Rows[0].Cells[1] != b.id || table.Rows[0].Cells[2] != "1.0.0" || table.Rows[0].Cells[4] != "for some" {
		t.Errorf("kubectl get shows %v, %v", table.Rows, err)
	}
	if err := b.Delete(t.Context(), now, false); err != nil {
		t.Error(err)
	}
	var actions []string
	for _, e := range b.entries {
		actions = append(actions, e.Action+" "+e.Result)
	}
	if want := "install accepted, install accepted, create accepted, create accepted, create failed, save accepted, save failed, delete failed, delete accepted"; strings.Join(actions, ", ") != want {
		t.Errorf("audit log: %q", actions)
	}
	b.ReadOnly = "read-only"
	if _, err := b.Save(t.Context(), b.sample("1.2.0"), ""); err == nil || !strings.Contains(err.Error(), "nothing was changed") {
		t.Error(err)
	}
}

// The same file works in a folder and in the cluster.
func TestIntegrationFolderIsClusterIsFolder(t *testing.T) {
	b := newBench(t)
	dir := t.TempDir()
	folder := FolderStore(dir)
	p := b.sample("2.0.0-rc.1")
	if _, err := folder.Save(t.Context(), p, ""); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(dir, p.Ref().ObjectName()+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	err = b.Cluster.REST(storeGroup, storeVersion).Post().Resource(storeResource).SetHeader("Content-Type", "application/yaml").Body(file).Do(t.Context()).Error()
	if err != nil {
		t.Fatalf("the cluster refuses the folder's file: %v", err)
	}
	all, err := b.Profiles.List(t.Context())
	kept, ok := Find(all, b.id, p.Version)
	if err != nil || !ok || !reflect.DeepEqual(kept.Value, p) {
		t.Fatalf("%+v %v", kept, err)
	}
	again, err := kept.Value.Manifest()
	if err != nil || string(again) != string(file) {
		t.Errorf("%s\nis not\n%s", again, file)
	}
}

func TestIntegrationSchemaRefusesBadProfiles(t *testing.T) {
	b := newBench(t)
	good := fmt.Sprintf(`{"apiVersion":"vmdeck.dev/v1alpha1","kind":"ClusterProfile","metadata":{"name":"%[1]s-1.0.0"},"spec":{"name":"%[1]s",`+
		`"manifests":[{"name":"m","url":"https://x/y","sha256":"%[2]s"}],"packs":[{"registry":"Public Repo","name":"x","version":"1.0.0"}]}}`, b.id, strings.Repeat("a", 64))
	for name, change := range map[string][2]string{
		"another name":    {`"name":"` + b.id + `-1.0.0"`, `"name":"` + b.id + `"`},
		"another version": {`"manifests"`, `"version":"1.1.0","manifests"`},
		"no version":      {`"manifests"`, `"version":"v1","manifests"`},
		"another type":    {`"manifests"`, `"type":"infra","manifests"`},
		"two sources":     {`"url"`, `"file":"/x","url"`},
		"no digest":       {`"sha256"`, `"unlessServed"`},
		"no registry":     {`"registry":"Public Repo",`, ``},
		"a pack twice":    {`"packs":[`, `"packs":[{"registry":"a","name":"x","version":"1.0.0"},`},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if err := b.create(t.Context(), bad); bad == good || kube.Classify(err) != kube.KindInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The schema knows no YAML within YAML.
	broken := strings.Replace(good, `"version":"1.0.0"}`, `"version":"1.0.0","values":"a: ["}`, 1)
	if err := b.create(t.Context(), broken); err != nil {
		t.Fatal(err)
	}
	all, err := b.Profiles.List(t.Context())
	if s, ok := Find(all, b.id, "1.0.0"); err != nil || !ok || s.Err == nil || !strings.Contains(s.Err.Error(), "not YAML") {
		t.Errorf("%+v %v", s, err)
	} else if err := b.Delete(t.Context(), s, false); err != nil {
		t.Error(err)
	}
}

// A2: whose rights include create is told apart, and the others hear which permission is missing.
func TestIntegrationA2WhoMayCreate(t *testing.T) {
	newBench(t)
	for identity, may := range map[string]bool{"cluster-admin": true, "vm-admin": true, "power-user": false, "viewer": false, "nobody": false} {
		c := kubetest.Connect(t, identity)
		err := AskCreate(t.Context(), c, ClusterStore(c))
		if (err == nil) != may || err != nil && !strings.Contains(err.Error(), "needs create clusterprofiles (vmdeck.dev)") {
			t.Errorf("%s: %v", identity, err)
		}
		CanCreate(c.Access(), ClusterStore(c))
		if err := c.Access().Ensure(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		if d := CanCreate(c.Access(), ClusterStore(c)); d.Allowed() != may {
			t.Errorf("%s: %+v", identity, d)
		}
		if err := AskCreate(t.Context(), c, FolderStore(t.TempDir())); err != nil {
			t.Errorf("%s, in a folder: %v", identity, err)
		}
	}
	viewer := kubetest.Connect(t, "viewer")
	if _, err := ClusterStore(viewer).Save(t.Context(), sample("1.0.0"), ""); kube.Classify(err) != kube.KindForbidden || !strings.Contains(err.Error(), "not permitted") {
		t.Error(err)
	}
	if err := profiles.Install(t.Context(), viewer, false); kube.Classify(err) != kube.KindForbidden {
		t.Error(err)
	}
}

// A profile in use cannot be deleted; where that cannot be found out, somebody has to say so.
func TestIntegrationProfileInUse(t *testing.T) {
	b := newBench(t)
	release := &corev1.Secret{Type: "helm.sh/release.v1", ObjectMeta: metav1.ObjectMeta{Name: "sh.helm.release.v1." + b.id + ".v1", Labels: map[string]string{
		"owner": "helm", "name": b.id, "status": "deployed", "version": "1", LabelProfile: b.id, LabelVersion: "1.0.0",
	}}, StringData: map[string]string{"release": "secret"}}
	if _, err := b.Cluster.Core().Secrets("default").Create(t.Context(), release, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = b.Cluster.Core().Secrets("default").Delete(context.Background(), release.Name, metav1.DeleteOptions{})
	})
	used, err := b.Save(t.Context(), b.sample("1.0.0"), "")
	if err != nil {
		t.Fatal(err)
	}
	other, err := b.Save(t.Context(), b.sample("1.1.0"), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, unchecked := range []bool{false, true} {
		if err := b.Delete(t.Context(), used, unchecked); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), "default/"+b.id+" (deployed) on cluster-admin") {
			t.Errorf("deleted in use: %v", err)
		}
	}
	if err := b.Delete(t.Context(), Stored{Name: used.Name, Err: errors.New("broken")}, true); !errors.Is(err, ErrInUse) {
		t.Errorf("a broken one was deleted in use: %v", err)
	}
	if err := b.Delete(t.Context(), other, false); err != nil {
		t.Errorf("the other version: %v", err)
	}
	viewer := *b.Keeper
	viewer.Cluster = kubetest.Connect(t, "viewer")
	if err := viewer.Delete(t.Context(), used, false); err == nil || errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), "nothing was deleted: you may not list the secrets") {
		t.Error(err)
	}
	if err := viewer.Delete(t.Context(), used, true); err != nil { // the store is the admin's
		t.Error(err)
	}
}
