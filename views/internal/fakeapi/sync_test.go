package fakeapi

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

func TestC4SyncFollowsRulesAndNamespaces(t *testing.T) {
	b := newSyncBench(t)
	b.save(teamRule("devs"))
	b.save(teamRule("spare"))
	both := []string{"RoleBinding team-a/vmdeck-devs", "RoleBinding team-a/vmdeck-spare", "RoleBinding team-b/vmdeck-devs", "RoleBinding team-b/vmdeck-spare"}
	if r := b.sync(binding.SyncOptions{DryRun: true}); r.Err() != nil || r.Outcomes[0].Done != 2 {
		t.Errorf("%+v", r)
	}
	b.want("after a dry run")
	if r := b.sync(binding.SyncOptions{Names: []string{"devs"}}); len(r.Outcomes) != 1 || r.Outcomes[0].Done != 2 {
		t.Errorf("%+v", r)
	}
	b.want("of one rule", both[0], both[2])
	if done, failed := b.sync(binding.SyncOptions{}).Steps(); done != 2 || failed != 0 {
		t.Errorf("done %d, failed %d", done, failed)
	}
	b.want("of all", both...)
	b.Put(Namespace("team-c", "Active"))
	if done, _ := b.sync(binding.SyncOptions{}).Steps(); done != 2 {
		t.Errorf("a namespace made later: %d steps", done)
	}
	narrow := teamRule("spare")
	narrow.Namespaces = []string{"team-c"}
	spare := b.save(narrow)
	b.sync(binding.SyncOptions{})
	b.want("narrowed", both[0], both[2], "RoleBinding team-c/vmdeck-devs", "RoleBinding team-c/vmdeck-spare")
	// A rule that was renamed is another one.
	if err := b.keeper.Delete(t.Context(), spare); err != nil {
		t.Fatal(err)
	}
	narrow.Name = "new"
	b.save(narrow)
	r := b.sync(binding.SyncOptions{})
	if len(r.Outcomes) != 3 || !r.Outcomes[2].Gone || r.Outcomes[2].Rule != "spare" || r.Outcomes[2].Done != 1 {
		t.Errorf("%+v", r.Outcomes)
	}
	b.want("renamed", both[0], both[2], "RoleBinding team-c/vmdeck-devs", "RoleBinding team-c/vmdeck-new")
	last := b.audit.Last()
	if last.Action != "remove" || last.Name != "RoleBinding/vmdeck-spare" || last.Rule != "spare" || last.UID == "" || last.User != "root" || last.Context != "prod" {
		t.Errorf("audit %+v", last)
	}
	if r := b.sync(binding.SyncOptions{Names: []string{"nosuch"}}); r.Err() == nil {
		t.Error("a rule that is not there is nothing to complain about")
	}
}

// TestC1RulesShareListBindings: of two rules that would both bind the lists to a user one does, and they do not take turns.
func TestC1RulesShareListBindings(t *testing.T) {
	b := newSyncBench(t)
	for _, name := range []string{"first", "second"} {
		rule := teamRule(name)
		rule.Lists, rule.Namespaces = true, []string{"other"}
		b.save(rule)
	}
	lists := []string{"ClusterRoleBinding vmdeck-first-list-namespaces", "ClusterRoleBinding vmdeck-first-list-vmtemplates"}
	all := append(lists, "RoleBinding other/vmdeck-first", "RoleBinding other/vmdeck-second")
	b.sync(binding.SyncOptions{})
	b.want("at first", all...)
	for range 2 {
		if done, failed := b.sync(binding.SyncOptions{}).Steps(); done+failed != 0 {
			t.Errorf("again: %d done, %d failed", done, failed)
		}
	}
	rules, err := b.keeper.Rules.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.keeper.Delete(t.Context(), rules[0]); err != nil {
		t.Fatal(err)
	}
	b.sync(binding.SyncOptions{})
	b.want("the one that had them is gone", "ClusterRoleBinding vmdeck-second-list-namespaces", "ClusterRoleBinding vmdeck-second-list-vmtemplates", "RoleBinding other/vmdeck-second")
}

