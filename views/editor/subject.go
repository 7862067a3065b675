package editor

import (
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/rbac"
)

// kinds are the subjects that there are, with what may be typed before a name to mean one. The first is how the editor writes it.
var kinds = []struct {
	kind     string
	prefixes []string
}{
	{rbacv1.UserKind, []string{"user:", "User "}},
	{rbacv1.GroupKind, []string{"group:", "Group "}},
	{rbacv1.ServiceAccountKind, []string{"sa:", "serviceaccount:", "ServiceAccount "}},
}

// subjectOf reads what was typed: a user's name, or one of the other kinds with its prefix. Names of users may have colons in them, as
// those of OIDC have, so an unknown prefix belongs to the name.
func subjectOf(typed string) rbac.Subject {
	typed = strings.TrimSpace(typed)
	for _, k := range kinds {
		for _, prefix := range k.prefixes {
			if len(typed) >= len(prefix) && strings.EqualFold(typed[:len(prefix)], prefix) {
				return named(k.kind, strings.TrimSpace(typed[len(prefix):]))
			}
		}
	}
	return rbac.SubjectOf(typed)
}

func named(kind, name string) rbac.Subject {
	s := rbac.Subject{Kind: kind, Name: name}
	if kind == rbacv1.ServiceAccountKind {
		if namespace, account, ok := strings.Cut(name, "/"); ok {
			s.Namespace, s.Name = namespace, account
		}
	}
	return s
}

// spell writes a subject so that subjectOf reads it.
func spell(s rbac.Subject) string {
	switch s.Kind {
	case rbacv1.GroupKind:
		return kinds[1].prefixes[0] + s.Name
	case rbacv1.ServiceAccountKind:
		if s.Namespace == "" {
			return kinds[2].prefixes[0] + s.Name
		}
		return kinds[2].prefixes[0] + s.Namespace + "/" + s.Name
	}
	if subjectOf(s.Name) != s {
		return kinds[0].prefixes[0] + s.Name
	}
	return s.Name
}

// nextKind writes the same name as one of the next kind.
func nextKind(typed string) string {
	s := subjectOf(typed)
	for i, k := range kinds {
		if k.kind == s.Kind {
			name := s.Name
			if s.Namespace != "" {
				name = s.Namespace + "/" + s.Name
			}
			return spell(named(kinds[(i+1)%len(kinds)].kind, name))
		}
	}
	return typed
}
