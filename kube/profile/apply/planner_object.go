package apply

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync"

	"helm.sh/helm/v4/pkg/kube"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/rbac"
)

// What Helm writes on every object of a release.
const (
	helmManagedBy        = "app.kubernetes.io/managed-by"
	helmReleaseName      = "meta.helm.sh/release-name"
	helmReleaseNamespace = "meta.helm.sh/release-namespace"
)

// side is how many objects are compared with the server at once.
const side = 6

// each compares objects side by side and adds their steps in order.
func (p *planner) each(layer string, objects []*unstructured.Unstructured, out *LayerPlan, compare func(*unstructured.Unstructured) (Step, string)) {
	steps, refusals := make([]Step, len(objects)), make([]string, len(objects))
	turns := make(chan struct{}, side)
	var wg sync.WaitGroup
	for i, u := range objects {
		wg.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			steps[i], refusals[i] = compare(u)
		})
	}
	wg.Wait()
	for i, step := range steps {
		out.Steps = append(out.Steps, step)
		if refusals[i] != "" {
			p.plan.refuse(layer, step.Object, refusals[i])
		}
	}
}

// place gives an object the namespace that it will have, and notes the namespaces that are to be made.
func (p *planner) place(u *unstructured.Unstructured, namespace string) {
	o := refOf(u)
	namespaced, coming := p.coming[o.kind()]
	if _, isNamespaced, err := p.s.resource(o); err == nil {
		namespaced, coming = isNamespaced, false
	}
	switch {
	case !namespaced && (coming || u.GetNamespace() != ""):
		u.SetNamespace("")
	case namespaced && u.GetNamespace() == "":
		u.SetNamespace(namespace)
	}
	if o.Group == "" && o.Kind == "Namespace" {
		_, _ = p.hasNamespace(o.Name)
	}
}

// check tries one object of a release out on the server, and compares what would come of it with what there is.
func (p *planner) check(layer layer, u *unstructured.Unstructured) (step Step, refusal string) {
	o := refOf(u)
	step = Step{Verb: Create, Object: o}
	client, _, err := p.s.resource(o)
	if meta.IsNoMatchError(err) {
		_, coming := p.coming[o.kind()]
		switch {
		case coming:
			step.Note = "Its kind comes with the profile, so the server cannot be asked before."
		case p.operators:
			step.Note = "Its kind is expected of an operator of the profile, so the server cannot be asked before."
		default:
			refusal = explain(&objectError{o, "create", err})
		}
		step.Diff = diff("", text(u))
		return step, refusal
	}
	if err != nil {
		return step, explain(&objectError{o, "look for", err})
	}
	live, err := p.live(client, o)
	if err != nil {
		return step, explain(err)
	}
	if live != nil {
		step.Verb = Change
		if owner := ownerOf(live, layer); owner != "" {
			return step, fmt.Sprintf("%s is there and %s: it would be overwritten, and deleted with the profile later. Delete or rename it, or switch it off in the values.", o, owner)
		}
	}
	wanted := u.DeepCopy()
	wanted.SetLabels(with(wanted.GetLabels(), map[string]string{helmManagedBy: "Helm"}))
	wanted.SetAnnotations(with(wanted.GetAnnotations(), map[string]string{helmReleaseName: layer.release, helmReleaseNamespace: layer.namespace}))
	after, err := apply(p.s, client, wanted, fieldManager, true)
	if apierrors.IsNotFound(err) && live == nil && o.Namespace != "" {
		return p.beforeNamespace(step, u)
	}
	if err != nil {
		return step, explain(&objectError{o, string(step.Verb), err})
	}
	compare(&step, live, after)
	return step, ""
}

// live is an object as it is on the server; nil where there is none.
func (p *planner) live(client dynamic.ResourceInterface, o Object) (*unstructured.Unstructured, error) {
	live, err := client.Get(p.s.ctx, o.Name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, &objectError{o, "read", err}
	}
	return live, nil
}

// compare fills in what becomes of an object.
func compare(step *Step, live, after *unstructured.Unstructured) {
	after = strip(after)
	if live == nil {
		hide(nil, after)
		step.Diff = diff("", text(after))
		return
	}
	live = strip(live)
	same := text(live) == text(after)
	hide(live, after)
	if step.Diff = diff(text(live), text(after)); same {
		step.Verb = Leave
	}
}

// beforeNamespace judges an object whose namespace is not there yet, where a dry run fails for that reason alone.
func (p *planner) beforeNamespace(step Step, u *unstructured.Unstructured) (Step, string) {
	if there, known := p.namespaces[step.Object.Namespace]; !known || there {
		return step, fmt.Sprintf("create %s: there is no namespace %s, and the profile does not make it. Create it first.", step.Object, step.Object.Namespace)
	}
	step.Note = "Its namespace comes with the profile, so the server cannot be asked before."
	after := strip(u)
	hide(nil, after)
	step.Diff = diff("", text(after))
	mapping, err := p.s.mapper.RESTMapping(step.Object.kind().GroupKind(), step.Object.Version)
	if err != nil {
		return step, explain(&objectError{step.Object, "create", err})
	}
	resource := mapping.Resource
	d := p.s.cluster.Access().Ask(p.s.ctx, step.Object.Namespace, rbac.On("create", resource.Group, resource.Resource), rbac.On("patch", resource.Group, resource.Resource))
	if d.Verdict == rbac.Denied {
		return step, fmt.Sprintf("create %s: it %s. Ask an administrator for a role that grants it.", step.Object, d.Reason)
	}
	return step, ""
}

