package text

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"
)

func TestClean(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "web-1", "web-1"},
		{"unicode", "größe 日本 ●", "größe 日本 ●"},
		{"tab and line ends", "a\tb\nc\r\nd", "a b c d"},
		{"controls", "a\x00b\x07c\x7fd", "abcd"},
		{"colour", "a\x1b[31mb\x1b[0mc", "abc"},
		{"csi with intermediates", "a\x1b[?25;1$pb", "ab"},
		{"csi without end", "a\x1b[31", "a"},
		{"title, bell", "a\x1b]0;evil\x07b", "ab"},
		{"title, string terminator", "a\x1b]0;evil\x1b\\b", "ab"},
		{"title without end", "a\x1b]0;evil", "a"},
		{"clipboard", "\x1b]52;c;ZXZpbA==\x07ok", "ok"},
		{"device control", "a\x1bPq#1\x1b\\b", "ab"},
		{"two-character escapes", "a\x1bcb\x1b(0c\x1b", "abc"},
		{"escape before escape", "\x1b\x1b[2Ja", "a"},
		{"c1 csi", "a\u009b31mb", "ab"},
		{"c1 osc", "a\u009d0;evil\u009cb", "ab"},
		{"c1 other", "a\u0085b", "ab"},
		{"raw c1 byte", "a\x9b31mb", "a?31mb"},
		{"bidi override", "a\u202eb\u2066c\u200f", "abc"},
		{"zero width", "a\u200bb\u200dc\ufeffd\u00ade", "abcde"},
		{"separators", "a\u2028b\u00a0c", "a b c"},
		{"invalid", "a\xffb\xe2\x82", "a?b??"},
		{"variation selector", "❤\ufe0f", "❤"},
		{"flag", "🇩🇪", "DE"},
		{"too many marks", "a\u0301\u0301\u0301\u0301\u0301b", "a\u0301\u0301\u0301b"},
		{"leading mark", "\u0301a", "a"},
		{"leading letter that joins", "\uff9fa", "a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Clean(tt.in); got != tt.want {
				t.Errorf("Clean(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
	if got := CleanLines("a\r\nb\x1b]0;x\nc\td"); got != "a\nb\nc d" {
		t.Errorf("CleanLines = %q", got)
	}
}

// nasty draws strings made of what terminals act on, mixed with ordinary text.
func nasty() *rapid.Generator[string] {
	parts := []string{
		"\x1b", "\x1b[", "\x1b]0;", "\x1b\\", "\x07", "\x9b", "\u009b", "\u009c", "\u202e", "\u200d", "\ufe0f", "\xe2", "\x80",
		"31", "m", ";", "a", "web-1", " ", "日", "👍🏽", "e\u0301", "\u0301", "\n", "\t", "\r", "\x1b[1m", "\x1b[m", "…", "●", "हिन्दी",
		"\x1b[0;31", "\x18", "🇩", "\u3000", "\U000e0041",
	}
	mixed := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 0, 12).Draw(t, "parts"), "")
	})
	bytes := rapid.Custom(func(t *rapid.T) string { return string(rapid.SliceOfN(rapid.Byte(), 0, 30).Draw(t, "bytes")) })
	return rapid.OneOf(mixed, bytes, rapid.String())
}

func TestCleanLeavesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := nasty().Draw(t, "in")
		for _, lines := range []bool{false, true} {
			out := clean(in, lines)
			if again := clean(out, lines); again != out {
				t.Fatalf("not idempotent: %q then %q", out, again)
			}
			requireHarmless(t, out, lines)
		}
	})
}

func requireHarmless(t *rapid.T, s string, lines bool) {
	if !utf8.ValidString(s) {
		t.Fatalf("invalid UTF-8 in %q", s)
	}
	for _, r := range s {
		if r == '\n' && lines {
			continue
		}
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
			t.Fatalf("%U in %q", r, s)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\x1b]0;x\x07")
	f.Fuzz(func(t *testing.T, s string) {
		out := Clean(s)
		if Clean(out) != out || strings.ContainsFunc(out, unicode.IsControl) {
			t.Errorf("Clean(%q) = %q", s, out)
		}
	})
}

