package act

import (
	"cmp"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
)

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
	if note := a.StrategyNote(r); note != "" {
		body = append(body, note)
	}
	return body
}

// typeName asks for the VM's name before an action that cannot be undone.
func (f *Flow) typeName(a *vm.Action, r *vm.Row) tea.Cmd {
	return shell.OpenDialog(dialog.NewTypeToConfirm(f.th, question(a, r), f.body(a, r), text.Clean(r.Name), text.Lower(a.Title),
		func(result dialog.Result) tea.Cmd {
			if !result.OK {
				return nil
			}
			return f.run(a, r, vm.Options{})
		}))
}

// form asks for an action's options.
func (f *Flow) form(a *vm.Action, r *vm.Row) tea.Cmd {
	asked := fields(a, r)
	if a.DryRun {
		asked = append(asked, dialog.Field{ID: dryRun, Label: "Dry run", Help: "let the server check it without doing it", Kind: dialog.Toggle, Value: "false"})
	}
	form := dialog.NewForm(f.th, question(a, r), f.body(a, r), asked, a.Title, func(result dialog.Result) tea.Cmd {
		if !result.OK {
			return nil
		}
		return f.run(a, r, values(a, result.Values))
	})
	form.Danger = a.Danger != vm.Harmless
	return shell.OpenDialog(form)
}

const dryRun = "dry-run"

// fields turns an action's options into the fields of a form.
func fields(a *vm.Action, r *vm.Row) []dialog.Field {
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

// values reads a form's fields, which were validated while they were typed.
func values(a *vm.Action, typed map[string]string) vm.Options {
	var o vm.Options
	for _, option := range a.Asks {
		_ = option.Set(typed[option.ID], &o)
	}
	o.DryRun = typed[dryRun] == "true"
	return o
}
