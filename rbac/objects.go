package rbac

import (
	"maps"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// LabelRule marks a binding with the name of the rule that it belongs to.
const LabelRule = "vmdeck.dev/rule"

// Binding is a RoleBinding or, without a namespace, a ClusterRoleBinding.
type Binding struct {
	Namespace string
	Name      string
	Role      RoleRef // a Role's namespace is the binding's
	Subjects  []Subject
	Rule      string // by its label; empty: made by somebody else

	// UID and ResourceVersion are those of the object that was read; empty for one that is planned.
	UID, ResourceVersion string
}

// BindingOf reads a role binding.
func BindingOf(b *rbacv1.RoleBinding) Binding {
	role := RoleRef{Kind: b.RoleRef.Kind, Name: b.RoleRef.Name}
	if role.Kind == KindRole {
		role.Namespace = b.Namespace
	}
	return Binding{
		Namespace: b.Namespace, Name: b.Name, Role: role, Subjects: SubjectsOf(b.Subjects, b.Namespace),
		Rule: b.Labels[LabelRule], UID: string(b.UID), ResourceVersion: b.ResourceVersion,
	}
}

// ClusterBindingOf reads a cluster role binding.
func ClusterBindingOf(b *rbacv1.ClusterRoleBinding) Binding {
	return Binding{
		Name: b.Name, Role: RoleRef{Kind: b.RoleRef.Kind, Name: b.RoleRef.Name}, Subjects: SubjectsOf(b.Subjects, ""),
		Rule: b.Labels[LabelRule], UID: string(b.UID), ResourceVersion: b.ResourceVersion,
	}
}

// Kind is RoleBinding or ClusterRoleBinding.
func (b Binding) Kind() string {
	if b.Namespace == "" {
		return KindClusterRoleBinding
	}
	return KindRoleBinding
}

// String reads "RoleBinding team-a/devs".
func (b Binding) String() string {
	if b.Namespace == "" {
		return b.Kind() + " " + b.Name
	}
	return b.Kind() + " " + b.Namespace + "/" + b.Name
}

// Ref names the binding with the subject by which somebody has its role.
func (b Binding) Ref(s Subject) BindingRef {
	return BindingRef{Kind: b.Kind(), Namespace: b.Namespace, Name: b.Name, RoleKind: b.Role.Kind, Role: b.Role.Name, Subject: s.String()}
}

// Object is the binding as the API server takes it: a *rbacv1.RoleBinding or a *rbacv1.ClusterRoleBinding.
func (b Binding) Object() metav1.Object {
	meta := metav1.ObjectMeta{Name: b.Name, Namespace: b.Namespace}
	if b.Rule != "" {
		meta.Labels = map[string]string{"app.kubernetes.io/managed-by": "vmdeck", LabelRule: b.Rule}
	}
	subjects := make([]rbacv1.Subject, len(b.Subjects))
	for i, s := range b.Subjects {
		subjects[i] = s.Object()
	}
	kind := metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: b.Kind()}
	ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: b.Role.Kind, Name: b.Role.Name}
	if b.Namespace == "" {
		return &rbacv1.ClusterRoleBinding{TypeMeta: kind, ObjectMeta: meta, Subjects: subjects, RoleRef: ref}
	}
	return &rbacv1.RoleBinding{TypeMeta: kind, ObjectMeta: meta, Subjects: subjects, RoleRef: ref}
}

// Objects are bindings and roles from which rights are evaluated. The API server's own answer knows more: other authorizers, and the
// groups that its authenticators give.
type Objects struct {
	Bindings []Binding
	Roles    map[RoleRef]Rules // a role that is missing grants nothing, as far as is known
}

// Rights is what somebody may do in one place, by the objects.
type Rights struct {
	Rules    Rules
	Bindings []BindingRef
	Unknown  []RoleRef // roles that are bound there and whose rules are not known
}

// everything is what a member of system:masters may do.
var everything = Rules{{Verbs: []string{"*"}, APIGroups: []string{"*"}, Resources: []string{"*"}}}

// In evaluates somebody's rights in a namespace; an empty one means cluster-wide, where only cluster role bindings count.
func (o Objects) In(namespace string, w Who) Rights {
	var r Rights
	if w.Master() {
		r.Rules = slices.Clone(everything)
	}
	for _, b := range o.Bindings {
		if b.Namespace != "" && b.Namespace != namespace {
			continue
		}
		for _, s := range b.Subjects {
			if !w.Is(s) {
				continue
			}
			r.Bindings = append(r.Bindings, b.Ref(s))
			if rules, known := o.Roles[b.Role]; known {
				r.Rules = append(r.Rules, rules...)
			} else {
				r.Unknown = appendNew(r.Unknown, []RoleRef{b.Role})
			}
			break
		}
	}
	return r
}

// with returns the objects with other bindings: those of replaced are left out, those of added come in.
func (o Objects) with(added, replaced []Binding) Objects {
	out := Objects{Roles: maps.Clone(o.Roles)}
	gone := map[string]bool{}
	for _, b := range replaced {
		gone[b.String()] = true
	}
	for _, b := range o.Bindings {
		if !gone[b.String()] {
			out.Bindings = append(out.Bindings, b)
		}
	}
	out.Bindings = append(out.Bindings, added...)
	return out
}
