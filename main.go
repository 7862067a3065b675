// Command vmdeck is a terminal UI for people who operate KubeVirt virtual machines.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	tea "charm.land/bubbletea/v2"
	"github.com/spf13/cobra"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/views/app"
)

// version is set when the program is built.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := root().ExecuteContext(ctx); err != nil {
		if text := err.Error(); text != "" {
			fmt.Fprintln(os.Stderr, "vmdeck:", text)
		}
		os.Exit(exitCode(err))
	}
}

func root() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:           "vmdeck",
		Short:         "Operate KubeVirt virtual machines from the terminal",
		Long:          "vmdeck shows every virtual machine you may see, live, and everything you may do to them.",
		Args:          cobra.NoArgs,
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), f) },
	}
	shared := cmd.PersistentFlags()
	shared.StringVar(&f.kubeconfig, "kubeconfig", "", "kubeconfig to use; default: KUBECONFIG or ~/.kube/config")
	shared.StringVar(&f.context, "context", "", "kubeconfig context; default: the current one")
	cmd.Flags().StringVarP(&f.namespace, "namespace", "n", "", "watch this namespace only")
	cmd.Flags().BoolVarP(&f.all, "all-namespaces", "A", false, "watch all namespaces (the default)")
	cmd.Flags().BoolVar(&f.readOnly, "read-only", false, "change nothing")
	shared.StringVar(&f.config, "config", "", "configuration file; default: "+config.DefaultPath())
	cmd.MarkFlagsMutuallyExclusive("namespace", "all-namespaces")
	addRightsCommands(cmd, &f)
	cmd.AddCommand(vmCommand(&f), bindingsCommand(&f), templateCommand(&f), profileCommand(&f), registryCommand(&f))
	completeFlag(cmd, "context", f.completeContexts)
	cmd.AddCommand(validateCommand(&f))
	return cmd
}

type flags struct {
	kubeconfig, context, namespace, config string
	all, readOnly                          bool
}

// run opens the first context and shows the screens until the user leaves.
func run(ctx context.Context, f flags) error {
	kube.SilenceLogs()
	noticeDeadConnections()
	file, err := config.Read(f.config)
	if err != nil {
		return err
	}
	if !isTerminal(os.Stdin) || !isTerminal(os.Stdout) {
		return errors.New("standard input and output must be a terminal")
	}
	said, restore, err := divertStderr() // before connecting, when client-go takes standard error for its plugins
	if err != nil {
		return err
	}
	defer restore()
	opener := opener{flags: f, kubeconfig: config.Kubeconfig{Path: f.kubeconfig, File: file, UserAgent: "vmdeck/" + version}}
	first, err := opener.open(ctx, f.context)
	if err != nil {
		return err
	}
	terminal := terminalOf(file, os.Getenv)
	model := app.New(ctx, app.Options{
		Theme: terminal.theme, Open: opener.openAs, Users: opener.kubeconfig.Users, Contexts: opener.kubeconfig.Contexts, ConfigFile: cmp.Or(f.config, config.DefaultPath()),
		Audit: config.NewAudit(config.AuditPath()), Shell: terminal.shell,
		Registries: config.RegistriesBeside(f.config), Drafts: config.DraftsPath(),
	}, first)
	defer model.Close()
	program := tea.NewProgram(model, append(terminal.shell.ProgramOptions(), tea.WithContext(ctx))...)
	go func() {
		for line := range said {
			program.Send(app.Said{Line: line})
		}
	}()
	_, err = program.Run()
	switch {
	case errors.Is(err, tea.ErrProgramPanic):
		return fmt.Errorf("a fault of vmdeck ended the program; please report what stands above: %w", err)
	case errors.Is(err, tea.ErrInterrupted), ctx.Err() != nil:
		return nil
	}
	return err
}
