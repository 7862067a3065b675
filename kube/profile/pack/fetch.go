package pack

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"

	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/credentials"
	"oras.land/oras-go/v2/registry/remote/errcode"
)

const maxRedirects = 10

// newClient makes a client that trusts the system's authorities and those of a PEM file. Deadlines come with the contexts.
func newClient(caFile string) (*http.Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if caFile != "" {
		pem, err := os.ReadFile(caFile)
		if err != nil {
			return nil, fmt.Errorf("read the CA file: %w", err)
		}
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("read the CA file: %s has no certificate in PEM form", caFile)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return &http.Client{Transport: transport, CheckRedirect: func(next *http.Request, before []*http.Request) error {
		if before[0].URL.Scheme == "https" && next.URL.Scheme != "https" {
			return fmt.Errorf("the server sends on to %s, which is not encrypted", next.URL.Host)
		}
		if len(before) >= maxRedirects {
			return errors.New("the server sends on and on")
		}
		return nil
	}}, nil
}

// login looks a host up in docker's configuration, credential helpers included. No entry is an empty login.
func login(ctx context.Context, host string) (auth.Credential, error) {
	store, err := credentials.NewStoreFromDocker(credentials.StoreOptions{})
	if err != nil {
		return auth.EmptyCredential, fmt.Errorf("read docker's configuration: %w", err)
	}
	found, err := credentials.Credential(store)(ctx, host)
	if err != nil {
		return auth.EmptyCredential, fmt.Errorf("ask docker's configuration for the login to %s: %w", host, err)
	}
	return found, nil
}

// status is an answer other than the one hoped for.
type status struct {
	code int
	url  string
}

func (s *status) Error() string {
	switch s.code {
	case http.StatusUnauthorized:
		return "the server wants a login (401); give it with \"docker login\""
	case http.StatusForbidden:
		return "the server refuses this login (403)"
	case http.StatusNotFound:
		return fmt.Sprintf("there is nothing at %s (404)", s.url)
	case http.StatusTooManyRequests:
		return "the server has had too many requests (429); try again later"
	}
	return fmt.Sprintf("the server answered %d %s", s.code, http.StatusText(s.code))
}

// plainly puts a failed request into words: name resolution, connection, TLS, or the server's answer.
func plainly(err error) error {
	var (
		dns       *net.DNSError
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		expired   x509.CertificateInvalidError
		record    tls.RecordHeaderError
		answer    *errcode.ErrorResponse
		call      *url.Error
	)
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("no answer in time")
	case errors.As(err, &dns):
		return fmt.Errorf("the host %s is not known here (DNS)", dns.Name)
	case errors.Is(err, syscall.ECONNREFUSED):
		return errors.New("nothing listens there (connection refused)")
	case errors.As(err, &authority):
		return errors.New("the certificate is signed by an authority that is not known here (TLS); set the CA file of the registry")
	case errors.As(err, &hostname):
		return fmt.Errorf("the certificate is for another host (TLS): %w", hostname)
	case errors.As(err, &expired):
		return fmt.Errorf("the certificate is not valid (TLS): %w", expired)
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return errors.New("the server does not speak TLS on this port")
	case errors.Is(err, auth.ErrBasicCredentialNotFound):
		return &status{code: http.StatusUnauthorized}
	case errors.As(err, &answer):
		return &status{answer.StatusCode, bare(answer.URL)}
	case errors.As(err, &call):
		return call.Err // without the address, which may hold a signature
	}
	return err
}

// bare is an address without login and query, either of which may be secret.
func bare(u *url.URL) string {
	if u == nil {
		return "that address"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// get fetches an address, with the login that docker has for its host when that is host.
func get(ctx context.Context, client *http.Client, address *url.URL, host string, limit int64) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return nil, err
	}
	if address.Host == host && (address.Scheme == "https" || isLoopback(address.Hostname())) {
		found, err := login(ctx, host)
		if err != nil {
			return nil, err
		}
		if found.Username != "" {
			request.SetBasicAuth(found.Username, found.Password)
		}
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, plainly(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, &status{response.StatusCode, bare(address)}
	}
	data, err := readAll(response.Body, limit)
	if err != nil {
		return nil, plainly(err)
	}
	return data, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}
