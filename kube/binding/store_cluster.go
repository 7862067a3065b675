package binding

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// ClusterStore keeps rules in the cluster, as custom resources that InstallStore makes known to it.
func ClusterStore(c *kube.Cluster) Store { return clusterStore{c} }

type clusterStore struct{ cluster *kube.Cluster }

func (s clusterStore) Where() string { return "the cluster" }

func (s clusterStore) List(ctx context.Context) ([]Stored, error) {
	var list struct {
		Items []json.RawMessage `json:"items"`
	}
	err := call(ctx, s.cluster, func(ctx context.Context) error {
		body, err := raw(ctx, s.cluster.REST(storeGroup, storeVersion).Get().Resource(storeResource))
		if err != nil {
			return err
		}
		return json.Unmarshal(body, &list)
	})
	if err != nil {
		return nil, storeFault(err, "list the rules")
	}
	out := make([]Stored, len(list.Items))
	for i, item := range list.Items {
		out[i] = decodeItem(item)
	}
	slices.SortFunc(out, func(a, b Stored) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

// raw makes a request and returns the answer's body. Result.Raw alone would keep the server's reason for a refusal to itself.
func raw(ctx context.Context, request *rest.Request) ([]byte, error) {
	result := request.Do(ctx)
	if err := result.Error(); err != nil {
		return nil, err
	}
	return result.Raw()
}

// decodeItem reads an object of a list: there the API server leaves kind and version out of some.
func decodeItem(item []byte) Stored {
	var o map[string]json.RawMessage
	if json.Unmarshal(item, &o) != nil {
		return decodeRule(item)
	}
	o["apiVersion"], o["kind"] = json.RawMessage(`"`+storeGroup+"/"+storeVersion+`"`), json.RawMessage(`"`+ruleKind+`"`)
	whole, err := json.Marshal(o)
	if err != nil {
		return Stored{Unnamed: true, Err: err}
	}
	return decodeRule(whole)
}

func (s clusterStore) Save(ctx context.Context, rule rbac.BindingRule, version string) (Stored, error) {
	what := "save the rule " + rule.Name
	if err := faultsOf(rule); err != nil {
		return Stored{}, fmt.Errorf("%s: %w", what, err)
	}
	o := objectOf(rule)
	o.Metadata.ResourceVersion = version
	body, err := json.Marshal(o)
	if err != nil {
		return Stored{}, fmt.Errorf("%s: %w", what, err)
	}
	client := s.cluster.REST(storeGroup, storeVersion)
	// Not by server-side apply: it takes part in a rule that is there, and makes one anew that was deleted.
	request := client.Post()
	if version != "" {
		request = client.Patch(types.MergePatchType).Name(rule.Name)
	}
	var saved []byte
	err = call(ctx, s.cluster, func(ctx context.Context) (err error) {
		saved, err = raw(ctx, request.Resource(storeResource).Param("fieldManager", FieldManager).Body(body))
		return err
	})
	switch kind := kube.Classify(err); {
	case kind == kube.KindNone:
		return decodeItem(saved), nil
	case kind == kube.KindConflict && version == "":
		return Stored{}, explained{what + ": " + ErrExists.Error() + ".", errors.Join(ErrExists, err)}
	case kind == kube.KindConflict, kind == kube.KindNotFound && !unserved(err):
		return Stored{}, explained{what + ": " + ErrChanged.Error() + ".", errors.Join(ErrChanged, err)}
	}
	return Stored{}, storeFault(err, what)
}

func (s clusterStore) Delete(ctx context.Context, rule Stored) error {
	what := "delete the rule " + rule.Name
	options := metav1.DeleteOptions{Preconditions: &metav1.Preconditions{}}
	options.Kind, options.APIVersion = "DeleteOptions", "v1"
	if rule.UID != "" {
		uid := types.UID(rule.UID)
		options.Preconditions.UID = &uid
	}
	if rule.Version != "" {
		options.Preconditions.ResourceVersion = &rule.Version
	}
	body, err := json.Marshal(options)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	err = call(ctx, s.cluster, func(ctx context.Context) error {
		return s.cluster.REST(storeGroup, storeVersion).Delete().Resource(storeResource).Name(rule.Name).Body(body).Do(ctx).Error()
	})
	switch kind := kube.Classify(err); {
	case kind == kube.KindNone, kind == kube.KindNotFound && !unserved(err):
		return nil
	case kind == kube.KindConflict:
		return explained{what + ": " + ErrChanged.Error() + ".", errors.Join(ErrChanged, err)}
	}
	return storeFault(err, what)
}

// unserved tells the absence of the custom resource from that of one object.
func unserved(err error) bool {
	return kube.Classify(err) == kube.KindNotFound && strings.Contains(err.Error(), "the server could not find the requested resource")
}

func storeFault(err error, what string) error {
	if unserved(err) {
		return ErrNotInstalled
	}
	return explained{kube.Explain(err, what), err}
}
