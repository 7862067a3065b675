package profile

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/keep"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
)

// Stored is a profile as it is kept: its Value, or why it cannot be used.
type Stored = keep.Stored[Profile]

// Store keeps profiles: in the cluster as custom resources, or in a folder.
type Store = keep.Store[Profile]

// ClusterStore keeps profiles in the cluster, as custom resources that Install makes known to it.
func ClusterStore(c *kube.Cluster) Store { return inCluster{profiles.Cluster(c)} }

// inCluster is told from other stores because saving in it takes a permission.
type inCluster struct{ Store }

// FolderStore keeps profiles in the YAML files of a folder, one file for each that it makes, as the objects that a cluster would have:
// kubectl apply and git take them.
func FolderStore(path string) Store { return profiles.Folder(path) }

// Definition is the custom resource of profiles as YAML, for those who install it by other means.
func Definition() []byte { return storeDefinition }

// Find returns a version of a profile; with an empty version, the newest.
func Find(all []Stored, name, version string) (Stored, bool) {
	if version == "" {
		versions := Versions(all, name)
		if len(versions) == 0 {
			return Stored{}, false
		}
		return versions[0], true
	}
	i := slices.IndexFunc(all, func(s Stored) bool { return s.Err == nil && s.Value.Name == name && s.Value.Version == version })
	if i < 0 {
		// What cannot be used can still be named, and replaced or deleted.
		return keep.Find(all, Ref{name, version}.ObjectName())
	}
	return all[i], true
}

// Versions are the usable versions of a profile, the newest first.
func Versions(all []Stored, name string) []Stored {
	var out []Stored
	for _, s := range all {
		if s.Err == nil && s.Value.Name == name {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b Stored) int { return CompareVersions(b.Value.Version, a.Value.Version) })
	return out
}

// Sorted orders profiles by name, the newest version of each first.
func Sorted(all []Stored) []Stored {
	out := slices.Clone(all)
	slices.SortStableFunc(out, func(a, b Stored) int {
		if c := cmp.Compare(cmp.Or(a.Value.Name, a.Name), cmp.Or(b.Value.Name, b.Name)); c != 0 {
			return c
		}
		return CompareVersions(b.Value.Version, a.Value.Version)
	})
	return out
}

// CompareVersions orders versions by what their numbers mean: -1 where a is older than b. What is no version is older than all.
func CompareVersions(a, b string) int {
	left, errA := semver.NewVersion(a)
	right, errB := semver.NewVersion(b)
	switch {
	case errA != nil && errB != nil:
		return strings.Compare(a, b)
	case errA != nil:
		return -1
	case errB != nil:
		return 1
	}
	return left.Compare(right)
}

// Creating are the permissions that it takes to save new profiles in a store; none for a folder, where the file system decides.
func Creating(s Store) []rbac.Permission { return permissions(s, "create") }

func permissions(s Store, verb string) []rbac.Permission {
	if _, ok := s.(inCluster); !ok {
		return nil
	}
	return []rbac.Permission{rbac.On(verb, storeGroup, storeResource)}
}

// CanCreate decides from what access knows whether new profiles can be saved in a store. It does no I/O; a verdict of Unknown is asked
// for beside the screen.
func CanCreate(access vm.Decider, s Store) rbac.Decision { return access.Decide("", Creating(s)) }

// CanChange decides whether profiles of a store can be changed in place; see CanCreate.
func CanChange(access vm.Decider, s Store) rbac.Decision {
	return access.Decide("", permissions(s, "patch"))
}

// CanDelete decides whether profiles of a store can be deleted; see CanCreate.
func CanDelete(access vm.Decider, s Store) rbac.Decision {
	return access.Decide("", permissions(s, "delete"))
}

// CanInstall decides whether the custom resource of profiles can be made known to the cluster, or brought up to date; see CanCreate.
func CanInstall(access vm.Decider) rbac.Decision {
	definition := rbac.On("patch", "apiextensions.k8s.io", "customresourcedefinitions")
	definition.Name = profiles.FullName()
	return access.Decide("", []rbac.Permission{definition})
}

// AskCreate asks the API server now whether new profiles can be saved in a store, and says in the error which permission is missing and
// which roles have it. Where the server gives no answer there is no error: it decides when it comes to it.
func AskCreate(ctx context.Context, c *kube.Cluster, s Store) error {
	decision := c.Access().Ask(ctx, "", Creating(s)...)
	if decision.Verdict != rbac.Denied {
		return nil
	}
	advice := "Ask an administrator for a role that grants it."
	if len(decision.Grants) > 0 {
		advice = "Ask an administrator for a role that grants it, such as " + decision.Grants[0] + "."
	}
	return fmt.Errorf("you may not create cluster profiles: this needs %s. %s", Creating(s)[0], advice)
}

// ExplainList says in a short sentence why the profiles of a store are not known.
func ExplainList(err error) string {
	if kube.Classify(err) == kube.KindForbidden {
		return fmt.Sprintf("You may not read the cluster profiles (needs %s).", rbac.On("list", storeGroup, storeResource))
	}
	return kube.Explain(err, "Reading the profiles")
}
