package keep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	"vmdeck.dev/vmdeck/kube"
)

const (
	establishWithin = 30 * time.Second
	establishPause  = 100 * time.Millisecond // between two looks at the definition; doubled up to a second
)

// Install makes the custom resource known to the cluster, or brings it up to date, and waits until the cluster serves it. With dryRun
// the server only says whether it would.
func (k *Kind[T]) Install(ctx context.Context, c *kube.Cluster, dryRun bool) error {
	what := "install the custom resource " + k.FullName()
	body, err := yaml.YAMLToJSON(k.Definition)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	err = call(ctx, c, func(ctx context.Context) error {
		request := definitions(c).Patch(types.ApplyPatchType).Resource("customresourcedefinitions").Name(k.FullName()).
			Param("fieldManager", FieldManager).Param("force", "true")
		if dryRun {
			request = request.Param("dryRun", "All")
		}
		return request.Body(body).Do(ctx).Error()
	})
	if err != nil {
		return Explain(err, what)
	}
	if dryRun {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, establishWithin)
	defer cancel()
	if err := k.await(ctx, c); err != nil {
		return explained{fmt.Sprintf("%s: it was accepted, but is not served after %s: %v", what, establishWithin, err), err}
	}
	return nil
}

func definitions(c *kube.Cluster) *rest.RESTClient { return c.REST("apiextensions.k8s.io", "v1") }

// await waits until the definition is established and its first list is answered, which comes a moment later.
func (k *Kind[T]) await(ctx context.Context, c *kube.Cluster) error {
	var last error
	for pause := establishPause; ; pause = min(2*pause, time.Second) {
		if last = k.established(ctx, c); last == nil {
			if _, last = k.Cluster(c).List(ctx); last == nil {
				return nil
			}
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return last
		case <-timer.C:
		}
	}
}

// established returns nil once the API server has taken the definition into service, and else its reason why not.
func (k *Kind[T]) established(ctx context.Context, c *kube.Cluster) error {
	var definition struct {
		Status struct {
			Conditions []struct{ Type, Status, Message string }
		}
	}
	err := call(ctx, c, func(ctx context.Context) error {
		body, err := raw(ctx, definitions(c).Get().Resource("customresourcedefinitions").Name(k.FullName()))
		if err != nil {
			return err
		}
		return json.Unmarshal(body, &definition)
	})
	if err != nil {
		return err
	}
	reason := errors.New("it is not established yet")
	for _, condition := range definition.Status.Conditions {
		switch {
		case condition.Type == "Established" && condition.Status == "True":
			return nil
		case condition.Type == "NamesAccepted" && condition.Status == "False":
			reason = errors.New(condition.Message)
		}
	}
	return reason
}
