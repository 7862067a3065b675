package config

import (
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"testing"
)

func token(payload string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".c2ln"
}

func usersText(t *testing.T) string {
	t.Helper()
	return `apiVersion: v1
kind: Config
current-context: prod
clusters:
- {name: prod, cluster: {server: "https://10.0.0.1:6443"}}
- {name: other, cluster: {server: "https://10.0.0.2:6443"}}
users:
- {name: admin, user: {client-certificate-data: Y2VydA==, client-key-data: a2V5}}
- {name: abroad, user: {token: s3cret}}
- {name: free, user: {token: "` + token(`{"iss":"https://issuer.example","aud":["vmdeck","x"]}`) + `"}}
- {name: file, user: {tokenFile: "` + write(t, token(`{"iss":"https://file.example","aud":"one"}`)) + `"}}
- name: login
  user:
    exec: {apiVersion: client.authentication.k8s.io/v1, command: /usr/bin/kubectl-oidc_login, interactiveMode: IfAvailable,
      args: [get-token, --oidc-issuer-url=https://issuer.example, --oidc-client-id, vmdeck]}
- {name: old, user: {auth-provider: {name: oidc, config: {idp-issuer-url: "https://old.example", client-id: c}}}}
- {name: basic, user: {username: bob, password: s3cret}}
- {name: nothing, user: {}}
contexts:
- {name: prod, context: {cluster: prod, user: admin, namespace: team-a}}
- {name: sso, context: {cluster: prod, user: login}}
- {name: other, context: {cluster: other, user: abroad}}
`
}

func TestUsers(t *testing.T) {
	alone(t, write(t, usersText(t)))
	users, err := Kubeconfig{}.Users("")
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, u := range users {
		have = append(have, fmt.Sprintf("%s: %s %s %s %s %v %v %v", u.Name, u.Login, u.Plugin, u.Issuer, u.Client, u.Current, u.Here, u.Elsewhere))
	}
	want := `admin: certificate    true true false
login: exec plugin kubectl-oidc_login https://issuer.example vmdeck false true false
basic: password    false false false
file: token  https://file.example one false false false
free: token  https://issuer.example vmdeck false false false
nothing: no credentials    false false false
old: auth provider oidc https://old.example c false false false
abroad: token    false false true`
	if got := strings.Join(have, "\n"); got != want {
		t.Errorf("users\n%s\nwant\n%s", got, want)
	}
	if strings.Contains(fmt.Sprint(users), "s3cret") {
		t.Error("a secret is among them")
	}
	if _, err := (Kubeconfig{}).Users("pord"); err == nil || !strings.Contains(err.Error(), "Did you mean prod?") {
		t.Errorf("a context that is not there: %v", err)
	}
}

func TestOpenAs(t *testing.T) {
	path := write(t, usersText(t))
	before, _ := os.ReadFile(path)
	alone(t, path)
	k := Kubeconfig{File: File{Contexts: map[string]Context{"prod": {ReadOnly: true}}}}
	c, err := k.OpenAs("", "login")
	if err != nil {
		t.Fatal(err)
	}
	if c.Context != "prod" || c.User != "login" || c.Namespace != "team-a" || c.Config.Host != "https://10.0.0.1:6443" || !c.ReadOnly ||
		c.Config.ExecProvider == nil || !c.Config.ExecProvider.StdinUnavailable || len(c.Config.CertData) > 0 {
		t.Errorf("%+v", c)
	}
	if c, err := k.OpenAs("prod", ""); err != nil || c.User != "admin" {
		t.Errorf("without a user: %s, %v", c.User, err)
	}
	for user, want := range map[string]string{"nobody": "has no user \"nobody\"; there are abroad, admin", "old": "use an exec plugin"} {
		if _, err := k.OpenAs("prod", user); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("as %s: %v", user, err)
		}
	}
	if _, err := k.OpenAs("nowhere", "login"); err == nil || !strings.Contains(err.Error(), "no context") {
		t.Errorf("a context that is not there: %v", err)
	}
	if after, _ := os.ReadFile(path); string(after) != string(before) {
		t.Error("the kubeconfig was written")
	}
}
