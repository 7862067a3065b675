package check

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
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
}

// newCluster waits until what other tests have deleted is gone: bindings would go with their namespaces in the middle of a test.
func newCluster(t *testing.T) *cluster {
	c := &cluster{t, kubetest.Connect(t, "cluster-admin")}
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
	report, err := Run(c.Context(), c.admin, Options{}, nil)
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

// TestIntegrationD2BreakRoles: a role that drifts or goes turns its own check, and those of the people who have it.
func TestIntegrationD2BreakRoles(t *testing.T) {
	const id, user = "roles.catalogue/" + rbac.RoleUser, "access.personas/User user"
	t.Run("more", func(t *testing.T) {
		c := newCluster(t)
		role := c.role(rbac.RoleUser)
		c.breaks(func() {
			role.Rules = append(role.Rules, rbacv1.PolicyRule{Verbs: []string{"delete"}, APIGroups: []string{rbac.GroupKubeVirt}, Resources: []string{"virtualmachines"}})
			_, err := c.admin.RBAC().ClusterRoles().Update(c.Context(), role, metav1.UpdateOptions{})
			c.must(err)
		}, map[string]Verdict{id: Warn, user: Warn}, id, c.install)
	})
	t.Run("less", func(t *testing.T) {
		c := newCluster(t)
		role := c.role(rbac.RoleUser)
		c.breaks(func() {
			role.Rules = role.Rules[1:]
			_, err := c.admin.RBAC().ClusterRoles().Update(c.Context(), role, metav1.UpdateOptions{})
			c.must(err)
		}, map[string]Verdict{id: Fail, user: Fail}, id, c.install)
	})
	t.Run("gone", func(t *testing.T) {
		c := newCluster(t)
		c.role(rbac.RoleUser)
		c.breaks(func() {
			c.must(c.admin.RBAC().ClusterRoles().Delete(c.Context(), rbac.RoleUser, metav1.DeleteOptions{}))
		}, map[string]Verdict{id: Fail, user: Fail, "bindings.orphans": Fail}, "bindings.orphans", c.install)
	})
}

// TestIntegrationD2BreakBindings: orphans, surplus rights, and C1's list bindings.
func TestIntegrationD2BreakBindings(t *testing.T) {
	roleBinding := func(name, role, user string) *rbacv1.RoleBinding {
		return &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: name}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
			Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: user}},
		}
	}
	for name, tt := range map[string]struct{ role, turns string }{
		"orphan":  {"check-test-gone", "bindings.orphans"},
		"surplus": {"admin", "access.personas/User viewer"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t)
			bindings := c.admin.RBAC().RoleBindings("team-b")
			remove := func() { _ = bindings.Delete(context.Background(), "check-test", metav1.DeleteOptions{}) }
			c.Cleanup(remove)
			c.breaks(func() {
				_, err := bindings.Create(c.Context(), roleBinding("check-test", tt.role, "viewer"), metav1.CreateOptions{})
				c.must(err)
			}, map[string]Verdict{tt.turns: Warn}, tt.turns, func(r Result) {
				all := strings.Join(append(r.Evidence, r.Fix.Command), "\n")
				if name == "orphan" && !strings.Contains(all, "kubectl delete rolebinding check-test -n team-b") ||
					name == "surplus" && !strings.Contains(all, "surplus in team-b: start") {
					c.Errorf("it says\n%s", all)
				}
				if _, ok := r.Fix.Open.(ShowBindings); !ok {
					c.Errorf("the fix opens %+v", r.Fix.Open)
				}
				remove()
			})
		})
	}
	t.Run("C1", func(t *testing.T) {
		c := newCluster(t)
		bindings, name, id := c.admin.RBAC().ClusterRoleBindings(), "viewer-"+rbac.RoleListNamespaces, "bindings.lists/"+rbac.RoleListNamespaces
		before, err := bindings.Get(c.Context(), name, metav1.GetOptions{})
		c.must(err)
		before.ResourceVersion, before.UID = "", ""
		c.Cleanup(func() {
			_, err := bindings.Create(context.Background(), before, metav1.CreateOptions{})
			c.must(err)
		})
		// Whoever works in single namespaces lacks it from the start, which is a warning; the fix gives it to them too.
		guest := &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "check-test"}, RoleRef: before.RoleRef,
			Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: "namespace-only"}}}
		_, err = bindings.Create(c.Context(), guest, metav1.CreateOptions{})
		c.must(err)
		c.Cleanup(func() { _ = bindings.Delete(context.Background(), "check-test", metav1.DeleteOptions{}) })
		await(t, func() bool { now, _ := c.verdicts(); return now[id] == Pass }, func() { c.Errorf("%s does not pass", id) })
		c.breaks(func() {
			c.must(bindings.Delete(c.Context(), name, metav1.DeleteOptions{}))
		}, map[string]Verdict{id: Fail}, id, c.apply)
	})
}

