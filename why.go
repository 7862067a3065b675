package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/views/app"
)

// addRightsCommands adds the sub-commands that explain rights. They print text and need no terminal.
func addRightsCommands(root *cobra.Command, f *flags) {
	for _, cmd := range []*cobra.Command{whyCommand(f), whoCanCommand(f), rolesCommand(f)} {
		check, run := cmd.Args, cmd.RunE // a question that got no answer did not run
		cmd.Args = func(cmd *cobra.Command, args []string) error { return noRun(check(cmd, args)) }
		cmd.RunE = func(cmd *cobra.Command, args []string) error { return noRun(run(cmd, args)) }
		cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return noRun(err) })
		root.AddCommand(cmd)
	}
}

// connect opens the context that the flags name, for a sub-command.
func connect(ctx context.Context, f flags) (*kube.Cluster, error) {
	opened, err := openContext(ctx, f)
	return opened.Cluster, err
}

// openContext opens the context that the flags name with what they and the configuration say about it.
func openContext(ctx context.Context, f flags) (app.Opened, error) {
	kube.SilenceLogs()
	file, err := config.Read(f.config)
	if err != nil {
		return app.Opened{}, err
	}
	o := opener{flags: f, kubeconfig: config.Kubeconfig{Path: f.kubeconfig, File: file, UserAgent: "vmdeck/" + version}}
	return o.open(ctx, f.context)
}

func whyCommand(f *flags) *cobra.Command {
	var user string
	var groups []string
	cmd := &cobra.Command{
		Use:   "why ACTION NS/VM | launch NS",
		Short: "Explain whether you, or somebody else, may do something to a VM",
		Long: "why says whether an action on a VM is permitted and, if not, which permission is missing, which roles grant it,\n" +
			"which bindings the user has, and a binding that would change it.\n\nActions: " + strings.Join(needIDs(), ", ") + ".",
		Example: "  vmdeck why migrate team-a/db-1\n  vmdeck why start team-a/db-1 --as alice --as-group oidc:devs",
		Args:    exactly(2, "say which action and which VM, as in: vmdeck why migrate team-a/db-1"),
		RunE: func(cmd *cobra.Command, args []string) error {
			need, err := needOf(args[0])
			if err != nil {
				return err
			}
			namespace, name, err := whatOf(args[0], args[1])
			if err != nil {
				return err
			}
			q := binding.Question{Namespace: namespace, Perms: binding.OnVM(need.Perms, name)}
			switch {
			case user != "":
				who := rbac.WhoIs(user, groups...)
				q.As = &who
			case len(groups) > 0:
				return errors.New("--as-group needs --as, as a group alone is nobody")
			}
			cluster, err := connect(cmd.Context(), *f)
			if err != nil {
				return err
			}
			answer, err := binding.Why(cmd.Context(), cluster, q)
			if err != nil {
				return errors.New(kube.Explain(err, "find out whether "+args[0]+" is permitted"))
			}
			target := args[1]
			if name == "" {
				target = "a VM in " + namespace
			}
			if args[0] == binding.Launch {
				answer.Gaps = append(answer.Gaps, catalogueNote(cmd.Context(), cluster, q.As)...)
			}
			return printWhy(cmd.OutOrStdout(), args[0], target, namespace, answer)
		},
	}
	cmd.Flags().StringVar(&user, "as", "", "ask about this user instead of yourself")
	cmd.Flags().StringArrayVar(&groups, "as-group", nil, "a group of that user; may be repeated")
	return cmd
}

// whatOf reads which VM is asked about. One that is to be launched has no name yet: there the namespace is enough.
func whatOf(action, target string) (namespace, name string, err error) {
	namespace, name, named := strings.Cut(target, "/")
	switch {
	case !kube.IsNamespaceName(namespace), named && name == "":
	case !named && action == binding.Launch:
		return namespace, "", nil
	case named:
		return namespace, name, nil
	}
	return "", "", fmt.Errorf("%q names no VM; write its namespace and name, as in team-a/db-1", target)
}

// catalogueNote says that who may make VMs may not read the templates to make them from: a right of its own, which only counts cluster-wide.
func catalogueNote(ctx context.Context, cluster *kube.Cluster, as *rbac.Who) []string {
	d, _, err := binding.Ask(ctx, cluster, as, "", template.Reads(), func() (binding.World, error) { return binding.Read(ctx, cluster) })
	if err != nil || d.Verdict != rbac.Denied {
		return nil
	}
	return []string{fmt.Sprintf("Choosing a template takes %s cluster-wide, which is missing; the role %s grants it.", template.Reads()[0], rbac.RoleListVMTemplates)}
}

