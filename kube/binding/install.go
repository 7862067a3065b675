package binding

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// Standing is how a role of the catalogue stands on a cluster.
type Standing int

// The standings. Rules are compared by what they grant, not by how they are written.
const (
	StandingUnknown Standing = iota // could not be read
	Missing
	Same
	Differs
)

// Stand compares a role of the catalogue with the cluster's of that name, as far as it could be read.
func (w World) Stand(role rbac.Role) Standing {
	rules, found := w.Roles[rbac.RoleRef{Kind: rbac.KindClusterRole, Name: role.Name}]
	switch {
	case found && sameRules(rules, role.Rules()):
		return Same
	case found:
		return Differs
	case slices.ContainsFunc(w.Gaps, func(g Gap) bool { return g.What == "cluster roles" }):
		return StandingUnknown
	}
	return Missing
}

// RoleChange is a role of the catalogue beside the cluster's.
type RoleChange struct {
	Role     rbac.Role
	Standing Standing
	// More is what the cluster's role grants and the catalogue's does not, Less the opposite, in RBAC terms.
	More, Less []string
	// Owner is who else keeps the role's rules: a Helm release, or field managers; empty: nobody but vmdeck.
	Owner string
	// Aggregated is set when the cluster puts the rules together itself, so that writing them has no effect.
	Aggregated bool

	rules        rbac.Rules
	uid, version string
}

// RolePlan is what has to happen so that a cluster has the catalogue's roles.
type RolePlan struct {
	Changes []RoleChange // all that were asked about, also those that are as they should be
	// Effects are who gains and loses which actions on VMs, as far as bindings could be read.
	Effects []rbac.Effect
	// Gaps are sentences on what could not be read for that.
	Gaps []string
}

// PlanRoles compares roles of the catalogue with the cluster's; without names, all of them.
func PlanRoles(ctx context.Context, c *kube.Cluster, names ...string) (RolePlan, error) {
	var plan RolePlan
	rules, old := map[rbac.RoleRef]rbac.Rules{}, map[rbac.RoleRef]rbac.Rules{}
	for _, role := range rbac.Catalogue() {
		if len(names) > 0 && !slices.Contains(names, role.Name) {
			continue
		}
		change, err := standingOf(ctx, c, role)
		if err != nil {
			return RolePlan{}, err
		}
		plan.Changes = append(plan.Changes, change)
		if change.Standing == Same {
			continue
		}
		ref := rbac.RoleRef{Kind: rbac.KindClusterRole, Name: role.Name}
		rules[ref] = role.Rules()
		if change.Standing == Differs {
			old[ref] = change.rules
		}
	}
	if len(rules) == 0 {
		return plan, nil
	}
	world, err := Read(ctx, c)
	if err != nil {
		return RolePlan{}, err
	}
	for ref, r := range old {
		world.Roles[ref] = r // the list may not be readable where the role is
	}
	plan.Effects, plan.Gaps = roleEffects(world.Objects, rules, Needs()), world.GapsIn("")
	return plan, nil
}

func standingOf(ctx context.Context, c *kube.Cluster, role rbac.Role) (RoleChange, error) {
	change := RoleChange{Role: role, Standing: Missing}
	found, err := getRole(ctx, c, role.Name)
	switch kube.Classify(err) {
	case kube.KindNone:
	case kube.KindNotFound:
		return change, nil
	default:
		return change, fmt.Errorf("read ClusterRole %s: %w", role.Name, err)
	}
	change.rules, change.uid, change.version = found.Rules, string(found.UID), found.ResourceVersion
	change.Owner, change.Aggregated = ownerOf(found), found.AggregationRule != nil
	change.More, change.Less = Difference(found.Rules, role.Rules()), Difference(role.Rules(), found.Rules)
	if change.Standing = Differs; len(change.More)+len(change.Less) == 0 {
		change.Standing = Same
	}
	return change, nil
}