func TestCleanDoesNotAllocate(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { Clean("build-runner-1 größe ●") }); n != 0 {
		t.Errorf("%v allocations for a clean string", n)
	}
}

func TestWidthsHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Clean(nasty().Draw(t, "s"))
		w := rapid.IntRange(0, 30).Draw(t, "w")
		for name, got := range map[string]string{
			"Fit": Fit(s, w, "…"), "FitRight": FitRight(s, w, "…"), "FitMiddle": FitMiddle(s, w, "…"),
		} {
			if Width(got) != w {
				t.Fatalf("%s(%q, %d) = %q, %d cells", name, s, w, got, Width(got))
			}
		}
		for name, got := range map[string]string{
			"Truncate": Truncate(s, w, "…"), "TruncateMiddle": TruncateMiddle(s, w, "..."),
		} {
			if Width(got) > w || Width(s) <= w && got != s {
				t.Fatalf("%s(%q, %d) = %q, %d cells", name, s, w, got, Width(got))
			}
		}
		for _, line := range Wrap(s, w) {
			if Width(line) > w {
				t.Fatalf("Wrap(%q, %d): %q", s, w, line)
			}
		}
	})
}

func TestBlockIsExactAndSafe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := nasty().Draw(t, "s")
		w, h := rapid.IntRange(1, 20).Draw(t, "w"), rapid.IntRange(1, 6).Draw(t, "h")
		lines := strings.Split(Block(s, w, h), "\n")
		if len(lines) != h {
			t.Fatalf("%d lines, want %d", len(lines), h)
		}
		for _, line := range lines {
			if got := ansi.StringWidth(line); got != w {
				t.Fatalf("%q has %d cells, want %d", line, got, w)
			}
			if _, safe := measure(line); !safe {
				t.Fatalf("%q is not safe", line)
			}
		}
	})
}

func TestOverlayKeepsWidth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := Block(Clean(nasty().Draw(t, "base")), 20, 5)
		top := Block(Clean(nasty().Draw(t, "top")), 8, 2)
		x, y := rapid.IntRange(0, 12).Draw(t, "x"), rapid.IntRange(0, 3).Draw(t, "y")
		for _, line := range strings.Split(Overlay(base, top, x, y), "\n") {
			if Width(line) != 20 {
				t.Fatalf("%q has %d cells", line, Width(line))
			}
		}
	})
}

func TestAge(t *testing.T) {
	for in, want := range map[time.Duration]string{
		-time.Second: "0s", 0: "0s", 30 * time.Second: "30s", 119 * time.Second: "119s", 12 * time.Minute: "12m",
		179 * time.Minute: "179m", 5 * time.Hour: "5h", 3*day + 5*time.Hour: "3d", 41 * day: "41d",
		2*year + 45*day: "2y45d", 3 * year: "3y", 9*year + 3*day: "9y",
	} {
		if got := Age(in); got != want {
			t.Errorf("Age(%v) = %q, want %q", in, got, want)
		}
	}
}

func BenchmarkBlock(b *testing.B) {
	line := "  \x1b[1mbuild-runner-1\x1b[m  \x1b[32m● Running\x1b[m   node-2   10.244.1.17  4  8Gi  Ubuntu 24.04  3d"
	s := strings.Repeat(line+"\n", 50)
	b.ReportAllocs()
	for b.Loop() {
		Block(s, 160, 50)
	}
}

func TestWords(t *testing.T) {
	for want, got := range map[string]string{
		"1 binding": Count(1, "binding"), "0 bindings": Count(0, "binding"), "2 cores": Count(uint32(2), "core"),
		"a, b and 2 more": Listed([]string{"a", "b", "c", "d"}, 2), "a, b, c, d": Listed([]string{"a", "b", "c", "d"}, 4), "": Listed(nil, 2),
		"restart now": Lower("Restart now"),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
