package detail

import (
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// conditionsTab lists what the controllers say about the VM, with what that means, worries first.
func (f *facts) conditionsTab(s *tabSheet) {
	all := f.conditions()
	if len(all) == 0 {
		if !f.missing(s, f.main(), f.known()) {
			s.Para(0, sheet.Dim("There are no conditions."))
		}
		return
	}
	columns := []sheet.Column{{}, {Title: "CONDITION", Flex: true}, {Title: "STATUS"}, {Title: "SINCE", Right: true}, {Title: "REASON", Flex: true}}
	var rows []sheet.Record
	for _, c := range all {
		glyph, tone, name := sheet.Words{Text: " ", Tone: theme.Normal}, theme.Normal, theme.Strong
		if c.Worrying() {
			glyph, tone, name = sheet.Warn(s.Theme.Glyphs.Warn), theme.Warn, theme.Warn
		}
		since := sheet.Words{Text: s.Theme.Glyphs.None, Tone: theme.Dim}
		if !c.since.IsZero() {
			since = sheet.Dim(text.Age(max(0, s.now.Sub(c.since))))
		}
		reason := sheet.Dim(c.Reason)
		if c.Reason == c.Type {
			reason.Text = ""
		}
		rows = append(rows, sheet.Record{
			Cells: []sheet.Words{glyph, {Text: c.Type, Tone: name}, {Text: c.Status, Tone: tone}, since, reason},
			Notes: []sheet.Words{sheet.Plain(c.Explanation()), sheet.Dim(c.Message)},
		})
	}
	s.Table(columns, rows)
}

// worries counts what needs attention.
func (f *facts) worries() int {
	n := len(f.row.Attention)
	if f.row.StartFailures > 0 {
		n++
	}
	return n
}
