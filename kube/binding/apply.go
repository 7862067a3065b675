package binding

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	rbacclient "k8s.io/client-go/kubernetes/typed/rbac/v1"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/keep"
	"vmdeck.dev/vmdeck/rbac"
)

// FieldManager is the name under which vmdeck applies objects.
const FieldManager = keep.FieldManager

// Verb is what a step does.
type Verb string

// The verbs of steps.
const (
	Create  Verb = "create"
	Change  Verb = "change"
	Replace Verb = "replace" // another role: the binding is deleted and made anew
	Remove  Verb = "remove"
)

// Step is one object of a plan.
type Step struct {
	Verb    Verb
	Binding rbac.Binding
	DryRun  bool
	Err     error

	before *rbac.Binding
}

// String is the step as a sentence for the list of events.
func (s Step) String() string {
	what := fmt.Sprintf("%s %s", s.Verb, s.Binding)
	switch {
	case s.Err != nil:
		return ExplainApply(s.Err, what, s.Binding)
	case s.DryRun:
		return what + ": the server would accept it."
	}
	return what + ": done."
}

// Apply carries a plan out. First every step is tried as a dry run on the server; when one is refused nothing is done. Then rights are
// given before others are taken, and a step that fails does not stop the rest: planned again, what is left can be resumed. observe
// hears of each step in the plan's order, and may be nil. The error joins the sentences of what failed; conflicts are no failures, as the plan names them.
func Apply(ctx context.Context, c *kube.Cluster, plan rbac.Plan, observe func(Step)) error {
	if err := run(ctx, c, plan, true, observe); err != nil {
		return err
	}
	return run(ctx, c, plan, false, observe)
}

// ApplyEach carries out what it can of a plan: each step is tried as a dry run and then done, whatever becomes of the others. observe
// hears of each step once, and may be nil. It is for those who come back for the rest.
func ApplyEach(ctx context.Context, c *kube.Cluster, plan rbac.Plan, observe func(Step)) error {
	return each(ctx, c, plan, []bool{true, false}, observe)
}

// DryRun has the server try every step of a plan.
func DryRun(ctx context.Context, c *kube.Cluster, plan rbac.Plan, observe func(Step)) error {
	return run(ctx, c, plan, true, observe)
}

func run(ctx context.Context, c *kube.Cluster, plan rbac.Plan, dry bool, observe func(Step)) error {
	return each(ctx, c, plan, []bool{dry}, observe)
}

// each goes through the steps, several at a time: first those that give, then those that take. dry says for each attempt at a step, of
// which there is no further one after a failure, whether it is a dry run. When the context ends what has begun is finished, so that it is
// known what was done.
func each(ctx context.Context, c *kube.Cluster, plan rbac.Plan, dry []bool, observe func(Step)) error {
	client, err := unthrottledRBAC(c)
	if err != nil {
		return err
	}
	var failed []error
	untried := 0
	all := steps(plan)
	given := len(all) - len(plan.Remove)
	for _, part := range [][]Step{all[:given], all[given:]} {
		tried := make([]bool, len(part))
		inOrder(len(part), func(i int) { tried[i] = part[i].attempt(ctx, c, client, dry) }, func(i int) {
			if !tried[i] {
				untried++
				return
			}
			if part[i].Err != nil {
				failed = append(failed, errors.New(part[i].String()))
			}
			if observe != nil {
				observe(part[i])
			}
		})
	}
	if untried > 0 {
		failed = append(failed, fmt.Errorf("%d of %d steps were not tried, as it was interrupted; doing it again does what is left", untried, len(all)))
	}
	return errors.Join(failed...)
}

// attempt tries the step until an attempt fails, and tells whether there was one.
func (s *Step) attempt(ctx context.Context, c *kube.Cluster, client rbacclient.RbacV1Interface, dry []bool) (tried bool) {
	for _, dry := range dry {
		if ctx.Err() != nil {
			return tried && s.Err != nil
		}
		s.DryRun, tried = dry, true
		if s.Err = s.do(context.WithoutCancel(ctx), c, client); s.Err != nil {
			break
		}
	}
	return tried
}

// uid is that of the object that the step is about; empty where it is made.
func (s Step) uid() string {
	if s.before == nil {
		return ""
	}
	return s.before.UID
}

// addTo puts the step back into a plan.
func (s Step) addTo(plan *rbac.Plan) {
	switch s.Verb {
	case Create:
		plan.Create = append(plan.Create, s.Binding)
	case Remove:
		plan.Remove = append(plan.Remove, s.Binding)
	default:
		plan.Change = append(plan.Change, rbac.Change{Before: *s.before, After: s.Binding, Recreate: s.Verb == Replace})
	}
}

