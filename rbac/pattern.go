package rbac

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// Pattern selects namespaces: one by its name, those that match a regular expression (/^team-/), or those that do not (~/^kube-/).
// Expressions are RE2 as in Go's regexp and match anywhere in the name unless they are anchored. The zero Pattern matches nothing.
type Pattern struct {
	text    string
	re      *regexp.Regexp // nil: a name
	negated bool
}

// PatternError says what is wrong with a pattern and where.
type PatternError struct {
	Text   string
	Pos    int // of the character, from 1; one past the end when something is missing there
	Reason string
}

// Error reads `the namespace pattern "/a(/" is wrong at character 3: missing closing )`.
func (e *PatternError) Error() string {
	return fmt.Sprintf("the namespace pattern %q is wrong at character %d: %s", e.Text, e.Pos, e.Reason)
}

// longestPattern keeps the search for an error's place, which tries one beginning after the other, short.
const longestPattern = 500

// ParsePattern reads a pattern. The error is a *PatternError.
func ParsePattern(text string) (Pattern, error) {
	fail := func(at int, reason string) (Pattern, error) {
		return Pattern{}, &PatternError{Text: text, Pos: utf8.RuneCountInString(text[:at]) + 1, Reason: reason}
	}
	if len(text) > longestPattern {
		return Pattern{}, &PatternError{Text: text, Pos: longestPattern + 1, Reason: fmt.Sprintf("it is longer than %d bytes", longestPattern)}
	}
	expression, negated := strings.CutPrefix(text, "~")
	start := len(text) - len(expression) + 1
	switch {
	case text == "":
		return fail(0, "it is empty; write a namespace's name, or a pattern such as /^team-/")
	case !strings.HasPrefix(expression, "/"):
		if negated {
			return fail(1, "a slash must follow the ~, as in ~/^kube-/")
		}
		if at, reason := wrongInName(text); reason != "" {
			return fail(at, reason)
		}
		return Pattern{text: text}, nil
	case len(expression) == 1 || !strings.HasSuffix(expression, "/"):
		return fail(len(text), "the closing slash is missing")
	case expression == "//":
		return fail(start, "there is nothing between the slashes; write /.*/ to select every namespace")
	}
	expression = expression[1 : len(expression)-1]
	re, err := regexp.Compile(expression)
	if err != nil {
		at, reason := explainSyntax(expression, err)
		return fail(start+at, reason)
	}
	return Pattern{text: text, re: re, negated: negated}, nil
}

// Matches tells whether the pattern selects a namespace of that name.
func (p Pattern) Matches(name string) bool {
	if p.re == nil {
		return p.text != "" && p.text == name
	}
	return p.re.MatchString(name) != p.negated
}

// Select returns the names that match, in their order.
func (p Pattern) Select(names []string) []string {
	var out []string
	for _, name := range names {
		if p.Matches(name) {
			out = append(out, name)
		}
	}
	return out
}

// Literal tells whether the pattern is the name of one namespace.
func (p Pattern) Literal() bool { return p.re == nil }

// String is the pattern as it was written.
func (p Pattern) String() string { return p.text }

// alwaysThere are the namespaces that every cluster has.
var alwaysThere = []string{"default", "kube-node-lease", "kube-public", "kube-system"}

// IsSystemNamespace tells whether a namespace belongs to the cluster itself, or is the one that everything lands in by mistake.
func IsSystemNamespace(name string) bool {
	return slices.Contains(alwaysThere, name) || strings.HasPrefix(name, "kube-") || strings.HasPrefix(name, "openshift-") ||
		slices.Contains([]string{"openshift", "kubevirt", "kubevirt-hyperconverged", "cdi", "vm-dashboard"}, name)
}

