package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/text"
)

// console is where a command asks.
type console struct {
	in       io.Reader
	out      io.Writer
	terminal bool // somebody is there to answer
}

func consoleOf(cmd *cobra.Command) console {
	c := console{in: cmd.InOrStdin(), out: cmd.ErrOrStderr()}
	file, ok := c.in.(*os.File)
	c.terminal = ok && isTerminal(file)
	return c
}

// mute says whether the command has to ask and cannot.
func (d *vmDoing) mute() bool { return !d.yes && !d.options.DryRun && !d.ask.terminal }

func (d *vmDoing) unasked() error {
	return fmt.Errorf("%s asks before it acts, and standard input is no terminal to answer at: add --yes; nothing was done", d.action.ID)
}

// listed is how many VMs a question names.
const listed = 20

// confirm asks where the screens ask, for the same answers: yes; the name, where it cannot be undone; the number, of several.
func (d *vmDoing) confirm(ctx context.Context, s *vmSession, rows []*vm.Row) error {
	harmless := d.action.Danger == vm.Harmless
	switch {
	case len(rows) == 0, d.yes, d.options.DryRun, harmless && len(rows) == 1:
		return nil
	case d.mute():
		return d.unasked()
	}
	whom, want := fmt.Sprintf("%d VMs", len(rows)), strconv.Itoa(len(rows))
	if len(rows) == 1 {
		whom, want = rows[0].Key(), rows[0].Name
	}
	lines := []string{fmt.Sprintf("%s %s in context %s?", d.action.Title, whom, s.cluster.Target().Context)}
	for i, r := range rows {
		if i == listed {
			lines = append(lines, fmt.Sprintf("  and %d more", len(rows)-i))
			break
		}
		where := ""
		if r.Node != "" {
			where = " on " + r.Node
		}
		lines = append(lines, fmt.Sprintf("  %s: %s%s. %s", r.Key(), r.Status, where, d.action.StrategyNote(r)))
	}
	tell(d.ask.out, append(lines, cmp.Or(d.action.Effect, d.action.Help)))
	verb := strings.ToLower(d.action.Title)
	if harmless || d.action.Danger == vm.Disturbing && len(rows) == 1 {
		return d.ask.question(ctx, fmt.Sprintf("%s? [y/N] ", d.action.Title), func(answer string) bool {
			return strings.EqualFold(answer, "y") || strings.EqualFold(answer, "yes")
		})
	}
	return d.ask.question(ctx, fmt.Sprintf("Type %s to %s: ", text.Clean(want), verb), func(answer string) bool { return answer == want })
}

// question asks one question. Without the wanted answer, nothing is done.
func (c console) question(ctx context.Context, question string, wanted func(string) bool) error {
	fmt.Fprint(c.out, question)
	answers := make(chan string, 1)
	go func() { // a read of the terminal cannot be interrupted: the program ends around it
		line, _ := bufio.NewReader(c.in).ReadString('\n')
		answers <- strings.TrimSpace(line)
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(c.out)
		return errors.New("interrupted; nothing was done")
	case answer := <-answers:
		if wanted(answer) {
			return nil
		}
		return errors.New("not confirmed; nothing was done")
	}
}
