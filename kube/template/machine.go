package template

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/rand"
	utilvalidation "k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/yaml"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// Origin is the annotation in which a VM carries the name of the template that it was made from.
const Origin = "vmdeck.dev/template"

// inherited are the annotations of a template that its VMs get.
var inherited = []string{"vmo-manager.spectrocloud.com/snapshot-policy"}

// shown are the fields of a template that are for the catalogue only. All others are the VM's, and the server's to judge.
var shown = []string{"displayName", "description", "icon"}

// The fields of Options, by which problems say what they are about; they are the flags of the sub-command too.
const (
	FieldName         = "name"
	FieldNamespace    = "namespace"
	FieldCPU          = "cpu"
	FieldMemory       = "memory"
	FieldStart        = "start"
	FieldLabels       = "label"
	FieldStorageClass = "storage-class"
)

// Options are what the user chooses for a VM. Apart from name and namespace, what is not chosen is as the template says.
type Options struct {
	Name, Namespace string
	CPU             int64  // vCPUs; 0: the template's
	Memory          string // a quantity such as 4Gi; empty: the template's
	Start           *bool  // whether the VM is started at once; nil: as the template says
	Labels          map[string]string
	// StorageClass is that of the disks that are made together with the VM; empty: the template's.
	StorageClass string
}

// Problem is what is wrong with one field: one of Options, or of a manifest as a path like spec.template.spec.domain.
type Problem struct {
	Field string
	Text  string // a sentence fragment that ends with a full stop
}

// String reads "memory: "lots" is no amount of memory like 512Mi or 4Gi."
func (p Problem) String() string {
	if p.Field == "" {
		return p.Text
	}
	return p.Field + ": " + p.Text
}

// Machine is the manifest of a VirtualMachine that may be made.
type Machine struct {
	Namespace, Name string
	// Template is the one that it comes from; empty where a manifest does not say.
	Template string

	object map[string]any
	trial  bool // it is not to be made
}

// Instantiate makes the manifest of a VM from the template; it asks nobody. With problems the manifest is not to be used. Disks that are
// made together with the VM are named after it, since the template's names are taken by the first VM.
func (t Template) Instantiate(o Options) (Machine, []Problem) {
	spec := need(runtime.DeepCopyJSON(t.object), "spec")
	for _, key := range shown {
		delete(spec, key)
	}
	problems := append(placeProblems(o.Name, o.Namespace), t.setSizes(spec, o)...)
	spec["runStrategy"] = chosenStrategy(strategyOf(spec), o.Start)
	delete(spec, "running")
	problems = append(problems, nameDisks(spec, o)...)
	problems = append(problems, labelProblems(o.Labels)...)

	annotations := map[string]any{Origin: t.Name}
	for _, key := range inherited {
		if value := text(dig(t.object, "metadata", "annotations"), key); value != "" {
			annotations[key] = value
		}
	}
	meta := map[string]any{"name": o.Name, "namespace": o.Namespace, "annotations": annotations}
	for key, value := range o.Labels {
		need(meta, "labels")[key] = value
	}
	return Machine{Namespace: o.Namespace, Name: o.Name, Template: t.Name, object: map[string]any{
		"apiVersion": rbac.GroupKubeVirt + "/v1", "kind": "VirtualMachine", "metadata": meta, "spec": spec,
	}}, problems
}

// Trial is the VM with which the server is asked whether it would make one of the template: as the template says, under a name that no
// other has.
func (t Template) Trial(namespace string) Machine {
	m, _ := t.Instantiate(Options{Name: "vmdeck-validate-" + rand.String(5), Namespace: namespace})
	m.trial = true
	return m
}

func (t Template) setSizes(spec map[string]any, o Options) (problems []Problem) {
	fault := func(field, reason string) {
		if reason != "" {
			problems = append(problems, Problem{field, reason})
		}
	}
	if t.Instancetype != "" {
		reason := fmt.Sprintf("the template takes CPU and memory from the instance type %s.", t.Instancetype)
		if o.CPU != 0 {
			fault(FieldCPU, reason)
		}
		if o.Memory != "" {
			fault(FieldMemory, reason)
		}
		return problems
	}
	if o.CPU != 0 {
		fault(FieldCPU, setCPU(need(spec, "template", "spec", "domain"), o.CPU))
	}
	if o.Memory != "" {
		q, reason := parseMemory(o.Memory)
		if reason == "" {
			reason = setMemory(need(spec, "template", "spec", "domain"), q)
		}
		fault(FieldMemory, reason)
	}
	return problems
}

