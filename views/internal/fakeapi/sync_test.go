package fakeapi

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

// syncBench is a cluster with two namespaces, the custom resource of rules, and a keeper of rules who may do everything.
type syncBench struct {
	*testing.T
	*Server
	keeper *binding.Keeper

	writing sync.Mutex
	audit   []config.AuditEntry
}

func (b *syncBench) Write(e config.AuditEntry) error {
	b.writing.Lock()
	defer b.writing.Unlock()
	b.audit = append(b.audit, e)
	return nil
}

func newSyncBench(t *testing.T) *syncBench {
	b := &syncBench{T: t, Server: New()}
	b.Put(Catalogue()...)
	b.Put(Namespace("team-a", "Active"), Namespace("team-b", "Active"), Namespace("other", "Active"),
		ClusterRole("cluster-admin", Admin().Everywhere...), Bound("", "root", "cluster-admin", rbac.Subject{Kind: "User", Name: "root"}))
	b.Login("root")
	cluster := b.Connect(t, kube.Target{Context: "prod"})
	b.keeper = &binding.Keeper{Cluster: cluster, Rules: binding.ClusterStore(cluster), Audit: b, User: func() string { return "root" }}
	if err := b.keeper.Install(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	return b
}

func teamRule(name string) rbac.BindingRule {
	return rbac.BindingRule{Name: name, RoleKind: rbac.KindClusterRole, RoleName: rbac.RoleUser,
		Subjects: []rbac.Subject{{Kind: "User", Name: "alice"}}, Namespaces: []string{"/^team-/"}}
}

func (b *syncBench) save(rule rbac.BindingRule) binding.Stored {
	b.Helper()
	saved, _, err := b.keeper.Keep(b.Context(), rule)
	if err != nil {
		b.Fatal(err)
	}
	return saved
}

func (b *syncBench) sync(o binding.SyncOptions) binding.SyncResult {
	b.Helper()
	result, err := binding.Sync(b.Context(), b.keeper, o, nil)
	if err != nil {
		b.Fatal(err)
	}
	return result
}

// labelled lists the bindings that carry vmdeck's label.
func (b *syncBench) labelled() []string {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for _, x := range b.Server.bound().objects.Bindings {
		if x.Rule != "" {
			out = append(out, x.String())
		}
	}
	slices.Sort(out)
	return out
}

func (b *syncBench) want(what string, want ...string) {
	b.Helper()
	if got := b.labelled(); !slices.Equal(got, want) {
		b.Errorf("%s: bindings %q, want %q", what, got, want)
	}
}

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
	last := b.audit[len(b.audit)-1]
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

func TestKeeperRefuses(t *testing.T) {
	b := newSyncBench(t)
	rule := b.save(teamRule("devs"))
	everywhere := teamRule("all")
	everywhere.ClusterWide, everywhere.Namespaces = true, nil
	plan, err := b.keeper.Plan(everywhere, b.world())
	if err != nil {
		t.Fatal(err)
	}
	before := len(b.Calls())
	b.keeper.Group = "east"
	if _, err := b.keeper.Plan(everywhere, b.world()); err == nil || !strings.Contains(err.Error(), "cluster group") {
		t.Errorf("C5: planned: %v", err)
	}
	if err := b.keeper.Apply(t.Context(), plan, nil); err == nil || !strings.Contains(err.Error(), "(east)") {
		t.Errorf("C5: applied: %v", err)
	}
	if _, err := b.keeper.Save(t.Context(), everywhere, ""); err == nil || !strings.Contains(err.Error(), "cluster group") {
		t.Errorf("C5: saved: %v", err)
	}
	b.keeper.Group, b.keeper.ReadOnly = "", "it is read-only"
	_, saved := b.keeper.Save(t.Context(), teamRule("x"), "")
	_, synced := binding.Sync(t.Context(), b.keeper, binding.SyncOptions{}, nil)
	for what, err := range map[string]error{"save": saved, "delete": b.keeper.Delete(t.Context(), rule), "install": b.keeper.Install(t.Context(), false), "apply": b.keeper.Apply(t.Context(), plan, nil), "sync": synced} {
		if err == nil || !strings.Contains(err.Error(), "read-only") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := binding.Sync(t.Context(), b.keeper, binding.SyncOptions{DryRun: true}, nil); err != nil {
		t.Errorf("a dry run: %v", err)
	}
	for _, call := range b.Calls()[before:] {
		if !strings.Contains(call, "dryRun") {
			t.Errorf("it has called %s", call)
		}
	}
}

func (b *syncBench) world() rbac.World {
	b.Helper()
	w, err := binding.Read(b.Context(), b.keeper.Cluster)
	if err != nil {
		b.Fatal(err)
	}
	return w.World
}

// TestC5GroupFailsInPartAndResumes has three clusters, one of which is away at first.
func TestC5GroupFailsInPartAndResumes(t *testing.T) {
	a, b, c := newSyncBench(t), newSyncBench(t), newSyncBench(t)
	members := []binding.Member{
		{Context: "a", Open: func(context.Context) (*binding.Keeper, error) { return a.keeper, nil }},
		{Context: "b", Open: func(context.Context) (*binding.Keeper, error) { return b.keeper, nil }},
		{Context: "c", Open: func(context.Context) (*binding.Keeper, error) { return nil, errors.New("no such context") }},
	}
	everywhere := teamRule("devs")
	everywhere.ClusterWide, everywhere.Namespaces = true, nil
	lists := teamRule("devs")
	lists.Lists = true
	for _, rule := range []rbac.BindingRule{everywhere, lists} {
		if r, err := binding.RunGroup(t.Context(), members, binding.GroupOptions{Name: "east", Rules: []rbac.BindingRule{rule}}, nil); err == nil || r != nil || !strings.Contains(err.Error(), "cluster group") {
			t.Errorf("C5: %+v, %v", r, err)
		}
	}
	run := func() []string {
		results, err := binding.RunGroup(t.Context(), members, binding.GroupOptions{Name: "east", Rules: []rbac.BindingRule{teamRule("devs")}, Save: true}, nil)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, r := range results {
			done, failed := r.Steps()
			out = append(out, fmt.Sprintf("%s %d %d %v", r.Context, done, failed, r.Failure() != nil))
		}
		return out
	}
	b.Down(true)
	if got := run(); !slices.Equal(got, []string{"a 2 0 false", "b 0 0 true", "c 0 0 true"}) {
		t.Errorf("the first run: %q", got)
	}
	b.want("away")
	b.Down(false)
	members[2].Open = func(context.Context) (*binding.Keeper, error) { return c.keeper, nil }
	c.FailCall("vmdeck-devs", 500, "etcd is slow")
	if got := run(); !slices.Equal(got, []string{"a 0 0 false", "b 2 0 false", "c 0 2 true"}) {
		t.Errorf("the second run: %q", got)
	}
	c.faults.calls = nil
	if got := run(); !slices.Equal(got, []string{"a 0 0 false", "b 0 0 false", "c 2 0 false"}) {
		t.Errorf("the third run: %q", got)
	}
	for _, x := range []*syncBench{a, b, c} {
		x.want("at the end", "RoleBinding team-a/vmdeck-devs", "RoleBinding team-b/vmdeck-devs")
		if rules, err := x.keeper.Rules.List(t.Context()); err != nil || len(rules) != 1 {
			t.Errorf("kept: %+v %v", rules, err)
		}
	}
	if a.keeper.Group != "" {
		t.Error("the keeper that was opened has been changed")
	}
}

// TestC4KeepSynced follows changes within seconds of virtual time, and outlasts a server that goes away.
func TestC4KeepSynced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSyncBench(t)
		ctx, cancel := context.WithCancel(t.Context())
		var runs, failures atomic.Int64
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			binding.KeepSynced(ctx, b.keeper, binding.SyncOptions{}, nil, func(_ binding.SyncResult, err error) {
				runs.Add(1)
				if err != nil {
					failures.Add(1)
				}
			})
		}()
		pass := func(d time.Duration) {
			time.Sleep(d) // of the bubble
			synctest.Wait()
		}
		pass(5 * time.Second)
		b.save(teamRule("devs"))
		pass(3 * time.Second)
		b.want("a rule was made", "RoleBinding team-a/vmdeck-devs", "RoleBinding team-b/vmdeck-devs")
		b.Put(Namespace("team-c", "Active"))
		pass(3 * time.Second)
		all := []string{"RoleBinding team-a/vmdeck-devs", "RoleBinding team-b/vmdeck-devs", "RoleBinding team-c/vmdeck-devs"}
		b.want("a namespace was made", all...)
		b.Delete("rolebindings", "team-a", "vmdeck-devs")
		pass(3 * time.Second)
		b.want("a binding was deleted", all...)
		pass(3 * time.Second)
		before := runs.Load()
		pass(4 * time.Minute)
		if runs.Load() != before {
			t.Errorf("it ran %d times while nothing changed", runs.Load()-before)
		}
		pass(2 * time.Minute)
		if runs.Load() == before {
			t.Error("it does not look by itself")
		}
		b.Down(true)
		b.Cut()
		pass(20 * time.Second)
		b.Put(Namespace("team-d", "Active"))
		b.Down(false)
		pass(40 * time.Second)
		b.want("the server came back", append(all, "RoleBinding team-d/vmdeck-devs")...)
		if failures.Load() > 10 {
			t.Errorf("%d runs failed while it was away", failures.Load())
		}
		cancel()
		<-ended
	})
}

