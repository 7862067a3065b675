package apply

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	releasecommon "helm.sh/helm/v4/pkg/release/common"
	release "helm.sh/helm/v4/pkg/release/v1"
	"helm.sh/helm/v4/pkg/storage/driver"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"vmdeck.dev/vmdeck/kube/profile"
)

// historyOf are the revisions of a release that Helm knows, the oldest first; none where there is no such release.
func (s *session) historyOf(namespace, name string) ([]*release.Release, error) {
	found, err := s.releases(namespace).History(name)
	if errors.Is(err, driver.ErrReleaseNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return sorted(found), nil
}

func sorted[T any](found []T) []*release.Release {
	var out []*release.Release
	for _, r := range found {
		if r, ok := any(r).(*release.Release); ok {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b *release.Release) int {
		if c := strings.Compare(a.Namespace+"/"+a.Name, b.Namespace+"/"+b.Name); c != 0 {
			return c
		}
		return a.Version - b.Version
	})
	return out
}

// history is a release of a profile with its revisions, the oldest first.
type history struct {
	namespace, name string
	revisions       []*release.Release
}

func (h history) last() *release.Release {
	if len(h.revisions) == 0 {
		return nil
	}
	return h.revisions[len(h.revisions)-1]
}

// installed tells whether the release has objects on the cluster, or may have.
func (h history) installed() bool {
	last := h.last()
	return last != nil && last.Info.Status != releasecommon.StatusUninstalled
}

// of finds all releases of a profile. Who may not list secrets everywhere gets those of the namespaces given; partial says so.
func (s *session) of(name string, namespaces []string) (found []history, partial bool, err error) {
	query := map[string]string{"owner": "helm", profile.LabelProfile: name}
	all, err := s.releases("").Query(query)
	var revisions []*release.Release
	switch {
	case err == nil:
		revisions = sorted(all)
	case errors.Is(err, driver.ErrReleaseNotFound):
	case apierrors.IsForbidden(err) && len(namespaces) > 0:
		partial = true
		slices.Sort(namespaces)
		for _, namespace := range slices.Compact(namespaces) {
			some, err := s.releases(namespace).Query(query)
			if err != nil && !errors.Is(err, driver.ErrReleaseNotFound) {
				return nil, true, err
			}
			revisions = append(revisions, sorted(some)...)
		}
	default:
		return nil, false, err
	}
	for _, r := range revisions {
		if n := len(found); n > 0 && found[n-1].name == r.Name && found[n-1].namespace == r.Namespace {
			found[n-1].revisions = append(found[n-1].revisions, r)
			continue
		}
		found = append(found, history{r.Namespace, r.Name, []*release.Release{r}})
	}
	return found, partial, nil
}

// revision is the profile's revision that a Helm release belongs to; 0 where it says none.
func revision(r *release.Release) int {
	n, _ := strconv.Atoi(r.Labels[LabelRevision])
	return n
}

// at is Helm's latest revision of the release for a revision of the profile; nil where it took no part or did not succeed. One that is
// recorded as uninstalled had succeeded before; see uninstall.
func (h history) at(n int) *release.Release {
	for _, r := range slices.Backward(h.revisions) {
		if revision(r) != n {
			continue
		}
		switch r.Info.Status {
		case releasecommon.StatusDeployed, releasecommon.StatusSuperseded, releasecommon.StatusUninstalled:
			return r
		}
	}
	return nil
}

// newest is the highest revision of the profile that any release knows.
func newest(all []history) int {
	n := 0
	for _, h := range all {
		for _, r := range h.revisions {
			n = max(n, revision(r))
		}
	}
	return n
}
