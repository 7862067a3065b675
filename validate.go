package main

import (
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
	"vmdeck.dev/vmdeck/kube/check"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/validation"
)

// validateFlags are how `validate` was called.
type validateFlags struct {
	as             string
	asGroups       []string
	namespaces     []string
	output, failOn string
	only           []string
}

func validateCommand(f *flags) *cobra.Command {
	var v validateFlags
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Check whether the VM platform works, and for whom",
		Long: "validate checks KubeVirt and CDI, roles, bindings, rights, login, network, namespaces, templates, storage and packs. It writes nothing but\n" +
			"server-side dry runs, and says what you may not look at and who may.\n\n" +
			"It exits with 0 when nothing failed, with 1 when something did, and with 2 when it could not run. docs/validate.schema.json\n" +
			"describes the JSON.\n\nGroups: " + strings.Join(check.Groups(), ", ") + ".",
		Example: "  vmdeck validate\n  vmdeck validate --as alice --as-group oidc:devs -n team-a\n  vmdeck validate -o junit --fail-on warn > validate.xml",
		Args:    func(_ *cobra.Command, args []string) error { return noRun(noArgs(args)) },
		RunE:    func(cmd *cobra.Command, _ []string) error { return v.run(cmd, *f) },
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return noRun(err) })
	set := cmd.Flags()
	set.StringVar(&v.as, "as", "", "check the rights of this user instead of your own")
	set.StringArrayVar(&v.asGroups, "as-group", nil, "a group of that user; may be repeated")
	set.StringSliceVarP(&v.namespaces, "namespace", "n", nil, "look at rights in these namespaces, and try templates in the first")
	set.StringVarP(&v.output, "output", "o", "text", "text, json, junit or markdown")
	set.StringSliceVar(&v.only, "only", nil, "make only the checks of these groups, or these checks by ID")
	set.StringVar(&v.failOn, "fail-on", string(check.Fail), "what ends with exit code 1: fail, or warn for warnings too")
	completeFlag(cmd, "output", cobra.FixedCompletions(outputs, cobra.ShellCompDirectiveNoFileComp))
	completeFlag(cmd, "only", cobra.FixedCompletions(check.Groups(), cobra.ShellCompDirectiveNoFileComp))
	completeFlag(cmd, "fail-on", cobra.FixedCompletions([]string{string(check.Fail), string(check.Warn)}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

var outputs = []string{"text", "json", "junit", "markdown"}

func noArgs(args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("validate takes no arguments; %q is one", args[0])
	}
	return nil
}

// run makes the checks. All errors but that of a failed check say that it could not run.
func (v validateFlags) run(cmd *cobra.Command, f flags) error {
	if err := v.validate(); err != nil {
		return noRun(err)
	}
	cluster, err := connect(cmd.Context(), f)
	if err != nil {
		return noRun(err)
	}
	file, err := config.Read(f.config)
	if err != nil {
		return noRun(err)
	}
	options := v.options()
	if folder := file.RulesOf(cluster.Target().Context); folder != "" {
		options.Rules = binding.FolderStore(folder)
	}
	options.Profiles = profile.ClusterStore(cluster)
	if folder := file.ProfilesOf(cluster.Target().Context); folder != "" {
		options.Profiles = profile.FolderStore(folder)
	}
	options.Setup = check.FromProfiles{Profiles: options.Profiles, Registries: config.RegistriesBeside(f.config).Read}
	progress := progressLine{out: io.Discard}
	if out := cmd.ErrOrStderr(); isTerminalWriter(out) {
		progress.out = out
	}
	report, err := check.Run(cmd.Context(), cluster, options, progress.show)
	progress.clear()
	if err != nil {
		return noRun(stopped(cmd.Context(), err))
	}
	if err := v.write(cmd.OutOrStdout(), report, terminalOf(file, os.Getenv).theme); err != nil {
		return noRun(err)
	}
	if report.Failed(v.failOn == string(check.Warn)) {
		return exitError{code: exitFailed}
	}
	return nil
}

func (v validateFlags) validate() error {
	if v.as == "" && len(v.asGroups) > 0 {
		return errors.New("--as-group needs --as, as a group alone is nobody")
	}
	for _, namespace := range v.namespaces {
		if !kube.IsNamespaceName(namespace) {
			return fmt.Errorf("--namespace %q cannot be a namespace: %s", namespace, kube.NamespaceNames)
		}
	}
	if !slices.Contains(outputs, v.output) {
		return fmt.Errorf("-o %s is not known; there are %s", v.output, strings.Join(outputs, ", "))
	}
	if v.failOn != string(check.Fail) && v.failOn != string(check.Warn) {
		return fmt.Errorf("--fail-on %s is not known; there are fail and warn", v.failOn)
	}
	if unknown := check.Unknown(v.only); len(unknown) > 0 {
		return fmt.Errorf("--only %s is neither a group nor a check; the groups are %s", unknown[0], strings.Join(check.Groups(), ", "))
	}
	return nil
}

func (v validateFlags) options() check.Options {
	o := check.Options{Only: v.only, Namespaces: v.namespaces}
	if v.as != "" {
		who := rbac.WhoIs(v.as, v.asGroups...)
		o.Who = &who
	}
	return o
}

func (v validateFlags) write(out io.Writer, report check.Report, t *theme.Theme) error {
	switch v.output {
	case "json":
		return report.WriteJSON(out)
	case "junit":
		return report.WriteJUnit(out, v.failOn == string(check.Warn))
	case "markdown":
		return validation.WriteMarkdown(out, report)
	}
	return writeText(out, report, t, isTerminalWriter(out))
}

// stopped puts an interrupt into words: what was found out so far would not be a report.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errors.New("stopped before all checks were made")
	}
	return err
}

func isTerminalWriter(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && isTerminal(file)
}

// progressLine is the one line on a terminal that says how far it is.
type progressLine struct{ out io.Writer }

func (p progressLine) show(e check.Event) {
	fmt.Fprintf(p.out, "\r\x1b[K%d of %d checks  %s", e.Done, e.Total, text.Clean(e.Check.Title))
}

func (p progressLine) clear() { fmt.Fprint(p.out, "\r\x1b[K") }
