package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/text"
)

func profileListCommand(f *flags) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the profiles and their versions",
		Args:  numArgs(0, 0, "profile list takes no arguments; profile show takes a name"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(output, manyFormats...); err != nil {
				return noRun(err)
			}
			desk, err := f.profiles(cmd.Context())
			if err != nil {
				return noRun(err)
			}
			all, err := desk.list(cmd.Context())
			if err != nil {
				return noRun(err)
			}
			for _, s := range all {
				if s.Err != nil {
					say(cmd.ErrOrStderr(), "Note: the profile %s cannot be used: %v", s.Name, s.Err)
				}
			}
			return printProfiles(cmd.OutOrStdout(), output, all, desk.Profiles.Where())
		},
	}
	addOutput(cmd, &output, manyFormats...)
	return cmd
}

func printProfiles(w io.Writer, output string, all []profile.Stored, where string) error {
	switch output {
	case "table":
		return tableOfProfiles(w, all, where)
	case "name":
		for _, s := range all {
			if s.Err == nil {
				fmt.Fprintln(w, s.Value.Name+"@"+s.Value.Version)
			}
		}
		return nil
	}
	var manifests [][]byte
	for _, s := range all {
		if s.Err != nil {
			continue
		}
		data, err := s.Value.Manifest()
		if err != nil {
			return err
		}
		manifests = append(manifests, data)
	}
	return encodeManifests(w, output, manifests)
}

func tableOfProfiles(w io.Writer, all []profile.Stored, where string) error {
	if len(all) == 0 {
		_, err := fmt.Fprintf(w, "There are no profiles in %s.\n", text.Clean(where))
		return err
	}
	var rows [][]string
	for _, s := range all {
		cells := []string{s.Name, "", "", "", "cannot be used"}
		if p := s.Value; s.Err == nil {
			cells = []string{p.Name, p.Version, p.Type, packsOf(p), p.Description}
		}
		rows = append(rows, cells)
	}
	return writeTable(w, "NAME\tVERSION\tTYPE\tPACKS\tDESCRIPTION", rows)
}

func packsOf(p profile.Profile) string {
	var out []string
	for _, r := range p.Packs {
		out = append(out, r.Name+" "+r.Version)
	}
	return strings.Join(out, ", ")
}

func profileShowCommand(f *flags) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "show NAME[@VERSION]",
		Short: "Show a profile: its packs, what was changed from their defaults, and where it is in use",
		Long: "show prints a profile in the order in which it is installed, with the presets that were chosen, what was changed from the defaults of the\n" +
			"packs, and what keeps it from being applied. -o yaml prints it as it is kept.\n\n" + profileExitCodes,
		Args:              exactlyNoRun(1, "name the profile, as in: vmdeck profile show vm-platform"),
		ValidArgsFunction: f.completeProfiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(output, oneFormats...); err != nil {
				return noRun(err)
			}
			desk, err := f.profiles(cmd.Context())
			if err != nil {
				return noRun(err)
			}
			s, all, err := desk.find(cmd.Context(), args[0])
			switch {
			case err != nil:
				return noRun(err)
			case s.Err != nil:
				return fmt.Errorf("the profile %s cannot be used: %w", s.Name, s.Err)
			case output == "yaml" || output == "json":
				data, err := s.Value.Manifest()
				if err != nil {
					return err
				}
				return encodeManifest(cmd.OutOrStdout(), output, data)
			}
			desk.print(cmd.Context(), cmd.OutOrStdout(), s.Value, profile.Versions(all, s.Value.Name))
			return nil
		},
	}
	addOutput(cmd, &output, oneFormats...)
	return cmd
}

