package editor

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/views/deck"
)

// update is one of a cluster or of a group.
type update interface {
	ended() bool
	named() string            // the rule's name
	leave()                   // notes that the page was left
	retired() <-chan struct{} // is closed when all is over
	told() <-chan struct{}    // has a value while there is news
}

// news tells the page that an update has gone on.
type news struct{ of update }

// startRun carries out what was reviewed.
func (p *Page) startRun() tea.Cmd {
	work, ctx, d := newRun(p.review, make(chan struct{}, 1)), p.deck.Context(), p.deck
	p.begin(work)
	return tea.Batch(p.awaitNews(), work.farewell(p.deck.Cluster.Target().Context), func() tea.Msg {
		defer d.Reread()
		defer close(work.over)
		work.carryOut(ctx)
		return nil
	})
}

// begin shows an update.
func (p *Page) begin(u update) {
	p.update, p.screen, p.pager = u, screenRun, pager.New(p.th, "")
	p.refresh()
}

// awaitNews delivers what happens to the page, until it is left.
func (p *Page) awaitNews() tea.Cmd {
	u, ctx := p.update, p.ctx
	return p.mine(func() tea.Msg {
		select {
		case <-u.told():
		case <-u.retired():
		case <-ctx.Done():
			return nil
		}
		return news{u}
	})
}

// takeNews shows what has happened, and offers another review where a step failed.
func (p *Page) takeNews(msg news) tea.Cmd {
	if msg.of != p.update {
		return nil
	}
	over := msg.of.ended() // before it is looked at: what happens then is the next news
	p.changed = true
	if p.screen == screenRun {
		p.refresh()
	}
	switch u := msg.of.(type) {
	case *run:
		if over {
			p.settleRun(u, u.snapshot())
		}
	case *runs:
		if over {
			p.settleRuns(u)
		}
	}
	if over {
		return nil
	}
	return p.awaitNews()
}

func (r *run) named() string            { return r.rule.Name }
func (r *run) leave()                   { r.left.Store(true) }
func (r *run) retired() <-chan struct{} { return r.over }
func (r *run) told() <-chan struct{}    { return r.notice }

// settleRun takes in the end of an update. What was made stays, so the rule has its name for good.
func (p *Page) settleRun(r *run, out outcome) {
	p.asking = dialog.NewStack(nil) // whether to leave an update that is over is no question
	p.version, p.form.stored = out.stored.Version, out.stored.Version != ""
	if out.done > 0 || out.status != failed || p.form.stored {
		p.edit.Exists, p.edit.Rule, p.form.fixed = true, r.rule, true
		p.form.opened = p.form.entered()
	}
	if out.status != failed {
		return
	}
	left := "No binding was changed. A new review shows the cluster as it is now."
	if out.done > 0 {
		left = fmt.Sprintf("%s done, %d failed. What is done stays; a new review shows what is left.", text.Count(out.done, "step"), len(out.failures))
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
	name := p.update.named()
	return tea.Sequence(shell.Close(p), func() tea.Msg { return deck.ShowBindings{Query: name} })
}
