package pack

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// packed is a chart archive with a Chart.yaml for that name and version.
func packed(t *testing.T, name, version string, more map[string]string) []byte {
	t.Helper()
	files := map[string]string{"Chart.yaml": fmt.Sprintf("apiVersion: v2\nname: %s\nversion: %s\ndescription: About %s.\n", name, version, name)}
	maps.Copy(files, more)
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	archive := tar.NewWriter(zip)
	for _, file := range slices.Sorted(maps.Keys(files)) {
		if err := archive.WriteHeader(&tar.Header{Name: name + "/" + file, Mode: 0o644, Size: int64(len(files[file]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write([]byte(files[file])); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func opened(t *testing.T, c RegistryConfig) Registry {
	t.Helper()
	c.Name = "mine"
	r, err := Open(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// wants holds the error of a call to a sentence; %s in it stands for the registry's address.
func wants(t *testing.T, err error, r Registry, want string) {
	t.Helper()
	if want = strings.ReplaceAll(want, "%s", r.Where()); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v\nwant  %s", err, want)
	}
}

// dockerLogin is a docker configuration of this test's own, with a login for a host.
func dockerLogin(t *testing.T, host string) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("DOCKER_CONFIG", dir)
	text := fmt.Sprintf(`{"auths":{%q:{"auth":"YWxpY2U6c2VjcmV0"}}}`, host) // alice:secret
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestConfigurationsThatCannotWork(t *testing.T) {
	for want, c := range map[string]RegistryConfig{
		"a registry needs a name":                 {Kind: KindHTTP, URL: "https://x"},
		`"Public Repo" is the name`:               {Name: PublicRepo, Kind: KindHTTP, URL: "https://x"},
		`"ftp" is no kind of registry`:            {Name: "a", Kind: "ftp", URL: "ftp://x"},
		`"charts" is not the absolute path`:       {Name: "a", Kind: KindFolder, URL: "charts"},
		"must look like https://host/path":        {Name: "a", Kind: KindHTTP, URL: "example.com/charts"},
		"must begin with oci://":                  {Name: "a", Kind: KindOCI, URL: "https://x"},
		"must begin with https:// or http://":     {Name: "a", Kind: KindHTTP, URL: "oci://x"},
		"must not carry a login":                  {Name: "a", Kind: KindHTTP, URL: "https://alice:secret@x"},
		"http is for this machine only":           {Name: "a", Kind: KindHTTP, URL: "http://example.com"},
		"read the CA file: open /nowhere/ca.pem:": {Name: "a", Kind: KindHTTP, URL: "https://x", CAFile: "/nowhere/ca.pem"},
	} {
		if _, err := Open(c); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%+v: error %v, want %s", c, err, want)
		}
	}
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	write := func(file string, data []byte) {
		t.Helper()
		file = filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r := opened(t, RegistryConfig{Kind: KindFolder, URL: dir})
	_, err := Test(t.Context(), r)
	wants(t, err, r, "%s answers, but there are no packs in it")
	write("one/Chart.yaml", []byte("apiVersion: v2\nname: one\nversion: 1.0.0\n"))
	write("one/.helmignore", []byte("secret\n"))
	write("one/secret", []byte("x"))
	write("two/2.0.0/Chart.yaml", []byte("apiVersion: v2\nname: two\nversion: 2.0.0\n"))
	write("two-10.0.0.tgz", packed(t, "two", "10.0.0", nil))
	write(".hidden/Chart.yaml", []byte("nonsense"))
	if said, err := Test(t.Context(), r); err != nil || said != dir+" has 2 packs; one 1.0.0 was read and is in order" {
		t.Errorf("test says %q, %v", said, err)
	}
	if versions, err := r.Versions(t.Context(), "two"); err != nil || !slices.Equal(versions, []string{"10.0.0", "2.0.0"}) {
		t.Errorf("versions %v, %v", versions, err)
	}
	one, err := r.Load(t.Context(), "one", "1.0.0")
	if err != nil || len(one.Chart().Raw) != 2 { // Chart.yaml and .helmignore
		t.Errorf("%v: .helmignore was not honoured", err)
	}
	_, err = r.Load(t.Context(), "two", "3.0.0")
	wants(t, err, r, "load two 3.0.0 from %s: there is none")

	write("two-3.0.0.tgz", packed(t, "two", "3.0.0", map[string]string{"pack.yaml": "kind: Pack\n"}))
	packs, err := r.Packs(t.Context())
	if err != nil || len(packs) != 2 || packs[1].Problem == nil || len(packs[1].Versions) != 2 {
		t.Errorf("packs %+v, %v", packs, err)
	}
	_, err = Test(t.Context(), r)
	wants(t, err, r, `%s has 2 packs, of which two cannot be used: two-3.0.0.tgz: pack.yaml: apiVersion and kind are "" and "Pack"`)
	_, err = r.Load(t.Context(), "two", "3.0.0")
	wants(t, err, r, "load two 3.0.0 from %s: two-3.0.0.tgz: pack.yaml: ")

	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "Chart.yaml"), []byte("apiVersion: v2\nname: out\nversion: 1.0.0\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "out")); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Versions(t.Context(), "out"); err == nil {
		t.Error("a symbolic link led out of the folder")
	}
	nowhere := opened(t, RegistryConfig{Kind: KindFolder, URL: filepath.Join(dir, "nowhere")})
	_, err = Test(t.Context(), nowhere)
	wants(t, err, nowhere, "list the packs in %s: no such file or directory")
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = r.Packs(canceled)
	wants(t, err, r, "list the packs in %s: context canceled")
}

// repository serves a chart repository.
func repository(t *testing.T, tls bool, files map[string][]byte) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, ok := files[r.URL.Path]
		user, password, _ := r.BasicAuth()
		switch {
		case strings.HasPrefix(r.URL.Path, "/private/") && (user != "alice" || password != "secret"):
			w.WriteHeader(http.StatusUnauthorized)
		case !ok:
			w.WriteHeader(http.StatusNotFound)
		default:
			_, _ = w.Write(data)
		}
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	if tls {
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return server
}

func indexed(entries ...string) []byte {
	return []byte("apiVersion: v1\nentries:\n" + strings.Join(entries, ""))
}

func TestHTTPRepository(t *testing.T) {
	archive := packed(t, "demo", "1.10.0", nil)
	sum := sha256.Sum256(archive)
	demo := fmt.Sprintf("  demo:\n  - {name: demo, version: 1.9.0, urls: [gone.tgz]}\n  - {name: demo, version: 1.10.0, description: About., digest: %s, urls: [charts/demo-1.10.0.tgz], "+
		"annotations: {packs.vmdeck.dev/display-name: The Demo, packs.vmdeck.dev/type: System App}}\n", hex.EncodeToString(sum[:]))
	files := map[string][]byte{
		"/ok/index.yaml": indexed(demo), "/ok/charts/demo-1.10.0.tgz": archive,
		"/page/index.yaml": []byte("<html>hello</html>"), "/other/index.yaml": []byte("hello: there\n"), "/empty/index.yaml": []byte("apiVersion: v1\nentries: {}\n"),
		"/swapped/index.yaml": indexed(demo), "/swapped/charts/demo-1.10.0.tgz": packed(t, "demo", "1.10.0", map[string]string{"extra": "x"}),
		"/broken/index.yaml": indexed("  demo:\n  - {name: demo, version: 1.0.0, urls: [demo.tgz]}\n"), "/broken/demo.tgz": []byte("x"),
		"/wrong/index.yaml": indexed("  demo:\n  - {name: demo, version: 1.0.0, urls: [demo.tgz]}\n"), "/wrong/demo.tgz": archive,
		"/plain/index.yaml":   indexed("  demo:\n  - {name: demo, version: 1.0.0, urls: [\"http://example.com/demo.tgz?token=secret\"]}\n"),
		"/private/index.yaml": indexed(demo), "/private/charts/demo-1.10.0.tgz": archive,
	}
	server := repository(t, false, files)
	dockerLogin(t, "elsewhere.example.com")
	at := func(path string) Registry { return opened(t, RegistryConfig{Kind: KindHTTP, URL: server.URL + path}) }

	ok := at("/ok/")
	if said, err := Test(t.Context(), ok); err != nil || !strings.HasSuffix(said, " has 1 pack; demo 1.10.0 was read and is in order") {
		t.Errorf("test says %q, %v", said, err)
	}
	packs, err := ok.Packs(t.Context())
	if err != nil || fmt.Sprint(packs) != "[{demo The Demo System App About. [1.10.0 1.9.0] <nil>}]" {
		t.Errorf("packs %v, %v", packs, err)
	}
	for path, want := range map[string]string{
		"/none":    "read the index of %s: there is nothing at " + server.URL + "/none/index.yaml (404)",
		"/page":    "read the index of %s: " + server.URL + "/page/index.yaml is no index of charts: ",
		"/other":   "is no index of charts: it has no apiVersion or no entries",
		"/empty":   "%s answers, but there are no packs in it",
		"/swapped": "load demo 1.10.0 from %s: the archive is not the one that the index means: its digest differs",
		"/broken":  "load demo 1.0.0 from %s: not a chart archive: ",
		"/wrong":   "load demo 1.0.0 from %s: what is kept there under that name is demo 1.10.0",
		"/plain":   "load demo 1.0.0 from %s: the index sends to http://example.com/demo.tgz, which is not https",
		"/private": "read the index of %s: the server wants a login (401); give it with \"docker login\"",
	} {
		r := at(path)
		_, err := Test(t.Context(), r)
		wants(t, err, r, want)
	}
	_, err = ok.Load(t.Context(), "demo", "1.9.0")
	wants(t, err, ok, "there is nothing at "+server.URL+"/ok/gone.tgz (404)")
	dockerLogin(t, strings.TrimPrefix(server.URL, "http://"))
	if _, err := Test(t.Context(), at("/private")); err != nil {
		t.Errorf("with the login of docker's configuration: %v", err)
	}
}

func TestServersThatCannotBeReached(t *testing.T) {
	dockerLogin(t, "elsewhere.example.com")
	secure := repository(t, true, nil)
	plain := repository(t, false, nil)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for url, want := range map[string]string{
		secure.URL: "read the index of %s: the certificate is signed by an authority that is not known here (TLS); set the CA file of the registry",
		strings.Replace(plain.URL, "http:", "https:", 1): "read the index of %s: the server does not speak TLS on this port",
		gone.URL:                              "read the index of %s: nothing listens there (connection refused)",
		"https://no-such-host.invalid/charts": "read the index of %s: the host no-such-host.invalid is not known here (DNS)",
	} {
		t.Setenv("HTTPS_PROXY", "")
		r := opened(t, RegistryConfig{Kind: KindHTTP, URL: url})
		_, err := Test(t.Context(), r)
		wants(t, err, r, want)
	}
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	r := opened(t, RegistryConfig{Kind: KindHTTP, URL: secure.URL, CAFile: ca})
	_, err := Test(t.Context(), r)
	wants(t, err, r, "there is nothing at "+secure.URL+"/index.yaml (404)")
	_, err = Open(RegistryConfig{Name: "x", Kind: KindHTTP, URL: secure.URL, CAFile: os.DevNull})
	wants(t, err, r, "has no certificate in PEM form")
}
