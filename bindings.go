package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/views/deck"
)

// bindingsCommand keeps, applies and syncs binding rules, without a screen.
func bindingsCommand(f *flags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bindings",
		Short: "Keep rules of who gets which role where, and have the cluster follow them",
		Long: "bindings deals with binding rules: who gets which role in which namespaces, by name or by pattern. Rules are kept in the cluster as custom\n" +
			"resources (vmdeck bindings install), or in the folder that the configuration names as rules. A pattern goes on applying to namespaces that\n" +
			"are made later, as long as vmdeck bindings sync runs from time to time or with --watch.\n\n" + bindingExitCodes,
		Example: "  vmdeck bindings install\n  vmdeck bindings apply -f devs.yaml\n  vmdeck bindings sync --watch",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return noRun(fmt.Errorf("there is no %q under bindings; there are %s", args[0], strings.Join(subCommands(cmd), ", ")))
		},
	}
	cmd.PersistentFlags().BoolVar(&f.readOnly, "read-only", false, "change nothing")
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return noRun(err) })
	for _, sub := range []*cobra.Command{bindingsListCommand(f), bindingsShowCommand(f), bindingsApplyCommand(f), bindingsDeleteCommand(f), bindingsSyncCommand(f), bindingsInstallCommand(f)} {
		if check := sub.Args; check != nil {
			sub.Args = func(cmd *cobra.Command, args []string) error { return noRun(check(cmd, args)) }
		}
		cmd.AddCommand(sub)
	}
	return cmd
}

const bindingExitCodes = "Exit codes: 0 all is as the rules say; 1 something was refused, failed, or is not what its rule says; 2 it could not run: bad input,\n" +
	"no connection, no place where rules are kept, or a question that nobody was there to answer. sync --dry-run ends with 1 also when there is\n" +
	"something to do, as kubectl diff does."

// keeper opens a context for changing its rules and bindings; an empty name means the one that the flags name.
func (f *flags) keeper(ctx context.Context, context string) (*binding.Keeper, error) {
	noticeDeadConnections()
	kube.SilenceLogs()
	file, err := config.Read(f.config)
	if err != nil {
		return nil, err
	}
	if context == "" {
		context = f.context
	}
	opened, err := opener{flags: *f, kubeconfig: config.Kubeconfig{Path: f.kubeconfig, File: file, UserAgent: "vmdeck/" + version}}.open(ctx, context)
	if err != nil {
		return nil, err
	}
	return &binding.Keeper{
		Cluster: opened.Cluster, Rules: opened.Rules, Group: deck.GroupNames(opened.Groups), ReadOnly: opened.ReadOnly,
		Audit: config.NewAudit(config.AuditPath()), User: binding.UserOf(ctx, opened.Cluster),
	}, nil
}

// unkept adds to the fault of a place where rules are kept what can be done about it.
func unkept(err error) error {
	if errors.Is(err, binding.ErrNotInstalled) {
		return fmt.Errorf("%w: vmdeck bindings install makes it known; or keep rules in files, with vmdeck bindings sync -f or as rules: FOLDER in the configuration", err)
	}
	return err
}

func bindingsInstallCommand(f *flags) *cobra.Command {
	var dryRun, print bool
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Make the custom resource of rules known to the cluster, or bring it up to date",
		Args:  numArgs(0, 0, "bindings install takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if print {
				_, err := cmd.OutOrStdout().Write(binding.StoreDefinition())
				return err
			}
			keeper, err := f.keeper(cmd.Context(), "")
			if err != nil {
				return noRun(err)
			}
			if err := keeper.Install(cmd.Context(), dryRun); err != nil {
				return err
			}
			done := "The cluster knows the custom resource rolebindingrules.vmdeck.dev."
			if dryRun {
				done = "The server would accept the custom resource rolebindingrules.vmdeck.dev."
			}
			fmt.Fprintln(cmd.OutOrStdout(), done)
			return nil
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "have the server try it, and change nothing")
	cmd.Flags().BoolVar(&print, "print", false, "print it as YAML instead, for kubectl apply and the like")
	return cmd
}

// given reads the rules of a file or of standard input, all of which must be good.
func given(in io.Reader, path string) ([]binding.Stored, error) {
	data, name, err := readGiven(in, path)
	if err != nil {
		return nil, fmt.Errorf("read the rules: %w", err)
	}
	rules := binding.DecodeRules(data, name)
	var wrong []error
	for i, r := range rules {
		if _, twice := binding.Find(rules[:i], r.Name); twice {
			wrong = append(wrong, fmt.Errorf("%s: the rule %s stands there twice", name, r.Name))
		}
		wrong = append(wrong, r.Err)
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	if len(rules) == 0 {
		return nil, fmt.Errorf("there is no rule in %s; vmdeck bindings show -o yaml prints what one looks like", name)
	}
	return rules, nil
}

// say writes lines that may have words of others in them.
func say(w io.Writer, format string, args ...any) {
	for line := range strings.Lines(fmt.Sprintf(format, args...)) {
		fmt.Fprintln(w, text.Clean(strings.TrimRight(line, "\n")))
	}
}
