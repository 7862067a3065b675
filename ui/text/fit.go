package text

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Width returns how many cells s takes on one line. SGR sequences take none.
func Width(s string) int {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] >= 0x7f {
			return ansi.StringWidth(s)
		}
	}
	return len(s)
}

// Truncate cuts s to at most w cells; a cut string ends with the ellipsis, which counts.
func Truncate(s string, w int, ellipsis string) string {
	if Width(s) <= w {
		return s
	}
	if w <= 0 {
		return ""
	}
	if Width(ellipsis) > w {
		ellipsis = ""
	}
	return ansi.Truncate(s, w, ellipsis)
}

// TruncateMiddle cuts s to at most w cells by taking out its middle, which keeps the telling end of generated names.
// s must be plain text.
func TruncateMiddle(s string, w int, ellipsis string) string {
	width := Width(s)
	if width <= w {
		return s
	}
	room := w - Width(ellipsis)
	if room < 2 {
		return Truncate(s, w, ellipsis)
	}
	tail := room / 2
	out := ansi.Truncate(s, room-tail, "") + ellipsis + ansi.TruncateLeft(s, width-tail, "")
	if Width(out) > w { // A wide character sat on the cut, or joined the ellipsis.
		return Truncate(out, w, "")
	}
	return out
}

// Fit returns s in exactly w cells: cut with the ellipsis, or padded on the right.
func Fit(s string, w int, ellipsis string) string {
	s = Truncate(s, w, ellipsis)
	return s + Spaces(w-Width(s))
}

// FitRight is Fit with the padding on the left, for numbers.
func FitRight(s string, w int, ellipsis string) string {
	s = Truncate(s, w, ellipsis)
	return Spaces(w-Width(s)) + s
}

// FitMiddle is Fit, cutting in the middle.
func FitMiddle(s string, w int, ellipsis string) string {
	s = TruncateMiddle(s, w, ellipsis)
	return s + Spaces(w-Width(s))
}

const blanks = "                                                                                                                                "

// Spaces returns n spaces, without allocating for what fits a usual screen.
func Spaces(n int) string {
	switch {
	case n <= 0:
		return ""
	case n <= len(blanks):
		return blanks[:n]
	}
	return strings.Repeat(" ", n)
}

// whole stands in for the hyphen while a line is wrapped, since the wrapper breaks there, and names such as
// spectro-vm-viewer shall stay whole. It is a hyphen itself, so a text that has it loses nothing.
const whole = "\u2010"

// Wrap breaks s into lines of at most w cells, at spaces where it can. Line ends in s stay.
func Wrap(s string, w int) []string {
	if w <= 0 {
		return nil
	}
	var out []string
	for line := range strings.SplitSeq(s, "\n") {
		if Width(line) <= w {
			out = append(out, line)
			continue
		}
		wrapped := strings.ReplaceAll(ansi.Wrap(joinHyphens(line, w), w, ""), whole, "-")
		for part := range strings.SplitSeq(wrapped, "\n") {
			out = append(out, Truncate(strings.TrimLeftFunc(part, joins), w, ""))
		}
	}
	return out
}

// joinHyphens keeps words together that fit into a line of their own.
func joinHyphens(line string, w int) string {
	words := strings.Split(line, " ")
	for i, word := range words {
		if Width(word) <= w {
			words[i] = strings.ReplaceAll(word, "-", whole)
		}
	}
	return strings.Join(words, " ")
}

// Block returns s as exactly h lines of exactly w cells, whatever s is. Lines may carry SGR sequences; a line that
// carries anything else which could act on the terminal loses it. The last step before the screen, so that a mistake
// further in shows as odd text and not as a broken terminal.
func Block(s string, w, h int) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	var b strings.Builder
	b.Grow(max(len(s), w*h) + h)
	rest, more := s, true
	for y := range h {
		if y > 0 {
			b.WriteByte('\n')
		}
		var line string
		if more {
			line, rest, more = strings.Cut(rest, "\n")
		}
		writeLine(&b, line, w)
	}
	return b.String()
}

func writeLine(b *strings.Builder, line string, w int) {
	width, safe := measure(line)
	if !safe {
		line = Clean(line)
		width = Width(line)
	}
	if width > w {
		line = ansi.Truncate(line, w, "")
		width = ansi.StringWidth(line)
	}
	b.WriteString(line)
	b.WriteString(Spaces(w - width))
}

// measure returns the width of a line and whether it is clean but for SGR sequences.
func measure(line string) (width int, safe bool) {
	simple, marks := true, 0
	for i := 0; i < len(line); {
		c := line[i]
		switch {
		case c >= ' ' && c < 0x7f:
			width, marks = width+1, 0
			i++
		case c == 0x1b:
			n := sgr(line[i:])
			if n == 0 {
				return 0, false
			}
			i += n
		default:
			r, size := utf8.DecodeRuneInString(line[i:])
			if disarm(r, size, false) != r {
				return 0, false
			}
			if isMark(r) {
				if marks++; marks > maxMarks {
					return 0, false
				}
			} else {
				marks = 0
			}
			if width == 0 && joins(r) {
				return 0, false
			}
			if !narrow(r) {
				simple = false
			}
			width++
			i += size
		}
	}
	if !simple {
		width = ansi.StringWidth(line)
	}
	return width, true
}

// narrow reports the symbols and frames that are known to take one cell, which saves measuring most lines again.
func narrow(r rune) bool {
	return r == '…' || r == '–' || r == '·' || r >= 0x2500 && r <= 0x25cf || r >= 0xe0 && r <= 0xff
}

// sgr returns the length of the SGR sequence at the start of s, 0 when there is none.
func sgr(s string) int {
	if len(s) < 3 || s[1] != '[' {
		return 0
	}
	n := 2 + run(s[2:], '0', ';')
	if n < len(s) && s[n] == 'm' {
		return n + 1
	}
	return 0
}

// Overlay draws the block top over base with its upper left corner at column x, line y. Both may carry SGR sequences;
// base must reach at least as far as top does.
func Overlay(base, top string, x, y int) string {
	lines := strings.Split(base, "\n")
	for i, over := range strings.Split(top, "\n") {
		if y+i < 0 || y+i >= len(lines) {
			continue
		}
		under := lines[y+i]
		left := Fit(ansi.Truncate(under, x, ""), x, "")
		end := x + Width(over)
		right := ansi.TruncateLeft(under, end, "")
		want := max(Width(under)-end, 0)
		if Width(right) > want { // Half of a wide character went under the edge.
			right = ansi.TruncateLeft(under, end+1, "")
		}
		right = Spaces(want-Width(right)) + right
		lines[y+i] = left + "\x1b[m" + over + "\x1b[m" + right
	}
	return strings.Join(lines, "\n")
}
