package config

import (
	"fmt"
	"net/http"
	"net/url"

	"k8s.io/client-go/rest"
)

// override puts the address and the proxy of the configuration in place of the kubeconfig's. The server's certificate is still
// checked against the name that the kubeconfig means.
func override(config *rest.Config, c Context) error {
	if c.ProxyURL != "" {
		proxy, err := url.Parse(c.ProxyURL)
		if err != nil || proxy.Host == "" {
			return fmt.Errorf("proxyURL %q is no address like https://proxy.example.com:443", c.ProxyURL)
		}
		config.Proxy = http.ProxyURL(proxy)
	}
	if c.Server == "" {
		return nil
	}
	server, err := url.Parse(c.Server)
	if err != nil || server.Host == "" || server.Scheme == "" {
		return fmt.Errorf("server %q is no address like https://api.example.com:6443", c.Server)
	}
	if before, err := url.Parse(config.Host); err == nil && config.ServerName == "" {
		config.ServerName = before.Hostname()
	}
	config.Host = c.Server
	return nil
}
