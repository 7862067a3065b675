package template

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"

	"vmdeck.dev/vmdeck/rbac"
)

// The custom resource of templates.
const (
	Kind     = "VmTemplate"
	Resource = "vmtemplates"
	Version  = "v1"

	apiVersion = rbac.GroupTemplates + "/" + Version
)

// Template is a VmTemplate. Its texts are as the cluster sent them and may hold control sequences: whoever draws them cleans them.
type Template struct {
	Name, UID       string
	ResourceVersion string // empty for one that is not in the cluster yet
	Created         time.Time
	Labels          map[string]string

	// Title is what the catalogue shows as name: the display name or, without one, the name.
	Title       string
	Description string
	Icon        string // address of a picture
	// Owner says who else keeps the template, such as "the Helm release vmo"; empty: nobody.
	Owner string

	CPU          int   // vCPUs; 0 = not said, or up to the instance type
	Memory       int64 // bytes the guest sees; 0 = not said, or up to the instance type
	Instancetype string
	Preference   string
	OS           string // the label kubevirt.io/os of the VMs
	// RunStrategy is that of a VM for which nothing else is chosen.
	RunStrategy string
	// Disks say what the VM's volumes are made of, such as "container disk quay.io/containerdisks/fedora:41".
	Disks []string
	// DataVolumes is how many disks are made together with the VM.
	DataVolumes int

	object map[string]any
}

// Decode reads a VmTemplate as the API server sends it. What a list leaves out, kind and version, is added.
func Decode(data []byte) (Template, error) {
	var object map[string]any
	if err := json.Unmarshal(data, &object); err != nil {
		return Template{}, fmt.Errorf("read a VM template: %w", err)
	}
	var head struct {
		Metadata metav1.ObjectMeta `json:"metadata"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return Template{}, fmt.Errorf("read a VM template: %w", err)
	}
	object["apiVersion"], object["kind"] = apiVersion, Kind
	meta := head.Metadata
	t := Template{
		Name: meta.Name, UID: string(meta.UID), ResourceVersion: meta.ResourceVersion, Created: meta.CreationTimestamp.Time, Labels: meta.Labels,
		Owner: ownerOf(meta), object: object,
	}
	t.describe(dig(object, "spec"))
	return t, nil
}

// describe fills in what the spec says.
func (t *Template) describe(spec map[string]any) {
	t.Title = cmp.Or(text(spec, "displayName"), t.Name)
	t.Description, t.Icon = text(spec, "description"), text(spec, "icon")
	t.Instancetype, t.Preference = text(dig(spec, "instancetype"), "name"), text(dig(spec, "preference"), "name")
	t.RunStrategy = strategyOf(spec)
	t.OS = text(dig(spec, "template", "metadata", "labels"), "kubevirt.io/os")
	if t.Instancetype == "" {
		domain := dig(spec, "template", "spec", "domain")
		t.CPU, t.Memory = int(cpuOf(domain)), memoryOf(domain)
	}
	t.DataVolumes = len(items(spec, "dataVolumeTemplates"))
	for _, volume := range items(dig(spec, "template", "spec"), "volumes") {
		t.Disks = append(t.Disks, disk(volume, spec))
	}
}

// strategyOf is the run strategy that a spec comes to. The field running, which KubeVirt has deprecated, is read as what it stands for.
func strategyOf(spec map[string]any) string {
	if strategy := text(spec, "runStrategy"); strategy != "" {
		return strategy
	}
	if running, _ := spec["running"].(bool); running {
		return "Always"
	}
	return "Halted"
}

// ownerOf tells of a template that comes from a chart: what is changed by hand there is undone by the next upgrade.
func ownerOf(meta metav1.ObjectMeta) string {
	if release := meta.Annotations["meta.helm.sh/release-name"]; release != "" {
		return "the Helm release " + release
	}
	return ""
}

// disk says what a volume is made of.
func disk(volume, spec map[string]any) string {
	name := text(volume, "name")
	for key, title := range map[string]string{
		"containerDisk": "container disk", "cloudInitNoCloud": "cloud-init", "cloudInitConfigDrive": "cloud-init", "sysprep": "sysprep",
		"dataVolume": "data volume", "persistentVolumeClaim": "claim", "emptyDisk": "empty disk", "ephemeral": "ephemeral disk",
		"configMap": "config map", "secret": "secret", "serviceAccount": "service account",
	} {
		source, ok := volume[key].(map[string]any)
		if !ok {
			continue
		}
		of := cmp.Or(text(source, "image"), text(source, "name"), text(source, "claimName"), text(source, "capacity"), text(source, "secretName"))
		if size := newDiskSize(spec, text(source, "name")); key == "dataVolume" && size != "" {
			return fmt.Sprintf("%s: new disk, %s", name, size)
		}
		if of == "" {
			return name + ": " + title
		}
		return fmt.Sprintf("%s: %s %s", name, title, of)
	}
	return name + ": other volume"
}

// newDiskSize is the size of a disk that is made together with the VM; empty for one that is there already.
func newDiskSize(spec map[string]any, name string) string {
	for _, dv := range items(spec, "dataVolumeTemplates") {
		if text(dig(dv, "metadata"), "name") == name {
			for _, form := range []string{"storage", "pvc"} {
				if size := text(dig(dv, "spec", form, "resources", "requests"), "storage"); size != "" {
					return size
				}
			}
			return "as large as its source"
		}
	}
	return ""
}

// Object is a copy of the template as the API server has it, without the record of who wrote which field.
func (t Template) Object() map[string]any {
	object := runtime.DeepCopyJSON(t.object)
	delete(dig(object, "metadata"), "managedFields")
	return object
}

// WithVersion is the template as one of another version: an empty one means that it is to be made anew.
func (t Template) WithVersion(version string) Template {
	t.object = runtime.DeepCopyJSON(t.object)
	meta := need(t.object, "metadata")
	if t.ResourceVersion = version; version != "" {
		meta["resourceVersion"] = version
		return t
	}
	t.UID = ""
	delete(meta, "resourceVersion")
	delete(meta, "uid")
	return t
}

// Manifest is the template as YAML for people to read and edit: without what only the server writes, but with the version by which a
// change made meanwhile is noticed.
func (t Template) Manifest() (string, error) {
	object := t.Object()
	for _, key := range []string{"creationTimestamp", "generation", "uid", "selfLink"} {
		delete(dig(object, "metadata"), key)
	}
	data, err := yaml.Marshal(object)
	return string(data), err
}

// dig follows a path of maps; nil where it ends. A nil map can be read like an empty one.
func dig(object map[string]any, path ...string) map[string]any {
	for _, key := range path {
		object, _ = object[key].(map[string]any)
	}
	return object
}

// need is dig for writing: it makes the maps that are missing.
func need(object map[string]any, path ...string) map[string]any {
	for _, key := range path {
		next, ok := object[key].(map[string]any)
		if !ok {
			next = map[string]any{}
			object[key] = next
		}
		object = next
	}
	return object
}

// items are the maps of a list.
func items(object map[string]any, key string) []map[string]any {
	list, _ := object[key].([]any)
	var out []map[string]any
	for _, item := range list {
		if m, ok := item.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

func text(object map[string]any, key string) string {
	s, _ := object[key].(string)
	return s
}

// sorted is by name.
func sorted(list []Template) []Template {
	slices.SortFunc(list, func(a, b Template) int { return cmp.Compare(a.Name, b.Name) })
	return list
}
