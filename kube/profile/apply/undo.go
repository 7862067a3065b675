package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/kube"
	releasecommon "helm.sh/helm/v4/pkg/release/common"
)

// takeBack brings the layers of a run to what they were, the last first, and says so in the problem. It has time of its own, because the
// run may have been cancelled or have used all of its time.
func (r *run) takeBack(p *Problem, stopped bool) {
	ctx, cancel := context.WithTimeout(context.Background(), undoWithin)
	defer cancel()
	s, err := open(ctx, r.applier.Cluster, r.gone)
	if err != nil {
		p.Next = err.Error()
		return
	}
	defer s.close()
	r.s = s
	var stuck []string
	for _, u := range slices.Backward(r.undo) {
		if err := r.undoLayer(u); err != nil {
			stuck = append(stuck, fmt.Sprintf("%s could not be taken back: %s", u.layer.Release, strings.TrimSuffix(explainLayer(err), ".")))
		}
	}
	next := "Mend that and apply the profile again."
	if stopped {
		next = "Apply the profile again whenever you like."
	}
	switch {
	case len(stuck) > 0:
		p.Next = strings.Join(stuck, "; ") + ". Look at the profile's status, mend that, and apply or roll back again."
	case len(r.undo) == 0:
		p.Next = "No release was touched. " + next
	default:
		p.Next = "All releases were taken back to what they were. " + next
	}
	r.report.Revision = r.was
}

// undoLayer takes one layer back.
func (r *run) undoLayer(u undo) error {
	w := r.watch(u.layer.Release)
	config, err := r.s.helm(u.layer.Namespace, w)
	if err != nil {
		return err
	}
	revisions, err := r.s.historyOf(u.layer.Namespace, u.layer.Release)
	if err != nil || len(revisions) == 0 {
		return err
	}
	h := history{u.layer.Namespace, u.layer.Release, revisions}
	if err := settle(config, h, w); err != nil {
		return err
	}
	verb, text := "roll back", "It is as it was before."
	if u.before == nil {
		verb, text = "uninstall", "It was uninstalled again."
		err = uninstall(r.s, config, h, w, len(revisions) > 1)
	} else if last := h.last(); last.Version != u.before.Version || last.Info.Status != releasecommon.StatusDeployed {
		err = rollback(r.s, config, u.layer.Release, u.before.Version)
	}
	r.mu.Lock()
	r.unwritten = errors.Join(r.unwritten, r.applier.record(verb, u.layer.Namespace, "Release/"+u.layer.Release, err))
	r.mu.Unlock()
	if err != nil {
		if culprit := w.culprit(); culprit != nil {
			return culprit.Err
		}
		return err
	}
	u.layer.Outcome = Reverted
	w.event(RolledBack, Object{}, text, nil)
	return nil
}

// rollback has Helm go back to one of its revisions, which becomes a new one.
func rollback(s *session, config *action.Configuration, name string, version int) error {
	do := action.NewRollback(config)
	do.ServerSideApply = "auto" // as the release was made; unlike the other actions this one has no default
	do.Version, do.MaxHistory = version, keepRevisions
	do.WaitStrategy, do.WaitForJobs, do.Timeout = kube.StatusWatcherStrategy, true, s.left()
	return do.Run(name)
}

// uninstall has Helm delete a release's objects. What its chart has kept is told as such. A revision that did not succeed leaves no record,
// so that nobody goes back to it.
func uninstall(s *session, config *action.Configuration, h history, w *watcher, keepHistory bool) error {
	worked := h.last().Info.Status == releasecommon.StatusDeployed
	do := action.NewUninstall(config)
	do.KeepHistory = keepHistory
	do.WaitStrategy, do.Timeout = kube.StatusWatcherStrategy, s.left()
	_, err := do.Run(h.name)
	if culprit := w.culprit(); err != nil && culprit != nil {
		return culprit.Err
	}
	if err != nil {
		return err
	}
	if keepHistory && !worked {
		if _, err := config.Releases.Delete(h.name, h.last().Version); err != nil {
			return err
		}
	}
	objects, _ := parse(h.last().Manifest)
	for _, u := range objects {
		if u.GetAnnotations()[kube.ResourcePolicyAnno] == kube.KeepPolicy {
			w.event(Kept, refOf(u), "It stays, with all that is in it: its chart says so.", nil)
		}
	}
	for _, crd := range crdsOf(h.last().Chart) {
		w.event(Kept, refOf(crd), "It stays: all objects of its kind would go with it.", nil)
	}
	return nil
}

// leave ends a release whose layer is not in the profile any more, or goes altogether.
func (r *run) leave(out *LayerReport, keepHistory bool) error {
	return r.step(out, "uninstall", Uninstalled, func(w *watcher) error {
		config, err := r.s.helm(out.Namespace, w)
		if err != nil {
			return err
		}
		revisions, err := r.s.historyOf(out.Namespace, out.Release)
		if err != nil || len(revisions) == 0 {
			return err
		}
		h := history{out.Namespace, out.Release, revisions}
		if err := settle(config, h, w); err != nil {
			return err
		}
		if h.installed() && keepHistory {
			r.undo = append(r.undo, undo{out, deployed(h)})
		}
		return uninstall(r.s, config, h, w, keepHistory)
	})
}
