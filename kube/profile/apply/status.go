package apply

import (
	"context"
	"fmt"
	"time"

	releasecommon "helm.sh/helm/v4/pkg/release/common"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	vmdeck "vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
)

// State is how a profile, a layer or an object is.
type State int

// The states, from good to bad: the worst of the parts is that of the whole.
const (
	NotApplied State = iota
	Running
	Unknown   // may not be read
	Updating  // somebody is at it, or it is not ready yet
	Drifted   // it is not as the profile says, because somebody changed or deleted it
	Failing   // it does not work, or the last run ended in the middle
	stateSize // how many there are
)

var stateNames = [stateSize]string{"Not applied", "Running", "Unknown", "Updating", "Differs", "Failed"}

func (s State) String() string { return stateNames[s] }

// ObjectStatus is how one object of a release is.
type ObjectStatus struct {
	Object Object
	State  State
	Text   string // why; empty with Running
}

// LayerStatus is how one release of a profile is.
type LayerStatus struct {
	Release, Namespace string
	Chart, Version     string
	Revision           int    // Helm's
	Helm               string // the status that Helm gives it
	Updated            time.Time
	State              State
	Text               string
	Objects            []ObjectStatus
}

// Status is how a profile is on a cluster.
type Status struct {
	Profile string
	Version string // that was applied last; empty where it is not applied
	// Revision is the present one, Revisions those that can be gone back to, the newest first.
	Revision  int
	Revisions []Revision
	State     State
	Text      string // why; empty with Running
	// Held says who is changing the profile; nil: nobody.
	Held   *Lock
	Layers []LayerStatus
	Notes  []string
}

// Status reads how a profile is, from Helm's releases and the live objects. It needs no right to change anything. Namespaces are as in
// Options.
func (a *Applier) Status(ctx context.Context, name string, namespaces ...string) (*Status, error) {
	ctx, cancel := context.WithTimeout(ctx, planWithin)
	defer cancel()
	s, err := open(ctx, a.Cluster, nil)
	if err != nil {
		return nil, err
	}
	defer s.close()
	all, partial, err := s.of(name, namespaces)
	if err != nil {
		return nil, explained{vmdeck.Explain(err, "read the releases of the profile "+name), err}
	}
	out := &Status{Profile: name, Revision: current(all), Revisions: revisionsOf(all)}
	if partial {
		out.Notes = append(out.Notes, "Only some namespaces were searched for releases of the profile, because you may not list secrets everywhere.")
	}
	for _, h := range byTime(all) {
		if !h.installed() {
			continue
		}
		if revision(h.last()) == out.Revision {
			out.Version = h.last().Labels[profile.LabelVersion]
		}
		layer := s.layerStatus(h, out.Revision)
		if layer.State > out.State {
			out.State, out.Text = layer.State, layer.Release+": "+layer.Text
		}
		out.Layers = append(out.Layers, layer)
	}
	if out.State == Running {
		out.Text = ""
	}
	s.held(out)
	return out, ctx.Err()
}

// held looks for a run that is under way. One that is not renewed has died.
func (s *session) held(out *Status) {
	lease, err := s.dynamic.Resource(leases).Namespace(lockNamespace).Get(s.ctx, lockPrefix+out.Profile, metav1.GetOptions{})
	if apierrors.IsForbidden(err) {
		out.Notes = append(out.Notes, "Whether somebody is changing the profile at this moment is not known, because you may not read leases in the namespace "+lockNamespace+".")
	}
	if err != nil {
		return
	}
	if lock := readLock(lease); time.Since(lock.Renewed) < lockFor {
		out.hold(lock)
	}
}

// hold takes in that somebody is changing the profile. A release that is under way then was not left in the middle.
func (out *Status) hold(lock Lock) {
	out.Held, out.State = &lock, Updating
	out.Text = fmt.Sprintf("%s is at it since %s: %s", lock.Holder, lock.Since.Local().Format("15:04:05"), lock.Action)
	for i := range out.Layers {
		if l := &out.Layers[i]; underWay(releasecommon.Status(l.Helm)) {
			l.State, l.Text = Updating, "the release is "+l.Helm
		}
	}
}

