package rights

import (
	"context"
	"fmt"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// check is what the API server says about one line.
type check struct {
	state checkState
	err   error // why there is no answer
}

type checkState int

const (
	unasked checkState = iota
	asking
	confirmed
	contradicted
	unanswered
)

func (c check) cell(th *theme.Theme) table.Cell {
	g := th.Glyphs
	switch c.state {
	case asking:
		return table.Cell{Text: "asking", Tone: theme.Dim}
	case confirmed:
		return table.Cell{Prefix: g.Mark, PrefixTone: theme.Good, Text: "yes"}
	case contradicted:
		return table.Cell{Prefix: g.Cross, PrefixTone: theme.Bad, Text: "no", Tone: theme.Bad}
	case unanswered:
		return table.Cell{Prefix: "?", PrefixTone: theme.Warn, Text: "unknown", Tone: theme.Warn}
	}
	return table.Cell{Text: g.None, Tone: theme.Dim}
}

// holder is somebody in a place, whatever bindings give the right.
type holder struct {
	subject rbac.Subject
	where   string
}

func (h holding) holder() holder { return holder{h.subject, h.where} }

// checks are the server's answers to a question.
type checks struct {
	answers map[holder]check
	at      time.Time
	skipped int
	running bool
}

func (c checks) of(h holding) check { return c.answers[h.holder()] }

const (
	mostChecked = 200 // a cluster may have thousands of bindings, and each takes requests
	reviewers   = 4
)

// verified are the server's answers about those who were asked about.
type verified struct {
	question int
	answers  map[holder]check
}

// reviewPerm is what asking the API server about others takes.
func reviewPerm(local bool) []rbac.Permission {
	if local {
		return []rbac.Permission{rbac.On("create", "authorization.k8s.io", "localsubjectaccessreviews")}
	}
	return []rbac.Permission{rbac.On("create", "authorization.k8s.io", "subjectaccessreviews")}
}

// verifyOff says why the server cannot be asked; empty when it may be tried.
func (p *WhoCan) verifyOff() string {
	access := p.deck.Cluster.Access()
	d := access.Decide("", reviewPerm(false))
	if d.Verdict == rbac.Denied && p.namespace != "" {
		d = access.Decide(p.namespace, reviewPerm(true))
	}
	switch state := p.deck.Cluster.Health().Status().State; {
	case state == kube.Lost:
		return "no connection"
	case state == kube.Expired:
		return "the login is not accepted"
	case d.Verdict == rbac.Denied:
		return d.Reason
	}
	return ""
}

// verify asks the API server about those who are shown.
func (p *WhoCan) verify() tea.Cmd {
	if reason := p.verifyOff(); reason != "" {
		return shell.Toast(theme.Warn, "verify: "+reason)
	}
	if p.checks.running {
		return shell.Toast(theme.Info, "the API server is being asked already")
	}
	answers, skipped := map[holder]check{}, map[holder]bool{}
	var who []holder
	for _, row := range p.list.VisibleRows() {
		h := row.holder()
		if _, known := answers[h]; known {
			continue
		}
		if len(who) == mostChecked {
			skipped[h] = true
			continue
		}
		who, answers[h] = append(who, h), check{state: asking}
	}
	if len(who) == 0 {
		return shell.Toast(theme.Info, "there is nobody to ask about")
	}
	p.checks = checks{answers: answers, skipped: len(skipped), running: true}
	p.recheck()
	question, ctx, cluster, perms := p.question, p.deck.Context(), p.deck.Cluster, p.need.Perms
	return func() tea.Msg { return shell.For(p, verified{question, reviewAll(ctx, cluster, who, perms)}) }
}

// reviewAll asks about everybody, a few at a time.
func reviewAll(ctx context.Context, cluster *kube.Cluster, who []holder, perms []rbac.Permission) map[holder]check {
	results, slots := make([]check, len(who)), make(chan struct{}, reviewers)
	var wg sync.WaitGroup
	for i, h := range who {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			results[i] = review(ctx, cluster, h, perms)
		})
	}
	wg.Wait()
	out := map[holder]check{}
	for i, h := range who {
		out[h] = results[i]
	}
	return out
}

func review(ctx context.Context, cluster *kube.Cluster, h holder, perms []rbac.Permission) check {
	for _, perm := range perms {
		switch verdict, err := binding.Review(ctx, cluster, h.subject.Who(), h.where, perm); {
		case err != nil:
			return check{unanswered, err}
		case verdict == rbac.Denied:
			return check{state: contradicted}
		}
	}
	return check{state: confirmed}
}

func (p *WhoCan) takeChecks(v verified) tea.Cmd {
	if v.question != p.question {
		return nil
	}
	p.checks.answers, p.checks.at, p.checks.running = v.answers, time.Now(), false
	p.recheck()
	for _, c := range v.answers {
		if c.err != nil {
			return shell.Toast(theme.Bad, kube.Explain(c.err, "ask the API server about others"))
		}
	}
	return nil
}

// recheck puts the answers into the rows.
func (p *WhoCan) recheck() {
	var rows []holding
	p.list.Each(func(h holding) {
		h.check = p.checks.of(h)
		rows = append(rows, h)
	})
	p.list.Apply(rows, nil)
}

// source says where the rights on the screen are known from.
func (p *WhoCan) source() string {
	if p.checks.running {
		return "Asking the API server about each of them (access review)" + p.th.Glyphs.Ellipsis
	}
	if p.checks.at.IsZero() {
		return "From roles and bindings: members of groups and other authorizers are not seen."
	}
	counts := map[checkState]int{}
	for _, c := range p.checks.answers {
		counts[c.state]++
	}
	s := fmt.Sprintf("The API server was asked %s ago (access review): %d yes, %d no", text.Age(p.now.Sub(p.checks.at)), counts[confirmed], counts[contradicted])
	if n := counts[unanswered]; n > 0 {
		s += fmt.Sprintf(", %d unknown", n)
	}
	if p.checks.skipped > 0 {
		s += fmt.Sprintf("; %d were not asked about", p.checks.skipped)
	}
	return s + "."
}
