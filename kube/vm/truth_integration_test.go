package vm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/kubetest"
	"vmdeck.dev/vmdeck/rbac"
)

// TestIntegrationTruth is the product's promise (MISSION B4): for every identity, every action and every state of a VM, what vmdeck
// says beforehand is what the API server answers to the real call. Calls that would change something are made as server-side dry
// runs, which pass through the same authorisation and the same checks.
func TestIntegrationTruth(t *testing.T) {
	admin := kubetest.Connect(t, "cluster-admin")
	fixture := newFixture(t, admin)
	rows := fixture.states(t)
	var matrix strings.Builder
	cells := 0
	for _, identity := range kubetest.Identities() {
		cluster := kubetest.Connect(t, identity)
		gate := &Gate{Access: cluster.Access(), Health: live, Facts: func() Facts { return Facts{} }}
		if err := cluster.Access().Ensure(t.Context(), kubetest.Namespace); err != nil {
			t.Fatalf("%s: %v", identity, err)
		}
		for _, a := range Actions() {
			fmt.Fprintf(&matrix, "%-15s %-17s", identity, a.ID)
			for _, state := range stateNames {
				verdict := gate.Check(a, rows[state])
				err := attempt(cluster, a, rows[state])
				fmt.Fprintf(&matrix, " %-18s", cell(verdict, err))
				cells++
				if fault := disagreement(verdict, err); fault != "" {
					t.Errorf("%s, %s on a %s VM: %s\n  beforehand: %s\n  the server: %v", identity, a.ID, state, fault, orOn(verdict), err)
				}
			}
			matrix.WriteByte('\n')
		}
	}
	if want := len(kubetest.Identities()) * len(Actions()) * len(stateNames); cells != want {
		t.Errorf("checked %d cells of %d", cells, want)
	}
	t.Logf("decision beforehand / answer of the server, on VMs that are %s (%d cells)\n%s", strings.Join(stateNames, ", "), cells, matrix.String())
}

var stateNames = []string{"running", "stopped", "paused", "migrating"}

func live() kube.HealthStatus { return kube.HealthStatus{State: kube.Live} }

// attempt makes the real call without asking the gate.
func attempt(cluster *kube.Cluster, a *Action, r *Row) error {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	if a.ID == "cancel-migration" && r.Migration == nil {
		copied := *r
		copied.Migration = &Migration{Name: "there-is-none"}
		r = &copied
	}
	return a.run(ctx, &client{cluster}, r, Options{DryRun: a.DryRun})
}

// disagreement says how a verdict and the server's answer differ; empty when they agree.
func disagreement(v Verdict, err error) string {
	kind := kube.Classify(err)
	denied := kind == kube.KindForbidden || kind == kube.KindVirtAPIDenied
	refused := slices.Contains([]kube.Kind{kube.KindConflict, kube.KindInvalid, kube.KindNotFound, kube.KindWebhookRefused}, kind)
	switch {
	case v.Cause == On && err == nil, v.Cause == Permission && denied, v.Cause == State && refused:
		return ""
	case v.Cause == Asking:
		return "the decision was not known"
	case v.Cause == On:
		return "offered, but refused"
	case err == nil:
		return "off, but the server would have done it"
	default:
		return "off for another reason than the server's"
	}
}

func cell(v Verdict, err error) string {
	beforehand := map[Cause]string{On: "yes", Permission: "denied", State: "off"}[v.Cause]
	answer := "yes"
	switch kube.Classify(err) {
	case kube.KindNone:
	case kube.KindForbidden, kube.KindVirtAPIDenied:
		answer = "denied"
	default:
		answer = "off"
	}
	return beforehand + "/" + answer
}

func orOn(v Verdict) string {
	if v.Off() {
		return v.Reason
	}
	return "offered"
}

// fixture makes VMs for a test and removes them after it.
type fixture struct {
	admin     *kube.Cluster
	inventory *Inventory
}

func newFixture(t *testing.T, admin *kube.Cluster) *fixture {
	f := &fixture{admin: admin, inventory: NewInventory(admin, Scope{Namespaces: []string{kubetest.Namespace}})}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); f.inventory.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	_, err := admin.REST(rbac.GroupCore, "v1").Post().Resource("namespaces").SetHeader("Content-Type", "application/json").
		Body([]byte(`{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"` + kubetest.Namespace + `"}}`)).Do(t.Context()).Raw()
	if err != nil && kube.Classify(err) != kube.KindConflict {
		t.Fatal(err)
	}
	return f
}

