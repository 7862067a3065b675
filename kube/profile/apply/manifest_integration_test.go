package apply

import (
	"context"
	"fmt"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"

	"vmdeck.dev/vmdeck/kube/profile"
)

// platform is a manifest such as an operator's: a namespace, a kind, an object of it, and braces that are no template.
func platform(id, value string) string {
	return fmt.Sprintf(`
apiVersion: v1
kind: Namespace
metadata:
  name: %[1]s-manifest
---
apiVersion: v1
kind: List
items:
- apiVersion: apiextensions.k8s.io/v1
  kind: CustomResourceDefinition
  metadata:
    name: toasters.%[1]s.example.com
  spec:
    group: %[1]s.example.com
    scope: Namespaced
    names: {kind: Toaster, listKind: ToasterList, plural: toasters, singular: toaster}
    versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {slots: {type: integer}}}}}
- apiVersion: %[1]s.example.com/v1
  kind: Toaster
  metadata:
    name: kitchen
    namespace: %[1]s-manifest
  spec:
    slots: 2
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  value: %[2]q
  text: "{{ not a template }}"
---
apiVersion: v1
kind: Secret
metadata:
  name: key
stringData:
  key: %[2]q
`, id, value)
}

func TestIntegrationManifest(t *testing.T) {
	x := newSite(t)
	ctx := t.Context()
	name := x.id + "-m"
	layers := func(version, value string) Layers {
		return Layers{Profile: x.id, Version: version, Manifests: []Manifest{{Name: name, Namespace: x.id, Content: platform(x.id, value), UnlessServed: x.id + ".example.com"}}}
	}
	crd := Object{"apiextensions.k8s.io", "v1", "CustomResourceDefinition", "", "toasters." + x.id + ".example.com"}
	definitions, _, err := x.s.resource(crd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = definitions.Delete(context.Background(), crd.Name, metav1.DeleteOptions{}) })

	plan, err := x.Plan(ctx, layers("1.0.0", "a"))
	if err != nil || plan.Err() != nil {
		t.Fatal(err, plan)
	}
	for _, want := range []string{"create Namespace " + x.id, "create " + crd.String(), "create Toaster " + x.id + "-manifest/kitchen", "create ConfigMap " + x.id + "/settings"} {
		if have := verbs(plan, name); !strings.Contains(have, want) {
			t.Errorf("the plan does %s, want among it %s", have, want)
		}
	}
	x.apply(layers("1.0.0", "a"), Options{})
	x.expect("m 1 1.0.0 deployed", Running, "1.0.0")

	if plan, err = x.Plan(ctx, layers("1.1.0", "b")); err != nil || plan.Err() != nil {
		t.Fatal(err, plan)
	}
	shown := ""
	for _, s := range plan.Layers[0].Steps {
		for _, line := range s.Diff {
			shown += string(line.Op) + line.Text + "\n"
		}
	}
	for _, want := range []string{"-  value: a\n+  value: b\n", "+  key: (hidden, another value)\n"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the differences are\n%s\nwant among them %q", shown, want)
		}
	}
	if have, want := verbs(plan, name), "change Secret "+x.id+"/key, change ConfigMap "+x.id+"/settings"; have != want {
		t.Errorf("the plan does %s, want %s", have, want)
	}
	x.apply(layers("1.1.0", "b"), Options{})
	x.expect("m 2 1.1.0 deployed", Running, "1.1.0")

	x.drift(layers("1.1.0", "b"))

	if _, err := x.Remove(ctx, x.id, Options{}, x.observe); err != nil {
		t.Fatal(err)
	}
	if !x.saw(Kept, crd.String()) || !x.saw(Kept, "Namespace "+x.id+"-manifest") {
		t.Error("what is kept is in no event")
	}
	if _, err := definitions.Get(ctx, crd.Name, metav1.GetOptions{}); err != nil {
		t.Errorf("the kind is gone: %v", err)
	}
	if _, err := x.admin.Core().ConfigMaps(x.id).Get(ctx, "settings", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the settings are left: %v", err)
	}
	// The kind is served still, but it was this profile that brought it.
	x.apply(layers("1.1.0", "b"), Options{})
	x.expect("m 1 1.1.0 deployed", Running, "1.1.0")
	if _, err := x.Remove(ctx, x.id, Options{}, nil); err != nil {
		t.Fatal(err)
	}
	x.afterAnother(definitions, crd.Name)
	unmark := fmt.Appendf(nil, `{"metadata":{"labels":{%q:null}}}`, profile.LabelProfile)
	if _, err := definitions.Patch(ctx, crd.Name, types.MergePatchType, unmark, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	report := x.apply(layers("1.1.0", "b"), Options{})
	if report.Layers[0].Outcome != Untouched || x.helmList() != "" {
		t.Errorf("a kind that others brought: %s", x.outcomes(report))
	}
}

