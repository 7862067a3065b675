// Package parts knows the processes of a cluster: with which arguments each runs, what it runs, and how one sees that
// it is well.
package parts

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"vmdeck/testdata/cluster/internal/proc"
	"vmdeck/testdata/cluster/internal/state"
)

// Command is the hidden sub-command under which a part's process runs: `cluster part NAME ...`.
const Command = "part"

// Process of a part in a state folder.
func Process(f *state.Folder, name string) proc.Process {
	p := proc.Process{Name: name, PidFile: f.Path("run", name+".pid"), LogFile: f.Path("logs", name+".log")}
	if name == state.APIServer && f.Config.Mode == state.Stored {
		p.Env = []string{"GOGC=50"} // its cache of ten thousand objects is large; this keeps the garbage small beside it
	}
	return p
}

// Start starts a part's process.
func Start(f *state.Folder, name string) (<-chan struct{}, error) {
	args := append([]string{Command, name, f.Dir}, arguments(f, name)...)
	return Process(f, name).Start(f.Dir, args)
}

// Grace is how long a part may take to leave. virt-api sleeps five seconds before it does, for load balancers that are
// not here (pkg/virt-api/api.go, startTLS), and loses nothing when it is ended sooner.
func Grace(name string) time.Duration {
	switch name {
	case state.VirtAPI, state.VirtController:
		return time.Second
	case state.APIServer:
		return 8 * time.Second
	default:
		return 5 * time.Second
	}
}

// arguments of a part, in the words of the program that it is.
func arguments(f *state.Folder, name string) []string {
	pki := func(file string) string { return f.Path("pki", file) }
	port := fmt.Sprint(f.Port(name))
	switch name {
	case state.APIServer:
		return []string{
			"--etcd-servers=http://" + f.Addr(state.Etcd),
			"--bind-address=" + state.Host,
			"--advertise-address=" + state.Host,
			"--secure-port=" + port,
			"--tls-cert-file=" + pki("apiserver.crt"),
			"--tls-private-key-file=" + pki("apiserver.key"),
			"--client-ca-file=" + pki("ca.crt"),
			"--token-auth-file=" + f.Path("tokens.csv"),
			"--authorization-mode=RBAC",
			"--anonymous-auth=false",
			"--allow-privileged=true",
			// No token is ever mounted into a pod that does not run. A new node is ready here, nobody would take the taint off.
			"--disable-admission-plugins=ServiceAccount,TaintNodesByCondition",
			"--endpoint-reconciler-type=none",
			"--service-cluster-ip-range=10.96.0.0/16",
			"--service-account-issuer=https://kubernetes.default.svc",
			"--service-account-key-file=" + pki("service-account.key"),
			"--service-account-signing-key-file=" + pki("service-account.key"),
			// The aggregator shows who is asking with this certificate; virt-api panics without the rest of it
			// (pkg/virt-api/api.go, readRequestHeader).
			"--requestheader-client-ca-file=" + pki("front-proxy-ca.crt"),
			"--requestheader-allowed-names=front-proxy-client",
			"--requestheader-username-headers=X-Remote-User",
			"--requestheader-group-headers=X-Remote-Group",
			"--requestheader-extra-headers-prefix=X-Remote-Extra-",
			"--proxy-client-cert-file=" + pki("front-proxy-client.crt"),
			"--proxy-client-key-file=" + pki("front-proxy-client.key"),
			"--profiling=false",
		}
	case state.VirtAPI:
		return []string{
			"--kubeconfig=" + f.ProgramKubeconfig(state.VirtAPI),
			"--listen=" + state.Host,
			"--port=" + port,
			"--console-server-port=" + fmt.Sprint(f.Port(state.Simulator)),
			"--tls-cert-file=" + pki("virt-api.crt"),
			"--tls-key-file=" + pki("virt-api.key"),
			"--handler-cert-file=" + pki("virt-handler-client.crt"),
			"--handler-key-file=" + pki("virt-handler-client.key"),
		}
	case state.VirtController:
		return []string{
			"--kubeconfig=" + f.ProgramKubeconfig(state.VirtController),
			"--listen=" + state.Host,
			"--port=" + port,
			"--prom-cert-file=" + pki("virt-controller.crt"),
			"--prom-key-file=" + pki("virt-controller.key"),
			"--launcher-image=" + "quay.io/kubevirt/virt-launcher:" + state.KubeVirtVersion,
			"--exporter-image=" + "quay.io/kubevirt/virt-exportserver:" + state.KubeVirtVersion,
			// It ends itself when it cannot renew its lease, and the API server is stopped on purpose here.
			"--leader-elect-lease-duration=2h",
			"--leader-elect-renew-deadline=1h",
		}
	}
	return nil
}

// Healthy asks a part whether it is well.
func Healthy(ctx context.Context, f *state.Folder, name string) error {
	switch name {
	case state.Etcd:
		return get(ctx, http.DefaultClient, "http://"+f.Addr(name)+"/health", "")
	case state.Controllers:
		return get(ctx, http.DefaultClient, "http://"+f.Addr(name)+"/healthz", "")
	}
	client, err := tlsClient(f)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	switch name {
	case state.APIServer:
		tokens, err := f.Tokens()
		if err != nil {
			return err
		}
		return get(ctx, client, "https://"+f.Addr(name)+"/readyz", tokens[state.Programs[state.Operator].User])
	case state.VirtAPI:
		return get(ctx, client, "https://"+f.Addr(name)+"/apis/subresources.kubevirt.io/v1", "")
	case state.VirtController:
		return leading(ctx, client, "https://"+f.Addr(name)+"/leader")
	case state.Simulator:
		return get(ctx, client, "https://"+f.Addr(name)+"/healthz", "")
	}
	return fmt.Errorf("there is no part called %q", name)
}

func tlsClient(f *state.Folder) (*http.Client, error) {
	ca, err := os.ReadFile(f.Path("pki", "ca.crt"))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}, nil
}

func get(ctx context.Context, c *http.Client, url, token string) error {
	_, err := fetch(ctx, c, url, token)
	return err
}

// leading is stricter than virt-controller's own health: it reconciles nothing before it leads.
func leading(ctx context.Context, c *http.Client, url string) error {
	body, err := fetch(ctx, c, url, "")
	if err == nil && !strings.Contains(body, `"true"`) {
		err = fmt.Errorf("virt-controller does not lead yet")
	}
	return err
}

func fetch(ctx context.Context, c *http.Client, url, token string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := c.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return "", err
	}
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s answers %s", url, resp.Status)
	}
	return string(body), nil
}
