package vm

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/util/validation"
	virtv1 "kubevirt.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// Detail is everything that is known of one VM, fetched whole. A part that could not be fetched is nil and has an error.
type Detail struct {
	Machine    *virtv1.VirtualMachine
	Instance   *virtv1.VirtualMachineInstance
	Migrations []virtv1.VirtualMachineInstanceMigration // newest first

	MachineErr, InstanceErr, MigrationsErr error

	MachineYAML, InstanceYAML string // without managedFields
}

// FetchDetail reads a VirtualMachine, its instance and its migrations side by side, each with a deadline. What does not exist is
// nil without an error.
func FetchDetail(ctx context.Context, cluster *kube.Cluster, namespace, name string) Detail {
	ctx, cancel := context.WithTimeout(ctx, kube.CallTimeout)
	defer cancel()
	var d Detail
	var wg sync.WaitGroup
	wg.Go(func() {
		d.Machine, d.MachineYAML, d.MachineErr = fetch[virtv1.VirtualMachine](ctx, cluster, Machines, namespace, name)
	})
	wg.Go(func() {
		d.Instance, d.InstanceYAML, d.InstanceErr = fetch[virtv1.VirtualMachineInstance](ctx, cluster, Instances, namespace, name)
	})
	wg.Go(func() { d.Migrations, d.MigrationsErr = fetchMigrations(ctx, cluster, namespace, name) })
	wg.Wait()
	return d
}

func fetch[T any](ctx context.Context, cluster *kube.Cluster, kind Kind, namespace, name string) (*T, string, error) {
	raw, err := cluster.REST(rbac.GroupKubeVirt, "v1").Get().
		Namespace(namespace).Resource(string(kind)).Name(name).Do(ctx).Raw()
	if kube.Classify(err) == kube.KindNotFound {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	object := new(T)
	if err := json.Unmarshal(raw, object); err != nil {
		return nil, "", fmt.Errorf("read %s %s/%s: %w", kind, namespace, name, err)
	}
	text, err := readable(raw)
	return object, text, err
}

// readable writes an object as YAML without what only servers read.
func readable(raw []byte) (string, error) {
	var object map[string]any
	if err := json.Unmarshal(raw, &object); err != nil {
		return "", fmt.Errorf("read an object: %w", err)
	}
	if metadata, ok := object["metadata"].(map[string]any); ok {
		delete(metadata, "managedFields")
	}
	text, err := yaml.Marshal(object)
	if err != nil {
		return "", fmt.Errorf("write an object as YAML: %w", err)
	}
	return string(text), nil
}

// fetchMigrations lists the migrations of one instance by the label that KubeVirt puts on them (kubevirt.io/api,
// MigrationSelectorLabel). A name too long for a label's value is looked for in the whole namespace.
func fetchMigrations(ctx context.Context, cluster *kube.Cluster, namespace, name string) ([]virtv1.VirtualMachineInstanceMigration, error) {
	var list virtv1.VirtualMachineInstanceMigrationList
	req := cluster.REST(rbac.GroupKubeVirt, "v1").Get().Namespace(namespace).Resource(string(Migrations))
	if len(name) <= validation.LabelValueMaxLength {
		req.Param("labelSelector", virtv1.MigrationSelectorLabel+"="+name)
	}
	if err := req.Do(ctx).Into(&list); err != nil {
		return nil, err
	}
	items := slices.DeleteFunc(list.Items, func(m virtv1.VirtualMachineInstanceMigration) bool { return m.Spec.VMIName != name })
	slices.SortFunc(items, func(a, b virtv1.VirtualMachineInstanceMigration) int {
		return b.CreationTimestamp.Compare(a.CreationTimestamp.Time)
	})
	return items, nil
}
