package config

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"k8s.io/client-go/rest"
)

// override puts the address and the proxy of the configuration in place of the kubeconfig's. The server's certificate is still
// checked against the name that the kubeconfig means, unless the configuration names one.
func override(config *rest.Config, c Context) error {
	if c.ProxyURL != "" {
		proxy, err := parseAddress(c.ProxyURL)
		if err != nil {
			return fmt.Errorf("proxyURL: %w", err)
		}
		config.Proxy = http.ProxyURL(proxy)
	}
	if c.Server == "" {
		return nil
	}
	if _, err := parseAddress(c.Server); err != nil {
		return fmt.Errorf("server: %w", err)
	}
	if c.TLSServerName != "" {
		config.ServerName = c.TLSServerName
	}
	if before, _, err := rest.DefaultServerUrlFor(config); err == nil && config.ServerName == "" {
		config.ServerName = before.Hostname()
	}
	config.Host = c.Server
	return nil
}

// parseAddress reads an address that must name scheme and host.
func parseAddress(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || !slices.Contains([]string{"https", "http", "socks5"}, u.Scheme) {
		return nil, fmt.Errorf("%q is no address like https://host.example.com:6443", withoutUser(address, u))
	}
	return u, nil
}

// withoutUser keeps a password in an address off the screen.
func withoutUser(address string, u *url.URL) string {
	if u != nil && u.User != nil {
		return u.Redacted()
	}
	if _, host, found := strings.Cut(address, "@"); found {
		return "…@" + host
	}
	return address
}