// TestFollowTellsChanges: the screens' view of it.
func TestFollowTellsChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSyncBench(t)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var last binding.State
		var told int
		var mu sync.Mutex
		states := func() int {
			mu.Lock()
			defer mu.Unlock()
			return told
		}
		wake := make(chan struct{}, 1)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			binding.Follow(ctx, b.keeper.Cluster, b.keeper.Rules, wake, func(s binding.State) {
				mu.Lock()
				defer mu.Unlock()
				last = s
				told++
			})
		}()
		pass := func(d time.Duration) binding.State {
			time.Sleep(d)
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			return last
		}
		if s := pass(100 * time.Millisecond); s.Err != nil || len(s.World.Bindings) != 1 || len(s.Rules) != 0 {
			t.Errorf("at once: %+v", s)
		}
		b.save(teamRule("devs"))
		if s := pass(3 * time.Second); len(s.Rules) != 1 {
			t.Errorf("a rule: %+v", s)
		}
		b.Put(Bound("team-a", "x", rbac.RoleUser, rbac.Subject{Kind: "User", Name: "bob"}))
		if s := pass(3 * time.Second); len(s.World.Bindings) != 2 {
			t.Errorf("a binding: %+v", s.World.Bindings)
		}
		quiet, asked := states(), len(b.seen)
		pass(4 * time.Minute)
		if states() != quiet || len(b.seen) != asked {
			t.Errorf("while nothing changed: %d states, %q", states()-quiet, b.seen[asked:])
		}
		wake <- struct{}{}
		if pass(time.Millisecond); states() != quiet+1 {
			t.Errorf("woken: %d states", states()-quiet)
		}
		// Whoever may not watch is told after half a minute.
		b.Refuse("rolebindings", 403, 0)
		pass(2 * time.Minute)
		b.Put(Namespace("team-z", "Active"))
		if s := pass(3 * time.Second); !slices.Contains(s.World.Namespaces, "team-z") || s.Err != nil {
			t.Errorf("with a gap: %+v", s.World.Namespaces)
		}
		blind := states()
		pass(time.Minute)
		if n := states() - blind; n < 1 || n > 4 {
			t.Errorf("%d states in a minute without the right to watch", n)
		}
		// The more is refused, the rarer it is asked for.
		for i := range 240 {
			b.Put(Namespace(fmt.Sprintf("many-%d", i), "Active"))
		}
		pass(10 * time.Second)
		blind = states()
		pass(3 * time.Minute)
		if n := states() - blind; n != 0 {
			t.Errorf("%d readings of 240 namespaces in three minutes", n)
		}
		pass(2 * time.Minute)
		if n := states() - blind; n != 1 {
			t.Errorf("%d readings of 240 namespaces in five minutes", n)
		}
		b.Down(true)
		wake <- struct{}{}
		if s := pass(time.Second); s.Err == nil || len(s.World.Bindings) == 0 && len(s.World.Namespaces) == 0 {
			t.Errorf("away: %+v", s)
		}
		cancel()
		<-ended
	})
}
