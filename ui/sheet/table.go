package sheet

import (
	"strings"

	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// Column describes one column of a table.
type Column struct {
	Title string // none: of symbols
	Flex  bool   // gives way first when space is short; its texts are broken into lines then
	Right bool   // numbers
	From  int    // the width of the sheet from which it is shown
}

// Record is one row with notes that stand beneath it, over the whole width and indented.
type Record struct {
	Cells []Words
	Notes []Words
}

// noteIndent sets notes off from the first column, behind symbols too.
const noteIndent = 4

// least is the width below which no column shrinks.
const least = 4

// Table writes rows in columns as wide as their contents, if there is room. Nothing is cut off.
func (s *Sheet) Table(columns []Column, rows []Record) {
	keep := make([]bool, len(columns))
	widths := make([]int, len(columns))
	for i, c := range columns {
		if keep[i] = s.Width >= c.From; !keep[i] {
			continue
		}
		widths[i] = text.Width(c.Title)
		for r := range rows {
			rows[r].Cells[i].Text = text.Clean(rows[r].Cells[i].Text)
			widths[i] = max(widths[i], text.Width(rows[r].Cells[i].Text))
		}
	}
	s.squeeze(columns, keep, widths)
	var head []Words
	for _, c := range columns {
		head = append(head, Words{c.Title, theme.Header})
	}
	s.cells(columns, keep, widths, head)
	for _, r := range rows {
		s.cells(columns, keep, widths, r.Cells)
		for _, note := range r.Notes {
			if note.Text != "" {
				s.Para(noteIndent, note)
			}
		}
	}
}

// space is what follows a column; symbols stand closer.
func space(c Column) int {
	if c.Title == "" {
		return 1
	}
	return 2
}

// squeeze narrows the widest columns until the table fits, flexible ones first.
func (s *Sheet) squeeze(columns []Column, keep []bool, widths []int) {
	total := -space(columns[len(columns)-1])
	for i := range columns {
		if keep[i] {
			total += widths[i] + space(columns[i])
		}
	}
	for _, flexible := range []bool{true, false} {
		for total > s.Width {
			widest := -1
			for i, c := range columns {
				if keep[i] && c.Flex == flexible && widths[i] > max(least, text.Width(c.Title)) && (widest < 0 || widths[i] > widths[widest]) {
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
func (s *Sheet) cells(columns []Column, keep []bool, widths []int, cells []Words) {
	parts := make([][]string, len(cells))
	height := 1
	for i, c := range cells {
		if keep[i] {
			parts[i] = text.Wrap(c.Text, max(widths[i], 1))
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
			if c.Right {
				pad, blank = pad+blank, 0
			}
			if part != "" {
				b.WriteString(text.Spaces(pad))
				s.Theme.Append(&b, cells[i].Tone, part)
				pad = 0
			} else {
				pad += text.Width(part)
			}
			pad += blank + space(c)
		}
		s.Raw(b.String())
	}
}
