package check

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// configured is a setup that a test decided on.
type configured Setup

func (c configured) Setup(context.Context, *kube.Cluster) (Setup, error) { return Setup(c), nil }

// TestD3Network: what is configured is tried, within a time limit; what is not is no failure.
func TestD3Network(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/broken") {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		w.WriteHeader(http.StatusUnauthorized) // a registry that wants a login is there
	}))
	t.Cleanup(server.Close)
	plain := httptest.NewServer(server.Config.Handler)
	t.Cleanup(plain.Close)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().String()
	listener.Close()
	for name, tt := range map[string]struct {
		id      string
		setup   Setup
		verdict Verdict
		words   []string
	}{
		"nothing configured":  {"network.proxy", Setup{}, NotApplicable, []string{"No profile"}},
		"direct":              {"network.proxy", Setup{Access: AccessDirect}, NotApplicable, []string{"Direct"}},
		"no address":          {"network.proxy", Setup{Access: AccessProxied}, NotApplicable, []string{"address is not known"}},
		"proxy answers":       {"network.proxy", Setup{Access: AccessProxied, Proxy: server.Listener.Addr().String()}, Pass, nil},
		"proxy speaks no TLS": {"network.proxy", Setup{Access: AccessProxied, Proxy: plain.Listener.Addr().String()}, Fail, []string{"does not answer", "outbound port 443"}},
		"proxy is away":       {"network.proxy", Setup{Access: AccessProxied, Proxy: closed}, Fail, []string{"refused"}},
		"no registry":         {"network.registry", Setup{}, NotApplicable, nil},
		"registry answers":    {"network.registry/" + plain.URL, Setup{Registries: []string{plain.URL}}, Pass, nil},
		"registry is broken":  {"network.registry/" + plain.URL + "/broken", Setup{Registries: []string{plain.URL + "/broken"}}, Fail, []string{"502"}},
		"registry is away":    {"network.registry/" + closed, Setup{Registries: []string{closed}}, Fail, []string{"refused"}},
		"no OIDC needed":      {"identity.oidc", Setup{IdentityProvider: IdentityPalette}, NotApplicable, nil},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, newFake().only(t, tt.id, Options{Setup: configured(tt.setup)}), tt.verdict, tt.words...)
		})
	}
	for address, wanted := range map[string]string{"proxy.example": "proxy.example:443", "proxy:7443": "proxy:7443", "https://p.example/x": "p.example:443", "[::1]": "[::1]:443"} {
		if got := withPort(address); got != wanted {
			t.Errorf("%s is %s, want %s", address, got, wanted)
		}
	}
}

// TestD3OIDC: the API server's flags are compared with what was chosen, as far as they can be seen.
func TestD3OIDC(t *testing.T) {
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/.well-known/openid-configuration" {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	t.Cleanup(issuer.Close)
	pods := func(flags ...string) func(*fake) {
		return func(f *fake) {
			f.list("/api/v1/namespaces/kube-system/pods", object("kube-apiserver", "spec", map[string]any{"containers": []any{map[string]any{"command": flags}}}))
		}
	}
	for name, tt := range map[string]struct {
		prepare func(*fake)
		issuer  string
		verdict Verdict
		word    string
	}{
		"set":          {pods("kube-apiserver", "--oidc-issuer-url="+issuer.URL), issuer.URL + "/", Pass, "which answers"},
		"not set":      {pods("kube-apiserver"), "", Fail, "trusts no OIDC issuer"},
		"another":      {pods("--oidc-issuer-url=https://other.example"), issuer.URL, Fail, "another OIDC issuer"},
		"away":         {pods("--oidc-issuer-url=" + issuer.URL + "/x"), "", Warn, "does not answer from here"},
		"in a file":    {pods("--authentication-config=/etc/x"), "", Warn, "from a file"},
		"not shown":    {func(f *fake) { f.list("/api/v1/namespaces/kube-system/pods") }, "", Warn, "cannot be seen"},
		"not readable": {func(f *fake) { f.user = rbac.WhoIs("nobody") }, "", NotPermitted, "You may not read the API server's flags"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			tt.prepare(f)
			setup := configured{IdentityProvider: IdentityKubernetes, Issuer: tt.issuer}
			want(t, f.only(t, "identity.oidc", Options{Setup: setup}), tt.verdict, tt.word)
		})
	}
}

// TestD1Packs: Helm's releases are known by their labels; the secrets themselves are not asked for.
func TestD1Packs(t *testing.T) {
	release := func(name, status, created string) map[string]any {
		return map[string]any{"metadata": map[string]any{"namespace": "vm-dashboard", "creationTimestamp": created,
			"labels": map[string]string{"owner": "helm", "name": name, "status": status}}}
	}
	for status, verdict := range map[string]Verdict{"deployed": Pass, "failed": Fail, "pending-upgrade": Warn} {
		f := newFake()
		f.list("/api/v1/secrets", release("spectro-proxy", "superseded", "2026-01-01T00:00:00Z"), release("spectro-proxy", status, "2026-02-01T00:00:00Z"), release("other", "failed", "2026-01-01T00:00:00Z"))
		want(t, f.only(t, "profile.packs/spectro-proxy", Options{}), verdict)
		want(t, f.only(t, "network.proxy", Options{}), NotApplicable, "Access is Proxied")
		if i := slices.IndexFunc(f.seen, func(s string) bool { return strings.Contains(s, "secrets") }); !strings.Contains(f.seen[i], "labelSelector=owner%3Dhelm") {
			t.Errorf("asked %s", f.seen[i])
		}
	}
	f := newFake()
	want(t, f.only(t, "profile.packs", Options{}), NotApplicable)
	want(t, f.only(t, "profile.packs/x", Options{Setup: configured{From: "a profile", Packs: []Pack{{Name: "x"}}}}), Fail, "not installed")
	f.serve("spectrocloud.com")
	want(t, f.only(t, "templates.kind", Options{Setup: configured{From: "a profile", Packs: []Pack{{Name: "x"}}}}), Fail)
}

