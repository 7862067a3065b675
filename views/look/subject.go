package look

import (
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// SubjectKind is a short word for the kind of a subject.
func SubjectKind(s rbac.Subject) string {
	switch s.Kind {
	case rbacv1.ServiceAccountKind:
		return "sa"
	case "":
		return "nobody"
	}
	return strings.ToLower(s.Kind)
}

// SubjectName is a subject without its kind.
func SubjectName(s rbac.Subject) string {
	if s.Kind == rbacv1.ServiceAccountKind {
		return s.Namespace + "/" + s.Name
	}
	return s.Name
}

// SubjectWidth is the least width of a column of SubjectCells in which a name of 20 characters is whole.
const SubjectWidth = kindWidth + 1 + 20

// kindWidth lets the names of subjects stand in a column of their own.
const kindWidth = len("group")

// SubjectCell is a subject in a table.
func SubjectCell(s rbac.Subject) table.Cell { return Named(SubjectKind(s), SubjectName(s)) }

// Named is a cell in a column of SubjectCells that says something else there: a short word, and a name.
func Named(kind, name string) table.Cell {
	return table.Cell{Text: name, Prefix: text.Fit(kind, kindWidth, ""), PrefixTone: theme.Dim}
}
