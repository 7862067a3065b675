package bindings

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/views/look"
)

// everywhere stands where a namespace stands otherwise.
const everywhere = "everywhere"

// What can be wrong with a row, in a word or two: twelve characters at most are never cut.
const (
	stateNobody   = "no subjects"
	stateUnusable = "rule broken"
	stateWaiting  = "no match"
	stateUnmade   = "not applied"
	stateUnseen   = "not known"
	stateUnread   = "role unread"
	stateNoRole   = "no such role"
	stateNoPlace  = "no namespace"
)

// row is one subject of one binding, or of a rule that has made none.
type row struct {
	id      string
	binding rbac.Binding // without a name: there is none
	subject rbac.Subject // without a kind: nobody
	role    rbac.RoleRef // without a name: not known
	where   string
	grants  grants
	rule    string          // that the binding is one of
	stored  *binding.Stored // the rule as it is kept; nil: it is not
	// state is one of those above, trouble a sentence on it; both are empty when all is well.
	state, trouble string
	system         bool // keeps the cluster itself going
	search         string
}

// made tells whether there is a binding.
func (r *row) made() bool { return r.binding.Name != "" }

// same tells whether two rows show the same.
func same(a, b *row) bool {
	return a.binding.ResourceVersion == b.binding.ResourceVersion && a.search == b.search && a.trouble == b.trouble && a.rule == b.rule &&
		slices.Equal(a.grants.ids, b.grants.ids) && version(a.stored) == version(b.stored)
}

func version(s *binding.Stored) string {
	if s == nil {
		return ""
	}
	return s.Version
}

// rowsOf makes the rows of what was read.
func rowsOf(s binding.State) []*row {
	m := maker{state: s, given: map[place]grants{}, stored: map[string]*binding.Stored{}, served: map[string]bool{}, namespaces: slices.Clone(s.World.Namespaces)}
	for i := range s.Rules {
		m.stored[s.Rules[i].Name] = &s.Rules[i]
	}
	slices.Sort(m.namespaces)
	for _, b := range m.concerning() {
		m.bound(b)
	}
	for i := range s.Rules {
		m.unserved(&s.Rules[i])
	}
	return m.rows
}

// place is where a role is bound: a role grants less in a namespace than cluster-wide.
type place struct {
	role    rbac.RoleRef
	cluster bool
}

type maker struct {
	state      binding.State
	given      map[place]grants
	stored     map[string]*binding.Stored
	served     map[string]bool // rules whose role is bound somewhere
	namespaces []string
	rows       []*row
}

// concerning are the bindings that concern VMs, or might: what a role grants that is not there or may not be read, nobody knows. Each
// role is looked at once, as there are few roles and may be thousands of bindings.
func (m *maker) concerning() []rbac.Binding {
	probe, seen := m.state.World, map[rbac.RoleRef]bool{}
	probe.Bindings = nil
	for _, b := range m.state.World.Bindings {
		if !seen[b.Role] {
			seen[b.Role] = true
			probe.Bindings = append(probe.Bindings, rbac.Binding{Role: b.Role})
		}
	}
	concern := map[rbac.RoleRef]bool{}
	for _, e := range probe.Concerning(binding.Needs()) {
		concern[e.Role] = true
	}
	return slices.DeleteFunc(slices.Clone(m.state.World.Bindings), func(b rbac.Binding) bool {
		_, known := m.state.World.Roles[b.Role]
		return known && !concern[b.Role] && b.Rule == ""
	})
}

func (m *maker) grants(role rbac.RoleRef, namespace string) grants {
	key := place{role, namespace == ""}
	g, known := m.given[key]
	if !known {
		if rules, found := m.state.World.Roles[role]; found {
			g = grantsOf(rules, namespace)
		}
		m.given[key] = g
	}
	return g
}

func (m *maker) bound(b rbac.Binding) {
	owner := b.Owner()
	stored := m.stored[owner]
	if stored != nil && stored.RoleName == b.Role.Name && stored.RoleKind == b.Role.Kind {
		m.served[owner] = true
	}
	r := row{binding: b, role: b.Role, where: b.Namespace, grants: m.grants(b.Role, b.Namespace), rule: owner, stored: stored}
	if b.Namespace == "" {
		r.where = everywhere
	}
	r.state, r.trouble = m.roleTrouble(b.Role)
	if len(b.Subjects) == 0 {
		r.state, r.trouble = stateNobody, "The binding has no subjects, so it gives nobody anything."
		m.add(r, b.UID+"/")
	}
	r.system = isSystem(b)
	for i, s := range b.Subjects {
		if slices.Contains(b.Subjects[:i], s) {
			continue
		}
		one := r
		one.subject = s
		if one.trouble == "" {
			one.state, one.trouble = m.subjectTrouble(s)
		}
		m.add(one, b.UID+"/"+s.String())
	}
}

