package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"vmdeck.dev/vmdeck/kube/profile"
)

func profileEditCommand(f *flags) *cobra.Command {
	var c profileChange
	var file, newVersion string
	cmd := &cobra.Command{
		Use:   "edit NAME[@VERSION]",
		Short: "Change a profile in an editor, or make its next version",
		Long: "edit opens the profile in an editor (VISUAL or EDITOR), or with -f takes it from a file. It is completed and checked as profile create does\n" +
			"it, and what somebody else has changed meanwhile is not overwritten. With --new-version it leaves the version that there is as it is, and\n" +
			"makes another one of it.\n\n" + profileExitCodes,
		Example:           "  vmdeck profile edit vm-platform\n  vmdeck profile edit vm-platform --new-version 1.1.0\n  vmdeck profile edit vm-platform@1.0.0 -f platform.yaml",
		Args:              exactlyNoRun(1, "name the profile, as in: vmdeck profile edit vm-platform"),
		ValidArgsFunction: f.completeProfiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			c.ask, c.out = consoleOf(cmd), cmd.OutOrStdout()
			ctx, stop := interruptible(cmd.Context())
			defer stop()
			desk, err := f.profiles(ctx)
			if err != nil {
				return noRun(err)
			}
			e, err := c.begin(ctx, desk, args[0], newVersion)
			if err != nil {
				return noRun(err)
			}
			if file != "" {
				given, err := givenProfiles(cmd.InOrStdin(), file)
				if err != nil {
					return noRun(err)
				}
				return e.save(ctx, given)
			}
			if !isTerminal(os.Stdin) || !isTerminal(os.Stdout) {
				return noRun(errors.New("an editor needs a terminal; vmdeck profile edit -f FILE takes the profile from a file"))
			}
			return e.open(ctx)
		},
	}
	cmd.Flags().StringVarP(&file, "filename", "f", "", "file with the profile as it is to be; - for standard input")
	cmd.Flags().StringVar(&newVersion, "new-version", "", "make this version, and leave the other as it is")
	cmd.Flags().BoolVar(&c.dryRun, "dry-run", false, "say what would happen, and change nothing")
	cmd.Flags().BoolVar(&c.unchecked, "unchecked", false, "do not look into the packs")
	return cmd
}

// profileEdit is a profile that is being changed.
type profileEdit struct {
	*profileChange
	desk   *profileDesk
	before profile.Profile
	// version is that of the stored object; empty: a new version is made.
	version string
}

func (c *profileChange) begin(ctx context.Context, d *profileDesk, text, newVersion string) (*profileEdit, error) {
	if d.ReadOnly != "" && !c.dryRun {
		return nil, errors.New("nothing was changed: " + d.ReadOnly)
	}
	s, _, err := d.find(ctx, text)
	if err != nil {
		return nil, err
	}
	if s.Err != nil {
		return nil, fmt.Errorf("the profile %s cannot be used: %w", s.Name, s.Err)
	}
	e := &profileEdit{profileChange: c, desk: d, before: s.Value, version: s.Version}
	if newVersion != "" {
		e.version = ""
		if e.before.Version, err = profile.NormalVersion(newVersion); err != nil {
			return nil, err
		}
		return e, profile.AskCreate(ctx, d.Cluster, d.Profiles)
	}
	return e, nil
}

// open lets the user edit until the profile is good or the user gives up; what was wrong stands above the text then.
func (e *profileEdit) open(ctx context.Context) error {
	manifest, err := e.before.Manifest()
	if err != nil {
		return err
	}
	head, body := "", string(manifest)
	for {
		d, err := openEditor(ctx, e.before.Ref().ObjectName(), head+body)
		if err != nil {
			return err
		}
		body = strings.TrimPrefix(d.text, head)
		if body == string(manifest) && e.version != "" {
			say(e.out, "Nothing was changed.")
			return d.discard()
		}
		given, err := decodeProfiles([]byte(body), "your text")
		if err == nil {
			err = e.save(ctx, given)
		}
		if err == nil {
			return d.discard()
		}
		say(e.ask.out, "%v", err)
		if again := e.ask.question(ctx, "Edit it again? [y/N] ", func(answer string) bool { return strings.EqualFold(answer, "y") }); again != nil {
			return d.keep(err)
		}
		if err := d.discard(); err != nil {
			return err
		}
		head = "# " + strings.ReplaceAll(err.Error(), "\n", "\n# ") + "\n"
	}
}

func (e *profileEdit) save(ctx context.Context, given []profile.Profile) error {
	if len(given) != 1 || given[0].Ref() != e.before.Ref() {
		return noRun(fmt.Errorf("this is not the profile %s alone; --new-version makes another version of it, and profile create another profile", e.before.Ref()))
	}
	p, err := e.ready(ctx, e.desk, given[0])
	if err != nil {
		return noRun(fmt.Errorf("the profile %s was not changed: %w", p.Ref(), err))
	}
	if e.version == "" {
		if err := e.desk.unknown(ctx, []profile.Profile{p}); err != nil {
			return err
		}
	}
	if e.dryRun {
		say(e.out, "The profile %s would be kept in %s (dry run, nothing was changed).", p.Ref(), e.desk.Profiles.Where())
		return nil
	}
	if _, err := e.desk.Save(ctx, p, e.version); err != nil {
		return unkeptProfiles(err)
	}
	say(e.out, "The profile %s is kept in %s.", p.Ref(), e.desk.Profiles.Where())
	return nil
}