// apply sends an object to the server, as a dry run or not, and returns what comes of it.
func apply(s *session, client dynamic.ResourceInterface, u *unstructured.Unstructured, manager string, dryRun bool) (*unstructured.Unstructured, error) {
	body, err := json.Marshal(u.Object)
	if err != nil {
		return nil, err
	}
	options := metav1.PatchOptions{FieldManager: manager, FieldValidation: metav1.FieldValidationStrict}
	if dryRun {
		options.DryRun = []string{metav1.DryRunAll}
	}
	return client.Patch(s.ctx, u.GetName(), types.ApplyPatchType, body, options)
}

func with(have, more map[string]string) map[string]string {
	out := maps.Clone(have)
	if out == nil {
		out = map[string]string{}
	}
	maps.Copy(out, more)
	return out
}

// ownerOf says who else an object belongs to; empty where it is the layer's, by the marks that Helm goes by.
func ownerOf(live *unstructured.Unstructured, layer layer) string {
	notes := live.GetAnnotations()
	switch name, namespace := notes[helmReleaseName], notes[helmReleaseNamespace]; {
	case name == layer.release && namespace == layer.namespace && live.GetLabels()[helmManagedBy] == "Helm":
		return ""
	case name != "":
		return fmt.Sprintf("belongs to the Helm release %s/%s", namespace, name)
	}
	managers := map[string]bool{}
	var names []string
	for _, entry := range live.GetManagedFields() {
		if entry.Subresource == "" && !managers[entry.Manager] {
			managers[entry.Manager] = true
			names = append(names, entry.Manager)
		}
	}
	if len(names) == 0 {
		return "was made by somebody else"
	}
	return "was made by somebody else (" + strings.Join(names, ", ") + ")"
}

// definition plans a custom resource definition. One that others made is left alone.
func (p *planner) definition(crd *unstructured.Unstructured) (step Step, refusal string) {
	o := refOf(crd)
	step = Step{Verb: Create, Object: o}
	client, _, err := p.s.resource(o)
	if err != nil {
		return step, explain(&objectError{o, "look for", err})
	}
	live, err := p.live(client, o)
	switch {
	case err != nil:
		return step, explain(err)
	case live != nil && live.GetLabels()[profile.LabelProfile] == "":
		return Step{Verb: Leave, Object: o, Note: "It is there and was made by others: it is left as it is."}, ""
	case live != nil:
		step.Verb = Change
	}
	after, err := apply(p.s, client, mark(crd, live, p.plan.Profile), definitionManager, true)
	if err != nil {
		return step, explain(&objectError{o, string(step.Verb), err})
	}
	compare(&step, live, after)
	return step, ""
}

// definitionManager applies definitions, which belong to no release.
const definitionManager = "vmdeck"

// mark is a definition with the mark by which it is known again. The profile that made it stays in it when others bring it too.
func mark(crd, live *unstructured.Unstructured, name string) *unstructured.Unstructured {
	if live != nil {
		name = live.GetLabels()[profile.LabelProfile]
	}
	out := crd.DeepCopy()
	out.SetLabels(with(out.GetLabels(), map[string]string{profile.LabelProfile: name}))
	return out
}

// dropped plans the objects of a manifest that are not wanted any more.
func (p *planner) dropped(layer, namespace, manifest string, wanted map[Object]bool, out *LayerPlan) {
	objects, err := parse(manifest)
	if err != nil {
		out.Notes = append(out.Notes, fmt.Sprintf("What the release has now cannot be read: %v.", err))
		return
	}
	var gone []*unstructured.Unstructured
	for _, u := range objects {
		p.place(u, namespace)
		if !wanted[refOf(u).key()] {
			gone = append(gone, u)
		}
	}
	p.each(layer, gone, out, p.drop)
}

func (p *planner) drop(u *unstructured.Unstructured) (step Step, refusal string) {
	o := refOf(u)
	if u.GetAnnotations()[kube.ResourcePolicyAnno] == kube.KeepPolicy {
		return Step{Verb: Leave, Object: o, Note: "It is kept: its chart says so."}, ""
	}
	step = Step{Verb: Delete, Object: o}
	client, _, err := p.s.resource(o)
	if err == nil {
		err = client.Delete(p.s.ctx, o.Name, metav1.DeleteOptions{DryRun: []string{metav1.DryRunAll}})
	}
	switch {
	case err == nil:
		return step, ""
	case apierrors.IsNotFound(err), meta.IsNoMatchError(err):
		return Step{Verb: Leave, Object: o, Note: "It is gone already."}, ""
	}
	return step, explain(&objectError{o, "delete", err})
}