func getRole(ctx context.Context, c *kube.Cluster, name string) (found *rbacv1.ClusterRole, err error) {
	err = call(ctx, c, func(ctx context.Context) error {
		found, err = c.RBAC().ClusterRoles().Get(ctx, name, metav1.GetOptions{})
		return err
	})
	return found, err
}

// RoleStep is one role that is written.
type RoleStep struct {
	Change RoleChange
	Verb   Verb
	DryRun bool
	Err    error
}

// Conflict tells whether the step failed because somebody else keeps the role, so that overwriting it is a choice.
func (s RoleStep) Conflict() bool { return len(managersIn(s.Err)) > 0 }

// InstallOptions say how to install roles.
type InstallOptions struct {
	// DryRun has the server try each role and changes nothing.
	DryRun bool
	// Overwrite names the roles whose rules are taken over from those who keep them.
	Overwrite []string
}

// ErrOverruled says that a role was accepted and yet has other rules than were sent.
var ErrOverruled = errors.New("the server accepted it, but the role that it has now grants something else")

// InstallRoles brings the roles of a plan that are missing or differ to what the catalogue says, by server-side apply. First all are
// tried as a dry run; when one is refused nothing is done. A role that was changed since the plan, or whose rules somebody else keeps,
// is refused unless it is to be overwritten. Each role is read back. observe hears of each step, and may be nil. Steps that change
// something are recorded; the error joins the sentences of what failed.
func (k *Keeper) InstallRoles(ctx context.Context, plan RolePlan, o InstallOptions, observe func(RoleStep)) error {
	if k.ReadOnly != "" && !o.DryRun {
		return errors.New("nothing was changed: " + k.ReadOnly)
	}
	if err := k.installRun(ctx, plan, o, true, observe); err != nil || o.DryRun {
		return err
	}
	return k.installRun(ctx, plan, o, false, observe)
}

func (k *Keeper) installRun(ctx context.Context, plan RolePlan, o InstallOptions, dry bool, observe func(RoleStep)) error {
	var failed, unwritten []error
	for _, change := range plan.Changes {
		if change.Standing == Same {
			continue
		}
		s := RoleStep{Change: change, Verb: Change, DryRun: dry}
		if change.Standing == Missing {
			s.Verb = Create
		}
		if s.Err = ctx.Err(); s.Err == nil {
			s.Err = s.do(ctx, k.Cluster, slices.Contains(o.Overwrite, change.Role.Name))
		}
		if s.Err != nil {
			failed = append(failed, errors.New(s.String()))
		}
		if !o.DryRun && (!dry || s.Err != nil) {
			if err := k.record(config.AuditEntry{Action: string(s.Verb), Name: rbac.KindClusterRole + "/" + change.Role.Name, DryRun: dry}, explained(s.Err, s)); err != nil {
				unwritten = append(unwritten, err)
			}
		}
		if observe != nil {
			observe(s)
		}
	}
	return errors.Join(append(failed, unwritten...)...)
}

func (s RoleStep) do(ctx context.Context, c *kube.Cluster, force bool) error {
	if s.Change.Aggregated {
		return errAggregated
	}
	object := s.Change.Role.Object.DeepCopy()
	object.UID, object.ResourceVersion = types.UID(s.Change.uid), s.Change.version
	body, err := json.Marshal(object)
	if err != nil {
		return err
	}
	options := metav1.PatchOptions{FieldManager: FieldManager, Force: &force}
	if s.DryRun {
		options.DryRun = []string{metav1.DryRunAll}
	}
	err = call(ctx, c, func(ctx context.Context) error {
		_, err := c.RBAC().ClusterRoles().Patch(ctx, object.Name, types.ApplyPatchType, body, options)
		return err
	})
	if err != nil || s.DryRun {
		return err
	}
	now, err := getRole(ctx, c, object.Name)
	switch {
	case kube.Classify(err) == kube.KindForbidden: // who may write and not read has to believe the answer
		return nil
	case err != nil:
		return fmt.Errorf("it was accepted, but reading it back failed: %w", err)
	case !sameRules(now.Rules, object.Rules):
		return ErrOverruled
	}
	return nil
}
