package editor

import (
	"cmp"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/combo"
	"vmdeck.dev/vmdeck/ui/text"
)

// needs are what a role's worth is told by. They do not change while the program runs.
var needs = binding.Needs()

// promises are what gains and losses are told by: the operations on VMs, and what the two roles that every user needs are for.
var promises = func() []rbac.Need {
	all := slices.Clone(needs)
	for _, role := range rbac.EveryUser() {
		all = append(all, rbac.Need{ID: listing(role.Name), Title: role.Title, Perms: role.Rules().Permissions()})
	}
	return all
}()

func listing(role string) string { return strings.TrimPrefix(role, "spectro-") }

// isListing tells whether a promise is about what is in no namespace: that only counts cluster-wide, whatever a role in a namespace says.
func isListing(id string) bool {
	return slices.ContainsFunc(promises[len(needs):], func(n rbac.Need) bool { return n.ID == id })
}

// effectsOf are the gains and losses of a plan.
func effectsOf(plan rbac.Plan) []rbac.Effect {
	var out []rbac.Effect
	for _, e := range plan.Effects(promises) {
		if e.Namespace != "" {
			e.Gained, e.Lost, e.Kept = slices.DeleteFunc(e.Gained, isListing), slices.DeleteFunc(e.Lost, isListing), slices.DeleteFunc(e.Kept, isListing)
		}
		if len(e.Gained)+len(e.Lost)+len(e.Kept) > 0 {
			out = append(out, e)
		}
	}
	return out
}

// ref is the role that the form names, or that is picked in the list; in a namespace where it is a Role.
func (f *form) ref(namespace string) rbac.RoleRef {
	ref := rbac.RoleRef{Kind: f.roleKind, Name: strings.TrimSpace(f.role.Value())}
	if it, ok := f.role.Picked(); ok {
		ref.Name = it.Value
	}
	if ref.Kind == rbac.KindRole {
		ref.Namespace = namespace
	}
	return ref
}

// roleItems are the roles of the kind: the catalogue's, then those that permit anything with VMs, then the others. Roles are offered
// from the namespaces that are selected only.
func (f *form) roleItems(string) []combo.Item {
	state := f.state()
	if f.roleKind == rbac.KindRole {
		return f.namespacedRoles(state.World.World)
	}
	var items, useful, others []combo.Item
	for _, r := range slices.Backward(rbac.Catalogue()) {
		if r.Persona {
			items = append(items, combo.Item{Value: r.Name, Desc: r.Title})
		}
	}
	for name, n := range f.worth(state) {
		if n > 0 {
			useful = append(useful, combo.Item{Value: name, Desc: amount(n)})
		} else {
			others = append(others, combo.Item{Value: name})
		}
	}
	for _, r := range rbac.EveryUser() {
		useful = append(useful, combo.Item{Value: r.Name, Desc: r.Title})
	}
	byName(useful)
	byName(others)
	return slices.Concat(items, useful, others)
}

// worth counts what each cluster role permits, those of the catalogue aside. It is kept, since it is asked for with every key.
func (f *form) worth(s binding.State) map[string]int {
	if f.worths != nil && f.worthAt.Equal(s.At) {
		return f.worths
	}
	f.worths, f.worthAt = map[string]int{}, s.At
	for ref, rules := range s.World.Roles {
		if _, catalogued := rbac.Lookup(ref.Name); !catalogued && ref.Kind == rbac.KindClusterRole {
			f.worths[ref.Name] = len(rbac.Granted(needs, rules))
		}
	}
	return f.worths
}

func (f *form) namespacedRoles(world rbac.World) []combo.Item {
	rule := f.rule()
	in := map[string][]string{}
	for ref := range world.Roles {
		if ref.Kind == rbac.KindRole && (len(rule.Namespaces) == 0 || rule.Selects(ref.Namespace)) {
			in[ref.Name] = append(in[ref.Name], ref.Namespace)
		}
	}
	var items []combo.Item
	for name, namespaces := range in {
		slices.Sort(namespaces)
		items = append(items, combo.Item{Value: name, Desc: "in " + some(namespaces, 3)})
	}
	byName(items)
	return items
}

func byName(items []combo.Item) {
	slices.SortFunc(items, func(a, b combo.Item) int { return cmp.Compare(a.Value, b.Value) })
}

// subjectItems are those who have a binding already, and the namespaces of service accounts.
func (f *form) subjectItems(string) []combo.Item {
	world := f.state().World
	seen := map[rbac.Subject]int{}
	for _, b := range world.Bindings {
		for _, s := range b.Subjects {
			seen[s]++
		}
	}
	var people, programs []combo.Item
	for s, n := range seen {
		item := combo.Item{Value: spell(s), Desc: s.Kind + ", " + text.Count(n, "binding")}
		if strings.HasPrefix(s.Name, "system:") || s.Kind == rbacv1.ServiceAccountKind {
			programs = append(programs, item)
		} else {
			people = append(people, item)
		}
	}
	byName(people)
	byName(programs)
	for _, namespace := range world.Namespaces {
		programs = append(programs, combo.Item{Value: "sa:" + namespace + "/", Desc: "a service account there"})
	}
	return append(people, programs...)
}

// namespaceItems are the namespaces that are known; patterns are not completed.
func (f *form) namespaceItems(typed string) []combo.Item {
	if strings.ContainsAny(typed, "/~") {
		return nil
	}
	var items []combo.Item
	for _, name := range f.state().World.Namespaces {
		items = append(items, combo.Item{Value: name})
	}
	return items
}