// printWhy writes an answer for people. What objects are called was written by others, so it is cleaned.
func printWhy(w io.Writer, action, target, namespace string, a binding.Answer) error {
	var b strings.Builder
	line := func(format string, args ...any) {
		b.WriteString(text.Clean(fmt.Sprintf(format, args...)) + "\n")
	}
	section := func(title, none string, items []string) {
		if len(items) == 0 {
			items = []string{none}
		}
		line("%s:", title)
		for _, item := range items {
			line("  %s", item)
		}
	}
	d := a.Decision
	switch d.Verdict {
	case rbac.Allowed:
		line("Yes: %s may %s %s.", a.Who.User, action, target)
	case rbac.Denied:
		line("No: %s may not %s %s: %s.", a.Who.User, action, target, d.Reason)
	default:
		line("Not known: whether %s may %s %s: %s.", a.Who.User, action, target, d.Reason)
	}
	line("%s", a.Source)
	if d.Verdict != rbac.Allowed {
		section("Missing", "-", texts(d.Missing))
		section("Roles of vmdeck's catalogue that grant it", "none", d.Grants)
		section("Roles on this cluster that grant it", "none that you can see", texts(a.OnCluster))
	}
	section("Bindings of "+a.Who.User+" that count in "+namespace, "none that you can see", texts(a.Bindings))
	for _, gap := range a.Gaps {
		line("Note: %s", gap)
	}
	if len(a.Fix) > 0 {
		line("What would grant it, for an administrator to apply:")
	}
	for _, object := range a.Fix {
		manifest, err := manifest(object)
		if err != nil {
			return err
		}
		b.WriteString(manifest)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func whoCanCommand(f *flags) *cobra.Command {
	return &cobra.Command{
		Use:   "who-can ACTION [NAMESPACE]",
		Short: "List who may do something, by which role and binding",
		Long: "who-can lists the users, groups and service accounts that may carry an action out in a namespace or, without one, everywhere\n" +
			"and in each namespace. It reads roles and bindings: rights from elsewhere, and who is in a group, are not in them.\n\nActions: " +
			strings.Join(needIDs(), ", ") + ".",
		Example: "  vmdeck who-can delete team-a",
		Args:    numArgs(1, 2, "say which action, and perhaps a namespace, as in: vmdeck who-can delete team-a"),
		RunE: func(cmd *cobra.Command, args []string) error {
			need, err := needOf(args[0])
			if err != nil {
				return err
			}
			namespace := ""
			if len(args) == 2 {
				namespace = args[1]
			}
			if namespace != "" && !kube.IsNamespaceName(namespace) {
				return fmt.Errorf("%q cannot be a namespace: %s", namespace, kube.NamespaceNames)
			}
			cluster, err := connect(cmd.Context(), *f)
			if err != nil {
				return err
			}
			holders, world, err := binding.WhoCan(cmd.Context(), cluster, need.Perms, namespace)
			if err != nil {
				return errors.New(kube.Explain(err, "read who may "+args[0]))
			}
			out := cmd.OutOrStdout()
			table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "SUBJECT\tWHERE\tROLE\tBINDING")
			for _, h := range holders {
				where := "everywhere"
				if h.Namespace != "" {
					where = h.Namespace
				}
				for _, ref := range h.Via {
					fmt.Fprintln(table, text.Clean(h.Subject.String())+"\t"+text.Clean(where)+"\t"+text.Clean(ref.RoleKind+" "+ref.Role)+"\t"+text.Clean(ref.Kind+" "+ref.Name))
				}
			}
			for _, gap := range world.GapsIn(namespace) {
				fmt.Fprintln(cmd.ErrOrStderr(), "Note: "+text.Clean(gap))
			}
			if len(holders) == 0 {
				_, err = fmt.Fprintln(out, "Nobody, as far as the bindings that you may read say.")
				return err
			}
			return table.Flush()
		},
	}
}

func needIDs() []string {
	var ids []string
	for _, n := range binding.Needs() {
		ids = append(ids, n.ID)
	}
	return ids
}

func needOf(id string) (rbac.Need, error) {
	need, ok := binding.FindNeed(id)
	if !ok {
		return need, fmt.Errorf("there is no action %q; there are %s", id, strings.Join(needIDs(), ", "))
	}
	return need, nil
}

func texts[T fmt.Stringer](items []T) []string {
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = item.String()
	}
	return out
}

// manifest is one document of a YAML stream.
func manifest(object any) (string, error) {
	body, err := yaml.Marshal(object)
	return "---\n" + string(body), err
}

// exactly and numArgs are cobra's argument checks with a sentence that says what is wanted.
func exactly(n int, sentence string) cobra.PositionalArgs { return numArgs(n, n, sentence) }

func numArgs(least, most int, sentence string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) < least || len(args) > most {
			return errors.New(sentence)
		}
		return nil
	}
}
