package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/ui/text"
)

func profileStatusCommand(f *flags) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "status NAME[@VERSION]",
		Short: "Say how a profile is on the cluster: its releases and their objects, and what it can be rolled back to",
		Long: "status reads Helm's releases and the live objects; it needs no right to change anything. With a version it also says whether that is the\n" +
			"one on the cluster.\n\n" + profileApplyCodes,
		Args: exactlyNoRun(1, "name the profile, as in: vmdeck profile status vm-platform"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(output, oneFormats...); err != nil {
				return noRun(err)
			}
			desk, err := f.profiles(cmd.Context())
			if err != nil {
				return noRun(err)
			}
			a := desk.applier()
			name, version, _ := strings.Cut(args[0], "@")
			status, err := a.Status(cmd.Context(), name, a.LikelyNamespaces()...)
			if err != nil {
				return noRun(err)
			}
			if output == "text" {
				printStatus(cmd.OutOrStdout(), status)
			} else if err := encode(cmd.OutOrStdout(), output, statusObject(status)); err != nil {
				return err
			}
			if version != "" && status.State != apply.NotApplied && profile.CompareVersions(version, status.Version) != 0 {
				return fmt.Errorf("the profile %s is on %s in version %s and not %s", name, a.Cluster.Target().Context, status.Version, version)
			}
			if status.State == apply.NotApplied {
				if err := desk.known(cmd.Context(), name); err != nil {
					return err
				}
			}
			if status.State != apply.Running {
				return fmt.Errorf("the profile %s is not running on %s: %s", name, a.Cluster.Target().Context, status.State)
			}
			return nil
		},
	}
	addOutput(cmd, &output, oneFormats...)
	return cmd
}

// known says that no profile of a name is kept, as far as the profiles may be read.
func (d *profileDesk) known(ctx context.Context, name string) error {
	all, err := d.list(ctx)
	if _, found := profile.Find(all, name, ""); found || err != nil {
		return nil
	}
	return fmt.Errorf("there is no profile %q in %s, and nothing of one on %s; vmdeck profile list names those there are", name, d.Profiles.Where(), d.Cluster.Target().Context)
}

func printStatus(w io.Writer, s *apply.Status) {
	say(w, "Profile   %s", s.Profile)
	if s.State == apply.NotApplied {
		say(w, "Status    %s", s.State)
		return
	}
	say(w, "Version   %s", s.Version)
	say(w, "Revision  %d", s.Revision)
	line := s.State.String()
	if s.Text != "" {
		line += ": " + s.Text
	}
	say(w, "Status    %s", line)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nRELEASE\tCHART\tREVISION\tHELM\tSTATUS\tUPDATED")
	for _, l := range s.Layers {
		fmt.Fprintf(table, "%s\t%s\t%d\t%s\t%s\t%s\n", text.Clean(l.Namespace+"/"+l.Release), text.Clean(l.Chart+" "+l.Version), l.Revision, l.Helm, l.State,
			l.Updated.Local().Format(time.DateTime))
	}
	_ = table.Flush()
	for _, l := range s.Layers {
		for _, o := range l.Objects {
			if o.State != apply.Running {
				say(w, "%s: %s: %s: %s", l.Release, o.Object, o.State, o.Text)
			}
		}
	}
	if len(s.Revisions) > 1 {
		say(w, "\nRevisions")
	}
	for _, r := range s.Revisions {
		if len(s.Revisions) > 1 {
			say(w, "  %d  version %s, %s", r.Number, r.Version, r.Time.Local().Format(time.DateTime))
		}
	}
	for _, note := range s.Notes {
		say(w, "Note: %s", note)
	}
}

// statusObject is a status for programs.
func statusObject(s *apply.Status) map[string]any {
	layers := []any{}
	for _, l := range s.Layers {
		objects := []any{}
		for _, o := range l.Objects {
			objects = append(objects, map[string]any{"object": o.Object.String(), "status": o.State.String(), "message": o.Text})
		}
		layers = append(layers, map[string]any{
			"release": l.Release, "namespace": l.Namespace, "chart": l.Chart, "version": l.Version, "revision": l.Revision,
			"helm": l.Helm, "status": l.State.String(), "message": l.Text, "updated": l.Updated.UTC().Format(time.RFC3339), "objects": objects,
		})
	}
	revisions := []any{}
	for _, r := range s.Revisions {
		revisions = append(revisions, map[string]any{"revision": r.Number, "version": r.Version, "time": r.Time.UTC().Format(time.RFC3339)})
	}
	return map[string]any{
		"profile": s.Profile, "version": s.Version, "revision": s.Revision, "status": s.State.String(), "message": s.Text,
		"layers": layers, "revisions": revisions,
	}
}
