package vm

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"k8s.io/client-go/rest"

	"vmdeck.dev/vmdeck/kube"
)

// apiServer is as much of an API server as an inventory needs: it lists with limit and continue and watches from a version on. It
// refuses kinds, breaks connections and forgets versions when told to.
type apiServer struct {
	*httptest.Server

	mu      sync.Mutex
	version int
	oldest  int // watches from before this version are told that it has expired
	objects map[Kind]map[string]object
	log     []change
	moved   chan struct{} // closed and made anew with every change
	cut     chan struct{} // closed to end all connections
	down    bool
	refused map[string]int // status by kind and namespace, "kind@" being cluster-wide
	// Answers wait for held: "kind" whole lists, "kind?limit" pages, "kind?half" lists across the cluster before their last item,
	// "kind?watch" events of single namespaces.
	held    map[string]<-chan struct{}
	seen    []string       // "list kind@ns?query" and "watch kind@ns"
	sent    map[string]int // version up to which a kind's watchers have been told, by "kind@ns"
	watches map[string]int // open ones by "kind@ns"
}

type change struct {
	version int
	kind    Kind
	verb    string
	object  object
}

func newAPIServer(t testing.TB) *apiServer {
	t.Helper()
	s := &apiServer{
		version: 100, objects: map[Kind]map[string]object{}, moved: make(chan struct{}), cut: make(chan struct{}),
		refused: map[string]int{}, held: map[string]<-chan struct{}{}, sent: map[string]int{}, watches: map[string]int{},
	}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.stop)
	return s
}

func (s *apiServer) stop() {
	s.do(func() { s.down = true })
	s.CloseClientConnections()
	s.Close()
}

