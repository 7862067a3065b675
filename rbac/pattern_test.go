package rbac

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestC4PatternMatches(t *testing.T) {
	names := []string{"team-a", "team-b", "my-team-c", "kube-system", "default", "a"}
	tests := []struct {
		pattern string
		want    []string
	}{
		{"team-a", []string{"team-a"}},
		{"team", nil},
		{"/^team-/", []string{"team-a", "team-b"}},
		{"/team-/", []string{"team-a", "team-b", "my-team-c"}},
		{"~/^kube-/", []string{"team-a", "team-b", "my-team-c", "default", "a"}},
		{"~/^(kube-.+|default)$/", []string{"team-a", "team-b", "my-team-c", "a"}},
		{"/a/b/", nil},
		{"/.*/", names},
		{"~/.*/", nil},
		{"/^a$/", []string{"a"}},
	}
	for _, tt := range tests {
		t.Run(tt.pattern, func(t *testing.T) {
			p, err := ParsePattern(tt.pattern)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Select(names); !slices.Equal(got, tt.want) {
				t.Errorf("selects %v, want %v", got, tt.want)
			}
			if p.String() != tt.pattern || p.Literal() != !strings.HasSuffix(tt.pattern, "/") {
				t.Errorf("reads back as %q, literal %v", p, p.Literal())
			}
		})
	}
	if (Pattern{}).Matches("") {
		t.Error("the zero pattern matches the empty name")
	}
}

func TestC4PatternErrorsNameTheCharacter(t *testing.T) {
	tests := []struct {
		pattern string
		pos     int
		reason  string
	}{
		{"", 1, "empty"},
		{"~", 2, "slash must follow"},
		{"~team", 2, "slash must follow"},
		{"~ /x/", 2, "slash must follow"},
		{"/", 2, "closing slash"},
		{"~/", 3, "closing slash"},
		{"/^team-", 8, "closing slash"},
		{"//", 2, "nothing between"},
		{"~//", 3, "nothing between"},
		{"team*", 5, "'*' cannot be"},
		{"Team", 1, "'T' cannot be"},
		{"team-é", 6, "'é' cannot be"},
		{"-team", 1, "begins and ends"},
		{"team-", 5, "begins and ends"},
		{strings.Repeat("a", 64), 64, "63 characters"},
		{"/a(/", 3, "parenthesis is not closed"},
		{"/(a)(b/", 5, "parenthesis is not closed"},
		{"/((a)/", 2, "parenthesis is not closed"},
		{`/\((a/`, 4, "parenthesis is not closed"},
		{`/\Q(\E(a/`, 7, "parenthesis is not closed"},
		{"/[(](a/", 5, "parenthesis is not closed"},
		{"/[](](a/", 6, "parenthesis is not closed"},
		{"/[[:alpha:](](/", 14, "parenthesis is not closed"},
		{"/a)b/", 3, "unexpected )"},
		{"~/a)b/", 4, "unexpected )"},
		{"/ab[c/", 4, "missing closing ]"},
		{"/é[c/", 3, "missing closing ]"},
		{"/a**/", 3, "nested repetition"},
		{`/\***/`, 4, "nested repetition"},
		{"/*a/", 2, "missing argument"},
		{"/x[z-a]y/", 4, "z-a"},
		{"/^(?!kube)/", 3, "~/…/"},
		{`/a\/`, 3, "trailing backslash"},
		{`/a\pX/`, 3, "invalid character class"},
		{"/a{2000}/", 3, "repeat count"},
		{"/" + strings.Repeat("a", 600) + "/", 501, "longer"},
	}
	for _, tt := range tests {
		t.Run(tt.pattern, func(t *testing.T) {
			_, err := ParsePattern(tt.pattern)
			var fault *PatternError
			if !errors.As(err, &fault) {
				t.Fatalf("error is %v", err)
			}
			if fault.Pos != tt.pos || !strings.Contains(fault.Error(), tt.reason) {
				t.Errorf("character %d: %v; want %d, %q", fault.Pos, fault, tt.pos, tt.reason)
			}
		})
	}
}

func TestC4PatternWarning(t *testing.T) {
	there := []string{"team-a", "openshift-etcd", "kube-system"}
	tests := []struct {
		pattern string
		names   []string
		want    []string
		not     string
	}{
		{"/^team-/", there, nil, ""},
		{"team-a", there, nil, ""},
		{"kube-system", nil, []string{"kube-system belongs"}, ""},
		{"/.*/", nil, []string{"default, kube-node-lease, kube-public, kube-system"}, "team-a"},
		{"/e/", there, []string{"kube-system, openshift-etcd"}, "team-a"},
		{"~/^(default$|kube-)/", []string{"team-a", "kube-system"}, nil, ""},
		{"~/^kube-/", nil, []string{"default"}, "kube-public"},
	}
	for _, tt := range tests {
		p, err := ParsePattern(tt.pattern)
		if err != nil {
			t.Fatal(err)
		}
		got := p.Warning(tt.names)
		if (got == "") != (tt.want == nil) || tt.not != "" && strings.Contains(got, tt.not) {
			t.Errorf("%s warns %q", tt.pattern, got)
		}
		for _, want := range tt.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s warns %q, want %q", tt.pattern, got, want)
			}
		}
	}
}

// Whatever is typed, a pattern either works or the error points into the text; and ~ turns the selection round.
func TestC4PatternProperties(t *testing.T) {
	anything := rapid.StringOfN(rapid.SampledFrom([]rune(`ab-0^$.*+?|()[]{}\/~zé:`)), 0, 12, -1)
	name := rapid.StringMatching(`[a-z0-9]([-a-z0-9]{0,6}[a-z0-9])?`)
	rapid.Check(t, func(t *rapid.T) {
		inner, ns := anything.Draw(t, "expression"), name.Draw(t, "namespace")
		for _, text := range []string{inner, "/" + inner + "/", "~/" + inner + "/"} {
			_, err := ParsePattern(text)
			var fault *PatternError
			if err != nil && (!errors.As(err, &fault) || fault.Pos < 1 || fault.Pos > utf8.RuneCountInString(text)+1 || fault.Reason == "") {
				t.Fatalf("%q: %v", text, err)
			}
		}
		yes, err := ParsePattern("/" + inner + "/")
		no, err2 := ParsePattern("~/" + inner + "/")
		re, err3 := regexp.Compile(inner)
		if (err == nil) != (err2 == nil) || inner != "" && (err == nil) != (err3 == nil) {
			t.Fatalf("%q: %v, %v, %v", inner, err, err2, err3)
		}
		if err == nil && (yes.Matches(ns) == no.Matches(ns) || yes.Matches(ns) != re.MatchString(ns)) {
			t.Fatalf("/%s/ on %q: %v, negated %v", inner, ns, yes.Matches(ns), no.Matches(ns))
		}
		literal, err := ParsePattern(ns)
		if err != nil || !literal.Matches(ns) || literal.Matches(ns+"x") {
			t.Fatalf("the name %q: %v", ns, err)
		}
	})
}
