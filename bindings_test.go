package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adrg/xdg"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/kube/kubetest"
	"vmdeck.dev/vmdeck/rbac"
)

// runBindings runs a sub-command of bindings. What is not given is not there: no terminal, no configuration.
func runBindings(ctx context.Context, in string, args ...string) ran {
	var out, notes bytes.Buffer
	cmd := root()
	cmd.SetArgs(append([]string{"bindings"}, args...))
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

func devsYAML(t *testing.T, name string, namespaces ...string) string {
	t.Helper()
	text, err := binding.Manifest(rbac.BindingRule{Name: name, RoleKind: rbac.KindClusterRole, RoleName: rbac.RoleUser,
		Subjects: []rbac.Subject{{Kind: "User", Name: name + "-alice"}}, Namespaces: namespaces})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestBindingsRefusesBadCalls(t *testing.T) {
	dir := t.TempDir()
	settings := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(settings, []byte("clusterGroups: {east: [a, b]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	good, empty := devsYAML(t, "devs", "team-a"), t.TempDir()
	for _, tt := range []struct {
		in, says string
		args     []string
	}{
		{"", "there is no \"nosuch\" under bindings", []string{"nosuch"}},
		{"", "name the file of the rules", []string{"apply"}},
		{"", "there is no rule in standard input", []string{"apply", "-f", "-"}},
		{"a: [", "standard input: this is no YAML", []string{"apply", "-f", "-"}},
		{good + "---\n" + good, "stands there twice", []string{"apply", "-f", "-"}},
		{strings.Replace(good, "team-a", "/(/", 1), "the parenthesis is not closed", []string{"apply", "-f", "-"}},
		{"", "no such file", []string{"apply", "-f", filepath.Join(dir, "nosuch.yaml")}},
		{good, "no cluster group \"west\"; there are east", []string{"apply", "-f", "-", "--group", "west", "--config", settings}},
		{"", "contradict each other", []string{"sync", "--watch", "--dry-run"}},
		{"", "--watch follows one cluster", []string{"sync", "--watch", "--group", "east"}},
		{"", "neither names nor --prune", []string{"sync", "devs", "--group", "east"}},
		{"", "there is no rule in the folder " + empty + ", so nothing was done; --prune removes", []string{"sync", "-f", empty}},
		{"", "there is no rule in the folder " + empty + ", so nothing was done", []string{"sync", "-f", empty, "--dry-run", "--group", "east"}},
		{"", "name the rule", []string{"delete"}},
		{"", "takes no arguments", []string{"list", "devs"}},
		{"", "-o xml is not known here; there are table, yaml, json, name", []string{"list", "-o", "xml"}},
		{"", "unknown flag", []string{"sync", "--force"}},
	} {
		if r := runBindings(t.Context(), tt.in, tt.args...); r.code != exitNoRun || r.err == nil || !strings.Contains(r.err.Error(), tt.says) {
			t.Errorf("%q: code %d, %v, want %q", tt.args, r.code, r.err, tt.says)
		}
	}
	if r := runBindings(t.Context(), "", "install", "--print"); r.err != nil || !strings.Contains(r.out, "kind: CustomResourceDefinition") {
		t.Errorf("%q %v", r.out, r.err)
	}
}

func TestEffectsAreGroupedByWhatTheyAre(t *testing.T) {
	alice, bob := rbac.Subject{Kind: "User", Name: "alice"}, rbac.Subject{Kind: "User", Name: "bob"}
	var all []rbac.Effect
	for _, namespace := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		all = append(all, rbac.Effect{Subject: alice, Namespace: namespace, Gained: []string{"start"}})
	}
	all = append(all, rbac.Effect{Subject: bob, Gained: []string{"start"}}, rbac.Effect{Subject: bob, Namespace: "a", Lost: []string{"stop"}}, rbac.Effect{Subject: bob, Namespace: "c", Lost: []string{"stop"}})
	got := effects(all)
	want := []string{"User alice in a, b, c, d, e and 2 more: gains start", rbac.Effect{Subject: bob, Gained: []string{"start"}}.String(), "User bob in a, c: loses stop"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestPlanLinesAreNotForged: a subject's name, which somebody else may have chosen, makes no line of its own.
func TestPlanLinesAreNotForged(t *testing.T) {
	rule := rbac.BindingRule{Name: "devs", RoleKind: rbac.KindClusterRole, RoleName: rbac.RoleUser, Namespaces: []string{"team-a"},
		Subjects: []rbac.Subject{{Kind: "User", Name: "eve\n- RoleBinding team-a/others\x1b[31m"}}}
	plan, err := rbac.NewPlan(rule, rbac.World{Namespaces: []string{"team-a"}})
	var out bytes.Buffer
	printRule(&out, rule, plan, nil)
	if err != nil || strings.Contains(out.String(), "\n-") || strings.Contains(out.String(), "\x1b") {
		t.Errorf("%s %v", out.String(), err)
	}
}

// TestIntegrationC4Bindings takes a rule through its life by the command line.
func TestIntegrationC4Bindings(t *testing.T) {
	d := newDesk(t)
	id := fmt.Sprintf("cli-%d", time.Now().UnixNano()%1e9)
	namespace := id + "-a"
	if _, err := d.admin.Core().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = d.admin.Core().Namespaces().Delete(context.Background(), namespace, metav1.DeleteOptions{})
	})
	do := func(identity, in string, code int, says string, args ...string) ran {
		t.Helper()
		r := runBindings(t.Context(), in, append(args, "--kubeconfig", d.kubeconfig, "--context", identity)...)
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
	rule := devsYAML(t, id, "/^"+id+"-/")
	exists := func() bool {
		_, err := d.admin.RBAC().RoleBindings(namespace).Get(t.Context(), "vmdeck-"+id, metav1.GetOptions{})
		return err == nil
	}
	do(admin, "", 0, "The cluster knows", "install")
	do(admin, rule, 0, "The server would accept it.", "apply", "-f", "-", "--dry-run")
	do(admin, rule, exitNoRun, "add --yes", "apply", "-f", "-")
	do(admin, rule, exitNoRun, "read-only", "apply", "-f", "-", "--yes", "--read-only")
	if exists() {
		t.Error("a binding was made that nobody confirmed")
	}
	r := do(admin, rule, 0, "The server confirms", "apply", "-f", "-", "--yes")
	for _, want := range []string{"The rule " + id + " is new in the cluster.", "+ RoleBinding " + namespace + "/vmdeck-" + id, "User " + id + "-alice in " + namespace + ": gains see, start", "create RoleBinding " + namespace + "/vmdeck-" + id + ": done."} {
		if !strings.Contains(r.out, want) {
			t.Errorf("%q is not in\n%s", want, r.out)
		}
	}
	do(admin, rule, 0, "The bindings are as the rules say.", "apply", "-f", "-", "--yes")
	do(admin, "", 0, id, "list")
	do(admin, "", 0, "  kind: RoleBindingRule", "list", "-o", "yaml")
	do(admin, "", 0, id+"\n", "list", "-o", "name")
	do(admin, "", 0, `"name": "`+id+`"`, "show", id, "-o", "json")
	do(admin, "", 0, "1 as they should be", "show", id)
	do(admin, "", exitNoRun, "there is no rule \"nosuch\"", "show", "nosuch")
	do("viewer", "", exitNoRun, "not permitted", "list")
	do(admin, "", 0, "1 rule: nothing to do.", "sync", id)
	if err := d.admin.RBAC().RoleBindings(namespace).Delete(t.Context(), "vmdeck-"+id, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	do(admin, "", exitFailed, "1 rule: 1 binding to write.", "sync", id, "--dry-run")
	do(admin, rule, 0, "1 rule: 1 binding written.", "sync", "-f", "-")
	if !exists() {
		t.Error("the binding was not made")
	}
	do(admin, "", 0, "loses see, start", "delete", id, "--dry-run")
	do(admin, "", exitNoRun, "add --yes", "delete", id)
	do(admin, "", 0, "remove RoleBinding "+namespace+"/vmdeck-"+id+": done.", "delete", id, "--yes")
	do(admin, "", exitNoRun, "no binding is left of one", "delete", id, "--yes")
	foreign := &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "vmdeck-" + id}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "view"}}
	if _, err := d.admin.RBAC().RoleBindings(namespace).Create(t.Context(), foreign, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"apply", "--dry-run"}, {"sync", "--dry-run"}, {"sync"}} { // 0 would say that the rule is carried out
		do(admin, rule, exitFailed, "1 binding left alone", append(args, "-f", "-")...)
	}
	log, err := os.ReadFile(filepath.Join(xdg.StateHome, "vmdeck", "audit.log"))
	for _, want := range []string{`"action":"create","name":"RoleBindingRule/` + id + `"`, `"rule":"` + id + `"`, `"action":"remove","namespace":"` + namespace + `"`} {
		if !strings.Contains(string(log), want) {
			t.Errorf("%s is not in the audit log: %v\n%s", want, err, log)
		}
	}
}

// TestIntegrationC4BindingsInAFolder keeps rules where the configuration says, and C5 refuses a cluster-wide one in a group.
func TestIntegrationC4BindingsInAFolder(t *testing.T) {
	d := newDesk(t)
	dir := t.TempDir()
	settings := filepath.Join(dir, "config.yaml")
	text := "rules: rules\nclusterGroups:\n  pair: [cluster-admin, nobody]\n"
	if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	do := func(in string, args ...string) ran {
		return runBindings(t.Context(), in, append(args, "--kubeconfig", d.kubeconfig, "--context", "cluster-admin", "--config", settings)...)
	}
	if r := do("", "list"); r.code != exitNoRun || !strings.Contains(r.err.Error(), filepath.Join(dir, "rules")) {
		t.Errorf("without the folder: %d %v", r.code, r.err)
	}
	if err := os.Mkdir(filepath.Join(dir, "rules"), 0o700); err != nil {
		t.Fatal(err)
	}
	rule := devsYAML(t, "folder-rule", kubetest.Namespace)
	t.Cleanup(func() {
		_ = d.admin.RBAC().RoleBindings(kubetest.Namespace).Delete(context.Background(), "vmdeck-folder-rule", metav1.DeleteOptions{})
	})
	if r := do(rule, "apply", "-f", "-", "--yes"); r.err != nil {
		t.Errorf("%v\n%s", r.err, r.out)
	}
	if _, err := os.Stat(filepath.Join(dir, "rules", "folder-rule.yaml")); err != nil {
		t.Error(err)
	}
	everywhere := strings.Replace(strings.Replace(rule, "clusterWide: false", "clusterWide: true", 1), "  namespaces:\n  - "+kubetest.Namespace, "  namespaces: []", 1)
	for _, args := range [][]string{{"apply", "-f", "-", "--yes"}, {"apply", "-f", "-", "--yes", "--group", "pair"}, {"sync", "-f", "-", "--group", "pair"}} {
		if r := do(everywhere, args...); r.code != exitNoRun || !strings.Contains(r.err.Error(), "cluster-wide binding is refused: this cluster belongs to a cluster group") {
			t.Errorf("C5: %q: %d %v", args, r.code, r.err)
		}
	}
	r := do(rule, "sync", "-f", "-", "--group", "pair")
	if r.code != exitFailed || !strings.Contains(r.out, "cluster-admin: 1 rule: nothing to do.") || !strings.Contains(r.err.Error(), "1 of 2 clusters failed") || !strings.Contains(r.err.Error(), "nobody: ") {
		t.Errorf("C5: in part: %d %v\n%s", r.code, r.err, r.out)
	}
	if r := do("", "delete", "folder-rule", "--yes"); r.err != nil {
		t.Errorf("%v\n%s", r.err, r.out)
	}
}

// TestIntegrationC4BindingsWatch ends cleanly when it is told to.
func TestIntegrationC4BindingsWatch(t *testing.T) {
	d := newDesk(t)
	ctx, cancel := context.WithCancel(t.Context())
	path := filepath.Join(t.TempDir(), "rule.yaml")
	if err := os.WriteFile(path, []byte(devsYAML(t, "watch-rule", kubetest.Namespace)), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = d.admin.RBAC().RoleBindings(kubetest.Namespace).Delete(context.Background(), "vmdeck-watch-rule", metav1.DeleteOptions{})
	})
	ended := make(chan ran)
	go func() {
		ended <- runBindings(ctx, "", "sync", "--watch", "-f", path, "--kubeconfig", d.kubeconfig, "--context", "cluster-admin")
	}()
	made := func() bool {
		_, err := d.admin.RBAC().RoleBindings(kubetest.Namespace).Get(t.Context(), "vmdeck-watch-rule", metav1.GetOptions{})
		return err == nil
	}
	await := func(what string, want bool) {
		t.Helper()
		kubetest.Await(t, 10*time.Second, what, func() bool { return made() == want })
	}
	await("the binding", true)
	if err := os.WriteFile(path, []byte(devsYAML(t, "watch-rule", "nowhere-at-all")), 0o600); err != nil {
		t.Fatal(err)
	}
	await("the end of the binding", false)
	cancel()
	r := <-ended
	for _, once := range []string{"following the rules in the file " + path, "watch-rule: create RoleBinding team-a/vmdeck-watch-rule: done.", "watch-rule: remove RoleBinding team-a/vmdeck-watch-rule: done."} {
		if strings.Count(r.out, once+"\n")+strings.Count(r.out, once+",") != 1 {
			t.Errorf("%q is not said once", once)
		}
	}
	if r.err != nil || !strings.HasSuffix(r.out, "Z ended\n") {
		t.Errorf("%v\n%s", r.err, r.out)
	}
}
