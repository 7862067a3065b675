package check

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/kube/kubetest"
	"vmdeck.dev/vmdeck/rbac"
)

// cluster is the real control plane in an administrator's hands.
type cluster struct {
	*testing.T
	admin *kube.Cluster
	setup Source // says what was configured; nil: the cluster
}

// newCluster waits until what other tests have deleted is gone: bindings would go with their namespaces in the middle of a test.
func newCluster(t *testing.T) *cluster {
	c := &cluster{T: t, admin: kubetest.Connect(t, "cluster-admin")}
	await(t, func() bool {
		list, err := c.admin.Core().Namespaces().List(t.Context(), metav1.ListOptions{})
		c.must(err)
		return !slices.ContainsFunc(list.Items, func(ns corev1.Namespace) bool { return ns.Status.Phase == corev1.NamespaceTerminating })
	}, func() { t.Error("namespaces stay in deletion") })
	return c
}

// must ends the test when a step of its own failed.
func (c *cluster) must(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

func (c *cluster) verdicts() (map[string]Verdict, map[string]Result) {
	c.Helper()
	report, err := Run(c.Context(), c.admin, Options{Setup: c.setup}, nil)
	c.must(err)
	verdicts, results := map[string]Verdict{}, map[string]Result{}
	for _, r := range report.Results {
		verdicts[r.ID], results[r.ID] = r.Verdict, r
	}
	return verdicts, results
}

// turned are the results whose verdict is another than before, with results that came or went.
func turned(before, now map[string]Verdict) map[string]Verdict {
	out := map[string]Verdict{}
	for id, v := range now {
		if before[id] != v {
			out[id] = v
		}
	}
	for id := range before {
		if _, still := now[id]; !still {
			out[id] = "gone"
		}
	}
	return out
}

func same(a, b map[string]Verdict) bool { return len(turned(a, b)) == 0 }

// breaks breaks something, waits until exactly the checks turn that are wanted, applies the fix that the first one's result names and
// waits until all is as before. The authorizer follows its objects a little later, so both are awaited.
func (c *cluster) breaks(breakIt func(), wanted map[string]Verdict, first string, fix func(Result)) {
	c.Helper()
	before, _ := c.verdicts()
	breakIt()
	var now map[string]Verdict
	var results map[string]Result
	await(c.T, func() bool {
		now, results = c.verdicts()
		return same(wanted, turned(before, now))
	}, func() { c.Errorf("turned %v, want %v", turned(before, now), wanted) })
	if r := results[first]; r.Fix.Text == "" {
		c.Errorf("%s names no fix: %+v", first, r)
	} else {
		fix(r)
	}
	await(c.T, func() bool {
		now, _ = c.verdicts()
		return same(before, now)
	}, func() { c.Errorf("after the fix %v", turned(before, now)) })
}

func await(t *testing.T, condition func() bool, failed func()) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !condition(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			failed()
			t.FailNow()
		}
	}
}

// merge changes an object, or its status, by a merge patch.
func (c *cluster) merge(path, patch string) {
	c.Helper()
	c.must(c.admin.REST("", "v1").Patch(types.MergePatchType).AbsPath(path).Body([]byte(patch)).Do(context.Background()).Error())
}

func (c *cluster) create(path string, object any) {
	c.Helper()
	body, err := json.Marshal(object)
	c.must(err)
	c.must(c.admin.REST("", "v1").Post().AbsPath(path).SetHeader("Content-Type", "application/json").Body(body).Do(context.Background()).Error())
}

func (c *cluster) remove(path string) {
	err := c.admin.REST("", "v1").Delete().AbsPath(path).Do(context.Background()).Error()
	if kube.Classify(err) != kube.KindNone && kube.Classify(err) != kube.KindNotFound {
		c.Errorf("delete %s: %v", path, err)
	}
}

// gone tells whether an object has been deleted, finalizers and all.
func (c *cluster) gone(path string) bool {
	return kube.Classify(c.admin.REST("", "v1").Get().AbsPath(path).Do(context.Background()).Error()) == kube.KindNotFound
}

// role lends a role for the test, and puts it back.
func (c *cluster) role(name string) *rbacv1.ClusterRole {
	c.Helper()
	roles := c.admin.RBAC().ClusterRoles()
	before, err := roles.Get(c.Context(), name, metav1.GetOptions{})
	c.must(err)
	c.Cleanup(func() {
		again := before.DeepCopy()
		again.ResourceVersion, again.UID = "", ""
		if _, err := roles.Get(context.Background(), name, metav1.GetOptions{}); err == nil {
			_, err = roles.Update(context.Background(), again, metav1.UpdateOptions{})
			c.must(err)
			return
		}
		_, err := roles.Create(context.Background(), again, metav1.CreateOptions{})
		c.must(err)
	})
	return before.DeepCopy()
}

// install does what the screen does that the fix opens.
func (c *cluster) install(r Result) {
	target, ok := r.Fix.Open.(InstallRoles)
	if !ok {
		c.Fatalf("the fix opens %+v", r.Fix.Open)
	}
	plan, err := binding.PlanRoles(c.Context(), c.admin, target.Names...)
	c.must(err)
	keeper := &binding.Keeper{Cluster: c.admin, User: func() string { return "test" }}
	c.must(keeper.InstallRoles(c.Context(), plan, binding.InstallOptions{Overwrite: target.Names}, nil))
}

// apply does what the editor does that the fix opens, and takes it back after the test.
func (c *cluster) apply(r Result) {
	target, ok := r.Fix.Open.(EditRule)
	if !ok {
		c.Fatalf("the fix opens %+v", r.Fix.Open)
	}
	world, err := binding.Read(c.Context(), c.admin)
	c.must(err)
	plan, err := rbac.NewPlan(target.Rule, world.World)
	c.must(err)
	c.must(binding.Apply(c.Context(), c.admin, plan, nil))
	c.Cleanup(func() {
		world, err := binding.Read(context.Background(), c.admin)
		c.must(err)
		c.must(binding.Apply(context.Background(), c.admin, rbac.Removal(target.Rule, world.World), nil))
	})
}
