package rollout

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/ui/text"
)

// prepareWithin is how long registries may take, planWithin how long connecting to a cluster and comparing may take.
const (
	prepareWithin = 2 * time.Minute
	planWithin    = 3 * time.Minute
)

// planning is the comparison of a job with one or more clusters.
type planning struct {
	since     time.Time
	preparing bool
	prep      prepared
	err       error         // nothing could be prepared
	refused   string        // why nothing may be changed at all; empty: it may
	parts     []*comparison // by cluster; each is replaced once it was read
}

// comparison is what would change on one cluster. It is not changed once it was made.
type comparison struct {
	context string
	reading bool
	cluster cluster
	plan    *apply.Plan
	err     error // the cluster could not be opened or compared
}

// readied brings what was prepared to the planning that asked for it, and compared a comparison.
type (
	readied struct {
		of   *planning
		prep prepared
		err  error
	}
	compared struct {
		of    *planning
		began *comparison
		done  *comparison
	}
)

// startPlan compares the job with clusters. Where nothing may be changed, that is said and nothing is read.
func (p *Page) startPlan(contexts []string) tea.Cmd {
	p.screen, p.run = screenPlan, nil
	p.planning = &planning{since: time.Now(), refused: p.book.source.readOnly()}
	p.list, p.folded = &pane{th: p.th}, map[string]bool{}
	for _, name := range contexts {
		p.planning.parts = append(p.planning.parts, &comparison{context: name, reading: true})
	}
	defer p.refresh()
	if p.planning.refused != "" {
		return nil
	}
	p.planning.preparing = true
	of, j, prepare, page := p.planning, p.job, p.book.source.preparer(), p.ctx
	return p.mine(func() tea.Msg {
		ctx, cancel := context.WithTimeout(page, prepareWithin)
		defer cancel()
		prep, err := prepare(ctx, j)
		return readied{of, prep, err}
	})
}

// takeReadied goes on with the clusters, side by side.
func (p *Page) takeReadied(msg readied) tea.Cmd {
	if msg.of != p.planning {
		return nil
	}
	p.changed = true
	defer p.refresh()
	of := p.planning
	of.preparing, of.prep, of.err = false, msg.prep, msg.err
	if of.err != nil {
		return nil
	}
	p.job = of.prep.job
	var all []tea.Cmd
	for _, began := range of.parts {
		open, page := p.book.source.opener(began.context), p.ctx
		all = append(all, p.mine(func() tea.Msg {
			ctx, cancel := context.WithTimeout(page, planWithin)
			defer cancel()
			return compared{of, began, compare(ctx, began.context, of.prep, open)}
		}))
	}
	return tea.Batch(all...)
}

// compare opens a cluster and makes its plan. It blocks.
func compare(ctx context.Context, name string, prep prepared, open func(context.Context, prepared) (cluster, error)) *comparison {
	c := &comparison{context: name}
	if c.cluster, c.err = open(ctx, prep); c.err != nil || c.cluster.readOnly != "" {
		return c
	}
	if c.plan, c.err = c.cluster.Plan(ctx); c.err != nil {
		c.plan = nil
	}
	c.cluster.rest()
	return c
}

func (p *Page) takeCompared(msg compared) {
	if msg.of != p.planning {
		return
	}
	if i := slices.Index(p.planning.parts, msg.began); i >= 0 {
		p.planning.parts[i] = msg.done
		p.changed = true
		p.refresh()
	}
}

// obstacle is why a cluster will not be changed, in a sentence; empty: it can be.
func (c *comparison) obstacle() string {
	switch {
	case c.reading:
		return ""
	case c.err != nil:
		return text.Sentence(c.err.Error())
	case c.cluster.readOnly != "":
		return text.Sentence(c.cluster.readOnly)
	case len(c.plan.Refusals) == 1:
		return refusal(c.plan.Refusals[0])
	case len(c.plan.Refusals) > 1:
		return fmt.Sprintf("Refused for %d reasons, the first: %s", len(c.plan.Refusals), refusal(c.plan.Refusals[0]))
	}
	return ""
}

func (c *comparison) idle() bool { return c.obstacle() == "" && !c.reading && c.plan.Empty() }

func (c *comparison) able() bool { return c.obstacle() == "" && !c.reading && !c.plan.Empty() }

// refusal is one as a sentence, with the layer where it is.
func refusal(r apply.Refusal) string { return within(r.Layer, r.Text) }

// within is a sentence on a layer, whose name stays as it is; without one, on all.
func within(layer, says string) string {
	if layer == "" {
		return text.Sentence(says)
	}
	return layer + ": " + strings.TrimSuffix(says, ".") + "."
}

func (g *planning) those(are func(*comparison) bool) []*comparison {
	return slices.DeleteFunc(slices.Clone(g.parts), func(c *comparison) bool { return !are(c) })
}

func (g *planning) reading() int {
	return len(g.those(func(c *comparison) bool { return c.reading }))
}

// busy tells whether anything is still being read.
func (g *planning) busy() bool {
	return g.refused == "" && g.err == nil && (g.preparing || g.reading() > 0)
}

// off says why the plan cannot be confirmed; empty: it can, on some clusters at least.
func (g *planning) off() string {
	switch {
	case g.refused != "":
		return g.refused
	case g.preparing:
		return "the profile is being read"
	case g.err != nil:
		return "nothing could be compared"
	case g.reading() > 0 && len(g.parts) > 1:
		return fmt.Sprintf("%d of %s still to be compared", g.reading(), text.Count(len(g.parts), "cluster"))
	case g.reading() > 0:
		return "the cluster is being compared"
	case len(g.those((*comparison).able)) > 0:
		return ""
	case len(g.those((*comparison).idle)) == len(g.parts):
		return "there is nothing to do"
	case len(g.parts) > 1:
		return "no cluster can be changed"
	case g.parts[0].err != nil:
		return "the cluster could not be compared"
	}
	return "it is refused"
}

// where names the clusters: the one, or how many.
func where(parts []*comparison) string {
	if len(parts) == 1 {
		return parts[0].context
	}
	return text.Count(len(parts), "cluster")
}

// amounts counts what a plan does: "Creates 14 objects, changes 3, deletes 1."
func amounts(plans ...*apply.Plan) string {
	count := map[apply.Verb]int{}
	for _, plan := range plans {
		for _, l := range plan.Layers {
			for _, s := range l.Steps {
				count[s.Verb]++
			}
		}
	}
	out := ""
	for _, part := range []struct {
		says string
		n    int
	}{{"creates", count[apply.Create]}, {"changes", count[apply.Change]}, {"deletes", count[apply.Delete]}} {
		switch {
		case part.n == 0:
		case out == "":
			out = part.says + " " + text.Count(part.n, "object")
		default:
			out += fmt.Sprintf(", %s %d", part.says, part.n)
		}
	}
	if out == "" {
		return "No object changes; releases are recorded anew."
	}
	return text.Sentence(out)
}

// first tells whether nothing of the profile was on a cluster before.
func (c *comparison) first() bool {
	return c.plan != nil && !slices.ContainsFunc(c.plan.Layers, func(l apply.LayerPlan) bool { return l.From != "" })
}

// isRefused tells a plan's refusal from other faults.
func isRefused(err error) (*apply.RefusedError, bool) {
	var refused *apply.RefusedError
	return refused, errors.As(err, &refused)
}
