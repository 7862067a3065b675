package validation

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"time"

	"vmdeck.dev/vmdeck/kube/check"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// nameWidth is that of the roles' names.
const nameWidth = 24

// row is a line of the list: a result, or a check that has none yet. It is not changed once it was made.
type row struct {
	id, name string
	order    int
	check    *check.Check
	result   *check.Result // nil: none yet
	at       time.Time     // when it was found
	state    state
	inRun    bool
	first    bool   // of its group among the rows that are shown
	search   string // in lower case
}

// busy tells whether the check is being made.
func (r *row) busy() bool { return r.inRun && r.state == running }

func same(a, b *row) bool {
	return a.order == b.order && a.first == b.first && a.busy() == b.busy() && a.inRun == b.inRun && a.at.Equal(b.at) && reflect.DeepEqual(a.result, b.result)
}

// rowsOf makes the rows from what was found, with what a run has found on top.
func rowsOf(all map[string]found, r *run) []*row {
	var rows []*row
	for _, c := range check.Checks() {
		f, s, inRun := all[c.ID], done, false
		if r != nil {
			s, inRun = r.states[c.ID]
			if fresh, ok := r.found[c.ID]; ok {
				f = fresh
			}
		}
		base := row{id: c.ID, name: c.Title, check: c, at: f.at, state: s, inRun: inRun && s != done}
		if len(f.results) == 0 {
			rows = append(rows, &base)
		}
		for i := range f.results {
			one := base
			one.result = &f.results[i]
			one.id = one.result.ID
			one.name = nameOf(c, one.result.Object)
			rows = append(rows, &one)
		}
	}
	for i, r := range rows {
		r.order, r.search = i, strings.ToLower(r.text())
	}
	return rows
}

// nameOf is the check's title, the object's name, or both where there is room.
func nameOf(c *check.Check, object string) string {
	if both := c.Title + ": " + object; object != "" && len(both) <= nameWidth {
		return both
	}
	return cmp.Or(object, c.Title)
}

// text is what the filter looks at.
func (r *row) text() string {
	parts := []string{Heading(r.check.Group), r.check.Title, r.name, r.id}
	if r.result != nil {
		_, _, word := Mark(theme.Glyphs{}, r.result.Verdict)
		parts = append(parts, word, r.result.Summary)
	}
	return strings.Join(parts, "\n")
}

// matches tells whether a row has all words of a query; "quotes" keep blanks together.
func (r *row) matches(words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(r.search, w) })
}

func words(query string) []string {
	quoted := false
	list := strings.FieldsFunc(strings.ToLower(query), func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == '"' || r == ' ' && !quoted
	})
	return list
}

// refresh makes the rows anew and shows those that pass the filters.
func (p *Page) refresh() {
	p.rows, p.changed = rowsOf(p.found, p.run), true
	wanted, group := words(p.list.Query.Value()), ""
	var shown []*row
	for _, r := range p.rows {
		if p.problems && (r.result == nil || !problem(r.result.Verdict)) || !r.matches(wanted) {
			continue
		}
		r.first = r.check.Group != group
		group = r.check.Group
		shown = append(shown, r)
	}
	p.list.Replace(shown)
	p.list.CursorLost() // what it stood on has changed its name, or does not match any more
	p.follow()
}

// follow keeps the cursor on the next step until the user has chosen where it is.
func (p *Page) follow() {
	if p.moved {
		return
	}
	if n := p.next(); n != nil && p.run == nil {
		p.list.Select(n.id)
	}
}

// find returns the row of an ID; nil: there is none any more.
func (p *Page) find(id string) *row {
	if i := slices.IndexFunc(p.rows, func(r *row) bool { return r.id == id }); i >= 0 {
		return p.rows[i]
	}
	return nil
}

// columns are those of the list. Beside the result the list does without findings.
func columns(th *theme.Theme, findings bool) []table.Column[*row] {
	g := th.Glyphs
	all := []table.Column[*row]{
		{ID: "group", Title: "GROUP", Min: 10, Cell: func(r *row, _ time.Time) table.Cell {
			if !r.first {
				return table.Cell{}
			}
			return table.Cell{Text: Heading(r.check.Group), Tone: theme.Strong}
		}},
		{ID: "check", Title: "CHECK", Min: nameWidth, Max: 31, Flex: 2, Cell: func(r *row, _ time.Time) table.Cell { return table.Cell{Text: r.name} }},
		{ID: "result", Title: "RESULT", Min: 16, Cell: func(r *row, _ time.Time) table.Cell { return verdictCell(g, r) }},
		{ID: "finding", Title: "FINDING", Min: 18, Flex: 1, Priority: 1, Cell: func(r *row, _ time.Time) table.Cell {
			if r.result == nil {
				return table.Cell{}
			}
			return table.Cell{Text: r.result.Summary, Tone: theme.Dim}
		}},
	}
	if !findings {
		return all[:len(all)-1]
	}
	return all
}

func verdictCell(g theme.Glyphs, r *row) table.Cell {
	switch {
	case r.result == nil && r.busy():
		return table.Cell{Prefix: g.Half, PrefixTone: theme.Info, Text: "checking"}
	case r.result == nil:
		return table.Cell{Prefix: g.Off, PrefixTone: theme.Dim, Text: "waiting", Tone: theme.Dim}
	}
	symbol, tone, word := Mark(g, r.result.Verdict)
	c := table.Cell{Prefix: symbol, PrefixTone: tone, Text: word}
	if problem(r.result.Verdict) {
		c.Tone = tone
	}
	if r.busy() {
		c.Prefix, c.PrefixTone, c.Tone = g.Half, theme.Info, theme.Dim
	}
	return c
}

// plainText is a result as it is copied.
func plainText(r *check.Result) string {
	_, _, word := Mark(theme.Glyphs{}, r.Verdict)
	lines := []string{r.ID + ": " + word, r.Summary}
	lines = append(lines, r.Evidence...)
	if r.Fix.Text != "" {
		lines = append(lines, "Fix: "+r.Fix.Text)
	}
	if r.Fix.Command != "" {
		lines = append(lines, "$ "+text.Clean(r.Fix.Command))
	}
	return strings.Join(lines, "\n")
}
