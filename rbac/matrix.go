package rbac

import rbacv1 "k8s.io/api/rbac/v1"

// Need is an operation by name with the permissions that it takes, all of them.
type Need struct {
	ID    string
	Title string
	Perms []Permission
}

// RoleRef names a role: a ClusterRole, or a Role in its namespace.
type RoleRef struct {
	Kind      string // ClusterRole or Role
	Namespace string // empty for a ClusterRole
	Name      string
}

// The kinds of roles and bindings.
const (
	KindRole               = "Role"
	KindClusterRole        = "ClusterRole"
	KindRoleBinding        = "RoleBinding"
	KindClusterRoleBinding = "ClusterRoleBinding"
)

// String reads "ClusterRole edit" or "Role team-a/operators".
func (r RoleRef) String() string {
	if r.Namespace == "" {
		return r.Kind + " " + r.Name
	}
	return r.Kind + " " + r.Namespace + "/" + r.Name
}

// RoleRules is a role with what it grants. The rules of an aggregated cluster role are those that the controller put together.
type RoleRules struct {
	Ref   RoleRef
	Rules Rules
}

// FromClusterRole takes name and rules from a cluster role.
func FromClusterRole(r *rbacv1.ClusterRole) RoleRules {
	return RoleRules{Ref: RoleRef{Kind: KindClusterRole, Name: r.Name}, Rules: r.Rules}
}

// FromRole takes namespace, name and rules from a role.
func FromRole(r *rbacv1.Role) RoleRules {
	return RoleRules{Ref: RoleRef{Kind: KindRole, Namespace: r.Namespace, Name: r.Name}, Rules: r.Rules}
}

// CatalogueRules are the catalogue's roles, the least powerful first.
func CatalogueRules() []RoleRules {
	var out []RoleRules
	for _, r := range Catalogue() {
		out = append(out, FromClusterRole(r.Object))
	}
	return out
}

// Matrix is the table of roles × operations. Its cells are found by evaluating rules: nothing is decided by a role's name.
type Matrix struct {
	Needs []Need
	Roles []MatrixRow
}

// MatrixRow is one role's line.
type MatrixRow struct {
	Role    RoleRef
	Missing [][]Permission // for each need what the role does not grant of it; empty: it grants all
}

// Grants tells whether the role permits the need at that place of the table.
func (r MatrixRow) Grants(need int) bool { return len(r.Missing[need]) == 0 }

// Some tells whether the role grants any of the needs in full.
func (r MatrixRow) Some() bool {
	for i := range r.Missing {
		if r.Grants(i) {
			return true
		}
	}
	return false
}

// NewMatrix evaluates the roles, in their order. A need without permissions is granted by every role.
func NewMatrix(needs []Need, roles []RoleRules) Matrix {
	m := Matrix{Needs: needs}
	for _, role := range roles {
		row := MatrixRow{Role: role.Ref, Missing: make([][]Permission, len(needs))}
		for i, need := range needs {
			row.Missing[i] = role.Rules.Missing(need.Perms)
		}
		m.Roles = append(m.Roles, row)
	}
	return m
}

// Granted lists the IDs of the needs that the rules grant in full, in the order of the needs.
func Granted(needs []Need, rules Rules) []string {
	var ids []string
	for _, need := range needs {
		if rules.AllowsAll(need.Perms) {
			ids = append(ids, need.ID)
		}
	}
	return ids
}

// Permissions spells the rules out, each permission once: verbs × groups × resources × names. What a star stands for is left out, as it
// has no end.
func (rs Rules) Permissions() []Permission {
	var out []Permission
	for _, r := range rs {
		objects := r.ResourceNames
		if len(objects) == 0 {
			objects = []string{""}
		}
		for _, verb := range r.Verbs {
			for _, group := range r.APIGroups {
				for _, resource := range r.Resources {
					for _, name := range objects {
						p := On(verb, group, resource)
						p.Name = name
						if verb != "*" && group != "*" && p.Resource != "*" && p.Subresource != "*" {
							out = appendNew(out, []Permission{p})
						}
					}
				}
			}
		}
	}
	return out
}
