package binding

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	rbacclient "k8s.io/client-go/kubernetes/typed/rbac/v1"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// World is what could be read of a cluster's roles and bindings.
type World struct {
	rbac.World
	// Gaps are what could not be read; without any, all of it was.
	Gaps []Gap
}

// Gap is something that could not be read.
type Gap struct {
	What      string // such as "role bindings"
	Namespace string // empty: of the cluster as a whole
	Text      string // a sentence
}

// fewGaps is how many namespaces are named one by one.
const fewGaps = 3

// GapsIn are the sentences on what matters to a namespace, and for an empty one on everything, many namespaces put together.
func (w World) GapsIn(namespace string) []string {
	count := map[string]int{}
	for _, g := range w.Gaps {
		if g.Namespace != "" {
			count[g.What]++
		}
	}
	var out []string
	for _, g := range w.Gaps {
		switch {
		case g.Namespace == "" || g.Namespace == namespace:
			out = append(out, g.Text)
		case namespace != "" || count[g.What] == 0:
		case count[g.What] <= fewGaps:
			out = append(out, g.Text)
		default:
			out = append(out, fmt.Sprintf("You may not list %s in %d namespaces.", g.What, count[g.What]))
			count[g.What] = 0
		}
	}
	return out
}

// readers is how many lists run at a time.
const readers = 4

// Read lists namespaces, roles and bindings. What the user may not list becomes a gap, and what may not be listed across the cluster
// is listed in the namespaces that are known, to which those named here are added. Any other failure is an error.
func Read(ctx context.Context, c *kube.Cluster, namespaces ...string) (World, error) {
	return read(ctx, c, func(known []string) []string {
		for _, name := range slices.Sorted(slices.Values(namespaces)) {
			if name != "" && !slices.Contains(known, name) {
				known = append(known, name)
			}
		}
		return known
	})
}

// readFor reads what a question about one namespace takes: where nothing may be listed across the cluster, lists of the others would be
// hundreds of requests for nothing. An empty namespace is all of them.
func readFor(ctx context.Context, c *kube.Cluster, namespace string) (World, error) {
	if namespace == "" {
		return Read(ctx, c)
	}
	return read(ctx, c, func([]string) []string { return []string{namespace} })
}

// read lists what there is; places are the namespaces to look in one by one where that is needed, of those that are known.
func read(ctx context.Context, c *kube.Cluster, places func(known []string) []string) (World, error) {
	client, err := unthrottledRBAC(c)
	if err != nil {
		return World{}, err
	}
	r := reader{cluster: c, client: client, world: World{World: rbac.World{Objects: rbac.Objects{Roles: map[rbac.RoleRef]rbac.Rules{}}}}}
	names, err := r.namespaces(ctx)
	if err != nil {
		return World{}, err
	}
	names = places(names)
	var wg sync.WaitGroup
	failed := make([]error, 4)
	for i, read := range []func(context.Context, []string) error{r.clusterRoles, r.clusterBindings, r.roles, r.bindings} {
		wg.Go(func() { failed[i] = read(ctx, names) })
	}
	wg.Wait()
	for _, err := range failed {
		if err != nil {
			return World{}, err
		}
	}
	slices.SortFunc(r.world.Gaps, func(a, b Gap) int { return cmp.Compare(a.Text, b.Text) })
	slices.Sort(r.world.Unread)
	slices.SortFunc(r.world.Bindings, func(a, b rbac.Binding) int {
		return slices.Compare([]string{a.Namespace, a.Name}, []string{b.Namespace, b.Name})
	})
	return r.world, nil
}

type reader struct {
	cluster *kube.Cluster
	client  rbacclient.RbacV1Interface
	mu      sync.Mutex
	world   World
}

// call makes one request under a deadline.
func call(ctx context.Context, c *kube.Cluster, request func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, kube.CallTimeout)
	defer cancel()
	err := request(ctx)
	c.Health().Report(err)
	return err
}

// list runs a list; forbidden tells that the user may not.
func (r *reader) list(ctx context.Context, what string, request func(context.Context) error) (forbidden bool, err error) {
	switch err := call(ctx, r.cluster, request); kube.Classify(err) {
	case kube.KindNone:
		return false, nil
	case kube.KindForbidden:
		return true, nil
	default:
		return false, fmt.Errorf("list %s: %w", what, err)
	}
}

