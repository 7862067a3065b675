// Package fakeapi is an API server with KubeVirt, as much of it as the screens talk to, for unit tests: what it says is made up, and
// whatever depends on how a real server behaves belongs into an integration test. It works in memory, so that the clock of a synctest
// bubble rules all waiting, and as an http.Handler behind a real listener too.
package fakeapi

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"k8s.io/client-go/kubernetes/scheme"
)

// Server keeps objects, lists and watches them as the user's rules allow, and records what would change something.
type Server struct {
	mu      sync.Mutex
	version int
	objects map[string]map[string]Object // by resource, then by namespace/name
	log     []change
	moved   chan struct{} // closed and made anew with every change
	cut     chan struct{} // closed to break all connections
	user    User
	rights  *evaluated
	faults  faults
	calls   []Call
	seen    []string
}

// Call is a request that would change something.
type Call struct {
	Method, Path string
	Body         map[string]any
}

// String is the call in one line, as tests compare it. encoding/json sorts the keys.
func (c Call) String() string {
	if len(c.Body) == 0 {
		return c.Method + " " + c.Path
	}
	body, _ := json.Marshal(c.Body)
	return c.Method + " " + c.Path + " " + string(body)
}

// New makes an empty server that grants everything to a user.
func New() *Server {
	s := &Server{version: 1000, objects: map[string]map[string]Object{}, moved: make(chan struct{}), cut: make(chan struct{}), user: Admin()}
	s.faults.refused = map[string]refusal{}
	s.Put(Object{"apiVersion": "kubevirt.io/v1", "kind": "KubeVirt", "metadata": map[string]any{"name": "kubevirt", "namespace": "kubevirt"},
		"status": map[string]any{"phase": "Deployed", "observedKubeVirtVersion": "v1.9.0"}})
	return s
}

// Calls returns what has changed or would have changed something so far, each call in a line.
func (s *Server) Calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := make([]string, len(s.calls))
	for i, c := range s.calls {
		lines[i] = c.String()
	}
	return lines
}

// Written returns what has changed something so far, as "PUT group/version/resource/name": dry runs, queries and bodies aside.
func (s *Server) Written() []string {
	var out []string
	for _, call := range s.Calls() {
		line, body, _ := strings.Cut(call, " {")
		if strings.Contains(line, "dryRun") || strings.Contains(body, `"dryRun"`) {
			continue
		}
		line, _, _ = strings.Cut(line, "?")
		out = append(out, strings.Replace(line, "/apis/", "", 1))
	}
	return out
}

// Seen returns every request so far as "GET /path?query".
func (s *Server) Seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

// request is what a path means.
type request struct {
	verb, group, resource, sub, namespace, name string
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	s.mu.Lock()
	s.seen = append(s.seen, r.Method+" "+r.URL.RequestURI())
	cut := s.cut
	s.mu.Unlock()
	req := parse(r)
	if s.faulty(w, r, req, cut) {
		return
	}
	user, ok := s.client(w, r)
	if !ok || s.general(w, r, body, user) {
		return
	}
	if !user.may(req) {
		refuse(w, req, user)
		return
	}
	switch {
	case s.unserved(req):
		status(w, http.StatusNotFound, "NotFound", "the server could not find the requested resource", 0)
	case r.Method != http.MethodGet:
		s.change(w, r, req, user, body)
	case r.URL.Query().Has("watch"):
		s.watch(w, r, req, cut)
	case req.name != "":
		s.get(w, req)
	default:
		s.list(w, r, req, cut)
	}
}

// parse reads /apis/group/version/[namespaces/ns/]resource[/name[/sub]], or /api/v1/… for the core group.
func parse(r *http.Request) request {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	var req request
	switch {
	case len(parts) > 2 && parts[0] == "api":
		parts = parts[2:]
	case len(parts) > 3 && parts[0] == "apis":
		req.group, parts = parts[1], parts[3:]
	default:
		return req
	}
	if parts[0] == "namespaces" && len(parts) > 2 {
		req.namespace, parts = parts[1], parts[2:]
	}
	parts = append(parts, "", "")
	req.resource, req.name, req.sub = parts[0], parts[1], parts[2]
	req.verb = map[string]string{http.MethodPut: "update", http.MethodPost: "create", http.MethodDelete: "delete", http.MethodGet: "list", http.MethodPatch: "patch"}[r.Method]
	switch {
	case r.Method == http.MethodGet && r.URL.Query().Has("watch"):
		req.verb = "watch"
	case r.Method == http.MethodGet && req.name != "":
		req.verb = "get"
	}
	return req
}

