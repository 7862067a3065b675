package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/spf13/cobra"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
)

// profileChange is how a command that changes profiles was called.
type profileChange struct {
	bindingsChange
	unchecked bool
}

func profileCreateCommand(f *flags) *cobra.Command {
	var c profileChange
	var file string
	cmd := &cobra.Command{
		Use:   "create -f FILE",
		Short: "Keep new profiles, or new versions of profiles",
		Long: "create keeps the profiles of a file. Packs that their packs need are added by themselves, and it says so; values that a pack refuses, or\n" +
			"that are still to be filled in, are refused with the reason. --unchecked keeps a profile without looking into its packs, for places from\n" +
			"where a registry cannot be reached.\n\n" + profileExitCodes,
		Example: "  vmdeck profile create -f platform.yaml --dry-run\n  vmdeck profile create -f - < platform.yaml",
		Args:    numArgs(0, 0, "profile create takes its profiles from -f FILE, or -f - for standard input"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if file == "" {
				return noRun(errors.New("name the file of the profile: -f FILE, or -f - for standard input"))
			}
			given, err := givenProfiles(cmd.InOrStdin(), file)
			if err != nil {
				return noRun(err)
			}
			c.out = cmd.OutOrStdout()
			ctx, stop := interruptible(cmd.Context())
			defer stop()
			desk, err := f.profiles(ctx)
			if err != nil {
				return noRun(err)
			}
			return c.create(ctx, desk, given)
		},
	}
	cmd.Flags().StringVarP(&file, "filename", "f", "", "file with profiles; - for standard input")
	cmd.Flags().BoolVar(&c.dryRun, "dry-run", false, "say what would happen, and change nothing")
	cmd.Flags().BoolVar(&c.unchecked, "unchecked", false, "do not look into the packs")
	return cmd
}

// create completes and checks all profiles before it keeps the first.
func (c *profileChange) create(ctx context.Context, d *profileDesk, given []profile.Profile) error {
	if d.ReadOnly != "" && !c.dryRun {
		return noRun(errors.New("nothing was changed: " + d.ReadOnly))
	}
	if err := profile.AskCreate(ctx, d.Cluster, d.Profiles); err != nil {
		return err
	}
	for i, p := range given {
		ready, err := c.ready(ctx, d, p)
		if err != nil {
			return noRun(fmt.Errorf("the profile %s was not kept: %w", p.Ref(), err))
		}
		given[i] = ready
	}
	if err := d.unknown(ctx, given); err != nil {
		return err
	}
	for _, p := range given {
		if c.dryRun {
			say(c.out, "The profile %s would be kept in %s (dry run, nothing was changed).", p.Ref(), d.Profiles.Where())
			continue
		}
		if _, err := d.Save(ctx, p, ""); err != nil {
			return unkeptProfiles(err)
		}
		say(c.out, "The profile %s is kept in %s.", p.Ref(), d.Profiles.Where())
	}
	return nil
}

// unknown makes sure that none of the profiles is kept already, before the first is. Who may not list profiles hears it from the server.
func (d *profileDesk) unknown(ctx context.Context, given []profile.Profile) error {
	all, err := d.list(ctx)
	if err != nil && kube.Classify(err) != kube.KindForbidden && !errors.Is(err, fs.ErrNotExist) { // a folder is made when it is needed
		return noRun(err)
	}
	for _, p := range given {
		if _, found := profile.Find(all, p.Name, p.Version); found {
			return fmt.Errorf("nothing was kept: %s: %w", p.Ref(), profile.ErrExists)
		}
	}
	return nil
}

// ready is the profile with the packs that it needs, or why it cannot be applied as it is.
func (c *profileChange) ready(ctx context.Context, d *profileDesk, p profile.Profile) (profile.Profile, error) {
	if c.unchecked {
		return p, nil
	}
	p, did, err := profile.Complete(ctx, p, d.registries)
	if err != nil {
		return p, err
	}
	for _, sentence := range did {
		say(c.out, "%s", sentence)
	}
	resolved, err := profile.Check(ctx, p, d.registries)
	if err != nil {
		return p, err
	}
	for _, warning := range resolved.Warnings() {
		say(c.out, "Note: %s", warning)
	}
	return p, nil
}

