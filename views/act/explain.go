package act

import (
	"context"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/choose"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// explainWithin is how long roles and bindings may take to arrive.
const explainWithin = 20 * time.Second

// Explain says why an action is off: in a line where that suffices, with the way to a remedy where a permission is missing.
func (f *Flow) Explain(a *vm.Action, r *vm.Row, v vm.Verdict) tea.Cmd {
	switch v.Cause {
	case vm.Permission:
		return f.explain(rbac.Need{ID: a.ID, Title: a.Title, Perms: a.Needs(r)}, r, v)
	case vm.Looking:
		return shell.Toast(theme.Info, fmt.Sprintf("%s %s: %s", text.Lower(a.Title), r.Name, v.Reason))
	}
	return shell.Toast(theme.Warn, fmt.Sprintf("%s %s: %s", text.Lower(a.Title), r.Name, v.Reason))
}

// Why explains whether an action is permitted on a VM, by the action's ID; an empty one is asked for.
func (f *Flow) Why(id string, r *vm.Row) tea.Cmd {
	needs := binding.Needs()
	if id = strings.TrimSpace(id); id == "" {
		return f.pickWhy(needs, r)
	}
	var ids []string
	for _, need := range needs {
		if need.ID == id {
			return f.why(need, r)
		}
		ids = append(ids, need.ID)
	}
	return shell.Toast(theme.Bad, fmt.Sprintf("there is no action %q; there are %s", id, strings.Join(ids, ", ")))
}

// beside says what the needs are that no action on a VM has.
var beside = map[string]string{"see": "whether the VM is in the list", binding.Launch: "Make another VM in its namespace, from a template"}

func (f *Flow) pickWhy(needs []rbac.Need, r *vm.Row) tea.Cmd {
	var items []choose.Item
	for _, need := range needs {
		item := choose.Item{ID: need.ID, Title: need.Title, Desc: beside[need.ID]}
		if a := vm.Find(need.ID); a != nil {
			item.Desc = a.Help
		}
		items = append(items, item)
	}
	return shell.OpenDialog(dialog.NewPicker(f.th, "Explain which action on "+r.Name, items, func(result dialog.Result) tea.Cmd {
		if !result.OK {
			return nil
		}
		return f.Why(result.Choice, r)
	}))
}

func (f *Flow) why(need rbac.Need, r *vm.Row) tea.Cmd {
	if a := vm.Find(need.ID); a != nil {
		need.Perms = a.Needs(r)
		return f.explain(need, r, f.deck.Gate.Check(a, r))
	}
	return f.explain(need, r, vm.Verdict{Decision: f.deck.Gate.Access.Decide(r.Namespace, need.Perms)})
}

// explanation is the dialog that says why an action is not permitted, or by what it is. It opens with what is known and is completed
// when roles and bindings have been read.
type explanation struct {
	*dialog.Message
	flow    *Flow
	need    rbac.Need
	row     *vm.Row
	verdict vm.Verdict
	as      *rbac.Who // nil: the user
	name    string

	answer  binding.Answer // at first no more than the verdict's
	read    bool           // the answer is the whole one
	err     error          // why there is none
	mayBind bool           // the user may make role bindings there
	stays   bool           // what was chosen leaves the dialog open
}

// explained brings the whole answer. It reaches the dialogs that are open, and no other.
type explained struct {
	dialog  *explanation
	answer  binding.Answer
	mayBind bool
	err     error
}

func (f *Flow) explain(need rbac.Need, r *vm.Row, v vm.Verdict) tea.Cmd {
	e := &explanation{flow: f, need: need, row: r, verdict: v, name: f.deck.User()}
	if eyes := f.deck.Eyes(); eyes != nil {
		who := eyes.Who()
		e.as, e.name = &who, eyes.Name()
	}
	e.answer = binding.Answer{Decision: v.Decision, Bindings: v.Decision.Bindings}
	e.Message = dialog.NewReason(f.th, "", nil, nil, e.chosen)
	e.draw()
	return tea.Batch(shell.OpenDialog(e), e.ask())
}

// ask reads roles and bindings beside the screen.
func (e *explanation) ask() tea.Cmd {
	parent, cluster := e.flow.deck.Context(), e.flow.deck.Cluster
	namespace := e.row.Namespace
	q := binding.Question{Namespace: namespace, Perms: binding.OnVM(e.need.Perms, e.row.Name), As: e.as}
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(parent, explainWithin)
		defer cancel()
		answer, err := binding.Why(ctx, cluster, q)
		mayBind := err == nil && cluster.Access().Ask(ctx, namespace, rbac.On("create", rbac.GroupRBAC, "rolebindings")).Allowed()
		return explained{e, answer, mayBind, err}
	}
}

// Update implements dialog.Dialog.
func (e *explanation) Update(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case explained:
		if msg.dialog == e {
			e.take(msg)
		}
		return nil, false
	case tea.KeyPressMsg:
		if msg.String() == "y" && len(e.answer.Fix) > 0 {
			return deck.Copy(e.yaml(), "the YAML"), false
		}
	}
	e.stays = false
	cmd, done := e.Message.Update(msg)
	return cmd, done && !e.stays
}

func (e *explanation) take(msg explained) {
	if e.err = msg.err; e.err == nil {
		e.answer, e.mayBind, e.read = msg.answer, msg.mayBind, true
	}
	if e.read && e.as == nil && e.verdict.Cause == vm.Permission && e.answer.Decision.Allowed() {
		e.flow.deck.Cluster.Access().Invalidate(e.row.Namespace) // the right was granted meanwhile
	}
	e.draw()
}

// Names of the dialog's buttons.
const (
	buttonCopy   = "copy"
	buttonWhoCan = "who-can"
	buttonYAML   = "yaml"
	buttonEdit   = "edit"
)

func (e *explanation) buttons() []dialog.Button {
	buttons := []dialog.Button{{ID: buttonCopy, Label: "Copy"}, {ID: buttonWhoCan, Label: "Who can"}}
	if len(e.answer.Fix) > 0 {
		buttons = append(buttons, dialog.Button{ID: buttonYAML, Label: "Show YAML"})
	}
	if _, ok := e.rule(); ok && e.mayBind && e.flow.deck.Keeper.ReadOnly == "" {
		buttons = append(buttons, dialog.Button{ID: buttonEdit, Label: "Open editor"})
	}
	return buttons
}

func (e *explanation) chosen(r dialog.Result) tea.Cmd {
	switch r.Choice {
	case buttonCopy:
		return deck.Copy(strings.Join(e.body(widest), "\n"), "the reason")
	case buttonWhoCan:
		return func() tea.Msg { return deck.ShowWhoCan{Need: e.need.ID, Namespace: e.row.Namespace} }
	case buttonYAML:
		e.stays = true
		return e.showYAML()
	case buttonEdit:
		rule, _ := e.rule()
		return func() tea.Msg { return deck.EditRule{Rule: rule} }
	}
	return nil
}

func (e *explanation) showYAML() tea.Cmd {
	p := pager.New(e.flow.th, "What would grant it")
	p.SetLines(pager.YAML(e.yaml(), e.flow.th))
	p.Copied = func(int) tea.Cmd {
		return shell.Toast(theme.Info, "copied the YAML, if your terminal allows it (OSC 52)")
	}
	return shell.OpenDialog(&pager.Overlay{Model: p})
}
