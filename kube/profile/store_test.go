package profile

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestFolderKeepsVersionsSideBySide(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "profiles")
	s := FolderStore(dir)
	for _, version := range []string{"1.9.0", "1.10.0", "1.10.0-rc.1"} {
		saved, err := s.Save(t.Context(), sample(version), "")
		if err != nil || !reflect.DeepEqual(saved.Value, sample(version)) {
			t.Fatalf("%+v %v", saved, err)
		}
	}
	rule := "apiVersion: vmdeck.dev/v1alpha1\nkind: RoleBindingRule\nmetadata: {name: devs}\nspec: {}\n"
	if err := os.WriteFile(filepath.Join(dir, "rule.yaml"), []byte(rule), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := s.List(t.Context())
	if err != nil || len(all) != 3 {
		t.Fatalf("%+v %v", all, err)
	}
	newest, ok := Find(all, "vm-platform", "")
	if !ok || newest.Value.Version != "1.10.0" || Versions(all, "vm-platform")[1].Value.Version != "1.10.0-rc.1" {
		t.Errorf("the newest is %s", newest.Value.Version)
	}
	if _, err := s.Save(t.Context(), sample("1.9.0"), ""); !errors.Is(err, ErrExists) {
		t.Errorf("made twice: %v", err)
	}
	old, _ := Find(all, "vm-platform", "1.9.0")
	changed := old.Value
	changed.Packs = changed.Packs[:1]
	now, err := s.Save(t.Context(), changed, old.Version)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Save(t.Context(), sample("1.9.0"), old.Version); !errors.Is(err, ErrChanged) {
		t.Errorf("overwritten: %v", err)
	}
	if err := s.Delete(t.Context(), now); err != nil {
		t.Error(err)
	}
}

func TestDecodeSaysWhatIsWrong(t *testing.T) {
	head := "apiVersion: vmdeck.dev/v1alpha1\nkind: ClusterProfile\nmetadata: {name: p-1.0.0}\n"
	for text, want := range map[string]string{
		head + "spec: {name: p, version: 2.0.0}":                     "must be p-2.0.0 after spec.name",
		head + "spec: {name: p, pack: []}":                           "spec.pack is not known",
		head + "spec: {name: p, packs: [{name: x, values: {a: b}}]}": "spec.packs.0.values must be text",
		head + "spec: {name: p, packs: [{name: x, version: 1.0.0}]}": "needs the registry",
		head + "spec: {name: p, type: infra}":                        "The profile's type is Add-on",
		head:                                                         "it says which packs",
		strings.Replace(head, "ClusterProfile", "Clusterprofile", 1): "a profile is a ClusterProfile",
		strings.Replace(head, "p-1.0.0", "", 1) + "spec: {name: p}":  "metadata.name is missing",
	} {
		if got := Decode([]byte(text), "x.yaml"); len(got) != 1 || got[0].Err == nil || !strings.Contains(got[0].Err.Error(), want) || !strings.HasPrefix(got[0].Err.Error(), "x.yaml: ") {
			t.Errorf("%s:\n%+v", text, got)
		}
	}
	got := Decode([]byte(head+"spec: {name: p}"), "x")
	if want := (Profile{Name: "p", Version: "1.0.0", Type: TypeAddOn}); len(got) != 1 || !reflect.DeepEqual(got[0].Value, want) {
		t.Errorf("%+v", got)
	}
}

func TestManifestContents(t *testing.T) {
	const text = "kind: Namespace\n"
	sum := sha256.Sum256([]byte(text))
	right := hex.EncodeToString(sum[:])
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/op.yaml" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(text))
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "op.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		m    Manifest
		want string // empty: it is read
	}{
		"url":           {Manifest{URL: server.URL + "/op.yaml", SHA256: right}, ""},
		"file":          {Manifest{File: file}, ""},
		"content":       {Manifest{Content: text}, ""},
		"another url":   {Manifest{URL: server.URL + "/op.yaml", SHA256: strings.Repeat("0", 64)}, "not what the profile means"},
		"another file":  {Manifest{File: file, SHA256: strings.Repeat("0", 64)}, "not what the profile means"},
		"nothing there": {Manifest{URL: server.URL + "/x", SHA256: right}, "answered 404"},
		"no file":       {Manifest{File: file + "x"}, "no such file"},
	} {
		tt.m.Name = "operator"
		got, err := Profile{Manifests: []Manifest{tt.m}}.contents(t.Context(), server.Client())
		if tt.want == "" && (err != nil || got["operator"] != text) || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
}

func secret(namespace, release, status, revision, version string) metav1.PartialObjectMetadata {
	return metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Labels: map[string]string{
		"owner": "helm", "name": release, "status": status, "version": revision, LabelProfile: "p", LabelVersion: version,
	}}}
}

func TestInUseIsWhatHelmHasInPlace(t *testing.T) {
	all := []metav1.PartialObjectMetadata{
		secret("a", "x", "superseded", "1", "1.0.0"), secret("a", "x", "deployed", "2", "1.1.0"), secret("a", "x", "failed", "10", "1.2.0"),
		secret("a", "y", "failed", "1", "1.3.0"), secret("a", "y", "deployed", "2", "1.1.0"),
		secret("b", "x", "uninstalled", "3", "1.4.0"), secret("b", "z", "pending-upgrade", "1", "1.5.0"),
	}
	var got []string
	for _, u := range usesOf(all, Ref{Name: "p"}) {
		got = append(got, u.Ref.Version+" "+u.String())
	}
	if want := []string{"1.1.0 a/x (deployed)", "1.2.0 a/x (failed)", "1.1.0 a/y (deployed)", "1.5.0 b/z (pending-upgrade)"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got := usesOf(all, Ref{"p", "1.0.0"}); len(got) > 0 {
		t.Errorf("%v", got)
	}
}
