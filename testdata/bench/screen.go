package main

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// screen is as much of a terminal as is needed to read what a program shows: text and the cursor's place, no colours. It knows the
// sequences that Bubble Tea sends to an xterm and ignores others.
type screen struct {
	w, h        int
	cells       [][]rune // 0 is the right half of a wide character
	x, y        int
	wrapping    bool // a character was written into the last column; the next one goes to the next line
	top, bottom int  // the scrolling region, bottom excluded
	savedX      int
	savedY      int
	parser      *ansi.Parser
}

func newScreen(w, h int) *screen {
	s := &screen{w: w, h: h, bottom: h, parser: ansi.NewParser()}
	s.parser.SetHandler(ansi.Handler{Print: s.print, Execute: s.control, HandleCsi: s.csi, HandleEsc: s.escape})
	for range h {
		s.cells = append(s.cells, s.blank())
	}
	return s
}

func (s *screen) blank() []rune { return slices.Repeat([]rune{' '}, s.w) }

// Write takes in what the program sent.
func (s *screen) Write(p []byte) (int, error) {
	for _, b := range p {
		s.parser.Advance(b)
	}
	return len(p), nil
}

// line is the text of a row without the blanks at its end.
func (s *screen) line(y int) string {
	if y < 0 || y >= s.h {
		return ""
	}
	return strings.TrimRight(s.span(y, 0, s.w), " ")
}

