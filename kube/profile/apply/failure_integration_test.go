package apply

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube/kubetest"
	"vmdeck.dev/vmdeck/kube/profile/pack"
)

// log is an audit log in memory.
type log struct {
	mu      sync.Mutex
	entries []config.AuditEntry
}

func (l *log) Write(e config.AuditEntry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, e)
	return nil
}

// Nothing runs deployments on the test cluster, so the dashboard never becomes ready.
func TestIntegrationPackThatDoesNotWorkIsTakenBack(t *testing.T) {
	x := newSite(t)
	x.apply(x.layers("1.0.0", x.vmo("1.0.0")), Options{})
	broken := x.layers("1.1.0", x.vmo("1.1.0"), x.pack(dashboard, "3.1.0", nil))

	report, err := x.Apply(t.Context(), broken, Options{Timeout: 6 * time.Second, RollBack: true}, x.observe)
	var problem *Problem
	if !errors.As(err, &problem) {
		t.Fatalf("a pack that does not work: %v", err)
	}
	if problem.Layer != x.id+"-dash" || problem.Object.String() != "Deployment "+x.id+"/"+dashboard {
		t.Errorf("to blame are %s, %s", problem.Layer, problem.Object)
	}
	for _, want := range []string{"does not become ready", "Look at its events", "All releases were taken back"} {
		if !strings.Contains(problem.Error(), want) {
			t.Errorf("%q does not say %q", problem, want)
		}
	}
	if have, want := x.outcomes(report), "vmo taken back, dash taken back"; have != want {
		t.Errorf("what came of it: %s, want %s", have, want)
	}
	x.expect("vmo 3 1.0.0 deployed", Running, "1.0.0")

	if _, err := x.Apply(t.Context(), broken, Options{Timeout: 6 * time.Second}, nil); err == nil {
		t.Fatal("it works without a controller")
	}
	x.expect("dash 1 3.1.0 failed, vmo 4 1.1.0 deployed", Failing, "1.1.0")
	x.controller()
	x.apply(broken, Options{})
	x.expect("dash 2 3.1.0 deployed, vmo 5 1.1.0 deployed", Running, "1.1.0")
}

