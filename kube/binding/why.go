package binding

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// Question is whether somebody has permissions in a namespace; an empty one means cluster-wide.
type Question struct {
	Namespace string
	Perms     []rbac.Permission
	As        *rbac.Who // nil: the connection's own user
}

// Answer is the verdict with what would change it.
type Answer struct {
	Who      rbac.Who
	Decision rbac.Decision
	Source   Source
	// OnCluster are the cluster's roles that grant what is missing, those that grant least first.
	OnCluster []rbac.RoleRef
	// Bindings are the user's that count there, without those to Kubernetes' own system: roles.
	Bindings []rbac.BindingRef
	// By are the bindings whose roles grant any of it.
	By []rbac.BindingRef
	// Changers are those who may bind roles there, as far as could be read, without service accounts of the cluster itself.
	Changers []Holder
	// Fix is what an administrator would have to apply: a binding, and its role where none grants what is missing.
	Fix []metav1.Object
	// Gaps are sentences on what could not be read.
	Gaps []string
}

// Why finds out whether and why not. The verdict is the API server's wherever it can be had; roles and bindings explain it.
func Why(ctx context.Context, c *kube.Cluster, q Question) (Answer, error) {
	var a Answer
	if q.As != nil {
		a.Who = *q.As
	} else {
		me, err := c.WhoAmI(ctx)
		if err != nil {
			return Answer{}, err
		}
		a.Who = rbac.Who{User: me.User, Groups: me.Groups}
	}
	world, err := readFor(ctx, c, q.Namespace)
	if err != nil {
		return Answer{}, err
	}
	a.Decision, a.Source, err = Ask(ctx, c, q.As, q.Namespace, q.Perms, func() (World, error) { return world, nil })
	if err != nil {
		return Answer{}, err
	}
	a.Gaps = world.GapsIn(q.Namespace)
	// What Kubernetes gives everybody for discovery and the like explains nothing; its roles' names are its own.
	a.Bindings = slices.DeleteFunc(world.In(q.Namespace, a.Who).Bindings, func(ref rbac.BindingRef) bool { return strings.HasPrefix(ref.Role, "system:") })
	a.By = world.contributing(a.Bindings, q.Perms)
	if a.Decision.Verdict != rbac.Allowed && a.Decision.Err == nil {
		a.OnCluster = world.Granting(a.Decision.Missing, q.Namespace)
		a.Fix = fix(a, world, q.Namespace)
		a.Changers = world.changers(q.Namespace)
	}
	return a, nil
}

// changers are who may bind roles in a namespace: people first, as it is they who can be asked.
func (w World) changers(namespace string) []Holder {
	resource := "rolebindings"
	if namespace == "" {
		resource = "clusterrolebindings"
	}
	holders := w.WhoCan([]rbac.Permission{rbac.On("create", rbac.GroupRBAC, resource)}, namespace)
	holders = slices.DeleteFunc(holders, func(h Holder) bool {
		return h.Subject.Kind == rbacv1.ServiceAccountKind && rbac.IsSystemNamespace(h.Subject.Namespace)
	})
	rank := map[string]int{rbacv1.UserKind: 0, rbacv1.GroupKind: 1, rbacv1.ServiceAccountKind: 2}
	slices.SortStableFunc(holders, func(a, b Holder) int { return cmp.Compare(rank[a.Subject.Kind], rank[b.Subject.Kind]) })
	return holders
}

// fix binds the least powerful role that grants what is missing: of the catalogue, where the role is there or nobody can tell; else
// of the cluster; else one made for it.
func fix(a Answer, w World, namespace string) []metav1.Object {
	readable := slices.ContainsFunc(slices.Collect(maps.Keys(w.Roles)), func(r rbac.RoleRef) bool { return r.Kind == rbac.KindClusterRole })
	b := rbac.Binding{Namespace: namespace, Subjects: []rbac.Subject{meant(a.Who)}}
	for _, name := range a.Decision.Grants {
		role := rbac.RoleRef{Kind: rbac.KindClusterRole, Name: name}
		if !readable || slices.Contains(a.OnCluster, role) {
			b.Role = role
			break
		}
	}
	var out []metav1.Object
	switch {
	case b.Role.Name != "":
	case len(a.OnCluster) > 0:
		b.Role = a.OnCluster[0]
	default:
		role := exactly(a.Decision.Missing, namespace)
		b.Role = rbac.RoleRef{Kind: rbac.KindClusterRole, Name: role.GetName()}
		if namespace != "" {
			b.Role = rbac.RoleRef{Kind: rbac.KindRole, Namespace: namespace, Name: role.GetName()}
		}
		out = append(out, role)
	}
	b.Name = objectName(b.Subjects[0].Name + "-" + b.Role.Name)
	return append(out, b.Object())
}

// exactly is a role that grants the permissions and nothing else.
func exactly(perms []rbac.Permission, namespace string) metav1.Object {
	var rules []rbacv1.PolicyRule
	for _, p := range perms {
		rule := rbacv1.PolicyRule{Verbs: []string{p.Verb}, APIGroups: []string{p.Group}, Resources: []string{p.ResourcePath()}}
		if p.Name != "" {
			rule.ResourceNames = []string{p.Name}
		}
		rules = append(rules, rule)
	}
	name := "vmdeck-" + objectName(perms[0].Verb+"-"+strings.ReplaceAll(perms[0].ResourcePath(), "/", "-"))
	version := rbacv1.SchemeGroupVersion.String()
	if namespace == "" {
		return &rbacv1.ClusterRole{TypeMeta: metav1.TypeMeta{APIVersion: version, Kind: rbac.KindClusterRole}, ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules}
	}
	return &rbacv1.Role{TypeMeta: metav1.TypeMeta{APIVersion: version, Kind: rbac.KindRole}, ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace}, Rules: rules}
}

// objectName makes a name that an object can have of a text such as an e-mail address.
func objectName(text string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '.' {
			return r
		}
		return '-'
	}, strings.ToLower(text))
	return strings.Trim(name, "-.")
}