// Warning says which of the cluster's own namespaces a pattern selects; empty when it selects none. names are the namespaces there are;
// those that every cluster has are looked at in any case.
func (p Pattern) Warning(names []string) string {
	system := slices.DeleteFunc(append(slices.Clone(alwaysThere), names...), func(name string) bool {
		return !IsSystemNamespace(name) || !p.Matches(name)
	})
	slices.Sort(system)
	system = slices.Compact(system)
	switch {
	case len(system) == 0:
		return ""
	case p.Literal():
		return fmt.Sprintf("%s belongs to the cluster itself: rights there reach further than the VMs in it.", p.text)
	}
	return fmt.Sprintf("%s selects %s too: rights there reach further than the VMs in them. ~/^(default$|kube-)/ leaves such namespaces out.",
		p.text, strings.Join(system, ", "))
}

// wrongInName finds what keeps a text from being the name of a namespace.
func wrongInName(name string) (at int, reason string) {
	for i, r := range name {
		switch letter := r >= 'a' && r <= 'z' || r >= '0' && r <= '9'; {
		case !letter && r != '-':
			return i, fmt.Sprintf("%q cannot be in a namespace's name; patterns are written between slashes, as in /^team-/", r)
		case !letter && (i == 0 || i == len(name)-1):
			return i, "a namespace's name begins and ends with a letter or digit"
		}
	}
	if len(name) > 63 {
		return 63, "a namespace's name has 63 characters at most"
	}
	return 0, ""
}

// explainSyntax finds the place of a syntax error, which Go's regexp reports by the offending text only.
func explainSyntax(expression string, err error) (at int, reason string) {
	var fault *syntax.Error
	if !errors.As(err, &fault) {
		return 0, err.Error()
	}
	reason = fault.Code.String()
	if fault.Expr != expression && fault.Expr != "" {
		reason += ": " + fault.Expr
	}
	switch fault.Code {
	case syntax.ErrInvalidPerlOp:
		reason += "; there is no looking ahead or behind, but ~/…/ selects what does not match"
	case syntax.ErrMissingParen:
		if open := unclosed(expression); open >= 0 {
			return open, "the parenthesis is not closed"
		}
	case syntax.ErrTrailingBackslash:
		return len(expression) - 1, reason
	}
	return faultAt(expression, fault), reason
}

// faultAt finds the shortest beginning of the expression that has the same fault: its end is where the fault lies.
func faultAt(expression string, fault *syntax.Error) int {
	for end := 1; end <= len(expression); end++ {
		_, err := syntax.Parse(expression[:end], syntax.Perl)
		var found *syntax.Error
		if !errors.As(err, &found) || found.Code != fault.Code {
			continue
		}
		switch {
		case fault.Code == syntax.ErrUnexpectedParen:
			return end - 1
		case found.Expr == fault.Expr && strings.HasSuffix(expression[:end], fault.Expr):
			return end - len(fault.Expr)
		}
	}
	return max(strings.Index(expression, fault.Expr), 0)
}

// unclosed finds the innermost parenthesis that is never closed; -1 when there is none.
func unclosed(expression string) int {
	var open []int
	for i := 0; i < len(expression); i++ {
		switch expression[i] {
		case '\\':
			if strings.HasPrefix(expression[i:], `\Q`) {
				if end := strings.Index(expression[i:], `\E`); end >= 0 {
					i += end
				} else {
					i = len(expression)
				}
			}
			i++
		case '[':
			i = classEnd(expression, i)
		case '(':
			open = append(open, i)
		case ')':
			open = open[:max(len(open)-1, 0)]
		}
	}
	if len(open) == 0 {
		return -1
	}
	return open[len(open)-1]
}

// classEnd finds the bracket that closes the character class which begins at start. A bracket that comes first is a member.
func classEnd(expression string, start int) int {
	i := start + 1
	if i < len(expression) && expression[i] == '^' {
		i++
	}
	for first := i; i < len(expression); i++ {
		switch {
		case expression[i] == '\\':
			i++
		case strings.HasPrefix(expression[i:], "[:"):
			if end := strings.Index(expression[i:], ":]"); end >= 0 {
				i += end + 1
			}
		case expression[i] == ']' && i > first:
			return i
		}
	}
	return len(expression)
}