func steps(plan rbac.Plan) []Step {
	var out []Step
	for _, b := range plan.Create {
		out = append(out, Step{Verb: Create, Binding: b})
	}
	for _, change := range plan.Change {
		s := Step{Verb: Change, Binding: change.After, before: &change.Before}
		if change.Recreate {
			s.Verb = Replace
		}
		out = append(out, s)
	}
	for _, b := range plan.Remove {
		out = append(out, Step{Verb: Remove, Binding: b, before: &b})
	}
	return out
}

func (s Step) do(ctx context.Context, c *kube.Cluster, client rbacclient.RbacV1Interface) error {
	o := objects{cluster: c, client: client, namespace: s.Binding.Namespace}
	if s.DryRun {
		o.dryRun = []string{metav1.DryRunAll}
	}
	switch s.Verb {
	case Create:
		return o.create(ctx, s.Binding)
	case Change:
		return o.apply(ctx, s.Binding, s.before)
	case Remove:
		return o.remove(ctx, *s.before)
	}
	if err := o.remove(ctx, *s.before); err != nil {
		return err
	}
	if s.DryRun {
		return o.try(ctx, s.Binding)
	}
	err := o.create(ctx, s.Binding)
	if err == nil {
		return nil
	}
	// Nobody shall be left without rights because the new role was refused.
	if undone := o.create(ctx, *s.before); undone != nil {
		return fmt.Errorf("%w; putting the old binding back failed too: %v", err, undone)
	}
	return err
}

// errTaken says that a name which was free when the plan was made is not any more.
var errTaken = errors.New("a binding of this name has been made since the plan; it is left alone")

// objects writes bindings of one namespace, or of the cluster.
type objects struct {
	cluster   *kube.Cluster
	client    rbacclient.RbacV1Interface
	namespace string
	dryRun    []string
}

// create applies a binding that is not there. Server-side apply would take part in an object that somebody made meanwhile, so it is
// looked for first; where the two are made at the same moment, the fields' owners collide and the server refuses.
func (o objects) create(ctx context.Context, b rbac.Binding) error {
	err := call(ctx, o.cluster, func(ctx context.Context) error {
		if o.namespace == "" {
			_, err := o.client.ClusterRoleBindings().Get(ctx, b.Name, metav1.GetOptions{})
			return err
		}
		_, err := o.client.RoleBindings(o.namespace).Get(ctx, b.Name, metav1.GetOptions{})
		return err
	})
	switch kube.Classify(err) {
	case kube.KindNone:
		return errTaken
	case kube.KindNotFound, kube.KindForbidden: // who may write and not read is stopped by the server where it has to be
		return o.apply(ctx, b, nil)
	}
	return err
}

// apply sends the binding as vmdeck's. A binding that was there is changed only in the version that was planned for, and what others
// have written into it since is overruled: it is the rule's own.
func (o objects) apply(ctx context.Context, b rbac.Binding, before *rbac.Binding) error {
	object := b.Object()
	if before != nil {
		object.SetResourceVersion(before.ResourceVersion)
		object.SetUID(types.UID(before.UID))
	}
	body, err := json.Marshal(object)
	if err != nil {
		return err
	}
	force := before != nil
	options := metav1.PatchOptions{FieldManager: FieldManager, Force: &force, DryRun: o.dryRun}
	return call(ctx, o.cluster, func(ctx context.Context) error {
		if o.namespace == "" {
			_, err := o.client.ClusterRoleBindings().Patch(ctx, b.Name, types.ApplyPatchType, body, options)
			return err
		}
		_, err := o.client.RoleBindings(o.namespace).Patch(ctx, b.Name, types.ApplyPatchType, body, options)
		return err
	})
}

// remove deletes a binding in the version that was planned for. One that is gone already is as wished.
func (o objects) remove(ctx context.Context, b rbac.Binding) error {
	uid := types.UID(b.UID)
	options := metav1.DeleteOptions{DryRun: o.dryRun, Preconditions: &metav1.Preconditions{UID: &uid, ResourceVersion: &b.ResourceVersion}}
	err := call(ctx, o.cluster, func(ctx context.Context) error {
		if o.namespace == "" {
			return o.client.ClusterRoleBindings().Delete(ctx, b.Name, options)
		}
		return o.client.RoleBindings(o.namespace).Delete(ctx, b.Name, options)
	})
	if kube.Classify(err) == kube.KindNotFound {
		return nil
	}
	return err
}

// try has the server check a binding whose name is still taken by the one that it will replace.
func (o objects) try(ctx context.Context, b rbac.Binding) error {
	object := b.Object()
	object.SetName("")
	object.SetGenerateName("vmdeck-try-")
	options := metav1.CreateOptions{FieldManager: FieldManager, DryRun: o.dryRun}
	return call(ctx, o.cluster, func(ctx context.Context) (err error) {
		switch object := object.(type) {
		case *rbacv1.ClusterRoleBinding:
			_, err = o.client.ClusterRoleBindings().Create(ctx, object, options)
		case *rbacv1.RoleBinding:
			_, err = o.client.RoleBindings(o.namespace).Create(ctx, object, options)
		}
		return err
	})
}
