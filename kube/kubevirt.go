package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vmdeck.dev/vmdeck/rbac"
)

// KubeVirt describes the installation of KubeVirt.
type KubeVirt struct {
	Version string   // "v1.7.0"; empty where it is not known
	Phase   string   // of the KubeVirt resource: "Deployed" when all is well
	Gates   []string // feature gates that are switched on by name
	Off     []string // and off by name
}

// kubeVirt reads the KubeVirt resource, which every authenticated user may (KubeVirt's ClusterRole kubevirt.io:default). Where that
// right was taken away, virt-api still tells its version to everybody who may get the subresource "version".
func (c *Cluster) kubeVirt(ctx context.Context) (KubeVirt, error) {
	k, err := c.kubeVirtResource(ctx)
	if Classify(err) != KindForbidden && (err != nil || k.Version != "") {
		return k, err
	}
	var api struct {
		GitVersion string `json:"gitVersion"`
	}
	if c.getJSON(ctx, "/apis/"+rbac.GroupSubresources+"/v1/version", &api) == nil && api.GitVersion != "" {
		k.Version = api.GitVersion
		return k, nil
	}
	return k, err
}

func (c *Cluster) kubeVirtResource(ctx context.Context) (KubeVirt, error) {
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
	err := c.call(ctx, func(ctx context.Context) error {
		raw, err := c.REST(rbac.GroupKubeVirt, "v1").Get().Resource("kubevirts").Do(ctx).Raw()
		if err != nil {
			return err
		}
		return json.Unmarshal(raw, &list)
	})
	if err != nil {
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
	parts := strings.SplitN(strings.TrimPrefix(k.Version, "v"), ".", 3)
	if len(parts) < 2 {
		return false
	}
	haveMajor, err1 := strconv.Atoi(parts[0])
	haveMinor, err2 := strconv.Atoi(parts[1])
	if err1 != nil || err2 != nil {
		return false
	}
	return haveMajor > major || haveMajor == major && haveMinor >= minor
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
