package apply

import (
	"errors"
	"fmt"

	"helm.sh/helm/v4/pkg/kube"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/resource"

	vmdeck "vmdeck.dev/vmdeck/kube"
)

// client is Helm's client, used for one object at a time, so that each is told when it is done and the one that fails is known.
type client struct {
	kube.Interface
	session *session
	watcher *watcher
}

func infoRef(i *resource.Info) Object {
	o := Object{Namespace: i.Namespace, Name: i.Name}
	if i.Mapping != nil {
		o.Group, o.Version, o.Kind = i.Mapping.GroupVersionKind.Group, i.Mapping.GroupVersionKind.Version, i.Mapping.GroupVersionKind.Kind
		if i.Mapping.Scope.Name() != meta.RESTScopeNameNamespace {
			o.Namespace = ""
		}
	}
	return o
}

// objectError says which object an error is about.
type objectError struct {
	object Object
	verb   string // what was tried, as in "create"
	err    error
}

func (e *objectError) Error() string { return fmt.Sprintf("%s %s: %v", e.verb, e.object, e.err) }
func (e *objectError) Unwrap() error { return e.err }

func (c *client) fail(o Object, verb string, err error) error {
	err = &objectError{o, verb, err}
	c.watcher.event(Failed, o, explain(err), err)
	return err
}

// Create makes objects in Helm's order. The first that fails ends it.
func (c *client) Create(resources kube.ResourceList, options ...kube.ClientCreateOption) (*kube.Result, error) {
	out := &kube.Result{}
	for _, r := range resources {
		if _, err := c.Interface.Create(kube.ResourceList{r}, options...); err != nil {
			return nil, c.fail(infoRef(r), "create", err)
		}
		c.watcher.event(Created, infoRef(r), "", nil)
		out.Created = append(out.Created, r)
	}
	return out, nil
}

// Update makes and changes objects in Helm's order and then deletes those that are not wanted any more. The first that cannot be written
// ends it; deletions are all tried.
func (c *client) Update(originals, targets kube.ResourceList, options ...kube.ClientUpdateOption) (*kube.Result, error) {
	out := &kube.Result{}
	for _, target := range targets {
		if err := c.write(originals, target, out, options); err != nil {
			return out, err
		}
	}
	var errs []error
	for _, gone := range originals.Difference(targets) {
		o := infoRef(gone)
		r, err := c.Interface.Update(kube.ResourceList{gone}, nil, options...)
		switch {
		case err != nil:
			errs = append(errs, c.fail(o, "delete", err))
		case len(r.Deleted) > 0:
			c.watcher.event(Deleted, o, "", nil)
			out.Deleted = append(out.Deleted, r.Deleted...)
		case kept(gone):
			c.watcher.event(Kept, o, "It stays: its chart says so.", nil)
		}
	}
	return out, errors.Join(errs...)
}

func (c *client) write(originals kube.ResourceList, target *resource.Info, out *kube.Result, options []kube.ClientUpdateOption) error {
	o := infoRef(target)
	before, err := version(target)
	if err != nil {
		return c.fail(o, "read", err)
	}
	r, err := c.Interface.Update(originals.Intersect(kube.ResourceList{target}), kube.ResourceList{target}, options...)
	if err != nil {
		return c.fail(o, map[bool]string{true: "create", false: "change"}[before == ""], err)
	}
	out.Created, out.Updated = append(out.Created, r.Created...), append(out.Updated, r.Updated...)
	switch {
	case len(r.Created) > 0:
		c.watcher.event(Created, o, "", nil)
	case target.ResourceVersion == before:
		c.watcher.event(Unchanged, o, "", nil)
	default:
		c.watcher.event(Changed, o, "", nil)
	}
	return nil
}

// version is the live object's resource version; empty where there is none.
func version(i *resource.Info) (string, error) {
	live, err := resource.NewHelper(i.Client, i.Mapping).Get(i.Namespace, i.Name)
	if apierrors.IsNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	access, err := meta.Accessor(live)
	if err != nil {
		return "", err
	}
	return access.GetResourceVersion(), nil
}

func kept(i *resource.Info) bool {
	access, err := meta.Accessor(i.Object)
	return err == nil && access.GetAnnotations()[kube.ResourcePolicyAnno] == kube.KeepPolicy
}

// Delete deletes objects one by one; all are tried.
func (c *client) Delete(resources kube.ResourceList, policy metav1.DeletionPropagation) (*kube.Result, []error) {
	out := &kube.Result{}
	var errs []error
	for _, r := range resources {
		if _, failed := c.Interface.Delete(kube.ResourceList{r}, policy); len(failed) > 0 {
			errs = append(errs, c.fail(infoRef(r), "delete", errors.Join(failed...)))
			continue
		}
		c.watcher.event(Deleted, infoRef(r), "", nil)
		out.Deleted = append(out.Deleted, r)
	}
	return out, errs
}

// GetWaiter follows each object by itself. Hooks are left to Helm.
func (c *client) GetWaiter(kube.WaitStrategy) (kube.Waiter, error) {
	hooks, err := c.Interface.GetWaiter(kube.HookOnlyStrategy)
	if err != nil {
		return nil, err
	}
	return &waiter{Waiter: hooks, session: c.session, watcher: c.watcher}, nil
}

// IsReachable says it in a sentence of ours.
func (c *client) IsReachable() error {
	if _, err := c.session.discovery.ServerVersion(); err != nil {
		return errors.New(vmdeck.Explain(err, "reach the API server"))
	}
	return nil
}
