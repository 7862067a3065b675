package rollout

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

func lower(s string) string { return text.Lower(s) }

func warn(what string) tea.Cmd { return shell.Toast(theme.Warn, what) }

// confirm asks before the plan is carried out, as its danger demands: to take a profile away takes typing its name.
func (p *Page) confirm() tea.Cmd {
	if reason := p.planning.off(); reason != "" {
		return warn(p.job.verb() + ": " + reason)
	}
	g := p.planning
	able := g.those((*comparison).able)
	title, body := p.job.question(where(able)), p.confirmBody(able)
	if p.job.deed == removing {
		p.ask(dialog.NewTypeToConfirm(p.th, title, body, p.job.ref.Name, "remove", func(r dialog.Result) tea.Cmd { return p.begin(r, g) }))
		return nil
	}
	deletes := 0
	for _, c := range able {
		for _, l := range c.plan.Layers {
			deletes += l.Count(apply.Delete)
		}
	}
	buttons := []dialog.Button{{ID: "do", Label: p.job.verb(), Danger: deletes > 0 || p.job.deed == rollingBack}, {ID: bindOptions, Label: "Options" + p.th.Glyphs.Ellipsis}}
	p.ask(dialog.NewConfirm(p.th, title, body, buttons, func(r dialog.Result) tea.Cmd {
		if r.OK && r.Choice == bindOptions {
			p.askOptions(func() tea.Cmd { return p.confirm() })
			return nil
		}
		return p.begin(r, g)
	}))
	return nil
}

func (p *Page) confirmBody(able []*comparison) []string {
	var body []string
	for _, c := range able {
		line := amounts(c.plan)
		if len(p.planning.parts) > 1 {
			line = c.context + ": " + line
		}
		body = append(body, line)
	}
	if left := p.planning.those(func(c *comparison) bool { return c.obstacle() != "" }); len(left) > 0 {
		body = append(body, "", fmt.Sprintf("%d of %s will not be changed:", len(left), text.Count(len(p.planning.parts), "cluster")))
		for _, c := range left {
			body = append(body, c.context+": "+c.obstacle())
		}
	}
	body = append(body, "")
	if p.job.deed == removing {
		body = append(body, "Kinds of resources and namespaces stay, with all that is in them. The profile itself stays where it is kept.")
	}
	return append(body, p.goes()...)
}

// goes says in sentences how the run is to go.
func (p *Page) goes() []string {
	out := []string{p.failing() + " It may take " + short(p.options.Timeout) + " at most."}
	if p.planning != nil && len(p.planning.parts) > 1 {
		out = append(out, p.spreading())
	}
	return out
}

// failing says what happens when something fails.
func (p *Page) failing() string {
	switch {
	case p.job.deed == removing:
		return "If something fails, what is removed stays removed."
	case p.options.RollBack:
		return "If something fails, all that the run has changed is taken back."
	}
	return "If something fails, the cluster is left as it got."
}

// spreading says what a failure on one cluster does to the others.
func (p *Page) spreading() string {
	if p.options.stop {
		return "The clusters take turns; a failure keeps the others from being begun."
	}
	return "A cluster that fails does not stop the others."
}

// short reads "15m".
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// begin carries out what was confirmed.
func (p *Page) begin(r dialog.Result, g *planning) tea.Cmd {
	if !r.OK || p.planning != g || p.screen != screenPlan {
		return nil
	}
	if why := p.book.source.readOnly(); why != "" {
		g.refused = why
		p.refresh()
		return warn("nothing was changed: " + why)
	}
	if other := p.book.of(p.job.ref.Name); other != nil && !other.ended() {
		return tea.Batch(p.show(other), warn(other.under(other.where())))
	}
	work := newRun(g, p.options)
	start := p.book.start(work)
	return tea.Batch(start, p.show(work))
}

const (
	takeBack = "take back what was changed"
	leaveIt  = "leave the cluster as it got"
	goOn     = "go on with the others"
	stopThem = "do not begin the others"
)

// askOptions asks how the run is to go, and goes on then.
func (p *Page) askOptions(then func() tea.Cmd) {
	var fields []dialog.Field
	if p.job.deed != removing {
		value := leaveIt
		if p.options.RollBack {
			value = takeBack
		}
		fields = append(fields, dialog.Field{ID: "failing", Label: "If something fails", Kind: dialog.Choice, Choices: []string{takeBack, leaveIt}, Value: value,
			Help: "Left as it got, it can be looked at; applying again carries it on"})
	}
	if len(p.planning.parts) > 1 {
		value := goOn
		if p.options.stop {
			value = stopThem
		}
		fields = append(fields, dialog.Field{ID: "others", Label: "If a cluster fails", Kind: dialog.Choice, Choices: []string{goOn, stopThem}, Value: value,
			Help: "To stop at a failure, the clusters take turns"})
	}
	fields = append(fields, dialog.Field{ID: "within", Label: "At most", Value: short(p.options.Timeout), Validate: func(s string) string {
		if d, err := time.ParseDuration(strings.TrimSpace(s)); err != nil || d < time.Second {
			return "a time such as 15m or 1h30m"
		}
		return ""
	}, Help: "How long it may take until all is ready, outages of the API server included"})
	p.ask(dialog.NewForm(p.th, "Options", nil, fields, "OK", func(r dialog.Result) tea.Cmd {
		if r.OK {
			p.options.RollBack = r.Values["failing"] == takeBack
			p.options.stop = r.Values["others"] == stopThem
			p.options.Timeout, _ = time.ParseDuration(strings.TrimSpace(r.Values["within"]))
			p.refresh()
		}
		return then()
	}))
}

// askToLeave asks what becomes of a run that is under way, when its page is to be left.
func (p *Page) askToLeave() {
	if p.run.isStopping() {
		p.askHere("Leave while it is being stopped?", []string{"A message tells how it ended."}, dialog.Button{ID: "leave", Label: "Leave"})
		return
	}
	body := []string{
		p.run.under(p.run.where()) + ".", "",
		"Left running, it goes on while vmdeck is open; a message tells how it ended, and :rollout shows it.",
		p.stopping(),
	}
	p.askHere("It is still under way", body, dialog.Button{ID: "leave", Label: "Leave it running"}, dialog.Button{ID: "stop", Label: "Stop it", Danger: true})
}

// askHere asks what becomes of the run; what comes first is to stay with it.
func (p *Page) askHere(title string, body []string, buttons ...dialog.Button) {
	q := dialog.NewConfirm(p.th, title, body, buttons, p.leave)
	q.Keep = "Stay here"
	p.ask(q)
}

// stopping says what stopping does.
func (p *Page) stopping() string {
	switch {
	case p.run.deed == removing:
		return "Stopped, it ends at the next object: what is removed stays removed, and removing again goes on."
	case p.run.options.RollBack:
		return "Stopped, it ends at the next object, and what it has changed is taken back: the releases are as they were before."
	}
	return "Stopped, it ends at the next object; what is done stays, and " + p.run.anew() + " goes on."
}

func (p *Page) leave(r dialog.Result) tea.Cmd {
	switch {
	case !r.OK:
		return nil
	case r.Choice == "stop":
		p.stop()
		return nil
	}
	return shell.Close(p)
}

// askToStop asks before a run is stopped.
func (p *Page) askToStop() {
	p.askHere("Stop it?", []string{p.run.under(p.run.where()) + ".", "", p.stopping()}, dialog.Button{ID: "stop", Label: "Stop it", Danger: true})
}

func (p *Page) stop() {
	if !p.run.ended() {
		p.run.stop()
		p.refresh()
	}
}
