// Package act leads from a key to a done action: it says why an action is off, asks as the danger demands, runs it beside the
// screen and tells what happened. List and detail screens share it.
package act

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/choose"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
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
	case v.Cause == vm.Asking:
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

// Explain says why an action is off: in a line where that suffices, with the way to a remedy where a permission is missing.
func (f *Flow) Explain(a *vm.Action, r *vm.Row, v vm.Verdict) tea.Cmd {
	short := fmt.Sprintf("%s %s: %s", lower(a.Title), r.Name, v.Reason)
	if v.Cause != vm.Permission {
		return shell.Toast(theme.Warn, short)
	}
	d := v.Decision
	body := []string{fmt.Sprintf("%s may not %s %s.", f.deck.User(), lower(a.Title), r.Key()), "", "Missing permission:"}
	for _, p := range d.Missing {
		body = append(body, "  "+p.String()+" in namespace "+r.Namespace)
	}
	if len(d.Grants) > 0 {
		body = append(body, "", "Roles that grant it: "+strings.Join(d.Grants, ", "))
	}
	body = append(body, "")
	if len(d.Bindings) == 0 {
		body = append(body, "Your bindings could not be read or there are none here.")
	} else {
		body = append(body, "Your bindings here:")
		for _, b := range d.Bindings {
			body = append(body, "  "+b.String())
		}
	}
	body = append(body, "", "Whoever administers the cluster can bind such a role to you.")
	copyButton := []dialog.Button{{ID: "copy", Label: "Copy"}}
	return shell.OpenDialog(dialog.NewReason(f.th, "Not permitted: "+lower(a.Title), body, copyButton, func(result dialog.Result) tea.Cmd {
		if result.Choice == "copy" {
			return deck.Copy(strings.Join(body, "\n"), "the reason")
		}
		return nil
	}))
}

// confirm asks before an action that disturbs the guest. Cancel has the focus.
func (f *Flow) confirm(a *vm.Action, r *vm.Row) tea.Cmd {
	buttons := []dialog.Button{{ID: "do", Label: a.Title, Danger: true}}
	if len(a.Asks) > 0 {
		buttons = append(buttons, dialog.Button{ID: "options", Label: "Options" + f.th.Glyphs.Ellipsis})
	}
	if a.DryRun {
		buttons = append(buttons, dialog.Button{ID: "dry", Label: "Dry run"})
	}
	return shell.OpenDialog(dialog.NewConfirm(f.th, question(a, r), f.body(a, r), buttons, func(result dialog.Result) tea.Cmd {
		switch {
		case !result.OK:
			return nil
		case result.Choice == "options":
			return f.form(a, r)
		default:
			return f.run(a, r, vm.Options{DryRun: result.Choice == "dry"})
		}
	}))
}

func question(a *vm.Action, r *vm.Row) string {
	return fmt.Sprintf("%s %s?", a.Title, text.Clean(r.Name))
}

// body describes the VM as the user sees it and what will happen to it.
func (f *Flow) body(a *vm.Action, r *vm.Row) []string {
	where := fmt.Sprintf("%s in namespace %s, context %s", r.Status, r.Namespace, f.deck.Cluster.Target().Context)
	if r.Node != "" {
		where = fmt.Sprintf("%s on %s in namespace %s, context %s", r.Status, r.Node, r.Namespace, f.deck.Cluster.Target().Context)
	}
	body := []string{where, "", cmp.Or(a.Effect, a.Help)}
	if strategy := f.strategyNote(a, r); strategy != "" {
		body = append(body, strategy)
	}
	return body
}

// strategyNote warns where a stop changes the VM for good (KubeVirt pkg/virt-api/rest/lifecycle.go, StopVMRequestHandler).
func (f *Flow) strategyNote(a *vm.Action, r *vm.Row) string {
	if a.ID != "stop" && a.ID != "force-stop" {
		return ""
	}
	switch r.RunStrategy {
	case "Always":
		return "Run strategy Always becomes Halted."
	case "Once":
		return "Run strategy Once becomes Halted and does not come back: a later start makes it Always."
	}
	return ""
}

// typeName asks for the VM's name before an action that cannot be undone.
func (f *Flow) typeName(a *vm.Action, r *vm.Row) tea.Cmd {
	return shell.OpenDialog(dialog.NewTypeToConfirm(f.th, question(a, r), f.body(a, r), text.Clean(r.Name), lower(a.Title),
		func(result dialog.Result) tea.Cmd {
			if !result.OK {
				return nil
			}
			return f.run(a, r, vm.Options{})
		}))
}

// form asks for an action's options.
func (f *Flow) form(a *vm.Action, r *vm.Row) tea.Cmd {
	fields := Fields(a, r)
	if a.DryRun {
		fields = append(fields, dialog.Field{ID: dryRun, Label: "Dry run", Help: "let the server check it without doing it", Kind: dialog.Toggle, Value: "false"})
	}
	form := dialog.NewForm(f.th, question(a, r), f.body(a, r), fields, a.Title, func(result dialog.Result) tea.Cmd {
		if !result.OK {
			return nil
		}
		return f.run(a, r, Values(a, result.Values))
	})
	form.Danger = a.Danger != vm.Harmless
	return shell.OpenDialog(form)
}

const dryRun = "dry-run"

// Fields turns an action's options into the fields of a form.
func Fields(a *vm.Action, r *vm.Row) []dialog.Field {
	var fields []dialog.Field
	for _, option := range a.Asks {
		field := dialog.Field{ID: option.ID, Label: option.Title, Help: option.Help}
		if option.Default != nil {
			field.Value = option.Default(r)
		}
		field.Validate = func(value string) string {
			if err := option.Set(value, &vm.Options{}); err != nil {
				return err.Error()
			}
			return ""
		}
		fields = append(fields, field)
	}
	return fields
}

// Values reads a form's fields, which were validated while they were typed.
func Values(a *vm.Action, values map[string]string) vm.Options {
	var o vm.Options
	for _, option := range a.Asks {
		_ = option.Set(values[option.ID], &o)
	}
	o.DryRun = values[dryRun] == "true"
	return o
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
		cmds = append(cmds, shell.Toast(theme.Bad, "the audit log could not be written: "+o.AuditErr.Error()))
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

// lower puts a title in the middle of a sentence.
func lower(title string) string { return strings.ToLower(title[:1]) + title[1:] }

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
		if v := f.deck.Gate.Check(a, r); v.Off() && !many {
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
