package binding

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"k8s.io/client-go/rest"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// crowd is an API server that answers nothing before as many requests as may be are under way.
type crowd struct {
	mu            sync.Mutex
	now, most, of int
	full          chan struct{}
}

func (c *crowd) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	c.mu.Lock()
	c.of++
	c.now++
	if c.most = max(c.most, c.now); c.of == atOnce {
		close(c.full)
	}
	c.mu.Unlock()
	<-c.full
	c.mu.Lock()
	c.now--
	c.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"kind":"Status","apiVersion":"v1","status":"Success"}`)
}

// TestStepsSideBySide: steps run side by side and not too many at a time, are told in the plan's order, and are not held back by the
// limit of requests that suits a screen. Interrupted, they are told as far as they were done.
func TestStepsSideBySide(t *testing.T) {
	for _, interrupted := range []bool{false, true} {
		t.Run(fmt.Sprint(interrupted), func(t *testing.T) {
			c := &crowd{full: make(chan struct{})}
			server := httptest.NewServer(c)
			defer server.Close()
			cluster, err := kube.Connect(t.Context(), &rest.Config{Host: server.URL, QPS: 0.001, Burst: 1}, kube.Target{})
			if err != nil {
				t.Fatal(err)
			}
			var bindings []rbac.Binding
			var want, got []string
			for i := range 10 * atOnce {
				b := bound(fmt.Sprintf("team-%03d", i), "devs", "view", user("ann"))
				b.UID = fmt.Sprint(i)
				bindings, want = append(bindings, b), append(want, b.Namespace)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			err = run(ctx, cluster, rbac.RemovalOf(rbac.World{}, bindings...), false, func(s Step) {
				if got = append(got, s.Binding.Namespace); s.Err != nil {
					t.Error(s)
				}
				if interrupted {
					cancel()
				}
			})
			// In the order of the plan; of those that were about to begin at the interruption any may have been left out.
			if c.most > atOnce || !slices.IsSorted(got) || !interrupted && !slices.Equal(got, want[:len(got)]) {
				t.Errorf("%d at a time; told: %q", c.most, got)
			}
			switch {
			case !interrupted && (err != nil || len(got) != len(want)):
				t.Errorf("%d steps: %v", len(got), err)
			case interrupted && (err == nil || len(got) != c.of || len(got) == len(want) ||
				!strings.Contains(err.Error(), fmt.Sprintf("%d of %d steps were not tried", len(want)-len(got), len(want)))):
				t.Errorf("%d steps told, %d requests: %v", len(got), c.of, err)
			}
		})
	}
}
