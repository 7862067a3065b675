package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

// bindingsChange is how a command that changes rules was called.
type bindingsChange struct {
	dryRun, yes bool
	group       string
	ask         console
	out         io.Writer
}

func (c *bindingsChange) addFlags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&c.dryRun, "dry-run", false, "say what would happen and have the server try it, and change nothing")
	cmd.Flags().BoolVarP(&c.yes, "yes", "y", false, "do not ask")
}

// confirm asks whether to go on; without somebody to answer, --yes has to say so beforehand.
func (c *bindingsChange) confirm(ctx context.Context, question string) error {
	switch {
	case c.yes:
		return nil
	case !c.ask.terminal:
		return noRun(errors.New("it asks before it acts, and standard input is no terminal to answer at: add --yes; nothing was done"))
	}
	return c.ask.question(ctx, question+" [y/N] ", func(answer string) bool {
		return strings.EqualFold(answer, "y") || strings.EqualFold(answer, "yes")
	})
}

const ruleExample = `  apiVersion: vmdeck.dev/v1alpha1
  kind: RoleBindingRule
  metadata: {name: devs}
  spec:
    roleRef: {kind: ClusterRole, name: spectro-vm-user}
    subjects: [{kind: Group, name: "oidc:devs"}]
    namespaces: [shared, /^team-/]   # or clusterWide: true
    lists: true                      # also the two list bindings, for those who lack them
`

func bindingsApplyCommand(f *flags) *cobra.Command {
	var c bindingsChange
	var file string
	cmd := &cobra.Command{
		Use:   "apply -f FILE",
		Short: "Keep rules and carry them out",
		Long: "apply keeps the rules of a file and makes the bindings that they ask for. First it says what will be made (+), changed (~), removed (-) and\n" +
			"left alone (!), who gains and loses what, and has the server try it. With --group it does so in every cluster of a group of the\n" +
			"configuration; what failed in one is done by running it again.\n\nA rule reads:\n\n" + ruleExample + "\n" + bindingExitCodes,
		Example: "  vmdeck bindings apply -f devs.yaml --dry-run\n  vmdeck bindings apply -f - --yes < devs.yaml\n  vmdeck bindings apply -f devs.yaml --group production",
		Args:    numArgs(0, 0, "bindings apply takes its rules from -f FILE, or -f - for standard input"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if file == "" {
				return noRun(errors.New("name the file of the rules: -f FILE, or -f - for standard input"))
			}
			rules, err := given(cmd.InOrStdin(), file)
			if err != nil {
				return noRun(err)
			}
			c.ask, c.out = consoleOf(cmd), cmd.OutOrStdout()
			c.ask.terminal = c.ask.terminal && file != "-"
			ctx, stop := interruptible(cmd.Context())
			defer stop()
			if c.group != "" {
				return f.applyGroup(ctx, &c, rules)
			}
			keeper, err := f.keeper(ctx, "")
			if err != nil {
				return noRun(err)
			}
			return c.apply(ctx, keeper, rules)
		},
	}
	cmd.Flags().StringVarP(&file, "filename", "f", "", "file with rules; - for standard input")
	cmd.Flags().StringVar(&c.group, "group", "", "do it in every context of this cluster group of the configuration")
	c.addFlags(cmd)
	return cmd
}

// apply plans all rules, asks once, and carries them out one after the other.
func (c *bindingsChange) apply(ctx context.Context, k *binding.Keeper, rules []binding.Stored) error {
	if k.ReadOnly != "" && !c.dryRun {
		return noRun(errors.New("nothing was changed: " + k.ReadOnly))
	}
	kept, err := k.Rules.List(ctx)
	if err != nil && !(c.dryRun && errors.Is(err, binding.ErrNotInstalled)) {
		return noRun(unkept(err))
	}
	world, err := binding.Read(ctx, k.Cluster)
	if err != nil {
		return noRun(errors.New(kube.Explain(err, "read roles and bindings")))
	}
	var plans []rbac.Plan
	others := slices.DeleteFunc(slices.Clone(kept), func(r binding.Stored) bool {
		_, given := binding.Find(rules, r.Name)
		return given
	})
	for _, rule := range rules {
		plan, err := k.Plan(rule.BindingRule, world.World)
		if err != nil {
			return noRun(err)
		}
		plan, others = k.Sparing(plan, others, world.World), append(others, rule)
		plans = append(plans, plan)
		world.Objects = plan.After() // what one rule gives, the next one need not
		say(c.out, "%s", c.headline(kept, rule, k.Rules.Where()))
		printPlan(c.out, plan)
	}
	for _, gap := range world.GapsIn("") {
		say(c.out, "Note: %s", gap)
	}
	taken := leftAlone(plans)
	if err := c.try(ctx, k, plans); err != nil || c.dryRun {
		return errors.Join(err, taken)
	}
	if err := c.confirm(ctx, "Apply?"); err != nil {
		return err
	}
	var failed []error
	for i, plan := range plans {
		if _, _, err := k.Keep(ctx, rules[i].BindingRule); err != nil {
			failed = append(failed, unkept(err))
			continue
		}
		failed = append(failed, c.carry(ctx, k, plan))
	}
	return errors.Join(append(failed, taken)...)
}

