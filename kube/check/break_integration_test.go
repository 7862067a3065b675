package check

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/kube/kubetest"
	"vmdeck.dev/vmdeck/rbac"
)

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
			if r.Fix.Command != "vmdeck template edit check-test" || len(r.Evidence) == 0 {
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
	c.Cleanup(func() {
		c.remove(crds + "/vmtemplates.spectrocloud.com")
		await(c.T, func() bool { return c.gone("/apis/spectrocloud.com") }, func() { c.Error("the kind stays") })
	})
	await(c.T, func() bool { now, _ := c.verdicts(); return now["templates.kind"] == Pass }, func() { c.Error("the kind is not served") })
}
