package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/rbac"
)

// Identity is who the API server takes the connection's user for.
type Identity struct {
	User   string
	Groups []string
}

// ClusterInfo is what is known of a cluster and of oneself there. Each part has its own error.
type ClusterInfo struct {
	Identity    Identity
	IdentityErr error
	KubeVirt    KubeVirt
	KubeVirtErr error
}

// KubeVirt describes the installation of KubeVirt.
type KubeVirt struct {
	Version string // "v1.7.0"; empty where it is not known
	Phase   string // of the KubeVirt resource: "Deployed" when all is well
	Gates   []string
	Off     []string // gates that are switched off by name
}

// Complete says whether every part is known.
func (i ClusterInfo) Complete() bool { return i.IdentityErr == nil && i.KubeVirtErr == nil }

// Info asks for all parts side by side, with a deadline.
func (c *Cluster) Info(ctx context.Context) ClusterInfo {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	var info ClusterInfo
	var wg sync.WaitGroup
	wg.Go(func() { info.Identity, info.IdentityErr = c.WhoAmI(ctx) })
	wg.Go(func() { info.KubeVirt, info.KubeVirtErr = c.kubeVirt(ctx) })
	wg.Wait()
	return info
}

// WhoAmI asks the API server who the connection's user is (SelfSubjectReview, Kubernetes 1.28 and newer). The answer is kept.
func (c *Cluster) WhoAmI(ctx context.Context) (Identity, error) {
	c.mu.Lock()
	known := c.identity
	c.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	review, err := c.authentication.SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		return Identity{}, fmt.Errorf("ask who you are: %w", err)
	}
	me := Identity{User: review.Status.UserInfo.Username, Groups: review.Status.UserInfo.Groups}
	c.mu.Lock()
	c.identity = &me
	c.mu.Unlock()
	return me, nil
}

// kubeVirt reads the KubeVirt resource, which every authenticated user may (KubeVirt's ClusterRole kubevirt.io:default).
func (c *Cluster) kubeVirt(ctx context.Context) (KubeVirt, error) {
	raw, err := c.REST(rbac.GroupKubeVirt, "v1").Get().Resource("kubevirts").Do(ctx).Raw()
	if err != nil {
		return KubeVirt{}, fmt.Errorf("read the KubeVirt resource: %w", err)
	}
	var list struct {
		Items []struct {
			Spec struct {
				Configuration struct {
					DeveloperConfiguration struct {
						FeatureGates         []string `json:"featureGates"`
						DisabledFeatureGates []string `json:"disabledFeatureGates"`
					} `json:"developerConfiguration"`
				} `json:"configuration"`
			} `json:"spec"`
			Status struct {
				Phase                   string `json:"phase"`
				ObservedKubeVirtVersion string `json:"observedKubeVirtVersion"`
			} `json:"status"`
		} `json:"items"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return KubeVirt{}, fmt.Errorf("read the KubeVirt resource: %w", err)
	}
	if len(list.Items) == 0 {
		return KubeVirt{}, nil
	}
	item := list.Items[0]
	gates := item.Spec.Configuration.DeveloperConfiguration
	return KubeVirt{
		Version: item.Status.ObservedKubeVirtVersion, Phase: item.Status.Phase,
		Gates: gates.FeatureGates, Off: gates.DisabledFeatureGates,
	}, nil
}

// AtLeast says whether the version is known to be the given one or newer.
func (k KubeVirt) AtLeast(major, minor int) bool {
	have, ok := k.minor(major)
	return ok && have >= minor
}

// minor returns the minor version where the major one is as given; a newer major counts as a very high minor.
func (k KubeVirt) minor(major int) (int, bool) {
	parts := strings.SplitN(strings.TrimPrefix(k.Version, "v"), ".", 3)
	if len(parts) < 2 {
		return 0, false
	}
	m, err1 := strconv.Atoi(parts[0])
	n, err2 := strconv.Atoi(parts[1])
	switch {
	case err1 != nil || err2 != nil || m < major:
		return 0, false
	case m > major:
		return 1 << 16, true
	}
	return n, true
}

// GateOff says whether a feature gate of the beta stage is known to be off: KubeVirt turns those on by default since 1.9, and before
// only where they are listed (pkg/virt-config/featuregate).
func (k KubeVirt) GateOff(gate string) bool {
	switch {
	case k.Version == "" || slices.Contains(k.Gates, gate):
		return false
	case slices.Contains(k.Off, gate):
		return true
	}
	return !k.AtLeast(1, 9)
}
