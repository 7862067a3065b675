package binding

import (
	"context"
	"errors"
	"fmt"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
)

// Keeper changes bindings and rules, with what every change needs around it: the read-only mode and the audit log. It is safe for
// concurrent use.
type Keeper struct {
	Cluster *kube.Cluster
	// Rules is where rules are kept.
	Rules Store
	// ReadOnly is why nothing may be changed; empty: it may.
	ReadOnly string
	// Group is the cluster group that the context belongs to, where all bindings are made in namespaces; empty: none.
	Group string
	Audit kube.Auditor
	// User is who acts, for the audit log.
	User func() string
}

// Plan compares a rule with what there is, as rbac.NewPlan does, and knows whether the cluster belongs to a group.
func (k *Keeper) Plan(rule rbac.BindingRule, world rbac.World) (rbac.Plan, error) {
	return rbac.NewPlan(k.grouped(rule), world)
}

// Sparing is the plan with what the other rules that are kept need so that their subjects lose nothing by it, as rbac.Plan.Sparing has
// it. Rules that cannot be used are passed over.
func (k *Keeper) Sparing(plan rbac.Plan, kept []Stored, world rbac.World) rbac.Plan {
	var others []rbac.BindingRule
	for _, rule := range kept {
		if rule.Err == nil {
			others = append(others, k.grouped(rule.BindingRule))
		}
	}
	return plan.Sparing(others, world)
}

// grouped is the rule as it counts on this cluster.
func (k *Keeper) grouped(rule rbac.BindingRule) rbac.BindingRule {
	rule.ClusterGroup = rule.ClusterGroup || k.Group != ""
	return rule
}

// Apply carries a plan out as the function Apply does, and records each step that changes something. To have the rule go on applying,
// save it first.
func (k *Keeper) Apply(ctx context.Context, plan rbac.Plan, observe func(Step)) error {
	return k.carry(ctx, plan, Apply, observe)
}

func (k *Keeper) carry(ctx context.Context, plan rbac.Plan, apply func(context.Context, *kube.Cluster, rbac.Plan, func(Step)) error, observe func(Step)) error {
	if err := k.refusal(plan); err != nil {
		return err
	}
	var unwritten error
	err := apply(ctx, k.Cluster, plan, func(s Step) {
		if !s.DryRun || s.Err != nil {
			unwritten = errors.Join(unwritten, k.record(config.AuditEntry{
				Action: string(s.Verb), Namespace: s.Binding.Namespace, Name: s.Binding.Kind() + "/" + s.Binding.Name, UID: s.uid(), Rule: s.Binding.Owner(), DryRun: s.DryRun,
			}, explained(s.Err, s)))
		}
		if observe != nil {
			observe(s)
		}
	})
	return errors.Join(err, unwritten)
}

// refusal is why a plan may not be carried out here, whoever made it.
func (k *Keeper) refusal(plan rbac.Plan) error {
	if err := k.readOnly(); err != nil {
		return err
	}
	rule := k.grouped(plan.Rule)
	for _, s := range steps(plan) {
		if rule.ClusterGroup && s.Binding.Namespace == "" && s.Verb != Remove {
			return fmt.Errorf("nothing was changed: the %s would count everywhere, and this cluster belongs to a cluster group%s, where all bindings are made in namespaces", s.Binding, named(k.Group))
		}
	}
	return nil
}

func named(name string) string {
	if name == "" {
		return ""
	}
	return fmt.Sprintf(" (%s)", name)
}

func (k *Keeper) readOnly() error {
	if k.ReadOnly == "" {
		return nil
	}
	return errors.New("nothing was changed: " + k.ReadOnly)
}

// Save makes a rule, or with a version changes the one that has it, as Store.Save does, and records it.
func (k *Keeper) Save(ctx context.Context, rule rbac.BindingRule, version string) (Stored, error) {
	if err := k.readOnly(); err != nil {
		return Stored{}, err
	}
	if err := faultsOf(k.grouped(rule)); err != nil {
		return Stored{}, fmt.Errorf("save the rule %s: %w", rule.Name, err)
	}
	saved, err := k.Rules.Save(ctx, rule, version)
	action := "save"
	if version == "" {
		action = "create"
	}
	return saved, errors.Join(err, k.recordRule(action, rule.Name, saved.UID, err))
}

// Delete removes a rule as Store.Delete does, and records it. The rule's bindings stay: rbac.Removal is the plan that takes them away.
func (k *Keeper) Delete(ctx context.Context, rule Stored) error {
	if err := k.readOnly(); err != nil {
		return err
	}
	err := k.Rules.Delete(ctx, rule)
	return errors.Join(err, k.recordRule("delete", rule.Name, rule.UID, err))
}

// Install makes the custom resource of rules known to the cluster, as InstallStore does, and records it.
func (k *Keeper) Install(ctx context.Context, dryRun bool) error {
	if dryRun {
		return InstallStore(ctx, k.Cluster, true)
	}
	if err := k.readOnly(); err != nil {
		return err
	}
	err := InstallStore(ctx, k.Cluster, false)
	return errors.Join(err, k.record(config.AuditEntry{Action: "install", Name: "CustomResourceDefinition/" + storeResource + "." + storeGroup}, err))
}

func (k *Keeper) recordRule(action, name, uid string, err error) error {
	return k.record(config.AuditEntry{Action: action, Name: ruleKind + "/" + name, UID: uid, Rule: name}, err)
}

func (k *Keeper) record(entry config.AuditEntry, err error) error {
	return k.Cluster.Record(k.Audit, k.User, entry, err)
}

// explained is the error of a step as people read it; nil stays nil.
func explained(err error, step fmt.Stringer) error {
	if err == nil {
		return nil
	}
	return errors.New(step.String())
}
