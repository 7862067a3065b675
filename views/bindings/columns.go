package bindings

import (
	"cmp"
	"strings"
	"time"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/look"
)

// grouping is what the list begins with.
type grouping int

const (
	bySubject grouping = iota
	byNamespace
)

// names of the groupings, in the middle of a sentence.
func (g grouping) String() string {
	if g == byNamespace {
		return "by namespace"
	}
	return "by subject"
}

func (g grouping) other() grouping { return 1 - g }

// columns are those of a grouping.
func columns(g grouping, th *theme.Theme) []table.Column[*row] {
	if g == byNamespace {
		where := whereColumn(th)
		where.Title, where.Min = "NAMESPACE", len("NAMESPACE ^")
		return []table.Column[*row]{where, subjectColumn(th), roleColumn(th), grantsColumn(th), bindingColumn(th), ruleColumn(th)}
	}
	return []table.Column[*row]{subjectColumn(th), whereColumn(th), roleColumn(th), grantsColumn(th), bindingColumn(th), ruleColumn(th)}
}

// order is how rows follow each other that are equal in the sorted column.
func order(g grouping) func(a, b *row) int {
	first, second := bySubjectName, byWhere
	if g == byNamespace {
		first, second = second, first
	}
	return func(a, b *row) int {
		return cmp.Or(first(a, b), second(a, b), cmp.Compare(a.role.Name, b.role.Name), cmp.Compare(a.id, b.id))
	}
}

// bySubjectName leaves those without a subject for the end.
func bySubjectName(a, b *row) int {
	nobody := func(r *row) int { return map[bool]int{true: 1}[r.subject.Kind == ""] }
	return cmp.Or(cmp.Compare(nobody(a), nobody(b)), cmp.Compare(look.SubjectName(a.subject), look.SubjectName(b.subject)), cmp.Compare(a.subject.Kind, b.subject.Kind))
}

// byWhere puts what counts everywhere first.
func byWhere(a, b *row) int {
	narrow := func(r *row) int { return map[bool]int{true: 1}[r.where != everywhere] }
	return cmp.Or(cmp.Compare(narrow(a), narrow(b)), cmp.Compare(a.where, b.where))
}

// Where it is narrow the names of bindings give way first, then what is granted, then the roles: who has the rights is read first. In
// the least widths subjects of 20 characters are whole, and all but the bindings and rules fits into 80 columns.

func subjectColumn(th *theme.Theme) table.Column[*row] {
	return table.Column[*row]{
		ID: "subject", Title: "SUBJECT", Min: look.SubjectWidth, Max: 44, Flex: 5, Middle: true, Priority: 1, Compare: bySubjectName,
		Cell: func(r *row, _ time.Time) table.Cell {
			cell := look.SubjectCell(r.subject)
			switch {
			case r.subject.Kind == "" && !r.made():
				return look.Named("rule", r.rule)
			case r.subject.Kind == "":
				return table.Cell{Text: th.Glyphs.None, Tone: theme.Dim}
			case r.state == stateNoPlace:
				cell.Tone = theme.Bad
			}
			return cell
		},
	}
}

func whereColumn(th *theme.Theme) table.Column[*row] {
	return table.Column[*row]{
		ID: "where", Title: "WHERE", Min: 11, Keep: 16, Max: 28, Flex: 5, Middle: true, Priority: 3, Compare: byWhere,
		Cell: func(r *row, _ time.Time) table.Cell {
			return orNone(th, table.Cell{Text: r.where, Tone: map[bool]theme.Tone{true: theme.Info}[r.where == everywhere]})
		},
	}
}

func roleColumn(th *theme.Theme) table.Column[*row] {
	return table.Column[*row]{
		ID: "role", Title: "ROLE", Min: 16, Keep: 24, Max: 40, Flex: 1, Middle: true, Priority: 3,
		Compare: func(a, b *row) int { return cmp.Compare(a.role.Name, b.role.Name) },
		Cell: func(r *row, _ time.Time) table.Cell {
			cell := table.Cell{Text: r.role.Name}
			if r.role.Kind == rbac.KindRole {
				cell.Text += " (Role)"
			}
			if r.state == stateNoRole {
				cell.Tone = theme.Bad
			}
			return orNone(th, cell)
		},
	}
}

// grantsColumn says what is wrong instead of what is granted, since then that is what matters.
func grantsColumn(th *theme.Theme) table.Column[*row] {
	return table.Column[*row]{
		ID: "grants", Title: "GRANTS", Min: 14, Max: 40, Flex: 8, Priority: 1,
		Compare: func(a, b *row) int {
			return cmp.Or(cmp.Compare(len(a.grants.ids), len(b.grants.ids)), cmp.Compare(a.grants.text, b.grants.text))
		},
		Cell: func(r *row, _ time.Time) table.Cell {
			switch {
			case r.state != "":
				return table.Cell{Text: r.state, Tone: stateTone(r), Prefix: th.Glyphs.Warn, PrefixTone: stateTone(r)}
			case r.grants.text == wordNothing:
				return table.Cell{Text: r.grants.text, Tone: theme.Dim}
			case r.grants.text == wordEverything || strings.HasSuffix(r.grants.text, wordRights):
				return table.Cell{Text: r.grants.text, Tone: theme.Strong}
			}
			return table.Cell{Text: r.grants.text}
		},
	}
}

// stateTone tells what is broken from what is not yet, or not known.
func stateTone(r *row) theme.Tone {
	switch r.state {
	case stateWaiting, stateUnmade, stateUnread, stateUnseen:
		return theme.Warn
	}
	return theme.Bad
}

func bindingColumn(th *theme.Theme) table.Column[*row] {
	return table.Column[*row]{
		ID: "binding", Title: "BINDING", Min: 16, Max: 48, Flex: 60, Middle: true, Priority: 5,
		Compare: func(a, b *row) int { return cmp.Compare(a.binding.Name, b.binding.Name) },
		Cell:    func(r *row, _ time.Time) table.Cell { return orNone(th, table.Cell{Text: r.binding.Name}) },
	}
}

func ruleColumn(th *theme.Theme) table.Column[*row] {
	return table.Column[*row]{
		ID: "rule", Title: "RULE", Min: 6, Max: 24, Flex: 8, Middle: true, Priority: 4,
		Compare: func(a, b *row) int { return cmp.Compare(a.rule, b.rule) },
		Cell:    func(r *row, _ time.Time) table.Cell { return orNone(th, table.Cell{Text: r.rule, Tone: theme.Accent}) },
	}
}

func orNone(th *theme.Theme, cell table.Cell) table.Cell {
	if cell.Text == "" {
		return table.Cell{Text: th.Glyphs.None, Tone: theme.Dim}
	}
	return cell
}
