package bindings

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/text"
)

// loss is what a subject loses in a place, and keeps there by other bindings.
type loss struct {
	subject   rbac.Subject
	namespace string // empty: everywhere
	lost      []string
	kept      []string
	by        []rbac.BindingRef
}

// losses are what a removal does to the subjects of the bindings, the worst first. It is evaluated from objects, and takes a while
// where there are many.
func losses(plan rbac.Plan, world rbac.World) []loss {
	after := plan.After()
	var out []loss
	at := func(s rbac.Subject, namespace string) *loss {
		i := slices.IndexFunc(out, func(l loss) bool { return l.subject == s && l.namespace == namespace })
		if i < 0 {
			out = append(out, loss{subject: s, namespace: namespace})
			i = len(out) - 1
		}
		return &out[i]
	}
	for _, e := range plan.Effects(needs) {
		l := at(e.Subject, e.Namespace)
		l.lost, l.kept = there(e.Lost, e.Namespace), there(e.Kept, e.Namespace)
	}
	for _, b := range plan.Remove {
		given := rbac.Granted(needsIn(b.Namespace), world.Roles[b.Role])
		for _, s := range b.Subjects {
			rights := after.In(b.Namespace, s.Who())
			l := at(s, b.Namespace)
			for _, id := range rbac.Granted(needsIn(b.Namespace), rights.Rules) {
				if slices.Contains(given, id) && !slices.Contains(l.kept, id) {
					l.kept = append(l.kept, id)
				}
			}
		}
	}
	for i := range out {
		out[i].by = giving(after, out[i])
	}
	out = slices.DeleteFunc(out, func(l loss) bool { return len(l.lost)+len(l.kept) == 0 })
	slices.SortStableFunc(out, func(a, b loss) int {
		return cmp.Or(cmp.Compare(a.subject.String(), b.subject.String()), cmp.Compare(a.namespace, b.namespace))
	})
	return out
}

// there leaves out what nobody has in a namespace.
func there(ids []string, namespace string) []string {
	if namespace == "" {
		return ids
	}
	return slices.DeleteFunc(slices.Clone(ids), isClusterScoped)
}

// giving are the bindings by which a subject keeps what it keeps.
func giving(after rbac.Objects, l loss) []rbac.BindingRef {
	if len(l.kept) == 0 {
		return nil
	}
	who := l.subject.Who()
	var out []rbac.BindingRef
	for _, b := range after.Bindings {
		if b.Namespace != "" && b.Namespace != l.namespace || !slices.ContainsFunc(b.Subjects, who.Is) {
			continue
		}
		gives := rbac.Granted(needsIn(l.namespace), after.Roles[b.Role])
		if slices.ContainsFunc(l.kept, func(id string) bool { return slices.Contains(gives, id) }) {
			out = append(out, b.Ref(l.subject))
		}
	}
	return out
}

// ownLosses are sentences on what somebody loses by a removal, as the member of groups too. Without a name it is not known.
func ownLosses(plan rbac.Plan, world rbac.World, me rbac.Who) []string {
	if me.User == "" {
		return nil
	}
	after := plan.After()
	places := map[string]bool{}
	for _, b := range plan.Remove {
		if slices.ContainsFunc(b.Subjects, me.Is) {
			places[b.Namespace] = true
		}
	}
	var out []string
	for _, b := range plan.Remove {
		if !places[b.Namespace] {
			continue
		}
		delete(places, b.Namespace)
		had, has := rbac.Granted(needsIn(b.Namespace), world.In(b.Namespace, me).Rules), rbac.Granted(needsIn(b.Namespace), after.In(b.Namespace, me).Rules)
		lost := slices.DeleteFunc(had, func(id string) bool { return slices.Contains(has, id) })
		if len(lost) == 0 {
			continue
		}
		text := fmt.Sprintf("You lose rights of your own %s: %s.", inPlace(b.Namespace), spelled(lost))
		if slices.Contains(lost, needRights) {
			text += " You could not undo this yourself."
		}
		out = append(out, text)
	}
	return out
}

func inPlace(namespace string) string {
	if namespace == "" {
		return everywhere
	}
	return "in " + namespace
}

// refs lists bindings in a sentence, the first few of them.
func refs(all []rbac.BindingRef) string {
	var names []string
	for _, r := range all {
		names = append(names, strings.TrimSpace(fmt.Sprintf("%s %s", r.Kind, strings.TrimPrefix(r.Namespace+"/"+r.Name, "/"))))
	}
	const most = 2
	return text.Listed(names, most)
}
