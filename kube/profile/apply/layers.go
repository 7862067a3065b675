package apply

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/kube"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/rbac"
)

// LabelRevision numbers the runs that carried a profile out. Together with profile.LabelProfile and profile.LabelVersion it stands on every
// release of a profile.
const LabelRevision = rbac.GroupVMDeck + "/profile-revision"

// manifestNamespace is where the releases of manifests are recorded when the profile has no pack.
const manifestNamespace = "vmdeck"

// Layers is what one version of a profile puts on a cluster.
type Layers struct {
	Profile string
	Version string
	// Manifests come first, in this order.
	Manifests []Manifest
	// Packs follow by their priority, and in this order where that is the same.
	Packs []Pack
}

// Manifest is YAML that is applied as it is.
type Manifest struct {
	// Name is also the name of its release.
	Name    string
	Content string
	// Namespace has the release, and the objects that name none; empty: that of the first pack.
	Namespace string
	// UnlessServed is an API group such as kubevirt.io: a cluster that serves it without this layer is left alone.
	UnlessServed string
}

// Pack is a pack to be installed.
type Pack struct {
	Release   string // empty: the pack's name
	Namespace string // empty: where the pack says
	Pack      *pack.Pack
	Values    pack.Values // all of them, or only what differs from the defaults
}

// layer is a manifest or a pack, made ready for Helm.
type layer struct {
	release, namespace string
	title, version     string
	unlessServed       string
	chart              *chart.Chart
	values             map[string]any // what differs from the chart's defaults
	crds               []*unstructured.Unstructured
	problems           []string // what is wrong with the values
}

// Of turns a profile whose packs were found into layers. The contents of its manifests are given by name.
func Of(resolved profile.Resolved, contents map[string]string) Layers {
	l := Layers{Profile: resolved.Profile.Name, Version: resolved.Profile.Version}
	for _, m := range resolved.Profile.Manifests {
		l.Manifests = append(l.Manifests, Manifest{Name: m.Name, Content: contents[m.Name], UnlessServed: m.UnlessServed})
	}
	for _, p := range resolved.Layers {
		l.Packs = append(l.Packs, Pack{Namespace: p.Namespace, Pack: p.Pack, Values: p.Values})
	}
	return l
}

// prepare puts the layers in order. The error says what of the profile cannot be installed by anybody.
func (l Layers) prepare() ([]layer, error) {
	if l.Profile == "" || l.Version == "" {
		return nil, errors.New("a profile needs a name and a version before it can be applied")
	}
	var packs []layer
	priorities := map[string]int{}
	for _, p := range l.Packs {
		made, err := p.layer()
		if err != nil {
			return nil, err
		}
		priorities[made.release] = p.Pack.Priority(p.Pack.Values(made.values))
		packs = append(packs, made)
	}
	slices.SortStableFunc(packs, func(a, b layer) int { return priorities[a.release] - priorities[b.release] })
	home := manifestNamespace
	if len(packs) > 0 {
		home = packs[0].namespace
	}
	var all []layer
	for _, m := range l.Manifests {
		made, err := m.layer(l.Version, home)
		if err != nil {
			return nil, err
		}
		all = append(all, made)
	}
	all = append(all, packs...)
	if len(all) == 0 {
		return nil, fmt.Errorf("the profile %s %s has neither packs nor manifests: there is nothing to apply", l.Profile, l.Version)
	}
	names := map[string]bool{}
	for _, made := range all {
		if err := chartutil.ValidateReleaseName(made.release); err != nil {
			return nil, fmt.Errorf("%s: %q cannot be the name of a release: 53 lower case letters, digits and dashes at most", made.title, made.release)
		}
		if names[made.release] {
			return nil, fmt.Errorf("two layers of the profile %s are called %s: give one of them another name", l.Profile, made.release)
		}
		names[made.release] = true
	}
	return all, nil
}

