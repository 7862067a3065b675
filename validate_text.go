package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"vmdeck.dev/vmdeck/kube/check"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/validation"
)

const (
	textWidth    = 80
	titleWidth   = 20
	mostEvidence = 6 // lines of one result; -o json has all
)

// page writes a report for people, at most textWidth cells wide but for commands, which are there to be pasted.
type page struct {
	strings.Builder
	theme  *theme.Theme
	styled bool
}

func writeText(out io.Writer, r check.Report, t *theme.Theme, styled bool) error {
	p := &page{theme: t, styled: styled}
	p.head(r)
	group := ""
	for i := 0; i < len(r.Results); {
		if r.Results[i].Group != group {
			group = r.Results[i].Group
			p.line("\n" + p.paint(theme.Strong, validation.Heading(group)))
		}
		alike := passed(r.Results[i:])
		if alike > 1 {
			p.together(r.Results[i : i+alike])
		} else {
			p.result(r.Results[i])
		}
		i += max(alike, 1)
	}
	p.foot(r)
	_, err := io.WriteString(out, p.String())
	return err
}

// passed is how many results at the front are passes of one check.
func passed(results []check.Result) int {
	n := 0
	for n < len(results) && results[n].Verdict == check.Pass && results[n].Check == results[0].Check {
		n++
	}
	return n
}

func (p *page) paint(tone theme.Tone, s string) string {
	if !p.styled {
		return s
	}
	return p.theme.Paint(tone, s)
}

func (p *page) line(s string) { p.WriteString(s + "\n") }

func (p *page) head(r check.Report) {
	who := "as " + r.User.User
	if r.As != nil {
		who += ", for " + r.As.User
	}
	p.line(text.Clean(fmt.Sprintf("Validation of %s %s, %s", r.Context, who, r.Time.Format(time.DateTime))))
}

func (p *page) result(r check.Result) {
	p.finding(r.Verdict, r.Title, r.Summary)
	if r.Verdict != check.Fail && r.Verdict != check.Warn {
		return
	}
	evidence := r.Evidence
	if hidden := len(evidence) - mostEvidence; hidden > 0 {
		evidence = append(evidence[:mostEvidence:mostEvidence], fmt.Sprintf("and %d more; -o json has all", hidden))
	}
	for _, line := range evidence {
		p.block(theme.Dim, "", line)
	}
	p.fix(r.Fix)
}

// together is one line for the passes of a check that looks at many things.
func (p *page) together(results []check.Result) {
	names := make([]string, len(results))
	for i, r := range results {
		names[i] = r.Object
	}
	p.finding(check.Pass, results[0].Title, strings.Join(names, ", "))
}

func (p *page) finding(v check.Verdict, title, summary string) {
	glyph, tone, _ := validation.Mark(p.theme.Glyphs, v)
	lead := "  " + p.paint(tone, glyph) + " " + text.Fit(text.Clean(title), titleWidth, p.theme.Glyphs.Ellipsis) + "  "
	for _, line := range text.Wrap(text.Clean(summary), textWidth-titleWidth-6) {
		p.line(lead + line)
		lead = text.Spaces(titleWidth + 6)
	}
}

func (p *page) fix(f check.Fix) {
	if f.Text != "" {
		p.block(theme.Normal, p.theme.Glyphs.Arrow+" ", f.Text)
	}
	if f.Command != "" {
		p.line(text.Spaces(6) + p.paint(theme.Accent, "$ "+text.Clean(f.Command)))
	}
}

// block writes indented lines, the first behind a lead.
func (p *page) block(tone theme.Tone, lead, s string) {
	for i, line := range text.Wrap(text.Clean(s), textWidth-6-text.Width(lead)) {
		if i > 0 {
			lead = text.Spaces(text.Width(lead))
		}
		p.line(text.Spaces(6) + p.paint(tone, lead+line))
	}
}

func (p *page) foot(r check.Report) {
	var parts []string
	for _, v := range []struct {
		verdict check.Verdict
		words   string
	}{{check.Pass, "pass"}, {check.Warn, "warn"}, {check.Fail, "fail"}, {check.NotPermitted, "not permitted"}, {check.NotApplicable, "not applicable"}} {
		if n := r.Count(v.verdict); n > 0 {
			glyph, tone, _ := validation.Mark(p.theme.Glyphs, v.verdict)
			parts = append(parts, p.paint(tone, glyph)+fmt.Sprintf(" %d %s", n, v.words))
		}
	}
	p.line("\n" + strings.Join(parts, "   "))
	if r.Next == nil {
		return
	}
	p.line("\n" + p.paint(theme.Strong, "Next"))
	p.block(theme.Normal, "", r.Next.Why)
	p.fix(r.Next.Fix)
}
