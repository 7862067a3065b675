package stream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/client-go/rest"

	"vmdeck.dev/vmdeck/kube"
)

// wire is a server without a network, so that time can be made to pass. Each request is answered by the handler with a body that is
// fed from a channel; closing it ends the answer.
type wire struct {
	handler func(q url.Values, body chan<- string) int

	mu    sync.Mutex
	began time.Time
	log   []string // "list" or "watch from version", with the seconds since the start
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	q := r.URL.Query()
	what := "list"
	if q.Has("watch") {
		what = "watch " + q.Get("resourceVersion")
	}
	w.mu.Lock()
	w.log = append(w.log, fmt.Sprintf("%s at %.0f", what, time.Since(w.began).Seconds()))
	w.mu.Unlock()
	chunks := make(chan string, 16)
	status := w.handler(q, chunks)
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: &feed{ctx: r.Context(), chunks: chunks}, Request: r}, nil
}

func (w *wire) requests() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.log, "\n")
}

type feed struct {
	ctx    context.Context
	chunks <-chan string
	rest   string
}

func (f *feed) Read(p []byte) (int, error) {
	if f.rest == "" {
		select {
		case chunk, ok := <-f.chunks:
			if !ok {
				return 0, io.EOF
			}
			f.rest = chunk
		case <-f.ctx.Done():
			return 0, f.ctx.Err()
		}
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

func (f *feed) Close() error { return nil }

// inTime runs a stream against the handler in a bubble whose clock stands still until all wait.
func inTime(t *testing.T, handler func(q url.Values, body chan<- string) int, check func(w *wire, rec *recorder, cluster *kube.Cluster)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{handler: handler, began: time.Now()}
		ctx, cancel := context.WithCancel(context.Background())
		cluster, err := kube.Connect(ctx, &rest.Config{Host: "http://cluster", Transport: w}, kube.Target{Context: "test"})
		if err != nil {
			t.Fatal(err)
		}
		rec := newRecorder()
		done := make(chan error)
		go func() { done <- Run[thing](ctx, cluster, Request{Group: "x", Version: "v1", Resource: "things"}, rec) }()
		check(w, rec, cluster)
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Run returned %v", err)
		}
	})
}

// after lets the time pass and then everything settle.
func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (r *recorder) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.log, "\n")
}

func TestSilentListIsGivenUpAndASlowOneIsNot(t *testing.T) {
	var calls int
	inTime(t, func(q url.Values, body chan<- string) int {
		if q.Has("watch") {
			return http.StatusOK
		}
		if calls++; calls > 1 {
			go func() {
				text := list("5", "", 0, item("a", 1, "1"))
				for i := range 4 { // a minute in all
					time.Sleep(20 * time.Second)
					body <- text[len(text)*i/4 : len(text)*(i+1)/4]
				}
				close(body)
			}()
			return http.StatusOK
		}
		body <- `{"items":[`
		return http.StatusOK
	}, func(w *wire, rec *recorder, _ *kube.Cluster) {
		after(idleLimit - time.Second)
		if got := rec.text(); got != "begin" {
			t.Errorf("before the limit:\n%s", got)
		}
		after(2 * time.Second)
		if got := rec.text(); !strings.HasPrefix(got, fmt.Sprintf("begin\nstate %d total 0", Lost)) {
			t.Errorf("after the limit:\n%s", got)
		}
		after(2 * time.Minute)
		want := fmt.Sprintf("begin\nstate %d total 0\nbegin\nput 1\nsynced\nstate %[2]d total 0\nstate %[2]d total 0", Lost, Live)
		if got := rec.text(); got != want {
			t.Errorf("told\n%s\nwant\n%s", got, want)
		}
	})
}

func TestSilenceIsNamedAsTheCause(t *testing.T) {
	inTime(t, func(url.Values, chan<- string) int { return http.StatusOK }, func(_ *wire, rec *recorder, cluster *kube.Cluster) {
		after(idleLimit + time.Millisecond)
		if !rec.erred("the server sent nothing for 30s") {
			t.Errorf("the list was lost because of %v", rec.errors)
		}
	})
}

