package editor

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/views/deck"
)

// news tells the page that the update has gone on.
type news struct{ run *run }

// startRun carries out what was reviewed.
func (p *Page) startRun() tea.Cmd {
	r := p.review
	p.run = &run{
		rule: r.rule, plan: r.plan, keep: r.keep, stored: r.stored, keeper: p.deck.Keeper, began: time.Now(),
		over: make(chan struct{}), notice: make(chan struct{}, 1),
	}
	p.run.out.stored = r.stored
	p.screen, p.pager = screenRun, pager.New(p.th, "")
	p.refresh()
	work, ctx, d := p.run, p.deck.Context(), p.deck
	return tea.Batch(p.awaitNews(), work.farewell(p.deck.Cluster.Target().Context), func() tea.Msg {
		defer d.Reread()
		defer close(work.over)
		work.carryOut(ctx)
		return nil
	})
}

// awaitNews delivers what happens to the page, until it is left.
func (p *Page) awaitNews() tea.Cmd {
	work, ctx := p.run, p.ctx
	return p.mine(func() tea.Msg {
		select {
		case <-work.notice:
		case <-work.over:
		case <-ctx.Done():
			return nil
		}
		return news{work}
	})
}

// takeNews shows what has happened, and offers another review where a step failed.
func (p *Page) takeNews(msg news) tea.Cmd {
	if msg.run != p.run {
		return nil
	}
	out := p.run.snapshot()
	p.changed = true
	if p.screen == screenRun {
		p.refresh()
	}
	if out.status == updating {
		return p.awaitNews()
	}
	p.settleRun(out)
	return nil
}

// settleRun takes in the end of an update. What was made stays, so the rule has its name for good.
func (p *Page) settleRun(out outcome) {
	p.asking = dialog.NewStack(nil) // whether to leave an update that is over is no question
	p.version, p.form.stored = out.stored.Version, out.stored.Version != ""
	if out.done > 0 || out.status != failed || p.form.stored {
		p.edit.Exists, p.edit.Rule, p.form.fixed = true, p.run.rule, true
		p.form.opened = p.form.entered()
	}
	if out.status != failed {
		return
	}
	left := "No binding was changed. A new review shows the cluster as it is now."
	if out.done > 0 {
		left = fmt.Sprintf("%s done, %d failed. What is done stays; a new review shows what is left.", counted(out.done, "step"), len(out.failures))
	}
	body := []string{out.failures[0], "", left}
	p.ask(dialog.NewConfirm(p.th, "The update failed", body, []dialog.Button{{ID: "review", Label: "Review again"}}, func(r dialog.Result) tea.Cmd {
		if !r.OK {
			return nil
		}
		return p.startReview()
	}))
}

// askToLeave asks before an update that is under way is left.
func (p *Page) askToLeave() {
	p.ask(dialog.NewConfirm(p.th, "Leave while it is updating?", []string{"The update goes on, and a message tells how it ended."},
		[]dialog.Button{{ID: "leave", Label: "Leave"}}, p.leaveIf))
}

// finish leaves the page for the list of bindings, with what belongs to the rule in sight.
func (p *Page) finish() tea.Cmd {
	name := p.run.rule.Name
	return tea.Sequence(shell.Close(p), func() tea.Msg { return deck.ShowBindings{Query: name} })
}