// TestIntegrationD2BreakRules: somebody who deletes a rule's binding turns the rule's check, and that of the people in it.
func TestIntegrationD2BreakRules(t *testing.T) {
	c := newCluster(t)
	c.must(binding.InstallStore(c.Context(), c.admin, false))
	store := binding.ClusterStore(c.admin)
	rule := rbac.BindingRule{Name: "check-test", RoleKind: rbac.KindClusterRole, RoleName: rbac.RoleUser, Namespaces: []string{"team-b"},
		Subjects: []rbac.Subject{rbac.SubjectOf("check-test")}, Lists: true}
	saved, err := store.Save(c.Context(), rule, "")
	c.must(err)
	c.Cleanup(func() { c.must(store.Delete(context.Background(), saved)) })
	c.apply(Result{Fix: Fix{Open: EditRule{Rule: rule}}})
	const id, person = "bindings.rules/check-test", "access.personas/User check-test"
	await(t, func() bool { now, _ := c.verdicts(); return now[id] == Pass && now[person] == Pass }, func() { c.Error("the rule does not pass") })
	c.breaks(func() {
		c.must(c.admin.RBAC().RoleBindings("team-b").Delete(c.Context(), "vmdeck-check-test", metav1.DeleteOptions{}))
	}, map[string]Verdict{id: Fail, person: Fail}, id, c.apply)
}

// TestIntegrationBreakPlatform: KubeVirt's phase and gates, virt-api in both of its ways to fail, and nodes.
func TestIntegrationBreakPlatform(t *testing.T) {
	const kubevirt = "/apis/kubevirt.io/v1/namespaces/kubevirt/kubevirts/kubevirt"
	t.Run("phase", func(t *testing.T) {
		c := newCluster(t)
		repair := func() { c.merge(kubevirt+"/status", `{"status":{"phase":"Deployed"}}`) }
		c.Cleanup(repair)
		c.breaks(func() { c.merge(kubevirt+"/status", `{"status":{"phase":"Deploying"}}`) },
			map[string]Verdict{"platform.kubevirt": Fail}, "platform.kubevirt", func(Result) { repair() })
	})
	t.Run("gates", func(t *testing.T) {
		c := newCluster(t)
		var before struct{ Spec any }
		raw, err := c.admin.REST("", "v1").Get().AbsPath(kubevirt).Do(c.Context()).Raw()
		c.must(err)
		c.must(json.Unmarshal(raw, &before))
		body, err := json.Marshal(map[string]any{"spec": before.Spec})
		c.must(err)
		c.Cleanup(func() { c.merge(kubevirt, string(body)) })
		without := strings.Replace(strings.Replace(string(body), `"Snapshot",`, "", 1), `"HotplugVolumes",`, "", 1)
		command := func(r Result) string { // the patch out of the command that the fix shows
			_, patch, _ := strings.Cut(r.Fix.Command, " -p '")
			return strings.TrimSuffix(patch, "'")
		}
		c.breaks(func() { c.merge(kubevirt, without) },
			map[string]Verdict{"platform.gates/snapshot": Fail, "platform.gates/hotplug": Fail}, "platform.gates/snapshot", func(r Result) {
				c.merge(kubevirt, command(r))
				now, results := c.verdicts()
				if now["platform.gates/snapshot"] != Pass || now["platform.gates/hotplug"] != Fail {
					c.Errorf("after the first fix: %v", now)
				}
				c.merge(kubevirt, command(results["platform.gates/hotplug"]))
			})
	})
	t.Run("virt-api away", func(t *testing.T) {
		c := newCluster(t)
		start := func() { kubetest.Control(t, "start", "virt-api") }
		c.Cleanup(start)
		c.breaks(func() { kubetest.Control(t, "stop", "virt-api") },
			map[string]Verdict{"platform.virt-api": Fail}, "platform.virt-api", func(r Result) {
				if !strings.Contains(r.Summary, "Nobody answers") || !strings.Contains(strings.Join(r.Evidence, "\n"), "connection refused") {
					c.Errorf("it says %s %q", r.Summary, r.Evidence)
				}
				start()
			})
	})
	t.Run("virt-api may not review", func(t *testing.T) {
		c := newCluster(t)
		bindings := c.admin.RBAC().ClusterRoleBindings()
		before, err := bindings.Get(c.Context(), "kubevirt-apiserver-auth-delegator", metav1.GetOptions{})
		c.must(err)
		before.ResourceVersion, before.UID = "", ""
		repair := func() { _, _ = bindings.Create(context.Background(), before, metav1.CreateOptions{}) }
		c.Cleanup(repair)
		c.breaks(func() { c.must(bindings.Delete(c.Context(), before.Name, metav1.DeleteOptions{})) },
			map[string]Verdict{"platform.virt-api": Fail}, "platform.virt-api", func(r Result) {
				if !strings.Contains(r.Fix.Command, before.Name) {
					c.Errorf("the fix is %+v", r.Fix)
				}
				repair()
			})
	})
	t.Run("nodes", func(t *testing.T) {
		c := newCluster(t)
		cordon := func(off string) {
			for _, node := range []string{"node-2", "node-3"} {
				c.merge("/api/v1/nodes/"+node, `{"spec":{"unschedulable":`+off+`}}`)
			}
		}
		c.Cleanup(func() { cordon("false") })
		c.breaks(func() { cordon("true") }, map[string]Verdict{"platform.nodes": Warn}, "platform.nodes", func(Result) { cordon("false") })
	})
}

