package check

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"

	"vmdeck.dev/vmdeck/kube"
)

// limited is the same connection with a limit to the requests that are under way at once, and with a record of them. The limit stands
// below all clients, so that no way of asking gets around it. It has a rate of its own: screens that share the given connection's would
// wait behind the checks.
func limited(ctx context.Context, c *kube.Cluster, slots chan struct{}) (*kube.Cluster, error) {
	config := c.Config()
	config.RateLimiter = nil
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return &limiter{next, slots} })
	return kube.Connect(ctx, config, c.Target())
}

type limiter struct {
	next  http.RoundTripper
	slots chan struct{}
}

// RoundTrip keeps its slot until the answer has been read: most of a long list's time goes there.
func (l *limiter) RoundTrip(r *http.Request) (*http.Response, error) {
	if t, ok := r.Context().Value(trailKey{}).(*trail); ok {
		t.add(requestLine(r))
	}
	select {
	case l.slots <- struct{}{}:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	release := sync.OnceFunc(func() { <-l.slots })
	response, err := l.next.RoundTrip(r)
	if err != nil {
		release()
		return nil, err
	}
	response.Body = &slotBody{response.Body, release}
	return response, nil
}

type slotBody struct {
	io.ReadCloser
	release func()
}

func (b *slotBody) Close() error {
	defer b.release()
	return b.ReadCloser.Close()
}

// requestLine names a request as it is written into a report, with those parameters that say what was asked for.
func requestLine(r *http.Request) string {
	line := r.Method + " " + r.URL.Path
	mark := "?"
	for _, key := range []string{"dryRun", "labelSelector", "limit"} {
		if value := r.URL.Query().Get(key); value != "" {
			line += mark + key + "=" + value
			mark = "&"
		}
	}
	if as := r.Header.Get("Impersonate-User"); as != "" {
		line += " as " + as
	}
	return line
}

// trail is a record of requests, each kind once with its count.
type trail struct {
	mu    sync.Mutex
	order []string
	count map[string]int
}

type trailKey struct{}

// withTrail has the requests of a context recorded.
func withTrail(ctx context.Context) (context.Context, *trail) {
	t := &trail{count: map[string]int{}}
	return context.WithValue(ctx, trailKey{}, t), t
}

func (t *trail) add(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.count[line]++; t.count[line] == 1 {
		t.order = append(t.order, line)
	}
}

// lines are the requests, sorted: they are made side by side and come in any order.
func (t *trail) lines() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]string, 0, len(t.order))
	for _, line := range t.order {
		if n := t.count[line]; n > 1 {
			line = fmt.Sprintf("%s (%d times)", line, n)
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

// note records a request that was not made over the API server.
func note(ctx context.Context, line string) {
	if t, ok := ctx.Value(trailKey{}).(*trail); ok {
		t.add(line)
	}
}

// memo is something that several checks need and that is read once, when it is first asked for.
type memo[T any] struct {
	*trail
	begin func()
	done  chan struct{}
	value T
	err   error
}

func remember[T any](ctx context.Context, wg *sync.WaitGroup, read func(context.Context) (T, error)) *memo[T] {
	ctx, t := withTrail(ctx)
	m := &memo[T]{trail: t, done: make(chan struct{})}
	m.begin = sync.OnceFunc(func() {
		wg.Go(func() {
			defer close(m.done)
			m.value, m.err = read(ctx)
		})
	})
	return m
}

// of returns what was read, and counts its requests among those of the context.
func (m *memo[T]) of(ctx context.Context) (T, error) {
	m.begin()
	select {
	case <-m.done:
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
	m.mu.Lock()
	lines := slices.Clone(m.order)
	m.mu.Unlock()
	for _, line := range lines {
		note(ctx, line)
	}
	return m.value, m.err
}
