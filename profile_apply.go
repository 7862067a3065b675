package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"vmdeck.dev/vmdeck/kube/profile/apply"
)

const profileApplyCodes = "Exit codes: 0 the cluster is as it was to be; 1 something was refused, failed or is not as the profile says; 2 it could not run: bad input,\n" +
	"no connection, no place where profiles are kept, or a question that nobody was there to answer."

// profileApplyCommands carry profiles out on the cluster of the context.
func profileApplyCommands(f *flags) []*cobra.Command {
	return []*cobra.Command{profileApplyCommand(f), profileStatusCommand(f), profileRollbackCommand(f), profileRemoveCommand(f)}
}

// profileRun is how a command that changes what a profile has on a cluster was called.
type profileRun struct {
	bindingsChange
	diff, leave bool
	options     apply.Options
}

func (r *profileRun) addFlags(cmd *cobra.Command) {
	r.bindingsChange.addFlags(cmd)
	cmd.Flags().BoolVar(&r.diff, "diff", false, "show the differences line by line")
	cmd.Flags().DurationVar(&r.options.Timeout, "timeout", apply.DefaultTimeout, "how long it may take until all is ready, on each cluster")
	cmd.Flags().StringVar(&r.group, "group", "", "do it in every context of this cluster group of the configuration, one after the other")
}

func profileApplyCommand(f *flags) *cobra.Command {
	var r profileRun
	cmd := &cobra.Command{
		Use:   "apply NAME[@VERSION]",
		Short: "Make the cluster as a profile says",
		Long: "apply installs the manifests and packs of a profile, or upgrades the cluster to another version of it. First it says what it will do, after the\n" +
			"server has tried every object; --diff shows the differences. Each pack is a Helm release (helm list shows the same). What fails is taken back\n" +
			"with all that went before, unless --leave-failed; Ctrl+C does so too. A run that ended early is carried on by running it again.\n\n" +
			"With --group the profile of this context goes to each cluster of the group in turn, after all have tried it; the first failure ends that.\n\n" + profileApplyCodes,
		Example:           "  vmdeck profile apply vm-platform --dry-run --diff\n  vmdeck profile apply vm-platform@1.1.0 --yes",
		Args:              exactlyNoRun(1, "name the profile, as in: vmdeck profile apply vm-platform"),
		ValidArgsFunction: f.completeProfiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			return r.run(cmd, f, func(ctx context.Context, d *profileDesk, a *apply.Applier) (profileWork, error) {
				layers, err := d.layers(ctx, args[0]) // of the same profile for all clusters
				return profileWork{
					question: fmt.Sprintf("Apply %s %s to", layers.Profile, layers.Version),
					plan:     func() (*apply.Plan, error) { return a.Plan(ctx, layers) },
					do: func(observe func(apply.Event)) (*apply.Report, error) {
						return a.Apply(ctx, layers, r.options, observe)
					},
				}, err
			})
		},
	}
	r.addFlags(cmd)
	cmd.Flags().BoolVar(&r.leave, "leave-failed", false, "leave what was done when something fails")
	return cmd
}

func profileRollbackCommand(f *flags) *cobra.Command {
	var r profileRun
	var to int
	cmd := &cobra.Command{
		Use:   "rollback NAME",
		Short: "Take the cluster back to what a profile had on it before",
		Long: "rollback goes back to the revision before the present one, or to that of --to; vmdeck profile status names them. Packs that were not part of\n" +
			"it are uninstalled.\n\n" + profileApplyCodes,
		Args: exactlyNoRun(1, "name the profile, as in: vmdeck profile rollback vm-platform"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return r.run(cmd, f, func(ctx context.Context, _ *profileDesk, a *apply.Applier) (profileWork, error) {
				o := r.options
				o.Namespaces = a.LikelyNamespaces()
				return profileWork{
					question: fmt.Sprintf("Roll %s back on", args[0]),
					plan:     func() (*apply.Plan, error) { return a.PlanRollback(ctx, args[0], to, o.Namespaces...) },
					do: func(observe func(apply.Event)) (*apply.Report, error) {
						return a.Rollback(ctx, args[0], to, o, observe)
					},
				}, nil
			})
		},
	}
	r.addFlags(cmd)
	cmd.Flags().IntVar(&to, "to", 0, "revision of the profile to go back to; 0: the one before the present")
	return cmd
}

