package validation

import (
	"fmt"
	"io"
	"strings"
	"time"

	"vmdeck.dev/vmdeck/kube/check"
	"vmdeck.dev/vmdeck/ui/text"
)

// WriteMarkdown writes a report for a ticket or a hand-over: a table, and below it what has to be done.
func WriteMarkdown(out io.Writer, r check.Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Validation of %s: %s\n\n", literal(r.Context), r.Worst())
	fmt.Fprintf(&b, "As %s, %s.", literal(r.User.User), r.Time.UTC().Format(time.RFC3339))
	if r.As != nil {
		fmt.Fprintf(&b, " For %s.", literal(r.As.User))
	}
	b.WriteString("\n\n| Result | Check | Finding |\n|---|---|---|\n")
	for _, result := range r.Results {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", result.Verdict, literal(result.ID), literal(result.Summary))
	}
	if r.Next != nil {
		fmt.Fprintf(&b, "\n**Next:** %s %s\n", literal(r.Next.Why), literal(r.Next.Fix.Text))
	}
	for _, result := range r.Results {
		if problem(result.Verdict) {
			writeProblem(&b, result)
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func writeProblem(b *strings.Builder, r check.Result) {
	fmt.Fprintf(b, "\n## %s: %s\n\n%s\n", literal(r.ID), r.Verdict, literal(r.Summary))
	if len(r.Evidence) > 0 {
		b.WriteString("\n")
	}
	for _, line := range r.Evidence {
		fmt.Fprintf(b, "- %s\n", literal(line))
	}
	if r.Fix.Text != "" {
		fmt.Fprintf(b, "\nFix: %s\n", literal(r.Fix.Text))
	}
	if r.Fix.Command != "" {
		// A block by indentation, which no text can end.
		fmt.Fprintf(b, "\n    %s\n", text.Clean(r.Fix.Command))
	}
}

var escaper = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", "|", `\|`, "#", `\#`)

// literal keeps text from being read as markup: names are written by others.
func literal(s string) string { return escaper.Replace(text.Clean(s)) }
