package apply

import (
	"context"
	"strings"
	"testing"
	"time"

	releasecommon "helm.sh/helm/v4/pkg/release/common"
	release "helm.sh/helm/v4/pkg/release/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/kube/kubetest"
)

func TestIntegrationCancel(t *testing.T) {
	for name, c := range map[string]struct {
		rollBack bool
		list     string
		says     string
	}{
		"taken back": {true, "", "it was stopped on request. All releases were taken back"},
		"left":       {false, "dash 1 3.1.0 failed, vmo 1 1.0.0 deployed", "it was stopped on request. What was done so far stays"},
	} {
		t.Run(name, func(t *testing.T) {
			x := newSite(t)
			ctx, cancel := context.WithCancel(t.Context())
			_, ended := x.slow(ctx, Options{RollBack: c.rollBack})
			cancel()
			if err := <-ended; err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("the report says %v, want %s", err, c.says)
			}
			if have := x.helmList(); have != c.list {
				t.Errorf("Helm has %q, want %q", have, c.list)
			}
		})
	}
}

// What was uninstalled on the way comes back when the run is taken back.
func TestIntegrationCancelWhileLayersLeave(t *testing.T) {
	x := newSite(t)
	x.controller()
	x.apply(x.layers("1.0.0", x.vmo("1.0.0"), x.pack(dashboard, "3.1.0", nil), x.proxy()), Options{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := x.Apply(ctx, x.layers("1.1.0", x.vmo("1.1.0")), Options{RollBack: true}, func(e Event) {
		if e.Kind == Done && e.Layer == x.id+"-proxy" {
			cancel()
		}
	})
	if err == nil || !strings.Contains(err.Error(), "All releases were taken back") {
		t.Errorf("the report says %v", err)
	}
	if have, want := x.helmList(), "dash 1 3.1.0 deployed, proxy 2 1.0.0 deployed, vmo 3 1.0.0 deployed"; have != want && have != strings.Replace(want, "dash 1", "dash 2", 1) {
		t.Errorf("Helm has %q, want %q", have, want)
	}
	if status, err := x.Status(t.Context(), x.id); err != nil || status.State != Running || status.Version != "1.0.0" {
		t.Errorf("the status is %+v, %v", status, err)
	}
}

// A run that ended between two layers leaves a mixture, which is told, and carried on by the next one.
func TestIntegrationCancelBetweenLayers(t *testing.T) {
	x := newSite(t)
	x.controller()
	x.apply(x.layers("1.0.0", x.vmo("1.0.0"), x.pack(dashboard, "3.1.0", nil)), Options{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	next := x.layers("1.1.0", x.vmo("1.1.0"), x.pack(dashboard, "3.1.0", nil))
	if _, err := x.Apply(ctx, next, Options{}, func(e Event) {
		if e.Kind == Ready && e.Object.Kind == "VmTemplate" && e.Object.Name == "ubuntu-2204" {
			cancel()
		}
	}); err == nil {
		t.Error("the run was not stopped")
	}
	status, err := x.Status(t.Context(), x.id)
	if err != nil || status.State != Drifted || !strings.Contains(status.Text, "it is still that of version 1.0.0") {
		t.Errorf("the status is %s (%s), %v", status.State, status.Text, err)
	}
	x.apply(next, Options{})
	x.expect("dash 2 3.1.0 deployed, vmo 3 1.1.0 deployed", Running, "1.1.0")
}

// A server that goes away in the middle is waited for.
func TestIntegrationServerComesBack(t *testing.T) {
	x := newSite(t)
	_, ended := x.slow(t.Context(), Options{})
	kubetest.Control(t, "stop", "apiserver")
	kubetest.Await(t, time.Minute, "the outage to be told", func() bool { return x.told("cannot be reached") })
	kubetest.Control(t, "start", "apiserver")
	kubetest.Await(t, time.Minute, "the server to be back", func() bool { return x.told("answers again") })
	x.controller()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	x.expect("dash 1 3.1.0 deployed, vmo 1 1.0.0 deployed", Running, "1.0.0")
}

func (x *site) told(text string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, e := range x.events {
		if strings.Contains(e.Text, text) {
			return true
		}
	}
	return false
}

// A server that stays away ends the run, and the next one carries it on.
func TestIntegrationServerStaysAway(t *testing.T) {
	x := newSite(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l, ended := x.slow(ctx, Options{RollBack: true, Timeout: 15 * time.Second})
	kubetest.Control(t, "stop", "apiserver")
	err := <-ended
	kubetest.Control(t, "start", "apiserver")
	if err == nil || !strings.Contains(err.Error(), "the API server cannot be reached since") || !strings.Contains(err.Error(), "the run is carried on") {
		t.Errorf("the report says %v", err)
	}
	kubetest.Await(t, time.Minute, "the server", func() bool {
		_, err := x.admin.Core().Namespaces().Get(t.Context(), x.id, metav1.GetOptions{})
		return err == nil
	})
	last, err := x.s.releases(x.id).Last(x.id + "-dash")
	if err != nil {
		t.Fatal(err)
	}
	if status := last.(*release.Release).Info.Status; status != releasecommon.StatusPendingInstall && status != releasecommon.StatusFailed {
		t.Errorf("the release is %s", status)
	}
	x.controller()
	plan, err := x.Plan(t.Context(), l)
	if err != nil || plan.Err() != nil {
		t.Fatal(err, plan)
	}
	x.apply(l, Options{})
	x.expect("dash 2 3.1.0 deployed, vmo 2 1.0.0 deployed", Running, "1.0.0")
}
