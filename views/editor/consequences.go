package editor

import (
	"errors"
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/text"
)

// sections tell what the form means on this cluster, part by part.
func (f *form) sections() []section {
	s, places := f.state(), "Namespaces"
	if f.cluster {
		places = "Cluster"
	}
	all := []section{
		{partRole, "Role", f.aboutRole(s)},
		{partSubjects, "Subjects", f.aboutSubjects(s)},
		{partNamespaces, places, f.aboutPlaces(s)},
		{partTarget, "Clusters", f.aboutTarget()},
		{partLists, "Needed by every user", f.aboutLists(s)},
		{partName, "Name", f.aboutName()},
		{partKeep, "Rule", f.aboutKeeping(s)},
	}
	return slices.DeleteFunc(all, func(s section) bool { return s.part == partTarget && len(f.groups) == 0 })
}

// about is the section that tells of a part.
func about(all []section, p part) section {
	switch p {
	case partRoleKind:
		p = partRole
	case partScope:
		p = partNamespaces
	case partReview, partCancel:
		p = partKeep
	}
	return all[max(slices.IndexFunc(all, func(s section) bool { return s.part == p }), 0)]
}

const waiting = "Reading the cluster's roles and bindings"

func (f *form) aboutSubjects(s binding.State) []words {
	var out []words
	if c := f.text(); f.focus.part == partSubjects && c.Value() != "" {
		out = append(out, f.known(s, subjectOf(c.Value())))
	} else if len(f.rule().Subjects) == 0 || f.focus.part == partSubjects {
		out = append(out, dim("A user by name, group:NAME for a group of your identity provider, sa:NAMESPACE/NAME for a service account. ctrl+g changes the kind."))
	} else {
		out = append(out, plain(f.counts()))
	}
	var about rbac.BindingRule
	about.Subjects = f.rule().Subjects
	return append(out, warnings(f.th.Glyphs, about.Warnings(nil))...)
}

func (f *form) counts() string {
	var parts []string
	for _, k := range kinds {
		n := 0
		for _, s := range f.rule().Subjects {
			if s.Kind == k.kind {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, text.Count(n, map[string]string{"User": "user", "Group": "group", "ServiceAccount": "service account"}[k.kind]))
		}
	}
	return "Bound to " + strings.Join(parts, ", ") + "."
}

// known says what somebody has already.
func (f *form) known(s binding.State, subject rbac.Subject) words {
	var has []string
	for _, b := range s.World.Bindings {
		if slices.Contains(b.Subjects, subject) {
			place := "everywhere"
			if b.Namespace != "" {
				place = "in " + b.Namespace
			}
			has = append(has, b.Role.Name+" "+place)
		}
	}
	if len(has) == 0 {
		return plain(subject.String() + ": no binding names it yet.")
	}
	return plain(subject.String() + " has " + some(has, 3) + ".")
}

// lacking are, for each role that every user needs, the subjects that have its rights from nowhere else. It is read off a plan that
// asks for them, so that the editor and the plan cannot disagree.
func (f *form) lacking(s binding.State) map[string][]rbac.Subject {
	r := f.rule()
	probe := rbac.BindingRule{Name: "probe", RoleKind: rbac.KindClusterRole, RoleName: "any", Namespaces: []string{"any"}, Lists: true}
	if f.fixed {
		probe.Name = r.Name
	}
	for i, subject := range r.Subjects {
		if !slices.Contains(r.Subjects[:i], subject) && (rbac.BindingRule{
			Name: "probe", RoleKind: probe.RoleKind, RoleName: "any", Namespaces: probe.Namespaces, Subjects: []rbac.Subject{subject},
		}).Validate() == nil {
			probe.Subjects = append(probe.Subjects, subject)
		}
	}
	plan, err := rbac.NewPlan(probe, s.World.World)
	if err != nil {
		return nil
	}
	out := map[string][]rbac.Subject{}
	for _, b := range wanted(plan) {
		if b.Namespace == "" {
			out[b.Role.Name] = b.Subjects
		}
	}
	return out
}

