package rollout

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/views/deck"
)

// told says that a run has gone on.
type told struct{ of *run }

// show turns to a run.
func (p *Page) show(r *run) tea.Cmd {
	p.run, p.screen, p.job, p.lower = r, screenRun, r.job, false
	p.upper, p.events = &pane{th: p.th}, &pane{th: p.th, follow: true}
	p.changed = true
	p.refresh()
	return p.awaitNews()
}

// awaitNews delivers what happens to the page, until it is left.
func (p *Page) awaitNews() tea.Cmd {
	r, news, ctx := p.run, p.run.awaiting(), p.ctx
	if r.ended() {
		return nil
	}
	return p.mine(func() tea.Msg {
		select {
		case <-news:
		case <-ctx.Done():
			return nil
		}
		return told{r}
	})
}

func (p *Page) takeNews(msg told) tea.Cmd {
	if msg.of != p.run || p.screen != screenRun {
		return nil
	}
	next := p.awaitNews() // before it is looked at: what happens then is the next news
	p.changed = true
	if p.run.ended() {
		p.asking = dialog.NewStack(nil) // whether to leave or stop what is over is no question
		p.upper.move("first")
	}
	p.refresh()
	return next
}

// doRun carries out a binding of the run's screen.
func (p *Page) doRun(id string) (tea.Cmd, bool) {
	switch id {
	case bindFocus:
		p.lower = !p.lower
		return nil, true
	case bindCopy:
		return deck.Copy(p.copied(), "the report"), true
	case bindStop:
		switch {
		case p.run.ended():
			return warn("the run is over"), true
		case p.run.isStopping():
			return warn("it is being stopped"), true
		}
		p.askToStop()
		return nil, true
	case bindAgain, bindBack, bindProfile, bindRights, bindTemplates:
		if !p.run.ended() {
			return warn("the run is under way; esc leaves it running"), true
		}
		return p.offer(id), true
	}
	return nil, false
}

func (p *Page) offer(id string) tea.Cmd {
	send := func(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }
	switch id {
	case bindAgain:
		return p.again()
	case bindBack:
		if p.run.deed == removing {
			return warn("what was removed has nothing left to go back to; apply the profile again")
		}
		return send(deck.RollBack{Profile: p.run.ref.Name})
	case bindProfile:
		return send(deck.ShowProfiles{Ref: p.run.ref})
	case bindRights:
		return send(deck.EditRule{})
	}
	return send(deck.ShowTemplates{})
}

// offers are the bindings that lead on from how the run has ended, the best first.
func (p *Page) offers() []string {
	s, _ := p.run.overall()
	own := slices.ContainsFunc(p.run.shares, func(s *share) bool { return s.context == p.book.own() })
	switch {
	case p.run.deed == removing && !s.bad(), !own:
		return []string{bindProfile}
	case s == running && p.run.deed == applying && p.run.first():
		return []string{bindRights, bindTemplates, bindProfile}
	case s == running && p.run.deed == applying:
		return []string{bindTemplates, bindBack, bindProfile}
	case p.run.deed == applying && slices.ContainsFunc(p.run.snapshot(), func(s share) bool { return s.out.status == failed || s.out.status == stopped }):
		return []string{bindAgain, bindBack, bindProfile}
	case s.bad(), s == differs:
		return []string{bindAgain, bindProfile}
	}
	return []string{bindProfile, bindTemplates}
}

// first tells whether the profile was on none of the clusters before.
func (r *run) first() bool {
	return !slices.ContainsFunc(r.shares, func(s *share) bool { return !s.first() })
}

// copied is the report and all events as plain text.
func (p *Page) copied() string {
	var out []string
	for _, part := range []*pane{p.upper, p.events} {
		for _, line := range part.lines {
			out = append(out, strings.TrimRight(line.Plain, " "))
		}
		out = append(out, "")
	}
	_, says := p.run.overall()
	return p.job.title() + ", " + p.run.where() + ": " + says + "\n\n" + strings.Join(out, "\n")
}
