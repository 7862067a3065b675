package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/kube/template"
)

func templateCreateCommand(f *flags) *cobra.Command {
	var file string
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "create -f FILE",
		Short: "Make templates",
		Long: "create makes the VmTemplates of a file. Before, it has the server try a VM of each in the namespace of -n, else of the context, else default,\n" +
			"and tells what would be wrong with it. One that is there already is left alone: vmdeck template edit changes it.\n\n" + templateExitCodes,
		Args: exactlyNoRun(0, "template create takes its templates from -f FILE, or -f - for standard input"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, err := givenTemplates(cmd.InOrStdin(), file)
			if err != nil {
				return noRun(err)
			}
			keeper, namespace, err := f.templates(cmd.Context())
			if err != nil {
				return noRun(err)
			}
			var failed []error
			for _, t := range list {
				err := saveTemplate(cmd.Context(), keeper, t.WithVersion(""), namespace, dryRun, cmd.OutOrStdout(), cmd.ErrOrStderr())
				if errors.Is(err, template.ErrNoKind) {
					return noRun(err)
				}
				failed = append(failed, err)
			}
			return errors.Join(failed...)
		},
	}
	cmd.Flags().StringVarP(&file, "filename", "f", "", "file with templates; - for standard input")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "have the server check it without making it")
	return cmd
}

// givenTemplates reads the templates of a file or of standard input, all of which must be good.
func givenTemplates(in io.Reader, file string) ([]template.Template, error) {
	if file == "" {
		return nil, errors.New("name the file of the templates: -f FILE, or -f - for standard input")
	}
	data, name, err := readGiven(in, file)
	if err != nil {
		return nil, fmt.Errorf("read the templates: %w", err)
	}
	return template.Parse(data, name)
}

// saveTemplate makes or changes a template, and tells what would be wrong with VMs of it.
func saveTemplate(ctx context.Context, k *template.Keeper, t template.Template, namespace string, dryRun bool, out, notes io.Writer) error {
	if _, err := k.Save(ctx, t, true); err != nil {
		return err
	}
	if err := k.Check(ctx, t.Trial(cmp.Or(namespace, metav1.NamespaceDefault))); err != nil && !errors.Is(err, template.ErrForbidden) {
		say(notes, "Note: %v", err)
	}
	made, changed := "made", "would make"
	if t.ResourceVersion != "" {
		made, changed = "changed", "would change"
	}
	if dryRun {
		say(out, "The server %s the template %s (dry run, nothing was changed).", changed, t.Name)
		return nil
	}
	if _, err := k.Save(ctx, t, false); err != nil {
		return err
	}
	say(out, "The template %s was %s.", t.Name, made)
	return nil
}

