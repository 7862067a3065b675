package apply

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/kubetest"
	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/rbac"
)

const (
	vmo       = "virtual-machine-orchestrator"
	dashboard = "spectro-vm-dashboard"
	proxy     = "spectro-proxy"
)

var short = map[string]string{vmo: "vmo", dashboard: "dash", proxy: "proxy"}

var deployments = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}

// site is a profile with namespaces that nothing else uses.
type site struct {
	*testing.T
	*Applier
	admin *kube.Cluster
	s     *session
	id    string

	mu     sync.Mutex
	events []Event
}

func newSite(t *testing.T) *site {
	admin := kubetest.Connect(t, "cluster-admin")
	s, err := open(context.Background(), admin, nil)
	if err != nil {
		t.Fatal(err)
	}
	x := &site{T: t, Applier: &Applier{Cluster: admin}, admin: admin, s: s, id: fmt.Sprintf("apply-%d", time.Now().UnixNano()%1e9)}
	kind := Object{"apiextensions.k8s.io", "v1", "CustomResourceDefinition", "", "vmtemplates.spectrocloud.com"}
	definitions, _, err := s.resource(kind)
	if err != nil {
		t.Fatal(err)
	}
	_, missing := definitions.Get(t.Context(), kind.Name, metav1.GetOptions{})
	t.Cleanup(func() {
		defer s.close()
		ctx := context.Background()
		if _, err := x.Remove(ctx, x.id, Options{Timeout: time.Minute}, nil); err != nil && !strings.Contains(err.Error(), "is not on this cluster") {
			t.Errorf("clean up: %v", err)
		}
		for _, suffix := range []string{"", "-vms", "-golden", "-manifest"} {
			_ = admin.Core().Namespaces().Delete(ctx, x.id+suffix, metav1.DeleteOptions{})
		}
		for _, role := range rbac.Catalogue() {
			if _, err := admin.RBAC().ClusterRoles().Create(ctx, role.Object, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
				t.Errorf("bring back the cluster role %s: %v", role.Name, err)
			}
		}
		if apierrors.IsNotFound(missing) {
			_ = definitions.Delete(ctx, kind.Name, metav1.DeleteOptions{})
			kubetest.Await(t, time.Minute, "the kind VmTemplate to be gone", func() bool {
				_, err := definitions.Get(ctx, kind.Name, metav1.GetOptions{})
				return apierrors.IsNotFound(err)
			})
		}
	})
	return x
}

func (x *site) observe(e Event) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.events = append(x.events, e)
}

func (x *site) pack(name, version string, values pack.Values) Pack {
	x.Helper()
	p, err := pack.Public().Load(x.Context(), name, version)
	if err != nil {
		x.Fatal(err)
	}
	return Pack{Release: x.id + "-" + short[name], Namespace: x.id, Pack: p, Values: values}
}

// vmo is the pack with the site's own namespaces.
func (x *site) vmo(version string) Pack {
	return x.pack(vmo, version, pack.Values{"charts": pack.Values{vmo: pack.Values{
		"vmEnabledNamespaces": []any{"default", x.id + "-vms"}, "goldenImagesNamespace": x.id + "-golden",
	}}})
}

func (x *site) proxy() Pack {
	return x.pack(proxy, "1.0.0", pack.Values{"manifests": pack.Values{proxy: pack.Values{"server": "proxy.example.com", "subdomain": "demo"}}})
}

func (x *site) layers(version string, packs ...Pack) Layers {
	return Layers{Profile: x.id, Version: version, Packs: packs}
}

// controller makes deployments work, because nothing runs them on the test cluster, until the test ends.
func (x *site) controller() {
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	x.Cleanup(func() { cancel(); done.Wait() })
	done.Go(func() {
		for {
			if list, err := x.s.dynamic.Resource(deployments).Namespace(x.id).List(ctx, metav1.ListOptions{}); err == nil {
				for _, d := range list.Items {
					status := fmt.Sprintf(`{"status":{"observedGeneration":%d,"replicas":1,"updatedReplicas":1,"readyReplicas":1,"availableReplicas":1,
						"conditions":[{"type":"Available","status":"True"},{"type":"Progressing","status":"True","reason":"NewReplicaSetAvailable"}]}}`, d.GetGeneration())
					_, _ = x.s.dynamic.Resource(deployments).Namespace(x.id).Patch(ctx, d.GetName(), types.MergePatchType, []byte(status), metav1.PatchOptions{}, "status")
				}
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(200 * time.Millisecond):
			}
		}
	})
}

// helmList is what `helm list` shows of the profile's namespace: "name revision version status".
func (x *site) helmList() string {
	x.Helper()
	all, _, err := x.s.of(x.id, nil)
	if err != nil {
		x.Fatal(err)
	}
	var lines []string
	for _, h := range all {
		r := h.last()
		lines = append(lines, fmt.Sprintf("%s %d %s %s", strings.TrimPrefix(r.Name, x.id+"-"), r.Version, r.Chart.Metadata.Version, r.Info.Status))
	}
	return strings.Join(lines, ", ")
}

func (x *site) expect(list string, state State, version string) {
	x.Helper()
	if have := x.helmList(); have != list {
		x.Errorf("Helm has %q, want %q", have, list)
	}
	status, err := x.Status(x.Context(), x.id)
	if err != nil {
		x.Fatal(err)
	}
	if status.State != state || status.Version != version {
		x.Errorf("the status is %s (%s) of version %q, want %s of %q", status.State, status.Text, status.Version, state, version)
	}
}

