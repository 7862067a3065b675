package binding

import (
	"context"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/keep"
	"vmdeck.dev/vmdeck/rbac"
)

// ClusterStore keeps rules in the cluster, as custom resources that InstallStore makes known to it.
func ClusterStore(c *kube.Cluster) Store { return clusterStore{keptStore{ruleStores.Cluster(c)}} }

// FolderStore keeps rules in the YAML files of a folder, one file for each that it makes, as the objects that a cluster would have:
// kubectl apply and git take them. Files may have several documents, of other kinds too. The path may be that of one file.
func FolderStore(path string) Store { return keptStore{ruleStores.Folder(path)} }

// StoreDefinition is the custom resource of rules as YAML, for those who install it by other means.
func StoreDefinition() []byte { return storeDefinition }

// InstallStore makes the custom resource of rules known to the cluster, or brings it up to date, and waits until the cluster serves it.
// With dryRun the server only says whether it would.
func InstallStore(ctx context.Context, c *kube.Cluster, dryRun bool) error {
	return ruleStores.Install(ctx, c, dryRun)
}

// keptStore is a store of objects, seen as one of rules.
type keptStore struct{ objects keep.Store[rbac.BindingRule] }

// clusterStore is told from others because saving in it takes a permission.
type clusterStore struct{ keptStore }

func (s keptStore) Where() string { return s.objects.Where() }

func (s keptStore) List(ctx context.Context) ([]Stored, error) {
	objects, err := s.objects.List(ctx)
	if err != nil {
		return nil, err
	}
	return storedAll(objects), nil
}

func (s keptStore) Save(ctx context.Context, rule rbac.BindingRule, version string) (Stored, error) {
	saved, err := s.objects.Save(ctx, rule, version)
	return stored(saved), err
}

func (s keptStore) Delete(ctx context.Context, rule Stored) error {
	return s.objects.Delete(ctx, keep.Stored[rbac.BindingRule]{Value: rule.BindingRule, Name: rule.Name, Version: rule.Version, UID: rule.UID})
}

func (s keptStore) watch(ctx context.Context, changed func()) { s.objects.Watch(ctx, changed) }

// stored is an object as a rule; of one that cannot be used, only the name.
func stored(o keep.Stored[rbac.BindingRule]) Stored {
	s := Stored{BindingRule: o.Value, Version: o.Version, UID: o.UID, Err: o.Err, Unnamed: o.Unnamed}
	s.Name = o.Name
	return s
}

func storedAll(objects []keep.Stored[rbac.BindingRule]) []Stored {
	out := make([]Stored, len(objects))
	for i, o := range objects {
		out[i] = stored(o)
	}
	return out
}
