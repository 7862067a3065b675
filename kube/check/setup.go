package check

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/rbac"
)

// Setup is what was configured for a cluster.
type Setup struct {
	// From says where this is known from: "the profile vm-platform 1.1.0". It is empty where nothing was configured.
	From string
	// SettingsErr is why it is not known how the cluster is reached and as whom VMs are operated.
	SettingsErr error
	// Access is how the cluster is reached: AccessProxied, AccessDirect, or empty where it is not known.
	Access string
	// Proxy is the proxy's public address, as host or host:port.
	Proxy string
	// IdentityProvider is IdentityPalette, IdentityTenant, IdentityKubernetes, or empty where it is not known.
	IdentityProvider string
	// Connects is set where one connects with an identity of the OIDC provider before VMs are shown.
	Connects bool
	// Issuer is the URL of the OIDC issuer that the API server is meant to trust.
	Issuer string
	// Registries are where packs come from, as host, host:port or URL.
	Registries []string
	// Unregistered are the names of registries that profiles use and that are not known here.
	Unregistered []string
	// Packs are those that were installed or are meant to be; PacksErr is why they are not known.
	Packs    []Pack
	PacksErr error
	// Profiles are those that were applied, as far as packs are known. ListErr is why it is not known which profiles are kept.
	Profiles []Applied
	ListErr  error
}

// Applied is a version of a profile that has made releases on the cluster.
type Applied struct {
	Ref profile.Ref
	// Kept is the profile as the list has it; nil: it is not in the list.
	Kept *profile.Profile
	// State is how it is, and Text why, where that is not apply.Running; StateErr is why that is not known.
	State    apply.State
	Text     string
	StateErr error
}

// The values of Setup.Access and Setup.IdentityProvider.
const (
	AccessProxied      = "Proxied"
	AccessDirect       = "Direct"
	IdentityPalette    = "Palette"
	IdentityTenant     = "Inherit from Tenant"
	IdentityKubernetes = "Specified on Kubernetes layer"
)

// Pack is a pack with the Helm release that stands for it.
type Pack struct {
	Name string
	// Namespace and Status are those of its release, the status in Helm's words: "deployed". Both are empty where there is none.
	Namespace, Status string
}

// Source tells what was configured for a cluster.
type Source interface {
	Setup(ctx context.Context, c *kube.Cluster) (Setup, error)
}

// FromCluster is what a cluster shows by itself: Helm's releases of the packs that vmdeck knows.
type FromCluster struct{}

// ProxyPack is the pack that Access Proxied brings along.
const ProxyPack = "spectro-proxy"

var knownPacks = []string{"virtual-machine-orchestrator", "spectro-vm-dashboard", ProxyPack}

// Setup implements Source. Of the releases only labels are read, since values may hold secrets.
func (FromCluster) Setup(ctx context.Context, c *kube.Cluster) (Setup, error) {
	ctx, cancel := context.WithTimeout(ctx, kube.CallTimeout)
	defer cancel()
	raw, err := c.REST("", "v1").Get().AbsPath("/api/v1/secrets").Param("labelSelector", "owner=helm").
		SetHeader("Accept", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1").Do(ctx).Raw()
	if err != nil {
		return Setup{}, err
	}
	var list metav1.PartialObjectMetadataList
	if err := json.Unmarshal(raw, &list); err != nil {
		return Setup{}, fmt.Errorf("read the list of Helm's releases: %w", err)
	}
	var s Setup
	latest := map[string]metav1.PartialObjectMetadata{}
	for _, item := range list.Items {
		name := item.Labels["name"]
		known := slices.Contains(knownPacks, name)
		if before, seen := latest[name]; known && (!seen || before.CreationTimestamp.Before(&item.CreationTimestamp)) {
			latest[name] = item
		}
	}
	for _, name := range knownPacks {
		if item, found := latest[name]; found {
			s.Packs = append(s.Packs, Pack{Name: name, Namespace: item.Namespace, Status: item.Labels["status"]})
		}
	}
	if len(s.Packs) > 0 {
		s.From = "Helm's releases on the cluster"
	}
	if _, proxied := latest[ProxyPack]; proxied {
		s.Access = AccessProxied
	}
	return s, nil
}

// checkPacks looks whether the packs that were configured are installed and whole.
func checkPacks(ctx context.Context, e *env) []Result {
	s, err := e.setup.of(ctx)
	if err == nil {
		err = s.PacksErr
	}
	switch {
	case err != nil:
		return one(unread(err, "read Helm's releases, which say what was set up", rbac.On("list", rbac.GroupCore, "secrets")))
	case len(s.Packs) == 0:
		return one(Result{Verdict: NotApplicable, Summary: "No pack of a profile is installed: the platform was set up by other means."})
	}
	var out []Result
	for _, p := range s.Packs {
		r := Result{Object: p.Name, Verdict: Pass, Summary: p.Name + " is installed.", Evidence: []string{"known from " + s.From}}
		history := Fix{Text: "Look at the release's history, and apply the profile again.", Command: "helm history " + quote(p.Name) + " -n " + quote(p.Namespace)}
		switch {
		case p.Status == "":
			r.Verdict, r.Summary = Fail, p.Name+" is not installed."
			r.Fix = Fix{Text: "Apply the profile to the cluster."}
			for _, a := range s.Profiles {
				if a.Kept != nil && slices.ContainsFunc(a.Kept.Packs, func(ref profile.PackRef) bool { return ref.Name == p.Name }) {
					r.Fix.Command, r.Fix.Open = applyAgain(a.Ref), ApplyProfile{*a.Kept}
				}
			}
		case strings.HasPrefix(p.Status, "pending"):
			r.Verdict, r.Fix = Warn, history
			r.Summary = p.Name + " is being installed or changed, or that was broken off: " + p.Status + "."
		case p.Status != "deployed":
			r.Verdict, r.Fix = Fail, history
			r.Summary = p.Name + " is not deployed: its release is " + p.Status + "."
		}
		out = append(out, r)
	}
	return out
}