func (d *profileDesk) print(ctx context.Context, w io.Writer, p profile.Profile, versions []profile.Stored) {
	say(w, "Profile      %s", p.Name)
	say(w, "Version      %s", p.Version)
	if p.Description != "" {
		say(w, "Description  %s", p.Description)
	}
	say(w, "Type         %s", p.Type)
	var others []string
	for _, s := range versions {
		if s.Value.Version != p.Version {
			others = append(others, s.Value.Version)
		}
	}
	if len(others) > 0 {
		say(w, "Versions     also %s", strings.Join(others, ", "))
	}
	resolved, problems := profile.Resolve(ctx, p, d.registries)
	if names := resolved.VMNamespaces(); len(names) > 0 {
		say(w, "Namespaces   %s", strings.Join(names, ", "))
	}
	printLayers(w, resolved)
	for _, problem := range append(problems, resolved.Problems()...) {
		say(w, "To do: %s", problem.Text)
	}
	for _, warning := range resolved.Warnings() {
		say(w, "Note: %s", warning)
	}
	uses, err := profile.InUse(ctx, d.Cluster, p.Ref())
	switch {
	case err != nil:
		say(w, "Note: %v.", strings.TrimSuffix(err.Error(), "."))
	case len(uses) == 0:
		say(w, "Not in use on %s.", d.Cluster.Target().Context)
	}
	for _, u := range uses {
		say(w, "In use on %s: %s", d.Cluster.Target().Context, u)
	}
}

// printLayers prints manifests and packs in the order of installation.
func printLayers(w io.Writer, r profile.Resolved) {
	for _, m := range r.Profile.Manifests {
		from := m.URL + m.File
		if from == "" {
			from = "written in the profile"
		}
		say(w, "\nManifest %s: %s", m.Name, from)
		if m.UnlessServed != "" {
			say(w, "  left alone where the cluster serves %s", m.UnlessServed)
		}
	}
	for _, v := range r.Review() {
		p, ref := v.Layer.Pack, v.Layer.Ref
		say(w, "\nPack %s %s (%s), from %s, into the namespace %s", p.DisplayName, p.Version, p.Type, ref.Registry, v.Layer.Namespace)
		if ref.RequiredBy != "" {
			say(w, "  came along with %s", ref.RequiredBy)
		}
		for _, c := range v.Choices {
			say(w, "  %s", c)
		}
		for _, need := range v.Filled {
			value, _ := pack.Lookup(v.Layer.Values, need.At())
			say(w, "  %s: %s", need.Title, pack.Show(value))
		}
		for _, c := range v.Changes {
			say(w, "  ~ %s", c)
		}
	}
	fmt.Fprintln(w)
}

func profileExportCommand(f *flags) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "export NAME[@VERSION]",
		Short: "Print a profile as YAML, for a file, for git, or for another cluster",
		Long: "export prints a profile as profile create -f, a folder of profiles, and kubectl apply take it. With --all it prints every version, the\n" +
			"oldest first.\n\n" + profileExitCodes,
		Example:           "  vmdeck profile export vm-platform > vm-platform.yaml\n  vmdeck profile export vm-platform --all | vmdeck profile create -f - --context other",
		Args:              exactlyNoRun(1, "name the profile, as in: vmdeck profile export vm-platform"),
		ValidArgsFunction: f.completeProfiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			if all && strings.Contains(args[0], "@") {
				return noRun(errors.New("--all means every version: name the profile without one"))
			}
			desk, err := f.profiles(cmd.Context())
			if err != nil {
				return noRun(err)
			}
			s, kept, err := desk.find(cmd.Context(), args[0])
			if err != nil {
				return noRun(err)
			}
			if s.Err != nil {
				return fmt.Errorf("the profile %s cannot be used: %w", s.Name, s.Err)
			}
			wanted := []profile.Stored{s}
			if all {
				wanted = profile.Versions(kept, s.Value.Name)
			}
			var documents [][]byte
			for i := range wanted {
				data, err := wanted[len(wanted)-1-i].Value.Manifest()
				if err != nil {
					return err
				}
				documents = append(documents, data)
			}
			_, err = cmd.OutOrStdout().Write(bytes.Join(documents, []byte("---\n")))
			return err
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "all versions of the profile")
	return cmd
}
