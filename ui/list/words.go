package list

import (
	"slices"
	"strings"
)

// NarrowByWords shows the rows whose text has all words of the query. Upper and lower case are the same.
func (m *Model[R]) NarrowByWords(text func(R) string) { m.narrow(text, false) }

// NarrowByTerms is NarrowByWords where a word behind an exclamation mark is one that the text must not have.
func (m *Model[R]) NarrowByTerms(text func(R) string) { m.narrow(text, true) }

func (m *Model[R]) narrow(text func(R) string, excluding bool) {
	terms := strings.Fields(strings.ToLower(m.Query.Value()))
	if len(terms) == 0 {
		m.SetFilter(nil)
		return
	}
	m.SetFilter(func(r R) bool {
		in := strings.ToLower(text(r))
		return !slices.ContainsFunc(terms, func(term string) bool {
			word, not := term, false
			if excluding {
				word, not = strings.CutPrefix(term, "!")
			}
			return word != "" && strings.Contains(in, word) == not
		})
	})
}
