package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adrg/xdg"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	virtv1 "kubevirt.io/api/core/v1"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/kubetest"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
)

// ran is what a command wrote and ended with.
type ran struct {
	out, notes string
	err        error
	code       int
}

// desk runs commands on the test cluster, with an audit log of the test's own.
type desk struct {
	kubeconfig, state string
	admin             *kube.Cluster
}

func newDesk(t *testing.T) *desk {
	d := &desk{kubeconfig: kubetest.Kubeconfig(t), state: t.TempDir(), admin: kubetest.Connect(t, "cluster-admin")}
	t.Cleanup(xdg.Reload) // runs after the environment is as it was
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("XDG_STATE_HOME", d.state)
	xdg.Reload()
	return d
}

func (d *desk) run(ctx context.Context, identity string, args ...string) ran {
	var out, notes bytes.Buffer
	cmd := root()
	cmd.SetArgs(append([]string{"vm", "--kubeconfig", d.kubeconfig, "--context", identity, "-n", kubetest.Namespace}, args...))
	if slices.Contains(args, "-A") {
		cmd.SetArgs(append([]string{"vm", "--kubeconfig", d.kubeconfig, "--context", identity}, args...))
	}
	cmd.SetIn(strings.NewReader(""))
	cmd.SetOut(&out)
	cmd.SetErr(&notes)
	r := ran{err: cmd.ExecuteContext(ctx)}
	r.out, r.notes = out.String(), notes.String()
	if r.err != nil {
		r.code = exitCode(r.err)
	}
	return r
}

// expect runs a command that ends with a code and says something: on standard output, or as error when the code is not 0.
func (d *desk) expect(t *testing.T, code int, says, identity string, args ...string) ran {
	t.Helper()
	r := d.run(t.Context(), identity, args...)
	said := r.out
	if r.err != nil {
		said = r.err.Error()
	}
	if r.code != code || !strings.Contains(said, says) {
		t.Fatalf("%s: vm %s: code %d, want %d and %q\noutput: %snotes: %serror: %v", identity, strings.Join(args, " "), r.code, code, says, r.out, r.notes, r.err)
	}
	return r
}

// create makes a small VM, and removes it after the test.
func (d *desk) create(t *testing.T, name, app string, annotations map[string]string) {
	t.Helper()
	if annotations == nil {
		annotations = map[string]string{}
	}
	machine := map[string]any{
		"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine",
		"metadata": map[string]any{"name": name, "namespace": kubetest.Namespace, "labels": map[string]any{"app": app}},
		"spec": map[string]any{"runStrategy": "Halted", "template": map[string]any{
			"metadata": map[string]any{"annotations": annotations},
			"spec": map[string]any{
				"terminationGracePeriodSeconds": 5,
				"domain":                        map[string]any{"memory": map[string]any{"guest": "128Mi"}, "devices": map[string]any{"interfaces": []any{map[string]any{"name": "default", "masquerade": map[string]any{}}}}},
				"networks":                      []any{map[string]any{"name": "default", "pod": map[string]any{}}},
				"volumes": []any{
					map[string]any{"name": "root", "containerDisk": map[string]any{"image": "example.invalid/disk:1"}},
					map[string]any{"name": "seed", "cloudInitNoCloud": map[string]any{"userData": "#cloud-config\npassword: hunter2\n"}},
				},
			},
		}},
	}
	body, err := json.Marshal(machine)
	if err != nil {
		t.Fatal(err)
	}
	machines := d.admin.REST(rbac.GroupKubeVirt, "v1")
	if err := machines.Post().Namespace(kubetest.Namespace).Resource(string(vm.Machines)).SetHeader("Content-Type", "application/json").Body(body).Do(t.Context()).Error(); err != nil {
		t.Fatalf("create VM %s: %v", name, err)
	}
	t.Cleanup(func() {
		now := int64(0)
		_ = machines.Delete().Namespace(kubetest.Namespace).Resource(string(vm.Machines)).Name(name).
			Body(&metav1.DeleteOptions{GracePeriodSeconds: &now}).Do(context.Background()).Error()
	})
	kubetest.Await(t, time.Minute, name+" to be stopped", func() bool { return d.item(t, name).Status == vm.StatusStopped })
}

