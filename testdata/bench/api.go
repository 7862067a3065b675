package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// contextName is the identity that the bench and vmdeck use.
const contextName = "cluster-admin"

// Paths of what vmdeck lists and watches.
const (
	machinesPath  = "/apis/kubevirt.io/v1/virtualmachines"
	instancesPath = "/apis/kubevirt.io/v1/virtualmachineinstances"
)

var watchedPaths = []string{
	machinesPath, instancesPath,
	"/apis/kubevirt.io/v1/virtualmachineinstancemigrations",
	"/apis/instancetype.kubevirt.io/v1beta1/virtualmachineinstancetypes",
	"/apis/instancetype.kubevirt.io/v1beta1/virtualmachineclusterinstancetypes",
	"/api/v1/namespaces",
}

// api talks to the API server with nothing in between: what it measures is what any client has to wait for.
type api struct {
	kubeconfig string
	host       string // host:port
	serverName string // in the server's certificate
	token      string
	tls        *tls.Config
}

func newAPI(kubeconfig string) (*api, error) {
	rules := &clientcmd.ClientConfigLoadingRules{ExplicitPath: kubeconfig}
	cfg, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: contextName}).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("read the cluster's kubeconfig: %w", err)
	}
	target, err := url.Parse(cfg.Host)
	if err != nil {
		return nil, fmt.Errorf("read the cluster's address: %w", err)
	}
	secure, err := rest.TLSConfigFor(cfg)
	if err != nil {
		return nil, fmt.Errorf("read the cluster's certificates: %w", err)
	}
	a := &api{kubeconfig: kubeconfig, host: target.Host, serverName: cfg.ServerName, token: cfg.BearerToken, tls: secure}
	if a.serverName == "" {
		a.serverName = target.Hostname()
	}
	return a, nil
}

// through is the same server reached over another address.
func (a *api) through(addr string) *api {
	b := *a
	b.host, b.tls = addr, a.tls.Clone()
	b.tls.ServerName = a.serverName
	return &b
}

// writeKubeconfig writes a kubeconfig that leads to the server over another address.
func (a *api) writeKubeconfig(path, addr string) error {
	cfg, err := clientcmd.LoadFromFile(a.kubeconfig)
	if err != nil {
		return fmt.Errorf("read the cluster's kubeconfig: %w", err)
	}
	for _, cluster := range cfg.Clusters {
		cluster.Server, cluster.TLSServerName = "https://"+addr, a.serverName
	}
	if err := clientcmd.WriteToFile(*cfg, path); err != nil {
		return fmt.Errorf("write a kubeconfig for the counted connections: %w", err)
	}
	return nil
}

// client is a client without any open connection, like that of a program that has just started.
func (a *api) client() *http.Client {
	return &http.Client{Transport: &http.Transport{TLSClientConfig: a.tls.Clone(), ForceAttemptHTTP2: true, DisableCompression: true}}
}

func (a *api) do(ctx context.Context, c *http.Client, method, path, kind string, body []byte, compressed bool) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, "https://"+a.host+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	if a.token != "" {
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if compressed {
		req.Header.Set("Accept-Encoding", "gzip")
	}
	resp, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 != 2 {
		defer resp.Body.Close()
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 2000))
		return nil, fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, strings.TrimSpace(string(text)))
	}
	return resp, nil
}

// get asks for JSON and decodes it.
func (a *api) get(ctx context.Context, c *http.Client, path string, into any) error {
	resp, err := a.do(ctx, c, http.MethodGet, path, "", nil, false)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(into)
}

// send puts JSON to the server and waits for its answer.
func (a *api) send(ctx context.Context, c *http.Client, method, path, kind string, body any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	resp, err := a.do(ctx, c, method, path, kind, data, false)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	return err
}

// drain asks for a list as vmdeck does, unpacks it and throws it away. It returns the bytes on the wire and those of the JSON.
func (a *api) drain(ctx context.Context, c *http.Client, path string) (packed, plain int64, err error) {
	resp, err := a.do(ctx, c, http.MethodGet, path, "", nil, true)
	if err != nil {
		return 0, 0, err
	}
	defer resp.Body.Close()
	wire := &tally{r: resp.Body}
	var body io.Reader = wire
	if resp.Header.Get("Content-Encoding") == "gzip" {
		if body, err = gzip.NewReader(wire); err != nil {
			return 0, 0, fmt.Errorf("unpack %s: %w", path, err)
		}
	}
	plain, err = io.Copy(io.Discard, body)
	if err != nil {
		return 0, 0, fmt.Errorf("read %s: %w", path, err)
	}
	return wire.n, plain, nil
}

type tally struct {
	r io.Reader
	n int64
}

func (t *tally) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	t.n += int64(n)
	return n, err
}

// version is the resource version to watch a kind from.
func (a *api) version(ctx context.Context, c *http.Client, path string) (string, error) {
	var list struct {
		Metadata struct {
			ResourceVersion string `json:"resourceVersion"`
		} `json:"metadata"`
	}
	err := a.get(ctx, c, path+"?limit=1", &list)
	return list.Metadata.ResourceVersion, err
}

// watch follows a kind and hands on every event undecoded, with the time it came at. It returns the version to go on from.
func (a *api) watch(ctx context.Context, c *http.Client, path, version string, event func([]byte, time.Time)) (string, error) {
	query := url.Values{"watch": {"1"}, "allowWatchBookmarks": {"true"}, "resourceVersion": {version}}
	resp, err := a.do(ctx, c, http.MethodGet, path+"?"+query.Encode(), "", nil, false)
	if err != nil {
		return version, err
	}
	defer resp.Body.Close()
	lines := bufio.NewReaderSize(resp.Body, 256<<10)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return version, err
		}
		event(line, time.Now())
		if found := versionIn.FindSubmatch(line); found != nil {
			version = string(found[1])
		}
	}
}

var versionIn = regexp.MustCompile(`"resourceVersion":"(\d+)"`)

// ready waits until the server answers lists from its cache, which takes a while after its start.
func (a *api) ready(ctx context.Context) error {
	c := a.client()
	defer c.CloseIdleConnections()
	end := time.Now().Add(restLimit)
	for _, path := range watchedPaths {
		for {
			_, _, err := a.drain(ctx, c, path+"?resourceVersion=0")
			if err == nil {
				break
			}
			if time.Now().After(end) {
				return fmt.Errorf("the control plane does not get ready: %w", err)
			}
			if err := pause(ctx, time.Second); err != nil {
				return err
			}
		}
	}
	return nil
}

// names reads the names of the first VMs, in the order of the server.
func (a *api) names(ctx context.Context, limit int) ([]string, error) {
	var list struct {
		Items []struct {
			Metadata struct {
				Name string `json:"name"`
			} `json:"metadata"`
		} `json:"items"`
	}
	err := a.get(ctx, a.client(), fmt.Sprintf("%s?limit=%d", machinesPath, limit), &list)
	var names []string
	for _, item := range list.Items {
		names = append(names, item.Metadata.Name)
	}
	return names, err
}
