package editor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/theme"
)

// review is what would change, read from the cluster when it was asked for. It is not changed once it was read.
type review struct {
	rule    rbac.BindingRule
	keep    keeping
	reading bool
	since   time.Time // of the reading

	err     error
	world   binding.World
	plan    rbac.Plan
	effects []rbac.Effect
	own     []string // what the user would lose, in sentences
	steps   []binding.Step
	stored  binding.Stored // the rule as it is kept; without a version: it is not
	blocked string         // why the rule cannot be applied, apart from what the server said
}

// keeping is what happens to the stored rule.
type keeping int

const (
	keepNothing keeping = iota // it is not stored, or is as it should be
	keepSave
	keepInstall // and save then
	keepDelete
)

// reviewed brings a review to the page that began it.
type reviewed struct {
	began *review
	done  *review
}

// reviewWithin is how long the reading and the dry run of all steps may take.
const reviewWithin = 2 * time.Minute

// startReview reads the cluster anew: what the form has told may be old.
func (p *Page) startReview() tea.Cmd {
	p.screen = screenReview
	began := &review{rule: p.form.rule(), reading: true, since: time.Now()}
	p.review, p.pager = began, pager.New(p.th, "")
	p.refresh()
	job := p.reviewing(*began)
	ctx := p.ctx
	return p.mine(func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, reviewWithin)
		defer cancel()
		return reviewed{began, job(ctx)}
	})
}

// reviewing returns what makes the review, with all of the page that it needs: it runs beside the screen.
func (p *Page) reviewing(r review) func(context.Context) *review {
	cluster, store, keep, version, isNew := p.deck.Cluster, p.deck.Keeper.Rules, p.form.keeps(), p.version, !p.form.fixed
	me := p.deck.Info().Identity
	return func(ctx context.Context) *review {
		r.reading = false
		if r.world, r.err = binding.Read(ctx, cluster, literals(r.rule)...); r.err != nil {
			return &r
		}
		s := binding.State{World: r.world}
		if store != nil {
			s.Rules, s.RulesErr = store.List(ctx)
		}
		if isNew && taken(s, r.rule.Name) {
			r.blocked = fmt.Sprintf("A rule %s has been made since. Go back and choose another name.", r.rule.Name)
		}
		r.keeping(s, keep, version)
		if r.plan, r.err = rbac.NewPlan(r.rule, r.world.World); r.err != nil {
			return &r
		}
		r.effects = effectsOf(r.plan)
		r.own = ownLosses(r.world, r.plan, me)
		_ = binding.DryRun(ctx, cluster, r.plan, func(s binding.Step) { r.steps = append(r.steps, s) })
		return &r
	}
}

// literals are the namespaces that the rule names, which are looked at even where they cannot be listed.
func literals(rule rbac.BindingRule) []string {
	return slices.DeleteFunc(slices.Clone(rule.Namespaces), func(n string) bool {
		pattern, err := rbac.ParsePattern(n)
		return err != nil || !pattern.Literal()
	})
}

// keeping works out what has to happen to the stored rule.
func (r *review) keeping(s binding.State, keep bool, version string) {
	stored, found := binding.Find(s.Rules, r.rule.Name)
	r.stored = stored
	missing := errors.Is(s.RulesErr, binding.ErrNotInstalled)
	switch {
	case s.RulesErr != nil && !missing && (keep || version != ""):
		r.blocked = "The stored rules cannot be read: " + s.RulesErr.Error()
	case version != "" && stored.Version != version:
		r.blocked = "The stored rule was changed since you opened it. Leave the editor and open it again."
	case !keep && version != "":
		r.keep = keepDelete
	case keep && missing:
		r.keep = keepInstall
	case keep && (!found || !same(stored.BindingRule, r.rule)):
		r.keep = keepSave
	}
}

// same compares rules as they are stored: whether the cluster belongs to a group is not the rule's.
func same(a, b rbac.BindingRule) bool {
	return a.RoleKind == b.RoleKind && a.RoleName == b.RoleName && a.ClusterWide == b.ClusterWide && a.Lists == b.Lists &&
		slices.Equal(a.Subjects, b.Subjects) && slices.Equal(a.Namespaces, b.Namespaces)
}

