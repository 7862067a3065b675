package kube

import (
	"context"
	"sync"
	"time"
)

// State is the state of the connection to an API server.
type State int

// The states of a connection.
const (
	Connecting State = iota // no answer yet
	Live                    // the last call was answered
	Lost                    // the server does not answer
	Expired                 // the server no longer accepts the login
	Throttled               // the server asks for fewer requests
)

// String returns the state in lower case, as the header shows it.
func (s State) String() string {
	return [...]string{"connecting", "live", "lost", "expired", "throttled"}[s]
}

// HealthStatus is a snapshot of Health.
type HealthStatus struct {
	State State
	Since time.Time // when the state began
	// LastOK is when the server last answered; zero if it never did.
	LastOK time.Time
	// Err is what ended Live; nil while Live or Connecting.
	Err error
	// Reason is Err as a sentence.
	Reason string
	// RetryAfter is the server's wish while Throttled, else 0.
	RetryAfter time.Duration
}

// Health is the state machine of a connection. Whoever makes calls feeds it with Report; subscribers hear
// of changes of state. It is safe for concurrent use.
type Health struct {
	now func() time.Time

	mu     sync.Mutex
	status HealthStatus
	// throttled is when the server last asked for fewer requests.
	throttled time.Time
	wake      chan struct{} // closed and replaced by RetryNow
	subs      map[int]func(HealthStatus)
	nextID    int
}

// NewHealth returns a connection in state Connecting. now is the clock.
func NewHealth(now func() time.Time) *Health {
	return &Health{
		now: now, status: HealthStatus{Since: now()},
		wake: make(chan struct{}), subs: map[int]func(HealthStatus){},
	}
}

// OK reports an answer from the server.
func (h *Health) OK() { h.Report(nil) }

// Report takes the outcome of a call. A refusal, a conflict or a missing object is an answer as good as
// success: only silence, a rejected login and throttling are failures of the connection. What the caller
// gave up itself, faults on this side, and a 503 (which may come from a balancer or from one aggregated
// API) change nothing.
func (h *Health) Report(err error) {
	switch Classify(err) {
	case KindCanceled, KindAPIServiceUnavailable:
	case KindInternal:
		if statusOf(err) != nil {
			h.set(Live, nil)
		}
	case KindTimeout:
		if !h.toldToWait() {
			h.set(Lost, err)
		}
	case KindUnreachable:
		h.set(Lost, err)
	case KindUnauthorized:
		h.set(Expired, err)
	case KindTooManyRequests:
		h.set(Throttled, err)
	default:
		h.set(Live, nil)
	}
}

// toldToWait tells whether the server has asked for patience so lately that a call which ran out of time says nothing of the connection:
// client-go waits before it tries again as long as the server wants it to (k8s.io/client-go/rest/with_retry.go), until the deadline.
func (h *Health) toldToWait() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.status.State == Throttled && h.now().Sub(h.throttled) <= h.status.RetryAfter+CallTimeout
}

func (h *Health) set(state State, err error) {
	h.mu.Lock()
	now := h.now()
	changed := h.status.State != state
	if changed {
		h.status.State, h.status.Since = state, now
	}
	switch state {
	case Live:
		h.status.LastOK = now
	case Throttled:
		h.throttled = now
	}
	h.status.Err, h.status.Reason, h.status.RetryAfter = err, "", 0
	if err != nil {
		h.status.Reason = Explain(err, "connect")
		h.status.RetryAfter = RetryAfter(err)
	}
	status, subs := h.status, h.subscribers()
	h.mu.Unlock()
	if !changed {
		return
	}
	for _, fn := range subs {
		fn(status)
	}
}

func (h *Health) subscribers() []func(HealthStatus) {
	subs := make([]func(HealthStatus), 0, len(h.subs))
	for _, fn := range h.subs {
		subs = append(subs, fn)
	}
	return subs
}

// Status returns the present state.
func (h *Health) Status() HealthStatus {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.status
}

// Subscribe calls fn after every change of state, in the goroutine that reported it, so fn must not
// block. cancel ends the subscription; a call already under way may still arrive.
func (h *Health) Subscribe(fn func(HealthStatus)) (cancel func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	id := h.nextID
	h.nextID++
	h.subs[id] = fn
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.subs, id)
	}
}

// RetryNow ends every Wait at once: the user does not want to sit out the back-off.
func (h *Health) RetryNow() {
	h.mu.Lock()
	defer h.mu.Unlock()
	close(h.wake)
	h.wake = make(chan struct{})
}

// Wait returns after d, after RetryNow, or with ctx's error when ctx ends first.
func (h *Health) Wait(ctx context.Context, d time.Duration) error {
	h.mu.Lock()
	wake := h.wake
	h.mu.Unlock()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-wake:
	case <-timer.C:
	}
	return nil
}
