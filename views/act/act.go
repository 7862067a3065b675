// Package act leads from a key to a done action: it says why an action is off, asks as the danger demands, runs it beside the
// screen and tells what happened. List and detail screens share it.
package act

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/choose"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// Flow runs actions of one deck. It belongs to the goroutine of Update.
type Flow struct {
	deck *deck.Deck
	th   *theme.Theme
	bulk *bulk // the bulk operation that is running, or the last one
}

// New makes the flow of a deck.
func New(d *deck.Deck) *Flow { return &Flow{deck: d, th: d.Theme} }

// done is the outcome of one action on one VM.
type done struct {
	flow    *Flow
	action  *vm.Action
	outcome vm.Outcome
}

// Update takes in what the flow's own commands bring; it reports whether the message was one of them.
func (f *Flow) Update(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case done:
		if msg.flow == f {
			return f.tell(msg.action, msg.outcome), true
		}
	case asked:
		if msg.flow == f {
			return f.answered(msg), true
		}
	case step:
		if msg.bulk == f.bulk {
			return f.bulk.take(msg), true
		}
	}
	return nil, false
}

// Busy says what would be interrupted by quitting; empty for nothing.
func (f *Flow) Busy() string {
	if f.bulk == nil || f.bulk.view.Ended() {
		return ""
	}
	return fmt.Sprintf("%s is still running (%s). What has not begun will be left alone.", f.bulk.title, f.bulk.view.Summary())
}

// One begins an action on one VM.
func (f *Flow) One(a *vm.Action, r *vm.Row) tea.Cmd {
	switch v := f.deck.Gate.Check(a, r); {
	case v.Cause == vm.Asking && f.deck.Eyes() == nil:
		return f.ask(a, r)
	case v.Off():
		return f.Explain(a, r, v)
	}
	return f.begin(a, r)
}

// asked says that the API server has been asked what the user may do where a row is.
type asked struct {
	flow   *Flow
	action *vm.Action
	row    *vm.Row
}

// ask waits for the answer beside the screen and goes on with the action then: who presses a key early shall not have to press it
// twice.
func (f *Flow) ask(a *vm.Action, r *vm.Row) tea.Cmd {
	ctx, access := f.deck.Context(), f.deck.Cluster.Access()
	return func() tea.Msg {
		_ = access.Ensure(ctx, r.Namespace) // what is still not known then, the gate says
		return asked{f, a, r}
	}
}

func (f *Flow) answered(msg asked) tea.Cmd {
	if v := f.deck.Gate.Check(msg.action, msg.row); v.Off() {
		return f.Explain(msg.action, msg.row, v)
	}
	return f.begin(msg.action, msg.row)
}

// begin asks what the action's danger demands.
func (f *Flow) begin(a *vm.Action, r *vm.Row) tea.Cmd {
	switch {
	case a.Danger == vm.Destructive:
		return f.typeName(a, r)
	case a.Danger == vm.Disturbing:
		return f.confirm(a, r)
	case len(a.Asks) > 0:
		return f.form(a, r)
	default:
		return f.run(a, r, vm.Options{})
	}
}

// run carries an action out beside the screen.
func (f *Flow) run(a *vm.Action, r *vm.Row, o vm.Options) tea.Cmd {
	ctx, operator := f.deck.Context(), f.deck.Operator
	return func() tea.Msg { return done{f, a, operator.Do(ctx, a, r, o)} }
}

// tell says what became of an action: in a line when it was accepted or refused beforehand, in a dialog when the server failed it,
// since that is longer and has to be read.
func (f *Flow) tell(a *vm.Action, o vm.Outcome) tea.Cmd {
	var cmds []tea.Cmd
	switch {
	case o.Done():
		cmds = append(cmds, shell.Toast(theme.Good, o.Text))
	case o.Refused:
		cmds = append(cmds, shell.Toast(theme.Warn, o.Text))
	default:
		cmds = append(cmds, f.failed(a, o))
	}
	if o.AuditErr != nil {
		cmds = append(cmds, shell.Toast(theme.Bad, o.AuditErr.Error()))
	}
	return tea.Sequence(cmds...)
}

func (f *Flow) failed(a *vm.Action, o vm.Outcome) tea.Cmd {
	message := dialog.NewMessage(f.th, a.Title+" failed", []string{o.Text}, []dialog.Button{{ID: "copy", Label: "Copy"}}, func(result dialog.Result) tea.Cmd {
		if result.Choice == "copy" {
			return deck.Copy(o.Text, "the message")
		}
		return nil
	})
	message.Tone = theme.Bad
	return shell.OpenDialog(message)
}

// perNamespace counts rows as "3 in team-a, 2 in team-b".
func perNamespace(rows []*vm.Row) string {
	counts := map[string]int{}
	var names []string
	for _, r := range rows {
		if counts[r.Namespace]++; counts[r.Namespace] == 1 {
			names = append(names, r.Namespace)
		}
	}
	slices.Sort(names)
	parts := make([]string, len(names))
	for i, ns := range names {
		parts[i] = fmt.Sprintf("%d in %s", counts[ns], ns)
	}
	return strings.Join(parts, ", ")
}

// Menu offers every action on a VM, with the reason at those that are off; with many set, on marked VMs, which are judged one by one
// later. act begins the chosen one.
func (f *Flow) Menu(title string, r *vm.Row, many bool, act func(*vm.Action) tea.Cmd) tea.Cmd {
	var items []choose.Item
	for _, a := range vm.Actions() {
		item := choose.Item{ID: a.ID, Title: a.Title, Desc: a.Help, Right: a.Key}
		if v := f.deck.Gate.Check(a, r); !v.Offered() && !many {
			item.Off, item.Reason = true, v.Reason
		}
		items = append(items, item)
	}
	picker := dialog.NewPicker(f.th, title, items, func(result dialog.Result) tea.Cmd {
		if !result.OK {
			return nil
		}
		return act(vm.Find(result.Choice))
	})
	picker.Danger = true
	return shell.OpenDialog(picker)
}
