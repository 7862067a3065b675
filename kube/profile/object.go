package profile

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"

	"vmdeck.dev/vmdeck/kube/keep"
	"vmdeck.dev/vmdeck/rbac"
)

// The custom resource of profiles.
const (
	storeGroup    = rbac.GroupVMDeck
	storeVersion  = "v1alpha1"
	storeResource = "clusterprofiles"
	profileKind   = "ClusterProfile"
)

//go:embed crd.yaml
var storeDefinition []byte

// The errors of a store that its callers tell apart.
var (
	// ErrNotInstalled says that the cluster does not know the custom resource of profiles.
	ErrNotInstalled = errors.New("the cluster does not know the custom resource clusterprofiles.vmdeck.dev")
	// ErrChanged says that a profile is not what it was when it was read.
	ErrChanged = errors.New("it was changed since you opened it, and nothing was overwritten; open it again")
	// ErrExists says that there is a profile of that name and version.
	ErrExists = errors.New("there is a profile of that name and version already; open that one, or choose another version")
)

// profiles says how profiles are kept.
var profiles = keep.Kind[Profile]{
	Group: storeGroup, Version: storeVersion, Resource: storeResource, Kind: profileKind, Siblings: []string{"RoleBindingRule"},
	One: "profile", Many: "profiles", Definition: storeDefinition, Holds: "which packs make up the profile",
	Name: func(p Profile) string { return p.Ref().ObjectName() }, Spec: specOf, Read: profileOf, Check: func(p Profile) error { return asError(p.Validate()) },
	NotInstalled: ErrNotInstalled, Changed: ErrChanged, Exists: ErrExists,
}

// profileSpec is what stands in a profile's object. All of its own fields are written always, as a patch leaves those that it does not
// name as they were.
type profileSpec struct {
	Name        string         `json:"name"`
	Version     string         `json:"version"`
	Type        string         `json:"type"`
	Description string         `json:"description"`
	Manifests   []manifestSpec `json:"manifests"`
	Packs       []packSpec     `json:"packs"`
}

type manifestSpec struct {
	Name         string `json:"name"`
	URL          string `json:"url,omitempty"`
	File         string `json:"file,omitempty"`
	SHA256       string `json:"sha256,omitempty"`
	Content      string `json:"content,omitempty"`
	UnlessServed string `json:"unlessServed,omitempty"`
}

type packSpec struct {
	Registry   string `json:"registry"`
	Name       string `json:"name"`
	Version    string `json:"version"`
	Namespace  string `json:"namespace,omitempty"`
	Values     string `json:"values,omitempty"`
	RequiredBy string `json:"requiredBy,omitempty"`
}

func specOf(p Profile) any {
	spec := profileSpec{Name: p.Name, Version: p.Version, Type: p.Type, Description: p.Description, Manifests: []manifestSpec{}, Packs: []packSpec{}}
	for _, m := range p.Manifests {
		spec.Manifests = append(spec.Manifests, manifestSpec(m))
	}
	for _, r := range p.Packs {
		spec.Packs = append(spec.Packs, packSpec{
			Registry: r.Registry, Name: r.Name, Version: r.Version, Namespace: r.Namespace, Values: r.Values, RequiredBy: r.RequiredBy,
		})
	}
	return spec
}

// profileOf reads a profile. What may be left out of a file has its default here, as the API server has it in the cluster.
func profileOf(name string, kept keep.Spec) (Profile, error) {
	var spec profileSpec
	if err := kept.Into(&spec); err != nil {
		return Profile{}, err
	}
	p := Profile{Name: spec.Name, Version: cmp.Or(spec.Version, DefaultVersion), Type: cmp.Or(spec.Type, TypeAddOn), Description: spec.Description}
	for _, m := range spec.Manifests {
		p.Manifests = append(p.Manifests, Manifest(m))
	}
	for _, r := range spec.Packs {
		p.Packs = append(p.Packs, PackRef{
			Registry: r.Registry, Name: r.Name, Version: r.Version, Namespace: r.Namespace, Values: r.Values, RequiredBy: r.RequiredBy,
		})
	}
	if wanted := p.Ref().ObjectName(); p.Name != "" && name != wanted {
		return Profile{}, fmt.Errorf("metadata.name is %s, and must be %s after spec.name and spec.version", name, wanted)
	}
	return p, nil
}

// Manifest is a profile as YAML, ready for a file or kubectl apply.
func (p Profile) Manifest() ([]byte, error) { return profiles.Manifest(p) }

// Decode reads the profiles out of YAML or JSON: documents and lists of them. Objects of other kinds are passed over. name says where it
// comes from. What cannot be read becomes a Stored with Err.
func Decode(data []byte, name string) []Stored { return profiles.Decode(data, name) }
