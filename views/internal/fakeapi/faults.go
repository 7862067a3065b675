package fakeapi

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/rbac"
)

// faults are what is wrong with the server at the moment.
type faults struct {
	refused    map[string]refusal // by resource, "*" for all
	calls      map[string]answer  // of changes, by the object's name
	invalid    map[string]map[string]string
	noKubeVirt bool
	mute       bool // watches bring nothing
	down       bool // connections are refused
	hang       chan struct{}
	reviews    chan struct{}
	pretend    map[string]int             // how many objects a first page announces
	half       map[string]<-chan struct{} // lists that do not end
}

type refusal struct{ code, retryAfter int }

type answer struct {
	code int
	text string
}

// Refuse answers requests for a resource, "*" for any, with a status from now on and breaks those that are open; 0 stops that.
func (s *Server) Refuse(resource string, code, retryAfter int) {
	s.mu.Lock()
	s.faults.refused[resource] = refusal{code, retryAfter}
	s.mu.Unlock()
	s.Cut()
}

// FailCall answers changes of the object of a name as virt-api answers: with a status and a text.
func (s *Server) FailCall(name string, code int, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.faults.calls == nil {
		s.faults.calls = map[string]answer{}
	}
	s.faults.calls[name] = answer{code, text}
}

// Invalid answers changes of the object of a name, dry runs included, with what is wrong with its fields; none: nothing any more.
func (s *Server) Invalid(name string, causes map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.faults.invalid == nil {
		s.faults.invalid = map[string]map[string]string{}
	}
	s.faults.invalid[name] = causes
}

// invalid answers as kube-apiserver does when a webhook finds fields that are wrong.
func invalid(w http.ResponseWriter, name string, causes map[string]string) {
	list := []any{}
	for _, field := range slices.Sorted(maps.Keys(causes)) {
		list = append(list, map[string]any{"reason": "FieldValueInvalid", "field": field, "message": causes[field]})
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusUnprocessableEntity)
	_ = json.NewEncoder(w).Encode(map[string]any{"kind": "Status", "apiVersion": "v1", "metadata": map[string]any{}, "status": "Failure", "reason": "Invalid",
		"message": name + " is invalid", "code": http.StatusUnprocessableEntity, "details": map[string]any{"name": name, "causes": list}})
}

// NoKubeVirt takes KubeVirt's API groups away, or gives them back.
func (s *Server) NoKubeVirt(absent bool) {
	s.mu.Lock()
	s.faults.noKubeVirt = absent
	s.mu.Unlock()
	s.Cut()
}

// Mute has watches bring nothing from now on, as when a server lags behind.
func (s *Server) Mute() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.mute = true
}

// Cut breaks every connection that is open.
func (s *Server) Cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.cut)
	s.cut = make(chan struct{})
}

// Down has connections refused, or accepts them again.
func (s *Server) Down(down bool) {
	s.mu.Lock()
	s.faults.down = down
	s.mu.Unlock()
	s.Cut()
}

// Hang leaves requests without an answer until the returned function is called. What is open stays open, and silent.
func (s *Server) Hang() (release func()) {
	gate := make(chan struct{})
	s.mu.Lock()
	s.faults.hang = gate
	s.mu.Unlock()
	return func() {
		s.mu.Lock()
		s.faults.hang = nil
		s.mu.Unlock()
		close(gate)
	}
}

// Half makes lists of a resource announce a number of objects and never end, as one sees them while they are on their way.
func (s *Server) Half(resource string, announced int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.pretend, s.faults.half = map[string]int{resource: announced}, map[string]<-chan struct{}{resource: make(chan struct{})}
}

// faulty deals with a request as the present fault demands; it reports false when there is none.
func (s *Server) faulty(w http.ResponseWriter, r *http.Request, req request, cut <-chan struct{}) bool {
	s.mu.Lock()
	f := s.faults
	refused, ok := f.refused[req.resource]
	if !ok || refused.code == 0 {
		refused = f.refused["*"]
	}
	s.mu.Unlock()
	if f.hang != nil {
		wait(r, f.hang, cut)
	}
	if f.reviews != nil && strings.Contains(r.URL.Path, "/authorization.k8s.io/") {
		wait(r, f.reviews, cut)
	}
	switch {
	case f.down:
		panic(http.ErrAbortHandler)
	case refused.code != 0:
		reason := map[int]string{401: "Unauthorized", 403: "Forbidden", 429: "TooManyRequests", 503: "ServiceUnavailable"}[refused.code]
		text := map[int]string{401: "Unauthorized", 403: req.resource + " is forbidden", 429: "too many requests, please try again later", 503: "the server is currently unable to handle the request"}[refused.code]
		status(w, refused.code, reason, text, refused.retryAfter)
	case f.noKubeVirt && (req.group == rbac.GroupKubeVirt || strings.HasSuffix(req.group, "."+rbac.GroupKubeVirt)):
		http.Error(w, "404 page not found", http.StatusNotFound)
	default:
		return false
	}
	return true
}

// HangReviews leaves questions about permissions without an answer until the returned function is called.
func (s *Server) HangReviews() (release func()) {
	gate := make(chan struct{})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.reviews = gate
	return func() {
		s.mu.Lock()
		s.faults.reviews = nil
		s.mu.Unlock()
		close(gate)
	}
}