func (r *reader) gap(what, namespace, format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.world.Gaps = append(r.world.Gaps, Gap{What: what, Namespace: namespace, Text: fmt.Sprintf(format, args...)})
}

func (r *reader) namespaces(ctx context.Context) ([]string, error) {
	forbidden, err := r.list(ctx, "namespaces", func(ctx context.Context) error {
		list, err := r.cluster.Core().Namespaces().List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		for _, ns := range list.Items {
			if ns.Status.Phase != corev1.NamespaceTerminating {
				r.world.Namespaces = append(r.world.Namespaces, ns.Name)
			}
		}
		return nil
	})
	if forbidden {
		target := r.cluster.Target()
		r.world.Open = true
		r.world.Namespaces = slices.DeleteFunc(append(target.Namespaces, target.Namespace), func(s string) bool { return s == "" })
		r.gap("namespaces", "", "You may not list namespaces: those of your kubeconfig and configuration are looked at.")
	}
	slices.Sort(r.world.Namespaces)
	r.world.Namespaces = slices.Compact(r.world.Namespaces)
	return slices.Clone(r.world.Namespaces), err
}

func (r *reader) clusterRoles(ctx context.Context, _ []string) error {
	forbidden, err := r.list(ctx, "cluster roles", func(ctx context.Context) error {
		list, err := r.client.ClusterRoles().List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		for i := range list.Items {
			role := rbac.FromClusterRole(&list.Items[i])
			r.world.Roles[role.Ref] = role.Rules
		}
		return nil
	})
	if forbidden {
		r.gap("cluster roles", "", "You may not list cluster roles, so what they grant is not known.")
	}
	return err
}

func (r *reader) clusterBindings(ctx context.Context, _ []string) error {
	forbidden, err := r.list(ctx, "cluster role bindings", func(ctx context.Context) error {
		list, err := r.client.ClusterRoleBindings().List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		for i := range list.Items {
			r.world.Bindings = append(r.world.Bindings, rbac.ClusterBindingOf(&list.Items[i]))
		}
		return nil
	})
	if forbidden {
		r.world.addUnread(&r.mu, "")
		r.gap("cluster role bindings", "", "You may not list cluster role bindings, so rights that count everywhere are not seen.")
	}
	return err
}

func (r *reader) roles(ctx context.Context, namespaces []string) error {
	return r.each(ctx, "roles", namespaces, func(ctx context.Context, namespace string) error {
		list, err := r.client.Roles(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		for i := range list.Items {
			role := rbac.FromRole(&list.Items[i])
			r.world.Roles[role.Ref] = role.Rules
		}
		return nil
	}, func(namespace string) {
		r.gap("roles", namespace, "You may not list roles in %s, so what they grant is not known.", namespace)
	})
}

func (r *reader) bindings(ctx context.Context, namespaces []string) error {
	return r.each(ctx, "role bindings", namespaces, func(ctx context.Context, namespace string) error {
		list, err := r.client.RoleBindings(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		for i := range list.Items {
			r.world.Bindings = append(r.world.Bindings, rbac.BindingOf(&list.Items[i]))
		}
		return nil
	}, func(namespace string) {
		r.world.addUnread(&r.mu, namespace)
		r.gap("role bindings", namespace, "You may not list role bindings in %s.", namespace)
	})
}

// each lists across the cluster or, where that is forbidden, in each namespace.
func (r *reader) each(ctx context.Context, what string, namespaces []string, request func(context.Context, string) error, gap func(string)) error {
	forbidden, err := r.list(ctx, what, func(ctx context.Context) error { return request(ctx, metav1.NamespaceAll) })
	if !forbidden {
		return err
	}
	failed, slots := make([]error, len(namespaces)), make(chan struct{}, readers)
	var wg sync.WaitGroup
	for i, namespace := range namespaces {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			forbidden, err := r.list(ctx, what+" in "+namespace, func(ctx context.Context) error { return request(ctx, namespace) })
			if forbidden {
				gap(namespace)
			}
			failed[i] = err
		})
	}
	wg.Wait()
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *World) addUnread(mu *sync.Mutex, namespace string) {
	mu.Lock()
	defer mu.Unlock()
	w.Unread = append(w.Unread, namespace)
}
