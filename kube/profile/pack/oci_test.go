package pack

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// ociServer is the reading half of an OCI registry.
type ociServer struct {
	manifests map[string]map[string][]byte // repository → tag
	blobs     map[string][]byte            // by digest
	catalogue bool
	locked    bool // wants alice's login
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// push puts a chart, or with another type of configuration something else.
func (s *ociServer) push(t *testing.T, repository, tag, configType string, archive []byte) {
	t.Helper()
	config := []byte(`{"name":"x","description":"About.","annotations":{"packs.vmdeck.dev/display-name":"The Demo","packs.vmdeck.dev/type":"System App"}}`)
	describe := func(mediaType string, data []byte) map[string]any {
		s.blobs[digest(data)] = data
		return map[string]any{"mediaType": mediaType, "digest": digest(data), "size": len(data)}
	}
	manifest, err := json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
		"config": describe(configType, config), "layers": []any{describe(chartContentType, archive)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if s.manifests[repository] == nil {
		s.manifests[repository] = map[string][]byte{}
	}
	s.manifests[repository][tag] = manifest
}

func (s *ociServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if user, password, _ := r.BasicAuth(); s.locked && (user != "alice" || password != "secret") {
		w.Header().Set("WWW-Authenticate", `Basic realm="demo"`)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	at := strings.TrimPrefix(r.URL.Path, "/v2/")
	answer := func(v any) { _ = json.NewEncoder(w).Encode(v) }
	if at == "_catalog" && s.catalogue {
		var names []string
		for name := range s.manifests {
			names = append(names, name)
		}
		answer(map[string]any{"repositories": names})
		return
	}
	if name, ok := strings.CutSuffix(at, "/tags/list"); ok && s.manifests[name] != nil {
		var tags []string
		for tag := range s.manifests[name] {
			tags = append(tags, tag)
		}
		answer(map[string]any{"name": name, "tags": tags})
		return
	}
	if name, tag, ok := strings.Cut(at, "/manifests/"); ok && s.manifests[name][tag] != nil {
		data := s.manifests[name][tag]
		w.Header().Set("Content-Type", "application/vnd.oci.image.manifest.v1+json")
		w.Header().Set("Docker-Content-Digest", digest(data))
		_, _ = w.Write(data)
		return
	}
	if _, sum, ok := strings.Cut(at, "/blobs/"); ok && s.blobs[sum] != nil {
		_, _ = w.Write(s.blobs[sum])
		return
	}
	w.WriteHeader(http.StatusNotFound)
}

func TestOCIRegistry(t *testing.T) {
	s := &ociServer{manifests: map[string]map[string][]byte{}, blobs: map[string][]byte{}, catalogue: true}
	s.push(t, "charts/demo", "1.0.0_build", chartConfigType, packed(t, "demo", "1.0.0+build", nil))
	s.push(t, "charts/demo", "0.9.0", chartConfigType, packed(t, "other", "0.9.0", nil))
	s.push(t, "charts/demo", "latest", chartConfigType, nil)
	s.push(t, "charts/image", "1.0.0", "application/vnd.oci.image.config.v1+json", nil)
	s.push(t, "elsewhere/demo", "1.0.0", chartConfigType, nil)
	s.push(t, "bad/broken", "1.0.0", chartConfigType, []byte("x"))
	server := httptest.NewServer(s)
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	dockerLogin(t, "elsewhere.example.com")
	at := func(path string, packs ...string) Registry {
		return opened(t, RegistryConfig{Kind: KindOCI, URL: "oci://" + host + path, Packs: packs})
	}

	charts := at("/charts")
	packs, err := charts.Packs(t.Context())
	if err != nil || fmt.Sprint(packs) != "[{demo The Demo System App About. [1.0.0+build 0.9.0] <nil>}]" {
		t.Errorf("packs %v, %v", packs, err)
	}
	if said, err := Test(t.Context(), charts); err != nil || said != charts.Where()+" has 1 pack; demo 1.0.0+build was read and is in order" {
		t.Errorf("test says %q, %v", said, err)
	}
	for _, c := range []struct{ name, version, want string }{
		{"demo", "0.9.0", "load demo 0.9.0 from %s: what is kept there under that name is other 0.9.0"},
		{"demo", "2.0.0", "load demo 2.0.0 from %s: "},
		{"image", "1.0.0", "load image 1.0.0 from %s: what is kept there is no Helm chart"},
	} {
		_, err := charts.Load(t.Context(), c.name, c.version)
		wants(t, err, charts, c.want)
	}
	_, err = charts.Versions(t.Context(), "nothing")
	wants(t, err, charts, "list the versions of nothing in %s: there is nothing at ")
	bad := at("/bad")
	_, err = Test(t.Context(), bad)
	wants(t, err, bad, "load broken 1.0.0 from %s: not a chart archive: ")
	_, err = Test(t.Context(), at("/void"))
	wants(t, err, at("/void"), "%s answers, but there are no packs in it")

	s.catalogue = false
	_, err = Test(t.Context(), charts)
	wants(t, err, charts, "list the packs in %s: the registry does not list what it has: there is nothing at "+server.URL+"/v2/_catalog (404); name its packs in the registry's settings")
	for _, r := range []Registry{at("/charts", "demo"), at("/charts/demo")} {
		if _, err := Test(t.Context(), r); err != nil {
			t.Errorf("%s without a catalogue: %v", r.Where(), err)
		}
		if versions, err := r.Versions(t.Context(), "demo"); err != nil || !slices.Equal(versions, []string{"1.0.0+build", "0.9.0"}) {
			t.Errorf("versions %v, %v", versions, err)
		}
	}

	s.locked, s.catalogue = true, true
	_, err = Test(t.Context(), at("/charts"))
	wants(t, err, charts, "the server wants a login (401); give it with \"docker login\"")
	dockerLogin(t, host)
	if _, err := Test(t.Context(), at("/charts")); err != nil {
		t.Errorf("with the login of docker's configuration: %v", err)
	}

	// What was altered on the way does not have the digest that the manifest names.
	for sum, data := range s.blobs {
		if len(data) > 0 {
			s.blobs[sum] = append(slices.Clone(data[:len(data)-1]), data[len(data)-1]^1)
		}
	}
	_, err = at("/charts").Load(t.Context(), "demo", "1.0.0+build")
	wants(t, err, charts, "load demo 1.0.0+build from %s: ")
	server.Close()
	_, err = at("/charts").Packs(t.Context())
	wants(t, err, charts, "list the packs in %s: nothing listens there (connection refused)")
}
