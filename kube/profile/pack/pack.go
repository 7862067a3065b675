package pack

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/Masterminds/semver/v3"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
)

const chartFile = "Chart.yaml"

// Pack is one version of a pack. It does not change after it was loaded and is safe for concurrent use.
type Pack struct {
	Name        string // the chart's
	DisplayName string
	Type        string // such as TypeSystemApp
	Version     string
	AppVersion  string // of what is inside; may be empty
	Description string
	Readme      string // Markdown; may be empty
	ValuesYAML  string // values.yaml as it was written, with its comments

	chart    *chart.Chart
	spec     Spec
	schema   *Schema
	defaults Values
}

// Chart is the chart for Helm to install. It must not be changed.
func (p *Pack) Chart() *chart.Chart { return p.chart }

// Schema describes and checks the pack's values; nil when it has none.
func (p *Pack) Schema() *Schema { return p.schema }

// Defaults are the values that the chart comes with, those of charts inside it included.
func (p *Pack) Defaults() Values { return clone(p.defaults).(Values) }

// Values are the defaults with overrides merged in: what the chart is rendered with.
func (p *Pack) Values(overrides Values) Values { return Merge(p.defaults, overrides) }

// Changes lists what the values change from the defaults.
func (p *Pack) Changes(values Values) []Change { return Changes(p.defaults, values) }

// Overrides is the least that has to be kept of the values to get them again from Values, also with another version's defaults.
func (p *Pack) Overrides(values Values) Values { return Overrides(p.defaults, values) }

// Namespace is where the release goes: the value pack.namespace, else the namespace of pack.yaml, else the pack's name.
func (p *Pack) Namespace(values Values) string {
	if v, _ := Lookup(values, Path{"pack", "namespace"}); v != nil && v != "" {
		return Show(v)
	}
	if p.spec.Namespace != "" {
		return p.spec.Namespace
	}
	return p.Name
}

// Priority orders the packs of a profile, the lowest first: the value pack."spectrocloud.com/install-priority"; 0 without one.
func (p *Pack) Priority(values Values) int {
	v, _ := Lookup(values, Path{"pack", "spectrocloud.com/install-priority"})
	n, err := strconv.Atoi(Show(v))
	if err != nil {
		return 0
	}
	return n
}

// CRD is a kind of resource that a pack brings along. Helm creates it on installation and never changes or deletes it.
type CRD struct {
	Name string // of the file
	YAML []byte
}

// CRDs lists the files below crds/. Objects of these kinds cannot be checked against a server before it has them.
func (p *Pack) CRDs() []CRD {
	var out []CRD
	for _, c := range p.chart.CRDObjects() {
		out = append(out, CRD{Name: c.Filename, YAML: c.File.Data})
	}
	return out
}

// FromArchive reads a packed chart (.tgz). The error says which file of it is wrong, and why.
func FromArchive(data []byte) (*Pack, error) {
	files, err := archive.LoadArchiveFiles(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("not a chart archive: %w", err)
	}
	return fromFiles(files)
}

func fromFiles(files []*archive.BufferedFile) (*Pack, error) {
	// Helm's loader stops at the first file that it cannot read and does not always name it.
	for _, f := range files {
		if f.Name != "values.yaml" {
			continue
		}
		if _, err := ParseValues(string(f.Data)); err != nil {
			return nil, fmt.Errorf("values.yaml: %w", err)
		}
	}
	c, err := loader.LoadFiles(files)
	if err != nil {
		return nil, chartError(err)
	}
	if err := installable(c); err != nil {
		return nil, fmt.Errorf("%s: %w", chartFile, err)
	}
	p := &Pack{
		Name: c.Name(), DisplayName: displayName(c.Metadata), Type: packType(c.Metadata.Annotations), Version: c.Metadata.Version,
		AppVersion: c.Metadata.AppVersion, Description: c.Metadata.Description, chart: c, defaults: defaults(c),
	}
	for _, f := range c.Raw {
		switch f.Name {
		case "README.md":
			p.Readme = string(f.Data)
		case "values.yaml":
			p.ValuesYAML = string(f.Data)
		case specFile:
			if p.spec, err = parseSpec(f.Data); err != nil {
				return nil, fmt.Errorf("%s: %w", specFile, err)
			}
		}
	}
	if len(c.Schema) > 0 {
		if p.schema, err = parseSchema(c.Schema); err != nil {
			return nil, fmt.Errorf("%s: %w", schemaFile, err)
		}
	}
	return p, p.checkPresets()
}

// chartError words what Helm's loader says of a chart.
func chartError(err error) error {
	reason := err.Error()
	if strings.Contains(reason, "Chart.yaml file is missing") {
		return errors.New("it has no Chart.yaml, so it is no chart")
	}
	for _, file := range []string{chartFile, "Chart.lock", "values.yaml", "requirements.yaml", "requirements.lock"} {
		if rest, ok := strings.CutPrefix(reason, "cannot load "+file+": "); ok {
			return fmt.Errorf("%s: %s", file, yamlReason(errors.New(rest)))
		}
	}
	if rest, ok := strings.CutPrefix(reason, "validation: "); ok {
		return errors.New(chartFile + ": " + strings.Replace(rest, "chart.metadata.", "", 1))
	}
	return err
}

// installable finds out what would otherwise fail only when the pack is applied.
func installable(c *chart.Chart) error {
	if c.Metadata.Type == "library" {
		return errors.New("it is a library for other charts and cannot be installed")
	}
	if _, err := semver.StrictNewVersion(strings.TrimPrefix(c.Metadata.Version, "v")); err != nil {
		return fmt.Errorf("version %q is no semantic version", c.Metadata.Version)
	}
	for _, dependency := range c.Metadata.Dependencies {
		if !slices.ContainsFunc(c.Dependencies(), func(d *chart.Chart) bool { return d.Name() == dependency.Name }) {
			return fmt.Errorf("it depends on the chart %s, which is not in its charts folder; package it with \"helm package -u\"", dependency.Name)
		}
	}
	return nil
}

// defaults are the chart's values over those of the charts inside it, each below the name that the outer chart has for it.
func defaults(c *chart.Chart) Values {
	below := Values{}
	for _, d := range c.Dependencies() {
		name := d.Name()
		for _, dependency := range c.Metadata.Dependencies {
			if dependency.Name == name && dependency.Alias != "" {
				name = dependency.Alias
			}
		}
		below[name] = defaults(d)
	}
	return Merge(below, c.Values)
}

func displayName(m *chart.Metadata) string {
	if name := m.Annotations[AnnotationDisplayName]; name != "" {
		return name
	}
	return m.Name
}

func packType(annotations map[string]string) string {
	if t := annotations[AnnotationType]; t != "" {
		return t
	}
	return TypeHelm
}

// sortVersions puts the newest first and leaves out what is no semantic version.
func sortVersions(versions []string) []string {
	parsed := map[string]*semver.Version{}
	for _, text := range versions {
		if v, err := semver.NewVersion(text); err == nil {
			parsed[text] = v
		}
	}
	return slices.SortedFunc(maps.Keys(parsed), func(a, b string) int { return parsed[b].Compare(parsed[a]) })
}
