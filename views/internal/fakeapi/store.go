package fakeapi

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Object is an object as JSON has it.
type Object map[string]any

type change struct {
	version  int
	verb     string
	resource string
	object   Object
}

func (o Object) meta() map[string]any {
	m, _ := o["metadata"].(map[string]any)
	return m
}

func (o Object) text(name string) string {
	s, _ := o.meta()[name].(string)
	return s
}

func (o Object) key() string { return o.text("namespace") + "/" + o.text("name") }

// resource is the plural by which the object's kind is asked for.
func (o Object) resource() string { return strings.ToLower(fmt.Sprint(o["kind"])) + "s" }

// Load puts the objects of a JSON List into the server.
func (s *Server) Load(list []byte) {
	var l struct {
		Items []Object `json:"items"`
	}
	if err := json.Unmarshal(list, &l); err != nil {
		panic(fmt.Sprintf("fakeapi: read a fixture: %v", err))
	}
	s.Put(l.Items...)
}

// Put creates or changes objects. One without a UID keeps the one that it has, or gets a new one.
func (s *Server) Put(objects ...Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range objects {
		o = clone(o)
		verb, before := "ADDED", s.objects[o.resource()][o.key()]
		if before != nil {
			verb = "MODIFIED"
		}
		if meta := o.meta(); meta["uid"] == nil {
			meta["uid"] = fmt.Sprintf("uid-%s-%d", o.text("name"), s.version)
			if before != nil {
				meta["uid"] = before.meta()["uid"]
			}
		}
		if o.meta()["creationTimestamp"] == nil {
			o.meta()["creationTimestamp"] = "2026-03-01T08:00:00Z"
		}
		s.record(verb, o)
	}
}

// Delete removes an object.
func (s *Server) Delete(resource, namespace, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.objects[resource][namespace+"/"+name]; o != nil {
		s.record("DELETED", clone(o))
	}
}

// Replace deletes an object and makes another of the same name at once, as kubectl replace --force does.
func (s *Server) Replace(o Object) {
	s.Delete(o.resource(), o.text("namespace"), o.text("name"))
	o = clone(o)
	delete(o.meta(), "uid")
	s.Put(o)
}

// Get returns a copy of an object; nil where there is none.
func (s *Server) Get(resource, namespace, name string) Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.objects[resource][namespace+"/"+name]
	if o == nil {
		return nil
	}
	return clone(o)
}

// record is called with the mutex held.
func (s *Server) record(verb string, o Object) {
	s.version++
	o.meta()["resourceVersion"] = strconv.Itoa(s.version)
	resource := o.resource()
	if s.objects[resource] == nil {
		s.objects[resource] = map[string]Object{}
	}
	s.objects[resource][o.key()] = o
	if verb == "DELETED" {
		delete(s.objects[resource], o.key())
	}
	s.log = append(s.log, change{s.version, verb, resource, o})
	close(s.moved)
	s.moved = make(chan struct{})
}

func (s *Server) get(w http.ResponseWriter, req request) {
	if o := s.Get(req.resource, req.namespace, req.name); o != nil {
		reply(w, o)
		return
	}
	status(w, http.StatusNotFound, "NotFound", fmt.Sprintf("%s.%s %q not found", req.resource, req.group, req.name), 0)
}

// listKinds are those that typed clients insist on, empty or not.
var listKinds = map[string]string{
	"roles": "RoleList", "clusterroles": "ClusterRoleList", "rolebindings": "RoleBindingList", "clusterrolebindings": "ClusterRoleBindingList",
	"secrets": "SecretList", "virtualmachineinstancemigrations": "VirtualMachineInstanceMigrationList",
}

// list writes item by item, so that a list can be held in the middle.
func (s *Server) list(w http.ResponseWriter, r *http.Request, req request, cut <-chan struct{}) {
	s.mu.Lock()
	items := slices.SortedFunc(maps.Values(s.objects[req.resource]), func(a, b Object) int { return cmp.Compare(a.key(), b.key()) })
	meta := map[string]any{"resourceVersion": strconv.Itoa(s.version)}
	pretend, half := s.faults.pretend[req.resource], s.faults.half[req.resource]
	s.mu.Unlock()
	asked := askedFor(r, req)
	items = slices.DeleteFunc(items, func(o Object) bool { return !asked.matches(o) })
	if limit, _ := strconv.Atoi(r.URL.Query().Get("limit")); limit > 0 && limit < len(items) {
		meta["continue"], meta["remainingItemCount"] = "more", max(len(items), pretend)-limit
		items, half = items[:limit], nil
	}
	kind := "List"
	if typed, known := listKinds[req.resource]; known {
		kind = typed
	} else if len(items) > 0 {
		kind = fmt.Sprint(items[0]["kind"]) + "List"
	}
	version := "v1"
	if req.group != "" {
		version = req.group + "/v1"
	}
	if len(items) > 0 && items[0]["apiVersion"] != nil {
		version = fmt.Sprint(items[0]["apiVersion"])
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"kind":%q,"apiVersion":%q,"items":[`, kind, version)
	for i, o := range items {
		if i > 0 {
			_, _ = fmt.Fprint(w, ",")
		}
		_ = json.NewEncoder(w).Encode(asked.view(o))
	}
	if half != nil { // everything that is there was sent, and the rest of what was promised does not come
		w.(http.Flusher).Flush()
		wait(r, half, cut)
	}
	data, _ := json.Marshal(meta)
	_, _ = fmt.Fprintf(w, `],"metadata":%s}`, data)
}

func (s *Server) watch(w http.ResponseWriter, r *http.Request, req request, cut <-chan struct{}) {
	from, _ := strconv.Atoi(r.URL.Query().Get("resourceVersion"))
	w.Header().Set("Content-Type", "application/json")
	w.(http.Flusher).Flush()
	enc, asked := json.NewEncoder(w), askedFor(r, req)
	for {
		s.mu.Lock()
		moved, log := s.moved, s.log
		if s.faults.mute {
			log = nil
		}
		var fresh []change
		for _, c := range log[logAfter(log, from):] {
			if c.resource == req.resource && asked.matches(c.object) {
				fresh = append(fresh, c)
			}
		}
		if !s.faults.mute {
			from = s.version
		}
		s.mu.Unlock()
		for _, c := range fresh {
			if enc.Encode(map[string]any{"type": c.verb, "object": asked.view(c.object)}) != nil {
				return
			}
		}
		w.(http.Flusher).Flush()
		wait(r, moved, cut)
		if r.Context().Err() != nil {
			return
		}
	}
}

func logAfter(log []change, version int) int {
	i, _ := slices.BinarySearchFunc(log, version+1, func(c change, v int) int { return cmp.Compare(c.version, v) })
	return i
}

// wait blocks until the gate opens or the client goes, and breaks the connection when it is cut.
func wait(r *http.Request, gate, cut <-chan struct{}) {
	select {
	case <-gate:
	case <-r.Context().Done():
	case <-cut:
		panic(http.ErrAbortHandler)
	}
}
