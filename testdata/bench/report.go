package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
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
	w := tabwriter.NewWriter(out, 0, 0, 1, ' ', tabwriter.Debug)
	row := func(cells ...string) { fmt.Fprintf(w, "| %s\t %s\t\n", cells[0], strings.Join(cells[1:], "\t ")) }
	row("What", "Measured", "Floor in the same run", "Goal", "Met")
	row("---", "---", "---", "---", "---")
	for _, l := range r.results {
		met := ""
		if l.goal != "" {
			met = map[bool]string{true: "yes", false: "no"}[l.met]
		}
		row(l.what, l.measured, orNone(l.floor), orNone(l.goal), met)
	}
	return w.Flush()
}

func orNone(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
