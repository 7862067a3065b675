package template

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/keep"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
)

// Blank is a manifest to begin a template with. It makes VMs that run, apart from the name and the image, which are to be filled in.
const Blank = `apiVersion: spectrocloud.com/v1
kind: VmTemplate
metadata:
  name: new-template
spec:
  displayName: New template
  description: ""
  runStrategy: Halted
  template:
    metadata:
      labels:
        kubevirt.io/os: linux
    spec:
      domain:
        cpu:
          cores: 1
        memory:
          guest: 1Gi
        devices:
          rng: {}
          disks:
          - name: root
            disk:
              bus: virtio
          interfaces:
          - name: default
            masquerade: {}
      networks:
      - name: default
        pod: {}
      volumes:
      - name: root
        containerDisk:
          image: quay.io/containerdisks/fedora:latest
`

// Like is a template of another name that is to be made anew. Nobody else keeps it: what marks the first one as part of a Helm release is
// not copied.
func (t Template) Like(name string) Template {
	like := t.WithVersion("")
	meta := need(like.object, "metadata")
	for _, key := range []string{"labels", "annotations"} {
		marks, _ := meta[key].(map[string]any)
		for mark := range marks {
			if strings.HasPrefix(mark, "meta.helm.sh/") || strings.HasPrefix(mark, "helm.sh/") || strings.HasPrefix(mark, "app.kubernetes.io/managed-by") ||
				strings.HasPrefix(mark, rbac.GroupVMDeck+"/") || strings.HasPrefix(mark, "kubectl.kubernetes.io/") {
				delete(marks, mark)
			}
		}
		if len(marks) == 0 {
			delete(meta, key)
		}
	}
	for _, key := range []string{"creationTimestamp", "generation", "managedFields", "ownerReferences", "finalizers"} {
		delete(meta, key)
	}
	meta["name"] = name
	like.Name, like.Owner = name, ""
	return like
}

// FromVM reads a VM and makes a template of it that is to be made anew. notes say what about it will want a look.
func FromVM(ctx context.Context, c *kube.Cluster, namespace, name string) (t Template, notes []string, err error) {
	what := fmt.Sprintf("read the VM %s/%s", namespace, name)
	body, err := send(ctx, c, c.REST(rbac.GroupKubeVirt, "v1").Get().Namespace(namespace).Resource(string(vm.Machines)).Name(name))
	switch kube.Classify(err) {
	case kube.KindNone:
	case kube.KindNotFound:
		return Template{}, nil, explained{fmt.Sprintf("%s: there is no such VM", what), err}
	case kube.KindForbidden:
		d := rbac.Deny(namespace, rbac.On("get", rbac.GroupKubeVirt, string(vm.Machines)))
		return Template{}, nil, explained{refusal(what, d), err}
	default:
		return Template{}, nil, keep.Explain(err, what)
	}
	var machine map[string]any
	if err := json.Unmarshal(body, &machine); err != nil {
		return Template{}, nil, fmt.Errorf("%s: %w", what, err)
	}
	return ofMachine(machine)
}

// ofMachine is the pure part of FromVM.
func ofMachine(machine map[string]any) (Template, []string, error) {
	name := text(dig(machine, "metadata"), "name")
	spec := need(runtime.DeepCopyJSON(map[string]any{"spec": dig(machine, "spec")}), "spec")
	instance := dig(spec, "template", "spec")
	// What is one machine's own would make every VM of the template the same one on the network.
	delete(instance, "hostname")
	firmware := dig(instance, "domain", "firmware")
	delete(firmware, "uuid")
	delete(firmware, "serial")
	for _, card := range items(dig(instance, "domain", "devices"), "interfaces") {
		delete(card, "macAddress")
	}
	for _, kind := range []string{"instancetype", "preference"} {
		delete(dig(spec, kind), "revisionName")
	}
	delete(dig(spec, "template", "metadata"), "creationTimestamp")
	for _, dv := range items(spec, "dataVolumeTemplates") {
		delete(dig(dv, "metadata"), "creationTimestamp")
	}
	delete(spec, "running")
	spec["displayName"], spec["description"], spec["runStrategy"] = name, "", "Halted"
	data, err := json.Marshal(map[string]any{"apiVersion": apiVersion, "kind": Kind, "metadata": map[string]any{"name": name}, "spec": spec})
	if err != nil {
		return Template{}, nil, err
	}
	t, err := Decode(data)
	return t, remarks(spec), err
}

// remarks say what of a VM is not fit for a template as it is.
func remarks(spec map[string]any) (notes []string) {
	var made, shared, secret []string
	for _, dv := range items(spec, "dataVolumeTemplates") {
		made = append(made, text(dig(dv, "metadata"), "name"))
	}
	for _, volume := range items(dig(spec, "template", "spec"), "volumes") {
		claim := text(dig(volume, "persistentVolumeClaim"), "claimName") + text(dig(volume, "dataVolume"), "name")
		if claim != "" && !slices.Contains(made, claim) {
			shared = append(shared, text(volume, "name"))
		}
		if dig(volume, "cloudInitNoCloud") != nil || dig(volume, "cloudInitConfigDrive") != nil || dig(volume, "sysprep") != nil {
			secret = append(secret, text(volume, "name"))
		}
	}
	if len(shared) > 0 {
		notes = append(notes, fmt.Sprintf("The disk %s is the VM's own: every VM of the template would use the same one. Make it a data volume template, or take it out.",
			strings.Join(shared, ", ")))
	}
	if len(secret) > 0 {
		notes = append(notes, fmt.Sprintf("What %s holds, passwords and keys included, can be read by all who may list templates.", strings.Join(secret, ", ")))
	}
	return notes
}
