package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

// groupContexts are the clusters of a group of the configuration.
func (f *flags) groupContexts(group string) ([]string, error) {
	file, err := config.Read(f.config)
	if err != nil {
		return nil, err
	}
	contexts, found := file.ClusterGroups[group]
	switch {
	case !found && len(file.ClusterGroups) == 0:
		return nil, fmt.Errorf("the configuration has no cluster groups; name one there, as in clusterGroups: {%s: [CONTEXT, CONTEXT]}", group)
	case !found:
		return nil, fmt.Errorf("the configuration has no cluster group %q; there are %s", group, strings.Join(slices.Sorted(maps.Keys(file.ClusterGroups)), ", "))
	}
	return contexts, nil
}

// members are the clusters of a group, for changes of bindings.
func (f *flags) members(group string) ([]binding.Member, error) {
	contexts, err := f.groupContexts(group)
	var out []binding.Member
	for _, context := range contexts {
		out = append(out, binding.Member{Context: context, Open: f.member(context)})
	}
	return out, err
}

func (f *flags) member(name string) func(context.Context) (*binding.Keeper, error) {
	return func(ctx context.Context) (*binding.Keeper, error) { return f.keeper(ctx, name) }
}

func ruleList(stored []binding.Stored) []rbac.BindingRule {
	out := make([]rbac.BindingRule, len(stored))
	for i, s := range stored {
		out[i] = s.BindingRule
	}
	return out
}

// applyGroup has every cluster try the rules, asks once, and carries them out side by side.
func (f *flags) applyGroup(ctx context.Context, c *bindingsChange, rules []binding.Stored) error {
	members, err := f.members(c.group)
	if err != nil {
		return noRun(err)
	}
	o := binding.GroupOptions{Name: c.group, Rules: ruleList(rules), Save: true, DryRun: true}
	tried, err := binding.RunGroup(ctx, members, o, nil)
	if err != nil {
		return noRun(err)
	}
	usable := 0
	for _, m := range tried {
		say(c.out, "%s:", m.Context)
		for _, outcome := range m.Outcomes {
			printPlan(c.out, outcome.Plan)
		}
		if err := m.Failure(); err != nil {
			say(c.out, "%v", err)
			continue
		}
		usable++
		say(c.out, "%s", summary(m.SyncResult, true))
	}
	switch {
	case usable == 0:
		return errors.New("nothing was changed: it would fail in every cluster of the group")
	case c.dryRun:
		return groupErr(tried)
	}
	if err := c.confirm(ctx, fmt.Sprintf("Apply to the %s of %s?", counted(len(members), "cluster"), c.group)); err != nil {
		return err
	}
	o.DryRun = false
	results, err := binding.RunGroup(ctx, members, o, func(context, rule string, s binding.Step) { say(c.out, "%s: %s: %s", context, rule, s) })
	if err != nil {
		return noRun(err)
	}
	for _, m := range results {
		c.report(m, false)
	}
	return groupErr(results)
}

func (c *bindingsChange) report(m binding.MemberResult, dryRun bool) {
	for _, note := range syncNotes(m.SyncResult) {
		say(c.out, "%s: Note: %s", m.Context, note)
	}
	if m.Err == nil {
		say(c.out, "%s: %s", m.Context, summary(m.SyncResult, dryRun))
	}
}

// groupErr names the clusters where something failed, each with its reason.
func groupErr(results []binding.MemberResult) error {
	var failed []error
	for _, m := range results {
		if err := errors.Join(m.Failure(), leftAlone(plansOf(m.SyncResult))); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", m.Context, unkept(err)))
		}
	}
	if len(failed) == 0 {
		return nil
	}
	return fmt.Errorf("%d of %s failed; running it again does what is left:\n%w", len(failed), counted(len(results), "cluster"), errors.Join(failed...))
}

func (f *flags) syncGroup(ctx context.Context, cmd *cobra.Command, o syncFlags, given binding.Store) error {
	members, err := f.members(o.group)
	if err != nil {
		return noRun(err)
	}
	options := binding.GroupOptions{Name: o.group, DryRun: o.dryRun}
	if given != nil {
		rules, err := given.List(ctx)
		if err != nil {
			return noRun(err)
		}
		for _, r := range rules {
			if r.Err != nil {
				return noRun(r.Err)
			}
		}
		options.Rules = ruleList(rules)
	}
	c := bindingsChange{out: cmd.OutOrStdout()}
	results, err := binding.RunGroup(ctx, members, options, func(context, rule string, s binding.Step) { say(c.out, "%s: %s: %s", context, rule, s) })
	if err != nil {
		return noRun(err)
	}
	todo := 0
	for _, m := range results {
		c.report(m, o.dryRun)
		done, _ := m.Steps()
		todo += done
	}
	if err := groupErr(results); err != nil {
		return err
	}
	if o.dryRun && todo > 0 {
		return exitError{code: exitFailed}
	}
	return nil
}