func TestRefusedKindIsAskedForSeldomAndOnDemand(t *testing.T) {
	inTime(t, func(_ url.Values, body chan<- string) int {
		body <- `{"kind":"Status","status":"Failure","reason":"Forbidden","code":403}`
		close(body)
		return http.StatusForbidden
	}, func(w *wire, _ *recorder, cluster *kube.Cluster) {
		after(refusedPause - time.Second)
		if got := w.requests(); got != "list at 0" {
			t.Errorf("within the pause:\n%s", got)
		}
		after(refusedPause/4 + 2*time.Second)
		if got := strings.Count(w.requests(), "list"); got != 2 {
			t.Errorf("after the pause %d requests", got)
		}
		cluster.Health().RetryNow()
		synctest.Wait()
		if got := strings.Count(w.requests(), "list"); got != 3 {
			t.Errorf("on demand %d requests", got)
		}
		if status := cluster.Health().Status(); status.State != kube.Live {
			t.Errorf("a refusal made the connection %s", status.State)
		}
	})
}

// A server or proxy that ends every watch at once must not be asked in a tight loop.
func TestShortWatchesAreSpacedOut(t *testing.T) {
	inTime(t, func(q url.Values, body chan<- string) int {
		if !q.Has("watch") {
			body <- list("5", "", 0)
		}
		close(body)
		return http.StatusOK
	}, func(w *wire, rec *recorder, _ *kube.Cluster) {
		after(time.Minute)
		watches := strings.Count(w.requests(), "watch 5")
		if watches < 3 || watches > 20 {
			t.Errorf("%d watches in a minute:\n%s", watches, w.requests())
		}
		if !strings.Contains(rec.text(), fmt.Sprintf("state %d", Lost)) {
			t.Errorf("nobody was told:\n%s", rec.text())
		}
		if lists := strings.Count(w.requests(), "list"); lists != 1 {
			t.Errorf("%d lists where watching on would do", lists)
		}
	})
}

// An ordinary end of a watch is taken up from the last bookmark, at once and without a word.
func TestWatchGoesOnFromItsLastVersion(t *testing.T) {
	inTime(t, func(q url.Values, body chan<- string) int {
		switch {
		case !q.Has("watch"):
			body <- list("5", "", 0)
			close(body)
		case q.Get("resourceVersion") == "5":
			body <- `{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"77"}}}` + "\n"
			go func() { time.Sleep(5 * time.Minute); close(body) }()
		}
		return http.StatusOK
	}, func(w *wire, rec *recorder, _ *kube.Cluster) {
		after(6 * time.Minute)
		if got := w.requests(); got != "list at 0\nwatch 5 at 0\nwatch 77 at 300" {
			t.Errorf("asked\n%s", got)
		}
		if strings.Contains(rec.text(), fmt.Sprintf("state %d", Lost)) {
			t.Errorf("told\n%s", rec.text())
		}
	})
}

// A proxy may swallow the end of a watch; the client's own limit then begins another one.
func TestWatchThatNobodyEndsIsBegunAnew(t *testing.T) {
	inTime(t, func(q url.Values, body chan<- string) int {
		if !q.Has("watch") {
			body <- list("5", "", 0)
			close(body)
		}
		return http.StatusOK
	}, func(w *wire, rec *recorder, _ *kube.Cluster) {
		after(watchMinutes * 90 * time.Second)
		after(idleLimit + time.Second)
		if watches := strings.Count(w.requests(), "watch 5"); watches != 2 {
			t.Errorf("%d watches:\n%s", watches, w.requests())
		}
		if strings.Contains(rec.text(), fmt.Sprintf("state %d", Lost)) {
			t.Errorf("told\n%s", rec.text())
		}
	})
}

func TestServerMayAskForAPause(t *testing.T) {
	var calls int
	inTime(t, func(q url.Values, body chan<- string) int {
		if calls++; calls > 1 {
			return http.StatusOK
		}
		body <- `{"kind":"Status","status":"Failure","reason":"TooManyRequests","code":429,"details":{"retryAfterSeconds":120}}`
		close(body)
		return http.StatusTooManyRequests
	}, func(w *wire, _ *recorder, cluster *kube.Cluster) {
		after(119 * time.Second)
		if got := w.requests(); got != "list at 0" {
			t.Errorf("within the pause:\n%s", got)
		}
		if got := cluster.Health().Status().State; got != kube.Throttled {
			t.Errorf("the connection is %s", got)
		}
		after(2 * time.Second)
		if got := w.requests(); got != "list at 0\nlist at 120" {
			t.Errorf("after the pause:\n%s", got)
		}
	})
}
