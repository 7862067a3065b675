package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/kube"
	releasecommon "helm.sh/helm/v4/pkg/release/common"
	release "helm.sh/helm/v4/pkg/release/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"vmdeck.dev/vmdeck/kube/profile"
)

// keepRevisions is how many revisions of a release Helm keeps, as its program does.
const keepRevisions = 10

// apply carries the layers out in the plan's order, and ends the releases that leave.
func (r *run) apply(l Layers, plan *Plan) error {
	next := 0
	for i, step := range plan.Layers {
		out := &r.report.Layers[i]
		if step.State == Leaving {
			if err := r.leave(out, true); err != nil {
				return err
			}
			continue
		}
		made := plan.layers[next]
		next++
		if step.State == LeftAlone {
			continue
		}
		if err := r.layer(l, made, plan.Revision, out); err != nil {
			return err
		}
	}
	return nil
}

// step runs something for a layer with everything around it: events, the audit log, and what became of it.
func (r *run) step(out *LayerReport, verb string, done Outcome, do func(*watcher) error) error {
	w := r.watch(out.Release)
	w.event(Started, Object{}, verb+" "+out.Title, nil)
	err := do(w)
	if err == nil {
		err = r.s.ctx.Err()
	}
	out.Changes += w.changed()
	r.mu.Lock()
	r.unwritten = errors.Join(r.unwritten, r.applier.record(verb, out.Namespace, "Release/"+out.Release, err))
	r.mu.Unlock()
	if err != nil {
		out.Outcome = Broken
		return &layerError{out, w.culprit(), err}
	}
	out.Outcome = done
	w.event(Done, Object{}, "", nil)
	return nil
}

// left is the time until the run has to be done.
func (s *session) left() time.Duration {
	deadline, ok := s.ctx.Deadline()
	if !ok {
		return undoWithin
	}
	return max(time.Until(deadline), time.Millisecond)
}

// layer installs or upgrades one layer and waits for it.
func (r *run) layer(l Layers, made layer, revision int, out *LayerReport) error {
	revisions, err := r.s.historyOf(made.namespace, made.release)
	if err != nil {
		return &layerError{out, nil, err}
	}
	h := history{made.namespace, made.release, revisions}
	verb, done := "install", Installed
	if h.installed() {
		verb, done = "upgrade", Upgraded
	}
	return r.step(out, verb, done, func(w *watcher) error {
		if err := r.s.namespace(made.namespace, w); err != nil {
			return err
		}
		if err := r.s.definitions(l.Profile, made.crds, w); err != nil {
			return err
		}
		config, err := r.s.helm(made.namespace, w)
		if err != nil {
			return err
		}
		if err := settle(config, h, w); err != nil {
			return err
		}
		r.undo = append(r.undo, undo{out, deployed(h)})
		if h.installed() {
			err = upgrade(r.s, config, made, l.labels(revision))
		} else {
			err = install(r.s, config, made, l.labels(revision), len(revisions) > 0)
		}
		if err != nil {
			return err
		}
		return r.s.recorded(made.namespace, made.release)
	})
}

// deployed is the revision to go back to: the one that is deployed, or was before a failure. Without one the release never worked, and going
// back means to uninstall it.
func deployed(h history) *release.Release {
	if !h.installed() {
		return nil
	}
	for _, status := range []releasecommon.Status{releasecommon.StatusDeployed, releasecommon.StatusSuperseded} {
		for _, r := range slices.Backward(h.revisions) {
			if r.Info.Status == status {
				return r
			}
		}
	}
	return nil
}

func install(s *session, config *action.Configuration, made layer, labels map[string]string, again bool) error {
	do := action.NewInstall(config)
	do.ReleaseName, do.Namespace, do.Labels = made.release, made.namespace, labels
	do.SkipCRDs, do.Replace = true, again
	do.WaitStrategy, do.WaitForJobs, do.Timeout = kube.StatusWatcherStrategy, true, s.left()
	_, err := do.RunWithContext(context.Background(), cloneChart(made.chart), made.values)
	return err
}

