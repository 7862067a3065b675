package rbac

import (
	"reflect"
	"slices"
	"testing"
)

func TestRemovalOf(t *testing.T) {
	needs := []Need{{ID: "start", Perms: []Permission{On("update", GroupSubresources, "virtualmachines/start")}}, {ID: "see", Perms: []Permission{On("list", GroupKubeVirt, "virtualmachines")}}}
	first, second := bound("team-b", "b", RoleUser, "", user("alice")), bound("team-a", "a", RoleUser, "", user("alice"))
	world := World{Objects: Objects{Roles: catalogueRoles(), Bindings: []Binding{first, second, bound("team-a", "other", RoleViewer, "", user("alice"))}}}
	plan := RemovalOf(world, first, second)
	want := []string{"- RoleBinding team-a/a → ClusterRole spectro-vm-user for User alice", "- RoleBinding team-b/b → ClusterRole spectro-vm-user for User alice"}
	if got := plan.Lines(); !slices.Equal(got, want) {
		t.Errorf("the plan:\n%q\nwant\n%q", got, want)
	}
	var effects []string
	for _, e := range plan.Effects(needs) {
		effects = append(effects, e.String())
	}
	if want := []string{"User alice in team-a: loses start", "User alice in team-b: loses start, see"}; !slices.Equal(effects, want) {
		t.Errorf("the effects:\n%q\nwant\n%q", effects, want)
	}
	if len(plan.After().Bindings) != 1 || len(world.Bindings) != 3 {
		t.Error("the plan changes what it was made from, or removes something else")
	}
}

func TestOwner(t *testing.T) {
	for _, tt := range []struct {
		b    Binding
		want string
	}{
		{bound("team-a", "vmdeck-devs", RoleUser, "devs"), "devs"},
		{bound("", "vmdeck-devs-list-namespaces", RoleListNamespaces, "devs"), "devs"},
		{bound("team-a", "vmdeck-devs-list-namespaces", RoleListNamespaces, "devs"), ""},
		{bound("team-a", "copy", RoleUser, "devs"), ""},
		{bound("team-a", "vmdeck-devs", RoleUser, ""), ""},
		{bound("team-a", "vmdeck-", RoleUser, ""), ""},
	} {
		if got := tt.b.Owner(); got != tt.want {
			t.Errorf("%s with the label %q belongs to %q, want %q", tt.b, tt.b.Rule, got, tt.want)
		}
	}
}

func TestRuleOf(t *testing.T) {
	alice, bob := user("alice"), user("bob")
	lists := bound("", "vmdeck-devs-list-namespaces", RoleListNamespaces, "devs", alice)
	noise := []Binding{bound("team-z", "copy", RoleAdmin, "devs", bob), bound("team-z", "vmdeck-ops", RoleAdmin, "ops", bob), bound("team-z", "free", RoleAdmin, "", bob)}
	for _, tt := range []struct {
		name     string
		bindings []Binding
		want     BindingRule
	}{
		{"in namespaces", []Binding{bound("team-b", "vmdeck-devs", RoleUser, "devs", alice, bob), bound("team-a", "vmdeck-devs", RoleUser, "devs", alice), lists},
			BindingRule{Name: "devs", RoleKind: KindClusterRole, RoleName: RoleUser, Subjects: []Subject{alice, bob}, Namespaces: []string{"team-a", "team-b"}, Lists: true}},
		{"cluster-wide", []Binding{bound("", "vmdeck-devs", RoleUser, "devs", alice)},
			BindingRule{Name: "devs", RoleKind: KindClusterRole, RoleName: RoleUser, Subjects: []Subject{alice}, ClusterWide: true}},
		{"only a list left", []Binding{lists},
			BindingRule{Name: "devs", RoleKind: KindClusterRole, RoleName: RoleListNamespaces, Subjects: []Subject{alice}, ClusterWide: true}},
	} {
		got, ok := RuleOf("devs", append(slices.Clone(noise), tt.bindings...))
		if !ok || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
		if problems := got.Validate(); len(problems) > 0 {
			t.Errorf("%s: %v", tt.name, problems)
		}
	}
	if rule, ok := RuleOf("devs", noise); ok {
		t.Errorf("a rule without bindings: %+v", rule)
	}
	if rule, ok := RuleOf("", noise); ok {
		t.Errorf("no rule: %+v", rule)
	}
}
