// Package pki makes the cluster's certificates: one authority for everything the cluster serves and KubeVirt's mutual
// TLS, another for the front proxy, so that a certificate of the first cannot pass for the API server's aggregator.
package pki

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"kubevirt.io/kubevirt/pkg/certificates/triple"
	"kubevirt.io/kubevirt/pkg/certificates/triple/cert"

	"vmdeck/testdata/cluster/internal/state"
)

const validity = 10 * 365 * 24 * time.Hour

// Ensure makes the certificates that are missing. Files that exist are kept: the running parts use them.
func Ensure(f *state.Folder) error {
	dir := f.Path("pki")
	// The marker is written last, so a half-written set is made again as a whole.
	if _, err := os.Stat(filepath.Join(dir, "complete")); err == nil {
		return nil
	}
	ca, err := triple.NewCA("vmdeck-cluster", validity)
	if err != nil {
		return err
	}
	proxyCA, err := triple.NewCA("vmdeck-front-proxy", validity)
	if err != nil {
		return err
	}
	w := writer{dir: dir}
	w.pair("ca", ca, nil)
	w.pair("front-proxy-ca", proxyCA, nil)

	hosts := []string{"localhost", "kubernetes.default.svc"}
	w.server("apiserver", ca, "kube-apiserver", "kubernetes", "default", hosts)
	// The aggregator and the webhooks reach virt-api under its service's name.
	w.server("virt-api", ca, "virt-api."+state.KubeVirtNamespace+".svc", "virt-api", state.KubeVirtNamespace, []string{"localhost"})
	w.server("virt-controller", ca, "virt-controller", "virt-controller", state.KubeVirtNamespace, []string{"localhost"})
	// virt-api accepts a virt-handler only under this name, and shows this one itself (pkg/util/tls/tls.go, verifyPeerCert).
	w.server("virt-handler", ca, "kubevirt.io:system:node:virt-handler", "virt-handler", state.KubeVirtNamespace, []string{"localhost"})
	w.client("virt-handler-client", ca, "kubevirt.io:system:client:virt-handler")
	w.client("front-proxy-client", proxyCA, "front-proxy-client")
	w.serviceAccountKey("service-account.key")
	w.file("complete", nil)
	if w.err != nil {
		return fmt.Errorf("cannot make the certificates: %w", w.err)
	}
	return nil
}

// writer collects the first error, so that the list above reads as a list.
type writer struct {
	dir string
	err error
}

func (w *writer) pair(name string, p *triple.KeyPair, err error) {
	if err != nil && w.err == nil {
		w.err = err
	}
	if w.err != nil {
		return
	}
	w.file(name+".crt", cert.EncodeCertPEM(p.Cert))
	w.file(name+".key", cert.EncodePrivateKeyPEM(crypto.PrivateKey(p.Key)))
}

func (w *writer) server(name string, ca *triple.KeyPair, cn, svc, ns string, hosts []string) {
	p, err := triple.NewServerKeyPair(ca, cn, svc, ns, "cluster.local", []string{state.Host, "10.96.0.1"}, hosts, validity)
	w.pair(name, p, err)
}

func (w *writer) client(name string, ca *triple.KeyPair, cn string) {
	p, err := triple.NewClientKeyPair(ca, cn, nil, validity)
	w.pair(name, p, err)
}

func (w *writer) serviceAccountKey(name string) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		w.err = errors.Join(w.err, err)
		return
	}
	w.file(name, pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

func (w *writer) file(name string, data []byte) {
	if w.err == nil {
		w.err = state.WriteFile(filepath.Join(w.dir, name), data)
	}
}
