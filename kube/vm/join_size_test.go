package vm

import (
	"fmt"
	"testing"
)

const gib = int64(1) << 30

func TestCPUAndMemory(t *testing.T) {
	typed := func(kind, namespace, name string) (int, int64) {
		if fmt.Sprint(kind, "|", namespace, "|", name) == "VirtualMachineInstancetype|team|big" {
			return 16, 64 * gib
		}
		return 0, 0
	}
	const big = `"instancetype":{"name":"big","kind":"VirtualMachineInstancetype"}`
	tests := []struct {
		name    string
		vm, vmi string
		cpu     int
		memory  int64
	}{
		{"topology", vmJSON(template(domain(`"cpu":{"sockets":2,"cores":3,"threads":2},"memory":{"guest":"2Gi"}`)), ""), "", 12, 2 * gib},
		{"a missing part counts one", vmJSON(template(domain(`"cpu":{"cores":4}`)), ""), "", 4, 0},
		{"requests as text", vmJSON(template(domain(`"resources":{"requests":{"cpu":"3","memory":"512Mi"}}`)), ""), "", 3, gib / 2},
		{"requests as numbers", vmJSON(template(domain(`"resources":{"requests":{"cpu":3,"memory":1073741824}}`)), ""), "", 3, gib},
		{"a large number", vmJSON(template(domain(`"resources":{"requests":{"memory":1099511627776}}`)), ""), "", 1, 1024 * gib},
		{"a part of a CPU is one", vmJSON(template(domain(`"resources":{"requests":{"cpu":"250m"}}`)), ""), "", 1, 0},
		{"guest memory before requests", vmJSON(template(domain(`"memory":{"guest":"4Gi"},"resources":{"requests":{"memory":"1Gi"}}`)), ""), "", 1, 4 * gib},
		{"guest memory as a number", vmJSON(template(domain(`"memory":{"guest":1073741824}`)), ""), "", 1, gib},
		{"topology before requests", vmJSON(template(domain(`"cpu":{"cores":2},"resources":{"requests":{"cpu":"8"}}`)), ""), "", 2, 0},
		{"nothing said", vmJSON("", ""), "", 1, 0},
		{"not a quantity", vmJSON(template(domain(`"memory":{"guest":"lots"},"resources":{"requests":{"cpu":"many"}}`)), ""), "", 1, 0},
		{"instance type", vmJSON(big, ""), "", 16, 64 * gib},
		{"unknown instance type", vmJSON(`"instancetype":{"name":"gone"}`, ""), "", 0, 0},
		{"the instance knows better than its type", vmJSON(big, ""), vmiJSON(domain(`"cpu":{"sockets":8,"cores":1,"threads":1},"memory":{"guest":"32Gi"}`), ""), 8, 32 * gib},
		{"the instance knows better than the template", vmJSON(template(domain(`"cpu":{"cores":9},"memory":{"guest":"9Gi"}`)), ""), vmiJSON(domain(`"cpu":{"cores":2},"memory":{"guest":"2Gi"}`), ""), 2, 2 * gib},
		{"the template where the instance is silent", vmJSON(template(domain(`"cpu":{"cores":9},"memory":{"guest":"9Gi"}`)), ""), vmiJSON("", ""), 9, 9 * gib},
		{
			"hot-plugged", vmJSON("", ""), vmiJSON(domain(`"cpu":{"sockets":1,"cores":1,"threads":1},"memory":{"guest":"1Gi"}`),
				`"currentCPUTopology":{"sockets":4,"cores":1,"threads":1},"memory":{"guestAtBoot":"1Gi","guestCurrent":"3Gi","guestRequested":"5Gi"}`), 4, 3 * gib,
		},
		{"hot-plugged, without a machine", "", vmiJSON(domain(`"cpu":{"cores":1}`), `"currentCPUTopology":{"cores":2},"memory":{"guestCurrent":2147483648}`), 2, 2 * gib},
		{"an instance that says nothing", "", vmiJSON("", ""), 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := join(decode[machine](t, tt.vm), decode[instance](t, tt.vmi), nil, typed)
			if r.CPU != tt.cpu || r.Memory != tt.memory {
				t.Errorf("%d CPUs, %d bytes; want %d, %d", r.CPU, r.Memory, tt.cpu, tt.memory)
			}
		})
	}
}

func TestInstanceTypesOfTheNamespaceAndOfTheCluster(t *testing.T) {
	v := NewInventory(nil, Scope{All: true})
	put := func(tab *table[instancetype, *instancetype], text string) {
		o := decode[instancetype](t, text)
		tab.objects[o.Meta().Key()] = entry[instancetype]{object: o}
	}
	put(v.shared, `{"metadata":{"name":"u1"},"spec":{"cpu":{"guest":1},"memory":{"guest":"2Gi"}}}`)
	put(v.types, `{"metadata":{"name":"u1","namespace":"team"},"spec":{"cpu":{"guest":3},"memory":{"guest":4294967296}}}`)
	tests := []struct {
		kind, namespace, name string
		cpu                   int
		memory                int64
	}{
		{"", "team", "u1", 1, 2 * gib}, // the API's default kind
		{"VirtualMachineClusterInstancetype", "team", "u1", 1, 2 * gib},
		{"virtualmachineclusterinstancetypes", "team", "u1", 1, 2 * gib},
		{"VirtualMachineInstancetype", "team", "u1", 3, 4 * gib},
		{"virtualmachineinstancetypes", "team", "u1", 3, 4 * gib},
		{"VirtualMachineInstancetype", "other", "u1", 0, 0},
		{"", "team", "u2", 0, 0},
	}
	for _, tt := range tests {
		if cpu, memory := v.size(tt.kind, tt.namespace, tt.name); cpu != tt.cpu || memory != tt.memory {
			t.Errorf("%s %s/%s: %d CPUs, %d bytes; want %d, %d", tt.kind, tt.namespace, tt.name, cpu, memory, tt.cpu, tt.memory)
		}
	}
}