// TestIntegrationBreakSurroundings: namespaces, storage, templates and packs.
func TestIntegrationBreakSurroundings(t *testing.T) {
	t.Run("D3 VM in default", func(t *testing.T) {
		c := newCluster(t)
		const vms = "/apis/kubevirt.io/v1/namespaces/default/virtualmachines"
		remove := func() { c.remove(vms + "/check-test") }
		c.Cleanup(remove)
		c.breaks(func() {
			c.create(vms, map[string]any{"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": map[string]any{"name": "check-test"}, "spec": machineSpec()})
		}, map[string]Verdict{"namespaces.dedicated": Warn}, "namespaces.dedicated", func(Result) { remove() })
	})
	t.Run("storage", func(t *testing.T) {
		c := newCluster(t)
		const classes = "/apis/storage.k8s.io/v1/storageclasses"
		c.create(classes, map[string]any{"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "provisioner": "check.test",
			"metadata": map[string]any{"name": "check-test", "annotations": map[string]string{"storageclass.kubernetes.io/is-default-class": "true"}}})
		c.Cleanup(func() { c.remove(classes + "/check-test") })
		mark := func(value string) {
			c.merge(classes+"/check-test", `{"metadata":{"annotations":{"storageclass.kubernetes.io/is-default-class":`+value+`}}}`)
		}
		c.breaks(func() { mark("null") }, map[string]Verdict{"storage.classes": Warn}, "storage.classes", func(r Result) {
			if r.Fix.Command != "kubectl annotate storageclass check-test storageclass.kubernetes.io/is-default-class=true" {
				c.Errorf("the fix is %s", r.Fix.Command)
			}
			mark(`"true"`)
		})
	})
	t.Run("D1 pack", func(t *testing.T) {
		c := newCluster(t)
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "sh.helm.release.v1.spectro-proxy.v1", Labels: map[string]string{
			"owner": "helm", "name": ProxyPack, "status": "deployed", "version": "1"}}, Type: "helm.sh/release.v1"}
		secrets := c.admin.Core().Secrets("default")
		_, err := secrets.Create(c.Context(), secret, metav1.CreateOptions{})
		c.must(err)
		c.Cleanup(func() { c.must(secrets.Delete(context.Background(), secret.Name, metav1.DeleteOptions{})) })
		status := func(s string) {
			c.merge("/api/v1/namespaces/default/secrets/"+secret.Name, `{"metadata":{"labels":{"status":"`+s+`"}}}`)
		}
		c.breaks(func() { status("failed") }, map[string]Verdict{"profile.packs/" + ProxyPack: Fail}, "profile.packs/"+ProxyPack, func(Result) { status("deployed") })
	})
	t.Run("D4 template", func(t *testing.T) {
		c := newCluster(t)
		c.templateKind()
		const templates = "/apis/spectrocloud.com/v1/vmtemplates"
		spec := machineSpec()
		spec["displayName"], spec["description"] = "Test", "A VM without disks"
		c.create(templates, map[string]any{"apiVersion": "spectrocloud.com/v1", "kind": "VmTemplate", "metadata": map[string]any{"name": "check-test"}, "spec": spec})
		await(t, func() bool { now, _ := c.verdicts(); return now["templates.deploy/check-test"] == Pass }, func() { c.Error("the template does not deploy") })
		network := func(name string) {
			c.merge(templates+"/check-test", `{"spec":{"template":{"spec":{"networks":[{"name":"`+name+`","pod":{}}]}}}}`)
		}
		c.breaks(func() { network("nowhere") }, map[string]Verdict{"templates.deploy/check-test": Fail}, "templates.deploy/check-test", func(r Result) {
			if r.Fix.Command != "kubectl edit vmtemplate check-test" || len(r.Evidence) == 0 {
				c.Errorf("it says %+v", r)
			}
			network("default")
		})
		c.asOthers()
	})
}

