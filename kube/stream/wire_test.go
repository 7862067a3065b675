package stream

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"k8s.io/client-go/rest"

	"vmdeck.dev/vmdeck/kube"
)

// The address of a list and of its watch, with what narrows them down.
func TestRequestsNameGroupNamespaceAndSelectors(t *testing.T) {
	tests := []struct {
		req  Request
		want string
	}{
		{Request{Group: "kubevirt.io", Version: "v1", Resource: "virtualmachines"}, "/apis/kubevirt.io/v1/virtualmachines"},
		{Request{Group: "kubevirt.io", Version: "v1", Resource: "virtualmachines", Namespace: "ns"}, "/apis/kubevirt.io/v1/namespaces/ns/virtualmachines"},
		{Request{Version: "v1", Resource: "events", Namespace: "ns"}, "/api/v1/namespaces/ns/events"},
		{Request{Version: "v1", Resource: "namespaces"}, "/api/v1/namespaces"},
	}
	for _, tt := range tests {
		tt.req.LabelSelector, tt.req.FieldSelector = "a=b,c", "involvedObject.name=web"
		var mu sync.Mutex
		var seen []string
		ctx, cancel := context.WithCancel(t.Context())
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			q := r.URL.Query()
			if q.Get("labelSelector") != "a=b,c" || q.Get("fieldSelector") != "involvedObject.name=web" || r.Header.Get("Accept") != "application/json" {
				t.Errorf("%s, accepting %s", r.URL, r.Header.Get("Accept"))
			}
			mu.Lock()
			defer mu.Unlock()
			if seen = append(seen, r.URL.Path); q.Has("watch") {
				if q.Get("allowWatchBookmarks") != "true" || q.Get("timeoutSeconds") == "" {
					t.Errorf("watch %s", r.URL)
				}
				cancel()
				return
			}
			fmt.Fprint(w, list("5", "", 0))
		}))
		cluster, err := kube.Connect(ctx, &rest.Config{Host: server.URL}, kube.Target{})
		if err != nil {
			t.Fatal(err)
		}
		if err := Run[thing](ctx, cluster, tt.req, newRecorder()); err != context.Canceled {
			t.Errorf("Run returned %v", err)
		}
		server.Close()
		if got := strings.Join(seen, " "); got != tt.want+" "+tt.want {
			t.Errorf("asked for %s, want %s twice", got, tt.want)
		}
		cancel()
	}
}

// Long lists are handed on in parts, and nothing gets lost between them.
func TestLongListComesInBatches(t *testing.T) {
	var items []string
	for i := range 2*batchSize + 3 {
		items = append(items, item(fmt.Sprint("t", i), i, "1"))
	}
	rec := start(t, serve(list("5", "", 0, items...), ""), 0)
	rec.await(t, fmt.Sprintf("begin\nput %[1]d\nput %[1]d\nput 3\nsynced", batchSize))
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if len(rec.alive) != len(items) {
		t.Errorf("%d of %d objects", len(rec.alive), len(items))
	}
}

// serve answers every list and every watch alike.
func serve(list, watch string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !r.URL.Query().Has("watch") {
			fmt.Fprint(w, list)
			return
		}
		fmt.Fprint(w, watch)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
}

func TestOddAnswers(t *testing.T) {
	good := list("5", "", 0, item("a", 1, "1"))
	tests := []struct {
		name, list, watch string
		want              string // in what the sink is told
		err               string // in the error of the last state
	}{
		{"no items at all", `{"kind":"ThingList","metadata":{"resourceVersion":"5"},"items":null}`, "", "begin\nsynced", ""},
		{"metadata first", `{"metadata":{"resourceVersion":"5"},"items":[` + item("a", 1, "1") + `]}`, "", "begin\nput 1\nsynced", ""},
		{"a field twice", `{"metadata":{"resourceVersion":"5"},"items":[{"metadata":{"name":"a","name":"a"}}]}`, "", "put 1\nsynced", ""},
		{"invalid UTF-8", `{"metadata":{"resourceVersion":"5"},"items":[{"metadata":{"name":"` + "\xff" + `"}}]}`, "", "put 1\nsynced", ""},
		{"no version to watch from", `{"items":[]}`, "", fmt.Sprintf("begin\nstate %d", Lost), "no resource version"},
		{"not an object", `[]`, "", fmt.Sprintf("begin\nstate %d", Lost), "read the list of things"},
		{"a login page", `<html>`, "", fmt.Sprintf("begin\nstate %d", Lost), "read the list of things"},
		{"a field of another type", `{"metadata":{"resourceVersion":"5"},"items":[{"spec":{"size":"big"}}]}`, "", fmt.Sprintf("begin\nstate %d", Lost), "size"},
		{"an event of another type", good, `{"type":"MODIFIED","object":{"spec":{"size":"big"}}}`, fmt.Sprintf("state %d total 0\nstate %d", Live, Lost), "read an event"},
		{"an error in a watch", good, `{"type":"ERROR","object":{"kind":"Status","status":"Failure","message":"etcd is slow","reason":"InternalError","code":500}}`, fmt.Sprintf("state %d total 0\nstate %d", Live, Lost), "etcd is slow"},
		{"an error that is none", good, `{"type":"ERROR","object":[]}`, fmt.Sprintf("state %d total 0\nstate %d", Live, Lost), "the server's error"},
		{"an unknown event", good, `{"type":"SIGH","object":{"metadata":{"resourceVersion":"6"}}}` + `{"type":"DELETED","object":` + item("a", 1, "7") + `}`, "delete a", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rec := start(t, serve(tt.list, tt.watch), 0)
			rec.await(t, tt.want)
			if !rec.erred(tt.err) {
				t.Errorf("no error with %q among %v", tt.err, rec.errors)
			}
		})
	}
}
