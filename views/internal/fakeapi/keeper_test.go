package fakeapi

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

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