// starting are the run strategies with which a new VM starts by itself.
var starting = []string{"Always", "RerunOnFailure", "Once", "WaitAsReceiver"}

func chosenStrategy(strategy string, start *bool) string {
	switch {
	case start == nil, *start == slices.Contains(starting, strategy):
		return strategy
	case *start:
		return "Always"
	default:
		return "Halted"
	}
}

// nameDisks names the disks that are made together with the VM after it, and the volumes that use them.
func nameDisks(spec map[string]any, o Options) []Problem {
	disks := items(spec, "dataVolumeTemplates")
	if o.StorageClass != "" && len(disks) == 0 {
		return []Problem{{FieldStorageClass, "the template makes no disks together with the VM."}}
	}
	if o.StorageClass != "" && len(validation.NameIsDNSSubdomain(o.StorageClass, false)) > 0 {
		return []Problem{{FieldStorageClass, fmt.Sprintf("%q cannot be the name of a storage class.", o.StorageClass)}}
	}
	names := map[string]string{}
	for _, dv := range disks {
		meta := need(dv, "metadata")
		old := text(meta, "name")
		names[old] = strings.TrimRight(o.Name+"-"+old, "-")
		meta["name"] = names[old]
		delete(meta, "namespace") // disks are made where the VM is
		for _, form := range []string{"storage", "pvc"} {
			if claim := dig(dv, "spec", form); claim != nil && o.StorageClass != "" {
				claim["storageClassName"] = o.StorageClass
			}
		}
	}
	for _, volume := range items(dig(spec, "template", "spec"), "volumes") {
		for key, field := range map[string]string{"dataVolume": "name", "persistentVolumeClaim": "claimName"} {
			if source := dig(volume, key); names[text(source, field)] != "" {
				source[field] = names[text(source, field)]
			}
		}
	}
	return nil
}

// longestName is what a label takes: KubeVirt puts the name into one.
const longestName = 63

func placeProblems(name, namespace string) (problems []Problem) {
	switch {
	case name == "":
		problems = append(problems, Problem{FieldName, "the VM needs a name."})
	case len(name) > longestName || len(validation.NameIsDNSSubdomain(name, false)) > 0:
		problems = append(problems, Problem{FieldName, fmt.Sprintf("%q cannot be a name: it takes lower case letters, digits, dashes and dots, a letter or digit first and last, %d at most.", name, longestName)})
	}
	switch {
	case namespace == "":
		problems = append(problems, Problem{FieldNamespace, "the VM needs a namespace."})
	case !kube.IsNamespaceName(namespace):
		problems = append(problems, Problem{FieldNamespace, fmt.Sprintf("%q cannot be a namespace: %s.", namespace, kube.NamespaceNames)})
	}
	return problems
}

func labelProblems(labels map[string]string) (problems []Problem) {
	for key, value := range labels {
		if len(utilvalidation.IsQualifiedName(key))+len(utilvalidation.IsValidLabelValue(value)) > 0 {
			problems = append(problems, Problem{FieldLabels, fmt.Sprintf("%s=%s cannot be a label: name and value take letters, digits, dashes, dots and underscores, %d at most.", key, value, longestName)})
		}
	}
	return problems
}

// Starts says whether the VM is started as soon as it is made.
func (m Machine) Starts() bool { return slices.Contains(starting, strategyOf(dig(m.object, "spec"))) }

// CPU and Memory are what the VM asks for, in vCPUs and bytes; 0 where an instance type or KubeVirt decides.
func (m Machine) CPU() int64 { return cpuOf(dig(m.object, "spec", "template", "spec", "domain")) }

// Memory is in bytes; see CPU.
func (m Machine) Memory() int64 { return memoryOf(dig(m.object, "spec", "template", "spec", "domain")) }

// Object is a copy of the manifest.
func (m Machine) Object() map[string]any { return runtime.DeepCopyJSON(m.object) }

// YAML is the manifest for people to read and edit.
func (m Machine) YAML() (string, error) {
	data, err := yaml.Marshal(m.object)
	return string(data), err
}
