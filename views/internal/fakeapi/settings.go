package fakeapi

import "strings"

// Settings is a ConfigMap as the pack of a chart, such as virtual-machine-orchestrator-1.1.0, leaves it on the cluster.
func Settings(namespace, name, chart string, data map[string]string) Object {
	pack := chart[:strings.LastIndexByte(chart, '-')]
	values := map[string]any{}
	for key, value := range data {
		values[key] = value
	}
	return Object{"apiVersion": "v1", "kind": "ConfigMap", "data": values, "metadata": map[string]any{
		"namespace": namespace, "name": name, "labels": map[string]any{
			"app.kubernetes.io/name": pack, "app.kubernetes.io/instance": pack, "helm.sh/chart": chart, "app.kubernetes.io/managed-by": "Helm",
		},
	}}
}
