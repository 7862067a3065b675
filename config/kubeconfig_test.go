package config

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const kubeconfigText = `apiVersion: v1
kind: Config
current-context: prod
clusters:
- name: prod
  cluster: {server: "https://10.0.0.1:6443"}
- name: plugin
  cluster: {server: "https://10.0.0.3:6443"}
- name: bare
  cluster: {server: "10.0.0.2:6443"}
users:
- name: alice
  user: {token: s3cret}
- name: plugin
  user:
    exec: {apiVersion: client.authentication.k8s.io/v1, command: kubelogin, interactiveMode: IfAvailable}
contexts:
- name: prod
  context: {cluster: prod, user: alice, namespace: team-a}
- name: sso
  context: {cluster: plugin, user: plugin}
- name: bare
  context: {cluster: bare, user: alice}
- name: nobody
  context: {cluster: bare, user: carol}
- name: broken
  context: {cluster: nowhere, user: alice}
`

// alone keeps the environment of whoever runs the test out of it.
func alone(t *testing.T, kubeconfigs ...string) {
	t.Helper()
	t.Setenv("KUBECONFIG", strings.Join(kubeconfigs, string(filepath.ListSeparator)))
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	t.Setenv("HOME", t.TempDir())
}

func TestOpen(t *testing.T) {
	path := write(t, kubeconfigText)
	before, _ := os.ReadFile(path)
	alone(t, path)
	k := Kubeconfig{UserAgent: "vmdeck/test"}
	c, err := k.Open("")
	if err != nil {
		t.Fatal(err)
	}
	if c.Context != "prod" || c.User != "alice" || c.Namespace != "team-a" || c.Config.Host != "https://10.0.0.1:6443" || c.Config.BearerToken != "s3cret" {
		t.Errorf("%s %s %s %s", c.Context, c.User, c.Namespace, c.Config.Host)
	}
	if c.Config.QPS != 50 || c.Config.Burst != 100 || c.Config.UserAgent != "vmdeck/test" || c.Config.Timeout != 0 {
		t.Errorf("qps %v burst %v agent %s timeout %s", c.Config.QPS, c.Config.Burst, c.Config.UserAgent, c.Config.Timeout)
	}
	sso, err := k.Open("sso")
	if err != nil || sso.Namespace != "" || sso.Config.ExecProvider == nil || !sso.Config.ExecProvider.StdinUnavailable {
		t.Errorf("%+v %v", sso, err)
	}
	if names, err := k.Contexts(); err != nil || !slices.Equal(names, []string{"bare", "broken", "nobody", "prod", "sso"}) {
		t.Errorf("contexts %v %v", names, err)
	}
	if after, _ := os.ReadFile(path); string(after) != string(before) {
		t.Error("the kubeconfig was written")
	}
}

func TestOpenMergesFiles(t *testing.T) {
	second := write(t, "apiVersion: v1\nkind: Config\ncurrent-context: other\nclusters: [{name: x, cluster: {server: 'https://x'}}]\ncontexts: [{name: other, context: {cluster: x}}]\n")
	alone(t, filepath.Join(t.TempDir(), "none"), write(t, kubeconfigText), second)
	k := Kubeconfig{}
	if names, err := k.Contexts(); err != nil || !slices.Equal(names, []string{"bare", "broken", "nobody", "other", "prod", "sso"}) {
		t.Errorf("contexts %v %v", names, err)
	}
	if c, err := k.Open(""); err != nil || c.Context != "prod" {
		t.Errorf("the first file's current context must win: %v %v", c.Context, err)
	}
	k.Path = second
	if names, err := k.Contexts(); err != nil || !slices.Equal(names, []string{"other"}) {
		t.Errorf("an explicit path stands alone: %v %v", names, err)
	}
}

