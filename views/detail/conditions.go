package detail

import (
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// conditionsTab lists what the controllers say about the VM, with what that means, worries first.
func (f *facts) conditionsTab(s *sheet) {
	all := f.conditions()
	if len(all) == 0 {
		if !f.missing(s, f.main(), f.known()) {
			s.para(0, dim("There are no conditions."))
		}
		return
	}
	columns := []column{{}, {title: "CONDITION", flex: true}, {title: "STATUS"}, {title: "SINCE", right: true}, {title: "REASON", flex: true}}
	var rows []record
	for _, c := range all {
		glyph, tone, name := words{" ", theme.Normal}, theme.Normal, theme.Strong
		if c.Worrying() {
			glyph, tone, name = warn(s.th.Glyphs.Warn), theme.Warn, theme.Warn
		}
		since := words{s.th.Glyphs.None, theme.Dim}
		if !c.since.IsZero() {
			since = dim(text.Age(max(0, s.now.Sub(c.since))))
		}
		reason := dim(c.Reason)
		if c.Reason == c.Type {
			reason.text = ""
		}
		rows = append(rows, record{
			cells: []words{glyph, {c.Type, name}, {c.Status, tone}, since, reason},
			notes: []words{plain(c.Explanation()), dim(c.Message)},
		})
	}
	s.table(columns, rows)
}

// worries counts what needs attention.
func (f *facts) worries() int {
	n := len(f.row.Attention)
	if f.row.StartFailures > 0 {
		n++
	}
	return n
}
