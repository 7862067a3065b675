package binding

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// Entry is a binding that concerns VMs, with what it grants.
type Entry struct {
	rbac.Binding
	Grants []string // the IDs of the needs that its role grants in full
	// Known is unset when the role is not there, or could not be read.
	Known bool
}

// Concerning lists the bindings whose role grants anything of the needs, those of vmdeck's rules, and those of the catalogue's roles.
// Here a name is enough, as it decides only what is shown.
func (w World) Concerning(needs []rbac.Need) []Entry {
	var out []Entry
	catalogue := rbac.Names()
	for _, b := range w.Bindings {
		rules, known := w.Roles[b.Role]
		touches := slices.ContainsFunc(needs, func(n rbac.Need) bool { return len(rules.Missing(n.Perms)) < len(n.Perms) })
		if touches || b.Rule != "" || slices.Contains(catalogue, b.Role.Name) {
			out = append(out, Entry{Binding: b, Grants: rbac.Granted(needs, rules), Known: known})
		}
	}
	return out
}

// Holder is a subject that has all of the permissions asked about.
type Holder struct {
	Subject   rbac.Subject
	Namespace string // where; empty: everywhere
	Via       []rbac.BindingRef
}

// WhoCan reads a cluster and says who has the permissions in a namespace, or with an empty one who has them everywhere and who in
// single namespaces. It is evaluated from the objects: other authorizers and the members of groups are not seen.
func WhoCan(ctx context.Context, c *kube.Cluster, perms []rbac.Permission, namespace string) ([]Holder, World, error) {
	w, err := readFor(ctx, c, namespace)
	if err != nil {
		return nil, World{}, err
	}
	return w.WhoCan(perms, namespace), w, nil
}

// WhoCan is the pure part of the function WhoCan.
func (w World) WhoCan(perms []rbac.Permission, namespace string) []Holder {
	everywhere := w.holders(perms, "", nil)
	out := everywhere
	places := []string{namespace}
	if namespace == "" {
		places = w.bound()
	}
	for _, place := range places {
		out = append(out, w.holders(perms, place, everywhere)...)
	}
	return out
}

// holders finds the subjects of bindings in one place, without those that are known to have the permissions anyway.
func (w World) holders(perms []rbac.Permission, namespace string, known []Holder) []Holder {
	seen := map[rbac.Subject]bool{}
	for _, h := range known {
		seen[h.Subject] = true
	}
	var out []Holder
	for _, b := range w.Bindings {
		if b.Namespace != "" && b.Namespace != namespace {
			continue
		}
		for _, s := range b.Subjects {
			if seen[s] {
				continue
			}
			seen[s] = true
			if rights := w.In(namespace, s.Who()); rights.Rules.AllowsAll(perms) {
				out = append(out, Holder{Subject: s, Namespace: namespace, Via: w.contributing(rights.Bindings, perms)})
			}
		}
	}
	slices.SortFunc(out, func(a, b Holder) int { return cmp.Compare(a.Subject.String(), b.Subject.String()) })
	return out
}

// contributing keeps the bindings whose role grants any of the permissions.
func (w World) contributing(refs []rbac.BindingRef, perms []rbac.Permission) []rbac.BindingRef {
	return slices.DeleteFunc(slices.Clone(refs), func(ref rbac.BindingRef) bool {
		role := rbac.RoleRef{Kind: ref.RoleKind, Name: ref.Role}
		if role.Kind == rbac.KindRole {
			role.Namespace = ref.Namespace
		}
		return len(w.Roles[role].Missing(perms)) == len(perms)
	})
}

// bound are the namespaces that have role bindings.
func (w World) bound() []string {
	var out []string
	for _, b := range w.Bindings {
		if b.Namespace != "" {
			out = append(out, b.Namespace)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Granting lists the roles of the cluster that grant all the permissions in a namespace, or cluster-wide where it is empty. Those
// that Kubernetes keeps for itself are left out.
func (w World) Granting(perms []rbac.Permission, namespace string) []rbac.RoleRef {
	var out []rbac.RoleRef
	for role, rules := range w.Roles {
		usable := role.Kind == rbac.KindClusterRole || role.Namespace == namespace
		if usable && !strings.HasPrefix(role.Name, "system:") && rules.AllowsAll(perms) {
			out = append(out, role)
		}
	}
	// The role that grants least in all comes first: it is the one to prefer.
	slices.SortFunc(out, func(a, b rbac.RoleRef) int {
		return cmp.Or(cmp.Compare(w.size(a), w.size(b)), cmp.Compare(a.String(), b.String()))
	})
	return out
}

// size is how much a role grants, roughly; a star counts for a lot.
func (w World) size(role rbac.RoleRef) int {
	const star = 1000
	total := 0
	for _, r := range w.Roles[role] {
		n := 1
		for _, list := range [][]string{r.Verbs, r.APIGroups, r.Resources} {
			if slices.Contains(list, "*") {
				n *= star
			} else {
				n *= max(len(list), 1)
			}
		}
		total += n
	}
	return total
}
