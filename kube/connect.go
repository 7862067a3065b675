package kube

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	authenticationv1 "k8s.io/client-go/kubernetes/typed/authentication/v1"
	authorizationv1 "k8s.io/client-go/kubernetes/typed/authorization/v1"
	corev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	rbacv1 "k8s.io/client-go/kubernetes/typed/rbac/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/flowcontrol"
)

// CallTimeout is the deadline of one short request. Lists, watches and streams set their own.
const CallTimeout = 10 * time.Second

// Target says which cluster is meant, in the words of the kubeconfig and of vmdeck's own configuration.
type Target struct {
	Context string
	// User is the kubeconfig's name for the user, shown until the API server says who one is.
	User string
	// Namespace is the context's namespace, "default" where the kubeconfig has none.
	Namespace string
	// Namespaces come from vmdeck's configuration, for users who may not list namespaces.
	Namespaces []string
}

// Cluster is the connection to one API server as one user. All its clients share one HTTP client and one
// rate limiter. It is safe for concurrent use.
type Cluster struct {
	target Target
	config *rest.Config
	http   *http.Client

	core           *corev1.CoreV1Client
	rbac           *rbacv1.RbacV1Client
	authentication *authenticationv1.AuthenticationV1Client
	authorization  *authorizationv1.AuthorizationV1Client

	health *Health
	access *Access

	mu    sync.Mutex
	rests map[schema.GroupVersion]*rest.RESTClient
	// identity is who the API server said the user is; nil until it was asked.
	identity *Identity
}

// Connect prepares the connection that config describes. It does no network I/O: reading certificate
// files is all that can fail, and an unreachable server shows with the first call. The config is copied.
//
// Credentials renew themselves below this layer: client-go runs an exec plugin again when the server
// answers 401, and reads a token file again every minute. So a call that failed with
// KindUnauthorized is worth repeating with back-off, as the lists and watches do.
func Connect(ctx context.Context, config *rest.Config, target Target) (*Cluster, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("connect to context %q: %w", target.Context, err)
	}
	cfg := rest.CopyConfig(config)
	if cfg.RateLimiter == nil && cfg.QPS > 0 {
		cfg.RateLimiter = flowcontrol.NewTokenBucketRateLimiter(cfg.QPS, max(cfg.Burst, 1))
	}
	client, err := rest.HTTPClientFor(cfg)
	if err != nil {
		return nil, fmt.Errorf("prepare the connection of context %q to %s: %w", target.Context, cfg.Host, err)
	}
	c := &Cluster{
		target: target, config: cfg, http: client,
		health: NewHealth(time.Now), rests: map[schema.GroupVersion]*rest.RESTClient{},
	}
	if err := c.typedClients(); err != nil {
		return nil, fmt.Errorf("prepare the clients of context %q for %s: %w", target.Context, cfg.Host, err)
	}
	c.access = newAccess(c, time.Now)
	return c, nil
}

// typedClients makes the few typed clients this package needs; a whole clientset costs start-up time.
func (c *Cluster) typedClients() (err error) {
	if c.core, err = corev1.NewForConfigAndClient(c.config, c.http); err != nil {
		return err
	}
	if c.rbac, err = rbacv1.NewForConfigAndClient(c.config, c.http); err != nil {
		return err
	}
	if c.authentication, err = authenticationv1.NewForConfigAndClient(c.config, c.http); err != nil {
		return err
	}
	if c.authorization, err = authorizationv1.NewForConfigAndClient(c.config, c.http); err != nil {
		return err
	}
	_, err = c.newREST(schema.GroupVersion{Version: "v1"})
	return err
}

// Target returns what Connect was given.
func (c *Cluster) Target() Target {
	t := c.target
	t.Namespaces = slices.Clone(t.Namespaces)
	return t
}

// Config returns a copy of the connection's configuration, rate limiter included, for callers that need
// a transport of their own such as a websocket. It holds credentials: never print it.
func (c *Cluster) Config() *rest.Config { return rest.CopyConfig(c.config) }

// HTTPClient returns the shared HTTP client. It authenticates, re-uses connections and has no overall
// timeout, because watches run on it too.
func (c *Cluster) HTTPClient() *http.Client { return c.http }

// Core returns the client for the core group.
func (c *Cluster) Core() corev1.CoreV1Interface { return c.core }

// RBAC returns the client for rbac.authorization.k8s.io.
func (c *Cluster) RBAC() rbacv1.RbacV1Interface { return c.rbac }

// Authorization returns the client for authorization.k8s.io.
func (c *Cluster) Authorization() authorizationv1.AuthorizationV1Interface { return c.authorization }

// Health returns the state of the connection, to be fed by whoever makes calls.
func (c *Cluster) Health() *Health { return c.health }

// Access returns the permission decisions for the connection's user.
func (c *Cluster) Access() *Access { return c.access }

// REST returns the client for one API group and version, "" being the core group. Clients are made once
// and kept. They decode the kinds of NewScheme; for any other kind read the raw body.
func (c *Cluster) REST(group, version string) *rest.RESTClient {
	gv := schema.GroupVersion{Group: group, Version: version}
	c.mu.Lock()
	defer c.mu.Unlock()
	if client, ok := c.rests[gv]; ok {
		return client
	}
	client, err := c.newREST(gv)
	if err != nil {
		// Only a host that cannot be parsed fails here, and Connect has made such a client before.
		panic(fmt.Sprintf("make a client for %s: %v", gv, err))
	}
	c.rests[gv] = client
	return client
}

func (c *Cluster) newREST(gv schema.GroupVersion) (*rest.RESTClient, error) {
	cfg := rest.CopyConfig(c.config)
	cfg.GroupVersion = &gv
	cfg.APIPath = "/apis"
	if gv.Group == "" {
		cfg.APIPath = "/api"
	}
	cfg.NegotiatedSerializer = codecs().WithoutConversion()
	cfg.ContentType = "application/json"
	// virt-api's handlers for pause and the like produce nothing, and answer 406 to a client that accepts JSON only.
	cfg.AcceptContentTypes = "application/json, */*"
	return rest.RESTClientForConfigAndClient(cfg, c.http)
}