// span is the text of some columns of a row.
func (s *screen) span(y, from, to int) string {
	var b strings.Builder
	for _, r := range s.cells[y][max(from, 0):min(to, s.w)] {
		if r != 0 {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// text is the whole screen.
func (s *screen) text() string {
	var lines []string
	for y := range s.h {
		lines = append(lines, s.line(y))
	}
	return strings.Join(lines, "\n")
}

func (s *screen) print(r rune) {
	width := 1
	if r >= utf8.RuneSelf {
		width = ansi.StringWidth(string(r))
	}
	if width == 0 {
		return
	}
	if s.wrapping {
		s.x = 0
		s.lineFeed()
	}
	s.cells[s.y][s.x] = r
	if width == 2 && s.x+1 < s.w {
		s.cells[s.y][s.x+1] = 0
	}
	s.x += width
	s.wrapping = s.x >= s.w
	s.x = min(s.x, s.w-1)
}

func (s *screen) control(b byte) {
	switch b {
	case '\r':
		s.moveTo(0, s.y)
	case '\n', '\v', '\f':
		s.lineFeed()
	case '\b':
		s.moveTo(s.x-1, s.y)
	case '\t':
		s.moveTo((s.x/8+1)*8, s.y)
	}
}

func (s *screen) escape(cmd ansi.Cmd) {
	switch {
	case cmd.Intermediate() != 0:
	case cmd.Final() == 'M':
		if s.y == s.top {
			s.scroll(s.top, -1)
		} else {
			s.moveTo(s.x, s.y-1)
		}
	case cmd.Final() == '7':
		s.savedX, s.savedY = s.x, s.y
	case cmd.Final() == '8':
		s.moveTo(s.savedX, s.savedY)
	case cmd.Final() == 'D':
		s.lineFeed()
	case cmd.Final() == 'E':
		s.x = 0
		s.lineFeed()
	}
}

func (s *screen) moveTo(x, y int) {
	s.x, s.y, s.wrapping = max(min(x, s.w-1), 0), max(min(y, s.h-1), 0), false
}

func (s *screen) lineFeed() {
	if s.y == s.bottom-1 {
		s.scroll(s.top, 1)
	} else {
		s.moveTo(s.x, s.y+1)
	}
	s.wrapping = false
}

// scroll moves the lines between from and the end of the scrolling region up, or down when n is negative.
func (s *screen) scroll(from, n int) {
	region := s.cells[from:s.bottom]
	for range min(max(n, -n), len(region)) {
		if n > 0 {
			copy(region, region[1:])
			region[len(region)-1] = s.blank()
		} else {
			copy(region[1:], region[:len(region)-1])
			region[0] = s.blank()
		}
	}
}

func (s *screen) erase(y, from, to int) {
	for x := max(from, 0); x < min(to, s.w); x++ {
		s.cells[y][x] = ' '
	}
}

func (s *screen) csi(cmd ansi.Cmd, params ansi.Params) {
	if cmd.Prefix() != 0 || cmd.Intermediate() != 0 {
		s.mode(cmd, params)
		return
	}
	// Almost every count is one when it is missing, and zero means one.
	n, _, _ := params.Param(0, 1)
	n = max(n, 1)
	second, _, _ := params.Param(1, 1)
	kind, _, _ := params.Param(0, 0)
	switch cmd.Final() {
	case 'A':
		s.moveTo(s.x, s.y-n)
	case 'B', 'e':
		s.moveTo(s.x, s.y+n)
	case 'C', 'a':
		s.moveTo(s.x+n, s.y)
	case 'D':
		s.moveTo(s.x-n, s.y)
	case 'E':
		s.moveTo(0, s.y+n)
	case 'F':
		s.moveTo(0, s.y-n)
	case 'G', '`':
		s.moveTo(n-1, s.y)
	case 'd':
		s.moveTo(s.x, n-1)
	case 'H', 'f':
		s.moveTo(max(second, 1)-1, n-1)
	case 'I':
		s.moveTo((s.x/8+n)*8, s.y)
	case 'Z':
		s.moveTo(((s.x+7)/8-n)*8, s.y)
	case 'J':
		s.eraseScreen(kind)
	case 'K':
		s.eraseLine(kind)
	case 'X':
		s.erase(s.y, s.x, s.x+n)
	case '@', 'P':
		s.shift(cmd.Final() == '@', min(n, s.w-s.x))
	case 'L', 'M':
		if s.y >= s.top && s.y < s.bottom {
			s.scroll(s.y, map[bool]int{true: -n, false: n}[cmd.Final() == 'L'])
		}
	case 'S':
		s.scroll(s.top, n)
	case 'T':
		s.scroll(s.top, -n)
	case 'b':
		if s.x > 0 {
			last := s.cells[s.y][s.x-1]
			for range n {
				s.print(last)
			}
		}
	case 'r':
		end, _, _ := params.Param(1, s.h)
		if n < end && end <= s.h {
			s.top, s.bottom = n-1, end
			s.moveTo(0, 0)
		}
	case 's':
		s.savedX, s.savedY = s.x, s.y
	case 'u':
		s.moveTo(s.savedX, s.savedY)
	}
}

// mode knows the other screen of a terminal only as an empty one.
func (s *screen) mode(cmd ansi.Cmd, params ansi.Params) {
	number, _, _ := params.Param(0, 0)
	if cmd.Prefix() == '?' && (cmd.Final() == 'h' || cmd.Final() == 'l') && (number == 1049 || number == 1047 || number == 47) {
		s.eraseScreen(2)
		s.moveTo(0, 0)
	}
}

func (s *screen) eraseLine(kind int) {
	switch kind {
	case 0:
		s.erase(s.y, s.x, s.w)
	case 1:
		s.erase(s.y, 0, s.x+1)
	case 2:
		s.erase(s.y, 0, s.w)
	}
}

func (s *screen) eraseScreen(kind int) {
	from, to := 0, s.h
	switch kind {
	case 0:
		s.eraseLine(0)
		from = s.y + 1
	case 1:
		s.eraseLine(1)
		to = s.y
	}
	for y := from; y < to; y++ {
		s.erase(y, 0, s.w)
	}
}

// shift moves the rest of the line to make room for n characters, or to close the room of n characters.
func (s *screen) shift(insert bool, n int) {
	line := s.cells[s.y]
	if insert {
		copy(line[s.x+n:], line[s.x:])
		s.erase(s.y, s.x, s.x+n)
		return
	}
	copy(line[s.x:], line[s.x+n:])
	s.erase(s.y, s.w-n, s.w)
}
