package install

import (
	"context"
	"fmt"
	"strings"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	virtv1 "kubevirt.io/api/core/v1"
	"kubevirt.io/kubevirt/pkg/virt-operator/resource/generate/components"

	"vmdeck/testdata/cluster/internal/state"
)

var apiServices = schema.GroupVersionResource{Group: "apiregistration.k8s.io", Version: "v1", Resource: "apiservices"}

// Routes registers virt-api's webhooks and API services. virt-api must listen by then: an API service that failed its
// first check is checked again only after a growing delay.
func (i *Installer) Routes(ctx context.Context) error {
	port := int32(i.folder.Port(state.VirtAPI))
	var objects []runtime.Object
	for _, w := range i.strategy.ValidatingWebhookConfigurations() {
		if w.Name == components.KubeVirtOperatorValidatingWebhookName {
			continue // virt-operator is not here to answer
		}
		for n := range w.Webhooks {
			i.route(&w.Webhooks[n].ClientConfig, port)
		}
		objects = append(objects, w)
	}
	for _, w := range i.strategy.MutatingWebhookConfigurations() {
		for n := range w.Webhooks {
			i.route(&w.Webhooks[n].ClientConfig, port)
		}
		objects = append(objects, w)
	}
	for _, s := range i.strategy.APIServices() {
		s.Spec.Service.Port, s.Spec.CABundle = &port, i.ca
		objects = append(objects, s)
	}
	return apply(ctx, i.dyn, objects)
}

// withoutWebhooks takes back the webhooks of an earlier installation: virt-api may have had another port then, and where
// they point to nothing no object of KubeVirt can be written.
func (i *Installer) withoutWebhooks(ctx context.Context) error {
	admission := i.kube.AdmissionregistrationV1()
	var errs []error
	for _, w := range i.strategy.ValidatingWebhookConfigurations() {
		errs = append(errs, admission.ValidatingWebhookConfigurations().Delete(ctx, w.Name, metav1.DeleteOptions{}))
	}
	for _, w := range i.strategy.MutatingWebhookConfigurations() {
		errs = append(errs, admission.MutatingWebhookConfigurations().Delete(ctx, w.Name, metav1.DeleteOptions{}))
	}
	for _, err := range errs {
		if err != nil && !apierrors.IsNotFound(err) {
			return fmt.Errorf("cannot take back the webhooks of an earlier installation: %w", err)
		}
	}
	return nil
}

func (i *Installer) route(c *admissionv1.WebhookClientConfig, port int32) {
	c.CABundle = i.ca
	if c.Service != nil {
		c.Service.Port = &port
	}
}

// Usable waits until a VM could really be started: virt-api is reached through the API server, and its webhooks answer.
func (i *Installer) Usable(ctx context.Context) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, 250*time.Millisecond, 90*time.Second, true, func(ctx context.Context) (bool, error) {
		if last = i.available(ctx); last == nil {
			last = i.dryRun(ctx)
		}
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("KubeVirt's API does not become usable: %w", last)
	}
	return nil
}

// available asks again for a check of an API service that is not available: any change of the object does that at once,
// while the API server on its own looks at it every thirty seconds
// (k8s.io/kube-aggregator/pkg/controllers/status/remote).
func (i *Installer) available(ctx context.Context) error {
	list, err := i.dyn.Resource(apiServices).List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	found := 0
	var missing []string
	for _, s := range list.Items {
		if !strings.HasSuffix(s.GetName(), "."+virtv1.SubresourceGroupName) {
			continue
		}
		found++
		if !conditionTrue(&s, "Available") {
			missing = append(missing, s.GetName())
			patch := fmt.Sprintf(`{"metadata":{"annotations":{"vmdeck-cluster/checked":%q}}}`, time.Now().Format(time.RFC3339Nano))
			i.dyn.Resource(apiServices).Patch(ctx, s.GetName(), types.MergePatchType, []byte(patch), metav1.PatchOptions{})
		}
	}
	if found == 0 || len(missing) > 0 {
		return fmt.Errorf("API services not available: %s", strings.Join(missing, ", "))
	}
	return nil
}

// dryRun creates a VM that is not kept, through the webhooks.
func (i *Installer) dryRun(ctx context.Context) error {
	vm := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": virtv1.GroupVersion.String(), "kind": "VirtualMachine",
		"metadata": map[string]any{"generateName": "dry-run-"},
		"spec": map[string]any{
			"runStrategy": "Halted",
			"template": map[string]any{"spec": map[string]any{
				"domain": map[string]any{
					"devices":   map[string]any{},
					"resources": map[string]any{"requests": map[string]any{"memory": "64Mi"}},
				},
			}},
		},
	}}
	_, err := i.dyn.Resource(virtv1.GroupVersion.WithResource("virtualmachines")).Namespace(state.DemoNamespace).
		Create(ctx, vm, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	return err
}
