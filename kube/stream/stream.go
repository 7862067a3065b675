// Package stream lists and watches one kind of object and decodes only the fields that its type names.
//
// client-go's reflector decodes a whole list at once: for 10,000 VirtualMachines that is 90 MB of JSON and several times that in
// objects. A stream decodes item by item while the bytes arrive, so that the first rows are on the screen before the last ones
// have left the server, and memory holds only what a row shows.
package stream

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/wait"
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
	FirstPage                int // how many objects to ask for before the whole list; 0: the whole list at once
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

// Source is the server to ask. The zero Observe and Wake are allowed.
type Source struct {
	HTTP *http.Client // carries authentication; no overall timeout, since watches are long
	Host *url.URL     // as rest.DefaultServerUrlFor returns it
	// Observe is told the outcome of every attempt: nil for an answer, the error otherwise.
	Observe func(error)
	// Wake returns a channel that is closed to end a pause between attempts early, as when the user asks to retry now.
	Wake func() <-chan struct{}
}

const (
	idleLimit    = 30 * time.Second // a list that sends nothing for so long is given up
	watchMinutes = 5                // the server ends a watch after this and up to half as long again
	refusedPause = 30 * time.Second // before a forbidden or absent kind is asked for again
	shortWatch   = time.Second      // a watch that ends sooner is taken for a fault, so that it is not repeated in a tight loop
	batchSize    = 256
)

// Run lists and watches until the context ends, and survives everything else: broken connections are taken up where they broke,
// expired resource versions listed again. It returns the context's error.
func Run[T any, P Decodable[T]](ctx context.Context, src Source, req Request, sink Sink[T]) error {
	s := &runner[T, P]{src: src, req: req, sink: sink}
	backoff := newBackoff()
	for ctx.Err() == nil {
		err := s.step(ctx)
		if ctx.Err() != nil {
			break
		}
		if err == nil {
			backoff = newBackoff()
			continue
		}
		s.src.observe(err)
		pause := backoff.Step()
		switch {
		case apierrors.IsForbidden(err):
			s.version, pause = "", jitter(refusedPause)
			sink.State(State{Phase: Forbidden, Err: err})
		case apierrors.IsNotFound(err):
			s.version, pause = "", jitter(refusedPause)
			sink.State(State{Phase: Absent, Err: err})
		case apierrors.IsGone(err) || apierrors.IsResourceExpired(err):
			s.version = ""
			continue
		default:
			sink.State(State{Phase: Lost, Err: err})
			if after, ok := apierrors.SuggestsClientDelay(err); ok {
				pause = max(pause, time.Duration(after)*time.Second)
			}
		}
		s.src.pause(ctx, pause)
	}
	return ctx.Err()
}

// runner is one stream's state between attempts.
type runner[T any, P Decodable[T]] struct {
	src     Source
	req     Request
	sink    Sink[T]
	version string // the resource version to watch from; empty: list first
}

// step lists if it must and then watches until the watch ends. A watch that the server ends in the ordinary way is no error.
func (s *runner[T, P]) step(ctx context.Context) error {
	if s.version == "" {
		if err := s.list(ctx); err != nil {
			return err
		}
	}
	began := time.Now()
	err := s.watch(ctx)
	ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded)
	if ended && time.Since(began) > shortWatch {
		return nil
	}
	return err
}

func (s Source) observe(err error) {
	if s.Observe != nil {
		s.Observe(err)
	}
}

func (s Source) pause(ctx context.Context, d time.Duration) {
	var wake <-chan struct{}
	if s.Wake != nil {
		wake = s.Wake()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-wake:
	}
}

func newBackoff() wait.Backoff {
	return wait.Backoff{Duration: 500 * time.Millisecond, Factor: 2, Jitter: 0.5, Steps: 7, Cap: 30 * time.Second}
}

func jitter(d time.Duration) time.Duration { return d + rand.N(d/4) }