func (x *site) apply(l Layers, o Options) *Report {
	x.Helper()
	report, err := x.Apply(x.Context(), l, o, x.observe)
	if err != nil {
		x.Fatal(err)
	}
	return report
}

// saw tells whether there was an event of a kind about an object.
func (x *site) saw(kind EventKind, object string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.ContainsFunc(x.events, func(e Event) bool { return e.Kind == kind && e.Object.String() == object })
}

func (x *site) outcomes(r *Report) string {
	var out []string
	for _, l := range r.Layers {
		out = append(out, strings.TrimPrefix(l.Release, x.id+"-")+" "+l.Outcome.String())
	}
	return strings.Join(out, ", ")
}

func TestIntegrationLifeOfAProfile(t *testing.T) {
	x := newSite(t)
	x.controller()
	ctx := t.Context()
	if err := x.admin.RBAC().ClusterRoles().Delete(ctx, rbac.RoleViewer, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	rest := []Pack{x.pack(dashboard, "3.1.0", nil), x.proxy()}

	first := x.layers("1.0.0", append([]Pack{x.vmo("1.0.0")}, rest...)...)
	plan, err := x.Plan(ctx, first)
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Err(); err != nil {
		t.Fatal(err)
	}
	if x.helmList() != "" {
		t.Error("the plan has changed something")
	}
	report := x.apply(first, Options{})
	if have := report.Changed(); have < 15 {
		t.Errorf("%d objects were changed", have)
	}
	x.expect("dash 1 3.1.0 deployed, proxy 1 1.0.0 deployed, vmo 1 1.0.0 deployed", Running, "1.0.0")
	if !x.saw(Created, "ClusterRole "+rbac.RoleViewer) || !x.saw(Ready, "Deployment "+x.id+"/"+dashboard) {
		t.Error("the role that was missing and the deployment are in no event")
	}
	if report := x.apply(first, Options{}); report.Changed() != 0 {
		t.Errorf("applied again, it changes %d objects", report.Changed())
	}
	x.expect("dash 1 3.1.0 deployed, proxy 1 1.0.0 deployed, vmo 1 1.0.0 deployed", Running, "1.0.0")

	second := x.layers("1.1.0", x.vmo("1.1.0"), rest[0]) // without the proxy
	if plan, err = x.Plan(ctx, second); err != nil || plan.Err() != nil {
		t.Fatal(err)
	}
	if have, want := verbs(plan, x.id+"-vmo"), "create VmTemplate fedora"; !strings.Contains(have, want) || strings.Contains(have, "delete") {
		t.Errorf("the plan for the pack does %s, want among it %s", have, want)
	}
	if have, want := verbs(plan, x.id+"-proxy"), "delete Deployment "+x.id+"/"+proxy; !strings.Contains(have, want) {
		t.Errorf("the plan for the proxy does %s, want among it %s", have, want)
	}
	report = x.apply(second, Options{})
	if have, want := x.outcomes(report), "vmo upgraded, dash upgraded, proxy uninstalled"; have != want {
		t.Errorf("what came of it: %s, want %s", have, want)
	}
	x.expect("dash 2 3.1.0 deployed, proxy 1 1.0.0 uninstalled, vmo 2 1.1.0 deployed", Running, "1.1.0")

	if _, err := x.Rollback(ctx, x.id, 0, Options{}, nil); err != nil {
		t.Fatal(err)
	}
	x.expect("dash 3 3.1.0 deployed, proxy 2 1.0.0 deployed, vmo 3 1.0.0 deployed", Running, "1.0.0")
	if _, err := x.Rollback(ctx, x.id, 0, Options{}, nil); err == nil || !strings.Contains(err.Error(), "there is nothing to roll back to") {
		t.Errorf("before the first revision: %v", err)
	}
	if _, err := x.Rollback(ctx, x.id, 2, Options{}, nil); err != nil {
		t.Fatal(err)
	}
	x.expect("dash 4 3.1.0 deployed, proxy 2 1.0.0 uninstalled, vmo 4 1.1.0 deployed", Running, "1.1.0")

	if report, err = x.Remove(ctx, x.id, Options{}, nil); err != nil {
		t.Fatal(err)
	}
	x.expect("", NotApplied, "")
	for _, want := range []string{"Namespace " + x.id + "-vms", "CustomResourceDefinition vmtemplates.spectrocloud.com"} {
		if !slices.ContainsFunc(report.Kept, func(o Object) bool { return o.String() == want }) {
			t.Errorf("the report does not say that %s was kept: %v", want, report.Kept)
		}
	}
	if _, err := x.admin.RBAC().ClusterRoles().Get(ctx, rbac.RoleUser, metav1.GetOptions{}); err != nil {
		t.Errorf("a role of others: %v", err)
	}
	if namespace, err := x.admin.Core().Namespaces().Get(ctx, x.id+"-vms", metav1.GetOptions{}); err != nil || namespace.DeletionTimestamp != nil {
		t.Errorf("the namespace for VMs is not kept: %v", err)
	}
	if _, err := x.s.dynamic.Resource(leases).Namespace(lockNamespace).Get(ctx, lockPrefix+x.id, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the lock was not given back: %v", err)
	}
}

// verbs are the steps of a layer that change something.
func verbs(p *Plan, release string) string {
	var out []string
	for _, l := range p.Layers {
		for _, s := range l.Steps {
			if l.Release == release && s.Verb != Leave {
				out = append(out, fmt.Sprintf("%s %s", s.Verb, s.Object))
			}
		}
	}
	return strings.Join(out, ", ")
}
