package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"github.com/spf13/cobra"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/vm"
)

// vmFlags are what all sub-commands of vm share.
type vmFlags struct {
	*flags
	selector, filter string
	output           string
}

// vmCommand is what the screens do, for scripts: a sub-command to list, one to show, and one for every entry of the action table.
func vmCommand(f *flags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "vm",
		Short: "List virtual machines and act on them, without a screen",
		Long: "vm does from scripts what the screens do by keys, with the same rights, the same reasons and the same audit log.\n\n" +
			"VMs are named as NAMESPACE/NAME or, in the namespace of -n or else of the context, as NAME; or chosen by -l and --filter there, or\n" +
			"everywhere with -A.\n\n" + exitCodes,
		Example: "  vmdeck vm list -A --filter is:problem\n  vmdeck vm stop team-a/db-1 --wait --yes\n  vmdeck vm start -n team-a -l tier=web --yes -o json",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return noRun(fmt.Errorf("there is no %q under vm; there are %s", args[0], strings.Join(subCommands(cmd), ", ")))
		},
	}
	flags := cmd.PersistentFlags()
	flags.StringVarP(&f.namespace, "namespace", "n", "", "look into this namespace; default: the context's")
	flags.BoolVarP(&f.all, "all-namespaces", "A", false, "look into all namespaces")
	flags.BoolVar(&f.readOnly, "read-only", false, "change nothing")
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return noRun(err) })
	cmd.AddCommand(vmListCommand(&vmFlags{flags: f}), vmShowCommand(&vmFlags{flags: f}))
	for _, a := range vm.Actions() {
		cmd.AddCommand(vmActionCommand(&vmFlags{flags: f}, a))
	}
	completeFlag(cmd, "namespace", f.completeNamespaces)
	return cmd
}

const exitCodes = "Exit codes: 0 all done; 1 something was refused or failed; 2 it could not run: bad input, no connection, no VM that matches,\n" +
	"or a question that nobody was there to answer."

func subCommands(cmd *cobra.Command) []string {
	var names []string
	for _, sub := range cmd.Commands() {
		names = append(names, sub.Name())
	}
	return names
}

// addSelection adds the flags that choose VMs.
func (f *vmFlags) addSelection(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&f.selector, "selector", "l", "", "VMs with these labels, as in tier=web,env!=prod")
	cmd.Flags().StringVar(&f.filter, "filter", "", "VMs that a query of the list screen matches, as in 'status:Running os:fedora'")
	completeFlag(cmd, "filter", completeFilter)
}

// interruptible ends what a command waits for when the user interrupts it; a second interrupt ends the program.
func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// vmSession is one context opened for one command.
type vmSession struct {
	cluster  *kube.Cluster
	list     *vm.Followed
	operator *vm.Operator
	info     kube.ClusterInfo
}

// openVMs opens the context and reads what the selection looks into.
func openVMs(ctx context.Context, f *vmFlags, chosen *selection) (*vmSession, error) {
	noticeDeadConnections()
	if f.all && f.namespace != "" {
		return nil, errors.New("-n and -A contradict each other")
	}
	opened, err := openContext(ctx, *f.flags)
	if err != nil {
		return nil, err
	}
	namespace := f.namespace
	if namespace == "" {
		namespace = opened.Cluster.Target().Namespace
	}
	s := &vmSession{cluster: opened.Cluster}
	if s.list, err = vm.Follow(ctx, s.cluster, chosen.in(namespace)); err != nil {
		return nil, err
	}
	s.info = s.cluster.Info(ctx)
	facts, user := vm.FactsOf(s.info.KubeVirt), s.info.Identity.User
	s.operator = &vm.Operator{
		Cluster: s.cluster, Audit: config.NewAudit(config.AuditPath()), Latest: s.list.Find, User: func() string { return user },
		Gate: &vm.Gate{
			Access: s.cluster.Access(), ReadOnly: opened.ReadOnly, Health: s.cluster.Health().Status, Facts: func() vm.Facts { return facts },
		},
	}
	return s, nil
}

// verdicts asks the gate about actions on VMs, after asking the API server what the user may do where they are. What is not known then
// is for the server to decide, or the reason says so.
func (s *vmSession) verdicts(ctx context.Context, actions []*vm.Action, rows []*vm.Row) func(*vm.Action, *vm.Row) vm.Verdict {
	var namespaces []string
	seen := map[string]bool{}
	for _, r := range rows {
		for _, a := range actions {
			s.operator.Gate.Check(a, r) // which notes what to ask
		}
		if !seen[r.Namespace] {
			seen[r.Namespace] = true
			namespaces = append(namespaces, r.Namespace)
		}
	}
	_ = s.cluster.Access().Ensure(ctx, namespaces...)
	return s.operator.Gate.Check
}
