package validation

import (
	"fmt"
	"strings"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/check"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// page is what stands in place of the list.
func (p *Page) page(title string, lines []string, w, h int) string {
	s := &sheet.Sheet{Theme: p.th, Width: min(max(w-8, 20), 76)}
	s.Raw(p.th.Paint(theme.Strong, text.Clean(title)))
	for _, l := range lines {
		if l == "" {
			s.Gap()
			continue
		}
		if command, ok := strings.CutPrefix(l, "$ "); ok {
			s.Para(0, sheet.Words{Text: "$ " + command, Tone: theme.Accent})
			continue
		}
		s.Para(0, sheet.Words{Text: l})
	}
	block := make([]string, max(0, (h-len(s.Lines))/3))
	for _, l := range s.Lines {
		block = append(block, text.Spaces(4)+l.Shown)
	}
	return text.Block(strings.Join(block, "\n"), w, h)
}

// instead is what is said in place of the list; no title: nothing.
func (p *Page) instead() (title string, lines []string) {
	status := p.deck.Cluster.Health().Status()
	switch {
	case p.alone():
		return "You may not do anything with VMs yet.", p.helpful()
	case len(p.found) > 0 || p.run != nil || p.last.at.IsZero():
		return "", nil
	case status.State == kube.Expired:
		return "The login is not accepted.", []string{status.Reason, "", "The checks are made once that has worked. R tries now, C chooses another context."}
	case status.State == kube.Lost:
		return "The API server does not answer.", []string{status.Reason, "", "Trying again by itself. R tries now, C chooses another context."}
	case p.last.err != nil:
		return "Nothing could be checked.", []string{kube.Explain(p.last.err, "check the platform"), "", "Trying again by itself. R tries now."}
	}
	return "", nil
}

// helpful leads a user with no rights at all to the one next step.
func (p *Page) helpful() []string {
	r := p.of("access.own").result
	target := p.deck.Cluster.Target()
	lines := []string{
		fmt.Sprintf("%s is logged in at %s, and has no rights on VMs in any namespace that was looked at.", p.deck.User(), target.Context),
		"", "Next: " + r.Fix.Text,
	}
	if r.Fix.Command != "" {
		lines = append(lines, "$ "+r.Fix.Command)
	}
	lines = append(lines, "y copies this for the administrator. Once it is done, this page follows by itself.", "")
	if n := p.count(check.NotPermitted); n > 0 {
		lines = append(lines, fmt.Sprintf("%s not permitted to you. j shows all checks, and who may make them.", verb(n)))
	}
	if len(p.namespaces) == 0 {
		lines = append(lines, "N looks in namespaces that you name.")
	}
	return lines
}

func (p *Page) emptyTitle() string {
	switch {
	case p.list.Query.Value() != "":
		return "No check matches " + p.list.Query.Value() + "."
	case p.run != nil && len(p.found) == 0:
		return "No problems so far."
	case p.count(check.NotPermitted) > 0:
		return "No problems, as far as you may look."
	}
	return "No problems."
}
