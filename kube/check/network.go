package check

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"vmdeck.dev/vmdeck/rbac"
)

// probeWithin is how long an address outside of the cluster may take to answer.
const probeWithin = 5 * time.Second

// setupFor reads what was configured, for a check that has nothing to do without.
func (e *env) setupFor(ctx context.Context) (Setup, Result, bool) {
	s, err := e.setup.of(ctx)
	if err == nil && s.Access+s.IdentityProvider == "" {
		err = s.SettingsErr
	}
	if err != nil {
		return s, unread(err, "read the settings that a profile has left in the namespace vm-dashboard", rbac.On("get", rbac.GroupCore, "configmaps")), true
	}
	return s, Result{}, false
}

func checkProxy(ctx context.Context, e *env) []Result {
	s, r, done := e.setupFor(ctx)
	switch {
	case done:
		return one(r)
	case s.Access == AccessDirect:
		return one(Result{Verdict: NotApplicable, Summary: "Access is Direct: no proxy is used."})
	case s.Access == "":
		return one(Result{Verdict: NotApplicable, Summary: "No profile says that Access is Proxied."})
	case s.Proxy == "":
		return one(Result{Verdict: NotApplicable, Summary: "Access is Proxied, but the proxy's public address is not known here."})
	}
	address := withPort(s.Proxy)
	if err := handshake(ctx, address); err != nil {
		return one(Result{
			Verdict: Fail, Summary: fmt.Sprintf("The proxy %s does not answer from here within %s.", address, probeWithin),
			Evidence: []string{sentence(err.Error())},
			Fix:      Fix{Text: "Open outbound port 443 to it in the firewall, or correct the address in the profile."},
		})
	}
	return one(Result{Verdict: Pass, Summary: fmt.Sprintf("The proxy %s answers from here.", address)})
}

// handshake opens a connection and speaks TLS. Whose certificate it is does not matter here: that something speaks TLS there shows that
// the way is open, and nothing is sent.
func handshake(ctx context.Context, address string) error {
	note(ctx, "TLS to "+address)
	ctx, cancel := context.WithTimeout(ctx, probeWithin)
	defer cancel()
	host, _, _ := net.SplitHostPort(address)
	dialer := tls.Dialer{Config: &tls.Config{ServerName: host, InsecureSkipVerify: true}}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return conn.Close()
}

// withPort is an address with the port that it has or 443.
func withPort(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		address = u.Host
	}
	if _, _, err := net.SplitHostPort(address); err == nil {
		return address
	}
	return net.JoinHostPort(strings.Trim(address, "[]"), "443")
}

func checkRegistry(ctx context.Context, e *env) []Result {
	s, err := e.setup.of(ctx)
	if err == nil {
		err = s.PacksErr
	}
	switch {
	case err != nil:
		return one(unread(err, "read Helm's releases, which say what was set up", rbac.On("list", rbac.GroupCore, "secrets")))
	case len(s.Registries)+len(s.Unregistered) == 0:
		return one(Result{Verdict: NotApplicable, Summary: "No profile that was applied uses a registry on the network."})
	}
	out := make([]Result, len(s.Registries))
	e.each(len(out), func(i int) {
		at := s.Registries[i]
		out[i] = Result{Object: at, Verdict: Pass, Summary: fmt.Sprintf("The registry %s answers from here.", at)}
		if err := reach(ctx, registryURL(at)); err != nil {
			out[i].Verdict, out[i].Evidence = Fail, []string{sentence(err.Error())}
			out[i].Summary = fmt.Sprintf("The registry %s does not answer from here within %s.", at, probeWithin)
			out[i].Fix = Fix{Text: "Open the way to it in firewall and proxy settings, or correct its address.", Command: "vmdeck registry list", Open: ShowRegistries{}}
		}
	})
	for _, name := range s.Unregistered {
		out = append(out, Result{
			Object: name, Verdict: Warn, Summary: fmt.Sprintf("The applied profile has packs of the registry %s, which is not known here.", name),
			Fix: Fix{Text: "Add the registry; upgrades and new clusters need it.", Command: "vmdeck registry add " + quote(name), Open: ShowRegistries{}},
		})
	}
	return out
}

// registryURL is the address that every OCI registry answers; an address that is a URL is taken as it is.
func registryURL(at string) string {
	if strings.HasPrefix(at, "http://") || strings.HasPrefix(at, "https://") {
		return at
	}
	return "https://" + strings.TrimSuffix(strings.TrimPrefix(at, "oci://"), "/") + "/v2/"
}

// reach asks for a page. A registry that wants a login is there.
func reach(ctx context.Context, address string) error {
	note(ctx, "GET "+address)
	ctx, cancel := context.WithTimeout(ctx, probeWithin)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusInternalServerError {
		return errors.New("it answers " + response.Status)
	}
	return nil
}
