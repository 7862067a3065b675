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

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/pack"
)

// runCommand runs the program. What is not given is not there: no terminal, no configuration.
func runCommand(ctx context.Context, in string, args ...string) ran {
	var out, notes bytes.Buffer
	cmd := root()
	cmd.SetArgs(args)
	cmd.SetIn(strings.NewReader(in))
	cmd.SetOut(&out)
	cmd.SetErr(&notes)
	r := ran{err: cmd.ExecuteContext(ctx)}
	r.out, r.notes = out.String(), notes.String()
	if r.err != nil {
		r.code = exitCode(r.err)
	}
	return r
}

// platformYAML is a profile with the proxy's values filled in, as it would be before its packs are completed.
func platformYAML(t *testing.T, name, version string) string {
	t.Helper()
	data, err := profile.Profile{Name: name, Version: version, Type: profile.TypeAddOn, Packs: []profile.PackRef{
		{Registry: pack.PublicRepo, Name: "virtual-machine-orchestrator", Version: version},
		{Registry: pack.PublicRepo, Name: "spectro-proxy", Version: "1.0.0", RequiredBy: "virtual-machine-orchestrator",
			Values: "manifests:\n  spectro-proxy:\n    server: proxy.example.com\n    subdomain: demo\n"},
	}}.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestProfileRefusesBadCalls(t *testing.T) {
	good := platformYAML(t, "p", "1.0.0")
	for _, tt := range []struct {
		in, says string
		args     []string
	}{
		{"", "there is no \"nosuch\" under profile", []string{"nosuch"}},
		{"", "name the file of the profile", []string{"create"}},
		{"", "there is no profile in standard input", []string{"create", "-f", "-"}},
		{"a: [", "standard input: this is no YAML", []string{"create", "-f", "-"}},
		{good + "---\n" + good, "stands there twice", []string{"create", "-f", "-"}},
		{strings.Replace(good, "registry:", "registri:", 1), "spec.packs.0.registri is not known", []string{"create", "-f", "-"}},
		{"", "name the profile", []string{"show"}},
		{"", "name the profile", []string{"delete"}},
		{"", "name the profile without one", []string{"export", "p@1.0.0", "--all"}},
		{"", "unknown flag", []string{"list", "--force"}},
	} {
		if r := runCommand(t.Context(), tt.in, append([]string{"profile"}, tt.args...)...); r.code != exitNoRun || !strings.Contains(r.err.Error(), tt.says) {
			t.Errorf("%q: code %d, %v, want %q", tt.args, r.code, r.err, tt.says)
		}
	}
	if r := runCommand(t.Context(), "", "profile", "install", "--print"); r.err != nil || !strings.Contains(r.out, "name: clusterprofiles.vmdeck.dev") {
		t.Errorf("%q %v", r.out, r.err)
	}
}

// A3: a registry is tested before it is added, and one that is not in order says what was tried.
func TestA3RegistryCommands(t *testing.T) {
	dir := t.TempDir()
	settings := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(settings, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	do := func(code int, says string, args ...string) ran {
		t.Helper()
		r := runCommand(t.Context(), "", append([]string{"registry", "--config", settings}, args...)...)
		said := r.out
		if r.err != nil {
			said += r.err.Error()
		}
		if r.code != code || !strings.Contains(said, says) {
			t.Fatalf("%q: code %d, want %d and %q: %s", args, r.code, code, says, said)
		}
		return r
	}
	do(0, "Public Repo", "list")
	do(0, "vmdeck itself has 3 packs", "test")
	do(0, "1.1.0, 1.0.0", "packs")
	do(exitFailed, "was not added: list the packs in", "add", "here", filepath.Join(dir, "nosuch"))
	do(exitFailed, "connection refused", "add", "far", "https://127.0.0.1:1/charts")
	do(exitNoRun, "must not carry a login", "add", "far", "https://me:secret@example.com/charts")
	do(exitNoRun, "built in", "add", pack.PublicRepo, dir)
	charts, err := filepath.Abs("kube/profile/pack/charts")
	if err != nil {
		t.Fatal(err)
	}
	do(0, "is in order", "add", "here", charts)
	do(exitNoRun, "already", "add", "here", charts)
	do(0, "was added", "add", "far", "https://127.0.0.1:1/charts", "--untested")
	if r := do(exitFailed, "far: read the index of", "test"); !strings.Contains(r.out, "here: ") {
		t.Errorf("one registry hides another: %s", r.out)
	}
	do(exitNoRun, "there are Public Repo, here, far", "test", "nosuch")
	do(0, "was removed", "remove", "far")
	do(exitNoRun, "there is no registry \"far\"", "remove", "far")
	do(exitNoRun, "built in", "remove", pack.PublicRepo)
}

// TestIntegrationA6Profile takes a profile through its life by the command line.
func TestIntegrationA6Profile(t *testing.T) {
	d := newDesk(t)
	id := fmt.Sprintf("cli-%d", time.Now().UnixNano()%1e9)
	do := func(identity, in string, code int, says string, args ...string) ran {
		t.Helper()
		r := runCommand(t.Context(), in, append([]string{"profile", "--kubeconfig", d.kubeconfig, "--context", identity}, args...)...)
		said := r.out
		if r.err != nil {
			said += r.err.Error()
		}
		if r.code != code || !strings.Contains(said, says) {
			t.Fatalf("%s: %q: code %d, want %d and %q\noutput: %snotes: %serror: %v", identity, args, r.code, code, says, r.out, r.notes, r.err)
		}
		return r
	}
	admin := "cluster-admin"
	first := platformYAML(t, id, "1.0.0")
	t.Cleanup(func() {
		for _, version := range []string{"1.0.0", "1.1.0"} {
			runCommand(context.Background(), "", "profile", "delete", id+"@"+version, "--yes", "--kubeconfig", d.kubeconfig, "--context", admin)
		}
	})
	do(admin, "", 0, "The cluster knows", "install")
	open := strings.Replace(first, "server: proxy.example.com", `server: ""`, 1)
	do(admin, open, exitNoRun, "needs a value for Proxy server", "create", "-f", "-")
	do("viewer", first, exitFailed, "needs create clusterprofiles (vmdeck.dev)", "create", "-f", "-")
	do(admin, first, 0, "would be kept", "create", "-f", "-", "--dry-run")
	do(admin, first, exitNoRun, "read-only", "create", "-f", "-", "--read-only")
	do(admin, first, 0, "is kept in the cluster", "create", "-f", "-")
	do(admin, first, exitFailed, "of that name and version already", "create", "-f", "-")
	do(admin, first, exitFailed, "of that name and version already", "create", "-f", "-", "--dry-run")
	show := do(admin, "", 0, "Access: Proxied", "show", id)
	for _, want := range []string{"Proxy server: proxy.example.com", "came along with virtual-machine-orchestrator", "Not in use on cluster-admin."} {
		if !strings.Contains(show.out, want) {
			t.Errorf("%q is not in\n%s", want, show.out)
		}
	}
	exported := do(admin, "", 0, "kind: ClusterProfile", "export", id).out
	if exported != first {
		t.Errorf("exported\n%s\nand not\n%s", exported, first)
	}
	do(admin, platformYAML(t, id, "1.1.0"), 0, "1.1.0 is kept", "edit", id, "--new-version", "1.1", "-f", "-")
	direct := strings.Replace(first, "  - name: virtual-machine-orchestrator\n", "  - name: virtual-machine-orchestrator\n    values: '"+
		"{pack: {palette: {config: {dashboard: {access: direct}}}}, charts: {virtual-machine-orchestrator: {service: {type: LoadBalancer}}}}'\n", 1)
	do(admin, direct, 0, "Took out the pack spectro-proxy", "edit", id+"@1.0.0", "-f", "-")
	do(admin, direct, exitNoRun, "is not the profile "+id+" 1.1.0 alone", "edit", id, "-f", "-")
	do(admin, "", 0, id+"@1.1.0\n"+id+"@1.0.0\n", "list", "-o", "name")
	do(admin, "", 0, "---\n", "export", id, "--all")

	release := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: id, Labels: map[string]string{
		"owner": "helm", "name": id, "status": "deployed", "version": "1", profile.LabelProfile: id, profile.LabelVersion: "1.0.0",
	}}}
	if _, err := d.admin.Core().Secrets("default").Create(t.Context(), release, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	do(admin, "", exitNoRun, "has 2 versions", "delete", id, "--yes")
	do(admin, "", exitFailed, "the profile is in use", "delete", id+"@1.0.0", "--yes")
	do(admin, "", 0, "In use on cluster-admin: default/"+id, "show", id+"@1.0.0")
	do(admin, "", exitNoRun, "add --yes", "delete", id+"@1.1.0")
	do(admin, "", 0, "was deleted", "delete", id+"@1.1.0", "--yes")
	if err := d.admin.Core().Secrets("default").Delete(t.Context(), id, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	do(admin, "", 0, "was deleted", "delete", id+"@1.0.0", "--yes")
	do(admin, "", exitNoRun, "there is no profile", "show", id)

	// The same by a folder, for those who keep profiles in git or may not list secrets.
	settings := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(settings, []byte("profiles: profiles\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	do("viewer", first, 0, "is kept in the folder", "create", "-f", "-", "--config", settings)
	do("viewer", "", exitFailed, "--unchecked deletes it all the same", "delete", id, "--yes", "--config", settings)
	do("viewer", "", 0, "was deleted", "delete", id, "--yes", "--unchecked", "--config", settings)
	log, err := os.ReadFile(filepath.Join(d.state, "vmdeck", "audit.log"))
	if err != nil || !strings.Contains(string(log), `"name":"ClusterProfile/`+id+`-1.0.0"`) {
		t.Errorf("audit log: %s %v", log, err)
	}
}
