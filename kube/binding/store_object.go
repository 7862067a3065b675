package binding

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"sigs.k8s.io/yaml"

	"vmdeck.dev/vmdeck/rbac"
)

// The custom resource of rules.
const (
	storeGroup    = rbac.GroupVMDeck
	storeVersion  = "v1alpha1"
	storeResource = "rolebindingrules"
	ruleKind      = "RoleBindingRule"
)

// ruleObject is a rule in Kubernetes' words, the same in the cluster and in files. All fields of the spec are written always, as a patch
// leaves those that it does not name as they were.
type ruleObject struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Metadata   ruleMeta `json:"metadata"`
	Spec       ruleSpec `json:"spec"`
}

type ruleMeta struct {
	Name            string `json:"name"`
	UID             string `json:"uid,omitempty"`
	ResourceVersion string `json:"resourceVersion,omitempty"`
}

type ruleSpec struct {
	RoleRef     ruleRole      `json:"roleRef"`
	Subjects    []ruleSubject `json:"subjects"`
	ClusterWide bool          `json:"clusterWide"`
	Namespaces  []string      `json:"namespaces"`
	Lists       bool          `json:"lists"`
}

type ruleRole struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

type ruleSubject struct {
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	Namespace string `json:"namespace,omitempty"`
}

// objectOf is the rule as it is kept. What only one run knows, such as the cluster's group, is not in it.
func objectOf(rule rbac.BindingRule) ruleObject {
	o := ruleObject{APIVersion: storeGroup + "/" + storeVersion, Kind: ruleKind, Metadata: ruleMeta{Name: rule.Name}}
	o.Spec = ruleSpec{
		RoleRef: ruleRole{Kind: rule.RoleKind, Name: rule.RoleName}, Subjects: []ruleSubject{}, Namespaces: append([]string{}, rule.Namespaces...),
		ClusterWide: rule.ClusterWide, Lists: rule.Lists,
	}
	for _, s := range rule.Subjects {
		o.Spec.Subjects = append(o.Spec.Subjects, ruleSubject{Kind: s.Kind, Name: s.Name, Namespace: s.Namespace})
	}
	return o
}

func (o ruleObject) rule() rbac.BindingRule {
	rule := rbac.BindingRule{
		Name: o.Metadata.Name, RoleKind: o.Spec.RoleRef.Kind, RoleName: o.Spec.RoleRef.Name,
		ClusterWide: o.Spec.ClusterWide, Namespaces: o.Spec.Namespaces, Lists: o.Spec.Lists,
	}
	if len(rule.Namespaces) == 0 {
		rule.Namespaces = nil
	}
	for _, s := range o.Spec.Subjects {
		rule.Subjects = append(rule.Subjects, rbac.Subject{Kind: s.Kind, Namespace: s.Namespace, Name: s.Name})
	}
	return rule
}

// Manifest is a rule as YAML, ready for a file or kubectl apply.
func Manifest(rule rbac.BindingRule) ([]byte, error) { return yaml.Marshal(objectOf(rule)) }

// decodeRule reads one object, strictly where the rule is and not elsewhere: what is kept in the metadata is others' business. Whatever
// is wrong becomes the Err of what it returns.
func decodeRule(data []byte) Stored {
	var o struct {
		APIVersion string         `json:"apiVersion"`
		Kind       string         `json:"kind"`
		Metadata   ruleMeta       `json:"metadata"`
		Spec       jsontext.Value `json:"spec"`
	}
	err := jsonv2.Unmarshal(data, &o)
	s := Stored{Version: o.Metadata.ResourceVersion, UID: o.Metadata.UID, Unnamed: o.Metadata.Name == ""}
	s.Name = o.Metadata.Name
	whole := ruleObject{Metadata: o.Metadata}
	switch {
	case err != nil:
		s.Err = decodeFault("", err)
	case o.Kind != ruleKind || o.APIVersion != storeGroup+"/"+storeVersion:
		s.Err = fmt.Errorf("it is a %s of %s, and a rule is a %s of %s/%s", orNothing(o.Kind), orNothing(o.APIVersion), ruleKind, storeGroup, storeVersion)
	case o.Metadata.Name == "":
		s.Err = errors.New("metadata.name is missing: the rule needs a name")
	case len(o.Spec) == 0:
		s.Err = errors.New("spec is missing: it says which role, for whom and where")
	default:
		if err := jsonv2.Unmarshal(o.Spec, &whole.Spec, jsonv2.RejectUnknownMembers(true)); err != nil {
			s.Err = decodeFault("/spec", err)
			break
		}
		rule := whole.rule()
		if s.Err = faultsOf(rule); s.Err == nil {
			s.BindingRule = rule
		}
	}
	return s
}

// faultsOf makes one error of what is wrong with a rule.
func faultsOf(rule rbac.BindingRule) error {
	var all []string
	for _, p := range rule.Validate() {
		all = append(all, p.Text)
	}
	if len(all) == 0 {
		return nil
	}
	return errors.New(strings.Join(all, " "))
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

// DecodeRules reads the rules out of YAML or JSON: documents and lists of them. Objects of other groups are passed over. name says where
// it comes from. What cannot be read becomes a Stored with Err.
func DecodeRules(data []byte, name string) []Stored {
	var out []Stored
	for _, document := range documents(data) {
		found, err := rulesIn(document)
		if err != nil {
			out = append(out, Stored{BindingRule: rbac.BindingRule{Name: name}, Unnamed: true, Err: fmt.Errorf("%s: %w", name, err)})
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

// rulesIn reads the rules of one document.
func rulesIn(document []byte) ([]Stored, error) {
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
	var out []Stored
	for _, item := range items {
		var head struct {
			APIVersion string `json:"apiVersion"`
		}
		// Whatever else lies in the folder is not ours; what has no version at all may be a rule that lost a line.
		if err := jsonv2.Unmarshal(item, &head); err != nil || head.APIVersion == "" || strings.HasPrefix(head.APIVersion, storeGroup+"/") {
			out = append(out, decodeRule(item))
		}
	}
	return out, nil
}

// documents splits a stream of YAML at its separators, and leaves every byte between them as it is.
func documents(data []byte) [][]byte {
	var out [][]byte
	var current []byte
	for line := range bytes.Lines(data) {
		if rest, ok := bytes.CutPrefix(line, []byte("---")); ok && (len(bytes.TrimSpace(rest)) == 0 || bytes.HasPrefix(rest, []byte(" #"))) {
			out, current = append(out, current), nil
			continue
		}
		current = append(current, line...)
	}
	return append(out, current)
}