// leftAlone says that somebody else's bindings stand where rules need theirs: what can be done is done, and the cluster is not as they say.
func leftAlone(plans []rbac.Plan) error {
	n := 0
	for _, plan := range plans {
		n += len(plan.Conflicts)
	}
	if n == 0 {
		return nil
	}
	return fmt.Errorf("%s left alone, because somebody else's of that name is there: the cluster is not as the rules say", counted(n, "binding"))
}

func (c *bindingsChange) headline(kept []binding.Stored, rule binding.Stored, where string) string {
	there, exists := binding.Find(kept, rule.Name)
	switch {
	case !exists:
		return fmt.Sprintf("The rule %s is new in %s.", rule.Name, where)
	case there.Err != nil:
		return fmt.Sprintf("The rule %s replaces one in %s that cannot be used.", rule.Name, where)
	case there.Same(rule.BindingRule):
		return fmt.Sprintf("The rule %s is in %s already.", rule.Name, where)
	}
	return fmt.Sprintf("The rule %s is changed in %s.", rule.Name, where)
}

// try has the server try all plans, and says what it would refuse.
func (c *bindingsChange) try(ctx context.Context, k *binding.Keeper, plans []rbac.Plan) error {
	steps := 0
	var failed []error
	for _, plan := range plans {
		failed = append(failed, binding.DryRun(ctx, k.Cluster, plan, func(binding.Step) { steps++ }))
	}
	err := errors.Join(failed...)
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted; nothing was changed")
	case err != nil:
		return fmt.Errorf("nothing was changed, as the server would refuse it:\n%w", err)
	case steps == 0:
		say(c.out, "The bindings are as the rules say.")
	default:
		say(c.out, "The server would accept it.")
	}
	return nil
}

// carry carries one plan out and verifies it.
func (c *bindingsChange) carry(ctx context.Context, k *binding.Keeper, plan rbac.Plan) error {
	err := k.Apply(ctx, plan, func(s binding.Step) {
		if !s.DryRun || s.Err != nil {
			say(c.out, "%s", s)
		}
	})
	if err != nil || plan.Empty() {
		return err
	}
	v := binding.Verify(ctx, k.Cluster, plan, binding.Needs())
	unkept, notes := v.Sentences()
	for _, note := range notes {
		say(c.out, "Note: %s", note)
	}
	if len(unkept) > 0 {
		return errors.New(strings.Join(unkept, "\n"))
	}
	if n := len(v.Checks) - len(v.Failed()); n > 0 {
		say(c.out, "The server confirms %d rights that were given or taken.", n)
	}
	return nil
}

func bindingsDeleteCommand(f *flags) *cobra.Command {
	var c bindingsChange
	cmd := &cobra.Command{
		Use:   "delete NAME",
		Short: "Delete a rule and the bindings that it has made",
		Long: "delete removes a rule from where it is kept, and its bindings from the cluster. First it says which, and who loses what. Where the rule is\n" +
			"gone already it removes the bindings that are left of it.\n\n" + bindingExitCodes,
		Args: exactly(1, "name the rule, as in: vmdeck bindings delete devs"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c.ask, c.out = consoleOf(cmd), cmd.OutOrStdout()
			ctx, stop := interruptible(cmd.Context())
			defer stop()
			keeper, err := f.keeper(ctx, "")
			if err != nil {
				return noRun(err)
			}
			return c.delete(ctx, keeper, args[0])
		},
	}
	c.addFlags(cmd)
	return cmd
}

// delete takes the rule away before its bindings: otherwise a sync that runs meanwhile would make them again.
func (c *bindingsChange) delete(ctx context.Context, k *binding.Keeper, name string) error {
	if k.ReadOnly != "" && !c.dryRun {
		return noRun(errors.New("nothing was changed: " + k.ReadOnly))
	}
	rules, err := k.Rules.List(ctx)
	if err != nil && !errors.Is(err, binding.ErrNotInstalled) {
		return noRun(err)
	}
	world, err := binding.Read(ctx, k.Cluster)
	if err != nil {
		return noRun(errors.New(kube.Explain(err, "read roles and bindings")))
	}
	rule, kept := binding.Find(rules, name)
	plan := k.Sparing(rbac.Removal(rbac.BindingRule{Name: name}, world.World), rules, world.World)
	if !kept && plan.Empty() {
		return noRun(fmt.Errorf("there is no rule %q in %s, and no binding is left of one; vmdeck bindings list names those there are", name, k.Rules.Where()))
	}
	if kept {
		say(c.out, "The rule %s is deleted from %s.", name, k.Rules.Where())
	} else {
		say(c.out, "The rule %s is not in %s any more; its bindings are removed.", name, k.Rules.Where())
	}
	printPlan(c.out, plan)
	if err := c.try(ctx, k, []rbac.Plan{plan}); err != nil || c.dryRun {
		return err
	}
	if err := c.confirm(ctx, "Delete?"); err != nil {
		return err
	}
	if kept {
		if err := k.Delete(ctx, rule); err != nil {
			return err
		}
	}
	return c.carry(ctx, k, plan)
}
