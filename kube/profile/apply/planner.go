package apply

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"helm.sh/helm/v4/pkg/chart/common"
	releasecommon "helm.sh/helm/v4/pkg/release/common"
	release "helm.sh/helm/v4/pkg/release/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
)

// planner makes a plan, layer by layer, and keeps what the layers before will have brought.
type planner struct {
	s    *session
	plan *Plan
	caps *common.Capabilities

	coming     map[schema.GroupVersionKind]bool // kinds of definitions to be made, with whether they are namespaced
	operators  bool                             // a manifest is to be installed whose operator may bring further kinds
	namespaces map[string]bool                  // whether they are there; false: they are to be made
	claimed    map[Object]string                // the layer that has an object
}

// plan compares layers with the cluster. The error says that this could not be done at all.
func (s *session) plan(l Layers) (*Plan, error) {
	layers, err := l.prepare()
	if err != nil {
		return nil, err
	}
	namespaces := make([]string, len(layers))
	for i, layer := range layers {
		namespaces[i] = layer.namespace
	}
	p, err := s.planner(l.Profile, l.Version, namespaces)
	if err != nil {
		return nil, err
	}
	if len(p.plan.Refusals) > 0 {
		return p.plan, nil
	}
	p.plan.layers = layers
	p.mayLock()
	for _, layer := range layers {
		p.layer(l, layer)
	}
	p.leaving(layers)
	return p.plan, s.ctx.Err()
}

// planner reads what there is of a profile. Where that is refused, its plan says so.
func (s *session) planner(name, version string, namespaces []string) (*planner, error) {
	p := &planner{
		s: s, plan: &Plan{Profile: name, Version: version, Time: time.Now()},
		coming: map[schema.GroupVersionKind]bool{}, namespaces: map[string]bool{}, claimed: map[Object]string{},
	}
	var err error
	if p.caps, err = s.capabilities(); err != nil {
		return nil, explained{kube.Explain(err, "ask the cluster what it serves"), err}
	}
	before, partial, err := s.of(name, slices.Clone(namespaces))
	switch {
	case apierrors.IsForbidden(err):
		p.plan.refuse("", Object{}, kube.Explain(err, "read the releases of the profile"))
	case err != nil:
		return nil, explained{kube.Explain(err, "read the releases of the profile"), err}
	case partial:
		p.plan.Notes = append(p.plan.Notes, "Only some namespaces were searched for releases of the profile, because you may not list secrets everywhere.")
	}
	p.plan.before, p.plan.Revision = before, newest(before)+1
	return p, nil
}

// left tells whether what a profile brought is there without it: it is this one, or has been removed.
func (p *planner) left(name string) bool {
	if name == "" || name == p.plan.Profile {
		return name != ""
	}
	all, _, err := p.s.of(name, nil)
	return err == nil && !slices.ContainsFunc(all, history.installed)
}

// explained is a sentence that still is the error it explains.
type explained struct {
	text string
	err  error
}

func (e explained) Error() string { return e.text }
func (e explained) Unwrap() error { return e.err }

func (p *planner) layer(l Layers, layer layer) {
	out := LayerPlan{Release: layer.release, Namespace: layer.namespace, Title: layer.title, To: layer.version}
	for _, problem := range layer.problems {
		p.plan.refuse(layer.release, Object{}, problem+".")
	}
	revisions, err := p.s.historyOf(layer.namespace, layer.release)
	if err != nil {
		p.plan.refuse(layer.release, Object{}, kube.Explain(err, fmt.Sprintf("read the release %s/%s", layer.namespace, layer.release)))
		p.plan.Layers = append(p.plan.Layers, out)
		return
	}
	h := history{layer.namespace, layer.release, revisions}
	last := h.last()
	if !h.installed() {
		last = nil
	}
	switch {
	case last == nil && p.servedByOthers(layer):
		out.State = LeftAlone
		out.Notes = append(out.Notes, fmt.Sprintf("The cluster serves %s already: this layer is left alone.", layer.unlessServed))
		p.plan.Layers = append(p.plan.Layers, out)
		return
	case last != nil && last.Labels[profile.LabelProfile] != l.Profile:
		p.plan.refuse(layer.release, Object{}, foreign(last, l.Profile))
		p.plan.Layers = append(p.plan.Layers, out)
		return
	}
	out.State = stateOf(last)
	out.From = chartVersion(last)
	if out.State == Interrupted {
		out.Notes = append(out.Notes, fmt.Sprintf("An earlier run ended while the release was %s: it is carried on.", last.Info.Status))
	}
	if len(layer.problems) == 0 {
		p.objects(layer, last, &out)
	}
	if out.State == Differs && same(l, layer, last, out) {
		out.State = Same
	}
	p.plan.Layers = append(p.plan.Layers, out)
}

