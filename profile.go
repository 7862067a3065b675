package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/kube/profile"
)

const profileExitCodes = "Exit codes: 0 done; 1 something was refused or failed, such as the deletion of a profile in use; 2 it could not run: bad input, no\n" +
	"connection, no place where profiles are kept, or a question that nobody was there to answer."

// profileCommand keeps cluster profiles, without a screen.
func profileCommand(f *flags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "profile",
		Short: "Keep cluster profiles: the packs and values that make a cluster a platform for VMs",
		Long: "profile deals with cluster profiles: which packs, with which values, and which manifests make a cluster a platform for VMs. They are kept in\n" +
			"the cluster as custom resources (vmdeck profile install), or in the folder that the configuration names as profiles; the same file works in\n" +
			"both. Versions of a profile live side by side: NAME means the newest, NAME@VERSION a certain one.\n\n" + profileExitCodes,
		Example: "  vmdeck profile install\n  vmdeck profile create -f platform.yaml\n  vmdeck profile edit vm-platform --new-version 1.1.0",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return noRun(fmt.Errorf("there is no %q under profile; there are %s", args[0], strings.Join(subCommands(cmd), ", ")))
		},
	}
	cmd.PersistentFlags().BoolVar(&f.readOnly, "read-only", false, "change nothing")
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return noRun(err) })
	cmd.AddCommand(profileListCommand(f), profileShowCommand(f), profileCreateCommand(f), profileEditCommand(f), profileDeleteCommand(f),
		profileExportCommand(f), profileInstallCommand(f))
	cmd.AddCommand(profileApplyCommands(f)...)
	return cmd
}

// profileDesk is what a command on profiles works with.
type profileDesk struct {
	*profile.Keeper
	registries profile.Registries
}

// profiles opens the context that the flags name for its profiles, and the registries for their packs.
func (f *flags) profiles(ctx context.Context) (*profileDesk, error) {
	return f.profilesIn(ctx, f.context)
}

func (f *flags) profilesIn(ctx context.Context, name string) (*profileDesk, error) {
	noticeDeadConnections()
	kube.SilenceLogs()
	file, err := config.Read(f.config)
	if err != nil {
		return nil, err
	}
	added, err := config.RegistriesBeside(f.config).Read()
	if err != nil {
		return nil, err
	}
	opened, err := opener{flags: *f, kubeconfig: config.Kubeconfig{Path: f.kubeconfig, File: file, UserAgent: "vmdeck/" + version}}.open(ctx, name)
	if err != nil {
		return nil, err
	}
	return &profileDesk{
		Keeper: &profile.Keeper{
			Cluster: opened.Cluster, Profiles: opened.Profiles, ReadOnly: opened.ReadOnly,
			Audit: config.NewAudit(config.AuditPath()), User: binding.UserOf(ctx, opened.Cluster),
		},
		registries: profile.OpenRegistries(added),
	}, nil
}

// list reads all profiles.
func (d *profileDesk) list(ctx context.Context) ([]profile.Stored, error) {
	all, err := d.Profiles.List(ctx)
	return profile.Sorted(all), unkeptProfiles(err)
}

// find reads one profile by NAME or NAME@VERSION.
func (d *profileDesk) find(ctx context.Context, text string) (profile.Stored, []profile.Stored, error) {
	all, err := d.list(ctx)
	if err != nil {
		return profile.Stored{}, nil, err
	}
	name, wanted, _ := strings.Cut(text, "@")
	found, err := profile.Named(all, profile.Ref{Name: name, Version: wanted}, d.Profiles.Where())
	if err != nil {
		return profile.Stored{}, nil, fmt.Errorf("%w; vmdeck profile list names them", err)
	}
	return found, all, nil
}

// unkeptProfiles adds to the fault of a place where profiles are kept what can be done about it.
func unkeptProfiles(err error) error {
	if errors.Is(err, profile.ErrNotInstalled) {
		return fmt.Errorf("%w: vmdeck profile install makes it known; or keep profiles in files, with profiles: FOLDER in the configuration", err)
	}
	return err
}

func profileInstallCommand(f *flags) *cobra.Command {
	var dryRun, print bool
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Make the custom resource of profiles known to the cluster, or bring it up to date",
		Args:  numArgs(0, 0, "profile install takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if print {
				_, err := cmd.OutOrStdout().Write(profile.Definition())
				return err
			}
			desk, err := f.profiles(cmd.Context())
			if err != nil {
				return noRun(err)
			}
			if err := desk.Install(cmd.Context(), dryRun); err != nil {
				return err
			}
			done := "The cluster knows the custom resource clusterprofiles.vmdeck.dev."
			if dryRun {
				done = "The server would accept the custom resource clusterprofiles.vmdeck.dev."
			}
			fmt.Fprintln(cmd.OutOrStdout(), done)
			return nil
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "have the server try it, and change nothing")
	cmd.Flags().BoolVar(&print, "print", false, "print it as YAML instead, for kubectl apply and the like")
	return cmd
}

// completeProfiles completes NAME@VERSION.
func (f *flags) completeProfiles(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	desk, err := f.profiles(cmd.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	all, err := desk.list(cmd.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []cobra.Completion
	for _, s := range all {
		if s.Err == nil {
			out = append(out, cobra.CompletionWithDesc(s.Value.Name+"@"+s.Value.Version, s.Value.Description))
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
