package template

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/json"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"vmdeck.dev/vmdeck/rbac"
)

// ParseMachine reads the manifest of a VM that somebody has edited. With problems it is not to be used.
func ParseMachine(manifest string) (Machine, []Problem) {
	object, err := parse([]byte(manifest))
	if err != nil {
		return Machine{}, []Problem{{"", err.Error() + "."}}
	}
	meta := dig(object, "metadata")
	m := Machine{Namespace: text(meta, "namespace"), Name: text(meta, "name"), Template: text(dig(meta, "annotations"), Origin), object: object}
	var problems []Problem
	if kind, version := text(object, "kind"), text(object, "apiVersion"); kind != "VirtualMachine" || version != rbac.GroupKubeVirt+"/v1" {
		problems = append(problems, Problem{"kind", fmt.Sprintf("it is a %s of %s, and a VM is a VirtualMachine of %s/v1.", orNothing(kind), orNothing(version), rbac.GroupKubeVirt)})
	}
	for _, p := range placeProblems(m.Name, m.Namespace) {
		problems = append(problems, Problem{"metadata." + p.Field, p.Text})
	}
	if dig(object, "spec") == nil {
		problems = append(problems, Problem{"spec", "it is missing."})
	}
	return m, problems
}

// Parse reads VmTemplates out of YAML or JSON, one or more documents. The error says where and why they cannot be used. What the API
// server checks anyway is left to it.
func Parse(data []byte, name string) ([]Template, error) {
	var out []Template
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: this is no YAML: %w", name, err)
		}
		t, empty, err := parseTemplate(document)
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s: %w", name, err)
		case empty:
		case slices.ContainsFunc(out, func(other Template) bool { return other.Name == t.Name }):
			return nil, fmt.Errorf("%s: the template %s stands there twice", name, t.Name)
		default:
			out = append(out, t)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("there is no template in %s", name)
	}
	return out, nil
}

func parseTemplate(document []byte) (t Template, empty bool, err error) {
	object, err := parse(document)
	if err != nil || object == nil {
		return t, object == nil, err
	}
	kind, version, name := text(object, "kind"), text(object, "apiVersion"), text(dig(object, "metadata"), "name")
	switch {
	case kind != Kind || version != apiVersion:
		return t, false, fmt.Errorf("it is a %s of %s, and a template is a %s of %s", orNothing(kind), orNothing(version), Kind, apiVersion)
	case name == "":
		return t, false, errors.New("metadata.name is missing: the template needs a name")
	case len(validation.NameIsDNSSubdomain(name, false)) > 0:
		return t, false, fmt.Errorf("metadata.name: %q cannot be a name: it takes lower case letters, digits, dashes and dots, a letter or digit first and last", name)
	case dig(object, "spec", "template") == nil:
		return t, false, errors.New("spec.template is missing: it says what the VMs are like")
	}
	data, err := json.Marshal(object)
	if err != nil {
		return t, false, err
	}
	t, err = Decode(data)
	return t, false, err
}

// parse reads one document; nil for an empty one. Keys that stand there twice are a mistake.
func parse(document []byte) (object map[string]any, err error) {
	data, err := yaml.YAMLToJSONStrict(document)
	if err != nil {
		return nil, errors.New("this is no YAML: " + strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := json.Unmarshal(data, &object); err != nil {
		return nil, errors.New("this is no map with apiVersion, kind, metadata and spec")
	}
	return object, nil
}

func orNothing(text string) string {
	if text == "" {
		return "(nothing)"
	}
	return text
}
