package check

import (
	"context"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/kube/kubetest"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/kube/profile/pack"
)

const (
	crds      = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/"
	profiles  = "/apis/vmdeck.dev/v1alpha1/clusterprofiles/"
	templates = "/apis/spectrocloud.com/v1/vmtemplates/"
)

// platform makes the cluster as a profile says whose VMs are operated with an OIDC identity, and takes all of it away after the test.
func (c *cluster) platform() profile.Stored {
	c.Helper()
	keeper := &profile.Keeper{Cluster: c.admin, Profiles: profile.ClusterStore(c.admin), User: func() string { return "test" }}
	c.must(keeper.Install(c.Context(), false))
	p := profile.Profile{Name: "check-test", Version: "1.0.0", Type: profile.TypeAddOn, Packs: []profile.PackRef{{
		Registry: pack.PublicRepo, Name: "virtual-machine-orchestrator", Version: "1.0.0", Values: `
pack: {palette: {config: {dashboard: {access: direct, identityProvider: none}}}}
charts: {virtual-machine-orchestrator: {service: {type: LoadBalancer}, sampleTemplates: {alpine: false, ubuntu2204: false}}}
clientConfig: {oidc-issuer-url: "https://issuer.invalid", oidc-client-id: vms}
`}}}
	applier := &apply.Applier{Cluster: c.admin, User: keeper.User}
	c.Cleanup(func() {
		ctx := context.Background()
		_, err := applier.Remove(ctx, p.Name, apply.Options{}, nil)
		c.must(err)
		for _, namespace := range []string{"vm-dashboard", "virtual-machines", "vmo-golden-images"} {
			_ = c.admin.Core().Namespaces().Delete(ctx, namespace, metav1.DeleteOptions{})
		}
		c.remove(crds + "vmtemplates.spectrocloud.com")
		c.remove(crds + "clusterprofiles.vmdeck.dev")
		await(c.T, func() bool { return c.gone("/apis/spectrocloud.com") }, func() { c.Error("the kind of templates stays") })
	})
	stored, err := keeper.Save(c.Context(), p, "")
	c.must(err)
	resolved, err := profile.Check(c.Context(), p, profile.OpenRegistries(nil))
	c.must(err)
	_, err = applier.Apply(c.Context(), apply.Of(resolved, nil), apply.Options{}, nil)
	c.must(err)
	return stored
}

// TestIntegrationD1BreakProfile: what was applied is in the list and as it says; each of the two is broken.
func TestIntegrationD1BreakProfile(t *testing.T) {
	c := newCluster(t)
	stored := c.platform()
	now, results := c.verdicts()
	for id, verdict := range map[string]Verdict{"profile.applied/check-test": Pass, "profile.packs/virtual-machine-orchestrator": Pass, "profile.entry": Pass, "network.proxy": NotApplicable} {
		if now[id] != verdict {
			t.Errorf("%s: %+v", id, results[id])
		}
	}
	if s := results["profile.entry"].Summary; !strings.Contains(s, "Connect is shown until one has an identity of https://issuer.invalid") {
		t.Error(s)
	}
	const applied = "profile.applied/check-test"
	t.Run("not in the list", func(t *testing.T) {
		c := &cluster{T: t, admin: c.admin}
		c.breaks(func() { c.remove(profiles + stored.Value.Ref().ObjectName()) }, map[string]Verdict{applied: Warn}, applied, func(r Result) {
			if open, ok := r.Fix.Open.(ShowProfiles); !ok || open.Ref.Name != "check-test" {
				c.Errorf("the fix opens %+v", r.Fix.Open)
			}
			_, err := profile.ClusterStore(c.admin).Save(c.Context(), stored.Value, "")
			c.must(err)
		})
	})
	t.Run("changed by hand", func(t *testing.T) {
		c := &cluster{T: t, admin: c.admin}
		raw, err := c.admin.REST("", "v1").Get().AbsPath(templates + "cirros").Do(c.Context()).Raw()
		c.must(err)
		change := func(name string) { c.merge(templates+"cirros", `{"spec":{"displayName":"`+name+`"}}`) }
		if !strings.Contains(string(raw), `"displayName":"CirrOS`) {
			t.Fatalf("the template is %s", raw)
		}
		c.breaks(func() { change("by hand") }, map[string]Verdict{applied: Fail}, applied, func(r Result) {
			if open, ok := r.Fix.Open.(ApplyProfile); !ok || open.Profile.Name != "check-test" {
				c.Errorf("the fix opens %+v", r.Fix.Open)
			}
			change("CirrOS")
		})
	})
	t.Run("seen by others", func(t *testing.T) {
		for identity, wanted := range map[string]map[string]Verdict{
			"viewer": {"profile.applied": NotPermitted, "profile.packs": NotPermitted, "profile.entry": Pass, "network.proxy": NotApplicable},
			"nobody": {"profile.applied": NotPermitted, "profile.packs": NotPermitted, "profile.entry": Pass},
		} {
			report, err := Run(t.Context(), kubetest.Connect(t, identity), Options{Only: []string{Profile, Network}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range report.Results {
				if v, asked := wanted[r.ID]; asked && r.Verdict != v {
					t.Errorf("%s: %s is %s: %s", identity, r.ID, r.Verdict, r.Summary)
				}
			}
		}
	})
}
