package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// InCluster is the name of the context that stands for the account of the pod that vmdeck runs in.
const InCluster = "in-cluster"

// Kubeconfig finds contexts by kubectl's rules: an explicit path, else the files of KUBECONFIG merged, else ~/.kube/config, else the
// account of the pod. It is read anew at each call and never written.
type Kubeconfig struct {
	Path string // explicit; empty: kubectl's rules
	File File   // settings for contexts
	// UserAgent is sent with every request.
	UserAgent string
}

// Connection is what a context says about its cluster.
type Connection struct {
	Context   string
	User      string // the kubeconfig's name for the user
	Namespace string // empty where the context names none
	Config    *rest.Config
	Settings  Context
	ReadOnly  bool
}

func (k Kubeconfig) rules() *clientcmd.ClientConfigLoadingRules {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = k.Path
	rules.WarnIfAllMissing = false
	return rules
}

func (k Kubeconfig) load() (*clientcmdapi.Config, error) {
	raw, err := k.rules().Load()
	switch {
	case err != nil && k.Path != "" && errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no kubeconfig at %s", k.Path)
	case err != nil:
		return nil, fmt.Errorf("read the kubeconfig: %w", err)
	}
	return raw, nil
}

// Contexts lists the contexts' names, sorted.
func (k Kubeconfig) Contexts() ([]string, error) {
	raw, err := k.load()
	if err != nil {
		return nil, err
	}
	if len(raw.Contexts) == 0 && inPod() {
		return []string{InCluster}, nil
	}
	return sortedKeys(raw.Contexts), nil
}

// Open reads one context; an empty name means the current one. It reads files and runs nothing.
func (k Kubeconfig) Open(name string) (Connection, error) {
	raw, err := k.load()
	if err != nil {
		return Connection{}, err
	}
	if len(raw.Contexts) == 0 && (name == "" || name == InCluster) && inPod() {
		return k.openPod()
	}
	if name == "" {
		name = raw.CurrentContext
	}
	return k.read(raw, name)
}

// read reads a context out of a kubeconfig that was loaded.
func (k Kubeconfig) read(raw *clientcmdapi.Config, name string) (Connection, error) {
	context, ok := raw.Contexts[name]
	if !ok {
		return Connection{}, k.missing(raw, name)
	}
	if err := k.complete(raw, name); err != nil {
		return Connection{}, err
	}
	overrides := &clientcmd.ConfigOverrides{CurrentContext: name}
	config, err := clientcmd.NewNonInteractiveClientConfig(*raw, name, overrides, k.rules()).ClientConfig()
	if err != nil {
		return Connection{}, fmt.Errorf("context %q of the kubeconfig: %w", name, err)
	}
	c := Connection{Context: name, User: context.AuthInfo, Namespace: context.Namespace, Config: config}
	return k.finish(c)
}

// complete finds what a context refers to, which client-go reports in words that lead astray.
func (k Kubeconfig) complete(raw *clientcmdapi.Config, name string) error {
	context := raw.Contexts[name]
	if raw.Clusters[context.Cluster] == nil {
		return fmt.Errorf("context %q of the kubeconfig means the cluster %q, which is not in it; there are %s",
			name, context.Cluster, strings.Join(sortedKeys(raw.Clusters), ", "))
	}
	if context.AuthInfo != "" && raw.AuthInfos[context.AuthInfo] == nil {
		return fmt.Errorf("context %q of the kubeconfig means the user %q, who is not in it; there are %s",
			name, context.AuthInfo, strings.Join(sortedKeys(raw.AuthInfos), ", "))
	}
	return nil
}

func (k Kubeconfig) openPod() (Connection, error) {
	config, err := rest.InClusterConfig()
	if err != nil {
		return Connection{}, fmt.Errorf("use the account of the pod: %w", err)
	}
	namespace, _ := os.ReadFile("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
	return k.finish(Connection{Context: InCluster, User: "service account", Namespace: strings.TrimSpace(string(namespace)), Config: config})
}

// finish applies the settings of the configuration file.
func (k Kubeconfig) finish(c Connection) (Connection, error) {
	c.Settings = k.File.Contexts[c.Context]
	c.ReadOnly = k.File.ReadOnly || c.Settings.ReadOnly
	c.Config.UserAgent = k.UserAgent
	// client-go's default of 5 requests a second throttles a screenful of detail; the server's own fairness protects it.
	c.Config.QPS, c.Config.Burst = 50, 100
	if plugin := c.Config.ExecProvider; plugin != nil {
		// A plugin that asks questions would fight with the screen over the keyboard.
		plugin.StdinUnavailable, plugin.StdinUnavailableMessage = true, "vmdeck uses the terminal itself; log in with the plugin first"
	}
	if err := override(c.Config, c.Settings); err != nil {
		return Connection{}, fmt.Errorf("contexts.%s of the configuration: %w", c.Context, err)
	}
	return c, nil
}

func inPod() bool { return os.Getenv("KUBERNETES_SERVICE_HOST") != "" }

// missing explains why a context cannot be found.
func (k Kubeconfig) missing(raw *clientcmdapi.Config, name string) error {
	names := sortedKeys(raw.Contexts)
	where := k.Path
	if where == "" {
		where = strings.Join(k.rules().Precedence, ", ")
	}
	switch {
	case len(names) == 0:
		return fmt.Errorf("there is no kubeconfig with a context; looked at %s, and vmdeck does not run in a pod. Name one with --kubeconfig or KUBECONFIG", where)
	case name == "":
		return fmt.Errorf("the kubeconfig (%s) has no current context; name one with --context: %s", where, strings.Join(names, ", "))
	}
	if near := nearest(name, names); near != "" {
		return fmt.Errorf("the kubeconfig (%s) has no context %q. Did you mean %s? There are %s", where, name, near, strings.Join(names, ", "))
	}
	return fmt.Errorf("the kubeconfig (%s) has no context %q; there are %s", where, name, strings.Join(names, ", "))
}
