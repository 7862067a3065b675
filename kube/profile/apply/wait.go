package apply

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"helm.sh/helm/v4/pkg/kube"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const (
	firstLook = 200 * time.Millisecond // between two looks at an object that is not ready; doubled up to lastLook
	lastLook  = 2 * time.Second
)

// waiter waits for objects with the same rules as Helm, but says of each when it is ready, and why it is not. Reading one object takes
// less rights than watching its kind, which is what Helm does.
type waiter struct {
	kube.Waiter // for hooks
	session     *session
	watcher     *watcher
}

// errNotReady is why an object was not waited for any longer.
var errNotReady = errors.New("not ready in time")

// Wait implements kube.Waiter.
func (w *waiter) Wait(resources kube.ResourceList, timeout time.Duration) error {
	return w.wait(resources, timeout, false)
}

// WaitWithJobs implements kube.Waiter.
func (w *waiter) WaitWithJobs(resources kube.ResourceList, timeout time.Duration) error {
	return w.wait(resources, timeout, true)
}

func (w *waiter) wait(resources kube.ResourceList, timeout time.Duration, jobs bool) error {
	var objects []Object
	for _, r := range resources {
		objects = append(objects, infoRef(r))
	}
	return follow(w.session, w.watcher, objects, timeout, func(u *unstructured.Unstructured) (bool, string, error) {
		if jobs && u.GetKind() == "Job" && !complete(u) {
			return false, "the job is running", nil
		}
		return readiness(u)
	})
}

func complete(job *unstructured.Unstructured) bool {
	at, found, _ := unstructured.NestedString(job.Object, "status", "completionTime")
	return found && at != ""
}

// follow looks at objects until judge finds all of them ready, or one that never will be.
func follow(s *session, w *watcher, objects []Object, timeout time.Duration, judge func(*unstructured.Unstructured) (bool, string, error)) error {
	ctx, cancel := context.WithTimeout(s.ctx, timeout)
	defer cancel()
	said := map[Object]string{}
	for pause := firstLook; len(objects) > 0; pause = min(2*pause, lastLook) {
		var open []Object
		for _, o := range objects {
			ready, why, err := look(ctx, s, o, judge)
			switch {
			case errors.Is(s.ctx.Err(), context.Canceled):
				return s.ctx.Err()
			case ctx.Err() != nil:
				open = append(open, o)
			case err != nil:
				return failWait(w, o, err)
			case ready:
				w.event(Ready, o, why, nil)
			default:
				open = append(open, o)
				if said[o] != why {
					said[o] = why
					w.event(Waiting, o, why, nil)
				}
			}
		}
		if objects = open; len(objects) == 0 {
			return nil
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			if errors.Is(s.ctx.Err(), context.Canceled) {
				return s.ctx.Err()
			}
			return failWait(w, objects[0], fmt.Errorf("%w: after %s: %s", errNotReady, timeout.Round(time.Second), said[objects[0]]))
		}
	}
	return nil
}

func failWait(w *watcher, o Object, err error) error {
	err = &objectError{o, "wait for", err}
	w.event(Failed, o, explain(err), err)
	return err
}

// look reads one object. What may not be read counts as ready, with a word on it.
func look(ctx context.Context, s *session, o Object, judge func(*unstructured.Unstructured) (bool, string, error)) (bool, string, error) {
	resource, _, err := s.resource(o)
	if err != nil {
		if meta.IsNoMatchError(err) {
			return false, "its kind is not served yet", nil
		}
		return false, "", err
	}
	u, err := resource.Get(ctx, o.Name, metav1.GetOptions{})
	switch {
	case apierrors.IsForbidden(err):
		return true, "You may not read " + o.String() + ": whether it works is not known.", nil
	case apierrors.IsNotFound(err):
		return false, "it is not there yet", nil
	case err != nil:
		return false, "", err
	}
	return judge(u)
}

// readiness tells whether an object works. The error says that it will not by itself.
func readiness(u *unstructured.Unstructured) (ready bool, why string, err error) {
	if group := u.GroupVersionKind().Group; (group == "kubevirt.io" && u.GetKind() == "KubeVirt") || (group == "cdi.kubevirt.io" && u.GetKind() == "CDI") {
		// Their operators say so by a phase, which Helm's rules do not know.
		phase, _, _ := unstructured.NestedString(u.Object, "status", "phase")
		if phase == "" {
			phase = "not looked at by its operator yet"
		}
		return phase == "Deployed", "its phase is " + phase, nil
	}
	result, err := status.Compute(u)
	if err != nil {
		return false, "", err
	}
	switch result.Status {
	case status.CurrentStatus:
		return true, "", nil
	case status.FailedStatus:
		return false, result.Message, errors.New(result.Message)
	}
	return false, result.Message, nil
}

// WaitForDelete implements kube.Waiter.
func (w *waiter) WaitForDelete(resources kube.ResourceList, timeout time.Duration) error {
	for _, r := range resources {
		if err := w.gone(infoRef(r), timeout); err != nil {
			return err
		}
	}
	return nil
}

func (w *waiter) gone(o Object, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(w.session.ctx, timeout)
	defer cancel()
	resource, _, err := w.session.resource(o)
	if meta.IsNoMatchError(err) {
		return nil
	}
	if err != nil {
		return failWait(w.watcher, o, err)
	}
	for pause := firstLook; ; pause = min(2*pause, lastLook) {
		if _, err := resource.Get(ctx, o.Name, metav1.GetOptions{}); apierrors.IsNotFound(err) || apierrors.IsForbidden(err) {
			return nil
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return failWait(w.watcher, o, fmt.Errorf("%w: it is still being deleted after %s", errNotReady, timeout.Round(time.Second)))
		}
	}
}