func (p Pack) layer() (layer, error) {
	full := p.Pack.Values(p.Values)
	made := layer{
		release: p.Release, namespace: p.Namespace, title: p.Pack.DisplayName, version: p.Pack.Version,
		chart: cloneChart(p.Pack.Chart()), values: p.Pack.Overrides(full),
	}
	if made.release == "" {
		made.release = p.Pack.Name
	}
	if made.namespace == "" {
		made.namespace = p.Pack.Namespace(full)
	}
	for _, problem := range p.Pack.Check(full) {
		made.problems = append(made.problems, problem.String())
	}
	made.crds = crdsOf(made.chart)
	return made, nil
}

// layer wraps a manifest into a chart, so that it has a release like the rest. Namespaces are kept on removal, since all that was put into
// them later would go too.
func (m Manifest) layer(version, home string) (layer, error) {
	objects, err := parse(m.Content)
	if err != nil {
		return layer{}, fmt.Errorf("the manifest %s: %w", m.Name, err)
	}
	made := layer{release: m.Name, namespace: m.Namespace, title: "Manifest " + m.Name, version: version, unlessServed: m.UnlessServed}
	if made.namespace == "" {
		made.namespace = home
	}
	var text strings.Builder
	var files []*common.File
	for _, o := range objects {
		switch {
		case isCRD(o):
			made.crds = append(made.crds, o)
		case o.GetKind() == "Namespace" && o.GroupVersionKind().Group == "":
			notes := maps.Clone(o.GetAnnotations())
			if notes == nil {
				notes = map[string]string{}
			}
			notes[kube.ResourcePolicyAnno] = kube.KeepPolicy
			o.SetAnnotations(notes)
		}
		data, err := yaml.Marshal(o.Object)
		if err != nil {
			return layer{}, fmt.Errorf("the manifest %s: %s: %w", m.Name, refOf(o), err)
		}
		if isCRD(o) {
			files = append(files, &common.File{Name: "crds/" + o.GetName() + ".yaml", Data: data})
			continue
		}
		text.WriteString("---\n" + string(data))
	}
	const file = "manifest.yaml"
	made.chart = &chart.Chart{
		Metadata: &chart.Metadata{
			APIVersion: chart.APIVersionV2, Name: m.Name, Version: version, Type: "application",
			Description: fmt.Sprintf("YAML of a cluster profile, sha256 %x", sha256.Sum256([]byte(m.Content))),
		},
		// The manifest is a file that a template prints: its own braces are no template.
		Templates: []*common.File{{Name: "templates/" + file, Data: []byte(`{{ .Files.Get "` + file + `" }}`)}},
		Files:     append(files, &common.File{Name: file, Data: []byte(text.String())}),
	}
	return made, nil
}

// crdsOf are the definitions that a chart brings along.
func crdsOf(c *chart.Chart) []*unstructured.Unstructured {
	var all []*unstructured.Unstructured
	if c == nil {
		return nil
	}
	for _, crd := range c.CRDObjects() {
		objects, err := parse(string(crd.File.Data))
		if err != nil {
			continue // not one that Helm could install either; pack checks it when it is loaded
		}
		all = append(all, objects...)
	}
	return all
}

// cloneChart copies what Helm changes in a chart when it installs it.
func cloneChart(c *chart.Chart) *chart.Chart {
	out := *c
	metadata := *c.Metadata
	metadata.Dependencies = nil
	for _, d := range c.Metadata.Dependencies {
		dependency := *d
		metadata.Dependencies = append(metadata.Dependencies, &dependency)
	}
	out.Metadata, out.Values = &metadata, pack.Merge(c.Values, nil)
	out.SetDependencies()
	for _, d := range c.Dependencies() {
		out.AddDependency(cloneChart(d))
	}
	return &out
}

// labels are those of a release of a run.
func (l Layers) labels(revision int) map[string]string {
	return map[string]string{profile.LabelProfile: l.Profile, profile.LabelVersion: labelValue(l.Version), LabelRevision: strconv.Itoa(revision)}
}

// labelValue writes a version as a label may have it.
func labelValue(version string) string { return strings.ReplaceAll(version, "+", "_") }
