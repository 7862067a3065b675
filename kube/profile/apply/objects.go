package apply

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/json"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// Object names an object of the cluster.
type Object struct {
	Group, Version, Kind string
	Namespace            string // empty for one of the cluster as a whole
	Name                 string
}

// String reads "Deployment vm-dashboard/spectro-vm-dashboard".
func (o Object) String() string {
	if o.Namespace == "" {
		return o.Kind + " " + o.Name
	}
	return o.Kind + " " + o.Namespace + "/" + o.Name
}

func (o Object) kind() schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: o.Group, Version: o.Version, Kind: o.Kind}
}

// key tells objects apart across versions of their kind.
func (o Object) key() Object {
	o.Version = ""
	return o
}

func refOf(u *unstructured.Unstructured) Object {
	gvk := u.GroupVersionKind()
	return Object{gvk.Group, gvk.Version, gvk.Kind, u.GetNamespace(), u.GetName()}
}

func isCRD(u *unstructured.Unstructured) bool {
	gvk := u.GroupVersionKind()
	return gvk.Group == "apiextensions.k8s.io" && gvk.Kind == "CustomResourceDefinition"
}

// kindsOf are the kinds that a definition brings, as Helm's Capabilities name them.
func kindsOf(crd *unstructured.Unstructured) []schema.GroupVersionKind {
	group, _, _ := unstructured.NestedString(crd.Object, "spec", "group")
	kind, _, _ := unstructured.NestedString(crd.Object, "spec", "names", "kind")
	versions, _, _ := unstructured.NestedSlice(crd.Object, "spec", "versions")
	var kinds []schema.GroupVersionKind
	for _, v := range versions {
		version, ok := v.(map[string]any)
		if !ok || version["served"] == false {
			continue
		}
		if name, ok := version["name"].(string); ok {
			kinds = append(kinds, schema.GroupVersionKind{Group: group, Version: name, Kind: kind})
		}
	}
	return kinds
}

// parse reads the objects of a YAML stream; lists are taken apart.
func parse(text string) ([]*unstructured.Unstructured, error) {
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewBufferString(text)))
	var objects []*unstructured.Unstructured
	for n := 1; ; n++ {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, fmt.Errorf("document %d cannot be read: %w", n, err)
		}
		u := &unstructured.Unstructured{}
		data, err := yaml.YAMLToJSON(document)
		if err == nil {
			err = json.Unmarshal(data, &u.Object)
		}
		if err != nil {
			return nil, fmt.Errorf("document %d is not the YAML of an object: %w", n, err)
		}
		if len(u.Object) == 0 {
			continue
		}
		items := []*unstructured.Unstructured{u}
		if u.IsList() {
			items = nil
			if err := u.EachListItem(func(o runtime.Object) error {
				items = append(items, o.(*unstructured.Unstructured))
				return nil
			}); err != nil {
				return nil, fmt.Errorf("document %d: %w", n, err)
			}
		}
		for _, o := range items {
			if o.GetAPIVersion() == "" || o.GetKind() == "" || o.GetName() == "" {
				return nil, fmt.Errorf("document %d has no apiVersion, kind or metadata.name", n)
			}
		}
		objects = append(objects, items...)
	}
}
