package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/ui/text"
)

// installFlags are how `roles install` was called.
type installFlags struct{ dryRun, yes, overwrite bool }

func rolesInstallCommand(f *flags) *cobra.Command {
	var o installFlags
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Install the catalogue's roles, or bring them up to date",
		Long: "install compares the six cluster roles of the catalogue with the cluster's, says what would change and for whom, has the server try it,\n" +
			"and applies them as field manager " + binding.FieldManager + ". A role whose rules somebody else keeps is left alone without --overwrite.",
		Example: "  vmdeck roles install --dry-run\n  vmdeck roles install --yes",
		Args:    numArgs(0, 0, "roles install takes no arguments: it installs the whole catalogue"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			kube.SilenceLogs()
			file, err := config.Read(f.config)
			if err != nil {
				return err
			}
			opened, err := opener{flags: *f, kubeconfig: config.Kubeconfig{Path: f.kubeconfig, File: file, UserAgent: "vmdeck/" + version}}.open(cmd.Context(), f.context)
			if err != nil {
				return err
			}
			keeper := &binding.Keeper{
				Cluster: opened.Cluster, ReadOnly: opened.ReadOnly, Audit: config.NewAudit(config.AuditPath()), User: binding.UserOf(cmd.Context(), opened.Cluster),
			}
			ask := func() (bool, error) {
				if !isTerminal(os.Stdin) {
					return false, errors.New("nothing was changed: standard input is no terminal to ask on; --yes says yes beforehand")
				}
				return confirmed(cmd.InOrStdin(), cmd.OutOrStdout())
			}
			return installRoles(cmd.Context(), keeper, o, cmd.OutOrStdout(), ask)
		},
	}
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "say what would happen and have the server try it, and change nothing")
	cmd.Flags().BoolVar(&o.yes, "yes", false, "do not ask")
	cmd.Flags().BoolVar(&o.overwrite, "overwrite", false, "take over roles whose rules somebody else keeps")
	return cmd
}

// installRoles prints the plan, has the server try it, asks and carries it out.
func installRoles(ctx context.Context, keeper *binding.Keeper, o installFlags, out io.Writer, ask func() (bool, error)) error {
	if keeper.ReadOnly != "" && !o.dryRun {
		return errors.New("nothing was changed: " + keeper.ReadOnly)
	}
	plan, err := binding.PlanRoles(ctx, keeper.Cluster)
	if err != nil {
		return errors.New(kube.Explain(err, "compare the cluster's roles with the catalogue"))
	}
	for _, line := range slices.Concat(plan.Lines(), notes(plan.Gaps)) {
		fmt.Fprintln(out, text.Clean(line))
	}
	if !plan.Pending() {
		fmt.Fprintln(out, "Nothing to do.")
		return nil
	}
	say := func(s binding.RoleStep) { fmt.Fprintln(out, text.Clean(s.String())) }
	options := binding.InstallOptions{DryRun: true}
	if o.overwrite {
		for _, c := range plan.Changes {
			options.Overwrite = append(options.Overwrite, c.Role.Name)
		}
	}
	kept := false
	err = keeper.InstallRoles(ctx, plan, options, func(s binding.RoleStep) { kept = kept || s.Conflict(); say(s) })
	switch {
	case kept:
		return errors.New("nothing was changed: somebody else keeps the rules of a role; --overwrite takes them over")
	case err != nil:
		return errors.New("nothing was changed: the server would refuse it")
	case o.dryRun:
		return nil
	}
	if !o.yes {
		if yes, err := ask(); err != nil || !yes {
			return err
		}
	}
	options.DryRun = false
	return keeper.InstallRoles(ctx, plan, options, func(s binding.RoleStep) {
		if !s.DryRun {
			say(s)
		}
	})
}

func notes(gaps []string) []string {
	out := make([]string, len(gaps))
	for i, gap := range gaps {
		out[i] = "Note: " + gap
	}
	return out
}

// confirmed asks on the terminal; anything but a clear yes is no.
func confirmed(in io.Reader, out io.Writer) (bool, error) {
	fmt.Fprint(out, "Install? [y/N] ")
	answer, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	yes := slices.Contains([]string{"y", "yes"}, strings.ToLower(strings.TrimSpace(answer)))
	if !yes {
		fmt.Fprintln(out, "Nothing was changed.")
	}
	return yes, nil
}
