package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vmdeck.dev/vmdeck/kube/template"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/text"
)

// deployment is one VM made from a template, from the command line to the result.
type deployment struct {
	*templateFlags
	options     template.Options
	cpu         string
	labels      []string
	start       bool
	edit, print bool
	dryRun      bool
	wait        patience
	out, notes  io.Writer
}

func templateDeployCommand(f *flags) *cobra.Command {
	d := &deployment{templateFlags: &templateFlags{flags: f}}
	cmd := &cobra.Command{
		Use:   "deploy TEMPLATE [NS/]NAME",
		Short: "Make a virtual machine from a template",
		Long: "deploy makes a VM as the template says, apart from what is chosen here. Disks that the template makes together with the VM are named after\n" +
			"it. Needed are create virtualmachines in the VM's namespace, and list vmtemplates in the whole cluster.\n\n" +
			"--wait waits until the VM is running. --print shows the manifest instead, cloud-init data included; --edit opens it in an editor first\n" +
			"(VISUAL or EDITOR). The VM carries the template's name in its annotation " + template.Origin + ".\n\n" +
			"json and yaml: as vmdeck vm start writes them, with action launch.\n\n" + templateExitCodes,
		Example: "  vmdeck template deploy alpine web-1 -n team-a --start --wait\n  vmdeck template deploy ubuntu-2204 team-a/db-1 --cpu 4 --memory 8Gi --dry-run\n" +
			"  vmdeck template deploy alpine web-1 --print > web-1.yaml",
		Args: exactlyNoRun(2, "say which template and how the VM is called, as in: vmdeck template deploy alpine team-a/web-1"),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) == 1 && !strings.Contains(toComplete, "/") {
				names, directive := f.completeNamespaces(cmd, args, toComplete)
				for i := range names {
					names[i] += "/"
				}
				return names, directive | cobra.ShellCompDirectiveNoSpace
			}
			return f.completeTemplates(cmd, args, toComplete)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			d.out, d.notes = cmd.OutOrStdout(), cmd.ErrOrStderr()
			if err := d.check(args[1], cmd.Flags().Changed("start")); err != nil {
				return noRun(err)
			}
			ctx, stop := interruptible(cmd.Context())
			defer stop()
			return d.run(ctx, args[0])
		},
	}
	addOutput(cmd, &d.output, actionFormats...)
	cmd.Flags().StringVar(&d.cpu, template.FieldCPU, "", "number of virtual CPUs; default: the template's")
	cmd.Flags().StringVar(&d.options.Memory, template.FieldMemory, "", "memory, as in 4Gi; default: the template's")
	cmd.Flags().BoolVar(&d.start, template.FieldStart, false, "start the VM at once, or with =false not; default: as the template says")
	cmd.Flags().StringArrayVar(&d.labels, template.FieldLabels, nil, "label of the VM, as in tier=web; may be given several times")
	cmd.Flags().StringVar(&d.options.StorageClass, template.FieldStorageClass, "", "storage class of disks made together with the VM; default: the template's")
	cmd.Flags().BoolVar(&d.edit, "edit", false, "edit the manifest before the VM is made")
	cmd.Flags().BoolVar(&d.print, "print", false, "print the manifest instead, for kubectl apply and the like")
	cmd.Flags().BoolVar(&d.dryRun, "dry-run", false, "have the server check it without making it")
	cmd.Flags().Var(&d.wait, "wait", "wait until the VM is running, for so long at most; without a value "+defaultPatience.String())
	cmd.Flags().Lookup("wait").NoOptDefVal = defaultPatience.String()
	return cmd
}

// check reads arguments and flags before anything is asked of the cluster.
func (d *deployment) check(name string, start bool) error {
	if err := checkFormat(d.output, actionFormats...); err != nil {
		return err
	}
	target, err := parseTarget(name)
	if err != nil {
		return err
	}
	d.options.Namespace, d.options.Name = target.namespace, target.name
	if d.cpu != "" {
		if d.options.CPU, err = strconv.ParseInt(d.cpu, 10, 32); err != nil || d.options.CPU < 1 {
			return fmt.Errorf("--cpu: %q is no number of CPUs", d.cpu)
		}
	}
	if start {
		d.options.Start = &d.start
	}
	for _, label := range d.labels {
		key, value, ok := strings.Cut(label, "=")
		if !ok {
			return fmt.Errorf("--label: %q is no label like tier=web", label)
		}
		if d.options.Labels == nil {
			d.options.Labels = map[string]string{}
		}
		d.options.Labels[key] = value
	}
	if d.wait > 0 && (d.dryRun || d.print) {
		return errors.New("--wait: nothing is made that one could wait for")
	}
	return nil
}