func TestD3Namespaces(t *testing.T) {
	const id = "namespaces.dedicated"
	vmIn := func(f *fake, ns string) {
		f.list("/apis/kubevirt.io/v1/namespaces/"+ns+"/virtualmachines", object("vm", "spec", nil))
	}
	runBroken(t, []broken{
		{"bound", id, func(*fake) {}, Pass, []string{"1 namespace in use", "team-a"}},
		{"has VMs", id, func(f *fake) { f.unbind("users"); vmIn(f, "team-b") }, Pass, []string{"team-b"}},
		{"unused", id, func(f *fake) { f.unbind("users") }, Warn, []string{"No namespace is used", "kubectl create namespace"}},
		{"default only", id, func(f *fake) { f.namespaces = []string{"default", "kube-system", "kubevirt", "cdi"} }, Fail, []string{"only default"}},
		{"VMs in default", id, func(f *fake) { vmIn(f, "default") }, Warn, []string{"VMs in default too"}},
		{"unreadable", id, func(f *fake) { f.user = rbac.WhoIs("nobody") }, NotPermitted, []string{rbac.RoleListNamespaces}},
	})
}

func TestD4Templates(t *testing.T) {
	const create = "/apis/kubevirt.io/v1/namespaces/default/virtualmachines"
	runBroken(t, []broken{
		{"no kind", "templates.kind", func(f *fake) { f.serve("spectrocloud.com") }, Warn, []string{"virtual-machine-orchestrator"}},
		{"no kind any more", "templates.kind", fails("/apis/spectrocloud.com/v1", 404, "gone"), Warn, []string{"virtual-machine-orchestrator"}},
		{"no kind to deploy", "templates.deploy", func(f *fake) { f.serve("spectrocloud.com") }, NotApplicable, nil},
		{"none", "templates.deploy", func(f *fake) { f.list("/apis/spectrocloud.com/v1/vmtemplates") }, Warn, []string{"no VM template"}},
		{"deployable", "templates.deploy/fedora", func(*fake) {}, Pass, []string{"in default for admin (dry run)"}},
		{"refused", "templates.deploy/fedora", fails(create, 422, "spec.template.spec.domain is required"), Fail, []string{"domain is required", "vmdeck template edit fedora"}},
		{"not permitted", "templates.deploy/fedora", func(f *fake) { f.user = rbac.WhoIs("viewer") }, NotPermitted, []string{"viewer may not make a VM"}},
		{"not listed", "templates.deploy", func(f *fake) { f.user = rbac.WhoIs("nobody") }, NotPermitted, []string{rbac.RoleListVMTemplates}},
	})
	f := newFake()
	who := rbac.WhoIs("viewer")
	want(t, f.only(t, "templates.deploy/fedora", Options{Who: &who, Namespaces: []string{"team-b"}}), NotPermitted, "viewer may not make a VM from the template fedora in team-b")
	f.user = rbac.WhoIs("power")
	f.bind("", rbac.RolePowerUser, "power", "power")
	r := f.only(t, "templates.deploy/fedora", Options{Who: &who})
	want(t, r, Pass, "You may not speak for viewer, so it was tried as power", "for power (dry run)")
}

func TestStorage(t *testing.T) {
	const classes = "/apis/storage.k8s.io/v1/storageclasses"
	runBroken(t, []broken{
		{"none", "storage.classes", func(f *fake) { f.list(classes) }, Warn, []string{"no storage class"}},
		{"no default", "storage.classes", func(f *fake) { f.list(classes, object("ceph", "provisioner", "rbd")) }, Warn, []string{"kubectl annotate storageclass ceph"}},
		{"unreadable", "storage.classes", func(f *fake) { f.user = rbac.WhoIs("viewer") }, NotPermitted, []string{rbac.RolePowerUser}},
		{"no snapshots", "storage.snapshots", func(f *fake) { f.serve("snapshot.storage.k8s.io") }, Warn, []string{"no volume snapshots"}},
		{"no class of snapshots", "storage.snapshots", func(f *fake) {
			f.list(classes, object("ceph", "provisioner", "rbd"), object("local", "provisioner", "disk"))
		}, Warn, []string{"disks of local can"}},
		{"nothing to snapshot", "storage.snapshots", func(f *fake) { f.list(classes) }, NotApplicable, nil},
		{"not shared", "storage.shared", func(f *fake) {
			f.list("/apis/cdi.kubevirt.io/v1/storageprofiles", object("local", "status", map[string]any{"claimPropertySets": []any{map[string]any{"accessModes": []string{"ReadWriteOnce"}}}}))
		}, Warn, []string{"cannot migrate"}},
		{"no CDI", "storage.shared", func(f *fake) { f.serve("cdi.kubevirt.io") }, NotApplicable, nil},
	})
}
