package template_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/kubetest"
	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/kube/template/templatetest"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
)

// book is an audit log in memory.
type book struct {
	mu      sync.Mutex
	entries []config.AuditEntry
}

func (b *book) Write(e config.AuditEntry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.entries = append(b.entries, e)
	return nil
}

func (b *book) last() config.AuditEntry {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.entries[len(b.entries)-1]
}

func keeper(t *testing.T, identity string) (*template.Keeper, *book) {
	audit := &book{}
	return &template.Keeper{Cluster: kubetest.Connect(t, identity), Audit: audit, User: func() string { return identity }}, audit
}

func machine(t *testing.T, k *template.Keeper, sample string, o template.Options) template.Machine {
	t.Helper()
	tmpl, err := template.Get(t.Context(), k.Cluster, sample)
	if err != nil {
		t.Fatal(err)
	}
	o.Namespace = kubetest.Namespace
	m, problems := tmpl.Instantiate(o)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	t.Cleanup(func() { remove(kubetest.Connect(t, "cluster-admin"), o.Name) })
	return m
}

func remove(c *kube.Cluster, name string) {
	now := int64(0)
	_ = c.REST(rbac.GroupKubeVirt, "v1").Delete().Namespace(kubetest.Namespace).Resource(string(vm.Machines)).Name(name).
		Body(&metav1.DeleteOptions{GracePeriodSeconds: &now}).Do(context.Background()).Error()
}

func exists(t *testing.T, name string) bool {
	t.Helper()
	err := kubetest.Connect(t, "cluster-admin").REST(rbac.GroupKubeVirt, "v1").Get().Namespace(kubetest.Namespace).Resource(string(vm.Machines)).Name(name).Do(t.Context()).Error()
	if err != nil && kube.Classify(err) != kube.KindNotFound {
		t.Fatal(err)
	}
	return err == nil
}

// E3: a VM is deployed from a VmTemplate by somebody who may, and runs.
func TestIntegrationDeployFromTemplate(t *testing.T) {
	k, audit := keeper(t, "power-user")
	templatetest.Install(t, kubetest.Connect(t, "cluster-admin"))
	list, err := template.List(t.Context(), k.Cluster)
	if names := slices.Collect(func(yield func(string) bool) {
		for _, tmpl := range list {
			yield(tmpl.Name)
		}
	}); err != nil || !slices.Equal(names, templatetest.Samples()) {
		t.Fatalf("the catalogue has %v, %v", names, err)
	}
	start := true
	m := machine(t, k, "alpine", template.Options{Name: "template-test", CPU: 2, Memory: "1Gi", Start: &start})
	if err := k.Check(t.Context(), m); err != nil || exists(t, "template-test") {
		t.Fatalf("dry run: %v; it exists: %t", err, exists(t, "template-test"))
	}
	if e := audit.last(); e.Action != "launch" || !e.DryRun || e.Result != "accepted" || e.Decision != "allowed" {
		t.Errorf("audit entry of the dry run: %+v", e)
	}
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	followed, err := vm.Follow(ctx, k.Cluster, vm.Scope{Namespaces: []string{kubetest.Namespace}})
	if err != nil {
		t.Fatal(err)
	}
	made, err := k.Create(ctx, m)
	if err != nil || made.UID == "" {
		t.Fatalf("made %+v, %v", made, err)
	}
	if e := audit.last(); e.Action != "launch" || e.DryRun || e.UID != made.UID || e.Namespace != kubetest.Namespace || e.Name != "template-test" {
		t.Errorf("audit entry: %+v", e)
	}
	if err := template.Await(ctx, followed, made, nil); err != nil {
		t.Fatal(err)
	}
	if r := followed.Find(made.Namespace, made.Name); r.Status != vm.StatusRunning || r.UID != made.UID || r.CPU != 2 || r.Memory != 1<<30 {
		t.Errorf("it is %+v", r)
	}
	_, err = k.Create(ctx, m)
	if p := template.Problems(err); !errors.Is(err, template.ErrExists) || len(p) != 1 || p[0].Field != template.FieldName {
		t.Errorf("a name that is taken: %v, %v", err, p)
	}
	short, stop := context.WithTimeout(ctx, time.Second)
	defer stop()
	if err := template.Await(short, followed, template.Made{Namespace: made.Namespace, Name: made.Name, UID: "other"}, nil); err == nil || !strings.Contains(err.Error(), "another VM") {
		t.Errorf("another UID: %v", err)
	}
}