func TestIntegrationRefusals(t *testing.T) {
	x := newSite(t)
	audit := &log{}
	x.Audit = audit
	wrong := x.vmo("1.0.0")
	wrong.Values = pack.Set(wrong.Values, pack.Path{"charts", vmo, "service", "type"}, "Carrier Pigeon")
	unfilled := x.pack(proxy, "1.0.0", nil)
	foreign := Layers{Profile: x.id, Version: "1.0.0", Manifests: []Manifest{{Name: x.id + "-m", Namespace: "default", Content: `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: view
`}}}
	unknown := Layers{Profile: x.id, Version: "1.0.0", Manifests: []Manifest{{Name: x.id + "-m", Namespace: "default", Content: `
apiVersion: toasters.example.com/v1
kind: Toaster
metadata:
  name: kitchen
`}}}
	misspelt := Layers{Profile: x.id, Version: "1.0.0", Manifests: []Manifest{{Name: x.id + "-m", Namespace: "default", Content: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: some
dada:
  a: b
`}}}
	homeless := Layers{Profile: x.id, Version: "1.0.0", Manifests: []Manifest{{Name: x.id + "-m", Namespace: "default", Content: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: some
  namespace: nowhere-to-be-found
`}}}
	for name, c := range map[string]struct {
		layers Layers
		want   string
	}{
		"a value that the schema refuses": {x.layers("1.0.0", wrong), "charts.virtual-machine-orchestrator.service.type: "},
		"a value that is needed":          {x.layers("1.0.0", unfilled), "server"},
		"an object of others":             {foreign, "ClusterRole view is there and was made by somebody else"},
		"a kind that is not served":       {unknown, "this cluster does not serve toasters.example.com/v1, Kind=Toaster"},
		"a field that does not exist":     {misspelt, "dada"},
		"a namespace that is not there":   {homeless, "there is no namespace nowhere-to-be-found"},
		"two layers of one name":          {x.layers("1.0.0", unfilled, unfilled), "two layers"},
		"a profile without anything":      {x.layers("1.0.0"), "there is nothing to apply"},
		"a namespace's release of others": {x.layers("1.0.0", Pack{Release: "Not A Name", Pack: unfilled.Pack}), "cannot be the name of a release"},
	} {
		_, err := x.Apply(t.Context(), c.layers, Options{}, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "nothing was changed") {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if _, err := x.admin.Core().Namespaces().Get(t.Context(), x.id, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the namespace was made all the same: %v", err)
	}
	for _, e := range audit.entries {
		if e.Result != "refused" {
			t.Errorf("in the audit log: %+v", e)
		}
	}
	x.ReadOnly = "this context is read-only"
	if _, err := x.Apply(t.Context(), x.layers("1.0.0", x.vmo("1.0.0")), Options{}, nil); err == nil || err.Error() != "nothing was changed: this context is read-only" {
		t.Errorf("read-only: %v", err)
	}
	x.ReadOnly = ""
}

func TestIntegrationWithoutRights(t *testing.T) {
	x := newSite(t)
	l := x.layers("1.0.0", x.vmo("1.0.0"))
	for identity, want := range map[string]string{
		"viewer": "not permitted", "nobody": "not permitted", "namespace-only": "not permitted", "power-user": "not permitted",
	} {
		a := &Applier{Cluster: kubetest.Connect(t, identity)}
		_, err := a.Apply(t.Context(), l, Options{}, nil)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "nothing was changed") || !strings.Contains(err.Error(), "Ask an administrator") {
			t.Errorf("%s: %v", identity, err)
		}
	}
	if have := x.helmList(); have != "" {
		t.Errorf("Helm has %s", have)
	}
	if _, err := x.admin.Core().Namespaces().Get(t.Context(), x.id, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the namespace was made: %v", err)
	}
}

// slow begins to apply a profile whose second layer waits for a controller, and returns when it waits.
func (x *site) slow(ctx context.Context, o Options) (l Layers, ended chan error) {
	x.Helper()
	l = x.layers("1.0.0", x.vmo("1.0.0"), x.pack(dashboard, "3.1.0", nil))
	ended = make(chan error, 1)
	go func() {
		_, err := x.Apply(ctx, l, o, x.observe)
		ended <- err
	}()
	kubetest.Await(x, time.Minute, "the dashboard to be waited for", func() bool { return x.saw(Waiting, "Deployment "+x.id+"/"+dashboard) })
	return l, ended
}

func TestIntegrationTwoAtOnce(t *testing.T) {
	x := newSite(t)
	l, first := x.slow(t.Context(), Options{})
	begin := time.Now()
	_, err := (&Applier{Cluster: x.admin}).Apply(t.Context(), l, Options{}, nil)
	if waited := time.Since(begin); waited > 2*lockRenew {
		t.Errorf("the second is told only after %s", waited)
	}
	var held *HeldError
	if !errors.As(err, &held) || held.Action != "apply 1.0.0" || time.Since(held.Since) > time.Minute || !strings.Contains(err.Error(), " on ") {
		t.Errorf("the second is told %v", err)
	}
	if status, err := x.Status(t.Context(), x.id); err != nil || status.State != Updating || status.Held == nil {
		t.Errorf("meanwhile the status is %+v, %v", status, err)
	}
	x.controller()
	if err := <-first; err != nil {
		t.Error(err)
	}
	x.expect("dash 1 3.1.0 deployed, vmo 1 1.0.0 deployed", Running, "1.0.0")
}

// A lock that is not renewed has lost its holder.
func TestIntegrationStaleLock(t *testing.T) {
	x := newSite(t)
	l, _, err := acquire(t.Context(), x.s, x.id, "apply 0.9.0", func(error) {})
	if err != nil {
		t.Fatal(err)
	}
	l.stop()
	l.done.Wait()
	old, _ := json.Marshal(map[string]any{"spec": map[string]any{"renewTime": microTime(time.Now().Add(-time.Minute))}})
	if _, err := l.client.Patch(t.Context(), l.name, types.MergePatchType, old, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	x.apply(x.layers("1.0.0", x.vmo("1.0.0")), Options{})
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.events) == 0 || !strings.Contains(x.events[0].Text, "the lock was taken over") {
		t.Errorf("nothing is said of the lock: %v", x.events[0])
	}
}