// ownLosses says what the user would lose: who takes their own rights away may not be able to give them back.
func ownLosses(world binding.World, plan rbac.Plan, me kube.Identity) []string {
	who := rbac.WhoIs(me.User, me.Groups...)
	mine := append(slices.Clone(needs), rbac.Need{ID: "changing role bindings", Perms: []rbac.Permission{rbac.On("update", rbac.GroupRBAC, "rolebindings")}})
	after := plan.After()
	var out []string
	for _, namespace := range append([]string{""}, world.Namespaces...) {
		had := rbac.Granted(mine, world.In(namespace, who).Rules)
		has := rbac.Granted(mine, after.In(namespace, who).Rules)
		lost := slices.DeleteFunc(had, func(id string) bool { return slices.Contains(has, id) })
		if len(lost) == 0 {
			continue
		}
		if namespace == "" {
			return []string{"You would lose, everywhere: " + granted(lost) + "."}
		}
		out = append(out, "You would lose in "+namespace+": "+granted(lost)+".")
	}
	return out
}

func (p *Page) takeReview(msg reviewed) tea.Cmd {
	if p.screen != screenReview || p.review != msg.began {
		return nil
	}
	p.review, p.changed = msg.done, true
	p.refresh()
	return nil
}

// refused are the steps that the server would not take.
func (r *review) refused() []binding.Step {
	return slices.DeleteFunc(slices.Clone(r.steps), func(s binding.Step) bool { return s.Err == nil })
}

// off says why the review cannot be confirmed; empty: it can.
func (p *Page) off() string {
	r := p.review
	switch {
	case r.reading:
		return "the cluster is being read"
	case p.deck.Keeper.ReadOnly != "":
		return p.deck.Keeper.ReadOnly
	case r.err != nil:
		return "the review failed; r tries again"
	case r.blocked != "":
		return r.blocked
	case len(r.refused()) > 0:
		return "the server refuses it"
	case r.plan.Empty() && r.keep == keepNothing:
		return "there is nothing to do"
	}
	return ""
}

// confirm asks before the plan is carried out. What is lost stands in the question.
func (p *Page) confirm() tea.Cmd {
	if reason := p.off(); reason != "" {
		return toast("Confirm: " + reason)
	}
	r := p.review
	body := []string{amounts(r.plan) + " Context " + p.deck.Cluster.Target().Context + "."}
	danger := len(r.own) > 0
	if r.rule.ClusterWide && len(r.plan.Create)+len(r.plan.Change) > 0 {
		danger = true
		body = append(body, "", fmt.Sprintf("The %s is bound cluster-wide: in all namespaces, and for what is in none.", r.ref()))
	}
	if lost := losses(r.effects); len(lost) > 0 {
		danger = true
		body = append(append(body, ""), lost...)
	}
	if len(r.own) > 0 {
		body = append(append(body, ""), r.own...)
	}
	reviewed := r
	p.ask(dialog.NewConfirm(p.th, "Apply the rule "+r.rule.Name+"?", body, []dialog.Button{{ID: "apply", Label: "Confirm", Danger: danger}},
		func(result dialog.Result) tea.Cmd {
			if !result.OK || p.review != reviewed {
				return nil
			}
			return p.startRun()
		}))
	return nil
}

func (r *review) ref() rbac.RoleRef {
	return rbac.RoleRef{Kind: r.rule.RoleKind, Name: r.rule.RoleName}
}

// amounts counts what a plan does: "Creates 3 bindings, changes 1, removes 2."
func amounts(plan rbac.Plan) string {
	text := ""
	for _, part := range []struct {
		verb string
		n    int
	}{{"creates", len(plan.Create)}, {"changes", len(plan.Change)}, {"removes", len(plan.Remove)}} {
		switch {
		case part.n == 0:
		case text == "":
			text = part.verb + " " + counted(part.n, "binding")
		default:
			text += fmt.Sprintf(", %s %d", part.verb, part.n)
		}
	}
	if text == "" {
		return "No binding changes."
	}
	return string(text[0]-'a'+'A') + text[1:] + "."
}

// losses are the sentences on who loses what.
func losses(effects []rbac.Effect) []string {
	var out []string
	for _, g := range gathered(effects) {
		if len(g.Lost) > 0 {
			out = append(out, fmt.Sprintf("%s loses %s: %s", spell(g.Subject), g.where(3), granted(g.Lost)))
		}
	}
	return out
}

func toast(text string) tea.Cmd { return toasted(theme.Warn, text) }
