package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/text"
)

var actionFormats = []string{"text", "json", "yaml"}

// vmDoing is one action on the VMs that were chosen, from the command line to the results.
type vmDoing struct {
	*vmFlags
	action  *vm.Action
	options vm.Options
	typed   map[string]*string // options by their IDs, as they were typed
	wait    patience
	yes     bool
	ask     console
	out     io.Writer
	notes   io.Writer // what is going on, for people
	total   int       // VMs that were chosen

	mu      sync.Mutex
	results []vmResult
}

// vmActionCommand makes the sub-command of an entry of the action table.
func vmActionCommand(f *vmFlags, a *vm.Action) *cobra.Command {
	d := &vmDoing{vmFlags: f, action: a, typed: map[string]*string{}}
	cmd := &cobra.Command{
		Use:               a.ID + " NS/NAME... | -l SELECTOR | --filter QUERY",
		Short:             strings.TrimSuffix(a.Help, "."),
		Long:              d.help(),
		Example:           fmt.Sprintf("  vmdeck vm %[1]s team-a/db-1\n  vmdeck vm %[1]s -n team-a -l tier=web --yes -o json", a.ID),
		ValidArgsFunction: f.completeVMs(a, 0),
		RunE: func(cmd *cobra.Command, args []string) error {
			d.ask, d.out, d.notes = consoleOf(cmd), cmd.OutOrStdout(), cmd.ErrOrStderr()
			return noRun(d.run(cmd.Context(), args))
		},
	}
	f.addSelection(cmd)
	addOutput(cmd, &f.output, actionFormats...)
	for _, o := range a.Asks {
		d.typed[o.ID] = cmd.Flags().String(o.ID, "", o.Help)
	}
	cmd.Flags().BoolVar(&d.options.DryRun, "dry-run", false, "have the server check it without doing it")
	cmd.Flags().BoolVarP(&d.yes, "yes", "y", false, "do not ask")
	cmd.Flags().Var(&d.wait, "wait", "wait until it has taken effect, for so long at most; without a value "+defaultPatience.String())
	cmd.Flags().Lookup("wait").NoOptDefVal = defaultPatience.String()
	return cmd
}

func (d *vmDoing) help() string {
	help := []string{d.action.Help}
	if d.action.Effect != "" {
		help = append(help, d.action.Effect)
	}
	what, unseen := d.action.WaitsFor()
	waits := fmt.Sprintf("--wait waits until the VM is %s.", what)
	if unseen != "" {
		waits = "--wait is refused: " + unseen + "."
	}
	asks := "It asks before it acts on several VMs at a time, unless --yes is given."
	if d.action.Danger != vm.Harmless {
		asks = "It asks before it acts, unless --yes is given."
	}
	if !d.action.DryRun {
		asks += " KubeVirt has no dry run of it."
	}
	return strings.Join(help, " ") + "\n\n" + waits + " " + asks + "\n\n" + resultHelp + "\n\n" + exitCodes
}

