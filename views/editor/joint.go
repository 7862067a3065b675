package editor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/views/deck"
)

// joint is the review of a rule for all clusters of a group.
type joint struct {
	group   deck.Group
	rule    rbac.BindingRule
	since   time.Time
	reviews []*review // by cluster, in the order of the group; each is replaced once it was read
}

// startJoint reads all clusters of a group side by side.
func (p *Page) startJoint(g deck.Group) tea.Cmd {
	p.joint = &joint{group: g, rule: p.form.rule(), since: time.Now()}
	var all []tea.Cmd
	for _, m := range p.deck.Members(g) {
		began := p.newReview(m.Context)
		p.joint.reviews = append(p.joint.reviews, began)
		all = append(all, p.reviewing(began, m.Open))
	}
	p.refresh()
	return tea.Batch(all...)
}

// take puts the review of one cluster into its place; it reports false for one of another time.
func (j *joint) take(msg reviewed) bool {
	i := slices.Index(j.reviews, msg.began)
	if i >= 0 {
		j.reviews[i] = msg.done
	}
	return i >= 0
}

// isReading tells whether a cluster is being read.
func (p *Page) isReading() bool {
	if p.joint != nil {
		return p.joint.reading() > 0
	}
	return p.review.reading
}

func (j *joint) reading() int {
	return len(j.those(func(r *review) bool { return r.reading }))
}

func (j *joint) those(are func(*review) bool) []*review {
	return slices.DeleteFunc(slices.Clone(j.reviews), func(r *review) bool { return !are(r) })
}

// obstacle is why a cluster of a group will not be changed, in a sentence; empty: it can be.
func (r *review) obstacle() string {
	switch refused := r.refused(); {
	case r.reading:
		return ""
	case r.keeper == nil:
		return sentence(r.err.Error())
	case r.err != nil:
		return kube.Explain(r.err, "Reading it")
	case r.keeper.ReadOnly != "":
		return sentence(r.keeper.ReadOnly)
	case r.blocked != "":
		return r.blocked
	case len(refused) > 0:
		return fmt.Sprintf("The server refuses %d of %s: %s", len(refused), text.Count(len(r.steps), "step"), refused[0])
	}
	return ""
}

// sentence makes a sentence of words that stand behind others elsewhere.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + strings.TrimSuffix(s[1:], ".") + "."
}

// obstructed are the clusters that will not be changed, and able those that will be.
func (j *joint) obstructed() []*review {
	return j.those(func(r *review) bool { return r.obstacle() != "" })
}

func (j *joint) able() []*review {
	return j.those(func(r *review) bool { return !r.reading && r.obstacle() == "" && !r.idle() })
}

// off says why the review cannot be confirmed; empty: it can, for some clusters at least.
func (j *joint) off() string {
	switch n := j.reading(); {
	case n > 0:
		return fmt.Sprintf("%d of %s still to be read", n, text.Count(len(j.reviews), "cluster"))
	case len(j.able()) > 0:
		return ""
	case len(j.obstructed()) > 0:
		return "no cluster can be changed"
	}
	return "there is nothing to do"
}

// unchanged says of how many clusters nothing comes; empty: of none.
func (j *joint) unchanged() string {
	if n := len(j.obstructed()); n > 0 {
		return fmt.Sprintf("%d of %s will not be changed", n, text.Count(len(j.reviews), "cluster"))
	}
	return ""
}

// confirmJoint asks before the clusters are changed. It names all of them, and what is lost.
func (p *Page) confirmJoint() {
	j := p.joint
	var body []string
	danger := false
	for _, alike := range p.alike(j.able()) {
		body = append(body, contexts(alike)+": "+inEach(alike))
		lost := append(losses(alike[0].effects), alike[0].loses...)
		for _, s := range lost {
			body = append(body, "  "+s)
		}
		danger = danger || len(lost) > 0
	}
	if left := j.unchanged(); left != "" {
		body = append(body, "", left+":")
		for _, r := range j.obstructed() {
			body = append(body, r.context+": "+r.obstacle())
		}
	}
	title := fmt.Sprintf("Apply the rule %s to %s of %s?", j.rule.Name, text.Count(len(j.able()), "cluster"), j.group.Name)
	p.ask(dialog.NewConfirm(p.th, title, body, []dialog.Button{{ID: "apply", Label: "Confirm", Danger: danger}}, func(result dialog.Result) tea.Cmd {
		if !result.OK || p.joint != j {
			return nil
		}
		return p.startRuns()
	}))
}

func contexts(reviews []*review) string {
	var out []string
	for _, r := range reviews {
		out = append(out, r.context)
	}
	return strings.Join(out, ", ")
}

// inEach counts what happens in clusters where the same does: "creates 3 bindings in each."
func inEach(alike []*review) string {
	text := amounts(alike[0].plan)
	if len(alike) == 1 {
		return text
	}
	return strings.TrimSuffix(text, ".") + " in each."
}
