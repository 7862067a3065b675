package editor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// review is what would change in one cluster, read from it when it was asked for. It is not changed once it was read.
type review struct {
	rule    rbac.BindingRule
	asked   asked
	context string
	own     bool            // it is the cluster that the editor was opened in
	keeper  *binding.Keeper // of the cluster; nil where it could not be opened
	keep    keeping
	reading bool
	since   time.Time // of the reading

	err     error
	world   binding.World
	plan    rbac.Plan
	effects []rbac.Effect
	loses   []string // what the user would lose, in sentences
	steps   []binding.Step
	stored  binding.Stored // the rule as it is kept; without a version: it is not
	blocked string         // why the rule cannot be applied, apart from what the server said
}

// asked is what the form asks for besides the rule.
type asked struct {
	keep    bool
	isNew   bool
	version string // of the stored rule that was opened; empty: none was
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

// startReview reads the cluster anew, or each of a group: what the form has told may be old.
func (p *Page) startReview() tea.Cmd {
	p.screen, p.pager, p.review, p.joint = screenReview, pager.New(p.th, ""), nil, nil
	if g, ok := p.form.toGroup(); ok {
		return p.startJoint(g)
	}
	p.review = p.newReview(p.deck.Cluster.Target().Context)
	p.refresh()
	keeper := p.deck.Keeper
	return p.reviewing(p.review, func(context.Context) (*binding.Keeper, error) { return keeper, nil })
}

func (p *Page) newReview(context string) *review {
	return &review{
		rule: p.form.rule(), asked: asked{p.form.keeps(), !p.form.fixed, p.version},
		context: context, own: context == p.deck.Cluster.Target().Context, reading: true, since: time.Now(),
	}
}

// reviewing reads a cluster beside the screen, under a deadline of its own.
func (p *Page) reviewing(began *review, open func(context.Context) (*binding.Keeper, error)) tea.Cmd {
	page, r := p.ctx, *began
	return p.mine(func() tea.Msg {
		ctx, cancel := context.WithTimeout(page, reviewWithin)
		defer cancel()
		if r.keeper, r.err = open(ctx); r.err == nil {
			r.read(ctx)
			r.rest()
		}
		r.reading = false
		return reviewed{began, &r}
	})
}

// rest ends connections to a cluster that nothing else watches. What comes later connects anew.
func (r *review) rest() {
	if !r.own {
		r.keeper.Cluster.HTTPClient().CloseIdleConnections()
	}
}

// read makes the review of a cluster that is open.
func (r *review) read(ctx context.Context) {
	cluster := r.keeper.Cluster
	if r.world, r.err = binding.Read(ctx, cluster, literals(r.rule)...); r.err != nil {
		return
	}
	s := binding.State{World: r.world}
	if r.keeper.Rules != nil {
		s.Rules, s.RulesErr = r.keeper.Rules.List(ctx)
	}
	r.keeping(s)
	if r.keep == keepSave && r.stored.Version == "" && r.blocked == "" {
		if why := unsaved(cluster.Access().Ask(ctx, "", binding.Saving(r.keeper.Rules)...)); why != "" {
			r.blocked = why + " Without keeping it the bindings are made once."
		}
	}
	if r.plan, r.err = rbac.NewPlan(r.rule, r.world.World); r.err != nil {
		return
	}
	r.plan = r.keeper.Sparing(r.plan, s.Rules, r.world.World)
	r.effects = effectsOf(r.plan)
	me, err := cluster.WhoAmI(ctx)
	if err != nil {
		me.User = cluster.Target().User
	}
	r.loses = ownLosses(r.world, r.plan, me)
	_ = binding.DryRun(ctx, cluster, r.plan, func(s binding.Step) { r.steps = append(r.steps, s) })
}

// literals are the namespaces that the rule names, which are looked at even where they cannot be listed.
func literals(rule rbac.BindingRule) []string {
	return slices.DeleteFunc(slices.Clone(rule.Namespaces), func(n string) bool {
		pattern, err := rbac.ParsePattern(n)
		return err != nil || !pattern.Literal()
	})
}

// keeping works out what has to happen to the stored rule, and whether another one has the name.
func (r *review) keeping(s binding.State) {
	stored, found := binding.Find(s.Rules, r.rule.Name)
	r.stored = stored
	missing := errors.Is(s.RulesErr, binding.ErrNotInstalled)
	there := found && same(stored.BindingRule, r.rule)
	keep := r.asked.keep && r.keeper.Rules != nil
	if !r.own && r.asked.version == "" && found {
		keep = true // a sync there would bring back what is stored
	}
	switch {
	case r.asked.isNew && taken(s, r.rule.Name) && r.own:
		r.blocked = fmt.Sprintf("A rule %s has been made since. Go back and choose another name.", r.rule.Name)
	case r.asked.isNew && taken(s, r.rule.Name) && !there:
		r.blocked = fmt.Sprintf("It has another rule %s. Go back and choose another name.", r.rule.Name)
	case s.RulesErr != nil && !missing && (keep || r.asked.version != ""):
		r.blocked = binding.ExplainRules(s.RulesErr)
	case r.own && r.asked.version != "" && stored.Version != r.asked.version:
		r.blocked = "The stored rule was changed since you opened it. Leave the editor and open it again."
	case !keep && r.asked.version != "" && found:
		r.keep = keepDelete
	case keep && missing:
		r.keep = keepInstall
	case keep && !there:
		r.keep = keepSave
	}
}

// same compares rules as they are stored: whether the cluster belongs to a group is not the rule's.
func same(a, b rbac.BindingRule) bool {
	return a.RoleKind == b.RoleKind && a.RoleName == b.RoleName && a.ClusterWide == b.ClusterWide && a.Lists == b.Lists &&
		slices.Equal(a.Subjects, b.Subjects) && slices.Equal(a.Namespaces, b.Namespaces)
}

func (p *Page) takeReview(msg reviewed) tea.Cmd {
	if p.screen != screenReview {
		return nil
	}
	switch {
	case p.review != nil && p.review == msg.began:
		p.review = msg.done
	case p.joint == nil || !p.joint.take(msg):
		return nil
	}
	p.changed = true
	p.refresh()
	return nil
}

// refused are the steps that the server would not take.
func (r *review) refused() []binding.Step {
	return slices.DeleteFunc(slices.Clone(r.steps), func(s binding.Step) bool { return s.Err == nil })
}

// idle tells whether there is nothing to do.
func (r *review) idle() bool { return r.plan.Empty() && r.keep == keepNothing }

// off says why the review cannot be confirmed; empty: it can.
func (p *Page) off() string {
	if p.joint != nil {
		return p.joint.off()
	}
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
	case r.idle():
		return "there is nothing to do"
	}
	return ""
}

