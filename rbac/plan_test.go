package rbac

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func catalogueRoles() map[RoleRef]Rules {
	out := map[RoleRef]Rules{}
	for _, r := range CatalogueRules() {
		out[r.Ref] = r.Rules
	}
	return out
}

func bound(namespace, name, role, rule string, subjects ...Subject) Binding {
	return Binding{Namespace: namespace, Name: name, Role: RoleRef{Kind: KindClusterRole, Name: role}, Subjects: subjects, Rule: rule}
}

func TestPlan(t *testing.T) {
	all := devs(nil).Subjects
	inTeam := func(ns string) Binding { return bound(ns, "vmdeck-devs", RoleUser, "devs", all...) }
	lists := []Binding{
		bound("", "vmdeck-devs-list-namespaces", RoleListNamespaces, "devs", all...),
		bound("", "vmdeck-devs-list-vmtemplates", RoleListVMTemplates, "devs", all...),
	}
	tests := []struct {
		name   string
		change func(*BindingRule)
		world  World
		want   []string // the beginnings of the plan's lines
		notes  []string // parts of its notes, in any order
	}{
		{name: "C4 a pattern makes bindings where it matches", world: World{Namespaces: []string{"team-b", "team-a", "other"}},
			want: []string{"+ RoleBinding team-a/vmdeck-devs → ClusterRole spectro-vm-user for User alice, Group oidc:devs, ServiceAccount ci/builder", "+ RoleBinding team-b/"}},
		{name: "C4 what is as it should be is left", world: World{Namespaces: []string{"team-a", "team-new"}, Objects: Objects{Bindings: []Binding{inTeam("team-a")}}},
			want: []string{"+ RoleBinding team-new/"}},
		{name: "C4 what no longer matches is removed", change: func(r *BindingRule) { r.Namespaces = []string{"/-b$/"} },
			world: World{Namespaces: []string{"team-a", "team-b"}, Objects: Objects{Bindings: []Binding{inTeam("team-a")}}},
			want:  []string{"+ RoleBinding team-b/", "- RoleBinding team-a/"}},
		{name: "C4 nothing matches", world: World{Namespaces: []string{"other"}}, notes: []string{"waits for one"}},
		{name: "C4 a name that is not there", change: func(r *BindingRule) { r.Namespaces = []string{"later", "team-a"} }, world: World{Namespaces: []string{"team-a"}},
			want: []string{"+ RoleBinding team-a/"}, notes: []string{"no namespace later"}},
		{name: "C4 namespaces that cannot be listed", change: func(r *BindingRule) { r.Namespaces = []string{"later", "/^team-/"} }, world: World{Namespaces: []string{"team-a"}, Open: true},
			want: []string{"+ RoleBinding later/", "+ RoleBinding team-a/"}, notes: []string{"known ones only"}},
		{name: "C4 kube-system warns", change: func(r *BindingRule) { r.Namespaces = []string{"/system/"} }, world: World{Namespaces: []string{"kube-system"}},
			want: []string{"+ RoleBinding kube-system/"}, notes: []string{"selects kube-system"}},
		{name: "other subjects are a change", world: World{Namespaces: []string{"team-a"}, Objects: Objects{Bindings: []Binding{bound("team-a", "vmdeck-devs", RoleUser, "devs", user("bob"))}}},
			want: []string{"~ RoleBinding team-a/"}},
		{name: "another role in a namespace that is being deleted", world: World{Namespaces: []string{"team-a"}, Objects: Objects{Bindings: []Binding{
			bound("team-a", "vmdeck-devs", RoleViewer, "devs", all...), bound("team-b", "vmdeck-devs", RoleViewer, "devs", all...), inTeam("team-c")}}},
			want: []string{"~ RoleBinding team-a/", "- RoleBinding team-b/"}, notes: []string{"team-b is being deleted"}},
		{name: "the order of subjects is none", world: World{Namespaces: []string{"team-a"}, Objects: Objects{Bindings: []Binding{bound("team-a", "vmdeck-devs", RoleUser, "devs", all[2], all[0], all[1])}}}},
		{name: "somebody else's binding of the name", world: World{Namespaces: []string{"team-a"}, Objects: Objects{Bindings: []Binding{bound("team-a", "vmdeck-devs", RoleUser, "", user("bob"))}}},
			want: []string{"! The RoleBinding team-a/vmdeck-devs exists and was not made by vmdeck"}},
		{name: "another rule's binding of the name", world: World{Namespaces: []string{"team-a"}, Objects: Objects{Bindings: []Binding{bound("team-a", "vmdeck-devs", RoleUser, "ops", all...)}}},
			want: []string{`! The RoleBinding team-a/vmdeck-devs exists and belongs to the rule "ops"`}},
		{name: "a copy under another name is not the rule's", world: World{Namespaces: []string{"team-a"}, Objects: Objects{Bindings: []Binding{inTeam("team-a"), bound("team-z", "copy", RoleUser, "devs", all...)}}}},
		{name: "C2 cluster-wide", change: func(r *BindingRule) { r.ClusterWide, r.Namespaces = true, nil }, world: World{Objects: Objects{Bindings: []Binding{inTeam("team-a")}}},
			want: []string{"+ ClusterRoleBinding vmdeck-devs →", "- RoleBinding team-a/"}},
		{name: "C2 a Role in each namespace", change: func(r *BindingRule) { r.RoleKind, r.RoleName = KindRole, "own" }, world: World{Namespaces: []string{"team-a"}},
			want: []string{"+ RoleBinding team-a/vmdeck-devs → Role team-a/own"}, notes: []string{"Role team-a/own was not found"}},
		{name: "C1 both list bindings are added", change: func(r *BindingRule) { r.Lists = true }, world: World{Namespaces: []string{"team-a"}},
			want: []string{"+ RoleBinding team-a/", "+ ClusterRoleBinding vmdeck-devs-list-namespaces → ClusterRole spectro-list-namespaces for User alice, Group", "+ ClusterRoleBinding vmdeck-devs-list-vmtemplates"}},
		{name: "C1 only for those who lack them", change: func(r *BindingRule) { r.Lists = true },
			world: World{Namespaces: []string{"team-a"}, Objects: Objects{Bindings: []Binding{inTeam("team-a"),
				bound("", "x", RoleListNamespaces, "", group("system:authenticated")), bound("", "y", RoleViewer, "", all[1], all[2])}}},
			want: []string{"+ ClusterRoleBinding vmdeck-devs-list-vmtemplates → ClusterRole spectro-list-vmtemplates for User alice"}},
		{name: "C1 its own are no reason to remove them", change: func(r *BindingRule) { r.Lists = true },
			world: World{Namespaces: []string{"team-a"}, Objects: Objects{Bindings: append([]Binding{inTeam("team-a")}, lists...)}}},
		{name: "C1 a namespaced binding does not give them", change: func(r *BindingRule) { r.Lists, r.Subjects = true, all[:1] },
			world: World{Namespaces: []string{"team-a"}, Objects: Objects{Bindings: []Binding{bound("team-a", "vmdeck-devs", RoleUser, "devs", all[0]), bound("team-a", "z", RoleAdmin, "", all[0])}}},
			want:  []string{"+ ClusterRoleBinding vmdeck-devs-list-namespaces", "+ ClusterRoleBinding vmdeck-devs-list-vmtemplates"}},
		{name: "bindings that could not be read", world: World{Namespaces: []string{"team-a", "team-b"}, Unread: []string{"team-b"}},
			want: []string{"+ RoleBinding team-a/"}, notes: []string{"in team-b could not be read"}},
		{name: "cluster role bindings that could not be read", change: func(r *BindingRule) { r.Lists = true }, world: World{Namespaces: []string{"team-a"}, Unread: []string{""}},
			want: []string{"+ RoleBinding team-a/"}, notes: []string{"cluster-wide could not be read"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.world.Roles = catalogueRoles()
			rule := devs(tt.change)
			p, err := NewPlan(rule, tt.world)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Lines(); !slices.EqualFunc(got, tt.want, strings.HasPrefix) {
				t.Errorf("plan\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
			notes := strings.Join(p.Notes, "\n")
			for i, note := range p.Notes {
				if slices.Contains(p.Notes[:i], note) {
					t.Errorf("said twice: %s", note)
				}
			}
			for _, want := range tt.notes {
				if !strings.Contains(notes, want) {
					t.Errorf("notes %q, want %q", notes, want)
				}
			}
			if !rule.Lists && !rule.ClusterWide && !strings.Contains(notes, "Without spectro-list-namespaces bound cluster-wide, User alice") {
				t.Errorf("C1: notes %q do not say what is not seen", notes)
			}
		})
	}
}

func TestPlanReplacesTheRole(t *testing.T) {
	world := World{Namespaces: []string{"team-a"}, Objects: Objects{Roles: catalogueRoles(), Bindings: []Binding{bound("team-a", "vmdeck-devs", RoleAdmin, "devs", devs(nil).Subjects...)}}}
	p, err := NewPlan(devs(nil), world)
	if err != nil || len(p.Change) != 1 || !p.Change[0].Recreate || p.Empty() {
		t.Errorf("%v, %v", p.Change, err)
	}
	gone := Removal(devs(nil), world)
	if got := gone.Lines(); len(got) != 1 || !strings.HasPrefix(got[0], "- RoleBinding team-a/vmdeck-devs") {
		t.Errorf("removal %q", got)
	}
}

func TestEffects(t *testing.T) {
	alice := user("alice")
	one := func(r *BindingRule) { r.Subjects = []Subject{alice} }
	tests := []struct {
		name     string
		rule     func(*BindingRule)
		bindings []Binding
		want     []string
	}{
		{"gains in the namespaces", one, nil, []string{"User alice in team-a: gains list, start", "User alice in team-b: gains list, start"}},
		{"what another binding gives already is no gain", one, []Binding{bound("team-a", "x", RoleUser, "", alice), bound("team-b", "x", RoleViewer, "", alice)},
			[]string{"User alice in team-b: gains start"}},
		{"the role becomes smaller", one, []Binding{bound("team-a", "vmdeck-devs", RolePowerUser, "devs", alice), bound("team-b", "vmdeck-devs", RoleUser, "devs", alice)},
			[]string{"User alice in team-a: loses migrate, evacuate"}},
		{"cluster-wide goes, one namespace stays", one, []Binding{bound("", "vmdeck-devs", RolePowerUser, "devs", alice), bound("team-a", "x", RolePowerUser, "", alice)},
			[]string{"User alice cluster-wide: loses list, start, migrate, evacuate", "User alice in team-a: keeps list, start, migrate, evacuate", "User alice in team-b: keeps list, start"}},
		{"somebody is taken out", one, []Binding{bound("team-a", "vmdeck-devs", RoleUser, "devs", alice, user("bob")), bound("team-b", "vmdeck-devs", RoleUser, "devs", alice)},
			[]string{"User bob in team-a: loses list, start"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := NewPlan(devs(tt.rule), World{Namespaces: []string{"team-a", "team-b"}, Objects: Objects{Roles: catalogueRoles(), Bindings: tt.bindings}})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range p.Effects(someNeeds) {
				got = append(got, e.String())
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("effects\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

// Whatever there was: once a plan is carried out nothing is left to do, other people's bindings are as they were, and the subjects
// have the role exactly where the rule selects, conflicts aside.
func TestPlanProperties(t *testing.T) {
	subjects := []Subject{user("alice"), user("bob"), group("ops"), account("ci", "builder")}
	spaces := []string{"team-a", "team-b", "other", ""}
	rapid.Check(t, func(t *rapid.T) {
		some := func(label string) []Subject {
			return rapid.SliceOfNDistinct(rapid.SampledFrom(subjects), 1, 3, rapid.ID).Draw(t, label)
		}
		there := map[string]Binding{}
		for range rapid.IntRange(0, 8).Draw(t, "bindings") {
			b := bound(rapid.SampledFrom(spaces).Draw(t, "namespace"), rapid.SampledFrom([]string{"vmdeck-devs", "vmdeck-devs-list-namespaces", "x"}).Draw(t, "name"),
				rapid.SampledFrom(Names()).Draw(t, "role"), rapid.SampledFrom([]string{"", "devs", "ops"}).Draw(t, "label"), some("subjects")...)
			there[b.String()] = b
		}
		world := World{Namespaces: spaces[:3], Objects: Objects{Roles: catalogueRoles(), Bindings: slices.Collect(maps.Values(there))}}
		rule := devs(func(r *BindingRule) {
			r.Subjects, r.Lists = some("rule"), rapid.Bool().Draw(t, "lists")
			r.Namespaces = []string{rapid.SampledFrom([]string{"/^team-/", "~/^team-/", "team-a", "/.*/"}).Draw(t, "pattern")}
		})
		p, err := NewPlan(rule, world)
		if err != nil {
			t.Fatal(err)
		}
		after := p.After()
		again, err := NewPlan(rule, World{Namespaces: world.Namespaces, Objects: after})
		if err != nil || !again.Empty() || len(again.Conflicts) != len(p.Conflicts) {
			t.Fatalf("a second plan: %v %v", again.Lines(), err)
		}
		for _, b := range world.Bindings {
			if !rule.owns(b) && !slices.ContainsFunc(after.Bindings, func(a Binding) bool { return fmt.Sprint(a) == fmt.Sprint(b) }) {
				t.Fatalf("%v was touched", b)
			}
		}
		for _, ns := range world.Namespaces {
			conflict := slices.ContainsFunc(p.Conflicts, func(c Conflict) bool { return c.Wanted.Namespace == ns })
			own := slices.ContainsFunc(after.Bindings, func(b Binding) bool { return b.Namespace == ns && b.Name == "vmdeck-devs" && rule.owns(b) })
			if own != (rule.Selects(ns) && !conflict) {
				t.Fatalf("%s: bound %v, selected %v, conflict %v", ns, own, rule.Selects(ns), conflict)
			}
		}
		var effects []string
		for _, e := range p.Effects(someNeeds) {
			effects = append(effects, e.String())
		}
		if want := plainEffects(world.Objects, after, subjects, spaces); !slices.Equal(effects, want) {
			t.Fatalf("effects\n%s\nwant\n%s", strings.Join(effects, "\n"), strings.Join(want, "\n"))
		}
	})
}

// plainEffects compares everybody's rights everywhere, one by one.
func plainEffects(before, after Objects, subjects []Subject, spaces []string) []string {
	var out []string
	subjects, spaces = slices.Clone(subjects), slices.Clone(spaces)
	slices.SortFunc(subjects, func(a, b Subject) int { return strings.Compare(a.String(), b.String()) })
	slices.Sort(spaces) // cluster-wide comes first
	for _, s := range subjects {
		var everywhere Effect
		for _, space := range spaces {
			had, has := Granted(someNeeds, before.In(space, s.Who()).Rules), Granted(someNeeds, after.In(space, s.Who()).Rules)
			e := Effect{Subject: s, Namespace: space, Gained: without(has, had), Lost: without(had, has)}
			if space == "" {
				everywhere = e
			} else {
				e.Gained, e.Lost = without(e.Gained, everywhere.Gained), without(e.Lost, everywhere.Lost)
				e.Kept = without(everywhere.Lost, without(everywhere.Lost, has))
			}
			if e.differs() {
				out = append(out, e.String())
			}
		}
	}
	return out
}
