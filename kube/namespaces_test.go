package kube

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

const namespacesPath = "GET /api/v1/namespaces"

func namespace(name string, phase corev1.NamespacePhase) corev1.Namespace {
	return corev1.Namespace{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
		ObjectMeta: metav1.ObjectMeta{Name: name, ResourceVersion: "5"},
		Status:     corev1.NamespaceStatus{Phase: phase},
	}
}

// listThenWatch answers lists with a list, and watches with events that are sent until the channel is closed.
func listThenWatch(events <-chan metav1.WatchEvent, names ...string) http.HandlerFunc {
	list := corev1.NamespaceList{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "NamespaceList"}, ListMeta: metav1.ListMeta{ResourceVersion: "5"}}
	for _, name := range names {
		list.Items = append(list.Items, namespace(name, corev1.NamespaceActive))
	}
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("watch") == "" {
			asJSON(list)(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.(http.Flusher).Flush()
		for {
			select {
			case <-r.Context().Done():
				return
			case e, open := <-events:
				if !open {
					return
				}
				_ = json.NewEncoder(w).Encode(e)
				w.(http.Flusher).Flush()
			}
		}
	}
}

func event(kind string, object any) metav1.WatchEvent {
	raw, err := json.Marshal(object)
	if err != nil {
		panic(err)
	}
	e := metav1.WatchEvent{Type: kind}
	e.Object.Raw = raw
	return e
}

func TestWatchNamespaces(t *testing.T) {
	events := make(chan metav1.WatchEvent)
	server := newAPI()
	server.on(namespacesPath, listThenWatch(events, "b", "a"))
	c := server.cluster(t, Target{Namespace: "default"})
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan Namespaces)
	var wg sync.WaitGroup
	wg.Go(func() {
		c.WatchNamespaces(ctx, func(n Namespaces) {
			select {
			case got <- n:
			case <-ctx.Done():
			}
		})
	})
	defer wg.Wait()
	defer cancel()
	step := func(what string, names, terminating []string) {
		t.Helper()
		n := <-got
		if !n.Listed || n.Note() != "" || !slices.Equal(n.Names, names) || !slices.Equal(n.Terminating, terminating) {
			t.Errorf("%s: %+v", what, n)
		}
	}
	step("listed", []string{"a", "b"}, nil)
	events <- event("ADDED", namespace("c", corev1.NamespaceActive))
	step("added", []string{"a", "b", "c"}, nil)
	events <- event("MODIFIED", namespace("c", corev1.NamespaceActive)) // changes nothing that is shown
	events <- event("BOOKMARK", namespace("", ""))
	events <- event("MODIFIED", namespace("b", corev1.NamespaceTerminating))
	step("terminating", []string{"a", "b", "c"}, []string{"b"})
	events <- event("DELETED", namespace("b", corev1.NamespaceTerminating))
	step("deleted", []string{"a", "c"}, nil)

	server.on(namespacesPath, listThenWatch(events, "z"))
	events <- event("ERROR", apierrors.NewResourceExpired("too old").Status())
	step("listed again after the resource version was too old", []string{"z"}, nil)
}

func TestWatchNamespacesForbidden(t *testing.T) {
	server := newAPI()
	server.on(namespacesPath, asStatus(apierrors.NewForbidden(schema.GroupResource{Resource: "namespaces"}, "", errors.New("no"))))
	synctest.Test(t, func(t *testing.T) {
		c := server.inMemory(t)
		c.target = Target{Namespace: "team-b", Namespaces: []string{"team-a", "", "team-b"}}
		ctx, cancel := context.WithCancel(t.Context())
		var last Namespaces
		var wg sync.WaitGroup
		wg.Go(func() { c.WatchNamespaces(ctx, func(n Namespaces) { last = n }) })
		synctest.Wait()
		if last.Listed || last.Note() == "" || !slices.Equal(last.Names, []string{"team-a", "team-b"}) {
			t.Errorf("%+v", last)
		}
		if c.Health().Status().State != Live {
			t.Errorf("a refusal is an answer, but the state is %v", c.Health().Status().State)
		}
		server.on(namespacesPath, listThenWatch(nil, "team-a", "team-c"))
		time.Sleep(namespacePause + time.Second)
		synctest.Wait()
		cancel()
		wg.Wait()
		if !last.Listed || !slices.Equal(last.Names, []string{"team-a", "team-c"}) {
			t.Errorf("after the right was granted: %+v", last)
		}
	})
}