// general answers what everybody may ask: who one is, what one may do, and what there is.
func (s *Server) general(w http.ResponseWriter, r *http.Request, body []byte, user User) bool {
	switch r.URL.Path {
	case "/version":
		reply(w, map[string]any{"gitVersion": "v1.34.3"})
	case "/apis/authentication.k8s.io/v1/selfsubjectreviews":
		reply(w, user.review())
	case "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews":
		reply(w, user.rulesReview(body))
	case "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews":
		reply(w, user.accessReview(body))
	default:
		if s.discover(w, r) {
			return true
		}
		req := parse(r)
		if !slices.Contains([]string{"subjectaccessreviews", "localsubjectaccessreviews"}, req.resource) {
			return false
		}
		s.subjectReview(w, req, user, body)
	}
	return true
}

// unserved tells whether a resource is a custom one that is not installed.
func (s *Server) unserved(req request) bool {
	return custom(req.group) && s.Get("customresourcedefinitions", "", req.resource+"."+req.group) == nil
}

// change records a call that changes something. It carries out what is deleted, and what it keeps.
func (s *Server) change(w http.ResponseWriter, r *http.Request, req request, user User, body []byte) {
	call := Call{Method: r.Method, Path: r.URL.RequestURI()}
	if json.Unmarshal(body, &call.Body) != nil && len(body) > 0 { // typed clients send protobuf where the kind has it
		if typed, _, err := scheme.Codecs.UniversalDeserializer().Decode(body, nil, nil); err == nil {
			call.Body = object(typed)
		}
	}
	s.mu.Lock()
	s.calls = append(s.calls, call)
	failure, fails := s.faults.calls[req.name]
	object := s.objects[req.resource][req.namespace+"/"+req.name]
	name := cmp.Or(req.name, Object(call.Body).text("name"))
	causes := s.faults.invalid[name]
	s.mu.Unlock()
	switch {
	case len(causes) > 0:
		invalid(w, name, causes)
	case fails:
		http.Error(w, failure.text, failure.code)
	case r.Method == http.MethodDelete:
		s.remove(w, req, object, call.Body)
	case keeps(req):
		s.write(w, r, req, user, call.Body)
	case r.Method == http.MethodPost:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write(body)
	case object == nil:
		status(w, http.StatusNotFound, "NotFound", fmt.Sprintf("%s.kubevirt.io %q not found", req.resource, req.name), 0)
	default:
		w.WriteHeader(http.StatusAccepted)
	}
}

func (s *Server) remove(w http.ResponseWriter, req request, object Object, options map[string]any) {
	preconditions, _ := options["preconditions"].(map[string]any)
	switch uid := preconditions["uid"]; {
	case object == nil:
		status(w, http.StatusNotFound, "NotFound", fmt.Sprintf("%s.kubevirt.io %q not found", req.resource, req.name), 0)
	case preconditions["resourceVersion"] != nil && preconditions["resourceVersion"] != object.meta()["resourceVersion"]:
		status(w, http.StatusConflict, "Conflict", fmt.Sprintf("Operation cannot be fulfilled on %s %q: the ResourceVersion in the precondition (%v) does not match", req.resource, req.name, preconditions["resourceVersion"]), 0)
	case uid != nil && uid != object.meta()["uid"]:
		status(w, http.StatusConflict, "Conflict", fmt.Sprintf("Operation cannot be fulfilled on %s %q: the UID in the precondition (%v) does not match", req.resource, req.name, uid), 0)
	case options["dryRun"] != nil:
		reply(w, object)
	default:
		s.Delete(req.resource, req.namespace, req.name)
		reply(w, object)
	}
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// status answers as kube-apiserver does when it will not.
func status(w http.ResponseWriter, code int, reason, message string, retryAfter int) {
	answer := map[string]any{"kind": "Status", "apiVersion": "v1", "metadata": map[string]any{}, "status": "Failure", "message": message, "reason": reason, "code": code}
	if retryAfter > 0 {
		w.Header().Set("Retry-After", fmt.Sprint(retryAfter))
		answer["details"] = map[string]any{"retryAfterSeconds": retryAfter}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(answer)
}

// clone copies an object deep enough that neither side sees the other change its metadata, spec or status as a whole.
func clone(o Object) Object {
	c := maps.Clone(o)
	c["metadata"] = maps.Clone(o.meta())
	return c
}
