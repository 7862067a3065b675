package kube

import (
	"context"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/rbac"
)

// bindingsOf lists the bindings that give the connection's user a role in a namespace, as far as the user may read them: most users
// may not, and then the list is empty.
func (c *Cluster) bindingsOf(ctx context.Context, namespace string) []rbac.BindingRef {
	me, err := c.WhoAmI(ctx)
	if err != nil {
		return nil
	}
	var found []rbac.BindingRef
	if list, err := c.rbac.RoleBindings(namespace).List(ctx, metav1.ListOptions{}); err == nil && namespace != "" {
		for _, b := range list.Items {
			if s := me.among(b.Subjects); s != "" {
				found = append(found, rbac.BindingRef{Kind: "RoleBinding", Namespace: b.Namespace, Name: b.Name, RoleKind: b.RoleRef.Kind, Role: b.RoleRef.Name, Subject: s})
			}
		}
	}
	if list, err := c.rbac.ClusterRoleBindings().List(ctx, metav1.ListOptions{}); err == nil {
		for _, b := range list.Items {
			if s := me.among(b.Subjects); s != "" {
				found = append(found, rbac.BindingRef{Kind: "ClusterRoleBinding", Name: b.Name, RoleKind: b.RoleRef.Kind, Role: b.RoleRef.Name, Subject: s})
			}
		}
	}
	return found
}

// among finds the identity among a binding's subjects and names the one that matched.
func (i Identity) among(subjects []rbacv1.Subject) string {
	for _, s := range subjects {
		switch {
		case s.Kind == rbacv1.UserKind && s.Name == i.User:
			return "User " + s.Name
		case s.Kind == rbacv1.GroupKind && slices.Contains(i.Groups, s.Name):
			return "Group " + s.Name
		case s.Kind == rbacv1.ServiceAccountKind && i.User == "system:serviceaccount:"+s.Namespace+":"+s.Name:
			return "ServiceAccount " + s.Namespace + "/" + s.Name
		}
	}
	return ""
}
