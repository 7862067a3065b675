// Package text measures, cuts and disarms strings for a terminal made of cells.
//
// Two kinds of string pass through it. Foreign text (names, events, guest data) is untrusted until Clean has seen it.
// Styled text is our own: clean text plus SGR sequences, nothing else. Block holds the second kind to that promise.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMarks is how many combining marks may follow one letter; more is decoration that spills over neighbouring lines.
const maxMarks = 3

// Clean returns s as one line that cannot act on a terminal: control characters, whole escape sequences, bidirectional
// overrides and invisible characters are dropped, tabs and line ends become spaces, invalid or unassigned characters '?'.
// A string that is already clean is returned as it is, without allocating.
func Clean(s string) string {
	return clean(s, false)
}

// CleanLines is Clean for text of several lines: "\n" stays, "\r\n" becomes "\n".
func CleanLines(s string) string {
	return clean(s, true)
}

func clean(s string, lines bool) string {
	n := cleanPrefix(s, lines)
	if n == len(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	b.WriteString(s[:n])
	marks := trailingMarks(s[:n])
	for i := n; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if skip := sequence(s[i:]); skip > 0 {
			i += skip
			continue
		}
		if r == '\r' && strings.HasPrefix(s[i+1:], "\n") {
			i++
			continue
		}
		i += size
		out := disarm(r, size, lines)
		if out < 0 {
			continue
		}
		if isMark(out) {
			if marks++; marks > maxMarks {
				continue
			}
		} else {
			marks = 0
		}
		if b.Len() == 0 && joins(out) {
			continue // Nothing to combine with but what stands before it on the screen.
		}
		b.WriteRune(out)
	}
	return b.String()
}

// cleanPrefix returns how many bytes of s need no change.
func cleanPrefix(s string, lines bool) int {
	marks := 0
	for i := 0; i < len(s); {
		if c := s[i]; c >= ' ' && c < 0x7f {
			marks = 0
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if disarm(r, size, lines) != r {
			return i
		}
		if isMark(r) {
			if marks++; marks > maxMarks {
				return i
			}
		} else {
			marks = 0
		}
		if i == 0 && joins(r) {
			return i
		}
		i += size
	}
	return len(s)
}

func trailingMarks(s string) int {
	n := 0
	for len(s) > 0 {
		r, size := utf8.DecodeLastRuneInString(s)
		if !isMark(r) {
			break
		}
		n++
		s = s[:len(s)-size]
	}
	return n
}

func isMark(r rune) bool {
	return r >= 0x300 && unicode.In(r, unicode.Mn, unicode.Me)
}

// joins reports characters that share the cell of what stands before them.
func joins(r rune) bool {
	return r >= 0x300 && (unicode.In(r, unicode.M, unicode.Other_Grapheme_Extend) || r == 0xe33 || r == 0xeb3)
}

// disarm returns what to print for r, r itself when it is harmless, or -1 for nothing.
// size tells a decoding error (1) from a real U+FFFD (3).
func disarm(r rune, size int, lines bool) rune {
	switch {
	case r == utf8.RuneError && size <= 1:
		return '?'
	case r == '\n' && lines:
		return r
	case r == '\t' || r == '\n' || r == '\v' || r == '\f' || r == '\r':
		return ' '
	case r < ' ' || r >= 0x7f && r < 0xa0:
		return -1
	case r < 0x7f:
		return r
	case r == '\u2028' || r == '\u2029':
		return ' '
	case unicode.Is(unicode.Zs, r) && r != '\u3000':
		return ' '
	case invisible(r):
		return -1
	case r >= 0x1f1e6 && r <= 0x1f1ff: // Flags: terminals disagree about their width, letters say the same.
		return 'A' + r - 0x1f1e6
	case !unicode.IsGraphic(r) || prepends(r):
		return '?'
	}
	return r
}

// invisible reports characters that print nothing, or change how their neighbours print.
func invisible(r rune) bool {
	switch {
	case unicode.Is(unicode.Cf, r): // Bidirectional controls, zero-width joiners, soft hyphen, tags.
		return true
	case r >= 0xfe00 && r <= 0xfe0f, r >= 0xe0100 && r <= 0xe01ef, r >= 0x180b && r <= 0x180f:
		return true // Variation selectors.
	case r >= 0x1f3fb && r <= 0x1f3ff:
		return true // Skin tones.
	case r == 0x34f, r == 0x115f, r == 0x1160, r == 0x17b4, r == 0x17b5, r == 0x3164, r == 0xffa0:
		return true // Fillers and the grapheme joiner.
	}
	return false
}

// prepends reports the few letters that would join the padding behind them and take its cell.
func prepends(r rune) bool {
	switch r {
	case 0xd4e, 0x111c2, 0x111c3, 0x113d1, 0x1193f, 0x11941, 0x11a3a, 0x11d46, 0x11f02:
		return true
	}
	return r >= 0x11a84 && r <= 0x11a89
}

// sequence returns the length of the escape sequence that s starts with, 0 when it starts with none.
// A sequence that does not end reaches up to the first byte that cannot belong to it.
func sequence(s string) int {
	kind, n := byte(0), 0
	switch {
	case s[0] == 0x1b && len(s) == 1:
		return 1
	case s[0] == 0x1b:
		kind, n = s[1], 2
	case s[0] == 0xc2 && len(s) > 1 && s[1] >= 0x80 && s[1] < 0xa0: // C1 in UTF-8 is ESC and the byte less 0x40.
		kind, n = s[1]-0x40, 2
	default:
		return 0
	}
	switch kind {
	case '[':
		return n + run(s[n:], 0x20, 0x3f) + final(s[n+run(s[n:], 0x20, 0x3f):], 0x40)
	case ']', 'P', 'X', '^', '_':
		return n + stringEnd(s[n:])
	}
	if s[0] != 0x1b {
		return n
	}
	n = 1 + run(s[1:], 0x20, 0x2f)
	return n + final(s[n:], 0x30)
}

// run counts the leading bytes of s between lo and hi.
func run(s string, lo, hi byte) int {
	i := 0
	for i < len(s) && s[i] >= lo && s[i] <= hi {
		i++
	}
	return i
}

// final is 1 when s starts with a byte that ends a sequence.
func final(s string, lo byte) int {
	if len(s) > 0 && s[0] >= lo && s[0] < 0x7f {
		return 1
	}
	return 0
}

// stringEnd returns the length of the body of a control string with its terminator. A line end or another escape
// sequence ends it too, so that one stray byte does not hide the rest of a document.
func stringEnd(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case 0x07, 0x18, 0x1a:
			return i + 1
		case '\n':
			return i
		case 0x1b:
			if i+1 < len(s) && s[i+1] == '\\' {
				return i + 2
			}
			return i
		case 0xc2:
			if i+1 < len(s) && s[i+1] == 0x9c {
				return i + 2
			}
		}
	}
	return len(s)
}