// create makes a small VM that needs no storage.
func (f *fixture) create(t *testing.T, name, strategy string, annotations map[string]string) {
	t.Helper()
	if annotations == nil {
		annotations = map[string]string{}
	}
	body := map[string]any{
		"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine",
		"metadata": map[string]any{"name": name, "namespace": kubetest.Namespace},
		"spec": map[string]any{"runStrategy": strategy, "template": map[string]any{
			"metadata": map[string]any{"annotations": annotations},
			"spec": map[string]any{
				"terminationGracePeriodSeconds": 5,
				"domain": map[string]any{
					"memory":  map[string]any{"guest": "128Mi"},
					"devices": map[string]any{"disks": []any{map[string]any{"name": "root", "disk": map[string]any{"bus": "virtio"}}}, "interfaces": []any{map[string]any{"name": "default", "masquerade": map[string]any{}}}},
				},
				"networks": []any{map[string]any{"name": "default", "pod": map[string]any{}}},
				"volumes":  []any{map[string]any{"name": "root", "containerDisk": map[string]any{"image": "example.invalid/disk:1"}}},
			},
		}},
	}
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	err = f.admin.REST(rbac.GroupKubeVirt, "v1").Post().Namespace(kubetest.Namespace).Resource(string(Machines)).SetHeader("Content-Type", "application/json").
		Body(raw).Do(t.Context()).Error()
	if err != nil {
		t.Fatalf("create VM %s: %v", name, err)
	}
	t.Cleanup(func() {
		none := int64(0)
		_ = f.admin.REST(rbac.GroupKubeVirt, "v1").Delete().Namespace(kubetest.Namespace).Resource(string(Machines)).Name(name).
			Body(&metav1.DeleteOptions{GracePeriodSeconds: &none}).Do(context.Background()).Error()
	})
}

// await waits until a VM's row is as wanted and returns it.
func (f *fixture) await(t *testing.T, name, what string, wanted func(*Row) bool) *Row {
	t.Helper()
	var row *Row
	kubetest.Await(t, 2*time.Minute, fmt.Sprintf("VM %s to be %s", name, what), func() bool {
		f.inventory.Take()
		row = f.inventory.Find(kubetest.Namespace, name)
		return row != nil && wanted(row)
	})
	return row
}

// do carries an action out for good, as the cluster's administrator.
func (f *fixture) do(t *testing.T, id string, r *Row, o Options) {
	t.Helper()
	a := Find(id)
	if a == nil {
		t.Fatal(errors.New("no action " + id))
	}
	if err := a.run(t.Context(), &client{f.admin}, r, o); err != nil {
		t.Fatalf("%s %s: %v", id, r.Key(), err)
	}
}

// states makes one VM in each state of the matrix.
func (f *fixture) states(t *testing.T) map[string]*Row {
	f.create(t, "truth-running", "Always", nil)
	f.create(t, "truth-stopped", "Halted", nil)
	f.create(t, "truth-paused", "Always", nil)
	f.create(t, "truth-migrating", "Always", map[string]string{"simulator.vmdeck.dev/migration": "hold"})
	running := func(r *Row) bool { return r.Status == StatusRunning && r.Agent }
	rows := map[string]*Row{
		"running": f.await(t, "truth-running", "running", running),
		"stopped": f.await(t, "truth-stopped", "stopped", func(r *Row) bool { return r.Status == StatusStopped }),
	}
	f.do(t, "pause", f.await(t, "truth-paused", "running", running), Options{})
	rows["paused"] = f.await(t, "truth-paused", "paused", func(r *Row) bool { return r.Status == StatusPaused })
	f.do(t, "migrate", f.await(t, "truth-migrating", "running", running), Options{})
	rows["migrating"] = f.await(t, "truth-migrating", "migrating", func(r *Row) bool {
		return r.Status == StatusMigrating && r.Migration != nil && r.Migration.Name != "" && r.Migration.Started != nil
	})
	return rows
}