// run is everything between the command line and the exit code.
func (d *deployment) run(ctx context.Context, name string) error {
	keeper, namespace, err := d.templates(ctx)
	if err != nil {
		return noRun(err)
	}
	if d.options.Namespace = cmp.Or(d.options.Namespace, namespace); d.options.Namespace == "" {
		return noRun(fmt.Errorf("neither you nor the context name a namespace for the VM: write it as in team-a/%s, or give -n", d.options.Name))
	}
	t, err := template.Get(ctx, keeper.Cluster, name)
	if err != nil {
		return unreadTemplates(err)
	}
	machine, problems := t.Instantiate(d.options)
	if err := problemsOf(problems, "--"); err != nil {
		return noRun(err)
	}
	if d.edit {
		if err := keeper.Admit(ctx, machine); err != nil && !d.print {
			return d.report(keeper, failedTo(resultFor(machine), err))
		}
		if machine, err = editMachine(ctx, machine); err != nil {
			return noRun(err)
		}
	}
	if d.print {
		return encode(d.out, "yaml", machine.Object())
	}
	if d.wait > 0 && !machine.Starts() {
		return noRun(errors.New("--wait: the VM is not started, so there is nothing to wait for: add --start"))
	}
	return d.report(keeper, d.launch(ctx, keeper, machine))
}

// problemsOf makes one error of problems. Those of options are told by their flags; name and namespace have none of their own.
func problemsOf(problems []template.Problem, flag string) error {
	var all []error
	for _, p := range problems {
		said := p.String()
		if p.Field != template.FieldName && p.Field != template.FieldNamespace {
			said = flag + said
		}
		all = append(all, errors.New(strings.TrimSuffix(said, ".")))
	}
	return errors.Join(all...)
}

func editMachine(ctx context.Context, m template.Machine) (template.Machine, error) {
	before, err := m.YAML()
	if err != nil {
		return m, err
	}
	draft, err := edit(ctx, m.Name, before)
	if err != nil {
		return m, err
	}
	edited, problems := template.ParseMachine(draft.text)
	if err := problemsOf(problems, ""); err != nil {
		return m, draft.keep(err)
	}
	return edited, draft.discard()
}

// launch makes the VM and waits for it.
func (d *deployment) launch(ctx context.Context, keeper *template.Keeper, m template.Machine) vmResult {
	result := resultFor(m)
	if d.dryRun {
		if err := keeper.Check(ctx, m); err != nil {
			return failedTo(result, err)
		}
		result.Result, result.Message = resultDryRun, fmt.Sprintf("%s/%s: the server would make it%s (dry run, nothing was changed)", m.Namespace, m.Name, origin(m))
		return result
	}
	var list *vm.Followed
	if d.wait > 0 {
		var err error
		if list, err = vm.Follow(ctx, keeper.Cluster, vm.Scope{Namespaces: []string{m.Namespace}}); err != nil {
			return failedTo(result, fmt.Errorf("--wait: %w; nothing was done", err))
		}
	}
	made, err := keeper.Create(ctx, m)
	if result.UID = made.UID; err != nil && made.UID == "" {
		return failedTo(result, err)
	} else if err != nil {
		say(d.notes, "%v", err) // it was made, and something around it failed
	}
	result.Result, result.Message = resultDone, fmt.Sprintf("%s/%s: made%s%s", m.Namespace, m.Name, origin(m), sizes(m))
	if list == nil {
		return result
	}
	say(d.notes, "%s; waiting until it is running", result.Message)
	begun := time.Now()
	ctx, stop := context.WithTimeout(ctx, time.Duration(d.wait))
	defer stop()
	if err := template.Await(ctx, list, made, func(status string) { say(d.notes, "%s/%s: %s", m.Namespace, m.Name, status) }); err != nil {
		return failedTo(result, fmt.Errorf("%s: %w", result.Message, err))
	}
	result.Message += fmt.Sprintf("; running after %s", time.Since(begun).Round(time.Second))
	return result
}

// origin names the template, unless an edited manifest does not.
func origin(m template.Machine) string {
	if m.Template == "" {
		return ""
	}
	return " from the template " + m.Template
}

func sizes(m template.Machine) string {
	if m.CPU() == 0 || m.Memory() == 0 {
		return ""
	}
	return fmt.Sprintf(", CPU %d, memory %s", m.CPU(), text.Bytes(m.Memory()))
}

func resultFor(m template.Machine) vmResult {
	return vmResult{Namespace: m.Namespace, Name: m.Name, Missing: []string{}, Roles: []string{}}
}

func failedTo(r vmResult, err error) vmResult {
	r.Result, r.Message = resultFailed, err.Error()
	if refused := (template.Refused{}); errors.As(err, &refused) {
		r.Result = resultRefused
		r.Missing, r.Roles = append(r.Missing, texts(refused.Decision.Missing)...), append(r.Roles, refused.Decision.Grants...)
	}
	return r
}

// report writes the result, and is an error when there is no VM as it was asked for.
func (d *deployment) report(keeper *template.Keeper, result vmResult) error {
	if d.output != "text" {
		err := encode(d.out, d.output, vmResults{
			APIVersion: schema, Kind: "VMResults", Context: keeper.Cluster.Target().Context, Action: "launch",
			DryRun: d.dryRun, Waited: d.wait > 0, Results: []vmResult{result},
		})
		if err != nil {
			return err
		}
	}
	if result.bad() {
		return exitError{exitFailed, errors.New(text.Clean(result.Message))}
	}
	if d.output == "text" {
		say(d.out, "%s", result.Message)
	}
	return nil
}
