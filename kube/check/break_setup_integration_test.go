package check

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube/profile"
)

// outside is a server that is not on the cluster. While it is shut it ends every connection, and keeps its address.
type outside struct {
	net.Listener
	server *httptest.Server
	shut   atomic.Bool
}

func (o *outside) Accept() (net.Conn, error) {
	for {
		conn, err := o.Listener.Accept()
		if err != nil || !o.shut.Load() {
			return conn, err
		}
		_ = conn.Close()
	}
}

func newOutside(t *testing.T, start func(*httptest.Server)) *outside {
	t.Helper()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	o := &outside{Listener: server.Listener, server: server}
	server.Listener = o
	server.Config.SetKeepAlivesEnabled(false) // or requests would go on over what is open
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	start(server)
	t.Cleanup(server.Close)
	return o
}

func (o *outside) address() string { return o.Addr().String() }

// settings are those of an applied profile whose VMs are reached through a proxy and operated with an OIDC identity.
func (c *cluster) settings(proxy, issuer string) {
	c.Helper()
	const namespace = "vm-dashboard"
	_, err := c.admin.Core().Namespaces().Create(c.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{})
	c.must(err)
	c.Cleanup(func() {
		c.must(c.admin.Core().Namespaces().Delete(context.Background(), namespace, metav1.DeleteOptions{}))
	})
	for name, data := range map[string]map[string]string{
		"virtual-machine-orchestrator": {"access": "private", "identityProvider": "none", "oidc-issuer-url": issuer, "oidc-client-id": "vms"},
		ProxyPack + "-address":         {"kubernetes": proxy},
	} {
		m := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: data}
		_, err := c.admin.Core().ConfigMaps(namespace).Create(c.Context(), m, metav1.CreateOptions{})
		c.must(err)
	}
}

const (
	settingsPath = "/api/v1/namespaces/vm-dashboard/configmaps/virtual-machine-orchestrator"
	proxyPath    = "/api/v1/namespaces/vm-dashboard/configmaps/" + ProxyPack + "-address"
)

// apiServer shows an API server's flags, as a control plane does that runs it in a pod. No node takes the pod.
func (c *cluster) apiServer(flags ...string) {
	c.Helper()
	c.noAPIServer()
	pods := c.admin.Core().Pods("kube-system")
	_, err := pods.Create(context.Background(), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "check-test-apiserver", Labels: map[string]string{"component": "kube-apiserver"}},
		Spec: corev1.PodSpec{SchedulerName: "check-test", Containers: []corev1.Container{
			{Name: "kube-apiserver", Image: "check.test/kube-apiserver", Command: append([]string{"kube-apiserver"}, flags...)},
		}},
	}, metav1.CreateOptions{})
	c.must(err)
}

func (c *cluster) noAPIServer() {
	c.Helper()
	const path = "/api/v1/namespaces/kube-system/pods/check-test-apiserver"
	c.remove(path)
	await(c.T, func() bool { return c.gone(path) }, func() { c.Error("the pod stays") })
}

