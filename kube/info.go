package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/version"

	"vmdeck.dev/vmdeck/rbac"
)

// Identity is who the API server takes the connection's user for.
type Identity struct {
	User   string
	Groups []string
}

// ClusterInfo is what is known of a cluster and of oneself there. Each part has its own error.
type ClusterInfo struct {
	// Identity has the kubeconfig's name for the user where the API server did not say.
	Identity    Identity
	IdentityErr error

	// Server is Kubernetes' version, such as "v1.33.13".
	Server    string
	ServerErr error

	// Groups are the API groups that are served, with the version the server prefers.
	Groups    map[string]string
	GroupsErr error

	KubeVirt    KubeVirt
	KubeVirtErr error
}

// Complete says whether every part is known.
func (i ClusterInfo) Complete() bool {
	return i.IdentityErr == nil && i.ServerErr == nil && i.GroupsErr == nil && i.KubeVirtErr == nil
}

// Presence says whether the cluster has KubeVirt: Absent and Present are certain, and where the server cannot be reached or will not
// say it is Unsure.
func (i ClusterInfo) Presence() Presence {
	switch _, served := i.Groups[rbac.GroupKubeVirt]; {
	case served, i.KubeVirt.Version != "":
		return Present
	case i.Groups != nil, Classify(i.KubeVirtErr) == KindNoKubeVirt:
		return Absent
	}
	return Unsure
}

// Presence is whether something is there.
type Presence int

// The three answers.
const (
	Unsure Presence = iota
	Present
	Absent
)

// Info asks for all parts side by side, each with a deadline.
func (c *Cluster) Info(ctx context.Context) ClusterInfo {
	var info ClusterInfo
	var wg sync.WaitGroup
	wg.Go(func() { info.Identity, info.IdentityErr = c.WhoAmI(ctx) })
	wg.Go(func() { info.Server, info.ServerErr = c.serverVersion(ctx) })
	wg.Go(func() { info.Groups, info.GroupsErr = c.groups(ctx) })
	wg.Go(func() { info.KubeVirt, info.KubeVirtErr = c.kubeVirt(ctx) })
	wg.Wait()
	if info.IdentityErr != nil {
		info.Identity.User = c.target.User
	}
	return info
}

// call makes one request under its own deadline and reports its outcome to Health.
func (c *Cluster) call(ctx context.Context, request func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	err := request(ctx)
	c.health.Report(err)
	return err
}

// WhoAmI asks the API server who the connection's user is (SelfSubjectReview, Kubernetes 1.28 and newer). The answer is kept.
func (c *Cluster) WhoAmI(ctx context.Context) (Identity, error) {
	c.mu.Lock()
	known := c.identity
	c.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	var me Identity
	err := c.call(ctx, func(ctx context.Context) error {
		review, err := c.authentication.SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
		if err == nil {
			me = Identity{User: review.Status.UserInfo.Username, Groups: review.Status.UserInfo.Groups}
		}
		return err
	})
	if err != nil {
		return Identity{}, fmt.Errorf("ask who you are: %w", err)
	}
	c.mu.Lock()
	c.identity = &me
	c.mu.Unlock()
	return me, nil
}

func (c *Cluster) serverVersion(ctx context.Context) (string, error) {
	var v version.Info
	if err := c.getJSON(ctx, "/version", &v); err != nil {
		return "", fmt.Errorf("read the API server's version: %w", err)
	}
	return v.GitVersion, nil
}

func (c *Cluster) groups(ctx context.Context) (map[string]string, error) {
	var list metav1.APIGroupList
	if err := c.getJSON(ctx, "/apis", &list); err != nil {
		return nil, fmt.Errorf("read which API groups are served: %w", err)
	}
	groups := make(map[string]string, len(list.Groups))
	for _, g := range list.Groups {
		groups[g.Name] = g.PreferredVersion.Version
	}
	return groups, nil
}

// getJSON reads an absolute path below the API server's address.
func (c *Cluster) getJSON(ctx context.Context, path string, into any) error {
	return c.call(ctx, func(ctx context.Context) error {
		raw, err := c.REST("", "v1").Get().AbsPath(path).Do(ctx).Raw()
		if err != nil {
			return err
		}
		return json.Unmarshal(raw, into)
	})
}
