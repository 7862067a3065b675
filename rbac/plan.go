package rbac

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// World is what was read from a cluster before planning.
type World struct {
	Objects
	// Namespaces are those that exist and are not being deleted.
	Namespaces []string
	// Open is set when there may be more namespaces than these, because they could not be listed.
	Open bool
	// Unread are the namespaces whose bindings could not be read, "" standing for the cluster's. Nothing is planned there.
	Unread []string
}

// leaving tells whether a namespace that has bindings is being deleted: then the API server takes nothing new in it.
func (w World) leaving(namespace string) bool {
	return namespace != "" && !w.Open && !slices.Contains(w.Namespaces, namespace)
}

// Plan is what has to happen on a cluster so that it is as a rule says.
type Plan struct {
	Rule      BindingRule
	Create    []Binding
	Change    []Change
	Remove    []Binding
	Unchanged []Binding
	Conflicts []Conflict
	// Blocked are wanted where the bindings could not be read, so that nothing is done there; Notes say so.
	Blocked []Binding
	// Notes are sentences on what the rule does not do there.
	Notes []string

	before Objects
}

// Change is one of the rule's own bindings that is not as it should be.
type Change struct {
	Before, After Binding
	// Recreate is set when another role is bound: the API server lets nobody change that in place.
	Recreate bool
}

// Conflict is somebody else's binding of a name that the rule needs. It is left alone.
type Conflict struct {
	Existing, Wanted Binding
	Reason           string
}

// Empty tells whether there is nothing to do.
func (p Plan) Empty() bool { return len(p.Create)+len(p.Change)+len(p.Remove) == 0 }

// NewPlan compares a rule with what there is. It fails when the rule is not valid.
func NewPlan(rule BindingRule, world World) (Plan, error) {
	if problems := rule.Validate(); len(problems) > 0 {
		return Plan{}, fmt.Errorf("the rule %q cannot be planned: %w", rule.Name, asError(problems))
	}
	p := Plan{Rule: rule, before: world.Objects, Notes: rule.Warnings(world.Namespaces)}
	wanted := p.persona(rule, world)
	wanted = append(wanted, p.lists(rule, world)...)
	p.compare(rule, wanted, world)
	return p, nil
}

// persona are the bindings of the rule's own role.
func (p *Plan) persona(rule BindingRule, world World) []Binding {
	b := Binding{Name: rule.bindingName(), Role: RoleRef{Kind: rule.RoleKind, Name: rule.RoleName}, Subjects: rule.Subjects, Rule: rule.Name}
	if rule.ClusterWide {
		p.noteRole(b.Role, world)
		return []Binding{b}
	}
	var out []Binding
	for _, namespace := range p.places(rule, world) {
		in := b
		in.Namespace = namespace
		if in.Role.Kind == KindRole {
			in.Role.Namespace = namespace
		}
		p.noteRole(in.Role, world)
		out = append(out, in)
	}
	if len(out) == 0 {
		p.Notes = append(p.Notes, "No namespace matches at present; the rule waits for one that does.")
	}
	return out
}

// places are the namespaces that the rule selects: of those that are known, of those that have a binding of the rule already, and by
// name where nobody knows which there are.
func (p *Plan) places(rule BindingRule, world World) []string {
	known := slices.Clone(world.Namespaces)
	for _, b := range world.Bindings {
		if b.Namespace != "" && rule.owns(b) {
			known = append(known, b.Namespace)
		}
	}
	for _, text := range rule.Namespaces {
		pattern, _ := ParsePattern(text)
		switch {
		case !pattern.Literal() && world.Open:
			p.Notes = append(p.Notes, fmt.Sprintf("Namespaces could not be listed, so %s is applied to the known ones only.", text))
		case !pattern.Literal() || slices.Contains(known, text):
		case world.Open:
			known = append(known, text)
		default:
			p.Notes = append(p.Notes, fmt.Sprintf("There is no namespace %s; the binding is made once there is.", text))
		}
	}
	slices.Sort(known)
	return slices.DeleteFunc(slices.Compact(known), func(name string) bool { return !rule.Selects(name) })
}

func (p *Plan) noteRole(role RoleRef, world World) {
	if _, known := world.Roles[role]; known {
		return
	}
	note := "The %s was not found: a binding to it grants nothing until it is there."
	clusterRole := func(r RoleRef) bool { return r.Kind == KindClusterRole }
	if clusterRole(role) && !slices.ContainsFunc(slices.Collect(maps.Keys(world.Roles)), clusterRole) { // every cluster has some
		note = "Whether there is a %s is not known, as none could be read: a binding to one that is not there grants nothing."
	}
	p.Notes = appendNew(p.Notes, []string{fmt.Sprintf(note, role)})
}