// givenProfiles reads the profiles of a file or of standard input, all of which must be good.
func givenProfiles(in io.Reader, path string) ([]profile.Profile, error) {
	data, name, err := readGiven(in, path)
	if err != nil {
		return nil, fmt.Errorf("read the profile: %w", err)
	}
	return decodeProfiles(data, name)
}

func decodeProfiles(data []byte, name string) ([]profile.Profile, error) {
	var out []profile.Profile
	var wrong []error
	seen := map[profile.Ref]bool{}
	for _, s := range profile.Decode(data, name) {
		if s.Err == nil && seen[s.Value.Ref()] {
			s.Err = fmt.Errorf("%s: the profile %s stands there twice", name, s.Value.Ref())
		}
		seen[s.Value.Ref()] = true
		wrong, out = append(wrong, s.Err), append(out, s.Value)
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("there is no profile in %s; vmdeck profile export prints what one looks like", name)
	}
	return out, nil
}

func profileDeleteCommand(f *flags) *cobra.Command {
	var c profileChange
	cmd := &cobra.Command{
		Use:   "delete NAME[@VERSION]",
		Short: "Delete a version of a profile that is not in use",
		Long: "delete removes a version of a profile from where it is kept. One that the cluster of the context uses is refused. Where that cannot be\n" +
			"found out it says so and asks; --unchecked answers that beforehand.\n\n" + profileExitCodes,
		Args:              exactlyNoRun(1, "name the profile, as in: vmdeck profile delete vm-platform@1.0.0"),
		ValidArgsFunction: f.completeProfiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			c.ask, c.out = consoleOf(cmd), cmd.OutOrStdout()
			ctx, stop := interruptible(cmd.Context())
			defer stop()
			desk, err := f.profiles(ctx)
			if err != nil {
				return noRun(err)
			}
			return c.delete(ctx, desk, args[0])
		},
	}
	c.addFlags(cmd)
	cmd.Flags().BoolVar(&c.unchecked, "unchecked", false, "delete it also when it cannot be found out whether it is in use")
	return cmd
}

func (c *profileChange) delete(ctx context.Context, d *profileDesk, text string) error {
	if d.ReadOnly != "" && !c.dryRun {
		return noRun(errors.New("nothing was changed: " + d.ReadOnly))
	}
	s, all, err := d.find(ctx, text)
	if err != nil {
		return noRun(err)
	}
	if versions := profile.Versions(all, text); len(versions) > 1 {
		return noRun(fmt.Errorf("the profile %s has %d versions; name the one to delete, as in %s@%s", text, len(versions), text, versions[len(versions)-1].Value.Version))
	}
	title := s.Name
	if s.Err == nil {
		title = s.Value.Ref().String()
	}
	question, unchecked := fmt.Sprintf("Delete the profile %s from %s?", title, d.Profiles.Where()), false
	switch err := d.Deletable(ctx, s); {
	case errors.Is(err, profile.ErrInUse):
		return fmt.Errorf("nothing was deleted: %w", err)
	case err != nil && c.yes && !c.unchecked:
		return fmt.Errorf("nothing was deleted: %w; --unchecked deletes it all the same", err)
	case err != nil:
		unchecked, question = true, question+" Nobody could check whether it is in use."
		say(c.out, "Note: %v.", err)
	}
	if c.dryRun {
		say(c.out, "The profile %s would be deleted (dry run, nothing was changed).", title)
		return nil
	}
	if err := c.confirm(ctx, question); err != nil {
		return err
	}
	if err := d.Delete(ctx, s, unchecked); err != nil {
		return err
	}
	say(c.out, "The profile %s was deleted.", title)
	return nil
}
