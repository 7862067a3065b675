package editor

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

// sections tell what the form means on this cluster, part by part.
func (f *form) sections() []section {
	s, places := f.state(), "Namespaces"
	if f.cluster {
		places = "Cluster"
	}
	return []section{
		{partRole, "Role", f.aboutRole(s)},
		{partSubjects, "Subjects", f.aboutSubjects(s)},
		{partNamespaces, places, f.aboutPlaces(s)},
		{partLists, "Needed by every user", f.aboutLists(s)},
		{partName, "Name", f.aboutName()},
		{partKeep, "Rule", f.aboutKeeping(s)},
	}
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

func (f *form) aboutRole(s binding.State) []words {
	ref := f.ref("")
	if ref.Name == "" {
		return []words{dim("What is bound: one of the catalogue's roles, or any other that the cluster has. Type part of its name.")}
	}
	var out []words
	role, catalogued := rbac.Lookup(ref.Name)
	if catalogued && ref.Kind == rbac.KindClusterRole {
		out = append(out, plain(role.Title+". "+role.Description))
	}
	if s.At.IsZero() {
		return append(out, dim(waiting+f.th.Glyphs.Ellipsis))
	}
	rules, found, missing := f.rules(s.World)
	switch {
	case found:
		out = append(out, permits(rules))
	case catalogued && ref.Kind == rbac.KindClusterRole:
		out = append(out, permits(role.Rules()))
	}
	if catalogued && found && len(role.Restrictions) > 0 {
		out = append(out, dim("It "+strings.Join(role.Restrictions, ", ")+"."))
	}
	return append(out, warnings(f.th.Glyphs, f.absent(s.World, missing, catalogued))...)
}

func permits(rules rbac.Rules) words {
	switch ids := rbac.Granted(needs, rules); len(ids) {
	case 0:
		return warn("Permits no action on VMs.")
	case len(needs):
		return plain("Permits " + granted(ids) + ".")
	default:
		return plain(fmt.Sprintf("Permits %d of %d: %s.", len(ids), len(needs), granted(ids)))
	}
}

// rules are those of the role that was chosen: of a Role, those in the first of the namespaces that have one. missing are the others.
func (f *form) rules(world binding.World) (rules rbac.Rules, found bool, missing []string) {
	if f.roleKind == rbac.KindClusterRole {
		rules, found = world.Roles[f.ref("")]
		return rules, found, nil
	}
	rule := f.rule()
	anywhere := len(rule.Namespaces) == 0
	for _, namespace := range world.Namespaces {
		here, known := world.Roles[f.ref(namespace)]
		switch {
		case !anywhere && !rule.Selects(namespace), anywhere && !known:
		case !known:
			missing = append(missing, namespace)
		case !found:
			rules, found = here, true
		}
	}
	return rules, found, missing
}

// absent says that the role is not there, and what to do about it.
func (f *form) absent(world binding.World, missing []string, catalogued bool) []string {
	ref := f.ref("")
	if f.roleKind == rbac.KindRole {
		if len(missing) > 0 {
			return []string{fmt.Sprintf("There is no Role %s in %s: a binding grants nothing there.", ref.Name, some(missing, 3))}
		}
		return nil
	}
	if _, found := world.Roles[ref]; found {
		return nil
	}
	if slices.ContainsFunc(world.Gaps, func(g binding.Gap) bool { return g.What == "cluster roles" }) {
		return []string{"You may not list cluster roles, so whether it is there is not known."}
	}
	text := fmt.Sprintf("%s is not on the cluster: a binding to it grants nothing until it is.", ref)
	if catalogued {
		text += " ctrl+r shows the roles and installs those of the catalogue."
	}
	return []string{text}
}

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
			parts = append(parts, counted(n, map[string]string{"User": "user", "Group": "group", "ServiceAccount": "service account"}[k.kind]))
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

const (
	everywhere = "The role is bound in all namespaces, in those that are made later too, and for what is in none, such as nodes and templates."
	fewPlaces  = 24 // names of namespaces that are shown
)

func (f *form) aboutPlaces(s binding.State) []words {
	if f.cluster {
		if f.group != "" {
			return []words{plain("This cluster belongs to the cluster group " + f.group + ".")}
		}
		return []words{plain(everywhere)}
	}
	var out []words
	if c := f.text(); f.focus.part == partNamespaces && c.Value() != "" {
		switch pattern, err := rbac.ParsePattern(strings.TrimSpace(c.Value())); {
		case err != nil:
			return []words{dim("A pattern is a regular expression between slashes: /^team-/ selects what matches, ~/^kube-/ what does not.")}
		case !pattern.Literal():
			out = append(out, f.matches(s, pattern.String()+" matches", pattern.Select(s.World.Namespaces)))
		}
	}
	rule := f.rule()
	if len(rule.Namespaces) == 0 {
		return append(out, dim("By name, or by a pattern: /^team-/ selects what matches, ~/^kube-/ what does not."))
	}
	if s.At.IsZero() {
		return append(out, dim(waiting+f.th.Glyphs.Ellipsis))
	}
	if len(out) == 0 || len(rule.Namespaces) > 1 {
		selected := slices.DeleteFunc(slices.Clone(s.World.Namespaces), func(n string) bool { return !rule.Selects(n) })
		out = append(out, f.matches(s, "Selects", selected))
	}
	var later rbac.BindingRule
	later.Namespaces = rule.Namespaces
	return append(out, warnings(f.th.Glyphs, append(f.unknown(s, rule), later.Warnings(s.World.Namespaces)...))...)
}

func (f *form) matches(s binding.State, verb string, names []string) words {
	if len(names) == 0 {
		return warn(f.th.Glyphs.Warn + " " + verb + " no namespace at present.")
	}
	return plain(fmt.Sprintf("%s %d of %d: %s.", verb, len(names), len(s.World.Namespaces), some(names, fewPlaces)))
}

// unknown says what cannot be told about the namespaces.
func (f *form) unknown(s binding.State, rule rbac.BindingRule) []string {
	var out []string
	if s.World.Open {
		out = append(out, "There may be more namespaces than these: you may not list them.")
	}
	for _, name := range rule.Namespaces {
		pattern, err := rbac.ParsePattern(name)
		if err == nil && pattern.Literal() && !s.World.Open && !slices.Contains(s.World.Namespaces, name) {
			out = append(out, fmt.Sprintf("There is no namespace %s yet; the binding is made once there is.", name))
		}
	}
	return out
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
	patterned := !f.cluster && slices.ContainsFunc(f.places(), func(n string) bool { return strings.ContainsAny(n, "/~") })
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
	if patterned && !f.keeps() {
		out = append(out, warn(f.th.Glyphs.Warn+" Namespaces that are made later are not covered by its pattern: the rule is not stored."))
	}
	if s.RulesErr != nil && !missing {
		out = append(out, warn(f.th.Glyphs.Warn+" The stored rules are not known: "+s.RulesErr.Error()))
	}
	return out
}