// asOthers: the dry run is made as the chosen subject where that is permitted, and otherwise as oneself, and said so.
func (c *cluster) asOthers() {
	c.Helper()
	for user, verdict := range map[string]Verdict{"power-user": Pass, "viewer": NotPermitted} {
		who := rbac.WhoIs(user)
		report, err := Run(c.Context(), c.admin, Options{Only: []string{"templates.deploy"}, Who: &who, Namespaces: []string{"team-b"}}, nil)
		c.must(err)
		if r := report.Results[0]; r.Verdict != verdict || !strings.Contains(r.Summary, user) {
			c.Errorf("as %s: %s %s", user, r.Verdict, r.Summary)
		}
		report, err = Run(c.Context(), kubetest.Connect(c.T, "power-user"), Options{Only: []string{"templates.deploy"}, Who: &who}, nil)
		c.must(err)
		if r := report.Results[0]; user == "viewer" && (r.Verdict != Pass || !strings.Contains(strings.Join(r.Evidence, ""), "You may not speak for viewer")) {
			c.Errorf("as viewer by power-user: %s %s %v", r.Verdict, r.Summary, r.Evidence)
		}
	}
	var list struct{ Items []any }
	raw, err := c.admin.REST("", "v1").Get().AbsPath("/apis/kubevirt.io/v1/namespaces/team-b/virtualmachines").Do(c.Context()).Raw()
	c.must(err)
	c.must(json.Unmarshal(raw, &list))
	if strings.Contains(string(raw), "vmdeck-validate-") {
		c.Error("a dry run has left a VM behind")
	}
}

func machineSpec() map[string]any {
	return map[string]any{"runStrategy": "Halted", "template": map[string]any{"spec": map[string]any{
		"domain": map[string]any{"devices": map[string]any{"interfaces": []any{map[string]any{"name": "default", "masquerade": map[string]any{}}}},
			"resources": map[string]any{"requests": map[string]string{"memory": "64Mi"}}},
		"networks": []any{map[string]any{"name": "default", "pod": map[string]any{}}},
	}}}
}

// templateKind makes the kind VmTemplate known for the test.
func (c *cluster) templateKind() {
	c.Helper()
	const crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
	c.create(crds, map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": map[string]any{"name": "vmtemplates.spectrocloud.com"},
		"spec": map[string]any{"group": "spectrocloud.com", "scope": "Cluster",
			"names": map[string]string{"plural": "vmtemplates", "singular": "vmtemplate", "kind": "VmTemplate", "listKind": "VmTemplateList"},
			"versions": []any{map[string]any{"name": "v1", "served": true, "storage": true,
				"schema": map[string]any{"openAPIV3Schema": map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}}},
	})
	c.Cleanup(func() { c.remove(crds + "/vmtemplates.spectrocloud.com") })
	await(c.T, func() bool { now, _ := c.verdicts(); return now["templates.kind"] == Pass }, func() { c.Error("the kind is not served") })
}
