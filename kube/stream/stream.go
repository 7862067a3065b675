// Package stream lists and watches one kind of object and decodes only the fields that its type names.
//
// client-go's reflector decodes a whole list at once: for 10,000 VirtualMachines that is 90 MB of JSON and several times that in
// objects. A stream decodes item by item while the bytes arrive, so that the first rows are on the screen before the last ones
// have left the server, and memory holds only what a row shows.
package stream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"vmdeck.dev/vmdeck/kube"
)

// Phase says how far a stream has come.
type Phase int

// The phases of a stream. Forbidden and Absent are asked again from time to time: rights are granted and KubeVirt is installed
// while the program runs.
const (
	Loading   Phase = iota // the first list is on its way
	Live                   // listed completely, changes arrive
	Lost                   // the connection broke; what was delivered is still valid but ages
	Forbidden              // the user may not list this kind here
	Absent                 // the server does not know this kind
)

// State is what a stream tells about itself.
type State struct {
	Phase Phase
	Err   error // why the phase is Lost, Forbidden or Absent
	Total int   // how many objects the list will have; 0 while unknown
}

// Request names what to list and watch.
type Request struct {
	Group, Version, Resource string
	Namespace                string // empty: all namespaces
	LabelSelector            string
	FieldSelector            string
	Metadata                 bool // leaves all but the metadata on the server
	FirstPage                int  // how many objects to ask for before the whole list; 0: the whole list at once
}

// Sink receives what a stream finds. Its methods are called from the stream's goroutine, one at a time.
type Sink[T any] interface {
	// Begin announces a list; what is not Put until Synced no longer exists.
	Begin()
	// Put brings objects that are new or have changed. The sink keeps them; they are not touched again.
	Put(objects []*T)
	// Delete says that an object is gone.
	Delete(object *T)
	// Synced ends a list.
	Synced()
	// State reports a change of phase.
	State(State)
}

const (
	idleLimit    = 30 * time.Second // a list that sends nothing for so long is given up
	watchMinutes = 5                // the server ends a watch after this and up to half as long again
	refusedPause = 30 * time.Second // before a forbidden or absent kind is asked for again
	believed     = 3                // refusals in a row until what worked before counts as forbidden
	shortWatch   = time.Second      // a watch that ends sooner is taken for a fault, so that it is not repeated in a tight loop
	batchSize    = 256
)

// Run lists and watches until the context ends, and survives everything else: broken connections are taken up where they broke,
// expired resource versions listed again. Every attempt is reported to the cluster's Health. It returns the context's error.
func Run[T any, P Decodable[T]](ctx context.Context, cluster *kube.Cluster, req Request, sink Sink[T]) error {
	s := &runner[T, P]{cluster: cluster, req: req, sink: sink}
	var backoff kube.Backoff
	for ctx.Err() == nil {
		err := s.step(ctx)
		if ctx.Err() != nil {
			break
		}
		if err == nil {
			backoff.Reset()
			continue
		}
		cluster.Health().Report(err)
		if pause := s.failed(err, &backoff); pause > 0 {
			_ = cluster.Health().Wait(ctx, pause)
		}
	}
	return ctx.Err()
}

// failed tells the sink what an error means and returns how long to wait before the next attempt. A refusal of what worked a moment ago
// is first taken for a fault: an API server that has just started refuses everything until it has read its roles.
func (s *runner[T, P]) failed(err error, backoff *kube.Backoff) time.Duration {
	state := State{Phase: Lost, Err: err}
	switch {
	case apierrors.IsGone(err), apierrors.IsResourceExpired(err):
		s.version = ""
		return 0
	case apierrors.IsForbidden(err):
		state.Phase = Forbidden
	case apierrors.IsNotFound(err):
		state.Phase = Absent
	}
	if state.Phase == Lost {
		s.sink.State(state)
		return backoff.After(err)
	}
	pause := refusedPause
	if s.refused++; s.wasLive && s.refused < believed {
		state.Phase, pause = Lost, time.Second<<s.refused
	} else {
		s.version, s.wasLive = "", false
	}
	s.sink.State(state)
	return pause + rand.N(pause/4)
}

// runner is one stream's state between attempts.
type runner[T any, P Decodable[T]] struct {
	cluster *kube.Cluster
	req     Request
	sink    Sink[T]
	version string // the resource version to watch from; empty: list first
	wasLive bool   // since the last refusal that was believed
	refused int    // refusals in a row
}

// step lists if it must and then watches until the watch ends. A watch that the server ends in the ordinary way is no error. A panic,
// which one odd object could cause, is an error like any other: it must not take the terminal down.
func (s *runner[T, P]) step(ctx context.Context) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			s.version = ""
			err = fmt.Errorf("a fault of vmdeck while it read %s: %v", s.req.Resource, fault)
		}
	}()
	if s.version == "" {
		if err := s.list(ctx); err != nil {
			return err
		}
	}
	began := time.Now()
	err = s.watch(ctx)
	ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded)
	if ended && time.Since(began) > shortWatch {
		return nil
	}
	return err
}
