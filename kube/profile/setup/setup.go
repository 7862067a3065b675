// Package setup tells what was set up on a cluster: how it is reached and as whom VMs are operated there, as the applied profile says.
//
// The packs write that into ConfigMaps which everybody who has logged in may read.
package setup

import (
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/kube/profile"
)

// Known is whether it is known what was set up.
type Known int

// The answers to that.
const (
	Unread      Known = iota // not asked yet
	Found                    // a profile says it
	None                     // no profile was applied
	Forbidden                // the user may not read it, which is so where no profile was applied, too
	Unreachable              // the API server did not answer
)

// How a cluster is reached.
const (
	Proxied = "Proxied"
	Direct  = "Direct"
)

// Whose identity operates VMs.
const (
	Palette    = "Palette"
	Tenant     = "Inherit from Tenant"
	Kubernetes = "Specified on Kubernetes layer"
	NoAuth     = "None"
)

// State is what is known. All text is as it was found on the cluster: clean it before it is shown.
type State struct {
	Known Known
	Err   error // with Forbidden and Unreachable

	// Access is Proxied or Direct, IdentityProvider one of the four, or else what the profile says in its own words.
	Access, IdentityProvider string
	// Issuer and Client are those of the OIDC provider; empty where the identity provider takes none.
	Issuer, Client string
	// Proxy is the public address of the API server, with Proxied; empty where it is not known.
	Proxy string

	// Namespaces are those that the profile has for VMs; empty where the pack does not say.
	Namespaces []string

	// Pack, PackVersion, Release and Namespace are those of the pack that says it.
	Pack, PackVersion, Release, Namespace string
	// Profile is what made the release. It is empty where that is not known, and ProfileErr says why, or where it was no profile.
	Profile    profile.Ref
	ProfileErr error
}

// Connect tells whether VMs are operated with an OIDC identity, so that one connects first.
func (s State) Connect() bool {
	return s.Known == Found && (s.IdentityProvider == Tenant || s.IdentityProvider == Kubernetes)
}

// Issues tells whether an address is the one of the issuer; a slash at the end makes no difference.
func (s State) Issues(issuer string) bool {
	return issuer != "" && strings.TrimSuffix(issuer, "/") == strings.TrimSuffix(s.Issuer, "/")
}

// Names tells whether the API server has given a user the name that it gives users of the issuer where no other prefix was chosen.
func (s State) Names(user string) bool {
	return s.Issuer != "" && strings.HasPrefix(user, s.Issuer+"#")
}

// From says where it is known from: "the profile vm-platform 1.1.0".
func (s State) From() string {
	switch {
	case s.Known != Found:
		return ""
	case s.Profile.Name != "":
		return "the profile " + s.Profile.String()
	}
	return strings.TrimSpace("the pack " + s.Pack + " " + s.PackVersion)
}

// word is the value of a setting as people know it, or the value itself.
func word(words map[string]string, value string) string {
	if known, ok := words[value]; ok {
		return known
	}
	return value
}

var (
	accessWords   = map[string]string{"private": Proxied, "direct": Direct}
	identityWords = map[string]string{"palette": Palette, "tenant": Tenant, "none": Kubernetes, "noauth": NoAuth}
)

// Packs are those that say how a cluster was set up, the one that counts first.
func Packs() []string { return slices.Clone(packs) }

const (
	orchestrator = "virtual-machine-orchestrator"
	dashboard    = "spectro-vm-dashboard"
	proxy        = "spectro-proxy"
)

var packs = []string{orchestrator, dashboard}
