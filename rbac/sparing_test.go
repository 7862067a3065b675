package rbac

import (
	"slices"
	"strings"
	"testing"
)

// TestSparing: a rule goes, and no other one loses by it what it promises.
func TestSparing(t *testing.T) {
	alice, bob, carol := user("alice"), user("bob"), user("carol")
	first := BindingRule{Name: "first", RoleKind: KindClusterRole, RoleName: RoleUser, Subjects: []Subject{alice, bob}, Namespaces: []string{"team-a"}, Lists: true}
	second := BindingRule{Name: "second", RoleKind: KindClusterRole, RoleName: RoleViewer, Subjects: []Subject{alice, carol}, Namespaces: []string{"team-b"}, Lists: true}
	with := func(r BindingRule, change func(*BindingRule)) BindingRule {
		change(&r)
		return r
	}
	third := with(second, func(r *BindingRule) { r.Name = "third" })
	// The world as these rules have made it, one after the other.
	made := func(rules ...BindingRule) World {
		w := World{Objects: Objects{Roles: catalogueRoles()}, Namespaces: []string{"team-a", "team-b"}}
		for _, rule := range rules {
			p, err := NewPlan(rule, w)
			if err != nil {
				t.Fatal(err)
			}
			w.Objects = p.After()
		}
		return w
	}
	list := func(mark, rule string, subjects ...Subject) []string {
		var out []string
		for _, role := range []string{RoleListNamespaces, RoleListVMTemplates} {
			out = append(out, mark+" ClusterRoleBinding vmdeck-"+rule+strings.TrimPrefix(role, "spectro")+" → ClusterRole "+role+" for "+names(subjects))
		}
		return out
	}
	for _, tt := range []struct {
		name  string
		world World
		rules []BindingRule
		want  []string // without what is removed
	}{
		{"the subject that lacks it is added to the other's binding", made(first, second), []BindingRule{first, second}, list("~", "second", alice, carol)},
		{"where the other has no binding one is made", made(first, with(second, func(r *BindingRule) { r.Subjects = []Subject{alice} })),
			[]BindingRule{first, with(second, func(r *BindingRule) { r.Subjects = []Subject{alice} })}, list("+", "second", alice)},
		{"once is enough", made(first, second, third), []BindingRule{second, third}, list("~", "second", alice, carol)},
		{"who promises no lists gets none", made(first, with(second, func(r *BindingRule) { r.Lists = false })),
			[]BindingRule{with(second, func(r *BindingRule) { r.Lists = false })}, nil},
		{"a rule of other people", made(first, with(second, func(r *BindingRule) { r.Subjects = []Subject{carol} })),
			[]BindingRule{with(second, func(r *BindingRule) { r.Subjects = []Subject{carol} })}, nil},
		{"what is amiss beforehand is left to its own plan", made(first), []BindingRule{with(second, func(r *BindingRule) { r.Subjects = []Subject{carol} })}, nil},
		{"a rule that is not valid", made(first, second), []BindingRule{with(second, func(r *BindingRule) { r.RoleName = "" })}, nil},
		{"everybody has it otherwise", func() World {
			w := made(first, second)
			for _, role := range EveryUser() {
				w.Bindings = append(w.Bindings, bound("", role.Name, role.Name, "", group("system:authenticated")))
			}
			return w
		}(), []BindingRule{second}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			removal := Removal(BindingRule{Name: "first"}, tt.world)
			plan := removal.Sparing(tt.rules, tt.world)
			var got []string
			for _, line := range plan.Lines() {
				if !strings.HasPrefix(line, "-") {
					got = append(got, line)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("besides the removal:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
			if len(removal.Create)+len(removal.Change)+len(removal.Notes) > 0 || len(plan.Remove) != len(removal.Remove) {
				t.Error("the plan that it was made from is changed, or something else is removed")
			}
		})
	}
}

// TestSparingIsWhatASyncWouldDo: carried out, the plan leaves nothing to do for the rules that stay.
func TestSparingIsWhatASyncWouldDo(t *testing.T) {
	first := devs(func(r *BindingRule) { r.Name, r.Lists = "first", true })
	second := devs(func(r *BindingRule) { r.Name, r.Lists = "second", true })
	w := World{Objects: Objects{Roles: catalogueRoles()}, Namespaces: []string{"team-a", "team-b"}}
	for _, rule := range []BindingRule{first, second} {
		p, err := NewPlan(rule, w)
		if err != nil {
			t.Fatal(err)
		}
		w.Objects = p.After()
	}
	w.Objects = Removal(first, w).Sparing([]BindingRule{second}, w).After()
	if p, err := NewPlan(second, w); err != nil || !p.Empty() {
		t.Errorf("left to do: %q %v", p.Lines(), err)
	}
}
