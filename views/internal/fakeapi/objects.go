package fakeapi

import (
	_ "embed"
	"fmt"
	"maps"
)

//go:embed estate.json
var estate []byte

// Estate is a JSON List of 25 VMs in three namespaces, in every status that KubeVirt knows, with their instances and a migration that
// began twelve seconds before the epoch of package drive.
func Estate() []byte { return estate }

// Machine makes a VirtualMachine. A Running one takes an Instance to be whole.
func Machine(namespace, name, status string) Object {
	strategy := "Always"
	if status == "Stopped" {
		strategy = "Halted"
	}
	return Object{
		"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine",
		"metadata": map[string]any{"name": name, "namespace": namespace, "uid": "vm-" + namespace + "-" + name},
		"spec": map[string]any{"runStrategy": strategy, "template": map[string]any{"spec": map[string]any{
			"domain": map[string]any{"cpu": map[string]any{"cores": 2}, "memory": map[string]any{"guest": "4Gi"}}}}},
		"status": map[string]any{"printableStatus": status},
	}
}

// Instance makes the running instance of a VirtualMachine.
func Instance(namespace, name, node string) Object {
	return Object{
		"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance",
		"metadata": map[string]any{"name": name, "namespace": namespace, "uid": "vmi-" + namespace + "-" + name,
			"ownerReferences": []any{map[string]any{"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "name": name, "uid": "vm-" + namespace + "-" + name}}},
		"spec": map[string]any{"domain": map[string]any{"cpu": map[string]any{"cores": 2}, "memory": map[string]any{"guest": "4Gi"}}},
		"status": map[string]any{"phase": "Running", "nodeName": node,
			"conditions":  []any{map[string]any{"type": "AgentConnected", "status": "True"}},
			"guestOSInfo": map[string]any{"prettyName": "Ubuntu 24.04.3 LTS"}},
	}
}

// Running makes a VM that runs: the VirtualMachine and its instance.
func Running(namespace, name, node string) []Object {
	return []Object{Machine(namespace, name, "Running"), Instance(namespace, name, node)}
}

// Namespace makes a namespace in a phase, such as Active.
func Namespace(name, phase string) Object {
	return Object{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name}, "status": map[string]any{"phase": phase}}
}

// Many makes running VMs in a namespace, named vm-0000 and so on.
func Many(namespace string, n int) []Object {
	var objects []Object
	for i := range n {
		objects = append(objects, Running(namespace, fmt.Sprintf("vm-%04d", i), fmt.Sprintf("node-%d", 1+i%3))...)
	}
	return objects
}

// With returns a copy of the object with another value of a field of its metadata, spec or status.
func (o Object) With(part, field string, value any) Object {
	c := maps.Clone(o)
	inner, _ := o[part].(map[string]any)
	if inner = maps.Clone(inner); inner == nil {
		inner = map[string]any{}
	}
	inner[field] = value
	c[part] = inner
	return c
}

// Status returns a copy of a VirtualMachine in another status.
func (o Object) Status(status string) Object { return o.With("status", "printableStatus", status) }

// Template makes a VmTemplate with a container disk.
func Template(name, title, description string) Object {
	return Object{
		"apiVersion": "spectrocloud.com/v1", "kind": "VmTemplate", "metadata": map[string]any{"name": name},
		"spec": map[string]any{
			"displayName": title, "description": description, "runStrategy": "Halted",
			"template": map[string]any{
				"metadata": map[string]any{"labels": map[string]any{"kubevirt.io/os": "linux"}},
				"spec": map[string]any{
					"domain": map[string]any{
						"cpu": map[string]any{"cores": 1}, "memory": map[string]any{"guest": "256Mi"},
						"devices": map[string]any{"disks": []any{map[string]any{"name": "root", "disk": map[string]any{"bus": "virtio"}}}},
					},
					"volumes": []any{map[string]any{"name": "root", "containerDisk": map[string]any{"image": "registry.example.com/" + name + ":1"}}},
				},
			},
		},
	}
}