// afterAnother has the definition be left by a profile that is gone, or in use.
func (x *site) afterAnother(definitions dynamic.ResourceInterface, name string) {
	x.Helper()
	mine := Layers{Profile: x.id, Version: "1.0.0", Manifests: []Manifest{{Name: x.id + "-m", Namespace: x.id, Content: platform(x.id, "a"), UnlessServed: x.id + ".example.com"}}}
	state := func() LayerState {
		plan, err := x.Plan(x.Context(), mine)
		if err != nil {
			x.Fatal(err)
		}
		return plan.Layers[0].State
	}
	mark := fmt.Appendf(nil, `{"metadata":{"labels":{%q:"%s-other"}}}`, profile.LabelProfile, x.id)
	if _, err := definitions.Patch(x.Context(), name, types.MergePatchType, mark, metav1.PatchOptions{FieldManager: definitionManager}); err != nil {
		x.Fatal(err)
	}
	if have := state(); have != Absent {
		x.Errorf("what a removed profile left: the layer is %s", have)
	}
	other := Layers{Profile: x.id + "-other", Version: "1.0.0", Manifests: []Manifest{{Name: x.id + "-o", Namespace: x.id, Content: "{apiVersion: v1, kind: ConfigMap, metadata: {name: other}}"}}}
	x.apply(other, Options{})
	if have := state(); have != LeftAlone {
		x.Errorf("what a profile in use brought: the layer is %s", have)
	}
	if _, err := x.Remove(x.Context(), other.Profile, Options{}, nil); err != nil {
		x.Fatal(err)
	}
}

// drift has somebody else change an object by hand, which is told, and refused to be overwritten for as long as they keep it.
func (x *site) drift(l Layers) {
	x.Helper()
	ctx, maps := x.Context(), x.admin.Core().ConfigMaps(x.id)
	if _, err := maps.Patch(ctx, "settings", types.MergePatchType, []byte(`{"data":{"value":"mine"}}`), metav1.PatchOptions{FieldManager: "ana"}); err != nil {
		x.Fatal(err)
	}
	x.expect("m 2 1.1.0 deployed", Drifted, "1.1.0")
	_, err := x.Apply(ctx, l, Options{}, nil)
	if err == nil || !strings.Contains(err.Error(), "change ConfigMap "+x.id+"/settings: ana keeps .data.value") {
		x.Errorf("with a change of others: %v", err)
	}
	if _, err := maps.Patch(ctx, "settings", types.MergePatchType, []byte(`{"data":{"value":"b"}}`), metav1.PatchOptions{FieldManager: "ana"}); err != nil {
		x.Fatal(err)
	}
	if err := maps.Delete(ctx, "settings", metav1.DeleteOptions{}); err != nil {
		x.Fatal(err)
	}
	x.expect("m 2 1.1.0 deployed", Drifted, "1.1.0")
	x.apply(l, Options{})
	x.expect("m 3 1.1.0 deployed", Running, "1.1.0")
}
