package setup

import (
	"context"
	"reflect"
	"strings"
	"sync/atomic"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/keep"
	"vmdeck.dev/vmdeck/kube/stream"
)

const followEvery = 10 * time.Minute // a net below the watch, which does not see all that counts

// Follow reads what was set up until the context ends, anew when the settings have changed, after wake and from time to time, and calls
// changed with each state that is another one. It keeps one watch: on the settings of the packs everywhere, or for those who may not see
// so much, on those of one pack.
func Follow(ctx context.Context, c *kube.Cluster, wake <-chan struct{}, changed func(State)) {
	w := watcher{ctx: ctx, cluster: c, signal: keep.NewSignal()}
	w.watch(stream.Request{LabelSelector: "app.kubernetes.io/name in (" + strings.Join(append(Packs(), proxy), ",") + ")"})
	defer func() { w.end() }()
	var k keeper
	for {
		s := Read(ctx, c)
		if ctx.Err() != nil {
			return
		}
		differs, pause := k.take(s)
		if differs {
			changed(s)
		}
		w.narrow(k.last)
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-wake:
		case <-w.signal.C:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// keeper keeps what was read. What was known stays while the server does not answer, and while it refuses what it gave a moment ago: one
// that has just started refuses everything until it has read its roles.
type keeper struct {
	last     State
	refusals int // in a row
	backoff  kube.Backoff
}

const believed = 3 // refusals in a row

// take tells whether a state is another one, and when to read again if nothing else happens.
func (k *keeper) take(s State) (differs bool, pause time.Duration) {
	pause = followEvery
	switch s.Known {
	case Unreachable:
		pause = k.backoff.After(s.Err)
		if k.last.Known != Unread {
			return false, pause
		}
	case Forbidden:
		k.backoff.Reset()
		if k.refusals++; k.last.Known == Found && k.refusals < believed {
			return false, time.Second << k.refusals
		}
	default:
		k.refusals = 0
		k.backoff.Reset()
	}
	differs = !same(s, k.last)
	k.last = s
	return differs, pause
}

// same tells whether two states say the same; errors have words of their own each time.
func same(a, b State) bool {
	a.Err, b.Err, a.ProfileErr, b.ProfileErr = nil, nil, nil, nil
	return reflect.DeepEqual(a, b)
}

// watcher tells when the settings may have changed. What has come is read then: of the objects of a watch only some count.
type watcher struct {
	ctx     context.Context
	cluster *kube.Cluster
	signal  *keep.Signal
	refused atomic.Bool // the watch on all namespaces is
	on      place       // that the watch is on; empty: all namespaces
	cancel  context.CancelFunc
	done    chan struct{}
}

type place struct{ namespace, name string }

func (w *watcher) watch(req stream.Request) {
	ctx, cancel := context.WithCancel(w.ctx)
	w.cancel, w.done = cancel, make(chan struct{})
	req.Version, req.Resource, req.Metadata = "v1", "configmaps", true
	wide, done, phase := req.Namespace == "", w.done, stream.Loading
	tap := &keep.Tap{Poke: w.signal.Poke, Tell: func(s stream.State) {
		if wide && s.Phase == stream.Forbidden {
			w.refused.Store(true)
		}
		if s.Phase != phase { // what went and came back may have changed meanwhile
			phase = s.Phase
			w.signal.Poke()
		}
	}}
	go func() {
		defer close(done)
		_ = stream.Run[stream.Object](ctx, w.cluster, req, tap)
	}()
}

func (w *watcher) end() {
	w.cancel()
	<-w.done
}

// narrow watches one pack's settings, where they were found, in place of all that may not be seen.
func (w *watcher) narrow(last State) {
	on := place{usualPlace, orchestrator}
	if last.Known == Found {
		on = place{last.Namespace, last.Pack}
	}
	if !w.refused.Load() || on == w.on {
		return
	}
	w.end()
	w.on = on
	w.watch(stream.Request{Namespace: on.namespace, FieldSelector: "metadata.name=" + on.name})
}
