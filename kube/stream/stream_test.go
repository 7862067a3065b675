package stream

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"vmdeck.dev/vmdeck/kube"
)

type thing struct {
	Object
	Spec struct {
		Size int `json:"size"`
	} `json:"spec"`
}

// recorder is a sink that keeps what it was told, as text.
type recorder struct {
	mu     sync.Mutex
	log    []string
	cond   chan struct{}
	alive  map[string]int
	seen   map[string]bool
	errors []error // of all states
}

func newRecorder() *recorder {
	return &recorder{cond: make(chan struct{}, 1), alive: map[string]int{}, seen: map[string]bool{}}
}

func (r *recorder) note(format string, args ...any) {
	r.log = append(r.log, fmt.Sprintf(format, args...))
	select {
	case r.cond <- struct{}{}:
	default: // the one that waits has been told already
	}
}

func (r *recorder) Begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = map[string]bool{}
	r.note("begin")
}
func (r *recorder) Put(objects []*thing) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, o := range objects {
		r.alive[o.Meta().Key()], r.seen[o.Meta().Key()] = o.Spec.Size, true
	}
	r.note("put %d", len(objects))
}
func (r *recorder) Delete(o *thing) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.alive, o.Meta().Key())
	r.note("delete %s", o.Meta().Name)
}
func (r *recorder) Synced() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key := range r.alive {
		if !r.seen[key] {
			delete(r.alive, key)
		}
	}
	r.note("synced")
}
func (r *recorder) State(s State) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.Err != nil {
		r.errors = append(r.errors, s.Err)
	}
	r.note("state %d total %d", s.Phase, s.Total)
}

// erred says whether a state came with an error that has the text; without a text, whether none came with an error.
func (r *recorder) erred(text string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return text == "" && len(r.errors) == 0 ||
		text != "" && slices.ContainsFunc(r.errors, func(err error) bool { return strings.Contains(err.Error(), text) })
}

// await blocks until the log has a line with the text, and fails the test when none comes.
func (r *recorder) await(t *testing.T, text string) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		r.mu.Lock()
		joined := strings.Join(r.log, "\n")
		r.mu.Unlock()
		if strings.Contains(joined, text) {
			return
		}
		select {
		case <-r.cond:
		case <-deadline:
			t.Fatalf("no %q in:\n%s", text, joined)
		}
	}
}

func item(name string, size int, version string) string {
	return fmt.Sprintf(`{"apiVersion":"x/v1","kind":"Thing","metadata":{"managedFields":[{"a":{"b":[1]}}],"name":%q,"namespace":"ns","uid":"u-%s",`+
		`"resourceVersion":%q,"creationTimestamp":"2026-01-02T03:04:05Z"},"spec":{"size":%d,"extra":{"deep":["x"]}}}`, name, name, version, size)
}

func list(version, cont string, remaining int, items ...string) string {
	return fmt.Sprintf(`{"apiVersion":"x/v1","items":[%s],"kind":"ThingList","metadata":{"continue":%q,"remainingItemCount":%d,"resourceVersion":%q}}`,
		strings.Join(items, ","), cont, remaining, version)
}

// start runs a stream against the handler until the test ends. No test waits for a pause: the connection is told to retry at once.
func start(t *testing.T, handler http.HandlerFunc, firstPage int) *recorder {
	t.Helper()
	server := httptest.NewServer(handler)
	ctx, cancel := context.WithCancel(context.Background())
	cluster, err := kube.Connect(ctx, &rest.Config{Host: server.URL}, kube.Target{Context: "test"})
	if err != nil {
		t.Fatal(err)
	}
	rec := newRecorder()
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = Run[thing](ctx, cluster, Request{Group: "x", Version: "v1", Resource: "things", Namespace: "ns", FirstPage: firstPage}, rec)
	})
	wg.Go(func() {
		for ctx.Err() == nil {
			cluster.Health().RetryNow()
			runtime.Gosched()
		}
	})
	t.Cleanup(func() { cancel(); wg.Wait(); server.CloseClientConnections(); server.Close() })
	return rec
}

func TestListPaintsAFirstPageAndThenTheWhole(t *testing.T) {
	rec := start(t, func(w http.ResponseWriter, r *http.Request) {
		switch q := r.URL.Query(); {
		case q.Get("watch") != "":
			if q.Get("resourceVersion") != "20" {
				t.Errorf("watched from %q, want the whole list's version", q.Get("resourceVersion"))
			}
			fmt.Fprintf(w, `{"type":"MODIFIED","object":%s}`+"\n", item("b", 7, "21"))
			fmt.Fprintf(w, `{"type":"DELETED","object":%s}`+"\n", item("a", 1, "22"))
			fmt.Fprint(w, `{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"30"}}}`+"\n")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		case q.Get("limit") == "1":
			fmt.Fprint(w, list("10", "more", 2, item("a", 1, "1")))
		default:
			if q.Get("resourceVersion") != "10" || q.Get("resourceVersionMatch") != "NotOlderThan" {
				t.Errorf("the whole list was not asked of the watch cache: %v", q)
			}
			fmt.Fprint(w, list("20", "", 0, item("a", 1, "1"), item("b", 2, "2"), item("c", 3, "3")))
		}
	}, 1)
	rec.await(t, "delete a")
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if got := fmt.Sprint(rec.alive); got != "map[ns/b:7 ns/c:3]" {
		t.Errorf("objects %s", got)
	}
	want := "begin\nput 1\nstate 0 total 3\nput 3\nsynced\nstate 1 total 0\nstate 1 total 0\nput 1\ndelete a"
	if got := strings.Join(rec.log, "\n"); got != want {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
}

func TestExpiredVersionListsAgainAndForgetsWhatIsGone(t *testing.T) {
	var lists int
	rec := start(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("watch") != "" {
			if r.URL.Query().Get("resourceVersion") == "1" {
				fmt.Fprint(w, `{"type":"ERROR","object":{"kind":"Status","status":"Failure","reason":"Expired","code":410}}`)
				return
			}
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			return
		}
		if lists++; lists == 1 {
			fmt.Fprint(w, list("1", "", 0, item("old", 1, "1")))
			return
		}
		fmt.Fprint(w, list("2", "", 0, item("new", 2, "2")))
	}, 0)
	rec.await(t, "synced\nstate 1 total 0\nstate 1 total 0\nbegin\nput 1\nsynced")
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if got := fmt.Sprint(rec.alive); got != "map[ns/new:2]" {
		t.Errorf("objects %s", got)
	}
}

func TestRefusalsAndFaultsAreStatesAndTriedAgain(t *testing.T) {
	answers := []func(http.ResponseWriter){
		func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusForbidden)
			_ = json.NewEncoder(w).Encode(map[string]any{"kind": "Status", "status": "Failure", "reason": "Forbidden", "code": 403})
		},
		func(w http.ResponseWriter) { http.Error(w, "404 page not found", http.StatusNotFound) },
		func(w http.ResponseWriter) { fmt.Fprint(w, `{"items":[{"metadata":{"name":`) },
		func(w http.ResponseWriter) { fmt.Fprint(w, list("5", "", 0)) },
	}
	var call int
	rec := start(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("watch") != "" {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			return
		}
		answers[min(call, len(answers)-1)](w)
		call++
	}, 0)
	rec.await(t, fmt.Sprintf("begin\nstate %d total 0\nbegin\nstate %d total 0\nbegin\nstate %d total 0\nbegin\nsynced\nstate %d",
		Forbidden, Absent, Lost, Live))
}
