package vm

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	clonev1 "kubevirt.io/api/clone/v1beta1"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// client makes the calls of the action table.
type client struct{ cluster *kube.Cluster }

func (c *client) machine(ctx context.Context, r *Row, sub string, body any) error {
	return c.put(ctx, Machines, r, sub, body)
}

func (c *client) instance(ctx context.Context, r *Row, sub string, body any) error {
	return c.put(ctx, Instances, r, sub, body)
}

// put calls a subresource of virt-api.
func (c *client) put(ctx context.Context, kind Kind, r *Row, sub string, body any) error {
	req := c.cluster.REST(rbac.GroupSubresources, "v1").Put().
		Namespace(r.Namespace).Resource(string(kind)).Name(r.Name).SubResource(sub)
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("encode the options of %s: %w", sub, err)
		}
		req.SetHeader("Content-Type", "application/json").Body(data)
	}
	return req.Do(ctx).Error()
}

// remove deletes the very object that the user saw: another one of the same name is left alone.
func (c *client) remove(ctx context.Context, kind Kind, namespace, name, uid string, o Options) error {
	id := types.UID(uid)
	return c.cluster.REST(rbac.GroupKubeVirt, "v1").Delete().Namespace(namespace).Resource(string(kind)).Name(name).
		Body(&metav1.DeleteOptions{
			TypeMeta:      metav1.TypeMeta{APIVersion: "v1", Kind: "DeleteOptions"},
			Preconditions: &metav1.Preconditions{UID: &id}, DryRun: o.dryRun(),
		}).Do(ctx).Error()
}

func (c *client) clone(ctx context.Context, r *Row, o Options) error {
	group := rbac.GroupKubeVirt
	object := &clonev1.VirtualMachineClone{
		TypeMeta:   metav1.TypeMeta{APIVersion: clonev1.SchemeGroupVersion.String(), Kind: "VirtualMachineClone"},
		ObjectMeta: metav1.ObjectMeta{GenerateName: "vmdeck-", Namespace: r.Namespace},
		Spec: clonev1.VirtualMachineCloneSpec{
			Source: &corev1.TypedLocalObjectReference{APIGroup: &group, Kind: "VirtualMachine", Name: r.Name},
		},
	}
	if o.CloneName != "" {
		object.Spec.Target = &corev1.TypedLocalObjectReference{APIGroup: &group, Kind: "VirtualMachine", Name: o.CloneName}
	}
	return c.cluster.REST(rbac.GroupClone, clonev1.SchemeGroupVersion.Version).Post().
		Namespace(r.Namespace).Resource("virtualmachineclones").
		VersionedParams(&metav1.CreateOptions{DryRun: o.dryRun()}, kube.ParameterCodec()).
		Body(object).Do(ctx).Error()
}

// current fetches the UID of the object that a row stands for.
func (c *client) current(ctx context.Context, r *Row) (string, error) {
	kind := Machines
	if !r.HasVM {
		kind = Instances
	}
	raw, err := c.cluster.REST(rbac.GroupKubeVirt, "v1").Get().
		Namespace(r.Namespace).Resource(string(kind)).Name(r.Name).Do(ctx).Raw()
	if err != nil {
		return "", err
	}
	var object struct {
		Metadata struct {
			UID string `json:"uid"`
		} `json:"metadata"`
	}
	if err := json.Unmarshal(raw, &object); err != nil {
		return "", fmt.Errorf("read %s %s: %w", kind, r.Key(), err)
	}
	return object.Metadata.UID, nil
}
