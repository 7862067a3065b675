package binding

import (
	_ "embed"
	"errors"
	"strings"

	"sigs.k8s.io/yaml"

	"vmdeck.dev/vmdeck/kube/keep"
	"vmdeck.dev/vmdeck/rbac"
)

// The custom resource of rules.
const (
	storeGroup    = rbac.GroupVMDeck
	storeVersion  = "v1alpha1"
	storeResource = "rolebindingrules"
	ruleKind      = "RoleBindingRule"
)

//go:embed crd.yaml
var storeDefinition []byte

// ruleStores says how rules are kept.
var ruleStores = keep.Kind[rbac.BindingRule]{
	Group: storeGroup, Version: storeVersion, Resource: storeResource, Kind: ruleKind, Siblings: []string{"ClusterProfile"},
	One: "rule", Many: "rules", Definition: storeDefinition, Holds: "which role, for whom and where",
	Name: func(r rbac.BindingRule) string { return r.Name }, Spec: specOf, Read: ruleOf, Check: faultsOf,
	NotInstalled: ErrNotInstalled, Changed: ErrChanged, Exists: ErrExists,
}

// ruleSpec is what stands in a rule's object. All of its fields are written always, as a patch leaves those that it does not name as they
// were.
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

// specOf is the rule as it is kept. What only one run knows, such as the cluster's group, is not in it.
func specOf(rule rbac.BindingRule) any {
	spec := ruleSpec{
		RoleRef: ruleRole{Kind: rule.RoleKind, Name: rule.RoleName}, Subjects: []ruleSubject{}, Namespaces: append([]string{}, rule.Namespaces...),
		ClusterWide: rule.ClusterWide, Lists: rule.Lists,
	}
	for _, s := range rule.Subjects {
		spec.Subjects = append(spec.Subjects, ruleSubject{Kind: s.Kind, Name: s.Name, Namespace: s.Namespace})
	}
	return spec
}

func ruleOf(name string, kept keep.Spec) (rbac.BindingRule, error) {
	var spec ruleSpec
	if err := kept.Into(&spec); err != nil {
		return rbac.BindingRule{}, err
	}
	rule := rbac.BindingRule{
		Name: name, RoleKind: spec.RoleRef.Kind, RoleName: spec.RoleRef.Name,
		ClusterWide: spec.ClusterWide, Namespaces: spec.Namespaces, Lists: spec.Lists,
	}
	if len(rule.Namespaces) == 0 {
		rule.Namespaces = nil
	}
	for _, s := range spec.Subjects {
		rule.Subjects = append(rule.Subjects, rbac.Subject{Kind: s.Kind, Namespace: s.Namespace, Name: s.Name})
	}
	return rule, nil
}

// objectOf is the rule's object, the same in the cluster and in files.
func objectOf(rule rbac.BindingRule) keep.Object { return ruleStores.Object(rule) }

// Manifest is a rule as YAML, ready for a file or kubectl apply.
func Manifest(rule rbac.BindingRule) ([]byte, error) { return yaml.Marshal(objectOf(rule)) }

// DecodeRules reads the rules out of YAML or JSON: documents and lists of them. Objects of other groups are passed over. name says where
// it comes from. What cannot be read becomes a Stored with Err.
func DecodeRules(data []byte, name string) []Stored { return storedAll(ruleStores.Decode(data, name)) }

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
