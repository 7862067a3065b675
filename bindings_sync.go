package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

// syncFlags are how `bindings sync` was called.
type syncFlags struct {
	watch, dryRun, prune bool
	file, group          string
}

func bindingsSyncCommand(f *flags) *cobra.Command {
	var o syncFlags
	cmd := &cobra.Command{
		Use:   "sync [NAME...]",
		Short: "Make the cluster's bindings as the rules say",
		Long: "sync makes the bindings that the rules ask for, also in namespaces made since, and removes those that no longer match. It may be\n" +
			"interrupted and repeated at will: it does what is left. With --watch it goes on, and follows namespaces, bindings and rules as they change.\n\n" +
			"Bindings of rules that are not kept any more are removed, unless there is not a single rule or one whose name cannot be read. With -f,\n" +
			"which may be only some of the rules, they are left. --prune removes them in any case, --prune=false never. Only bindings that carry\n" +
			"vmdeck's label and name are touched.\n\n" + bindingExitCodes,
		Example: "  vmdeck bindings sync\n  vmdeck bindings sync --watch\n  vmdeck bindings sync -f /etc/vmdeck/rules --prune\n  vmdeck bindings sync --group production --dry-run",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(cmd, args); err != nil {
				return noRun(err)
			}
			ctx, stop := interruptible(cmd.Context())
			defer stop()
			options := binding.SyncOptions{DryRun: o.dryRun, Names: args, Prune: o.pruning(cmd)}
			given, err := o.given(ctx, cmd.InOrStdin(), options.Prune)
			if err != nil {
				return noRun(err)
			}
			if o.group != "" {
				return f.syncGroup(ctx, cmd, o, given)
			}
			keeper, err := f.keeper(ctx, "")
			if err != nil {
				return noRun(err)
			}
			if given != nil {
				keeper.Rules = given
			}
			if o.watch {
				return keepSynced(ctx, keeper, options, cmd.OutOrStdout())
			}
			return syncOnce(ctx, keeper, options, cmd)
		},
	}
	cmd.Flags().BoolVarP(&o.watch, "watch", "w", false, "go on, and follow what changes, until interrupted")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "say what would happen and have the server try it, and change nothing")
	cmd.Flags().StringVarP(&o.file, "filename", "f", "", "rules from this file or folder instead of where they are kept; - for standard input")
	cmd.Flags().BoolVar(&o.prune, "prune", false, "remove bindings of rules that are not there, in any case; --prune=false: in none")
	cmd.Flags().StringVar(&o.group, "group", "", "do it in every context of this cluster group of the configuration")
	return cmd
}

func (o syncFlags) check(cmd *cobra.Command, names []string) error {
	switch {
	case o.watch && o.dryRun:
		return errors.New("--watch and --dry-run contradict each other")
	case o.watch && o.group != "":
		return errors.New("--watch follows one cluster; run one for each context of the group, with --context")
	case o.group != "" && (len(names) > 0 || cmd.Flags().Changed("prune")):
		return errors.New("with --group all rules are synced, so neither names nor --prune go with it")
	}
	return nil
}

func (o syncFlags) pruning(cmd *cobra.Command) binding.Prune {
	switch changed := cmd.Flags().Changed("prune"); {
	case changed && o.prune:
		return binding.PruneAlways
	case changed || o.file != "":
		return binding.PruneNever
	}
	return binding.PruneGone
}

// given is where the rules of -f are; nil: there is no -f. That none is there is an oversight, such as a volume that failed to mount, but
// for somebody who follows what comes into a folder, or wants the bindings of rules that are gone away.
func (o syncFlags) given(ctx context.Context, in io.Reader, prune binding.Prune) (binding.Store, error) {
	switch o.file {
	case "":
		return nil, nil
	case "-":
		rules, err := given(in, "-")
		return binding.GivenStore(rules, "standard input"), err
	}
	store := binding.FolderStore(o.file)
	if o.watch || prune == binding.PruneAlways {
		return store, nil
	}
	rules, err := store.List(ctx)
	if err == nil && len(rules) == 0 {
		err = fmt.Errorf("there is no rule in %s, so nothing was done; --prune removes the bindings of all rules", store.Where())
		if o.group != "" {
			err = fmt.Errorf("there is no rule in %s, so nothing was done", store.Where())
		}
	}
	return store, err
}

func syncOnce(ctx context.Context, k *binding.Keeper, o binding.SyncOptions, cmd *cobra.Command) error {
	result, err := binding.Sync(ctx, k, o, func(rule string, s binding.Step) { say(cmd.OutOrStdout(), "%s: %s", rule, s) })
	if err != nil {
		return noRun(unkept(err))
	}
	for _, note := range syncNotes(result) {
		say(cmd.ErrOrStderr(), "Note: %s", note)
	}
	done, _ := result.Steps()
	say(cmd.OutOrStdout(), "%s", summary(result, o.DryRun))
	if err := errors.Join(result.Err(), leftAlone(plansOf(result))); err != nil {
		return err
	}
	if o.DryRun && done > 0 {
		return exitError{code: exitFailed}
	}
	return nil
}

func plansOf(r binding.SyncResult) []rbac.Plan {
	out := make([]rbac.Plan, len(r.Outcomes))
	for i, o := range r.Outcomes {
		out[i] = o.Plan
	}
	return out
}

func syncNotes(r binding.SyncResult) []string {
	out := append([]string{}, r.Notes...)
	for _, o := range r.Outcomes {
		for _, note := range o.Notes {
			out = append(out, "rule "+o.Rule+": "+note)
		}
	}
	return out
}

// summary reads "3 rules: 2 bindings written, 1 failed."
func summary(r binding.SyncResult, dryRun bool) string {
	done, failed := r.Steps()
	text := fmt.Sprintf("%s: ", counted(len(r.Outcomes), "rule"))
	switch {
	case done+failed == 0 && r.Err() == nil:
		return text + "nothing to do."
	case dryRun:
		text += fmt.Sprintf("%s to write", counted(done, "binding"))
	default:
		text += fmt.Sprintf("%s written", counted(done, "binding"))
	}
	if failed > 0 {
		text += fmt.Sprintf(", %d refused", failed)
	}
	return text + "."
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// keepSynced follows the cluster until it is interrupted, with a line for each change. What goes on being wrong is said once.
func keepSynced(ctx context.Context, k *binding.Keeper, o binding.SyncOptions, out io.Writer) error {
	line := func(format string, args ...any) {
		say(out, "%s %s", time.Now().UTC().Format(time.RFC3339), fmt.Sprintf(format, args...))
	}
	line("following the rules in %s, context %s", k.Rules.Where(), k.Cluster.Target().Context)
	said := map[string]bool{}
	began := false
	binding.KeepSynced(ctx, k, o, func(rule string, s binding.Step) {
		if s.Err == nil { // a failure is told with the others
			line("%s: %s", rule, s)
		}
	}, func(result binding.SyncResult, err error) {
		var now []string
		if err != nil {
			now = []string{unkept(err).Error()}
		} else {
			now = syncNotes(result)
			if failed := result.Err(); failed != nil {
				now = append(now, failed.Error())
			}
		}
		still := map[string]bool{}
		for _, text := range now {
			if still[text] = true; !said[text] {
				line("%s", text)
			}
		}
		done, _ := result.Steps()
		if err == nil && result.Err() == nil && (!began || done > 0 || len(said) > 0 && len(still) == 0) {
			line("%s", summary(result, false))
			began = true
		}
		said = still
	})
	line("ended")
	return nil
}
