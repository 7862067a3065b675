package binding

import (
	"context"
	"time"

	"vmdeck.dev/vmdeck/kube"
)

const (
	syncEvery = 5 * time.Minute // a net below the watches
	syncRetry = 5 * time.Second // after a failure that is not the connection's; doubled up to syncEvery
)

// KeepSynced syncs until the context ends: at once, a moment after namespaces, roles, bindings or rules have changed, and every five
// minutes. observe hears of each step, done of the end of each run; both are called from one goroutine, and observe may be nil. A server
// that goes away is waited for.
func KeepSynced(ctx context.Context, k *Keeper, o SyncOptions, observe func(string, Step), done func(SyncResult, error)) {
	changes := watch(ctx, k.Cluster, k.Rules)
	defer changes.Wait()
	var backoff kube.Backoff
	retry := syncRetry
	for ctx.Err() == nil {
		result, err := Sync(ctx, k, o, observe)
		if ctx.Err() != nil {
			return
		}
		done(result, err)
		pause := syncEvery
		switch {
		case lost(err):
			pause = backoff.After(err)
		case err != nil || result.Err() != nil:
			pause, retry = retry, min(2*retry, syncEvery)
		default:
			backoff.Reset()
			retry = syncRetry
		}
		if changes.Blind() {
			pause = min(pause, followBlind)
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-changes.C:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// lost tells whether a failure is one of the connection, which comes back by itself.
func lost(err error) bool {
	switch kube.Classify(err) {
	case kube.KindUnreachable, kube.KindTimeout, kube.KindTooManyRequests, kube.KindAPIServiceUnavailable:
		return true
	}
	return false
}
