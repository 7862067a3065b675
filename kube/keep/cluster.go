package keep

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"vmdeck.dev/vmdeck/kube"
)

// Cluster keeps objects in the cluster, as custom resources that Install makes known to it.
func (k *Kind[T]) Cluster(c *kube.Cluster) Store[T] { return clusterStore[T]{k, c} }

type clusterStore[T any] struct {
	kind    *Kind[T]
	cluster *kube.Cluster
}

func (s clusterStore[T]) Where() string { return "the cluster" }

func (s clusterStore[T]) client() *rest.RESTClient {
	return s.cluster.REST(s.kind.Group, s.kind.Version)
}

func (s clusterStore[T]) List(ctx context.Context) ([]Stored[T], error) {
	var list struct {
		Items []json.RawMessage `json:"items"`
	}
	err := call(ctx, s.cluster, func(ctx context.Context) error {
		body, err := raw(ctx, s.client().Get().Resource(s.kind.Resource))
		if err != nil {
			return err
		}
		return json.Unmarshal(body, &list)
	})
	if err != nil {
		return nil, s.fault(err, "list the "+s.kind.Many)
	}
	out := make([]Stored[T], len(list.Items))
	for i, item := range list.Items {
		out[i] = s.decode(item)
	}
	slices.SortFunc(out, func(a, b Stored[T]) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

// call makes one request under a deadline.
func call(ctx context.Context, c *kube.Cluster, request func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, kube.CallTimeout)
	defer cancel()
	err := request(ctx)
	c.Health().Report(err)
	return err
}

// raw makes a request and returns the answer's body. Result.Raw alone would keep the server's reason for a refusal to itself.
func raw(ctx context.Context, request *rest.Request) ([]byte, error) {
	result := request.Do(ctx)
	if err := result.Error(); err != nil {
		return nil, err
	}
	return result.Raw()
}

// decode reads an object of a list: there the API server leaves kind and version out of some.
func (s clusterStore[T]) decode(item []byte) Stored[T] {
	var o map[string]json.RawMessage
	if json.Unmarshal(item, &o) != nil {
		return s.kind.decode(item)
	}
	o["apiVersion"], o["kind"] = json.RawMessage(`"`+s.kind.apiVersion()+`"`), json.RawMessage(`"`+s.kind.Kind+`"`)
	whole, err := json.Marshal(o)
	if err != nil {
		return Stored[T]{Unnamed: true, Err: err}
	}
	return s.kind.decode(whole)
}

func (s clusterStore[T]) Save(ctx context.Context, value T, version string) (Stored[T], error) {
	name := s.kind.Name(value)
	what := "save the " + s.kind.One + " " + name
	if err := s.kind.Check(value); err != nil {
		return Stored[T]{}, fmt.Errorf("%s: %w", what, err)
	}
	o := s.kind.Object(value)
	o.Metadata.ResourceVersion = version
	body, err := json.Marshal(o)
	if err != nil {
		return Stored[T]{}, fmt.Errorf("%s: %w", what, err)
	}
	// Not by server-side apply: it takes part in an object that is there, and makes one anew that was deleted.
	request := s.client().Post()
	if version != "" {
		request = s.client().Patch(types.MergePatchType).Name(name)
	}
	var saved []byte
	err = call(ctx, s.cluster, func(ctx context.Context) (err error) {
		saved, err = raw(ctx, request.Resource(s.kind.Resource).Param("fieldManager", FieldManager).Body(body))
		return err
	})
	switch kind := kube.Classify(err); {
	case kind == kube.KindNone:
		return s.decode(saved), nil
	case kind == kube.KindConflict && version == "":
		return Stored[T]{}, refuse(what, s.kind.Exists, err)
	case kind == kube.KindConflict, kind == kube.KindNotFound && !unserved(err):
		return Stored[T]{}, refuse(what, s.kind.Changed, err)
	}
	return Stored[T]{}, s.fault(err, what)
}

func (s clusterStore[T]) Delete(ctx context.Context, object Stored[T]) error {
	what := "delete the " + s.kind.One + " " + object.Name
	options := metav1.DeleteOptions{Preconditions: &metav1.Preconditions{}}
	options.Kind, options.APIVersion = "DeleteOptions", "v1"
	if object.UID != "" {
		uid := types.UID(object.UID)
		options.Preconditions.UID = &uid
	}
	if object.Version != "" {
		options.Preconditions.ResourceVersion = &object.Version
	}
	body, err := json.Marshal(options)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	err = call(ctx, s.cluster, func(ctx context.Context) error {
		return s.client().Delete().Resource(s.kind.Resource).Name(object.Name).Body(body).Do(ctx).Error()
	})
	switch kind := kube.Classify(err); {
	case kind == kube.KindNone, kind == kube.KindNotFound && !unserved(err):
		return nil
	case kind == kube.KindConflict:
		return refuse(what, s.kind.Changed, err)
	}
	return s.fault(err, what)
}

// unserved tells the absence of the custom resource from that of one object.
func unserved(err error) bool {
	return kube.Classify(err) == kube.KindNotFound && strings.Contains(err.Error(), "the server could not find the requested resource")
}

func (s clusterStore[T]) fault(err error, what string) error {
	if unserved(err) {
		return s.kind.NotInstalled
	}
	return Explain(err, what)
}