// lists are the bindings that every user needs cluster-wide, for those of the rule's subjects that have the rights from nowhere else.
// The rule's own bindings do not count: what they give today must not be taken for a reason to take it away.
func (p *Plan) lists(rule BindingRule, world World) []Binding {
	others := Objects{Roles: world.Roles}
	for _, b := range world.Bindings {
		if !rule.owns(b) {
			others.Bindings = append(others.Bindings, b)
		}
	}
	var out []Binding
	for _, role := range EveryUser() {
		var lacking []Subject
		for _, s := range rule.Subjects {
			if !others.In("", s.Who()).Rules.AllowsAll(role.Rules().Permissions()) {
				lacking = append(lacking, s)
			}
		}
		switch {
		case len(lacking) == 0:
		case rule.Lists:
			b := Binding{Name: rule.listName(role.Name), Role: RoleRef{Kind: KindClusterRole, Name: role.Name}, Subjects: lacking, Rule: rule.Name}
			p.noteRole(b.Role, world)
			out = append(out, b)
		case !rule.ClusterWide:
			p.Notes = append(p.Notes, fmt.Sprintf("Without %s bound cluster-wide, %s will not see %s.", role.Name, names(lacking), unseen[role.Name]))
		}
	}
	return out
}

// unseen is what somebody does not see without a role of EveryUser.
var unseen = map[string]string{
	RoleListNamespaces:  "which namespaces there are, and must type them",
	RoleListVMTemplates: "the VM templates",
}

// compare sorts what is wanted and what there is into what has to be done.
func (p *Plan) compare(rule BindingRule, wanted []Binding, world World) {
	p.add(rule, wanted, world)
	wants := map[string]bool{}
	for _, want := range wanted {
		wants[want.String()] = true
	}
	for _, b := range world.Bindings {
		if rule.owns(b) && !wants[b.String()] {
			p.Remove = append(p.Remove, b)
		}
	}
	slices.SortFunc(p.Remove, func(a, b Binding) int { return cmp.Compare(a.String(), b.String()) })
}

// add sorts what is wanted into what is there already and what has to be done for it.
func (p *Plan) add(rule BindingRule, wanted []Binding, world World) {
	there := map[string]Binding{}
	for _, b := range world.Bindings {
		there[b.String()] = b
	}
	for _, want := range wanted {
		have, exists := there[want.String()]
		switch {
		case slices.Contains(world.Unread, want.Namespace):
			p.Blocked = append(p.Blocked, want)
			p.Notes = appendNew(p.Notes, []string{fmt.Sprintf("The bindings %s could not be read, so nothing is done there.", where(want.Namespace))})
		case !exists:
			p.Create = append(p.Create, want)
		case !rule.owns(have):
			p.Conflicts = append(p.Conflicts, conflict(have, want))
		case have.Role != want.Role && world.leaving(want.Namespace):
			p.Remove = append(p.Remove, have)
			p.Notes = append(p.Notes, fmt.Sprintf("The namespace %s is being deleted and takes no new bindings, so the old one is only removed.", want.Namespace))
		case have.Role != want.Role:
			p.Change = append(p.Change, Change{Before: have, After: want, Recreate: true})
		case !sameSubjects(have.Subjects, want.Subjects):
			p.Change = append(p.Change, Change{Before: have, After: want})
		default:
			p.Unchanged = append(p.Unchanged, have)
		}
	}
}

// Removal is the plan that takes a rule's bindings away, all of them.
func Removal(rule BindingRule, world World) Plan {
	p := Plan{Rule: rule, before: world.Objects}
	p.compare(rule, nil, world)
	return p
}

func conflict(have, want Binding) Conflict {
	owner := "was not made by vmdeck"
	if have.Rule != "" {
		owner = fmt.Sprintf("belongs to the rule %q", have.Rule)
	}
	return Conflict{Existing: have, Wanted: want, Reason: fmt.Sprintf(
		"The %s exists and %s. It is left alone; rename the rule, or remove that binding, to bind %s to %s there.", have, owner, want.Role, names(want.Subjects))}
}

func sameSubjects(a, b []Subject) bool {
	contains := func(list []Subject) func(Subject) bool {
		return func(s Subject) bool { return !slices.Contains(list, s) }
	}
	return !slices.ContainsFunc(a, contains(b)) && !slices.ContainsFunc(b, contains(a))
}

func names(subjects []Subject) string {
	texts := make([]string, len(subjects))
	for i, s := range subjects {
		texts[i] = s.String()
	}
	return strings.Join(texts, ", ")
}
