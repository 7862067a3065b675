package binding

import (
	"fmt"

	authorizationclient "k8s.io/client-go/kubernetes/typed/authorization/v1"
	rbacclient "k8s.io/client-go/kubernetes/typed/rbac/v1"
	"k8s.io/client-go/rest"

	"vmdeck.dev/vmdeck/kube"
)

// atOnce is how many steps of a plan, or questions about it, are under way at a time.
const atOnce = 8

// unthrottled is a connection's configuration without its limit of requests per second. That limit suits a person at a screen; a plan
// for a thousand namespaces would take minutes under it, and is held back by atOnce and by the server's own fairness.
func unthrottled(c *kube.Cluster) *rest.Config {
	config := c.Config()
	config.RateLimiter, config.QPS = nil, -1
	return config
}

// unthrottledRBAC is a client for roles and bindings that is not throttled. It shares the connections of the cluster.
func unthrottledRBAC(c *kube.Cluster) (rbacclient.RbacV1Interface, error) {
	client, err := rbacclient.NewForConfigAndClient(unthrottled(c), c.HTTPClient())
	if err != nil {
		return nil, fmt.Errorf("prepare to handle roles and bindings: %w", err)
	}
	return client, nil
}

// reviewer is a client for access reviews that is not throttled.
func reviewer(c *kube.Cluster) (authorizationclient.AuthorizationV1Interface, error) {
	client, err := authorizationclient.NewForConfigAndClient(unthrottled(c), c.HTTPClient())
	if err != nil {
		return nil, fmt.Errorf("prepare to ask for access: %w", err)
	}
	return client, nil
}

// inOrder does something to n things side by side, and calls done for each of them in their order as soon as it and those before it are
// through. Calls of done do not overlap. A few things are done one after the other: that takes no time either, and the server's own log
// reads like the plan.
func inOrder(n int, do, done func(i int)) {
	if n <= atOnce {
		for i := range n {
			do(i)
			done(i)
		}
		return
	}
	through := make([]chan struct{}, n)
	for i := range through {
		through[i] = make(chan struct{})
	}
	go func() {
		slots := make(chan struct{}, atOnce)
		for i := range through {
			slots <- struct{}{}
			go func() {
				do(i)
				close(through[i])
				<-slots
			}()
		}
	}()
	for i := range through {
		<-through[i]
		done(i)
	}
}
