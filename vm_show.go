package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/text"
)

var showFormats = []string{"table", "json", "yaml", "name"}

// vmShown is a VM with everything that belongs to it as JSON and YAML show it.
type vmShown struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Context    string `json:"context"`
	vmItem
	Actions                []vmOffer        `json:"actions"`
	Migrations             []vmMigrationRun `json:"migrations"`
	VirtualMachine         any              `json:"virtualMachine"`
	VirtualMachineInstance any              `json:"virtualMachineInstance"`
	Notes                  []string         `json:"notes"`
}

// vmOffer says whether an action can be tried.
type vmOffer struct {
	Action   string `json:"action"`
	Possible bool   `json:"possible"`
	Reason   string `json:"reason"`
}

type vmMigrationRun struct {
	Name    string     `json:"name"`
	Phase   string     `json:"phase"`
	Source  string     `json:"source"`
	Target  string     `json:"target"`
	Created time.Time  `json:"created"`
	Ended   *time.Time `json:"ended"`
	Failure string     `json:"failure"`
}

func vmShowCommand(f *vmFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show NS/NAME",
		Short: "Show one virtual machine, and what you may do to it",
		Long: "show tells what the list tells of one VM, its migrations, and of every action whether it can be tried or why not.\n\n" +
			"json and yaml: apiVersion (" + schema + "), kind (VM), context, the fields of a VM, actions (each with action, possible, reason),\n" +
			"migrations (newest first, each with name, phase, source, target, created, ended, failure), virtualMachine and virtualMachineInstance\n" +
			"(the objects, or null; cloud-init and ignition data is masked), notes (what may be missing and why).\n" + itemHelp,
		Example:           "  vmdeck vm show team-a/db-1\n  vmdeck vm show team-a/db-1 -o json | jq .status",
		ValidArgsFunction: f.completeVMs(nil, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return noRun(f.show(cmd, args))
		},
	}
	addOutput(cmd, &f.output, showFormats...)
	return cmd
}

func (f *vmFlags) show(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return errors.New("say which VM, as in: vmdeck vm show team-a/db-1")
	}
	if err := checkFormat(f.output, showFormats...); err != nil {
		return err
	}
	chosen, err := f.choose(args)
	if err != nil {
		return err
	}
	ctx, stop := interruptible(cmd.Context())
	defer stop()
	s, err := openVMs(ctx, f, chosen)
	if err != nil {
		return err
	}
	rows, missing := chosen.of(s.list)
	if len(missing) > 0 {
		tell(cmd.ErrOrStderr(), s.list.Gaps())
		return exitError{exitFailed, errors.New(notThere(missing[0]))}
	}
	out := cmd.OutOrStdout()
	if f.output == "name" {
		_, err = fmt.Fprintln(out, text.Clean(rows[0].Key()))
		return err
	}
	shown := s.look(ctx, rows[0])
	if f.output != "table" {
		return encode(out, f.output, shown)
	}
	tell(cmd.ErrOrStderr(), shown.Notes)
	return writeShown(out, shown, time.Now())
}

func notThere(t target) string {
	return text.Clean(t.String()) + ": there is no such VM that you may see"
}

// look reads the rest of what is known of a VM.
func (s *vmSession) look(ctx context.Context, r *vm.Row) vmShown {
	shown := vmShown{
		APIVersion: schema, Kind: "VM", Context: s.cluster.Target().Context, vmItem: itemOf(r),
		Migrations: []vmMigrationRun{}, Notes: append([]string{}, s.list.Gaps()...),
	}
	verdict := s.verdicts(ctx, vm.Actions(), []*vm.Row{r})
	for _, a := range vm.Actions() {
		v := verdict(a, r)
		shown.Actions = append(shown.Actions, vmOffer{a.ID, !v.Off(), reasonOf(v)})
	}
	detail := vm.FetchDetail(ctx, s.cluster, r.Namespace, r.Name)
	for _, m := range detail.Migrations {
		run := vmMigrationRun{Name: m.Name, Phase: string(m.Status.Phase), Created: m.CreationTimestamp.Time}
		if state := m.Status.MigrationState; state != nil {
			run.Source, run.Target, run.Failure = state.SourceNode, state.TargetNode, state.FailureReason
			if state.EndTimestamp != nil {
				run.Ended = &state.EndTimestamp.Time
			}
		}
		shown.Migrations = append(shown.Migrations, run)
	}
	shown.VirtualMachine, shown.VirtualMachineInstance = object(detail.MachineYAML), object(detail.InstanceYAML)
	for what, err := range map[string]error{"the VirtualMachine": detail.MachineErr, "the VirtualMachineInstance": detail.InstanceErr, "its migrations": detail.MigrationsErr} {
		if err != nil {
			shown.Notes = append(shown.Notes, kube.Explain(err, "read "+what))
		}
	}
	slices.Sort(shown.Notes)
	return shown
}

// object is a manifest without what it hides, or nil.
func object(manifest string) any {
	var object any
	if yaml.Unmarshal([]byte(vm.Mask(manifest)), &object) != nil {
		return vm.Masked
	}
	return object
}

// reasonOf is why an action is off, with what would grant it.
func reasonOf(v vm.Verdict) string {
	if v.Cause == vm.Permission && len(v.Decision.Grants) > 0 {
		return v.Reason + "; roles that grant it: " + strings.Join(v.Decision.Grants, ", ")
	}
	return v.Reason
}

func writeShown(w io.Writer, s vmShown, now time.Time) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	field := func(title, value string) {
		if value != "" {
			writeCells(table, []string{title + ":", value})
		}
	}
	field("Namespace", s.Namespace)
	field("Name", s.Name)
	field("Status", s.Status)
	field("Run strategy", s.RunStrategy)
	field("Node", s.Node)
	if m := s.Migration; m != nil {
		field("Migrating", fmt.Sprintf("%s, from %s to %s", m.Phase, orDash(m.Source), orDash(m.Target)))
	}
	field("IPs", strings.Join(s.IPs, ", "))
	field("OS", s.OS)
	field("CPU", number(s.CPU))
	field("Memory", memory(s.MemoryBytes))
	field("Instance type", s.Instancetype)
	field("Preference", s.Preference)
	field("Age", text.Age(now.Sub(s.Created)))
	field("Labels", pairs(s.Labels))
	for _, c := range s.Attention {
		field("Attention", strings.Join(slices.DeleteFunc([]string{c.Type, c.Reason, c.Message}, func(s string) bool { return s == "" }), ": "))
	}
	for i, m := range s.Migrations {
		if i == 5 {
			field("Migration", fmt.Sprintf("and %d earlier ones", len(s.Migrations)-i))
			break
		}
		line := fmt.Sprintf("%s ago: %s, from %s to %s", text.Age(now.Sub(m.Created)), m.Phase, orDash(m.Source), orDash(m.Target))
		if m.Failure != "" {
			line += ": " + m.Failure
		}
		field("Migration", line)
	}
	fmt.Fprintln(table)
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(table, "ACTION\tPOSSIBLE\tREASON")
	for _, a := range s.Actions {
		writeCells(table, []string{a.Action, map[bool]string{true: "yes", false: "no"}[a.Possible], a.Reason})
	}
	return table.Flush()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func pairs(labels map[string]string) string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		out = append(out, key+"="+labels[key])
	}
	return strings.Join(out, ", ")
}
