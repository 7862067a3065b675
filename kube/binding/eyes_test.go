package binding

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// TestARefusedAttemptIsTold: what is asked before it is known whether one may speak as somebody else is noted by nobody, so that whoever
// asked has to hear of the refusal.
func TestARefusedAttemptIsTold(t *testing.T) {
	reached, decided := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Header.Get("Impersonate-User") == "" { // a review about her
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, `{"kind":"SubjectAccessReview","apiVersion":"authorization.k8s.io/v1","status":{"allowed":true}}`)
			return
		}
		close(reached)
		<-decided
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,"message":"users \"alice\" is forbidden"}`)
	}))
	defer server.Close()
	cluster, err := kube.Connect(t.Context(), &rest.Config{Host: server.URL}, kube.Target{})
	if err != nil {
		t.Fatal(err)
	}
	eyes := NewEyes(cluster, rbac.WhoIs("alice"))
	start := []rbac.Permission{rbac.On("update", rbac.GroupSubresources, "virtualmachines/start")}
	ctx, cancel := context.WithCancel(t.Context())
	changed := make(chan struct{}, 10)
	var wg sync.WaitGroup
	wg.Go(func() { eyes.Run(ctx, func() { changed <- struct{}{} }) })
	defer wg.Wait()
	defer cancel()

	<-reached
	if d := eyes.Decide("team-a", start); d.Verdict != rbac.Unknown {
		t.Errorf("before anything is known: %v", d)
	}
	close(decided)
	for range 2 { // the refusal; the review that is asked for after it
		select {
		case <-changed:
		case <-time.After(10 * time.Second):
			t.Fatal("nobody is told")
		}
		eyes.Decide("team-a", start)
	}
	if d := eyes.Decide("team-a", start); !d.Allowed() {
		t.Errorf("after the review: %v", d)
	}
	if source, known := eyes.Source(); source != Reviewed || !known {
		t.Errorf("the source is %v, known %v", source, known)
	}
}