func templateEditCommand(f *flags) *cobra.Command {
	var file string
	var c bindingsChange
	cmd := &cobra.Command{
		Use:   "edit NAME",
		Short: "Change a template in an editor, or to what a file says",
		Long: "edit opens the template in an editor (VISUAL or EDITOR), or with -f takes it from a file. What somebody else has changed meanwhile is not\n" +
			"overwritten: a file has to be of the version that is there, unless it says none. VMs that were made of the template stay as they are.\n\n" + templateExitCodes,
		Args:              exactlyNoRun(1, "name the template, as in: vmdeck template edit alpine"),
		ValidArgsFunction: f.completeTemplates,
		RunE: func(cmd *cobra.Command, args []string) error {
			c.ask, c.out = consoleOf(cmd), cmd.OutOrStdout()
			c.ask.terminal = c.ask.terminal && file != "-"
			ctx, stop := interruptible(cmd.Context())
			defer stop()
			keeper, namespace, err := f.templates(ctx)
			if err != nil {
				return noRun(err)
			}
			if file == "" {
				return editTemplate(ctx, keeper, args[0], namespace, c.dryRun, c.out, cmd.ErrOrStderr())
			}
			list, err := givenTemplates(cmd.InOrStdin(), file)
			if err != nil {
				return noRun(err)
			}
			return c.replace(ctx, keeper, list, args[0], namespace, cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVarP(&file, "filename", "f", "", "file with the template as it is to be; - for standard input")
	c.addFlags(cmd)
	return cmd
}

// replace changes a template to the one of a file, after asking.
func (c *bindingsChange) replace(ctx context.Context, k *template.Keeper, list []template.Template, name, namespace string, notes io.Writer) error {
	if len(list) != 1 || list[0].Name != name {
		return noRun(fmt.Errorf("the file must hold the template %s and no other", name))
	}
	before, err := template.Get(ctx, k.Cluster, name)
	if err != nil {
		return unreadTemplates(err)
	}
	if err := k.AdmitWrite(ctx, "update", name); err != nil && !c.dryRun {
		return err
	}
	warnOfOwner(notes, before)
	after := list[0].WithVersion(cmp.Or(list[0].ResourceVersion, before.ResourceVersion))
	if !c.dryRun {
		if err := c.confirm(ctx, fmt.Sprintf("Change the template %s in context %s?", name, k.Cluster.Target().Context)); err != nil {
			return err
		}
	}
	return saveTemplate(ctx, k, after, namespace, c.dryRun, c.out, notes)
}

func warnOfOwner(notes io.Writer, t template.Template) {
	if t.Owner != "" {
		say(notes, "Note: the template %s belongs to %s, whose next upgrade may undo the change.", t.Name, t.Owner)
	}
}

func editTemplate(ctx context.Context, k *template.Keeper, name, namespace string, dryRun bool, out, notes io.Writer) error {
	before, err := template.Get(ctx, k.Cluster, name)
	if err != nil {
		return unreadTemplates(err)
	}
	if err := k.AdmitWrite(ctx, "update", name); err != nil && !dryRun {
		return err
	}
	warnOfOwner(notes, before)
	manifest, err := before.Manifest()
	if err != nil {
		return err
	}
	draft, err := edit(ctx, name, manifest)
	if err != nil {
		return noRun(err)
	}
	if draft.text == manifest {
		say(out, "The template %s was not changed.", name)
		return draft.discard()
	}
	list, err := template.Parse([]byte(draft.text), "what you wrote")
	switch {
	case err != nil:
		return noRun(draft.keep(err))
	case len(list) != 1 || list[0].Name != name:
		return noRun(draft.keep(fmt.Errorf("the name of a template cannot be changed: it is %s", name)))
	}
	if err := saveTemplate(ctx, k, list[0].WithVersion(before.ResourceVersion), namespace, dryRun, out, notes); err != nil {
		return draft.keep(err)
	}
	return draft.discard()
}

func templateDeleteCommand(f *flags) *cobra.Command {
	var c bindingsChange
	cmd := &cobra.Command{
		Use:               "delete NAME",
		Short:             "Delete a template",
		Long:              "delete removes a template from the catalogue. VMs that were made of it stay.\n\n" + templateExitCodes,
		Args:              exactlyNoRun(1, "name the template, as in: vmdeck template delete alpine"),
		ValidArgsFunction: f.completeTemplates,
		RunE: func(cmd *cobra.Command, args []string) error {
			c.ask, c.out = consoleOf(cmd), cmd.OutOrStdout()
			ctx, stop := interruptible(cmd.Context())
			defer stop()
			keeper, _, err := f.templates(ctx)
			if err != nil {
				return noRun(err)
			}
			t, err := template.Get(ctx, keeper.Cluster, args[0])
			if err != nil {
				return unreadTemplates(err)
			}
			warnOfOwner(cmd.ErrOrStderr(), t)
			if err := keeper.Delete(ctx, t, true); err != nil || c.dryRun {
				if err == nil {
					say(c.out, "The server would delete the template %s (dry run, nothing was changed).", t.Name)
				}
				return err
			}
			if err := c.confirm(ctx, fmt.Sprintf("Delete the template %s in context %s?", t.Name, keeper.Cluster.Target().Context)); err != nil {
				return err
			}
			if err := keeper.Delete(ctx, t, false); err != nil {
				return err
			}
			say(c.out, "The template %s was deleted.", t.Name)
			return nil
		},
	}
	c.addFlags(cmd)
	return cmd
}

// draft is a text that the user has edited. It is in a file, which stays for the user when the text cannot be used.
type draft struct{ path, text string }

// edit opens a text in the user's editor and returns what became of it.
func edit(ctx context.Context, name, before string) (draft, error) {
	if !isTerminal(os.Stdin) || !isTerminal(os.Stdout) {
		return draft{}, errors.New("an editor needs a terminal; vmdeck template edit -f FILE takes the template from a file, and template deploy --print prints a manifest")
	}
	return openEditor(ctx, name, before)
}

func openEditor(ctx context.Context, name, before string) (draft, error) {
	folder, err := os.MkdirTemp("", "vmdeck-")
	if err != nil {
		return draft{}, fmt.Errorf("make a file to edit: %w", err)
	}
	d := draft{path: filepath.Join(folder, name+".yaml")}
	if err := os.WriteFile(d.path, []byte(before), 0o600); err != nil {
		return d, fmt.Errorf("make a file to edit: %w", err)
	}
	editor := cmp.Or(os.Getenv("VISUAL"), os.Getenv("EDITOR"), "vi")
	// By the shell, since the variables may hold options, as in "code --wait".
	run := exec.CommandContext(ctx, "/bin/sh", "-c", editor+` "$1"`, "vmdeck", d.path)
	run.Stdin, run.Stdout, run.Stderr = os.Stdin, os.Stdout, os.Stderr
	failed := run.Run()
	after, err := os.ReadFile(d.path)
	switch d.text = string(after); {
	case failed != nil && d.text == before:
		return d, errors.Join(fmt.Errorf("run the editor %s: %w; nothing was changed", editor, failed), d.discard())
	case failed != nil:
		return d, d.keep(fmt.Errorf("run the editor %s: %w", editor, failed))
	case err != nil:
		return d, fmt.Errorf("read what was edited: %w", err)
	}
	return d, nil
}

// keep adds to an error where the text is.
func (d draft) keep(err error) error { return fmt.Errorf("%w\nWhat you wrote is in %s", err, d.path) }

func (d draft) discard() error { return os.RemoveAll(filepath.Dir(d.path)) }

// exactlyNoRun is exactly for commands that end with exitNoRun when they are called wrongly.
func exactlyNoRun(n int, sentence string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error { return noRun(exactly(n, sentence)(cmd, args)) }
}
