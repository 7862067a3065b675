package apply

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/kube"
	"helm.sh/helm/v4/pkg/storage"
	"helm.sh/helm/v4/pkg/storage/driver"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	corev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	vmdeck "vmdeck.dev/vmdeck/kube"
)

const (
	// fieldManager is the name under which the helm program applies objects, so that it can go on where vmdeck left off.
	fieldManager = "helm"
	// recordWithin is how long a release may take to be recorded after its context has ended.
	recordWithin = 30 * time.Second
)

// quiet makes what Helm keeps in variables of its packages fit for a program with a screen: it logs to slog's default logger in places.
var quiet = sync.OnceFunc(func() {
	kube.ManagedFieldsManager = fieldManager
	slog.SetDefault(slog.New(slog.DiscardHandler))
})

// session is the connection of one plan or run. Objects are read and written until its context ends; releases are recorded for a moment
// longer, so that none is left as if it were still under way.
type session struct {
	ctx       context.Context
	cluster   *vmdeck.Cluster
	config    *rest.Config
	discovery discovery.CachedDiscoveryInterface
	mapper    meta.ResettableRESTMapper
	dynamic   dynamic.Interface
	records   corev1.CoreV1Interface
	end       func()
}

// open connects. outage hears when the server cannot be reached and when it is back, and may be nil: then nothing is tried again.
func open(ctx context.Context, cluster *vmdeck.Cluster, outage func(error)) (*session, error) {
	quiet()
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(recordWithin, cancel) })
	s := &session{ctx: ctx, cluster: cluster, end: func() { stop(); cancel() }}
	away := &atomic.Bool{}
	bound := func(ctx context.Context) *rest.Config {
		config := cluster.Config()
		config.WarningHandler = rest.NoWarnings{}
		config.Wrap(func(base http.RoundTripper) http.RoundTripper {
			return &carrier{ctx: ctx, base: base, outage: outage, away: away}
		})
		return config
	}
	s.config = bound(ctx)
	client, err := discovery.NewDiscoveryClientForConfig(s.config)
	if err == nil {
		s.discovery = memory.NewMemCacheClient(client)
		s.mapper = restmapper.NewDeferredDiscoveryRESTMapper(s.discovery)
		s.dynamic, err = dynamic.NewForConfig(s.config)
	}
	if err == nil {
		s.records, err = corev1.NewForConfig(bound(longer))
	}
	if err != nil {
		s.end()
		return nil, fmt.Errorf("prepare the connection to %s: %w", cluster.Target().Context, err)
	}
	return s, nil
}

// close ends the session. A session whose context goes on can be closed at any time.
func (s *session) close() { s.end() }

// getter gives Helm the session's connection for a namespace.
type getter struct {
	*session
	namespace string
}

func (g getter) ToRESTConfig() (*rest.Config, error) { return rest.CopyConfig(g.config), nil }
func (g getter) ToDiscoveryClient() (discovery.CachedDiscoveryInterface, error) {
	return g.discovery, nil
}
func (g getter) ToRESTMapper() (meta.RESTMapper, error) { return g.mapper, nil }
func (g getter) ToRawKubeConfigLoader() clientcmd.ClientConfig {
	return clientcmd.NewDefaultClientConfig(clientcmdapi.Config{}, &clientcmd.ConfigOverrides{Context: clientcmdapi.Context{Namespace: g.namespace}})
}

// releases is Helm's storage of a namespace; with an empty one, of all.
func (s *session) releases(namespace string) *storage.Storage {
	d := driver.NewSecrets(s.records.Secrets(namespace))
	d.SetLogger(slog.DiscardHandler)
	store := storage.Init(d)
	store.SetLogger(slog.DiscardHandler)
	return store
}

// helm is what Helm's actions need for releases in a namespace. What they do to objects is told to the watcher.
func (s *session) helm(namespace string, w *watcher) (*action.Configuration, error) {
	config := action.NewConfiguration(action.ConfigurationSetLogger(slog.DiscardHandler))
	if err := config.Init(getter{s, namespace}, namespace, "secret"); err != nil {
		return nil, err
	}
	config.Releases = s.releases(namespace)
	if inner, ok := config.KubeClient.(*kube.Client); ok {
		inner.WaitContext = s.ctx
	}
	config.KubeClient = &client{Interface: config.KubeClient, session: s, watcher: w}
	config.SetHookOutputFunc(func(_, _, _ string) io.Writer { return io.Discard })
	return config, nil
}

// resource is the client for an object's kind. The error is a NoMatch where the cluster does not serve it.
func (s *session) resource(o Object) (dynamic.ResourceInterface, bool, error) {
	mapping, err := s.mapper.RESTMapping(o.kind().GroupKind(), o.Version)
	if err != nil {
		return nil, false, err
	}
	all := s.dynamic.Resource(mapping.Resource)
	if mapping.Scope.Name() != meta.RESTScopeNameNamespace {
		return all, false, nil
	}
	return all.Namespace(o.Namespace), true, nil
}

// forget has the kinds that the cluster serves read anew.
func (s *session) forget() {
	s.discovery.Invalidate()
	s.mapper.Reset()
}
