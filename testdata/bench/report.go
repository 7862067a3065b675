package main

import (
	"io"
	"strings"
	"unicode/utf8"
)

// result is one line of the table.
type result struct {
	what     string
	measured string
	floor    string // what no program could go below, measured in the same run
	goal     string
	met      bool
}

// report collects the results.
type report struct{ results []result }

func (r *report) add(what, measured, floor, goal string, met bool) {
	r.results = append(r.results, result{what, measured, floor, goal, met})
}

// note adds a line without a goal.
func (r *report) note(what, measured, floor string) { r.add(what, measured, floor, "", true) }

// print writes a Markdown table whose source is readable too.
func (r *report) print(out io.Writer) error {
	lines := [][]string{{"What", "Measured", "Floor in the same run", "Goal", "Met"}, nil}
	for _, l := range r.results {
		met := ""
		if l.goal != "" {
			met = map[bool]string{true: "yes", false: "no"}[l.met]
		}
		lines = append(lines, []string{l.what, l.measured, orNone(l.floor), orNone(l.goal), met})
	}
	widths := make([]int, len(lines[0]))
	for _, cells := range lines {
		for i, cell := range cells {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, cells := range lines {
		for i, width := range widths {
			if cells == nil {
				b.WriteString("|" + strings.Repeat("-", width+2))
			} else {
				b.WriteString("| " + cells[i] + strings.Repeat(" ", width-utf8.RuneCountInString(cells[i])+1))
			}
		}
		b.WriteString("|\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func orNone(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
