package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// profile runs commands on profiles that are kept in a folder.
func (d *desk) profile(ctx context.Context, identity, config string, args ...string) ran {
	var out, notes bytes.Buffer
	cmd := root()
	cmd.SetArgs(append([]string{"profile", "--kubeconfig", d.kubeconfig, "--context", identity, "--config", config}, args...))
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

const trialProfile = `apiVersion: vmdeck.dev/v1alpha1
kind: ClusterProfile
metadata:
  name: %[1]s-%[2]s
spec:
  name: %[1]s
  version: %[2]s
  packs:
  - name: virtual-machine-orchestrator
    registry: Public Repo
    version: %[2]s
    namespace: %[1]s
    values: |
      charts: {virtual-machine-orchestrator: {vmEnabledNamespaces: [default, %[1]s-vms], goldenImagesNamespace: %[1]s-golden}}
      pack: {palette: {config: {dashboard: {access: direct}}}}
`

func TestIntegrationProfileBySubCommands(t *testing.T) {
	d := newDesk(t)
	ctx, name, dir := t.Context(), fmt.Sprintf("trial-%d", time.Now().UnixNano()%1e9), t.TempDir()
	config := filepath.Join(dir, "config.yaml")
	profiles := filepath.Join(dir, "profiles")
	for file, content := range map[string]string{
		config:                              fmt.Sprintf("contexts:\n  cluster-admin: {profiles: %[1]s}\n  viewer: {profiles: %[1]s}\nclusterGroups: {solo: [cluster-admin], pair: [cluster-admin, viewer]}\n", profiles),
		filepath.Join(profiles, "old.yaml"): fmt.Sprintf(trialProfile, name, "1.0.0"),
		filepath.Join(profiles, "new.yaml"): fmt.Sprintf(trialProfile, name, "1.1.0"),
	} {
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	had := d.admin.REST("apiextensions.k8s.io", "v1").Get().AbsPath("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/vmtemplates.spectrocloud.com").Do(ctx).Error() == nil
	t.Cleanup(func() {
		ctx := context.Background()
		d.profile(ctx, "cluster-admin", config, "remove", name, "--yes")
		for _, suffix := range []string{"", "-vms", "-golden"} {
			_ = d.admin.Core().Namespaces().Delete(ctx, name+suffix, metav1.DeleteOptions{})
		}
		if !had {
			_ = d.admin.REST("apiextensions.k8s.io", "v1").Delete().AbsPath("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/vmtemplates.spectrocloud.com").Do(ctx).Error()
		}
	})

	for _, step := range []struct {
		identity string
		args     []string
		code     int
		says     []string // among the output and the error
	}{
		{"cluster-admin", []string{"status", name}, 1, []string{"Not applied"}},
		{"cluster-admin", []string{"status", "nosuch"}, 1, []string{`there is no profile "nosuch" in the folder`, "nothing of one on cluster-admin"}},
		{"cluster-admin", []string{"apply", name}, 2, []string{"add --yes"}},
		{"viewer", []string{"apply", name, "--yes"}, 1, []string{"nothing was changed", "not permitted"}},
		{"cluster-admin", []string{"apply", name, "--yes", "--read-only"}, 2, []string{"nothing was changed", "--read-only"}},
		{"cluster-admin", []string{"apply", name + "@1.0.0", "--dry-run"}, 0, []string{"+ VmTemplate cirros", "its namespace comes with the profile"}},
		{"cluster-admin", []string{"status", name}, 1, []string{"Not applied"}},
		{"cluster-admin", []string{"apply", name + "@1.0.0", "--yes", "--group", "pair"}, 1, []string{"cluster-admin:   + VmTemplate cirros", "viewer: nothing was changed", "not permitted"}},
		{"cluster-admin", []string{"apply", name + "@1.0.0", "--yes", "--group", "trio"}, 2, []string{`no cluster group "trio"; there are pair, solo`}},
		{"cluster-admin", []string{"status", name}, 1, []string{"Not applied"}},
		{"viewer", []string{"apply", name + "@1.0.0", "--yes", "--group", "solo"}, 0, []string{"created     virtual-machine-orchestrator  VmTemplate cirros", "cluster-admin: Done after"}},
		{"cluster-admin", []string{"apply", name, "--dry-run", "--diff"}, 0, []string{"1.0.0 → 1.1.0", "+ VmTemplate fedora", "+    helm.sh/chart: virtual-machine-orchestrator-1.1.0"}},
		{"cluster-admin", []string{"apply", name, "--yes"}, 0, []string{"Done after"}},
		{"cluster-admin", []string{"apply", name, "--yes"}, 0, []string{"The cluster is as the profile says."}},
		{"cluster-admin", []string{"status", name}, 0, []string{"Version   1.1.0", "Revision  2", "Status    Running", "virtual-machine-orchestrator 1.1.0  2         deployed"}},
		{"cluster-admin", []string{"status", name + "@1.0.0"}, 1, []string{"in version 1.1.0 and not 1.0.0"}},
		{"cluster-admin", []string{"rollback", name, "--yes"}, 0, []string{"- VmTemplate fedora", "Done after"}},
		{"cluster-admin", []string{"status", name, "-o", "json"}, 0, []string{`"version": "1.0.0"`, `"helm": "deployed"`}},
		{"cluster-admin", []string{"remove", name, "--yes"}, 0, []string{"Namespace " + name + "-vms: It stays"}},
		{"cluster-admin", []string{"status", name}, 1, []string{"Not applied"}},
		{"cluster-admin", []string{"remove", name, "--yes"}, 2, []string{"there is nothing to remove"}},
	} {
		r := d.profile(ctx, step.identity, config, step.args...)
		all := strings.ToLower(fmt.Sprint(r.out, r.notes, r.err))
		if r.code != step.code {
			t.Errorf("%s %v ends with %d, want %d:\n%s", step.identity, step.args, r.code, step.code, all)
		}
		for _, want := range step.says {
			if !strings.Contains(all, strings.ToLower(want)) {
				t.Errorf("%s %v does not say %q:\n%s", step.identity, step.args, want, all)
			}
		}
	}
}