// connect returns a connection to the server. It has a transport of its own, so that no test inherits another's connections.
func (s *apiServer) connect(t testing.TB) *kube.Cluster {
	t.Helper()
	cluster, err := kube.Connect(t.Context(), &rest.Config{Host: s.URL, QPS: -1, Transport: &http.Transport{}}, kube.Target{Context: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return cluster
}

// do changes the server's state.
func (s *apiServer) do(fn func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fn()
}

// put creates or changes an object; without a UID it keeps the one it has.
func (s *apiServer) put(kind Kind, o object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	verb, before := "ADDED", s.objects[kind][o.Metadata.key()]
	if before.Metadata.UID != "" {
		verb = "MODIFIED"
		if o.Metadata.UID == "" {
			o.Metadata.UID = before.Metadata.UID
		}
	}
	if o.Metadata.UID == "" {
		o.Metadata.UID = fmt.Sprintf("%s-%s-%d", kind, o.Metadata.Name, s.version)
	}
	s.record(kind, verb, o)
}

func (s *apiServer) delete(kind Kind, key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o, ok := s.objects[kind][key]; ok {
		s.record(kind, "DELETED", o)
	}
}

// replace deletes an object and makes another one of the same name, as one does with kubectl replace --force.
func (s *apiServer) replace(kind Kind, o object) {
	s.delete(kind, o.Metadata.key())
	s.put(kind, o)
}

func (s *apiServer) record(kind Kind, verb string, o object) {
	s.version++
	o.Metadata.ResourceVersion = strconv.Itoa(s.version)
	if s.objects[kind] == nil {
		s.objects[kind] = map[string]object{}
	}
	s.objects[kind][o.Metadata.key()] = o
	if verb == "DELETED" {
		delete(s.objects[kind], o.Metadata.key())
	}
	s.log = append(s.log, change{s.version, kind, verb, o})
	close(s.moved)
	s.moved = make(chan struct{})
}

// refuse answers a kind's requests in a namespace ("" for all) with a status from now on, and ends what is open; 0 allows them again.
func (s *apiServer) refuse(kind Kind, namespace string, status int) {
	s.do(func() { s.refused[string(kind)+"@"+namespace] = status })
	s.breakConnections()
}

// breakConnections cuts every open answer off.
func (s *apiServer) breakConnections() {
	s.do(func() { close(s.cut); s.cut = make(chan struct{}) })
}

// expire makes the server forget what it knows of the past; who watches from there must list again.
func (s *apiServer) expire() {
	s.do(func() { s.version++; s.oldest, s.log = s.version, nil })
	s.breakConnections()
}

// hold keeps answers waiting until the returned function is called.
func (s *apiServer) hold(what string) (release func()) {
	gate := make(chan struct{})
	s.do(func() { s.held[what] = gate })
	return sync.OnceFunc(func() { close(gate) })
}

func (s *apiServer) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

func (s *apiServer) openWatches() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	open := 0
	for _, n := range s.watches {
		open += n
	}
	return open
}

func (s *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/") // apis group version [namespaces ns] kind
	kind, namespace := Kind(parts[len(parts)-1]), ""
	if len(parts) == 6 {
		namespace = parts[4]
	}
	verb, watch, what := "list", r.URL.Query().Get("watch") != "", string(kind)
	if watch {
		verb = "watch"
	}
	if r.URL.Query().Has("limit") {
		what += "?limit"
	}
	s.mu.Lock()
	s.seen = append(s.seen, fmt.Sprintf("%s %s@%s?%s", verb, kind, namespace, r.URL.RawQuery))
	down, status, held, cut := s.down, s.refused[string(kind)+"@"+namespace], s.held[what], s.cut
	s.mu.Unlock()
	switch {
	case down:
		panic(http.ErrAbortHandler) // the connection is closed without an answer
	case status != 0:
		s.answerRefusal(w, kind, status)
	case watch:
		s.watch(w, r, kind, namespace, cut)
	default:
		wait(r, held, cut)
		s.list(w, r, kind, namespace)
	}
}

// wait blocks until the gate opens; without a gate not at all.
func wait(r *http.Request, gate, cut <-chan struct{}) {
	if gate == nil {
		return
	}
	select {
	case <-gate:
	case <-r.Context().Done():
	case <-cut:
		panic(http.ErrAbortHandler)
	}
}

func (s *apiServer) answerRefusal(w http.ResponseWriter, kind Kind, status int) {
	reason := map[int]string{403: "Forbidden", 404: "NotFound", 503: "ServiceUnavailable"}[status]
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"%s: no","reason":%q,"code":%d}`, kind, reason, status)
}

func (s *apiServer) list(w http.ResponseWriter, r *http.Request, kind Kind, namespace string) {
	s.mu.Lock()
	items := []object{}
	for _, o := range s.objects[kind] {
		if namespace == "" || o.Metadata.Namespace == namespace {
			items = append(items, o)
		}
	}
	meta := map[string]any{"resourceVersion": strconv.Itoa(s.version)}
	half, cut := s.held[string(kind)+"?half"], s.cut
	s.mu.Unlock()
	slices.SortFunc(items, func(a, b object) int { return strings.Compare(a.Metadata.key(), b.Metadata.key()) })
	if limit, _ := strconv.Atoi(r.URL.Query().Get("limit")); limit > 0 && limit < len(items) {
		meta["continue"], meta["remainingItemCount"] = "more", len(items)-limit
		items = items[:limit]
	}
	fmt.Fprint(w, `{"kind":"List","items":[`)
	for i, o := range items {
		if i > 0 {
			fmt.Fprint(w, ",")
		}
		if i == len(items)-1 && namespace == "" {
			w.(http.Flusher).Flush()
			wait(r, half, cut)
		}
		_ = json.NewEncoder(w).Encode(o)
	}
	data, _ := json.Marshal(meta)
	fmt.Fprintf(w, `],"metadata":%s}`, data)
}

func (s *apiServer) watch(w http.ResponseWriter, r *http.Request, kind Kind, namespace string, cut <-chan struct{}) {
	where := string(kind) + "@" + namespace
	s.do(func() { s.watches[where]++ })
	defer s.do(func() { s.watches[where]-- })
	enc := json.NewEncoder(w)
	from, _ := strconv.Atoi(r.URL.Query().Get("resourceVersion"))
	w.(http.Flusher).Flush()
	for {
		s.mu.Lock()
		moved, expired := s.moved, from < s.oldest
		var fresh []change
		for _, c := range s.log {
			if c.version > from && c.kind == kind && (namespace == "" || c.object.Metadata.Namespace == namespace) {
				fresh = append(fresh, c)
			}
		}
		from = max(from, s.version)
		s.mu.Unlock()
		if expired {
			_ = enc.Encode(map[string]any{"type": "ERROR", "object": map[string]any{"kind": "Status", "status": "Failure", "reason": "Expired", "code": 410}})
			return
		}
		s.mu.Lock()
		held := s.held[string(kind)+"?watch"]
		s.mu.Unlock()
		if len(fresh) > 0 && namespace != "" {
			wait(r, held, cut)
		}
		for _, c := range fresh {
			_ = enc.Encode(map[string]any{"type": c.verb, "object": c.object})
		}
		w.(http.Flusher).Flush()
		s.do(func() { s.sent[where] = from })
		select {
		case <-moved:
		case <-cut:
			panic(http.ErrAbortHandler)
		case <-r.Context().Done():
			return
		}
	}
}
