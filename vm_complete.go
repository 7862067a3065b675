package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/text"
)

// completionTime is how long a key press in the shell may take to be answered from the cluster.
const completionTime = 3 * time.Second

type completer = func(cmd *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective)

// completeFlag sets what completes a flag's value. Only a flag that does not exist is refused, which every test of the commands finds.
func completeFlag(cmd *cobra.Command, flag string, complete completer) {
	if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err)
	}
}

// completeVMs completes names with those of VMs on which the action makes sense now, nil meaning any VM; at most most of them, 0 meaning
// any number. Before the slash, namespaces are completed too.
func (f *vmFlags) completeVMs(a *vm.Action, most int) completer {
	return func(cmd *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if most > 0 && len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ctx, cluster, stop := f.completing(cmd)
		defer stop()
		if cluster == nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		namespace, begun, qualified := strings.Cut(toComplete, "/")
		prefix := namespace + "/"
		var found []cobra.Completion
		directive := cobra.ShellCompDirectiveNoFileComp
		if !qualified {
			for _, ns := range namespacesOf(ctx, cluster) {
				if strings.HasPrefix(ns, toComplete) {
					found, directive = append(found, ns+"/"), directive|cobra.ShellCompDirectiveNoSpace
				}
			}
			if namespace, prefix, begun = f.namespace, "", toComplete; namespace == "" {
				namespace = cluster.Target().Namespace
			}
		}
		return append(found, vmNames(ctx, cluster, a, namespace, prefix, begun, args)...), directive
	}
}

// completing opens the context for as long as a completion may take; the cluster is nil where that fails.
func (f *flags) completing(cmd *cobra.Command) (context.Context, *kube.Cluster, context.CancelFunc) {
	ctx, stop := context.WithTimeout(cmd.Context(), completionTime)
	cluster, err := connect(ctx, *f)
	if err != nil {
		cobra.CompErrorln(err.Error())
		return ctx, nil, stop
	}
	return ctx, cluster, stop
}

func vmNames(ctx context.Context, cluster *kube.Cluster, a *vm.Action, namespace, prefix, begun string, taken []string) []cobra.Completion {
	if !kube.IsNamespaceName(namespace) {
		return nil
	}
	list, err := vm.Follow(ctx, cluster, vm.Scope{Namespaces: []string{namespace}})
	if err != nil {
		return nil
	}
	var names []cobra.Completion
	for _, r := range list.Rows() {
		name := prefix + r.Name
		// What KubeVirt can do is not asked here: one name too many is better than one that does not come.
		possible := a == nil || a.Off(r, vm.Facts{PauseWithAgentPing: true}) == ""
		if possible && strings.HasPrefix(r.Name, begun) && !slices.Contains(taken, name) {
			names = append(names, cobra.CompletionWithDesc(text.Clean(name), text.Clean(r.Status)))
		}
	}
	return names
}

// namespacesOf returns the namespaces that the user may list, or else those that are configured.
func namespacesOf(ctx context.Context, cluster *kube.Cluster) []string {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var names []string
	cluster.WatchNamespaces(ctx, func(n kube.Namespaces) {
		if names == nil {
			names = n.Names
		}
		stop()
	})
	return names
}

func (f *flags) completeNamespaces(cmd *cobra.Command, _ []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
	ctx, cluster, stop := f.completing(cmd)
	defer stop()
	if cluster == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names := slices.DeleteFunc(slices.Clone(namespacesOf(ctx, cluster)), func(ns string) bool { return !strings.HasPrefix(ns, toComplete) })
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeContexts completes the contexts of the kubeconfig.
func (f *flags) completeContexts(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	names, err := config.Kubeconfig{Path: f.kubeconfig}.Contexts()
	if err != nil {
		cobra.CompErrorln(err.Error())
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeFilter completes the keys of the query language.
func completeFilter(_ *cobra.Command, _ []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
	before := toComplete[:strings.LastIndex(toComplete, " ")+1]
	var keys []cobra.Completion
	for _, key := range vm.FilterKeys() {
		if strings.HasPrefix(before+key[0], toComplete) {
			keys = append(keys, cobra.CompletionWithDesc(before+key[0], key[1]))
		}
	}
	return keys, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}