// TestC1OneSyncTakesNoListsFromOtherRules: what a rule gives up, or leaves behind, others that rely on it get in the same run, those too
// that it does not look at.
func TestC1OneSyncTakesNoListsFromOtherRules(t *testing.T) {
	for name, change := range map[string]func(b *syncBench, first binding.Stored){
		"gone": func(b *syncBench, first binding.Stored) {
			if err := b.keeper.Delete(b.Context(), first); err != nil {
				b.Fatal(err)
			}
		},
		"without alice": func(b *syncBench, first binding.Stored) {
			first.Subjects = []rbac.Subject{{Kind: "User", Name: "bob"}}
			if _, err := b.keeper.Save(b.Context(), first.BindingRule, first.Version); err != nil {
				b.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newSyncBench(t)
			for _, name := range []string{"first", "second"} {
				rule := teamRule(name)
				rule.Lists = true
				b.save(rule)
			}
			b.sync(binding.SyncOptions{})
			rules, err := b.keeper.Rules.List(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			change(b, rules[0])
			b.sync(binding.SyncOptions{Names: []string{"first"}})
			for _, role := range []string{"list-namespaces", "list-vmtemplates"} {
				if b.Get("clusterrolebindings", "", "vmdeck-second-"+role) == nil {
					t.Errorf("alice lost %s", role)
				}
			}
			if done, failed := b.sync(binding.SyncOptions{}).Steps(); done+failed != 0 {
				t.Errorf("left to do: %d done, %d failed", done, failed)
			}
		})
	}
}

// TestSyncLeavesAlone holds what sync must never touch.
func TestSyncLeavesAlone(t *testing.T) {
	orphan := rbac.Binding{Namespace: "team-a", Name: "vmdeck-gone", Rule: "gone", Role: rbac.RoleRef{Kind: rbac.KindClusterRole, Name: rbac.RoleUser}, Subjects: teamRule("").Subjects}
	copied := orphan
	copied.Name = "copied"
	const thereLine, copyLine = "RoleBinding team-a/vmdeck-gone", "RoleBinding team-a/copied"
	file := func(t *testing.T, text string) binding.Store {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "rules.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return binding.FolderStore(dir)
	}
	narrow := teamRule("devs")
	narrow.Namespaces = []string{"nowhere"}
	good, err := binding.Manifest(narrow)
	if err != nil {
		t.Fatal(err)
	}
	broken := strings.Replace(string(good), "name: devs", "name: gone", 1)
	broken = strings.Replace(broken, "nowhere", "/(/", 1)
	for _, tt := range []struct {
		name, rules string
		prune       binding.Prune
		note        string
		left        []string
	}{
		{"a rule that is gone", string(good), binding.PruneGone, "", []string{copyLine}},
		{"not asked to", string(good), binding.PruneNever, "", []string{copyLine, thereLine}},
		{"a rule that is broken", string(good) + "---\n" + broken, binding.PruneAlways, "", []string{copyLine, thereLine}},
		{"a rule without a name", string(good) + "---\na: [", binding.PruneAlways, "may be one of them", []string{copyLine, thereLine}},
		{"no rules at all", "", binding.PruneGone, "not a single rule", []string{copyLine, thereLine}},
		{"no rules at all, on purpose", "", binding.PruneAlways, "", []string{copyLine}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newSyncBench(t)
			b.Put(BindingObject(orphan), BindingObject(copied))
			b.keeper.Rules = file(t, tt.rules)
			r := b.sync(binding.SyncOptions{Prune: tt.prune})
			b.want(tt.name, tt.left...)
			if notes := strings.Join(r.Notes, " "); !strings.Contains(notes, tt.note) {
				t.Errorf("notes %q", notes)
			}
			if wrong := strings.Contains(tt.rules, "(") || strings.Contains(tt.rules, "a: ["); (r.Err() != nil) != wrong {
				t.Errorf("error %v", r.Err())
			}
		})
	}
}

// TestSyncContinues: one refusal stops nothing else, and the next run does what is left and nothing more.
func TestSyncContinues(t *testing.T) {
	b := newSyncBench(t)
	b.save(teamRule("devs"))
	b.save(teamRule("ops"))
	b.FailCall("vmdeck-devs", 500, "etcd is slow")
	r := b.sync(binding.SyncOptions{})
	if done, failed := r.Steps(); done != 2 || failed != 2 || r.Err() == nil || !strings.Contains(r.Err().Error(), "etcd is slow") {
		t.Errorf("%d done, %d failed: %v", done, failed, r.Err())
	}
	b.faults.calls = nil
	if done, failed := b.sync(binding.SyncOptions{}).Steps(); done != 2 || failed != 0 {
		t.Errorf("the next run: %d done, %d failed", done, failed)
	}
	if done, failed := b.sync(binding.SyncOptions{}).Steps(); done+failed != 0 {
		t.Errorf("the run after: %d done, %d failed", done, failed)
	}
}

func TestSyncSaysWhatItCouldNotRead(t *testing.T) {
	b := newSyncBench(t)
	b.save(teamRule("devs"))
	b.Refuse("rolebindings", 403, 0)
	r := b.sync(binding.SyncOptions{})
	if r.Err() == nil || !strings.Contains(r.Err().Error(), "you may not list the bindings there") {
		t.Errorf("%v", r.Err())
	}
}