// TestIntegrationBreakSettings: the identity provider, the proxy and the way to the VMs, each as an applied profile wants it.
func TestIntegrationBreakSettings(t *testing.T) {
	c := newCluster(t)
	issuer, proxy := newOutside(t, (*httptest.Server).Start), newOutside(t, (*httptest.Server).StartTLS)
	c.settings(proxy.address(), issuer.server.URL)
	now, results := c.verdicts()
	if now["identity.oidc"] != Warn || !strings.Contains(results["identity.oidc"].Summary, "cannot be seen here") {
		t.Errorf("without a pod: %+v", results["identity.oidc"])
	}
	trusting := "--oidc-issuer-url=" + issuer.server.URL
	c.apiServer(trusting)
	c.Cleanup(c.noAPIServer)
	now, results = c.verdicts()
	for _, id := range []string{"identity.oidc", "network.proxy", "profile.entry"} {
		if now[id] != Pass {
			t.Fatalf("%+v", results[id])
		}
	}
	for name, tt := range map[string]struct {
		turns         string
		verdict       Verdict
		summary, fix  string
		breaks, mends func()
	}{
		"no issuer trusted": {turns: "identity.oidc", verdict: Fail, summary: "trusts no OIDC issuer", fix: "on the API server",
			breaks: func() { c.apiServer() }, mends: func() { c.apiServer(trusting) }},
		"another issuer trusted": {turns: "identity.oidc", verdict: Fail, summary: "trusts another OIDC issuer", fix: "on the API server",
			breaks: func() { c.apiServer("--oidc-issuer-url=https://issuer.invalid") }, mends: func() { c.apiServer(trusting) }},
		"issuer in a file": {turns: "identity.oidc", verdict: Warn, summary: "from a file", fix: "on the API server",
			breaks: func() { c.apiServer("--authentication-config=/etc/kubernetes/authentication.yaml") }, mends: func() { c.apiServer(trusting) }},
		"issuer silent": {turns: "identity.oidc", verdict: Warn, summary: "does not answer", fix: "Open the way",
			breaks: func() { issuer.shut.Store(true) }, mends: func() { issuer.shut.Store(false) }},
		"proxy silent": {turns: "network.proxy", verdict: Fail, summary: "does not answer", fix: "Open outbound port 443",
			breaks: func() { proxy.shut.Store(true) }, mends: func() { proxy.shut.Store(false) }},
		"proxy's address": {turns: "network.proxy", verdict: Fail, summary: "does not answer", fix: "correct the address",
			breaks: func() { c.merge(proxyPath, `{"data":{"kubernetes":"127.0.0.1:1"}}`) },
			mends:  func() { c.merge(proxyPath, `{"data":{"kubernetes":"`+proxy.address()+`"}}`) }},
		"no issuer named": {turns: "profile.entry", verdict: Fail, summary: "no OIDC issuer was named", fix: "Name issuer and client ID",
			breaks: func() { c.merge(settingsPath, `{"data":{"oidc-issuer-url":null}}`) },
			mends:  func() { c.merge(settingsPath, `{"data":{"oidc-issuer-url":"`+issuer.server.URL+`"}}`) }},
	} {
		t.Run(name, func(t *testing.T) {
			c := &cluster{T: t, admin: c.admin}
			c.breaks(tt.breaks, map[string]Verdict{tt.turns: tt.verdict}, tt.turns, func(r Result) {
				if !strings.Contains(r.Summary, tt.summary) || !strings.Contains(r.Fix.Text, tt.fix) {
					c.Errorf("it says %+v", r)
				}
				tt.mends()
			})
		})
	}
}

// TestIntegrationBreakRegistry: a registry that an applied profile takes packs from, silent and not known.
func TestIntegrationBreakRegistry(t *testing.T) {
	c := newCluster(t)
	stored, registry := c.platform(), newOutside(t, (*httptest.Server).Start)
	if now, results := c.verdicts(); now["network.registry"] != NotApplicable {
		t.Errorf("with packs of vmdeck's own: %+v", results["network.registry"])
	}
	store := profile.ClusterStore(c.admin)
	stored.Value.Packs[0].Registry = "check-test"
	_, err := store.Save(c.Context(), stored.Value, stored.Version)
	c.must(err)
	known := []config.Registry{{Name: "check-test", Kind: "http", URL: registry.server.URL}}
	with := func(list ...config.Registry) Source {
		return FromProfiles{Profiles: store, Registries: func() ([]config.Registry, error) { return list, nil }}
	}
	id := "network.registry/" + registry.server.URL
	c.setup = with(known...)
	if now, results := c.verdicts(); now[id] != Pass {
		t.Fatalf("%+v", results)
	}
	opens := func(c *cluster, r Result) {
		if _, ok := r.Fix.Open.(ShowRegistries); !ok {
			c.Errorf("the fix opens %+v", r.Fix.Open)
		}
	}
	t.Run("silent", func(t *testing.T) {
		c := &cluster{T: t, admin: c.admin, setup: c.setup}
		c.breaks(func() { registry.shut.Store(true) }, map[string]Verdict{id: Fail}, id, func(r Result) {
			opens(c, r)
			registry.shut.Store(false)
		})
	})
	t.Run("not known", func(t *testing.T) {
		c := &cluster{T: t, admin: c.admin, setup: c.setup}
		const unknown = "network.registry/check-test"
		c.breaks(func() { c.setup = with() }, map[string]Verdict{id: "gone", unknown: Warn}, unknown, func(r Result) {
			if opens(c, r); r.Fix.Command != "vmdeck registry add check-test" {
				c.Errorf("the fix is %s", r.Fix.Command)
			}
			c.setup = with(known...)
		})
	})
}
