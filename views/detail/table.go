package detail

import (
	"strings"

	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// column describes one column of a sheet's table.
type column struct {
	title string
	flex  bool // gives way first when space is short; its texts are broken into lines then
	right bool // numbers
	from  int  // the width of the sheet from which it is shown
}

// record is one row with notes that stand beneath it, over the whole width and indented.
type record struct {
	cells []words
	notes []words
}

// noteIndent sets notes off from the first column, behind symbols too.
const noteIndent = 4

// least is the width below which no column shrinks.
const least = 4

// table writes rows in columns as wide as their contents, if there is room. Nothing is cut off.
func (s *sheet) table(columns []column, rows []record) {
	keep := make([]bool, len(columns))
	widths := make([]int, len(columns))
	for i, c := range columns {
		if keep[i] = s.w >= c.from; !keep[i] {
			continue
		}
		widths[i] = text.Width(c.title)
		for r := range rows {
			rows[r].cells[i].text = text.Clean(rows[r].cells[i].text)
			widths[i] = max(widths[i], text.Width(rows[r].cells[i].text))
		}
	}
	s.squeeze(columns, keep, widths)
	var head []words
	for _, c := range columns {
		head = append(head, words{c.title, theme.Header})
	}
	s.cells(columns, keep, widths, head)
	for _, r := range rows {
		s.cells(columns, keep, widths, r.cells)
		for _, note := range r.notes {
			if note.text != "" {
				s.para(noteIndent, note)
			}
		}
	}
}

// space is what follows a column; symbols stand closer.
func space(c column) int {
	if c.title == "" {
		return 1
	}
	return 2
}

// squeeze narrows the widest columns until the table fits, flexible ones first.
func (s *sheet) squeeze(columns []column, keep []bool, widths []int) {
	total := -space(columns[len(columns)-1])
	for i := range columns {
		if keep[i] {
			total += widths[i] + space(columns[i])
		}
	}
	for _, flexible := range []bool{true, false} {
		for total > s.w {
			widest := -1
			for i, c := range columns {
				if keep[i] && c.flex == flexible && widths[i] > max(least, text.Width(c.title)) && (widest < 0 || widths[i] > widths[widest]) {
					widest = i
				}
			}
			if widest < 0 {
				break
			}
			widths[widest]--
			total--
		}
	}
}

// cells writes one row, over as many lines as its longest cell needs.
func (s *sheet) cells(columns []column, keep []bool, widths []int, cells []words) {
	parts := make([][]string, len(cells))
	height := 1
	for i, c := range cells {
		if keep[i] {
			parts[i] = text.Wrap(c.text, max(widths[i], 1))
			height = max(height, len(parts[i]))
		}
	}
	for y := range height {
		var b strings.Builder
		pad := 0
		for i, c := range columns {
			if !keep[i] {
				continue
			}
			part := ""
			if y < len(parts[i]) {
				part = strings.TrimRight(parts[i][y], " ")
			}
			blank := widths[i] - text.Width(part)
			if c.right {
				pad, blank = pad+blank, 0
			}
			if part != "" {
				b.WriteString(text.Spaces(pad))
				s.th.Append(&b, cells[i].tone, part)
				pad = 0
			} else {
				pad += text.Width(part)
			}
			pad += blank + space(c)
		}
		s.raw(b.String())
	}
}
