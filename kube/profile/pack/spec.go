package pack

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"sigs.k8s.io/yaml"

	"vmdeck.dev/vmdeck/kube"
)

// Annotations in a pack's Chart.yaml. Without them the pack is shown by the chart's name, as a TypeHelm.
const (
	AnnotationDisplayName = "packs.vmdeck.dev/display-name"
	AnnotationType        = "packs.vmdeck.dev/type"
)

// Types of packs. Others may occur: the type is a word that packs are sorted by.
const (
	TypeSystemApp      = "System App"
	TypeAuthentication = "Authentication"
	TypeHelm           = "Helm Chart"
)

const (
	specFile       = "pack.yaml"
	specAPIVersion = "packs.vmdeck.dev/v1alpha1"
	specKind       = "Pack"
)

// Spec is the file pack.yaml beside a Chart.yaml.
type Spec struct {
	APIVersion string `json:"apiVersion"` // packs.vmdeck.dev/v1alpha1
	Kind       string `json:"kind"`       // Pack
	// Namespace is where the release goes when the values do not say otherwise.
	Namespace string   `json:"namespace,omitempty"`
	Presets   []Preset `json:"presets,omitempty"`
	// Needs are values that have no useful default: the pack cannot be installed before they are filled in.
	Needs []Need `json:"needs,omitempty"`
	// Packs must be in the profile too.
	Packs []Requirement `json:"packs,omitempty"`
}

// Preset is one choice of a radio group: values to add and paths to remove.
type Preset struct {
	Name        string        `json:"name"`
	Group       string        `json:"group"`
	DisplayName string        `json:"displayName"`
	Description string        `json:"description,omitempty"`
	Add         string        `json:"add,omitempty"`    // YAML
	Remove      []string      `json:"remove,omitempty"` // paths, as Path.String writes them
	Needs       []Need        `json:"needs,omitempty"`  // what must be filled in when this is chosen
	Packs       []Requirement `json:"packs,omitempty"`  // what comes along when this is chosen

	add    Values
	remove []Path
}

// Need is a value that a person has to give.
type Need struct {
	Path        string `json:"path"` // as Path.String writes it
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`

	at Path
}

// At is the need's path.
func (n Need) At() Path { return slices.Clone(n.at) }

// Requirement is a pack that another one needs.
type Requirement struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"` // a semantic version constraint such as ">=1.0.0"; empty: any
	Values  string `json:"values,omitempty"`  // YAML that is merged into its values

	values     Values
	constraint *semver.Constraints
}

// Overrides are the values that the requirement sets in the other pack.
func (r Requirement) Overrides() Values { return clone(r.values).(Values) }

// Allows tells whether a version of the pack will do.
func (r Requirement) Allows(version string) bool {
	if r.constraint == nil {
		return true
	}
	v, err := semver.NewVersion(version)
	return err == nil && r.constraint.Check(v)
}

// parseSpec reads and checks a pack.yaml. The error names the place in it.
func parseSpec(data []byte) (Spec, error) {
	var s Spec
	if err := yaml.UnmarshalStrict(data, &s); err != nil {
		return Spec{}, errors.New(yamlReason(err))
	}
	if s.APIVersion != specAPIVersion || s.Kind != specKind {
		return Spec{}, fmt.Errorf("apiVersion and kind are %q and %q, not %q and %q", s.APIVersion, s.Kind, specAPIVersion, specKind)
	}
	if s.Namespace != "" && !kube.IsNamespaceName(s.Namespace) {
		return Spec{}, fmt.Errorf("namespace: %q cannot be the name of a namespace: %s", s.Namespace, kube.NamespaceNames)
	}
	seen := map[[2]string]bool{}
	for i := range s.Presets {
		p := &s.Presets[i]
		if err := p.parse(); err != nil {
			return Spec{}, fmt.Errorf("presets[%d]%w", i, err)
		}
		if id := [2]string{p.Group, p.Name}; seen[id] {
			return Spec{}, fmt.Errorf("presets[%d].name: %q stands twice in the group %q", i, p.Name, p.Group)
		} else {
			seen[id] = true
		}
	}
	if err := parseNeeds(s.Needs); err != nil {
		return Spec{}, err
	}
	return s, parseRequirements(s.Packs)
}

// parse fills in the decoded fields. The error begins with the place below the preset.
func (p *Preset) parse() error {
	for field, text := range map[string]string{"name": p.Name, "group": p.Group} {
		if strings.TrimSpace(text) == "" {
			return fmt.Errorf(".%s is empty", field)
		}
	}
	if p.DisplayName == "" {
		p.DisplayName = p.Name
	}
	var err error
	if p.add, err = ParseValues(p.Add); err != nil {
		return fmt.Errorf(".add: %w", err)
	}
	for i, text := range p.Remove {
		at, err := ParsePath(text)
		if err != nil {
			return fmt.Errorf(".remove[%d]: %w", i, err)
		}
		p.remove = append(p.remove, at)
	}
	if len(p.add) == 0 && len(p.remove) == 0 {
		return errors.New(" changes nothing: add and remove are both empty")
	}
	if err := parseNeeds(p.Needs); err != nil {
		return fmt.Errorf(".%w", err)
	}
	if err := parseRequirements(p.Packs); err != nil {
		return fmt.Errorf(".%w", err)
	}
	return nil
}

func parseNeeds(needs []Need) error {
	for i := range needs {
		at, err := ParsePath(needs[i].Path)
		if err != nil {
			return fmt.Errorf("needs[%d]: %w", i, err)
		}
		needs[i].at = at
		if needs[i].Title == "" {
			needs[i].Title = needs[i].Path
		}
	}
	return nil
}

func parseRequirements(packs []Requirement) error {
	for i := range packs {
		r := &packs[i]
		if r.Name == "" {
			return fmt.Errorf("packs[%d].name is empty", i)
		}
		var err error
		if r.values, err = ParseValues(r.Values); err != nil {
			return fmt.Errorf("packs[%d].values: %w", i, err)
		}
		if r.Version == "" {
			continue
		}
		if r.constraint, err = semver.NewConstraint(r.Version); err != nil {
			return fmt.Errorf("packs[%d].version: %q is no version constraint such as \">=1.0.0\"", i, r.Version)
		}
	}
	return nil
}