func TestOpenFaults(t *testing.T) {
	good, bad := write(t, kubeconfigText), write(t, "apiVersion: [")
	none := filepath.Join(t.TempDir(), "none")
	noCurrent := write(t, strings.Replace(kubeconfigText, "current-context: prod\n", "", 1))
	for name, tt := range map[string]struct {
		env, path, context string
		says               []string
	}{
		"no kubeconfig":      {none, "", "", []string{"no kubeconfig with a context", none, "not run in a pod", "--kubeconfig"}},
		"named, not there":   {good, none, "", []string{"no kubeconfig at " + none}},
		"bad file":           {bad, "", "", []string{bad}},
		"no current context": {noCurrent, "", "", []string{"no current context", "--context", "bare, broken, nobody, prod, sso"}},
		"unknown context":    {good, "", "prd", []string{`no context "prd"`, "Did you mean prod?", "bare, broken, nobody, prod, sso"}},
		"nothing like it":    {good, "", "zzzzzzzz", []string{`no context "zzzzzzzz"; there are bare, broken, nobody, prod, sso`}},
		"no such cluster":    {good, "", "broken", []string{`context "broken"`, "nowhere"}},
		"no such user":       {good, "", "nobody", []string{`context "nobody"`, `"carol"`, "alice, plugin"}},
		"not in a pod":       {none, "", InCluster, []string{"not run in a pod"}},
	} {
		t.Run(name, func(t *testing.T) {
			alone(t, tt.env)
			_, err := Kubeconfig{Path: tt.path}.Open(tt.context)
			if err == nil {
				t.Fatal("opened")
			}
			for _, want := range tt.says {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the token is in %q", err)
			}
		})
	}
}

func TestOpenInAPodWithoutAnAccount(t *testing.T) {
	alone(t, filepath.Join(t.TempDir(), "none"))
	t.Setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
	t.Setenv("KUBERNETES_SERVICE_PORT", "443")
	k := Kubeconfig{}
	if names, err := k.Contexts(); err != nil || !slices.Equal(names, []string{InCluster}) {
		t.Errorf("contexts %v %v", names, err)
	}
	if _, err := os.Stat("/var/run/secrets/kubernetes.io/serviceaccount/token"); err == nil {
		t.Skip("this test itself runs in a pod")
	}
	if _, err := k.Open(""); err == nil || !strings.Contains(err.Error(), "account of the pod") {
		t.Errorf("got %v", err)
	}
}

func TestOpenAppliesSettings(t *testing.T) {
	alone(t, write(t, kubeconfigText))
	k := Kubeconfig{File: File{Contexts: map[string]Context{
		"prod": {ReadOnly: true, Server: "https://public.example.com", ProxyURL: "https://proxy.example.com:443"},
		"bare": {Server: "https://other.example.com"},
	}}}
	c, err := k.Open("prod")
	if err != nil {
		t.Fatal(err)
	}
	if !c.ReadOnly || c.Config.Host != "https://public.example.com" || c.Config.ServerName != "10.0.0.1" {
		t.Errorf("read-only %v, host %s, name %s", c.ReadOnly, c.Config.Host, c.Config.ServerName)
	}
	proxy, err := c.Config.Proxy(&http.Request{URL: &url.URL{Scheme: "https", Host: "x"}})
	if err != nil || proxy.Host != "proxy.example.com:443" {
		t.Errorf("proxy %v %v", proxy, err)
	}
	k.File.Contexts["sso"] = Context{Server: "https://demo.proxy.example.com", TLSServerName: "demo.proxy.example.com"}
	if c, err = k.Open("sso"); err != nil || c.Config.ServerName != "demo.proxy.example.com" {
		t.Errorf("a name of one's own: %s %v", c.Config.ServerName, err)
	}
	if c, err = k.Open("bare"); err != nil || c.ReadOnly || c.Config.ServerName != "10.0.0.2" {
		t.Errorf("a kubeconfig without a scheme: %s %v", c.Config.ServerName, err)
	}
	k.File.ReadOnly = true
	if c, err = k.Open("sso"); err != nil || !c.ReadOnly {
		t.Errorf("the file's readOnly is for all contexts: %v", err)
	}
}
