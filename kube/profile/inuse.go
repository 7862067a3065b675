package profile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// Use is a Helm release that was made by a version of a profile and is on the cluster.
type Use struct {
	Ref       Ref
	Release   string
	Namespace string
	Status    string // Helm's, such as deployed or pending-upgrade
	// At is when Helm began to keep this revision of the release.
	At time.Time
}

// String reads "vm-dashboard/spectro-proxy (deployed)".
func (u Use) String() string { return fmt.Sprintf("%s/%s (%s)", u.Namespace, u.Release, u.Status) }

// Labels of Helm on the secrets in which it keeps releases.
const (
	helmOwner   = "owner"
	helmName    = "name"
	helmStatus  = "status"
	helmVersion = "version" // the revision
)

// releaseSelector finds the releases that profiles have made.
const releaseSelector = helmOwner + "=helm," + LabelProfile

// metadataOnly asks for objects without what is in them: releases may hold secret values.
const metadataOnly = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

// InUse lists the releases on a cluster that a version of a profile has made; with an empty version, any version, and with an empty name,
// any profile. It reads the metadata of Helm's secrets and nothing that is in them. The error is a sentence, and says that it could not
// be found out.
func InUse(ctx context.Context, c *kube.Cluster, ref Ref) ([]Use, error) {
	return inUse(ctx, c, "", ref)
}

// inUse is InUse for one namespace; empty: all.
func inUse(ctx context.Context, c *kube.Cluster, namespace string, ref Ref) ([]Use, error) {
	selector := releaseSelector
	if ref.Name != "" {
		selector += "=" + ref.Name
	}
	ctx, cancel := context.WithTimeout(ctx, kube.CallTimeout)
	defer cancel()
	request := c.REST(rbac.GroupCore, "v1").Get().NamespaceIfScoped(namespace, namespace != "").Resource("secrets")
	result := request.Param("labelSelector", selector).SetHeader("Accept", metadataOnly).Do(ctx)
	err := result.Error()
	c.Health().Report(err)
	var list metav1.PartialObjectMetadataList
	if err == nil {
		var body []byte
		if body, err = result.Raw(); err == nil {
			err = json.Unmarshal(body, &list)
		}
	}
	switch {
	case kube.Classify(err) == kube.KindForbidden:
		return nil, unread{fmt.Sprintf("you may not list the secrets in which Helm keeps its releases (needs %s), so it is not known what uses the profile", rbac.On("list", rbac.GroupCore, "secrets")), err}
	case err != nil:
		return nil, unread{kube.Explain(err, "find out what uses the profile"), err}
	}
	return usesOf(list.Items, ref), nil
}

// unread is an error with its sentence.
type unread struct {
	text string
	err  error
}

func (u unread) Error() string { return u.text }

func (u unread) Unwrap() error { return u.err }

// usesOf finds the releases that are there: those that Helm has in place or is at work on, and failed ones that nothing came after.
func usesOf(secrets []metav1.PartialObjectMetadata, ref Ref) []Use {
	newest := map[string]int{}
	for _, s := range secrets {
		key := s.Namespace + "/" + s.Labels[helmName]
		newest[key] = max(newest[key], revision(s))
	}
	var out []Use
	for _, s := range secrets {
		u := Use{
			Ref: Ref{s.Labels[LabelProfile], s.Labels[LabelVersion]}, Release: s.Labels[helmName], Namespace: s.Namespace, Status: s.Labels[helmStatus],
			At: s.CreationTimestamp.Time,
		}
		last := revision(s) == newest[u.Namespace+"/"+u.Release]
		there := u.Status == "deployed" || last && u.Status != "superseded" && u.Status != "uninstalled"
		if there && (ref.Version == "" || u.Ref.Version == ref.Version) {
			out = append(out, u)
		}
	}
	slices.SortFunc(out, func(a, b Use) int { return strings.Compare(a.String(), b.String()) })
	return out
}

func revision(s metav1.PartialObjectMetadata) int {
	n, _ := strconv.Atoi(s.Labels[helmVersion]) // without one it is the oldest
	return n
}

// ErrInUse says that a profile cannot be deleted because releases that it made are on a cluster.
var ErrInUse = errors.New("the profile is in use")
