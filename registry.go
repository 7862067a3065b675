package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/text"
)

const registryExitCodes = "Exit codes: 0 done; 1 a registry is not in order; 2 it could not run: bad input, or a file that cannot be read."

// registryCommand deals with the places where packs come from, without a screen.
func registryCommand(f *flags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "registry",
		Short: "Keep the registries that packs of cluster profiles come from",
		Long: "registry deals with the places where packs come from: OCI registries, HTTP chart repositories and folders, besides the Public Repo that is\n" +
			"built in. They are kept in registries.yaml beside the configuration. Logins are those of docker's configuration; none is kept here.\n\n" + registryExitCodes,
		Example: "  vmdeck registry add ours oci://registry.example.com/packs\n  vmdeck registry test ours\n  vmdeck registry packs",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return noRun(fmt.Errorf("there is no %q under registry; there are %s", args[0], strings.Join(subCommands(cmd), ", ")))
		},
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return noRun(err) })
	cmd.AddCommand(registryListCommand(f), registryAddCommand(f), registryTestCommand(f), registryRemoveCommand(f), registryPacksCommand(f))
	return cmd
}

// registries opens the registry that is built in and those that were added.
func (f *flags) registries() (profile.Registries, error) {
	added, err := config.RegistriesBeside(f.config).Read()
	return profile.OpenRegistries(added), err
}

// chosen opens the registries of these names; without names, all.
func (f *flags) chosenRegistries(names []string) (profile.Registries, error) {
	all, err := f.registries()
	if err != nil || len(names) == 0 {
		return all, err
	}
	var out profile.Registries
	for _, name := range names {
		registry, err := all.Find(name)
		if err != nil {
			return nil, err
		}
		out = append(out, registry)
	}
	return out, nil
}

func (f *flags) completeRegistries(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	all, _ := f.registries()
	var out []cobra.Completion
	for _, r := range all {
		out = append(out, r.Name())
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

func registryListCommand(f *flags) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the registries",
		Args:  numArgs(0, 0, "registry list takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := f.registries()
			if err != nil {
				return noRun(err)
			}
			var rows [][]string
			for _, r := range all {
				rows = append(rows, []string{r.Name(), string(r.Kind()), r.Where()})
			}
			return writeTable(cmd.OutOrStdout(), "NAME\tKIND\tWHERE", rows)
		},
	}
}

func registryAddCommand(f *flags) *cobra.Command {
	var entry config.Registry
	var untested bool
	cmd := &cobra.Command{
		Use:   "add NAME ADDRESS",
		Short: "Add a registry, after it was tested",
		Long: "add makes a registry known: oci://host/path, the https:// address of a chart repository, or a folder. It is tested first, and not added when\n" +
			"it cannot be reached or is not in order; --untested adds it all the same.\n\n" + registryExitCodes,
		Example: "  vmdeck registry add ours oci://registry.example.com/packs --pack my-pack\n  vmdeck registry add charts https://charts.example.com\n  vmdeck registry add here ./packs",
		Args:    exactlyNoRun(2, "name the registry and its address, as in: vmdeck registry add ours https://charts.example.com"),
		RunE: func(cmd *cobra.Command, args []string) error {
			entry.Name, entry.URL = args[0], args[1]
			if err := profile.CompleteRegistry(&entry); err != nil {
				return noRun(err)
			}
			registry, err := pack.Open(profile.RegistryConfig(entry))
			if err != nil {
				return noRun(err)
			}
			if !untested {
				found, err := pack.Test(cmd.Context(), registry)
				if err != nil {
					return fmt.Errorf("the registry %s was not added: %w; --untested adds it all the same", entry.Name, err)
				}
				say(cmd.OutOrStdout(), "%s.", found)
			}
			file := config.RegistriesBeside(f.config)
			if err := file.Add(entry); err != nil {
				return noRun(err)
			}
			say(cmd.OutOrStdout(), "The registry %s was added to %s.", entry.Name, file.Path())
			return nil
		},
	}
	cmd.Flags().StringVar(&entry.Kind, "kind", "", "oci, http or folder; default: as the address says")
	cmd.Flags().StringVar(&entry.CAFile, "ca-file", "", "certificate authorities (PEM) that may vouch for the server")
	cmd.Flags().StringSliceVar(&entry.Packs, "pack", nil, "a pack of an OCI registry that does not list what it has; may be repeated")
	cmd.Flags().BoolVar(&untested, "untested", false, "add it without a test")
	completeFlag(cmd, "kind", cobra.FixedCompletions([]string{"oci", "http", "folder"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func registryTestCommand(f *flags) *cobra.Command {
	return &cobra.Command{
		Use:               "test [NAME...]",
		Short:             "Test registries: list their packs and read one",
		Long:              "test tries registries out, all of them where none is named.\n\n" + registryExitCodes,
		ValidArgsFunction: f.completeRegistries,
		RunE: func(cmd *cobra.Command, args []string) error {
			chosen, err := f.chosenRegistries(args)
			if err != nil {
				return noRun(err)
			}
			var failed []error
			for _, r := range chosen {
				found, err := pack.Test(cmd.Context(), r)
				if err != nil {
					failed = append(failed, fmt.Errorf("%s: %w", r.Name(), err))
					continue
				}
				say(cmd.OutOrStdout(), "%s: %s.", r.Name(), found)
			}
			return errors.Join(failed...)
		},
	}
}

func registryRemoveCommand(f *flags) *cobra.Command {
	return &cobra.Command{
		Use:               "remove NAME",
		Short:             "Forget a registry",
		Long:              "remove forgets a registry. Profiles whose packs come from it cannot be applied until it is added again.\n\n" + registryExitCodes,
		Args:              exactlyNoRun(1, "name the registry, as in: vmdeck registry remove ours"),
		ValidArgsFunction: f.completeRegistries,
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] == pack.PublicRepo {
				return noRun(fmt.Errorf("%s is built in and cannot be removed", pack.PublicRepo))
			}
			file := config.RegistriesBeside(f.config)
			found, err := file.Remove(args[0])
			if err == nil && !found {
				err = fmt.Errorf("there is no registry %q; vmdeck registry list names those there are", args[0])
			}
			if err != nil {
				return noRun(err)
			}
			say(cmd.OutOrStdout(), "The registry %s was removed from %s.", args[0], file.Path())
			return nil
		},
	}
}

func registryPacksCommand(f *flags) *cobra.Command {
	return &cobra.Command{
		Use:               "packs [NAME...]",
		Short:             "List the packs of registries, with their versions",
		Long:              "packs lists what registries have, all of them where none is named.\n\n" + registryExitCodes,
		ValidArgsFunction: f.completeRegistries,
		RunE: func(cmd *cobra.Command, args []string) error {
			chosen, err := f.chosenRegistries(args)
			if err != nil {
				return noRun(err)
			}
			return printPacks(cmd.Context(), cmd, chosen)
		},
	}
}

func printPacks(ctx context.Context, cmd *cobra.Command, registries profile.Registries) error {
	table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "REGISTRY\tPACK\tTYPE\tVERSIONS\tDESCRIPTION")
	var failed []error
	for _, r := range registries {
		packs, err := r.Packs(ctx)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", r.Name(), err))
		}
		for _, p := range packs {
			if p.Problem != nil {
				failed = append(failed, fmt.Errorf("%s: %s: %w", r.Name(), p.Name, p.Problem))
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", text.Clean(r.Name()), text.Clean(p.Name), text.Clean(p.Type), text.Clean(strings.Join(p.Versions, ", ")), text.Clean(p.Description))
		}
	}
	return errors.Join(append(failed, table.Flush())...)
}