func profileRemoveCommand(f *flags) *cobra.Command {
	var r profileRun
	cmd := &cobra.Command{
		Use:   "remove NAME",
		Short: "Take a profile off the cluster",
		Long: "remove uninstalls what a profile has on the cluster, the last installed first. Kinds of resources and namespaces stay, with all that is in\n" +
			"them, and it says so. The profile itself stays where it is kept.\n\n" + profileApplyCodes,
		Args: exactlyNoRun(1, "name the profile, as in: vmdeck profile remove vm-platform"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return r.run(cmd, f, func(ctx context.Context, _ *profileDesk, a *apply.Applier) (profileWork, error) {
				o := r.options
				o.Namespaces = a.LikelyNamespaces()
				return profileWork{
					question: fmt.Sprintf("Remove %s from", args[0]),
					removes:  true,
					plan:     func() (*apply.Plan, error) { return a.PlanRemove(ctx, args[0], o.Namespaces...) },
					do: func(observe func(apply.Event)) (*apply.Report, error) {
						return a.Remove(ctx, args[0], o, observe)
					},
				}, nil
			})
		},
	}
	r.addFlags(cmd)
	return cmd
}

// applier carries profiles out with what the desk's keeper has.
func (d *profileDesk) applier() *apply.Applier {
	return &apply.Applier{Cluster: d.Cluster, ReadOnly: d.ReadOnly, Audit: d.Audit, User: d.User}
}

// layers finds a profile, its packs and its manifests.
func (d *profileDesk) layers(ctx context.Context, name string) (apply.Layers, error) {
	found, _, err := d.find(ctx, name)
	switch {
	case err != nil:
		return apply.Layers{}, err
	case found.Err != nil:
		return apply.Layers{}, fmt.Errorf("the profile %s cannot be used: %w", found.Name, found.Err)
	}
	layers, _, err := apply.Prepare(ctx, found.Value, d.registries)
	return layers, err
}

var marks = map[apply.Verb]string{apply.Create: "+", apply.Change: "~", apply.Delete: "-"}

// printProfilePlan prints what a plan does; what stays as it is only where there is a word on it.
func printProfilePlan(w io.Writer, p *apply.Plan, diff bool) {
	for _, l := range p.Layers {
		say(w, "%s %s, release %s/%s: %s", l.Title, l.Versions(), l.Namespace, l.Release, l.State)
		for _, note := range l.Notes {
			say(w, "  Note: %s", note)
		}
		printSteps(w, l, diff)
	}
	for _, note := range p.Notes {
		say(w, "Note: %s", note)
	}
	if p.Empty() && len(p.Refusals) == 0 {
		say(w, "The cluster is as the profile says.")
	}
}

// printSteps prints what changes, and what stays where there is a word on it. What is said of several changes is said once, after them.
func printSteps(w io.Writer, l apply.LayerPlan, diff bool) {
	for _, s := range l.Steps {
		mark, changes := marks[s.Verb]
		switch {
		case changes:
			say(w, "  %s %s", mark, s.Object)
		case s.Note != "":
			say(w, "    %s: %s", s.Object, s.Note)
		}
		for _, line := range s.Diff {
			if diff {
				say(w, "      %s%s", string(line.Op), line.Text)
			}
		}
	}
	for _, r := range l.Remarks() {
		say(w, "  Note on %d of these: %s", r.Steps, r.Text)
	}
}

// printEvent prints one line for an event, in the order in which they happen.
func printEvent(w io.Writer, e apply.Event) {
	line := fmt.Sprintf("%s  %-11s", e.Time.Local().Format(time.TimeOnly), e.Kind)
	if e.Layer != "" {
		line += " " + e.Layer
	}
	if e.Object != (apply.Object{}) {
		line += "  " + e.Object.String()
	}
	if e.Text != "" {
		line += ": " + e.Text
	}
	// The last word on the whole run is said elsewhere.
	if last := e.Layer == "" && (e.Kind == apply.Done || e.Kind == apply.Failed); !last && e.Kind != apply.Unchanged {
		say(w, "%s", line)
	}
}
