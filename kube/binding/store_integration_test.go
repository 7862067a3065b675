package binding

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/kubetest"
	"vmdeck.dev/vmdeck/rbac"
)

// install makes the custom resource known; tests share it, so it stays.
func (b *bench) install() Store {
	b.Helper()
	if err := InstallStore(b.Context(), b.admin, false); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		rules, _ := ClusterStore(b.admin).List(context.Background())
		for _, r := range rules {
			if strings.HasPrefix(r.Name, b.id) {
				_ = ClusterStore(b.admin).Delete(context.Background(), Stored{BindingRule: r.BindingRule})
			}
		}
	})
	return ClusterStore(b.admin)
}

// create puts an object into the store past vmdeck, as kubectl does.
func (b *bench) create(object string) error {
	return b.admin.REST(storeGroup, storeVersion).Post().Resource(storeResource).Body([]byte(object)).Do(b.Context()).Error()
}

func mine(b *bench, store Store) []Stored {
	b.Helper()
	var out []Stored
	for _, r := range mustList(b.T, store) {
		if strings.HasPrefix(r.Name, b.id) {
			out = append(out, r)
		}
	}
	return out
}

func TestIntegrationC4ClusterStore(t *testing.T) {
	b := newBench(t)
	store := b.install()
	made, err := store.Save(t.Context(), b.rule, "")
	if err != nil || made.UID == "" || made.Version == "" {
		t.Fatalf("%+v %v", made, err)
	}
	if got := mine(b, store); len(got) != 1 || !reflect.DeepEqual(got[0], made) || !reflect.DeepEqual(made.BindingRule, b.rule) {
		t.Errorf("read back %+v, made %+v", got, made)
	}
	if _, err := store.Save(t.Context(), b.rule, ""); !errors.Is(err, ErrExists) || kube.Classify(err) != kube.KindConflict {
		t.Errorf("made twice: %v", err)
	}
	changed := b.rule
	changed.ClusterWide, changed.Namespaces, changed.Subjects = true, nil, b.rule.Subjects[:1]
	now, err := store.Save(t.Context(), changed, made.Version)
	if err != nil || now.UID != made.UID || !reflect.DeepEqual(now.BindingRule, changed) {
		t.Fatalf("%+v %v", now, err)
	}
	if _, err := store.Save(t.Context(), b.rule, made.Version); !errors.Is(err, ErrChanged) {
		t.Errorf("saved over a change: %v", err)
	}
	if err := store.Delete(t.Context(), made); !errors.Is(err, ErrChanged) {
		t.Errorf("deleted what was changed: %v", err)
	}
	if err := errors.Join(store.Delete(t.Context(), now), store.Delete(t.Context(), now)); err != nil {
		t.Errorf("delete, also what is gone: %v", err)
	}
	if _, err := store.Save(t.Context(), b.rule, now.Version); !errors.Is(err, ErrChanged) {
		t.Errorf("saved what is gone: %v", err)
	}
	if _, err := ClusterStore(kubetest.Connect(t, "nobody")).List(t.Context()); kube.Classify(err) != kube.KindForbidden || !strings.Contains(err.Error(), "not permitted") {
		t.Errorf("as nobody: %v", err)
	}
}

// TestIntegrationStoreRefusesBadRules: the schema stops what kubectl is asked to write, and what passes it nevertheless hides no other.
func TestIntegrationStoreRefusesBadRules(t *testing.T) {
	b := newBench(t)
	store := b.install()
	good, err := json.Marshal(objectOf(b.rule))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"no namespaces":      {`"namespaces":["/^` + b.id + `-/"]`, `"namespaces":[]`},
		"both":               {`"clusterWide":false`, `"clusterWide":true`},
		"no such kind":       {`"kind":"ClusterRole"`, `"kind":"Klusterrole"`},
		"a pattern unended":  {`-/"]`, `-"]`},
		"a name with a dot":  {`"name":"` + b.id + `"`, `"name":"` + b.id + `.x"`},
		"an account nowhere": {`,"namespace":"default"`, ``},
		"no subjects":        {`"subjects":[`, `"subjects":[],"x":[`},
	} {
		bad := strings.Replace(string(good), change[0], change[1], 1)
		if err := b.create(bad); bad == string(good) || kube.Classify(err) != kube.KindInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The schema cannot compile expressions.
	broken := strings.Replace(strings.Replace(string(good), b.id, b.id+"-broken", 1), `-/"]`, `(/"]`, 1)
	if err := errors.Join(b.create(broken), b.create(string(good))); err != nil {
		t.Fatal(err)
	}
	got := mine(b, store)
	if len(got) != 2 || got[0].Err != nil || got[1].Err == nil || got[1].Name != b.id+"-broken" || !strings.Contains(got[1].Err.Error(), "parenthesis") {
		t.Errorf("%+v", got)
	}
}

func TestIntegrationInstallStore(t *testing.T) {
	admin := kubetest.Connect(t, "cluster-admin")
	if err := InstallStore(t.Context(), admin, true); err != nil {
		t.Error(err)
	}
	for range 2 { // also where it is
		if err := InstallStore(t.Context(), admin, false); err != nil {
			t.Fatal(err)
		}
	}
	err := InstallStore(t.Context(), kubetest.Connect(t, "viewer"), false)
	if kube.Classify(err) != kube.KindForbidden || !strings.Contains(err.Error(), "install the custom resource") {
		t.Error(err)
	}
	var table struct{ Rows []struct{ Cells []any } }
	b := newBench(t)
	b.rule.Name = b.id
	if _, err := b.install().Save(t.Context(), b.rule, ""); err != nil {
		t.Fatal(err)
	}
	body, err := admin.REST(storeGroup, storeVersion).Get().Resource(storeResource).Name(b.id).
		SetHeader("Accept", "application/json;as=Table;g=meta.k8s.io;v=v1").Do(t.Context()).Raw()
	if err == nil {
		err = json.Unmarshal(body, &table)
	}
	if err != nil || len(table.Rows) != 1 || len(table.Rows[0].Cells) != 6 || table.Rows[0].Cells[1] != rbac.RoleUser {
		t.Errorf("kubectl get shows %v, %v", table.Rows, err)
	}
	t.Log(table.Rows[0].Cells...)
}
