package kube

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vmdeck.dev/vmdeck/rbac"
)

// running lets an Access run on a clock that only moves when nothing else does.
func running(t *testing.T, server *api, test func(access *Access, changes *atomic.Int32)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		access := server.inMemory(t).Access()
		ctx, cancel := context.WithCancel(t.Context())
		var changes atomic.Int32
		var wg sync.WaitGroup
		wg.Go(func() { access.Run(ctx, func() { changes.Add(1) }) })
		test(access, &changes)
		cancel()
		wg.Wait()
	})
}

func expect(t *testing.T, access *Access, when string, want rbac.Verdict) {
	t.Helper()
	synctest.Wait()
	if d := access.Decide("a", startPerm); d.Verdict != want {
		t.Errorf("%s: %v (%s), want %v", when, d.Verdict, d.Reason, want)
	}
}

var (
	granting = grants(false, "", rbac.GroupSubresources, "update", "virtualmachines/start")
	refusing = grants(false, "", "", "get", "pods")
	failing  = asText(http.StatusServiceUnavailable, "down")
)

func TestAccessSeesRightsComeAndGo(t *testing.T) {
	server := newAPI()
	server.on(rulesReview, refusing)
	running(t, server, func(access *Access, changes *atomic.Int32) {
		expect(t, access, "at first", rbac.Unknown)
		expect(t, access, "after the first answer", rbac.Denied)
		before := changes.Load()
		server.on(rulesReview, granting)
		time.Sleep(deniedFor + time.Second)
		synctest.Wait()
		if changes.Load() == before {
			t.Error("nobody was told of the new right")
		}
		expect(t, access, "once a right was granted, without a key pressed", rbac.Allowed)
		server.on(rulesReview, refusing)
		time.Sleep(allowedFor + time.Second)
		expect(t, access, "once it was taken away", rbac.Denied)
	})
}

func TestAccessLeavesUnusedNamespacesAlone(t *testing.T) {
	server := newAPI()
	server.on(rulesReview, refusing)
	running(t, server, func(access *Access, _ *atomic.Int32) {
		expect(t, access, "at first", rbac.Unknown)
		expect(t, access, "after the first answer", rbac.Denied)
		time.Sleep(unusedAfter + allowedFor)
		used := server.count("selfsubjectrulesreviews")
		time.Sleep(time.Hour)
		if idle := server.count("selfsubjectrulesreviews"); idle != used || used > 25 {
			t.Errorf("%d requests while in use, %d in an hour without use", used, idle-used)
		}
	})
}

func TestAccessTellsOfChangesOnly(t *testing.T) {
	server := newAPI()
	server.on(rulesReview, granting)
	running(t, server, func(access *Access, changes *atomic.Int32) {
		expect(t, access, "at first", rbac.Unknown)
		expect(t, access, "after the first answer", rbac.Allowed)
		before := changes.Load()
		time.Sleep(allowedFor + time.Second)
		synctest.Wait()
		if server.count("selfsubjectrulesreviews") < 2 || changes.Load() != before {
			t.Errorf("%d answers, %d changes after the first", server.count("selfsubjectrulesreviews"), changes.Load()-before)
		}
	})
}

func TestAccessWithoutAnswers(t *testing.T) {
	server := newAPI()
	server.on(rulesReview, granting)
	running(t, server, func(access *Access, _ *atomic.Int32) {
		expect(t, access, "at first", rbac.Unknown)
		expect(t, access, "after the first answer", rbac.Allowed)
		server.on(rulesReview, failing)
		access.InvalidateAll()
		expect(t, access, "when asking anew fails", rbac.Unknown)
		if d := access.Decide("a", startPerm); d.Err == nil {
			t.Error("the failure is not given as the reason")
		}
		time.Sleep(time.Hour)
		tries := server.count("selfsubjectrulesreviews")
		if tries < 100 || tries > 500 {
			t.Errorf("%d attempts in an hour of failures", tries)
		}
		server.on(rulesReview, granting)
		time.Sleep(MaxBackoff)
		expect(t, access, "when the server is back", rbac.Allowed)
	})
}

func TestAccessDoubtsAfterARefusal(t *testing.T) {
	server := newAPI()
	server.on(rulesReview, granting)
	running(t, server, func(access *Access, _ *atomic.Int32) {
		expect(t, access, "at first", rbac.Unknown)
		expect(t, access, "after the first answer", rbac.Allowed)
		release := make(chan struct{})
		held := func(answer http.HandlerFunc) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				<-release
				answer(w, r)
			}
		}
		server.on(rulesReview, held(refusing))
		access.Invalidate("a")
		if d := access.Decide("a", startPerm); d.Verdict != rbac.Unknown {
			t.Errorf("right after a refused call: %v", d.Verdict)
		}
		release <- struct{}{}
		expect(t, access, "after the new answer", rbac.Denied)
		server.on(rulesReview, held(granting))
		access.InvalidateAll()
		if d := access.Decide("a", startPerm); d.Verdict != rbac.Denied {
			t.Errorf("an old answer must stand until the new one is there, got %v", d.Verdict)
		}
		release <- struct{}{}
		expect(t, access, "after the new answer", rbac.Allowed)
	})
}
