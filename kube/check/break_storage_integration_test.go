package check

import (
	"testing"

	"vmdeck.dev/vmdeck/rbac"
)

// TestIntegrationBreakCDI: what CDI says of itself, and what its storage profiles say of the storage. The kinds are the test's own; no
// part of CDI is needed for what the checks read.
func TestIntegrationBreakCDI(t *testing.T) {
	const cdi, claims = "/apis/cdi.kubevirt.io/v1beta1/cdis/", "/apis/cdi.kubevirt.io/v1beta1/storageprofiles/"
	c := newCluster(t)
	if now, results := c.verdicts(); now["platform.cdi"] != Warn || now["storage.shared"] != NotApplicable {
		t.Errorf("without CDI: %+v, %+v", results["platform.cdi"], results["storage.shared"])
	}
	// The group goes a little after its kinds; until then other tests would find half of CDI.
	c.Cleanup(func() {
		await(t, func() bool { return c.gone("/apis/" + rbac.GroupCDI) }, func() { c.Error("CDI's group stays") })
	})
	c.cdiKind("cdis", "CDI")
	c.cdiKind("storageprofiles", "StorageProfile")
	// The list of groups and that of kinds follow a little later; without objects both checks find something missing.
	await(t, func() bool {
		now, _ := c.verdicts()
		return now["platform.cdi"] == Fail && now["storage.shared"] == Warn
	}, func() { c.Error("CDI's kinds are not served") })

	c.create(cdi, map[string]any{"apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "CDI", "metadata": map[string]any{"name": "check-test"},
		"status": map[string]any{"phase": "Deployed", "observedVersion": "v1.63.0"}})
	c.create(claims, map[string]any{"apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "StorageProfile", "metadata": map[string]any{"name": "check-test"},
		"status": map[string]any{"claimPropertySets": []any{map[string]any{"accessModes": []string{"ReadWriteOnce", "ReadWriteMany"}}}}})
	if now, results := c.verdicts(); now["platform.cdi"] != Pass || now["storage.shared"] != Pass {
		t.Fatalf("with CDI: %+v, %+v", results["platform.cdi"], results["storage.shared"])
	}
	for name, tt := range map[string]struct {
		turns, path, breaks, mends, command string
		verdict                             Verdict
	}{
		"phase": {turns: "platform.cdi", verdict: Fail, path: cdi, command: "kubectl describe cdi check-test",
			breaks: `{"status":{"phase":"Error"}}`, mends: `{"status":{"phase":"Deployed"}}`},
		"no phase": {turns: "platform.cdi", verdict: Fail, path: cdi, command: "kubectl describe cdi check-test",
			breaks: `{"status":{"phase":null}}`, mends: `{"status":{"phase":"Deployed"}}`},
		"one node at a time": {turns: "storage.shared", verdict: Warn, path: claims, command: "kubectl get storageprofiles",
			breaks: `{"status":{"claimPropertySets":[{"accessModes":["ReadWriteOnce"]}]}}`,
			mends:  `{"status":{"claimPropertySets":[{"accessModes":["ReadWriteMany"]}]}}`},
		"unknown storage": {turns: "storage.shared", verdict: Warn, path: claims, command: "kubectl get storageprofiles",
			breaks: `{"status":{"claimPropertySets":null}}`, mends: `{"status":{"claimPropertySets":[{"accessModes":["ReadWriteMany"]}]}}`},
	} {
		t.Run(name, func(t *testing.T) {
			c := &cluster{T: t, admin: c.admin}
			c.breaks(func() { c.merge(tt.path+"check-test", tt.breaks) }, map[string]Verdict{tt.turns: tt.verdict}, tt.turns, func(r Result) {
				if r.Fix.Command != tt.command {
					c.Errorf("the fix is %+v", r.Fix)
				}
				c.merge(tt.path+"check-test", tt.mends)
			})
		})
	}
}

// cdiKind makes a kind of CDI's known for the test. Its objects go with it.
func (c *cluster) cdiKind(plural, kind string) {
	c.Helper()
	c.create(crds, map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": map[string]any{"name": plural + "." + rbac.GroupCDI},
		"spec": map[string]any{"group": rbac.GroupCDI, "scope": "Cluster", "names": map[string]string{"plural": plural, "kind": kind},
			"versions": []any{map[string]any{"name": "v1beta1", "served": true, "storage": true,
				"schema": map[string]any{"openAPIV3Schema": map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}}},
	})
	c.Cleanup(func() { c.remove(crds + plural + "." + rbac.GroupCDI) })
}
