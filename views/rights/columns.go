package rights

import (
	"cmp"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

// column is a role of the matrix. What it permits is evaluated from the rules that it has on the cluster, and from the catalogue's
// where it is not there or could not be read.
type column struct {
	ref      rbac.RoleRef
	rules    rbac.Rules
	role     *rbac.Role // of the catalogue; nil for the cluster's own
	standing binding.Standing
	// more is what the cluster's role grants and the catalogue's does not, less the opposite; set where it differs.
	more, less []string

	cells    rbac.MatrixRow
	promised rbac.MatrixRow // by the catalogue's rules; set where they differ
}

func (c column) name() string {
	if c.ref.Namespace != "" {
		return c.ref.Namespace + "/" + c.ref.Name
	}
	return c.ref.Name
}

// odd tells whether the role permits something else than the catalogue's of its name.
func (c column) odd(need int) bool {
	return c.standing == binding.Differs && c.cells.Grants(need) != c.promised.Grants(need)
}

// columnsOf are the catalogue's roles, personas first, then the cluster's own that permit anything: cluster roles, then roles of
// namespaces. What Kubernetes keeps for itself is left out.
func columnsOf(needs []rbac.Need, w binding.World) []column {
	personas := slices.Concat(rbac.Personas(), rbac.EveryUser())
	out := make([]column, 0, len(personas))
	for _, role := range personas {
		ref := rbac.RoleRef{Kind: rbac.KindClusterRole, Name: role.Name}
		c := column{ref: ref, rules: role.Rules(), role: &role, standing: w.Stand(role)}
		if rules, found := w.Roles[ref]; found {
			c.rules = rules
		}
		if c.standing == binding.Differs {
			c.more, c.less = binding.Difference(c.rules, role.Rules()), binding.Difference(role.Rules(), c.rules)
			c.promised = evaluate(needs, ref, role.Rules())
		}
		out = append(out, c)
	}
	known := len(out)
	for ref, rules := range w.Roles {
		shipped := ref.Kind == rbac.KindClusterRole && slices.Contains(rbac.Names(), ref.Name)
		if !shipped && !strings.HasPrefix(ref.Name, "system:") && len(rbac.Granted(needs, rules)) > 0 {
			out = append(out, column{ref: ref, rules: rules})
		}
	}
	slices.SortFunc(out[known:], func(a, b column) int {
		return cmp.Or(cmp.Compare(a.ref.Namespace, b.ref.Namespace), cmp.Compare(a.ref.Name, b.ref.Name))
	})
	for i := range out {
		out[i].cells = evaluate(needs, out[i].ref, out[i].rules)
	}
	return out
}

func evaluate(needs []rbac.Need, ref rbac.RoleRef, rules rbac.Rules) rbac.MatrixRow {
	return rbac.NewMatrix(needs, []rbac.RoleRules{{Ref: ref, Rules: rules}}).Roles[0]
}

// Groups of actions, in the order of the matrix.
const (
	groupSee     = "see"
	groupOperate = "operate"
	groupConsole = "console"
	groupMove    = "move"
	groupChange  = "change"
	groupCopy    = "protect and copy"
	groupCreate  = "create"
	groupDelete  = "delete"
	groupOther   = "templates and more"
)

var groups = []string{groupSee, groupOperate, groupConsole, groupMove, groupChange, groupCopy, groupCreate, groupDelete, groupOther}

// groupOf sorts an action by the permission that it takes, so that actions which come later find their place by themselves.
func groupOf(n rbac.Need) string {
	if len(n.Perms) == 0 {
		return groupOther
	}
	p := n.Perms[0]
	main := p.Resource == "virtualmachines" || p.Resource == "virtualmachineinstances"
	switch sub, _, _ := strings.Cut(p.Subresource, "/"); {
	case p.Group == rbac.GroupSubresources && slices.Contains([]string{"migrate", "evacuate"}, sub), p.Resource == "virtualmachineinstancemigrations":
		return groupMove
	case p.Group == rbac.GroupSubresources && slices.Contains([]string{"console", "vnc", "portforward", "usbredir"}, sub):
		return groupConsole
	case p.Group == rbac.GroupSubresources && slices.Contains([]string{"addvolume", "removevolume", "memorydump", "removememorydump"}, sub):
		return groupChange
	case p.Group == rbac.GroupSubresources && p.Verb == "update":
		return groupOperate
	case p.Group == rbac.GroupTemplates:
		return groupOther
	case slices.Contains([]string{"get", "list", "watch"}, p.Verb):
		return groupSee
	case slices.Contains([]string{rbac.GroupSnapshot, rbac.GroupClone, rbac.GroupExport, rbac.GroupBackup}, p.Group):
		return groupCopy
	case main && p.Verb == "create":
		return groupCreate
	case main && p.Verb == "delete":
		return groupDelete
	case main:
		return groupChange
	}
	return groupOther
}

// grouped puts the actions into the order of their groups.
func grouped(needs []rbac.Need) []rbac.Need {
	out := slices.Clone(needs)
	slices.SortStableFunc(out, func(a, b rbac.Need) int {
		return cmp.Compare(slices.Index(groups, groupOf(a)), slices.Index(groups, groupOf(b)))
	})
	return out
}

// object is the role as the API server takes it, for reading and copying.
func (c column) object() any {
	if c.role != nil && c.standing != binding.Differs {
		return c.role.Object
	}
	return roleObject(c.ref, c.rules)
}

func roleObject(ref rbac.RoleRef, rules rbac.Rules) any {
	kind := metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: ref.Kind}
	meta := metav1.ObjectMeta{Name: ref.Name, Namespace: ref.Namespace}
	if ref.Kind == rbac.KindRole {
		return rbacv1.Role{TypeMeta: kind, ObjectMeta: meta, Rules: rules}
	}
	return rbacv1.ClusterRole{TypeMeta: kind, ObjectMeta: meta, Rules: rules}
}
