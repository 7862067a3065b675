package keep

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"sigs.k8s.io/yaml"
)

// Object is what is kept, in Kubernetes' words.
type Object struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   Meta   `json:"metadata"`
	Spec       any    `json:"spec"`
}

// Meta is what is known of an object besides its spec.
type Meta struct {
	Name            string `json:"name"`
	UID             string `json:"uid,omitempty"`
	ResourceVersion string `json:"resourceVersion,omitempty"`
}

// Spec is an object's spec as JSON.
type Spec jsontext.Value

// Into decodes the spec strictly. The error says in the words of somebody who writes YAML what is wrong where.
func (s Spec) Into(target any) error {
	if err := jsonv2.Unmarshal(s, target, jsonv2.RejectUnknownMembers(true)); err != nil {
		return decodeFault("/spec", err)
	}
	return nil
}

// decode reads one object, strictly where the spec is and not elsewhere: what is kept in the metadata is others' business. Whatever is
// wrong becomes the Err of what it returns.
func (k *Kind[T]) decode(data []byte) Stored[T] {
	var o struct {
		APIVersion string         `json:"apiVersion"`
		Kind       string         `json:"kind"`
		Metadata   Meta           `json:"metadata"`
		Spec       jsontext.Value `json:"spec"`
	}
	err := jsonv2.Unmarshal(data, &o)
	s := Stored[T]{Name: o.Metadata.Name, Version: o.Metadata.ResourceVersion, UID: o.Metadata.UID, Unnamed: o.Metadata.Name == ""}
	switch {
	case err != nil:
		s.Err = decodeFault("", err)
	case o.Kind != k.Kind || o.APIVersion != k.apiVersion():
		s.Err = fmt.Errorf("it is a %s of %s, and a %s is a %s of %s", orNothing(o.Kind), orNothing(o.APIVersion), k.One, k.Kind, k.apiVersion())
	case o.Metadata.Name == "":
		s.Err = fmt.Errorf("metadata.name is missing: the %s needs a name", k.One)
	case len(o.Spec) == 0:
		s.Err = errors.New("spec is missing: it says " + k.Holds)
	default:
		value, err := k.Read(o.Metadata.Name, Spec(o.Spec))
		if err == nil {
			err = k.Check(value)
		}
		if s.Err = err; err == nil {
			s.Value = value
		}
	}
	return s
}

// decodeFault says in the words of somebody who writes YAML what the decoder did not like. at is the place that the decoder began at.
func decodeFault(at string, err error) error {
	var fault *jsonv2.SemanticError
	if !errors.As(err, &fault) {
		return err
	}
	place := strings.ReplaceAll(strings.TrimPrefix(at+string(fault.JSONPointer), "/"), "/", ".")
	if place == "" {
		place = "the object"
	}
	if errors.Is(fault.Err, jsonv2.ErrUnknownName) {
		return fmt.Errorf("%s is not known", place)
	}
	wanted := map[reflect.Kind]string{reflect.String: "text", reflect.Bool: "true or false", reflect.Slice: "a list", reflect.Struct: "a map"}
	if fault.GoType != nil && wanted[fault.GoType.Kind()] != "" {
		return fmt.Errorf("%s must be %s", place, wanted[fault.GoType.Kind()])
	}
	return fmt.Errorf("%s cannot be read", place)
}

func orNothing(text string) string {
	if text == "" {
		return "(nothing)"
	}
	return text
}

// Decode reads the kind's objects out of YAML or JSON: documents and lists of them. Objects of other groups and of sibling
// kinds are passed over. name says where it comes from. What cannot be read becomes a Stored with Err.
func (k *Kind[T]) Decode(data []byte, name string) []Stored[T] {
	var out []Stored[T]
	for _, document := range documents(data) {
		found, err := k.objectsIn(document)
		if err != nil {
			out = append(out, Stored[T]{Name: name, Unnamed: true, Err: fmt.Errorf("%s: %w", name, err)})
		}
		for _, s := range found {
			if s.Err != nil {
				s.Err = fmt.Errorf("%s: %w", name, s.Err)
			}
			if s.Unnamed {
				s.Name = name
			}
			out = append(out, s)
		}
	}
	return out
}

// objectsIn reads the objects of one document.
func (k *Kind[T]) objectsIn(document []byte) ([]Stored[T], error) {
	data, err := yaml.YAMLToJSONStrict(document)
	if err != nil {
		return nil, errors.New("this is no YAML: " + strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if bytes.Equal(bytes.TrimSpace(data), []byte("null")) {
		return nil, nil
	}
	var list struct {
		APIVersion string           `json:"apiVersion"`
		Kind       string           `json:"kind"`
		Items      []jsontext.Value `json:"items"`
	}
	if err := jsonv2.Unmarshal(data, &list); err != nil {
		return nil, decodeFault("", err)
	}
	items := []jsontext.Value{data}
	if strings.HasSuffix(list.Kind, "List") {
		items = list.Items
	}
	var out []Stored[T]
	for _, item := range items {
		if k.concerns(item) {
			out = append(out, k.decode(item))
		}
	}
	return out, nil
}

// concerns tells whether an object is to be read: whatever else lies in a folder is not ours, and what has no version at all may be an
// object that lost a line.
func (k *Kind[T]) concerns(item []byte) bool {
	var head struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
	}
	if err := jsonv2.Unmarshal(item, &head); err != nil || head.APIVersion == "" {
		return true
	}
	return strings.HasPrefix(head.APIVersion, k.Group+"/") && !slices.Contains(k.Siblings, head.Kind)
}