// run is everything between the command line and the exit code.
func (d *vmDoing) run(ctx context.Context, args []string) error {
	chosen, err := d.check(args)
	if err != nil {
		return err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	s, err := openVMs(ctx, d.vmFlags, chosen)
	if err != nil {
		return err
	}
	rows, missing := chosen.of(s.list)
	if d.total = len(rows) + len(missing); d.total != 1 {
		tell(d.notes, s.list.Gaps())
	}
	if d.total == 0 {
		return errors.New("no VM that you may see matches; nothing was done")
	}
	if id := d.forOne(); id != "" && d.total > 1 {
		return fmt.Errorf("--%s is for a single VM, and %d are chosen", id, d.total)
	}
	for _, t := range missing {
		d.add(vmResult{Namespace: t.namespace, Name: t.name, Result: resultRefused, Message: notThere(t)})
	}
	on := d.admit(ctx, s, rows)
	if err := d.confirm(ctx, s, on); err != nil {
		return err
	}
	if err := d.carryOut(ctx, s, on); err != nil {
		return err
	}
	return d.report(s.cluster.Target().Context)
}

// check reads arguments and flags before anything is asked of the cluster.
func (d *vmDoing) check(args []string) (*selection, error) {
	if err := checkFormat(d.output, actionFormats...); err != nil {
		return nil, err
	}
	for _, o := range d.action.Asks {
		if err := o.Set(*d.typed[o.ID], &d.options); err != nil {
			return nil, fmt.Errorf("--%s: %w", o.ID, err)
		}
	}
	_, unseen := d.action.WaitsFor()
	switch {
	case d.options.DryRun && !d.action.DryRun:
		return nil, fmt.Errorf("--dry-run: KubeVirt has no dry run of %s", d.action.ID)
	case d.options.DryRun && d.wait > 0:
		return nil, errors.New("--wait: a dry run changes nothing that one could wait for")
	case d.wait > 0 && unseen != "":
		return nil, errors.New("--wait: " + unseen)
	case d.action.Danger != vm.Harmless && d.mute():
		return nil, d.unasked()
	}
	return d.chooseSome(args)
}

// forOne is an option that was given and can be meant for one VM only, as its default differs from VM to VM.
func (d *vmDoing) forOne() string {
	for _, o := range d.action.Asks {
		if o.Default != nil && *d.typed[o.ID] != "" {
			return o.ID
		}
	}
	return ""
}

// admit tells which VMs the action can be tried on, and notes the reason at the others. One that is already as the action would make it
// is no failure: whoever repeats a command wants that.
func (d *vmDoing) admit(ctx context.Context, s *vmSession, rows []*vm.Row) []*vm.Row {
	var on []*vm.Row
	verdict := s.verdicts(ctx, []*vm.Action{d.action}, rows)
	for _, r := range rows {
		v := verdict(d.action, r)
		if !v.Off() {
			on = append(on, r)
			continue
		}
		result := resultOf(r, resultRefused, fmt.Sprintf("%s: cannot %s: %s", r.Key(), d.action.ID, reasonOf(v)))
		if state := d.action.Reached(r); v.Cause == vm.State && state != "" {
			result.Result, result.Message = resultUnchanged, fmt.Sprintf("%s: already %s", r.Key(), state)
		}
		for _, p := range v.Decision.Missing {
			result.Missing = append(result.Missing, p.String())
		}
		result.Roles = append(result.Roles, v.Decision.Grants...)
		d.add(result)
	}
	return on
}

// carryOut acts on the VMs, a few at a time, and waits for the effect of all of them side by side.
func (d *vmDoing) carryOut(ctx context.Context, s *vmSession, rows []*vm.Row) error {
	if len(rows) == 0 {
		return nil
	}
	var waiter *vm.Waiter
	if d.wait > 0 {
		var err error
		if waiter, err = s.list.Waiter(ctx, d.action, rows, d.options); err != nil {
			return fmt.Errorf("--wait: %w; nothing was done", err)
		}
	}
	begun := map[string]bool{}
	var waits sync.WaitGroup
	for step := range s.operator.Bulk(ctx, d.action, rows, d.options) {
		begun[step.Row.UID] = true
		outcome := step.Outcome
		if outcome.AuditErr != nil {
			d.note("Note: " + outcome.AuditErr.Error())
		}
		switch {
		case step.Running:
		case outcome.Refused:
			d.add(resultOf(step.Row, resultRefused, outcome.Text))
		case !outcome.Done():
			d.add(resultOf(step.Row, resultFailed, outcome.Text))
		case d.options.DryRun:
			d.add(resultOf(step.Row, resultDryRun, outcome.Text))
		case waiter == nil:
			d.add(resultOf(step.Row, resultDone, outcome.Text))
		default:
			waits.Go(func() { d.add(d.await(ctx, waiter, step.Row, outcome.Text)) })
		}
	}
	waits.Wait()
	for _, r := range rows {
		if !begun[r.UID] {
			d.add(resultOf(r, resultFailed, r.Key()+": left alone, as the command was interrupted"))
		}
	}
	return nil
}

// await waits for the effect of what the server has accepted.
func (d *vmDoing) await(ctx context.Context, waiter *vm.Waiter, r *vm.Row, accepted string) vmResult {
	what, _ := d.action.WaitsFor()
	d.note(fmt.Sprintf("%s; waiting until it is %s", accepted, what))
	begun := time.Now()
	ctx, stop := context.WithTimeout(ctx, time.Duration(d.wait))
	defer stop()
	if err := waiter.Wait(ctx, r); err != nil {
		return resultOf(r, resultFailed, fmt.Sprintf("%s: %s", accepted, err))
	}
	return resultOf(r, resultDone, fmt.Sprintf("%s; %s after %s", accepted, what, time.Since(begun).Round(time.Second)))
}

func (d *vmDoing) note(line string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	fmt.Fprintln(d.notes, text.Clean(line))
}

const defaultPatience = patience(5 * time.Minute)

// patience is how long to wait; 0 not at all.
type patience time.Duration

// String, Set and Type make it a flag.
func (p patience) String() string {
	text := time.Duration(p).String()
	if p == 0 {
		return ""
	} else if whole, ok := strings.CutSuffix(text, "m0s"); ok {
		return whole + "m"
	}
	return text
}

func (p *patience) Set(value string) error {
	limit, err := time.ParseDuration(value)
	if err != nil || limit <= 0 {
		return fmt.Errorf("%q is no duration like 90s or 10m", value)
	}
	*p = patience(limit)
	return nil
}

func (p patience) Type() string { return "duration" }
