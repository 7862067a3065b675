package kube

import (
	"context"
	"slices"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/rbac"
)

// bindingsFor is how long bindings are kept. They explain a denial and decide nothing.
const bindingsFor = 2 * time.Minute

type bindingList struct {
	refs []rbac.BindingRef
	at   time.Time // zero: never read
}

func (l bindingList) fresh(now time.Time) bool { return !l.at.IsZero() && now.Sub(l.at) < bindingsFor }

// bindingsIn lists the bindings that give the connection's user a role in a namespace, as far as the user may read them: most users
// may not, and then the list is empty. Those that count everywhere are read once for all namespaces.
func (a *Access) bindingsIn(ctx context.Context, namespace string) []rbac.BindingRef {
	me, err := a.cluster.WhoAmI(ctx)
	if err != nil {
		return nil
	}
	everywhere := a.clusterBindings(ctx, me)
	if namespace == "" {
		return everywhere
	}
	var found []rbac.BindingRef
	_ = a.call(ctx, func(ctx context.Context) error {
		list, err := a.cluster.rbac.RoleBindings(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		for _, b := range list.Items {
			if s := me.among(b.Subjects, b.Namespace); s != "" {
				found = append(found, rbac.BindingRef{
					Kind: "RoleBinding", Namespace: b.Namespace, Name: b.Name,
					RoleKind: b.RoleRef.Kind, Role: b.RoleRef.Name, Subject: s,
				})
			}
		}
		return nil
	})
	return append(found, everywhere...)
}

func (a *Access) clusterBindings(ctx context.Context, me Identity) []rbac.BindingRef {
	a.mu.Lock()
	known := a.clusterWide
	a.mu.Unlock()
	if known.fresh(a.now()) {
		return known.refs
	}
	var found []rbac.BindingRef
	err := a.call(ctx, func(ctx context.Context) error {
		list, err := a.cluster.rbac.ClusterRoleBindings().List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		for _, b := range list.Items {
			if s := me.among(b.Subjects, ""); s != "" {
				found = append(found, rbac.BindingRef{
					Kind: "ClusterRoleBinding", Name: b.Name, RoleKind: b.RoleRef.Kind, Role: b.RoleRef.Name, Subject: s,
				})
			}
		}
		return nil
	})
	if err == nil || Classify(err) == KindForbidden {
		a.mu.Lock()
		a.clusterWide = bindingList{refs: found, at: a.now()}
		a.mu.Unlock()
	}
	return found
}

// among finds the identity among a binding's subjects and names the one that matched. A service account without a namespace is one of
// the binding's own.
func (i Identity) among(subjects []rbacv1.Subject, bindingNamespace string) string {
	for _, s := range subjects {
		switch s.Kind {
		case rbacv1.UserKind:
			if s.Name == i.User {
				return "User " + s.Name
			}
		case rbacv1.GroupKind:
			if slices.Contains(i.Groups, s.Name) {
				return "Group " + s.Name
			}
		case rbacv1.ServiceAccountKind:
			namespace := s.Namespace
			if namespace == "" {
				namespace = bindingNamespace
			}
			if i.User == "system:serviceaccount:"+namespace+":"+s.Name {
				return "ServiceAccount " + namespace + "/" + s.Name
			}
		}
	}
	return ""
}
