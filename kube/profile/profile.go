package profile

import (
	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/rbac"
)

// TypeAddOn is the type of profiles that add to a cluster that is there. It is the only one.
const TypeAddOn = "Add-on"

// DefaultVersion is the version of a profile that names none.
const DefaultVersion = "1.0.0"

// Labels of the Helm releases that a profile made: both stand on the release's secrets, so that they can be listed without reading one.
const (
	LabelProfile = rbac.GroupVMDeck + "/profile"         // the profile's name
	LabelVersion = rbac.GroupVMDeck + "/profile-version" // the profile's version
)

// Profile is one version of a cluster profile.
type Profile struct {
	Name        string // lower case letters, digits and dashes, 63 at most
	Version     string // a semantic version, as NormalVersion writes it
	Description string
	Type        string // TypeAddOn
	// Manifests are applied before the packs, in this order.
	Manifests []Manifest
	// Packs are installed in the order of their priority, then in this one. Each can be in a profile once.
	Packs []PackRef
}

// PackRef is a pack of a profile, with what was chosen for it.
type PackRef struct {
	Registry string // the name of a registry, such as pack.PublicRepo
	Name     string
	Version  string
	// Values are YAML: what is set otherwise than the pack's defaults.
	Values string
	// Namespace is where the release goes; empty: where the pack says.
	Namespace string
	// RequiredBy names the pack that this one came along with by itself; empty: somebody chose it. It goes when no pack needs it any more.
	RequiredBy string
}

// Manifest is YAML that is applied as it is, such as the released manifest of KubeVirt's operator. It comes from exactly one of URL, File
// and Content.
type Manifest struct {
	Name string // lower case letters, digits and dashes, 63 at most; each once in a profile
	// URL is https, and needs SHA256, so that what is applied is what was reviewed.
	URL string
	// File is an absolute path on the machine that applies the profile, for sites without internet.
	File string
	// SHA256 is the hexadecimal digest of what URL or File has; optional for a File.
	SHA256 string
	// Content is the YAML itself.
	Content string
	// UnlessServed is an API group such as kubevirt.io: where the cluster serves it, somebody installed this already, and it is left alone.
	UnlessServed string
}

// Ref names one version of a profile.
type Ref struct{ Name, Version string }

// Ref is the profile's name and version.
func (p Profile) Ref() Ref { return Ref{p.Name, p.Version} }

// ObjectName is what the profile's object is called. A name has no dot and a version begins with a number and a dot, so no two
// versions of whatever profiles share one.
func (r Ref) ObjectName() string { return r.Name + "-" + r.Version }

// String reads "vm-platform 1.0.0".
func (r Ref) String() string { return r.Name + " " + r.Version }

// Pack returns the profile's pack of a name; its index is -1 where there is none.
func (p Profile) Pack(name string) (ref PackRef, index int) {
	for i, ref := range p.Packs {
		if ref.Name == name {
			return ref, i
		}
	}
	return PackRef{}, -1
}

// Overrides are the pack's values as a map. The error says what is wrong with the YAML.
func (r PackRef) Overrides() (pack.Values, error) { return pack.ParseValues(r.Values) }
