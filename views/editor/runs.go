package editor

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// runs are the updates of the clusters of a group. They belong to the deck of the cluster where they were begun.
type runs struct {
	group  deck.Group
	rule   rbac.BindingRule
	began  time.Time
	shares []share // by cluster, in the order of the group
	gone   atomic.Bool
	over   chan struct{}
	notice chan struct{} // of all updates
}

// share is one cluster's part in the update of a group.
type share struct {
	*review
	run *run   // nil: nothing is done there
	why string // it is not changed; empty: it can be, or is as the rule says already
}

// clustersAtOnce is how many clusters are changed side by side.
const clustersAtOnce = 4

// startRuns carries out what was reviewed, in the clusters where it can be.
func (p *Page) startRuns() tea.Cmd {
	j := p.joint
	u := &runs{group: j.group, rule: j.rule, began: time.Now(), over: make(chan struct{}), notice: make(chan struct{}, 1)}
	for _, r := range j.reviews {
		s := share{review: r, why: r.obstacle()}
		if s.why == "" && !r.idle() {
			s.run = newRun(r, u.notice)
			s.run.out.status = pending
		}
		u.shares = append(u.shares, s)
	}
	p.begin(u)
	ctx, d := p.deck.Context(), p.deck
	return tea.Batch(p.awaitNews(), u.farewell(), func() tea.Msg {
		defer d.Reread()
		defer close(u.over)
		u.carryOut(ctx)
		return nil
	})
}

// carryOut is the whole update. What fails in one cluster does not stop the others. It blocks.
func (u *runs) carryOut(ctx context.Context) {
	slots := make(chan struct{}, clustersAtOnce)
	var wg sync.WaitGroup
	for _, s := range u.shares {
		if s.run == nil {
			continue
		}
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			s.run.note(func(o *outcome) { o.status, o.began = updating, time.Now() })
			s.run.carryOut(ctx)
			s.rest()
		})
	}
	wg.Wait()
}

func (u *runs) ended() bool {
	return !slices.ContainsFunc(u.shares, func(s share) bool { return s.run != nil && !s.run.ended() })
}

func (u *runs) named() string            { return u.rule.Name }
func (u *runs) leave()                   { u.gone.Store(true) }
func (u *runs) retired() <-chan struct{} { return u.over }
func (u *runs) told() <-chan struct{}    { return u.notice }

// tally counts clusters by how their update stands. Those that are as the rule says already are running, and unchanged are those where
// something stood in the way.
func (u *runs) tally() (by map[status]int, unchanged int) {
	by = map[status]int{}
	for _, s := range u.shares {
		switch {
		case s.run != nil:
			by[s.run.snapshot().status]++
		case s.why == "":
			by[running]++
		default:
			unchanged++
		}
	}
	return by, unchanged
}

// left is in how many clusters something is left to be done.
func (u *runs) left() int {
	by, unchanged := u.tally()
	return by[failed] + by[differing] + unchanged
}

// overall is the status of all clusters together, with words for it.
func (u *runs) overall() (status, string) {
	by, unchanged := u.tally()
	n := len(u.shares)
	of := text.Count(n, "cluster")
	switch changing := by[pending] + by[updating]; {
	case changing > 0:
		return updating, fmt.Sprintf("%s %d of %s", statusWords[updating], changing, of)
	case by[failed] > 0:
		return failed, fmt.Sprintf("%s in %d of %s", statusWords[failed], by[failed], of)
	case by[differing] > 0:
		return differing, fmt.Sprintf("%s in %d of %s", statusWords[differing], by[differing], of)
	case unchanged > 0:
		return differing, fmt.Sprintf("%s in %d of %s; %d not changed", statusWords[running], by[running], of, unchanged)
	}
	return running, fmt.Sprintf("%s in all %s", statusWords[running], of)
}

// farewell tells the result to those who have left the page.
func (u *runs) farewell() tea.Cmd {
	return func() tea.Msg {
		<-u.over
		if !u.gone.Load() {
			return nil
		}
		s, text := u.overall()
		text = fmt.Sprintf("rule %s on %s: %s", u.rule.Name, u.group.Name, text)
		if first := u.failures(); len(first) > 0 {
			text += ": " + first[0]
		}
		return toasted(map[status]theme.Tone{running: theme.Good, differing: theme.Warn, failed: theme.Bad}[s], text)()
	}
}

// failures are the first sentence of each cluster where the update failed.
func (u *runs) failures() []string {
	var out []string
	for _, s := range u.shares {
		if s.run == nil {
			continue
		}
		if o := s.run.snapshot(); o.status == failed && len(o.failures) > 0 {
			out = append(out, s.context+": "+o.failures[0])
		}
	}
	return out
}

// settleRuns takes in the end of an update. What was made stays in any cluster, so the rule has its name for good.
func (p *Page) settleRuns(u *runs) {
	p.asking = dialog.NewStack(nil) // whether to leave an update that is over is no question
	keep, made := p.form.keeps(), false
	for _, s := range u.shares {
		if s.run == nil {
			continue
		}
		o := s.run.snapshot()
		made = made || o.done > 0 || o.status != failed || o.stored.Version != ""
		if s.own {
			p.version, p.form.stored = o.stored.Version, o.stored.Version != ""
		}
	}
	if made {
		p.edit.Exists, p.edit.Rule, p.form.fixed, p.form.keep = true, u.rule, true, &keep
		p.form.opened = p.form.entered()
	}
	failures := u.failures()
	if len(failures) == 0 {
		return
	}
	_, title := u.overall()
	body := append(failures, "", "What is done stays. Resuming reviews the clusters again and shows what is left.")
	p.ask(dialog.NewConfirm(p.th, title, body, []dialog.Button{{ID: "resume", Label: "Resume"}}, func(r dialog.Result) tea.Cmd {
		if !r.OK {
			return nil
		}
		return p.startReview()
	}))
}
