package install

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
)

// fieldManager owns what is installed here; applying again changes only what differs.
const fieldManager = "vmdeck-cluster"

// irregular plurals of the kinds that are installed; every other kind just gets an s.
var irregular = map[string]string{
	"MutatingWebhookConfiguration":   "mutatingwebhookconfigurations",
	"ValidatingWebhookConfiguration": "validatingwebhookconfigurations",
	"ValidatingAdmissionPolicy":      "validatingadmissionpolicies",
}

func resourceOf(u *unstructured.Unstructured) schema.GroupVersionResource {
	gvk := u.GroupVersionKind()
	plural := irregular[gvk.Kind]
	if plural == "" {
		plural = strings.ToLower(gvk.Kind) + "s"
	}
	return gvk.GroupVersion().WithResource(plural)
}

// toUnstructured drops what the API server fills in itself.
func toUnstructured(o runtime.Object) (*unstructured.Unstructured, error) {
	m, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o)
	if err != nil {
		return nil, err
	}
	u := &unstructured.Unstructured{Object: m}
	if u.GetKind() == "" {
		return nil, fmt.Errorf("%T %s has no kind", o, u.GetName())
	}
	unstructured.RemoveNestedField(u.Object, "status")
	unstructured.RemoveNestedField(u.Object, "metadata", "creationTimestamp")
	unstructured.RemoveNestedField(u.Object, "metadata", "generation")
	return u, nil
}

// apply brings all objects into the cluster, several at a time; their order must not matter.
func apply(ctx context.Context, dyn dynamic.Interface, objects []runtime.Object) error {
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		errs  []error
		queue = make(chan runtime.Object)
	)
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for o := range queue {
				if err := applyOne(ctx, dyn, o); err != nil {
					mu.Lock()
					errs = append(errs, err)
					mu.Unlock()
				}
			}
		}()
	}
	for _, o := range objects {
		queue <- o
	}
	close(queue)
	wg.Wait()
	return errors.Join(errs...)
}

// applyOne retries what may pass by itself: a resource that is not served yet, a role's namespace being made.
func applyOne(ctx context.Context, dyn dynamic.Interface, o runtime.Object) error {
	u, err := toUnstructured(o)
	if err != nil {
		return err
	}
	var last error
	err = wait.PollUntilContextTimeout(ctx, 200*time.Millisecond, 30*time.Second, true, func(ctx context.Context) (bool, error) {
		_, last = dyn.Resource(resourceOf(u)).Namespace(u.GetNamespace()).
			Apply(ctx, u.GetName(), u, metav1.ApplyOptions{FieldManager: fieldManager, Force: true})
		if apierrors.IsInvalid(last) || apierrors.IsBadRequest(last) || apierrors.IsForbidden(last) {
			return false, last
		}
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("cannot install %s %s: %w", u.GetKind(), u.GetName(), errors.Join(last))
	}
	return nil
}