func upgrade(s *session, config *action.Configuration, made layer, labels map[string]string) error {
	do := action.NewUpgrade(config)
	do.Namespace, do.Labels = made.namespace, labels
	do.SkipCRDs, do.ResetValues, do.MaxHistory = true, true, keepRevisions
	do.WaitStrategy, do.WaitForJobs, do.Timeout = kube.StatusWatcherStrategy, true, s.left()
	_, err := do.RunWithContext(context.Background(), made.release, cloneChart(made.chart), made.values)
	return err
}

// settle ends what an earlier run left under way: with the lock in hand nobody else is at it.
func settle(config *action.Configuration, h history, w *watcher) error {
	last := h.last()
	switch {
	case last == nil:
		return nil
	case last.Info.Status.IsPending():
		w.event(Note, Object{}, fmt.Sprintf("An earlier run ended while the release was %s. It is carried on.", last.Info.Status), nil)
		last.SetStatus(releasecommon.StatusFailed, "The run ended in the middle.")
		return config.Releases.Update(last)
	case last.Info.Status == releasecommon.StatusUninstalling:
		w.event(Note, Object{}, "An earlier run ended while the release was being uninstalled. It is carried on.", nil)
		last.SetStatus(releasecommon.StatusFailed, "The run ended in the middle.")
		return config.Releases.Update(last)
	}
	return nil
}

// recorded makes sure that Helm has written down what it did: it reports success even where it could not.
func (s *session) recorded(namespace, name string) error {
	revisions, err := s.historyOf(namespace, name)
	if err != nil {
		return err
	}
	if h := (history{namespace, name, revisions}); h.last() == nil || h.last().Info.Status != releasecommon.StatusDeployed {
		return errors.New("its objects are there, but the release could not be recorded as deployed; apply the profile again")
	}
	return nil
}

// namespace makes the namespace of a release where it is missing.
func (s *session) namespace(name string, w *watcher) error {
	o := Object{Version: "v1", Kind: "Namespace", Name: name}
	client, _, err := s.resource(o)
	if err != nil {
		return err
	}
	if _, err := client.Get(s.ctx, name, metav1.GetOptions{}); err == nil || apierrors.IsForbidden(err) {
		return nil
	}
	u := &unstructured.Unstructured{}
	u.SetAPIVersion("v1")
	u.SetKind(o.Kind)
	u.SetName(name)
	switch _, err := client.Create(s.ctx, u, metav1.CreateOptions{FieldManager: definitionManager}); {
	case apierrors.IsAlreadyExists(err):
		return nil
	case err != nil:
		err = &objectError{o, "create", err}
		w.event(Failed, o, explain(err), err)
		return err
	}
	w.event(Created, o, "", nil)
	return nil
}

// definitions makes a layer's definitions and waits until the cluster serves their kinds.
func (s *session) definitions(name string, crds []*unstructured.Unstructured, w *watcher) error {
	var all []Object
	for _, crd := range crds {
		o := refOf(crd)
		client, _, err := s.resource(o)
		if err != nil {
			return err
		}
		kind, before := Created, ""
		live, err := client.Get(s.ctx, o.Name, metav1.GetOptions{})
		switch {
		case err == nil && live.GetLabels()[profile.LabelProfile] == "":
			continue
		case err == nil:
			kind, before = Changed, live.GetResourceVersion()
		case apierrors.IsNotFound(err):
			live = nil
		default:
			err = &objectError{o, "read", err}
			w.event(Failed, o, explain(err), err)
			return err
		}
		after, err := apply(s, client, mark(crd, live, name), definitionManager, false)
		if err != nil {
			err = &objectError{o, string(map[EventKind]Verb{Created: Create, Changed: Change}[kind]), err}
			w.event(Failed, o, explain(err), err)
			return err
		}
		if after.GetResourceVersion() == before {
			kind = Unchanged
		}
		w.event(kind, o, "", nil)
		all = append(all, o)
	}
	if len(all) == 0 {
		return nil
	}
	if err := follow(s, w, all, min(s.left(), establishWithin), readiness); err != nil {
		return err
	}
	s.forget()
	return nil
}

// establishWithin is how long the server may take to serve new kinds.
const establishWithin = time.Minute