// wanted are all bindings that a plan brings about or leaves.
func wanted(p rbac.Plan) []rbac.Binding {
	out := slices.Concat(p.Create, p.Unchanged)
	for _, c := range p.Change {
		out = append(out, c.After)
	}
	for _, c := range p.Conflicts {
		out = append(out, c.Wanted)
	}
	return out
}

func (f *form) aboutLists(s binding.State) []words {
	var out []words
	if f.group != "" {
		out = append(out, plain("They are cluster-wide, so they are not made in a cluster group."))
	}
	switch {
	case f.group != "" && len(f.rule().Subjects) == 0:
		return out
	case len(f.rule().Subjects) == 0:
		return []words{dim("Every user needs two bindings cluster-wide: to list namespaces and to list VM templates. Those that are missing are added.")}
	case s.At.IsZero():
		return []words{dim(waiting + f.th.Glyphs.Ellipsis)}
	}
	lacking := f.lacking(s)
	for _, role := range rbac.EveryUser() {
		who := lacking[role.Name]
		switch {
		case len(who) == 0:
			out = append(out, plain(f.th.Glyphs.Mark+" "+role.Name+": everybody has it."))
		case f.lists && f.group == "":
			out = append(out, plain("+ "+role.Name+" for "+some(names(who), 4)))
		default:
			out = append(out, warn(f.th.Glyphs.Warn+" "+role.Name+" is lacking: "+some(names(who), 4)+" will not see "+unseen[role.Name]+"."))
		}
	}
	return out
}

// notStored is what becomes of the bindings of a rule that is stored nowhere.
const notStored = "It is not stored: the bindings are made once, and vmdeck bindings sync, where that runs, takes them for leftovers."

// unseen is what somebody does not see who lacks one of the two.
var unseen = map[string]string{
	rbac.RoleListNamespaces: "which namespaces there are", rbac.RoleListVMTemplates: "the VM templates",
}

func names(subjects []rbac.Subject) []string {
	out := make([]string, len(subjects))
	for i, s := range subjects {
		out[i] = spell(s)
	}
	return out
}

func (f *form) aboutName() []words {
	name := f.name.Value()
	switch {
	case f.fixed:
		return []words{dim("The rule exists, so its name stays: its bindings are called vmdeck-" + name + ".")}
	case name == "":
		return []words{dim("The rule's bindings are called after it.")}
	}
	return []words{dim("The rule's bindings are called vmdeck-" + name + ".")}
}

func (f *form) aboutKeeping(s binding.State) []words {
	var out []words
	missing := errors.Is(s.RulesErr, binding.ErrNotInstalled)
	switch {
	case f.where == "":
		out = append(out, dim("There is no place to store rules, so the bindings are made once."))
	case f.keeps() && missing:
		out = append(out, plain("Stored in "+f.where+". It does not know such rules yet: the custom resource rolebindingrules.vmdeck.dev is installed first."))
	case f.keeps():
		out = append(out, plain("Stored in "+f.where+"; vmdeck bindings sync applies it to namespaces that are made later."))
	case f.stored:
		out = append(out, warn(f.th.Glyphs.Warn+" It is taken out of "+f.where+"; its bindings stay until vmdeck bindings sync runs."))
	default:
		out = append(out, dim(notStored))
	}
	if f.patterned() && !f.keeps() {
		out = append(out, warn(f.th.Glyphs.Warn+" Namespaces that are made later are not covered by its pattern: the rule is not stored."))
	}
	if s.RulesErr != nil && !missing {
		out = append(out, warn(f.th.Glyphs.Warn+" "+binding.ExplainRules(s.RulesErr)))
	} else if why := f.barred(); why != "" {
		out = append(out, warn(f.th.Glyphs.Warn+" "+why))
	}
	return out
}
