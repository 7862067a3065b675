package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/text"
)

// templateFlags are what all sub-commands of template share.
type templateFlags struct {
	*flags
	output string
}

// templateCommand deals with the catalogue of VM templates, and makes VMs from it.
func templateCommand(f *flags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "template",
		Short: "Make virtual machines from templates, and keep the templates",
		Long: "template shows the catalogue of VM templates (VmTemplate, spectrocloud.com/v1), makes virtual machines from them and, for those who may,\n" +
			"changes the catalogue.\n\n" + templateExitCodes,
		Example: "  vmdeck template list\n  vmdeck template deploy alpine web-1 -n team-a --cpu 2 --memory 1Gi --start --wait\n  vmdeck template create -f templates.yaml",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return noRun(fmt.Errorf("there is no %q under template; there are %s", args[0], strings.Join(subCommands(cmd), ", ")))
		},
	}
	cmd.PersistentFlags().StringVarP(&f.namespace, "namespace", "n", "", "namespace of the VM, or to try one in; default: the context's")
	cmd.PersistentFlags().BoolVar(&f.readOnly, "read-only", false, "change nothing")
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return noRun(err) })
	cmd.AddCommand(templateListCommand(&templateFlags{flags: f}), templateShowCommand(&templateFlags{flags: f}), templateDeployCommand(f),
		templateCreateCommand(f), templateEditCommand(f), templateDeleteCommand(f))
	completeFlag(cmd, "namespace", f.completeNamespaces)
	return cmd
}

const templateExitCodes = "Exit codes: 0 done; 1 it was refused or failed; 2 it could not run: bad input, no connection, no such template, a cluster that\n" +
	"does not know templates, or a question that nobody was there to answer."

// templates opens the context for templates, and says in which namespace a VM is made unless its name says another.
func (f *flags) templates(ctx context.Context) (*template.Keeper, string, error) {
	noticeDeadConnections()
	opened, err := openContext(ctx, *f)
	if err != nil {
		return nil, "", err
	}
	namespace := f.namespace
	if namespace == "" {
		namespace = opened.Cluster.Target().Namespace
	}
	return &template.Keeper{
		Cluster: opened.Cluster, ReadOnly: opened.ReadOnly, Audit: config.NewAudit(config.AuditPath()), User: binding.UserOf(ctx, opened.Cluster),
	}, namespace, nil
}

// unreadTemplates tells a refusal from what kept the command from running.
func unreadTemplates(err error) error {
	if errors.Is(err, template.ErrForbidden) {
		return exitError{exitFailed, err}
	}
	return noRun(err)
}

func templateListCommand(f *templateFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the templates",
		Long:  "list shows the catalogue. yaml and json: the VmTemplates as they are in the cluster, as a List.\n\n" + templateExitCodes,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return noRun(errors.New("list takes no names: vmdeck template show " + args[0]))
			}
			if err := checkFormat(f.output, showFormats...); err != nil {
				return noRun(err)
			}
			keeper, _, err := f.templates(cmd.Context())
			if err != nil {
				return noRun(err)
			}
			list, err := template.List(cmd.Context(), keeper.Cluster)
			if err != nil {
				return unreadTemplates(err)
			}
			if len(list) == 0 {
				say(cmd.ErrOrStderr(), "There is no VM template yet; vmdeck template create -f FILE makes one.")
			}
			return printTemplates(cmd.OutOrStdout(), f.output, list, time.Now())
		},
	}
	addOutput(cmd, &f.output, showFormats...)
	return cmd
}

func printTemplates(w io.Writer, output string, list []template.Template, now time.Time) error {
	switch output {
	case "name":
		for _, t := range list {
			fmt.Fprintln(w, text.Clean(t.Name))
		}
		return nil
	case "json", "yaml":
		objects := []any{}
		for _, t := range list {
			objects = append(objects, t.Object())
		}
		return encode(w, output, map[string]any{"apiVersion": "v1", "kind": "List", "items": objects})
	}
	if len(list) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tTITLE\tCPU\tMEMORY\tAGE\tDESCRIPTION")
	for _, t := range list {
		cpu, size := sizesOf(t)
		writeCells(table, []string{t.Name, t.Title, cpu, size, text.Age(now.Sub(t.Created)), t.Description})
	}
	return table.Flush()
}

// sizesOf are CPU and memory, for the VMs of an instance type its name.
func sizesOf(t template.Template) (cpu, size string) {
	if t.Instancetype != "" {
		return t.Instancetype, t.Instancetype
	}
	return number(t.CPU), memory(t.Memory)
}

func templateShowCommand(f *templateFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show NAME",
		Short: "Show one template, and whether you may make a VM from it",
		Long: "show tells what VMs of the template are like, and whether you may make one in the namespace of -n, else of the context, else default. yaml and json: the\n" +
			"VmTemplate as it is in the cluster, cloud-init data included, ready for vmdeck template edit -f.\n\n" + templateExitCodes,
		Args:              exactlyNoRun(1, "name the template, as in: vmdeck template show alpine"),
		ValidArgsFunction: f.completeTemplates,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(f.output, showFormats...); err != nil {
				return noRun(err)
			}
			keeper, namespace, err := f.templates(cmd.Context())
			if err != nil {
				return noRun(err)
			}
			t, err := template.Get(cmd.Context(), keeper.Cluster, args[0])
			if err != nil {
				return unreadTemplates(err)
			}
			out := cmd.OutOrStdout()
			switch f.output {
			case "name":
				_, err = fmt.Fprintln(out, text.Clean(t.Name))
				return err
			case "json", "yaml":
				return encode(out, f.output, t.Object())
			}
			namespace = cmp.Or(namespace, metav1.NamespaceDefault)
			return printTemplate(out, t, namespace, template.Ask(cmd.Context(), keeper.Cluster.Access(), namespace), time.Now())
		},
	}
	addOutput(cmd, &f.output, showFormats...)
	return cmd
}

func printTemplate(w io.Writer, t template.Template, namespace string, may rbac.Decision, now time.Time) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	field := func(title, value string) {
		if value != "" {
			writeCells(table, []string{title + ":", value})
		}
	}
	field("Name", t.Name)
	field("Title", t.Title)
	field("Description", t.Description)
	field("CPU", number(t.CPU))
	field("Memory", memory(t.Memory))
	field("Instance type", t.Instancetype)
	field("Preference", t.Preference)
	field("OS", t.OS)
	field("Run strategy", t.RunStrategy)
	for _, disk := range t.Disks {
		field("Disk", disk)
	}
	field("Belongs to", t.Owner)
	field("Age", text.Age(now.Sub(t.Created)))
	answer := "yes"
	if !may.Allowed() {
		answer = may.Reason
		if len(may.Grants) > 0 {
			answer += "; roles that grant it: " + strings.Join(may.Grants, ", ")
		}
	}
	field("Deploy in "+namespace, answer)
	return table.Flush()
}

// completeTemplates completes the name of a template, as first argument.
func (f *flags) completeTemplates(cmd *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ctx, cluster, stop := f.completing(cmd)
	defer stop()
	if cluster == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return templateNames(ctx, cluster, toComplete), cobra.ShellCompDirectiveNoFileComp
}

func templateNames(ctx context.Context, cluster *kube.Cluster, begun string) (names []cobra.Completion) {
	list, err := template.List(ctx, cluster)
	if err != nil {
		return nil
	}
	for _, t := range list {
		if strings.HasPrefix(t.Name, begun) {
			names = append(names, cobra.CompletionWithDesc(text.Clean(t.Name), text.Clean(t.Title)))
		}
	}
	return names
}
