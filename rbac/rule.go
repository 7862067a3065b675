package rbac

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// BindingRule says who gets which role where. It is kept, and applied again as namespaces come and go.
type BindingRule struct {
	Name     string
	RoleKind string // ClusterRole or Role
	RoleName string
	Subjects []Subject
	// ClusterWide binds the role in all namespaces and for what is in none. Otherwise Namespaces has names and patterns.
	ClusterWide bool
	Namespaces  []string
	// Lists adds the two bindings that every user needs cluster-wide to the subjects that lack them.
	Lists bool
	// ClusterGroup is set where the cluster belongs to a group: there all bindings are made in namespaces.
	ClusterGroup bool
}

// Problem is why a rule cannot be used, in a sentence, with the field that has to be changed.
type Problem struct {
	Field string // as in BindingRule: "Namespaces"
	Index int    // of the subject or namespace, from 0
	Text  string
	// Err is the *PatternError of a pattern, which has the place.
	Err error
}

// groupReason is why a cluster group takes no cluster-wide bindings.
const groupReason = "this cluster belongs to a cluster group, where all bindings are made in namespaces: " +
	"a cluster-wide one would reach the namespaces of everybody who shares the cluster"

// Validate lists what is wrong with a rule; nothing means that it can be planned.
func (r BindingRule) Validate() []Problem {
	var found []Problem
	wrong := func(field string, index int, format string, args ...any) {
		found = append(found, Problem{Field: field, Index: index, Text: fmt.Sprintf(format, args...)})
	}
	if at, reason := wrongInName(r.Name); r.Name == "" {
		wrong("Name", 0, "The rule needs a name; its bindings are called after it.")
	} else if reason != "" {
		wrong("Name", 0, "The rule's name is wrong at character %d: it takes lower case letters, digits and dashes, a letter or digit first and last, 63 at most.", at+1)
	}
	if r.RoleKind != KindRole && r.RoleKind != KindClusterRole {
		wrong("RoleKind", 0, "The role is a ClusterRole or a Role, not %q.", r.RoleKind)
	}
	if r.RoleName == "" {
		wrong("RoleName", 0, "Name the role to bind.")
	}
	found = append(found, r.wrongSubjects()...)
	switch {
	case r.ClusterWide && r.ClusterGroup:
		wrong("ClusterWide", 0, "A cluster-wide binding is refused: %s. Name namespaces instead.", groupReason)
	case r.ClusterWide && r.RoleKind == KindRole:
		wrong("ClusterWide", 0, "A Role belongs to one namespace and cannot be bound cluster-wide; use a ClusterRole, or name namespaces.")
	case r.ClusterWide && len(r.Namespaces) > 0:
		wrong("Namespaces", 0, "The rule is cluster-wide, so it takes no namespaces.")
	case !r.ClusterWide && len(r.Namespaces) == 0:
		wrong("Namespaces", 0, "Name at least one namespace or a pattern such as /^team-/.")
	}
	if r.Lists && r.ClusterGroup {
		wrong("Lists", 0, "The bindings of %s and %s are cluster-wide and refused: %s.", RoleListNamespaces, RoleListVMTemplates, groupReason)
	}
	for i, text := range r.Namespaces {
		if _, err := ParsePattern(text); err != nil {
			found = append(found, Problem{Field: "Namespaces", Index: i, Text: sentence(err.Error()), Err: err})
		}
	}
	return found
}

func (r BindingRule) wrongSubjects() []Problem {
	var found []Problem
	wrong := func(index int, format string, args ...any) {
		found = append(found, Problem{Field: "Subjects", Index: index, Text: fmt.Sprintf(format, args...)})
	}
	if len(r.Subjects) == 0 {
		wrong(0, "Name at least one user, group or service account.")
	}
	for i, s := range r.Subjects {
		account := s.Kind == rbacv1.ServiceAccountKind
		switch {
		case s.Kind != rbacv1.UserKind && s.Kind != rbacv1.GroupKind && !account:
			wrong(i, "A subject is a User, a Group or a ServiceAccount, not %q.", s.Kind)
		case s.Name == "":
			wrong(i, "The %s has no name.", s.Kind)
		case account && s.Namespace == "":
			wrong(i, "The ServiceAccount %s needs its namespace.", s.Name)
		case !account && s.Namespace != "":
			wrong(i, "The %s %s is in no namespace.", s.Kind, s.Name)
		case slices.Contains(r.Subjects[:i], s):
			wrong(i, "The %s stands there twice.", s)
		}
	}
	return found
}

// Warnings says what is allowed and perhaps not meant. namespaces are those of the cluster.
func (r BindingRule) Warnings(namespaces []string) []string {
	var out []string
	for _, text := range r.Namespaces {
		if p, err := ParsePattern(text); err == nil {
			out = appendNew(out, nonEmpty(p.Warning(namespaces)))
		}
	}
	for _, s := range r.Subjects {
		if s.Kind == rbacv1.GroupKind && slices.Contains([]string{groupAuthenticated, "system:unauthenticated", groupServiceAccounts}, s.Name) {
			out = append(out, fmt.Sprintf("The group %s is more than people: every program with an account is in it.", s.Name))
		}
	}
	return out
}

// Selects tells whether the rule applies to a namespace of that name, also to one that is made later.
func (r BindingRule) Selects(namespace string) bool {
	return slices.ContainsFunc(r.Namespaces, func(text string) bool {
		p, err := ParsePattern(text)
		return err == nil && p.Matches(namespace)
	})
}

// bindingName is what the rule's bindings are called; the two list bindings have a suffix.
func (r BindingRule) bindingName() string { return "vmdeck-" + r.Name }

func (r BindingRule) listName(role string) string {
	return r.bindingName() + "-" + strings.TrimPrefix(role, "spectro-")
}

// owns tells whether a binding is the rule's own: by its label and its name. A copy under another name, labels and all, is not.
func (r BindingRule) owns(b Binding) bool {
	if b.Rule != r.Name {
		return false
	}
	return b.Name == r.bindingName() ||
		b.Namespace == "" && (b.Name == r.listName(RoleListNamespaces) || b.Name == r.listName(RoleListVMTemplates))
}

// asError makes one error of what Validate found.
func asError(problems []Problem) error {
	var all []error
	for _, p := range problems {
		all = append(all, errors.New(p.Text))
	}
	return errors.Join(all...)
}

func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] + "." }

func nonEmpty(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}
