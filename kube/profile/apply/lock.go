package apply

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/client-go/dynamic"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

const (
	// lockNamespace is there on every cluster, before any namespace of a profile and after it.
	lockNamespace = "default"
	lockPrefix    = "vmdeck-profile-"
	lockAction    = rbac.GroupVMDeck + "/action"
	lockRun       = rbac.GroupVMDeck + "/run"

	lockFor   = 30 * time.Second // without renewal the lock is stale after this time
	lockRenew = 5 * time.Second
)

var leases = schema.GroupVersionResource{Group: "coordination.k8s.io", Version: "v1", Resource: "leases"}

// errLost ends a run whose lock somebody else has taken.
var errLost = fmt.Errorf("somebody else took the lock of the profile: %w", context.Canceled)

// Lock says who is changing a profile.
type Lock struct {
	Holder string // "ana on bastion-1"
	Action string // "apply 1.1.0"
	Since  time.Time
	// Renewed is when the holder last showed to be at work.
	Renewed time.Time
}

// lock is a lease that this run holds. A lease in the cluster and not a file, because people come from different machines.
type lock struct {
	client dynamic.ResourceInterface
	name   string
	run    string
	lease  *unstructured.Unstructured

	stop func()
	done sync.WaitGroup
}

// who names the connection's user and this machine.
func who(ctx context.Context, cluster *kube.Cluster) string {
	name := cluster.Target().User
	if id, err := cluster.WhoAmI(ctx); err == nil {
		name = id.User
	}
	if host, err := os.Hostname(); err == nil {
		name += " on " + host
	}
	return name
}

// acquire takes a profile's lock, also one that its holder has stopped renewing; taken then says whose it was. lost is called when somebody
// else takes it in spite of renewal. The context is that of this call; the lock lasts until release.
func acquire(ctx context.Context, s *session, profile, action string, lost func(error)) (l *lock, taken string, err error) {
	l = &lock{client: s.dynamic.Resource(leases).Namespace(lockNamespace), name: lockPrefix + profile, run: string(uuid.NewUUID())}
	what := fmt.Sprintf("take the lock of the profile %s (lease %s/%s)", profile, lockNamespace, l.name)
	fresh := l.fresh(who(ctx, s.cluster), action)
	l.lease, err = l.client.Create(ctx, fresh, metav1.CreateOptions{FieldManager: "vmdeck"})
	if apierrors.IsAlreadyExists(err) {
		taken, err = l.takeOver(ctx, fresh, profile)
	}
	var held *HeldError
	switch {
	case errors.As(err, &held):
		return nil, "", held
	case err != nil:
		return nil, "", errors.New("nothing was changed: " + kube.Explain(err, what))
	}
	renewals, stop := context.WithCancel(context.WithoutCancel(ctx))
	l.stop = stop
	l.done.Go(func() { l.renew(renewals, lost) })
	return l, taken, nil
}

func (l *lock) fresh(holder, action string) *unstructured.Unstructured {
	u := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "coordination.k8s.io/v1", "kind": "Lease"}}
	u.SetName(l.name)
	u.SetAnnotations(map[string]string{lockAction: action, lockRun: l.run})
	now := microTime(time.Now())
	u.Object["spec"] = map[string]any{
		"holderIdentity": holder, "leaseDurationSeconds": int64(lockFor / time.Second), "acquireTime": now, "renewTime": now,
	}
	return u
}

func microTime(t time.Time) string { return t.UTC().Format(metav1.RFC3339Micro) }

func readLock(u *unstructured.Unstructured) Lock {
	read := func(field string) time.Time {
		value, _, _ := unstructured.NestedString(u.Object, "spec", field)
		t, _ := time.Parse(time.RFC3339Nano, value)
		return t
	}
	holder, _, _ := unstructured.NestedString(u.Object, "spec", "holderIdentity")
	return Lock{Holder: holder, Action: u.GetAnnotations()[lockAction], Since: read("acquireTime"), Renewed: read("renewTime")}
}

// takeOver replaces a lease that is not renewed any more. Clocks of different machines differ: one that looks stale is watched for a
// while before that is believed.
func (l *lock) takeOver(ctx context.Context, fresh *unstructured.Unstructured, profile string) (string, error) {
	before, err := l.client.Get(ctx, l.name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		l.lease, err = l.client.Create(ctx, fresh, metav1.CreateOptions{FieldManager: "vmdeck"})
		return "", err
	}
	if err != nil {
		return "", err
	}
	held := readLock(before)
	if time.Since(held.Renewed) < lockFor {
		return "", &HeldError{profile, held}
	}
	timer := time.NewTimer(2 * lockRenew)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	fresh.SetResourceVersion(before.GetResourceVersion())
	l.lease, err = l.client.Update(ctx, fresh, metav1.UpdateOptions{FieldManager: "vmdeck"})
	if apierrors.IsConflict(err) || apierrors.IsNotFound(err) {
		return "", &HeldError{profile, held}
	}
	return fmt.Sprintf("%s began to %s at %s and has not been heard of since %s: the lock was taken over.",
		held.Holder, held.Action, held.Since.Local().Format("15:04:05"), held.Renewed.Local().Format("15:04:05")), err
}

// renew keeps the lease until it is told to stop. A server that does not answer gives the lock to nobody else either.
func (l *lock) renew(ctx context.Context, lost func(error)) {
	tick := time.NewTicker(lockRenew)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		call, cancel := context.WithTimeout(ctx, kube.CallTimeout)
		next := l.lease.DeepCopy()
		_ = unstructured.SetNestedField(next.Object, microTime(time.Now()), "spec", "renewTime")
		lease, err := l.client.Update(call, next, metav1.UpdateOptions{FieldManager: "vmdeck"})
		switch {
		case err == nil:
			l.lease = lease
		case apierrors.IsConflict(err):
			// An update whose answer was lost leaves a conflict with oneself.
			if live, readErr := l.client.Get(call, l.name, metav1.GetOptions{}); readErr == nil {
				if live.GetAnnotations()[lockRun] != l.run {
					cancel()
					lost(errLost)
					return
				}
				l.lease = live
			}
		case apierrors.IsNotFound(err):
			cancel()
			lost(errLost)
			return
		}
		cancel()
	}
}

// release gives the lock back. Where that fails it becomes stale by itself.
func (l *lock) release() {
	l.stop()
	l.done.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), kube.CallTimeout)
	defer cancel()
	live, err := l.client.Get(ctx, l.name, metav1.GetOptions{})
	if err != nil || live.GetAnnotations()[lockRun] != l.run {
		return
	}
	uid, version := live.GetUID(), live.GetResourceVersion()
	_ = l.client.Delete(ctx, l.name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &uid, ResourceVersion: &version}})
}