// confirm asks before the plan is carried out. What is lost stands in the question.
func (p *Page) confirm() tea.Cmd {
	if reason := p.off(); reason != "" {
		return toast("Confirm: " + reason)
	}
	if p.joint != nil {
		p.confirmJoint()
		return nil
	}
	r := p.review
	body := []string{amounts(r.plan) + " Context " + p.deck.Cluster.Target().Context + "."}
	danger := len(r.loses) > 0
	if r.rule.ClusterWide && len(r.plan.Create)+len(r.plan.Change) > 0 {
		danger = true
		body = append(body, "", fmt.Sprintf("The %s is bound cluster-wide: in all namespaces, and for what is in none.", r.ref()))
	}
	if lost := losses(r.effects); len(lost) > 0 {
		danger = true
		body = append(append(body, ""), lost...)
	}
	if len(r.loses) > 0 {
		body = append(append(body, ""), r.loses...)
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
	said := ""
	for _, part := range []struct {
		verb string
		n    int
	}{{"creates", len(plan.Create)}, {"changes", len(plan.Change)}, {"removes", len(plan.Remove)}} {
		switch {
		case part.n == 0:
		case said == "":
			said = part.verb + " " + text.Count(part.n, "binding")
		default:
			said += fmt.Sprintf(", %s %d", part.verb, part.n)
		}
	}
	if said == "" {
		return "No binding changes."
	}
	return string(said[0]-'a'+'A') + said[1:] + "."
}

func toast(text string) tea.Cmd { return toasted(theme.Warn, text) }
