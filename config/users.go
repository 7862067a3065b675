package config

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Login is how a user of the kubeconfig logs in.
type Login string

// The ways to log in.
const (
	LoginExec        Login = "exec plugin"
	LoginProvider    Login = "auth provider"
	LoginToken       Login = "token"
	LoginCertificate Login = "certificate"
	LoginPassword    Login = "password"
	LoginNone        Login = "no credentials"
)

// User is a user of the kubeconfig, with what it says of the login and nothing that is secret.
type User struct {
	Name  string
	Login Login
	// Plugin is the program that an exec plugin runs, or the name of an auth provider.
	Plugin string
	// Issuer and Client are those of the OIDC provider whose identity the user has, as the plugin's arguments or the token say; empty where
	// they do not. A token is not verified: that is for the API server.
	Issuer, Client string
	// Current is set for the user of the context, Here where a context has the user with the same cluster, Elsewhere where one has the user
	// with another.
	Current, Here, Elsewhere bool
}

// Users lists the users of the kubeconfig, seen from a context: its own first, then those that its cluster has in other contexts. An empty
// name means the current context.
func (k Kubeconfig) Users(name string) ([]User, error) {
	raw, err := k.load()
	if err != nil {
		return nil, err
	}
	if name == "" {
		name = raw.CurrentContext
	}
	context, ok := raw.Contexts[name]
	if !ok {
		return nil, k.missing(raw, name)
	}
	var out []User
	for _, user := range sortedKeys(raw.AuthInfos) {
		u := userOf(user, raw.AuthInfos[user])
		u.Current = user == context.AuthInfo
		for _, other := range raw.Contexts {
			if other.AuthInfo == user {
				u.Here = u.Here || other.Cluster == context.Cluster
				u.Elsewhere = u.Elsewhere || other.Cluster != context.Cluster
			}
		}
		out = append(out, u)
	}
	slices.SortStableFunc(out, func(a, b User) int { return cmp.Compare(a.distance(), b.distance()) })
	return out, nil
}

// distance is how far a user is from the context: the context's own, the cluster's, nobody's, another cluster's.
func (u User) distance() int {
	switch {
	case u.Current:
		return 0
	case u.Here:
		return 1
	case !u.Elsewhere:
		return 2
	}
	return 3
}

func userOf(name string, info *clientcmdapi.AuthInfo) User {
	u := User{Name: name, Login: LoginNone}
	switch {
	case info.Exec != nil:
		u.Login, u.Plugin = LoginExec, filepath.Base(info.Exec.Command)
		u.Issuer, u.Client = argument(info.Exec.Args, "--oidc-issuer-url"), argument(info.Exec.Args, "--oidc-client-id")
	case info.AuthProvider != nil:
		u.Login, u.Plugin = LoginProvider, info.AuthProvider.Name
		u.Issuer, u.Client = info.AuthProvider.Config["idp-issuer-url"], info.AuthProvider.Config["client-id"]
	case info.Token != "" || info.TokenFile != "":
		u.Login = LoginToken
		u.Issuer, u.Client = claims(info)
	case info.ClientCertificate != "" || len(info.ClientCertificateData) > 0:
		u.Login = LoginCertificate
	case info.Username != "":
		u.Login = LoginPassword
	}
	return u
}

// argument is the value of a flag, behind a = or as the next argument.
func argument(args []string, flag string) string {
	for i, arg := range args {
		if value, ok := strings.CutPrefix(arg, flag+"="); ok {
			return value
		}
		if arg == flag && i+1 < len(args) {
			return args[i+1]
		}
	}
	return ""
}

// claims are who issued a token and for which client, where it is one that says so.
func claims(info *clientcmdapi.AuthInfo) (issuer, client string) {
	token := info.Token
	if info.TokenFile != "" { // as client-go has it, the file goes before the token
		data, err := os.ReadFile(info.TokenFile)
		if err != nil {
			return "", ""
		}
		token = strings.TrimSpace(string(data))
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", ""
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return "", ""
	}
	var said struct {
		Issuer   string          `json:"iss"`
		Audience json.RawMessage `json:"aud"`
	}
	if json.Unmarshal(body, &said) != nil {
		return "", ""
	}
	var many []string
	if json.Unmarshal(said.Audience, &client) != nil && json.Unmarshal(said.Audience, &many) == nil && len(many) > 0 {
		client = many[0]
	}
	return said.Issuer, client
}

// OpenAs reads a context as Open does, with another user of the kubeconfig; an empty user means the context's own.
func (k Kubeconfig) OpenAs(name, user string) (Connection, error) {
	raw, err := k.load()
	if err != nil {
		return Connection{}, err
	}
	if name == "" {
		name = raw.CurrentContext
	}
	context, ok := raw.Contexts[name]
	if user == "" || !ok {
		return k.Open(name)
	}
	info := raw.AuthInfos[user]
	switch {
	case info == nil:
		return Connection{}, fmt.Errorf("the kubeconfig has no user %q; there are %s", user, strings.Join(sortedKeys(raw.AuthInfos), ", "))
	case info.AuthProvider != nil:
		return Connection{}, fmt.Errorf("the user %q logs in by the auth provider %q, which vmdeck does not support; use an exec plugin such as kubelogin", user, info.AuthProvider.Name)
	}
	other := context.DeepCopy()
	other.AuthInfo = user
	raw.Contexts[name] = other
	return k.read(raw, name)
}