// item reads a VM as vmdeck shows it.
func (d *desk) item(t *testing.T, name string) vmItem {
	t.Helper()
	var shown vmShown
	read(t, d.expect(t, 0, "", "cluster-admin", "show", name, "-o", "json").out, &shown)
	return shown.vmItem
}

func read(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

func TestIntegrationListAsDifferentPeople(t *testing.T) {
	d := newDesk(t)
	d.create(t, "cli-list", "cli-list", nil)
	for _, identity := range []string{"cluster-admin", "vm-admin", "power-user", "user", "viewer", "namespace-only"} {
		r := d.expect(t, 0, "", identity, "list", "-A", "-l", "app=cli-list", "-o", "json")
		var list vmList
		read(t, r.out, &list)
		if len(list.Items) != 1 || list.Items[0].Name != "cli-list" || list.Items[0].Labels["app"] != "cli-list" || list.Context != identity {
			t.Errorf("%s sees %s", identity, r.out)
		}
		if limited := identity == "namespace-only"; limited != (len(list.Notes) > 0) || limited != strings.Contains(r.notes, "You may not list namespaces") {
			t.Errorf("%s is told %q, %v", identity, r.notes, list.Notes)
		}
	}
	d.expect(t, 0, kubetest.Namespace+"/cli-list\n", "viewer", "list", "-o", "name", "--filter", "cli-list")
	d.expect(t, 0, "RUN STRATEGY", "viewer", "list", "-o", "wide")
	d.expect(t, exitNoRun, "list VMs: not permitted", "nobody", "list")
	d.expect(t, exitNoRun, "list VMs: not permitted", "namespace-only", "list", "-n", "kubevirt")
	if r := d.expect(t, 0, "", "viewer", "list", "-l", "app=none"); r.out != "" || !strings.Contains(r.notes, "No VMs found.") {
		t.Errorf("an empty list: %+v", r)
	}
}

func TestIntegrationStartAndStop(t *testing.T) {
	d := newDesk(t)
	d.create(t, "cli-power", "cli-power", nil)
	status := func(want string) {
		t.Helper()
		if got := d.item(t, "cli-power").Status; got != want {
			t.Fatalf("the VM is %s, want %s", got, want)
		}
	}
	d.expect(t, 0, "would accept", "user", "start", "cli-power", "--dry-run")
	status(vm.StatusStopped)
	d.expect(t, 0, "already stopped", "user", "stop", "cli-power", "--yes")
	r := d.expect(t, exitFailed, "cannot start: needs update virtualmachines/start", "viewer", "start", "cli-power")
	if !strings.Contains(r.err.Error(), "roles that grant it: "+rbac.RoleUser) {
		t.Errorf("the refusal names no role: %v", r.err)
	}
	status(vm.StatusStopped)

	d.expect(t, 0, "run strategy is now Always; running after", "user", "start", "cli-power", "--wait")
	status(vm.StatusRunning)
	d.expect(t, 0, "already running", "user", "start", "cli-power")
	d.expect(t, 0, "; paused after", "user", "pause", "cli-power", "--wait", "--yes")
	status(vm.StatusPaused)
	d.expect(t, 0, "; running after", "user", "unpause", "cli-power", "--wait")
	before := d.item(t, "cli-power").Created
	d.expect(t, 0, "; running anew after", "user", "restart", "cli-power", "--wait", "--yes")
	if d.item(t, "cli-power").Created != before {
		t.Error("a restart made another VM")
	}
	d.expect(t, exitNoRun, "add --yes", "user", "stop", "cli-power")
	status(vm.StatusRunning)
	d.expect(t, 0, "; stopped after", "user", "stop", "cli-power", "--wait=1m", "--yes", "--grace-period", "1")
	status(vm.StatusStopped)

	audit, err := os.ReadFile(filepath.Join(d.state, "vmdeck", "audit.log"))
	if err != nil || strings.Count(string(audit), `"action":"start"`) != 2 || !strings.Contains(string(audit), `"dryRun":true`) {
		t.Errorf("audit log: %v\n%s", err, audit)
	}
}

func TestIntegrationManyAtOnce(t *testing.T) {
	d := newDesk(t)
	for _, name := range []string{"cli-many-1", "cli-many-2", "cli-many-3"} {
		d.create(t, name, "cli-many", nil)
	}
	d.expect(t, exitNoRun, "start asks before it acts", "power-user", "start", "-l", "app=cli-many")
	d.expect(t, exitNoRun, "no VM that you may see matches", "power-user", "start", "-l", "app=cli-none", "--yes")
	d.expect(t, exitNoRun, "--name is for a single VM, and 3 are chosen", "power-user", "clone", "-l", "app=cli-many", "--name", "x", "--yes")
	d.expect(t, 0, "; running after", "power-user", "start", "cli-many-1", "--wait")

	r := d.expect(t, exitFailed, "start: 2 done, 1 unchanged, 1 refused", "power-user",
		"start", "cli-many-1", "cli-nowhere", "cli-many-2", "cli-many-3", "--yes", "--wait", "-o", "json")
	var results vmResults
	read(t, r.out, &results)
	got := map[string]string{}
	for _, result := range results.Results {
		got[result.Name] = result.Result
	}
	if len(got) != 4 || got["cli-many-1"] != resultUnchanged || got["cli-nowhere"] != resultRefused || got["cli-many-2"] != resultDone || !results.Waited {
		t.Errorf("results %s", r.out)
	}

	r = d.expect(t, exitFailed, "stop: 3 refused", "viewer", "stop", "-l", "app=cli-many", "--yes", "-o", "json")
	read(t, r.out, &results)
	if first := results.Results[0]; len(results.Results) != 3 || !slices.Contains(first.Roles, rbac.RoleUser) || len(first.Missing) == 0 || !strings.Contains(first.Missing[0], "virtualmachines/stop") {
		t.Errorf("refusals %s", r.out)
	}
	r = d.expect(t, 0, "stop: 3 done", "power-user", "stop", "--filter", "cli-many", "--yes", "--wait")
	if strings.Count(r.out, "; stopped after") != 3 {
		t.Errorf("lines\n%s", r.out)
	}
	d.expect(t, exitNoRun, "delete asks before it acts", "power-user", "delete", "-l", "app=cli-many")
	d.expect(t, 0, "delete: 3 dry-run", "power-user", "delete", "-l", "app=cli-many", "--dry-run")
	d.expect(t, 0, "delete: 3 done", "power-user", "delete", "-l", "app=cli-many", "--yes", "--wait")
	d.expect(t, exitFailed, "there is no such VM", "power-user", "show", "cli-many-1")
}

func TestIntegrationMigrateAndClone(t *testing.T) {
	d := newDesk(t)
	d.create(t, "cli-moves", "cli-moves", nil)
	d.create(t, "cli-holds", "cli-moves", map[string]string{"simulator.vmdeck.dev/migration": "hold"})
	d.expect(t, 0, "2 done", "power-user", "start", "-l", "app=cli-moves", "--yes", "--wait")
	kubetest.Await(t, time.Minute, "both VMs to be migratable", func() bool {
		return d.run(t.Context(), "power-user", "migrate", "-l", "app=cli-moves", "--dry-run").code == 0
	})
	before := d.item(t, "cli-moves").Node
	d.expect(t, 0, "; migrated after", "power-user", "migrate", "cli-moves", "--yes", "--wait")
	if after := d.item(t, "cli-moves").Node; after == before {
		t.Errorf("migrated, and still on %s", after)
	}

	d.expect(t, exitFailed, "not migrated after 1s: it is ", "power-user", "migrate", "cli-holds", "--yes", "--wait=1s")
	kubetest.Await(t, time.Minute, "the migration to begin", func() bool { return d.item(t, "cli-holds").Migration != nil })
	d.expect(t, 0, "; free of the migration after", "power-user", "cancel-migration", "cli-holds", "--yes", "--wait")
	ctx, interrupt := context.WithCancel(t.Context())
	ended := make(chan ran, 1)
	go func() { ended <- d.run(ctx, "power-user", "migrate", "cli-holds", "--yes", "--wait") }()
	kubetest.Await(t, time.Minute, "the migration to begin", func() bool {
		migrations := vm.FetchDetail(t.Context(), d.admin, kubetest.Namespace, "cli-holds").Migrations
		return slices.ContainsFunc(migrations, func(m virtv1.VirtualMachineInstanceMigration) bool { return !m.IsFinal() })
	})
	interrupt()
	if r := <-ended; r.code != exitFailed || !strings.Contains(r.err.Error(), "what was requested goes on") {
		t.Errorf("interrupted: %+v", r)
	}

	d.expect(t, 0, "; cloned after", "power-user", "clone", "cli-moves", "--name", "cli-moves-copy", "--wait")
	d.expect(t, 0, "; gone after", "power-user", "delete", "cli-moves-copy", "--wait", "--yes")
}

func TestIntegrationShowHidesSecrets(t *testing.T) {
	d := newDesk(t)
	d.create(t, "cli-secret", "cli-secret", nil)
	for _, format := range []string{"json", "yaml", "table"} {
		r := d.expect(t, 0, "cli-secret", "viewer", "show", "cli-secret", "-o", format)
		if strings.Contains(r.out+r.notes, "hunter2") || format != "table" && !strings.Contains(r.out, vm.Masked) {
			t.Errorf("%s: %s", format, r.out)
		}
	}
	r := d.expect(t, 0, "ACTION", "viewer", "show", "cli-secret")
	if !strings.Contains(r.out, "delete            no        needs delete virtualmachines") {
		t.Errorf("what a viewer may do:\n%s", r.out)
	}
}

func TestIntegrationReadOnly(t *testing.T) {
	d := newDesk(t)
	d.create(t, "cli-frozen", "cli-frozen", nil)
	d.expect(t, exitFailed, "vmdeck was started with --read-only", "power-user", "start", "cli-frozen", "--read-only")
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte("readOnly: true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.expect(t, exitFailed, "the configuration makes this context read-only", "power-user", "delete", "cli-frozen", "--yes", "--config", file)
	if got := d.item(t, "cli-frozen"); got.Status != vm.StatusStopped || got.Deleting {
		t.Errorf("it was touched: %+v", got)
	}
}

func TestIntegrationCompletion(t *testing.T) {
	d := newDesk(t)
	d.create(t, "cli-complete", "cli-complete", nil)
	for _, tt := range []struct {
		identity  string
		words     []string
		want, not string
	}{
		{"viewer", []string{"start", kubetest.Namespace + "/cli-com"}, kubetest.Namespace + "/cli-complete\tStopped", ""},
		{"viewer", []string{"start", "cli-com"}, "cli-complete\t", "/"},
		{"viewer", []string{"stop", "cli-com"}, ":4", "cli-complete"},
		{"viewer", []string{"show", "team-"}, kubetest.Namespace + "/\n", ""},
		{"viewer", []string{"start", "cli-complete", "cli-com"}, ":4", "cli-complete"},
		{"viewer", []string{"list", "-n", "team-"}, kubetest.Namespace + "\n", ""},
		{"namespace-only", []string{"show", ""}, "cli-complete", "team-b"},
		{"nobody", []string{"show", "cli-com"}, ":4", "cli-complete"},
	} {
		cmd := root()
		var out bytes.Buffer
		cmd.SetArgs(append([]string{"__complete", "vm", "--kubeconfig", d.kubeconfig, "--context", tt.identity, "-n", kubetest.Namespace}, tt.words...))
		cmd.SetOut(&out)
		cmd.SetErr(&bytes.Buffer{})
		if err := cmd.ExecuteContext(t.Context()); err != nil || !strings.Contains(out.String(), tt.want) || tt.not != "" && strings.Contains(out.String(), tt.not) {
			t.Errorf("%s completes %v to %q, %v; want %q and not %q", tt.identity, tt.words, out.String(), err, tt.want, tt.not)
		}
	}
}
