package rbac

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Subject is whom a binding gives a role: a user, a group or a service account. It can be compared.
type Subject struct {
	Kind      string // User, Group or ServiceAccount
	Namespace string // of a ServiceAccount
	Name      string
}

// String reads "User alice" or "ServiceAccount team-a/builder".
func (s Subject) String() string {
	if s.Kind == rbacv1.ServiceAccountKind {
		return s.Kind + " " + s.Namespace + "/" + s.Name
	}
	return s.Kind + " " + s.Name
}

// SubjectsOf reads a binding's subjects; a service account without a namespace is one of the binding's own.
func SubjectsOf(subjects []rbacv1.Subject, bindingNamespace string) []Subject {
	out := make([]Subject, 0, len(subjects))
	for _, s := range subjects {
		subject := Subject{Kind: s.Kind, Name: s.Name}
		if s.Kind == rbacv1.ServiceAccountKind {
			if subject.Namespace = s.Namespace; subject.Namespace == "" {
				subject.Namespace = bindingNamespace
			}
		}
		out = append(out, subject)
	}
	return out
}

// Object is the subject as a binding spells it.
func (s Subject) Object() rbacv1.Subject {
	o := rbacv1.Subject{Kind: s.Kind, Namespace: s.Namespace, Name: s.Name}
	if s.Kind != rbacv1.ServiceAccountKind {
		o.APIGroup = rbacv1.GroupName
	}
	return o
}

// Groups and names that Kubernetes gives a meaning.
const (
	groupMasters         = "system:masters" // may do everything, whatever the bindings say
	groupAuthenticated   = "system:authenticated"
	groupServiceAccounts = "system:serviceaccounts"
	accountPrefix        = "system:serviceaccount:"
)

// Who is somebody who makes requests.
type Who struct {
	User   string
	Groups []string
}

// WhoIs completes a user's groups with those that the API server adds by itself.
func WhoIs(user string, groups ...string) Who {
	groups = slices.Clone(groups)
	if rest, ok := strings.CutPrefix(user, accountPrefix); ok {
		namespace, _, _ := strings.Cut(rest, ":")
		groups = appendNew(groups, []string{groupServiceAccounts, groupServiceAccounts + ":" + namespace})
	}
	if user != "system:anonymous" {
		groups = appendNew(groups, []string{groupAuthenticated})
	}
	return Who{User: user, Groups: groups}
}

// Who is somebody whom the subject means: for a group a member without other groups, by a name that nobody has.
func (s Subject) Who() Who {
	switch s.Kind {
	case rbacv1.GroupKind:
		return WhoIs("vmdeck:some-member", s.Name)
	case rbacv1.ServiceAccountKind:
		return WhoIs(accountPrefix + s.Namespace + ":" + s.Name)
	}
	return WhoIs(s.Name)
}

// SubjectOf is the subject that means exactly this user.
func SubjectOf(user string) Subject {
	if rest, ok := strings.CutPrefix(user, accountPrefix); ok {
		if namespace, name, ok := strings.Cut(rest, ":"); ok {
			return Subject{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: name}
		}
	}
	return Subject{Kind: rbacv1.UserKind, Name: user}
}

// Is tells whether the subject means this user.
func (w Who) Is(s Subject) bool {
	switch s.Kind {
	case rbacv1.UserKind:
		return s.Name == w.User
	case rbacv1.GroupKind:
		return slices.Contains(w.Groups, s.Name)
	case rbacv1.ServiceAccountKind:
		return w.User == accountPrefix+s.Namespace+":"+s.Name
	}
	return false
}

// Master tells whether the user is of the group that Kubernetes lets do everything.
func (w Who) Master() bool { return slices.Contains(w.Groups, groupMasters) }