func foreign(last *release.Release, name string) string {
	owner := "was not made by a profile"
	if other := last.Labels[profile.LabelProfile]; other != "" {
		owner = "belongs to the profile " + other
	}
	return fmt.Sprintf("the release %s/%s is there and %s. Uninstall it, or give the layer of %s another namespace.", last.Namespace, last.Name, owner, name)
}

func stateOf(last *release.Release) LayerState {
	switch {
	case last == nil:
		return Absent
	case last.Info.Status.IsPending(), last.Info.Status == releasecommon.StatusUninstalling:
		return Interrupted
	}
	return Differs
}

// same tells whether a release is what the layer asks for, down to the live objects.
func same(l Layers, layer layer, last *release.Release, out LayerPlan) bool {
	if last.Info.Status != releasecommon.StatusDeployed || last.Labels[profile.LabelVersion] != labelValue(l.Version) ||
		last.Chart == nil || last.Chart.Metadata.Name != layer.chart.Metadata.Name || last.Chart.Metadata.Version != layer.version ||
		last.Chart.Metadata.Description != layer.chart.Metadata.Description {
		return false
	}
	have, err := json.Marshal(last.Config)
	want, wantErr := json.Marshal(layer.values)
	if len(last.Config) == 0 && len(layer.values) == 0 {
		have, want = nil, nil
	}
	return err == nil && wantErr == nil && string(have) == string(want) && out.Count(Leave) == len(out.Steps)
}

// servedByOthers tells whether the layer's group is served though it was not this profile that brought it. Definitions outlast the removal
// of a profile, and are known by their mark.
func (p *planner) servedByOthers(layer layer) bool {
	if layer.unlessServed == "" {
		return false
	}
	for _, crd := range layer.crds {
		client, _, err := p.s.resource(refOf(crd))
		if err != nil {
			continue
		}
		if live, err := client.Get(p.s.ctx, crd.GetName(), metav1.GetOptions{}); err == nil && p.left(live.GetLabels()[profile.LabelProfile]) {
			return false
		}
	}
	groups, err := p.s.discovery.ServerGroups()
	if err != nil {
		return false
	}
	return slices.ContainsFunc(groups.Groups, func(g metav1.APIGroup) bool { return g.Name == layer.unlessServed })
}

// objects plans what the layer does to objects: namespace, definitions, then those of the release, then those that it drops.
func (p *planner) objects(layer layer, last *release.Release, out *LayerPlan) {
	p.home(layer, out)
	p.rights(layer.release, layer.namespace, "secrets", "", "create", "get", "list", "update", "delete")
	for _, crd := range layer.crds {
		step, refusal := p.definition(crd)
		out.Steps = append(out.Steps, step)
		if refusal != "" {
			p.plan.refuse(layer.release, step.Object, refusal)
		}
		for _, kind := range kindsOf(crd) {
			scope, _, _ := unstructured.NestedString(crd.Object, "spec", "scope")
			p.coming[kind] = scope == "Namespaced"
		}
	}
	wanted, hooks, err := p.render(layer, last)
	if err != nil {
		p.plan.refuse(layer.release, Object{}, explainRender(layer, err))
		return
	}
	if hooks > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("%d hooks run besides; they are not checked beforehand.", hooks))
	}
	mine := map[Object]bool{}
	for _, u := range wanted {
		p.place(u, layer.namespace)
		mine[refOf(u).key()] = true
		if other, taken := p.claimed[refOf(u).key()]; taken {
			p.plan.refuse(layer.release, refOf(u), fmt.Sprintf("%s is in the layer %s already. Switch it off in one of the two.", refOf(u), other))
		}
		p.claimed[refOf(u).key()] = layer.release
	}
	p.each(layer.release, wanted, out, func(u *unstructured.Unstructured) (Step, string) { return p.check(layer, u) })
	if last != nil {
		p.dropped(layer.release, layer.namespace, last.Manifest, mine, out)
	}
	if layer.unlessServed != "" && out.State == Absent {
		p.operators = true
	}
}

func explainRender(layer layer, err error) string {
	if kind := kube.Classify(err); kind == kube.KindForbidden || kind == kube.KindUnreachable {
		return kube.Explain(err, "render "+layer.title)
	}
	return fmt.Sprintf("its templates cannot be rendered: %v. Look at its values.", err)
}