// A wait that is in vain ends with how the VM is.
func TestIntegrationAwaitInVain(t *testing.T) {
	k, _ := keeper(t, "power-user")
	templatetest.Install(t, kubetest.Connect(t, "cluster-admin"))
	followed, err := vm.Follow(t.Context(), k.Cluster, vm.Scope{Namespaces: []string{kubetest.Namespace}})
	if err != nil {
		t.Fatal(err)
	}
	made, err := k.Create(t.Context(), machine(t, k, "cirros", template.Options{Name: "template-stopped"}))
	if err != nil {
		t.Fatal(err)
	}
	kubetest.Await(t, time.Minute, "it to be stopped", func() bool {
		r := followed.Find(made.Namespace, made.Name)
		return r != nil && r.Status == vm.StatusStopped
	})
	var seen []string
	short, stop := context.WithTimeout(t.Context(), time.Second)
	defer stop()
	err = template.Await(short, followed, made, func(status string) { seen = append(seen, status) })
	if err == nil || !strings.Contains(err.Error(), "not running after 1s: it is Stopped") || !slices.Equal(seen, []string{vm.StatusStopped}) {
		t.Errorf("%v, seen %v", err, seen)
	}
	gone, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer stop()
	if err := template.Await(gone, followed, template.Made{Namespace: made.Namespace, Name: "template-nosuch"}, nil); err == nil || !strings.Contains(err.Error(), "did not appear in the list") {
		t.Error(err)
	}
}

