package registries

import (
	"regexp"
	"strings"

	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// markdown writes as much of Markdown as readmes are usually made of: headings, paragraphs, lists, code, quotes and tables. What it does not
// know stays as it was written.
func markdown(s *sheet.Sheet, src string) {
	w := &writer{sheet: s}
	for line := range strings.SplitSeq(text.CleanLines(strings.ReplaceAll(src, "\t", "    ")), "\n") {
		w.line(strings.TrimRight(line, " "))
	}
	w.flush()
}

// writer collects the lines that belong together.
type writer struct {
	sheet  *sheet.Sheet
	para   []string // lines of a paragraph or of an item of a list
	indent int      // of it
	symbol string   // of the item; empty: it is a paragraph
	fence  string   // what ends the code that is being read; empty: none is
}

var (
	heading = regexp.MustCompile(`^ {0,3}(#{1,6}) +(.*?)[ #]*$`)
	item    = regexp.MustCompile(`^( *)([-*+]|\d{1,9}[.)]) +(.*)$`)
	fence   = regexp.MustCompile("^ {0,3}(```+|~~~+)")
	ruler   = regexp.MustCompile(`^ {0,3}([-*_] *){3,}$`)
	comment = regexp.MustCompile(`^ *<!--.*--> *$`)

	image = regexp.MustCompile(`!\[([^\]]*)\]\([^)]*\)`)
	link  = regexp.MustCompile(`\[([^\]]+)\]\(([^) ]+)[^)]*\)`)
	bold  = regexp.MustCompile(`\*\*([^*]+)\*\*|__([^_]+)__`)
	slant = regexp.MustCompile(`(^|[\s(])[*_]([^\s*_](?:[^*_]*[^\s*_])?)[*_]`)
	code  = regexp.MustCompile("`+([^`]+)`+")
)

func (w *writer) line(line string) {
	th := w.sheet.Theme
	switch {
	case w.fence != "":
		if strings.HasPrefix(strings.TrimSpace(line), w.fence) {
			w.fence = ""
			return
		}
		w.code(line)
	case fence.MatchString(line):
		w.flush()
		w.sheet.Gap()
		w.fence = fence.FindStringSubmatch(line)[1]
	case line == "", comment.MatchString(line):
		w.flush()
	case heading.MatchString(line):
		w.flush()
		w.sheet.Heading(inline(heading.FindStringSubmatch(line)[2]))
	case ruler.MatchString(line):
		w.flush()
		w.sheet.Gap()
	case item.MatchString(line):
		w.flush()
		m := item.FindStringSubmatch(line)
		w.indent, w.symbol, w.para = len(m[1])/2*2, m[2], []string{m[3]}
		if strings.Contains("-*+", w.symbol) {
			w.symbol = th.Glyphs.Bullet
		}
	case strings.HasPrefix(line, "    ") && len(w.para) == 0, strings.HasPrefix(line, "|"):
		w.flush()
		w.code(line)
	default:
		if len(w.para) == 0 {
			w.sheet.Gap()
		}
		w.para = append(w.para, strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "> ")))
	}
}

// code writes a line as it stands. It is not broken: the pager scrolls to the side.
func (w *writer) code(line string) {
	line = "    " + strings.TrimPrefix(line, "    ")
	w.sheet.Lines = append(w.sheet.Lines, pager.Line{Plain: line, Shown: w.sheet.Theme.Paint(theme.Info, line)})
}

// flush writes the paragraph or item that was collected.
func (w *writer) flush() {
	if len(w.para) == 0 {
		return
	}
	words := sheet.Plain(inline(strings.Join(w.para, " ")))
	if w.symbol == "" {
		w.sheet.Para(2, words)
	} else {
		w.item(words)
	}
	w.para, w.symbol, w.indent = nil, "", 0
}

// item writes an item of a list, as deep as it stands in it.
func (w *writer) item(words sheet.Words) {
	inner := &sheet.Sheet{Theme: w.sheet.Theme, Width: max(w.sheet.Width-w.indent, 10)}
	inner.Item(w.symbol, theme.Dim, words)
	pad := text.Spaces(w.indent)
	for _, l := range inner.Lines {
		w.sheet.Lines = append(w.sheet.Lines, pager.Line{Plain: pad + l.Plain, Shown: pad + l.Shown})
	}
}

// inline takes the marks out of words, and keeps where links lead.
func inline(s string) string {
	s = image.ReplaceAllString(s, "$1")
	s = link.ReplaceAllStringFunc(s, func(found string) string {
		m := link.FindStringSubmatch(found)
		if m[1] == m[2] || strings.HasPrefix(m[2], "#") {
			return m[1]
		}
		return m[1] + " (" + m[2] + ")"
	})
	s = bold.ReplaceAllString(s, "$1$2")
	s = slant.ReplaceAllString(s, "$1$2")
	return code.ReplaceAllString(s, "$1")
}