// underWay tells whether Helm was in the middle of something with a release.
func underWay(s releasecommon.Status) bool {
	return s.IsPending() || s == releasecommon.StatusUninstalling
}

func (s *session) layerStatus(h history, revisionNow int) LayerStatus {
	last := h.last()
	out := LayerStatus{
		Release: h.name, Namespace: h.namespace, Version: chartVersion(last), Revision: last.Version, Helm: last.Info.Status.String(),
		Updated: last.Info.LastDeployed, State: Running,
	}
	if last.Chart != nil && last.Chart.Metadata != nil {
		out.Chart = last.Chart.Metadata.Name
	}
	objects, err := parse(last.Manifest)
	if err != nil {
		out.State, out.Text = Failing, err.Error()
	}
	for _, u := range objects {
		status := s.objectStatus(u, h)
		if status.State > out.State {
			out.State, out.Text = status.State, status.Object.String()+": "+status.Text
		}
		out.Objects = append(out.Objects, status)
	}
	switch {
	case underWay(last.Info.Status):
		out.State, out.Text = Failing, fmt.Sprintf("a run ended while the release was %s; apply the profile again to carry it on", last.Info.Status)
	case last.Info.Status != releasecommon.StatusDeployed:
		out.State, out.Text = Failing, last.Info.Description
	case revision(last) != revisionNow:
		out.State, out.Text = max(out.State, Drifted), fmt.Sprintf("it is still that of version %s of the profile", last.Labels[profile.LabelVersion])
	}
	return out
}

func (s *session) objectStatus(u *unstructured.Unstructured, h history) ObjectStatus {
	o := refOf(u)
	out := ObjectStatus{Object: o, State: Running}
	client, namespaced, err := s.resource(o)
	if err == nil && namespaced && o.Namespace == "" {
		u.SetNamespace(h.namespace)
		o = refOf(u)
		out.Object = o
		client, _, err = s.resource(o)
	}
	var live *unstructured.Unstructured
	if err == nil {
		live, err = client.Get(s.ctx, o.Name, metav1.GetOptions{})
	}
	switch {
	case apierrors.IsNotFound(err):
		out.State, out.Text = Drifted, "it is gone"
		return out
	case meta.IsNoMatchError(err):
		out.State, out.Text = Drifted, "the cluster does not serve its kind any more"
		return out
	case apierrors.IsForbidden(err):
		out.State, out.Text = Unknown, "you may not read it"
		return out
	case err != nil:
		out.State, out.Text = Unknown, vmdeck.Explain(err, "read it")
		return out
	}
	if path, same := covers(u.Object, live.Object, ""); !same && s.differs(u, live, h) {
		out.State, out.Text = Drifted, path+" is not as the profile says"
		return out
	}
	ready, why, err := readiness(live)
	switch {
	case err != nil:
		out.State, out.Text = Failing, err.Error()
	case !ready:
		out.State, out.Text = Updating, why
	}
	return out
}

// differs asks the server whether writing an object again would change it: what looks different may be the same in other words. Without an
// answer it counts as different.
func (s *session) differs(u, live *unstructured.Unstructured, h history) bool {
	client, _, err := s.resource(refOf(u))
	if err != nil {
		return true
	}
	wanted := u.DeepCopy()
	wanted.SetLabels(with(wanted.GetLabels(), map[string]string{helmManagedBy: "Helm"}))
	wanted.SetAnnotations(with(wanted.GetAnnotations(), map[string]string{helmReleaseName: h.name, helmReleaseNamespace: h.namespace}))
	after, err := apply(s, client, wanted, fieldManager, true)
	return err != nil || text(strip(live)) != text(strip(after))
}
