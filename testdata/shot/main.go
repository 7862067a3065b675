// Command shot draws what a terminal shows as an SVG picture, for the README: it reads lines with SGR sequences, as
// `tmux capture-pane -pe` prints them, and writes the picture.
package main

import (
	"bufio"
	"fmt"
	"html"
	"os"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

const (
	cellW, cellH = 8.4, 18.0 // pixels of a character of 14 px in a monospaced font
	margin       = 14.0
	background   = "#16181d"
	foreground   = "#d7dae0"
)

var palette = []string{"#2a2e37", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d7dae0"}

// style is the state that SGR sequences set.
type style struct {
	colour               string
	bold, faint, reverse bool
}

func main() {
	var lines []string
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		lines = append(lines, in.Text())
	}
	for len(lines) > 0 && strings.TrimSpace(ansi.Strip(lines[len(lines)-1])) == "" {
		lines = lines[:len(lines)-1]
	}
	width := 0
	for _, l := range lines {
		width = max(width, ansi.StringWidth(l))
	}
	w, h := float64(width)*cellW+2*margin, float64(len(lines))*cellH+2*margin
	fmt.Printf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\">\n", w, h, w)
	fmt.Printf("<rect width=\"100%%\" height=\"100%%\" rx=\"8\" fill=\"%s\"/>\n", background)
	fmt.Println(`<g font-family="ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace" font-size="14" xml:space="preserve">`)
	var s style
	for y, l := range lines {
		s = draw(l, s, margin+float64(y)*cellH)
	}
	fmt.Println("</g>\n</svg>")
}

// draw writes the runs of one line and returns the style at its end.
func draw(line string, s style, top float64) style {
	x := 0
	for line != "" {
		run, rest, _ := strings.Cut(line, "\x1b[")
		if run != "" {
			text(run, s, margin+float64(x)*cellW, top)
			x += ansi.StringWidth(run)
		}
		params, after, ok := strings.Cut(rest, "m")
		if !ok {
			break
		}
		s, line = apply(s, params), after
	}
	return s
}

func text(run string, s style, x, top float64) {
	colour, back := s.colour, ""
	if colour == "" {
		colour = foreground
	}
	if s.reverse {
		colour, back = background, colour
	}
	width := float64(ansi.StringWidth(run)) * cellW
	if back != "" {
		fmt.Printf("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n", x, top, width, cellH, back)
	}
	// The length is that of what is seen: some viewers drop blanks at the ends and stretch the rest.
	blanks := len(run) - len(strings.TrimLeft(run, " "))
	if run = strings.TrimSpace(run); run == "" {
		return
	}
	x, width = x+float64(blanks)*cellW, float64(ansi.StringWidth(run))*cellW
	more := ""
	if s.bold {
		more += ` font-weight="bold"`
	}
	if s.faint {
		more += ` opacity="0.55"`
	}
	fmt.Printf("<text x=\"%.1f\" y=\"%.1f\" textLength=\"%.1f\" fill=\"%s\"%s>%s</text>\n", x, top+13.5, width, colour, more, html.EscapeString(run))
}

// apply takes the parameters of one SGR sequence in.
func apply(s style, params string) style {
	for _, p := range strings.Split(params, ";") {
		switch n, _ := strconv.Atoi(p); {
		case n == 0:
			s = style{}
		case n == 1:
			s.bold = true
		case n == 2:
			s.faint = true
		case n == 22:
			s.bold, s.faint = false, false
		case n == 7:
			s.reverse = true
		case n == 27:
			s.reverse = false
		case n >= 30 && n <= 37:
			s.colour = palette[n-30]
		case n >= 90 && n <= 97:
			s.colour = palette[n-90]
		case n == 39:
			s.colour = ""
		}
	}
	return s
}
