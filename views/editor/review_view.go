package editor

import (
	"fmt"
	"slices"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// effects is the same effect on a subject in several namespaces.
type effects struct {
	rbac.Effect
	places []string // empty: everywhere
}

// gathered puts together the namespaces in which the same happens to a subject.
func gathered(all []rbac.Effect) []effects {
	var out []effects
	for _, e := range all {
		i := slices.IndexFunc(out, func(g effects) bool {
			return g.Subject == e.Subject && (g.Namespace == "") == (e.Namespace == "") &&
				slices.Equal(g.Gained, e.Gained) && slices.Equal(g.Lost, e.Lost) && slices.Equal(g.Kept, e.Kept)
		})
		if i < 0 {
			i = len(out)
			out = append(out, effects{Effect: e})
		}
		if e.Namespace != "" {
			out[i].places = append(out[i].places, e.Namespace)
		}
	}
	return out
}

// where reads "in team-a, team-b and 12 more".
func (e effects) where(most int) string {
	if len(e.places) == 0 {
		return "everywhere"
	}
	return "in " + some(e.places, most)
}

// lines collects what a pager shows, broken to a width.
type lines struct {
	th  *theme.Theme
	w   int
	out []pager.Line
}

func (p *Page) newLines() *lines { return &lines{th: p.th, w: max(p.w-4, 20)} }

func (l *lines) add(all ...words) {
	for _, line := range wrapped(l.th, all, l.w) {
		l.out = append(l.out, pager.Styled(line))
	}
}

func (l *lines) heading(title string) {
	if len(l.out) > 0 {
		l.out = append(l.out, pager.Line{})
	}
	l.out = append(l.out, pager.Styled(l.th.Paint(theme.Header, text.Clean(title))))
}

// mostNamed is how many namespaces of a group are named.
const mostNamed = 6

// drawReview writes the review for the width of the screen.
func (p *Page) drawReview() {
	if p.joint != nil {
		p.drawJoint()
		return
	}
	r, l, g := p.review, p.newLines(), p.th.Glyphs
	switch {
	case r.reading:
		l.add(dim("The cluster's namespaces, roles and bindings are read, and the server tries each step without doing it" + g.Ellipsis))
	case r.err != nil:
		l.add(bad(g.Cross + " " + kube.Explain(r.err, "review the rule "+r.rule.Name)))
		l.add(dim("r tries again, esc goes back to the form."))
	default:
		p.wholeReview(l)
	}
	p.pager.SetTitle(p.reviewTitle())
	p.pager.SetLines(l.out)
}

func (p *Page) reviewTitle() string {
	r := p.review
	switch {
	case r.reading:
		title := "Reading the cluster" + p.th.Glyphs.Ellipsis
		if took := p.now.Sub(r.since); took >= time.Second {
			title += " " + text.Age(took)
		}
		return title
	case r.err != nil:
		return "The review failed"
	case r.idle() && len(r.plan.Conflicts) == 0:
		return "Nothing to do: the cluster is as the rule says"
	}
	return amounts(r.plan)
}

func (p *Page) wholeReview(l *lines) {
	r, g := p.review, p.th.Glyphs
	if r.blocked != "" {
		l.add(bad(g.Cross + " " + r.blocked))
	}
	for _, s := range r.loses {
		l.add(bad(g.Warn + " " + s))
	}
	l.serverSays(r)
	l.account(r)
}

// account is what would change in a cluster.
func (l *lines) account(r *review) {
	l.changes(r.plan)
	l.effects(r.effects)
	if notes := append(r.world.GapsIn(""), r.plan.Notes...); len(notes) > 0 {
		l.heading("Notes")
		for _, note := range warnings(l.th.Glyphs, notes) {
			note.indent = 2
			l.add(note)
		}
	}
	l.heading("Rule")
	l.add(words{text: r.keepingWords(), indent: 2})
}

// serverSays tells how the server took the dry run. It comes first where it refused: nothing else matters then.
func (l *lines) serverSays(r *review) {
	refused := r.refused()
	switch {
	case len(r.steps) == 0:
		return
	case len(refused) == 0:
		l.add(words{text: l.th.Glyphs.Mark + " The server would accept " + all(len(r.steps)) + ".", tone: theme.Good})
		return
	}
	l.add(bad(fmt.Sprintf("%s The server refuses %d of %s, so nothing can be applied.", l.th.Glyphs.Cross, len(refused), text.Count(len(r.steps), "step"))))
	var said []string
	for _, s := range refused {
		said = append(said, s.String())
	}
	const most = 3
	for _, sentence := range said[:min(len(said), most)] {
		l.add(words{text: sentence, indent: 2})
	}
	if n := len(said) - most; n > 0 {
		l.add(words{text: fmt.Sprintf("and %s refused in the same way or another.", text.Count(n, "step")), tone: theme.Dim, indent: 2})
	}
}

func all(n int) string {
	if n == 1 {
		return "the one step"
	}
	return fmt.Sprintf("all %d steps", n)
}

// changes is the plan as a diff.
func (l *lines) changes(plan rbac.Plan) {
	if plan.Empty() && len(plan.Conflicts) == 0 {
		return
	}
	l.heading("Changes")
	tones := map[byte]theme.Tone{'+': theme.Good, '~': theme.Warn, '-': theme.Bad, '!': theme.Warn}
	for _, line := range plan.Lines() {
		l.add(words{text: line, tone: tones[line[0]], indent: 2})
	}
	for _, c := range plan.Change {
		if c.Recreate {
			l.add(words{text: c.After.String() + " is deleted and made anew: the role of a binding cannot be changed.", tone: theme.Dim, indent: 4})
		}
	}
	if n := len(plan.Unchanged); n > 0 {
		l.add(words{text: text.Count(n, "binding") + " as it should be already", tone: theme.Dim, indent: 2})
	}
}

// effects are gains and losses, subject by subject.
func (l *lines) effects(found []rbac.Effect) {
	l.heading("Gains and losses")
	if len(found) == 0 {
		l.add(words{text: "Nobody gains or loses a right on VMs.", tone: theme.Dim, indent: 2})
		return
	}
	var last rbac.Subject
	for _, e := range gathered(found) {
		if e.Subject != last {
			l.add(words{text: e.Subject.String(), indent: 2})
			last = e.Subject
		}
		l.add(words{text: e.where(mostNamed), tone: theme.Dim, indent: 4})
		for _, part := range []struct {
			sign string
			ids  []string
			tone theme.Tone
		}{{"+ ", e.Gained, theme.Good}, {"- ", e.Lost, theme.Bad}, {"  keeps ", e.Kept, theme.Normal}} {
			if len(part.ids) > 0 {
				l.add(words{text: part.sign + granted(part.ids), tone: part.tone, indent: 6})
			}
		}
	}
}

func (r *review) keepingWords() string {
	where := ""
	if r.keeper.Rules != nil {
		where = r.keeper.Rules.Where()
	}
	switch {
	case r.keep == keepSave:
		return "It is stored in " + where + "."
	case r.keep == keepInstall:
		return "The custom resource rolebindingrules.vmdeck.dev is installed, and the rule stored in " + where + "."
	case r.keep == keepDelete:
		return "It is taken out of " + where + "; its bindings stay until vmdeck bindings sync runs, which removes those of rules that are not stored."
	case r.asked.keep, r.stored.Version != "":
		return "It is stored in " + where + " as it is."
	}
	return notStored
}

// pagerView draws the review or the update.
func (p *Page) pagerView(w, h int) string { return p.pager.View(w, h) }
