package bindings

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// target is what is to be deleted: a rule with all of its bindings, or bindings that belong to none.
type target struct {
	rule   string
	stored *binding.Stored // the rule as it is kept; nil: it is not
	uids   []string        // of the bindings that belong to no rule
}

// targetOf finds what rows stand for, or says why they cannot be deleted together.
func targetOf(rows []*row) (t target, reason string) {
	rules := map[string]bool{}
	for _, r := range rows {
		switch {
		case r.rule != "":
			rules[r.rule] = true
			t.rule, t.stored = r.rule, r.stored
		case !slices.Contains(t.uids, r.binding.UID):
			t.uids = append(t.uids, r.binding.UID)
		}
	}
	switch {
	case len(rules) > 1:
		return target{}, "the marked bindings belong to several rules: delete one rule at a time"
	case len(rules) == 1 && len(t.uids) > 0:
		return target{}, "some of the marked bindings belong to a rule, which goes as a whole: delete the others by themselves"
	}
	return t, ""
}

// planOf is what deleting takes: what is still there of the target, and what rules that are kept need in its place.
func (p *Page) planOf(t target) rbac.Plan {
	world := p.state.World.World
	return p.deck.Keeper.Sparing(t.removal(world), p.state.Rules, world)
}

func (t target) removal(world rbac.World) rbac.Plan {
	if t.rule != "" {
		return rbac.Removal(rbac.BindingRule{Name: t.rule}, world)
	}
	var there []rbac.Binding
	for _, b := range world.Bindings {
		if slices.Contains(t.uids, b.UID) {
			there = append(there, b)
		}
	}
	return rbac.RemovalOf(world, there...)
}

// name is the target in a sentence.
func (t target) name(plan rbac.Plan) string {
	switch {
	case t.rule != "":
		return "rule " + t.rule
	case len(plan.Remove) == 1:
		return plan.Remove[0].String()
	}
	return text.Count(len(plan.Remove), "binding")
}

// want is what has to be typed.
func (t target) want(plan rbac.Plan) string {
	switch {
	case t.rule != "":
		return t.rule
	case len(plan.Remove) == 1:
		return plan.Remove[0].Name
	}
	return fmt.Sprint(len(plan.Remove))
}

// remove shows what deleting the row under the cursor, or the marked ones, would do.
func (p *Page) remove() tea.Cmd {
	if n := p.list.MarkedHidden(); n > 0 {
		return shell.Toast(theme.Warn, fmt.Sprintf("delete: %d of the marked rows are hidden by the filter: clear it or the marks first", n))
	}
	return p.removeRows(p.list.MarkedOrCurrent(), nil)
}

// removeRows opens the preview. under is the page that is about one of the rows and goes with it; nil: none.
func (p *Page) removeRows(rows []*row, under shell.Page) tea.Cmd {
	t, reason := targetOf(rows)
	if reason == "" {
		reason = p.mayNotDelete(t.removal(p.state.World.World).Remove)
	}
	if reason != "" {
		return shell.Toast(theme.Warn, "delete: "+reason)
	}
	return shell.Push(newPreview(p, t, under))
}

// applyLimit is how long a removal of many bindings may take; each call has a deadline of its own.
const applyLimit = 5 * time.Minute

// deleted is the outcome of a removal.
type deleted struct {
	preview *preview
	name    string
	err     error
}

// carryOut deletes. The rule goes first, as the next sync would make its bindings anew; what is left when something fails can be
// deleted again.
func (p *Page) carryOut(v *preview, plan rbac.Plan, done *atomic.Int32) tea.Cmd {
	keeper, ctx, t, name := p.deck.Keeper, p.deck.Context(), v.target, v.target.name(plan)
	p.removing = append(p.removing, name)
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, applyLimit)
		defer cancel()
		return shell.For(p, deleted{v, name, t.remove(ctx, keeper, plan, done)})
	}
}

// remove deletes the rule, then its bindings, and counts those that are done.
func (t target) remove(ctx context.Context, keeper *binding.Keeper, plan rbac.Plan, done *atomic.Int32) error {
	if t.stored != nil {
		if err := keeper.Delete(ctx, *t.stored); err != nil {
			return err
		}
	}
	err := keeper.Apply(ctx, plan, func(s binding.Step) {
		if !s.DryRun {
			done.Add(1)
		}
	})
	if err != nil && t.stored != nil {
		return errors.Join(fmt.Errorf("the rule %s was deleted, some of its bindings were not", t.rule), err)
	}
	return err
}

// Busy says what would be interrupted by quitting; empty for nothing.
func (p *Page) Busy() string {
	switch len(p.removing) {
	case 0:
		return ""
	case 1:
		return "The deletion of " + p.removing[0] + " is still running. What has not begun will be left alone."
	}
	return fmt.Sprintf("%d deletions of bindings are still running. What has not begun will be left alone.", len(p.removing))
}

// deleted tells how a removal went, and closes the pages about what is gone.
func (p *Page) deleted(d deleted) tea.Cmd {
	if i := slices.Index(p.removing, d.name); i >= 0 {
		p.removing = slices.Delete(p.removing, i, i+1)
	}
	p.deck.Reread()
	if d.err != nil {
		d.preview.failed()
		body := strings.Split(d.err.Error(), "\n")
		return shell.OpenDialog(dialog.NewReason(p.th, "Not all was deleted", body, nil, nil))
	}
	close := shell.Page(d.preview)
	if d.preview.under != nil {
		close = d.preview.under
	}
	p.list.ClearMarks()
	return tea.Batch(shell.Close(close), shell.Toast(theme.Good, "deleted "+d.name))
}