// B1, B4: who may not launch is told why before anything is tried, and who may not write templates likewise.
func TestIntegrationTemplatesRefuse(t *testing.T) {
	templatetest.Install(t, kubetest.Connect(t, "cluster-admin"))
	for _, identity := range []string{"user", "viewer"} {
		k, audit := keeper(t, identity)
		m := machine(t, k, "cirros", template.Options{Name: "template-refused"})
		if d := template.Ask(t.Context(), k.Cluster.Access(), kubetest.Namespace); d.Verdict != rbac.Denied || d.Reason != "needs create virtualmachines in team-a" {
			t.Errorf("%s: %v %q", identity, d.Verdict, d.Reason)
		}
		_, err := k.Create(t.Context(), m)
		refused := template.Refused{}
		if !errors.As(err, &refused) || !errors.Is(err, template.ErrForbidden) || !slices.Contains(refused.Decision.Grants, rbac.RolePowerUser) {
			t.Errorf("%s: %v", identity, err)
		}
		if e := audit.last(); e.Result != "refused" || e.Decision != "denied" || exists(t, "template-refused") {
			t.Errorf("%s: audit entry %+v", identity, e)
		}
	}
	power, _ := keeper(t, "power-user")
	if d := template.Ask(t.Context(), power.Cluster.Access(), kubetest.Namespace); !d.Allowed() {
		t.Errorf("power-user: %v %q", d.Verdict, d.Reason)
	}
	sample, err := template.Get(t.Context(), power.Cluster, "cirros")
	if err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"save": second(power.Save(t.Context(), sample, false)), "create": second(power.Save(t.Context(), sample.WithVersion(""), true)), "delete": power.Delete(t.Context(), sample, false),
	} {
		if !errors.Is(err, template.ErrForbidden) || !strings.Contains(err.Error(), rbac.RoleAdmin) {
			t.Errorf("power-user may %s templates: %v", what, err)
		}
	}
	none, _ := keeper(t, "nobody")
	_, err = template.List(t.Context(), none.Cluster)
	if !errors.Is(err, template.ErrForbidden) || !strings.Contains(err.Error(), rbac.RoleListVMTemplates) {
		t.Errorf("nobody lists: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

// Templates are written in the version that was read, and VMs that the server would refuse are found by trying.
func TestIntegrationTemplatesAreKept(t *testing.T) {
	admin, audit := keeper(t, "vm-admin")
	templatetest.Install(t, kubetest.Connect(t, "cluster-admin"))
	sample, err := template.Get(t.Context(), admin.Cluster, "cirros")
	if err != nil {
		t.Fatal(err)
	}
	if err := admin.Check(t.Context(), sample.Trial(kubetest.Namespace)); err != nil {
		t.Error(err)
	}
	changed := parsed(t, sample, "CirrOS", "Cirrus")
	if _, err := admin.Save(t.Context(), changed, true); err != nil {
		t.Fatal(err)
	}
	if got, _ := template.Get(t.Context(), admin.Cluster, "cirros"); got.Title != "CirrOS" {
		t.Error("a dry run has changed the template")
	}
	saved, err := admin.Save(t.Context(), changed, false)
	if err != nil || saved.Title != "Cirrus" || audit.last().UID != sample.UID {
		t.Fatalf("%+v, %v", saved, err)
	}
	if _, err := admin.Save(t.Context(), parsed(t, sample, "CirrOS", "Other"), false); !errors.Is(err, template.ErrChanged) {
		t.Errorf("an old version is saved: %v", err)
	}
	if err := admin.Delete(t.Context(), sample, false); !errors.Is(err, template.ErrChanged) {
		t.Errorf("an old version is deleted: %v", err)
	}
	if _, err := admin.Save(t.Context(), saved.WithVersion(""), false); !errors.Is(err, template.ErrExists) {
		t.Errorf("made twice: %v", err)
	}
	if _, err := admin.Save(t.Context(), parsed(t, saved, "displayName:", "dispName:"), true); err == nil || !strings.Contains(err.Error(), "spec.dispName") {
		t.Errorf("an unknown field: %v", err)
	}
	broken := parsed(t, saved, "pod: {}", "pod: {}\n      - name: more\n        pod: {}")
	if err := admin.Check(t.Context(), broken.Trial(kubetest.Namespace)); kube.Classify(err) != kube.KindWebhookRefused || !strings.Contains(err.Error(), "try a VM of the template cirros in team-a") {
		t.Errorf("two pod networks: %v", err)
	}
	if err := admin.Delete(t.Context(), saved, true); err != nil {
		t.Error(err)
	}
	if err := errors.Join(admin.Delete(t.Context(), saved, false), admin.Delete(t.Context(), saved, false)); err != nil {
		t.Error(err)
	}
	if _, err := template.Get(t.Context(), admin.Cluster, "cirros"); !errors.Is(err, template.ErrNotFound) {
		t.Errorf("after it was deleted: %v", err)
	}
	templatetest.Remove(t, kubetest.Connect(t, "cluster-admin"))
	for _, identity := range []string{"vm-admin", "nobody"} {
		k, _ := keeper(t, identity)
		_, list := template.List(t.Context(), k.Cluster)
		_, get := template.Get(t.Context(), k.Cluster, "cirros")
		_, save := k.Save(t.Context(), saved.WithVersion(""), false)
		for what, err := range map[string]error{"list": list, "get": get, "save": save} {
			if !errors.Is(err, template.ErrNoKind) {
				t.Errorf("%s by %s without the kind: %v", what, identity, err)
			}
		}
	}
}

// parsed is a template after its manifest was edited.
func parsed(t *testing.T, from template.Template, old, now string) template.Template {
	t.Helper()
	manifest, err := from.Manifest()
	if err != nil || !strings.Contains(manifest, old) {
		t.Fatalf("no %q in\n%s%v", old, manifest, err)
	}
	list, err := template.Parse([]byte(strings.Replace(manifest, old, now, 1)), "test")
	if err != nil {
		t.Fatal(err)
	}
	return list[0]
}