// unserved makes rows of a rule that has no binding of its role, or cannot be used.
func (m *maker) unserved(s *binding.Stored) {
	if m.served[s.Name] {
		return
	}
	r := row{rule: s.Name, stored: s}
	if s.Err != nil {
		r.state, r.trouble = stateUnusable, fmt.Sprintf("The rule %s cannot be used: %v", s.Name, s.Err)
		m.add(r, "rule/"+s.Name)
		return
	}
	namespace := ""
	r.where, r.state = everywhere, stateUnmade
	r.trouble = fmt.Sprintf("The rule %s has not been applied yet: vmdeck bindings sync does that, or edit and confirm it.", s.Name)
	if !s.ClusterWide {
		r.where, namespace = strings.Join(s.Namespaces, " "), "in a namespace"
		if !slices.ContainsFunc(m.state.World.Namespaces, s.Selects) {
			r.state, r.trouble = stateWaiting, "No namespace matches at present; the rule waits for one that does."
		}
	}
	if unread := m.state.World.Unread; m.state.World.Open || s.ClusterWide && slices.Contains(unread, "") || !s.ClusterWide && slices.ContainsFunc(unread, s.Selects) {
		r.state, r.trouble = stateUnseen, fmt.Sprintf("Whether the rule %s has bindings is not known, as they could not be read.", s.Name)
	}
	r.role = rbac.RoleRef{Kind: s.RoleKind, Name: s.RoleName}
	r.grants = m.grants(r.role, namespace)
	for _, subject := range s.Subjects {
		one := r
		one.subject = subject
		m.add(one, "rule/"+s.Name+"/"+subject.String())
	}
}

func (m *maker) add(r row, id string) {
	r.id = id
	fields := []string{look.SubjectKind(r.subject), r.subject.Namespace, r.subject.Name, r.where, r.role.Name, r.grants.text, r.binding.Name, r.rule, r.state}
	for i := range fields {
		fields[i] = strings.ToLower(text.Clean(fields[i])) // as it is seen
	}
	r.search = strings.Join(fields, fieldMark)
	m.rows = append(m.rows, &r)
}

func (m *maker) roleTrouble(role rbac.RoleRef) (state, trouble string) {
	if _, known := m.state.World.Roles[role]; known {
		return "", ""
	}
	for _, g := range m.state.World.Gaps {
		if role.Kind == rbac.KindClusterRole && g.What == "cluster roles" || role.Kind == rbac.KindRole && g.What == "roles" && g.Namespace == role.Namespace {
			return stateUnread, fmt.Sprintf("You may not read the %s, so what it grants is not known.", role)
		}
	}
	return stateNoRole, fmt.Sprintf("There is no %s, so the binding grants nothing. Whoever makes a role of that name decides what it grants.", role)
}

// subjectTrouble finds accounts that cannot be there.
func (m *maker) subjectTrouble(s rbac.Subject) (state, trouble string) {
	if s.Kind != rbacv1.ServiceAccountKind || m.state.World.Open {
		return "", ""
	}
	if _, found := slices.BinarySearch(m.namespaces, s.Namespace); found {
		return "", ""
	}
	return stateNoPlace, fmt.Sprintf("There is no namespace %s, or it is being deleted, so there is no %s.", s.Namespace, s)
}

// isSystem tells whether a binding does nothing but keep the cluster itself going. One of a rule, or of a role from the catalogue, does more.
func isSystem(b rbac.Binding) bool {
	if b.Rule != "" || slices.Contains(rbac.Names(), b.Role.Name) {
		return false
	}
	if strings.HasPrefix(b.Role.Name, "system:") {
		return true
	}
	return len(b.Subjects) > 0 && !slices.ContainsFunc(b.Subjects, func(s rbac.Subject) bool { return !isSystemSubject(s) })
}

// isSystemSubject tells whether a subject is a part of the cluster. Groups of everybody with an account are not, and neither are accounts
// in namespaces of others, also where a binding names one as a user.
func isSystemSubject(s rbac.Subject) bool {
	if s.Kind == rbacv1.UserKind {
		s = rbac.SubjectOf(s.Name)
	}
	switch s.Kind {
	case rbacv1.ServiceAccountKind:
		return s.Namespace != "default" && rbac.IsSystemNamespace(s.Namespace)
	case rbacv1.GroupKind:
		wide := s.Name == "system:authenticated" || s.Name == "system:unauthenticated" || strings.HasPrefix(s.Name, "system:serviceaccounts")
		return strings.HasPrefix(s.Name, "system:") && !wide
	}
	return strings.HasPrefix(s.Name, "system:")
}
