package bindings

import (
	"fmt"
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/views/look"
)

// fieldMark stands between the fields of a search text; no field contains it.
const fieldMark = "\x00"

// filterKeys are the keys of the query language with what they look at.
var filterKeys = [][2]string{
	{"subject:", "name of the user, group or service account"}, {"ns:", "namespace, or everywhere"}, {"role:", "name of the role"},
	{"rule:", "name of the rule"}, {"kind:", "user, group, serviceaccount, rolebinding, clusterrolebinding"},
	{"grants:", "an action such as migrate, or a word of the column"}, {"is:", "problem: a role or namespace that is gone, a rule without bindings"},
}

// filter is a parsed query. Its terms must all match.
type filter []filterTerm

type filterTerm struct {
	not   bool
	match func(*row) bool
}

// parseFilter reads a query: words are looked for everywhere, key:value looks at one field, ! turns a term round, "quotes" keep blanks
// together and names with a colon from being read as a key, which those of OIDC and of Kubernetes' own often do not need, as they are not
// keys. Upper and lower case are the same. The error is a sentence.
func parseFilter(query string) (filter, error) {
	var f filter
	for _, word := range splitWords(strings.ToLower(query)) {
		bare := strings.TrimPrefix(word, "!")
		match, err := matcher(bare)
		if err != nil {
			return nil, err
		}
		if match != nil {
			f = append(f, filterTerm{bare != word, match})
		}
	}
	return f, nil
}

func (f filter) match(r *row) bool {
	return !slices.ContainsFunc(f, func(t filterTerm) bool { return t.match(r) == t.not })
}

// matcher is what a word looks for; nil: nothing yet.
func matcher(word string) (func(*row) bool, error) {
	key, value, keyed := strings.Cut(word, ":")
	if keyed && isKey(key) {
		return fieldMatcher(key, strings.ReplaceAll(value, `"`, ""))
	}
	if word = strings.ReplaceAll(word, `"`, ""); word == "" {
		return nil, nil
	}
	return func(r *row) bool { return strings.Contains(r.search, word) }, nil
}

func fieldMatcher(key, value string) (func(*row) bool, error) {
	field := func(get func(*row) string) (func(*row) bool, error) {
		return func(r *row) bool { return strings.Contains(strings.ToLower(get(r)), value) }, nil
	}
	switch key {
	case "subject":
		return field(func(r *row) string { return look.SubjectName(r.subject) })
	case "ns", "namespace":
		return field(func(r *row) string { return r.where })
	case "role":
		return field(func(r *row) string { return r.role.Name })
	case "rule":
		return field(func(r *row) string { return r.rule })
	case "kind":
		return kindMatcher(value)
	case "grants":
		return grantsMatcher(value)
	case "is":
		if !strings.HasPrefix("problem", value) {
			return nil, fmt.Errorf("is:%s is not known; there is is:problem", value)
		}
		return func(r *row) bool { return r.trouble != "" }, nil
	}
	return nil, nil
}

// isKey tells keys from what names have before a colon, such as oidc:devs.
func isKey(word string) bool {
	return word == "namespace" || slices.Contains(firsts(filterKeys), word+":")
}

var kinds = []string{"user", "group", "serviceaccount", "rolebinding", "clusterrolebinding"}

func kindMatcher(value string) (func(*row) bool, error) {
	if !slices.ContainsFunc(kinds, func(k string) bool { return strings.HasPrefix(k, value) }) {
		return nil, fmt.Errorf("kind:%s is not known; there are %s", value, strings.Join(kinds, ", "))
	}
	return func(r *row) bool {
		return strings.HasPrefix(strings.ToLower(r.subject.Kind), value) || r.made() && strings.HasPrefix(strings.ToLower(r.binding.Kind()), value)
	}, nil
}

// grantWords are what grants: understands: needs, and words of the column.
func grantWords() []string {
	var out []string
	for _, t := range terms {
		out = append(out, t.word)
	}
	for _, n := range append(binding.Needs(), extraNeeds...) {
		out = append(out, n.ID)
	}
	seen := map[string]bool{}
	out = append(out, wordRights, wordEverything, wordNothing, wordAll)
	return slices.DeleteFunc(out, func(w string) bool {
		again := seen[w]
		seen[w] = true
		return again
	})
}

func grantsMatcher(value string) (func(*row) bool, error) {
	words := grantWords()
	if !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, value) }) {
		return nil, fmt.Errorf("grants:%s is not known; there are %s", value, strings.Join(words, ", "))
	}
	return func(r *row) bool {
		if slices.ContainsFunc(r.grants.ids, func(id string) bool { return strings.HasPrefix(id, value) }) {
			return true
		}
		return strings.HasPrefix(r.grants.text, value) || strings.Contains(r.grants.text, " "+value) || grantsTerm(r.grants.ids, value)
	}, nil
}

// grantsTerm tells whether all that a word stands for is granted, where the column says "all" instead.
func grantsTerm(ids []string, value string) bool {
	has := func(id string) bool { return slices.Contains(ids, id) }
	return slices.ContainsFunc(terms, func(t term) bool {
		return strings.HasPrefix(t.word, value) && !slices.ContainsFunc(t.ids, func(id string) bool { return !has(id) })
	})
}

// suggest completes the last word of a query.
func suggest(value string, rows func(yield func(*row))) []string {
	cut := strings.LastIndexByte(value, ' ') + 1
	head, word := value[:cut], value[cut:]
	key, part, keyed := strings.Cut(strings.TrimPrefix(word, "!"), ":")
	if !keyed {
		return completions(head, word, key, firsts(filterKeys))
	}
	var values []string
	collect := func(get func(*row) string) {
		rows(func(r *row) { values = append(values, get(r)) })
	}
	switch key {
	case "subject":
		collect(func(r *row) string { return look.SubjectName(r.subject) })
	case "ns":
		collect(func(r *row) string { return r.where })
	case "role":
		collect(func(r *row) string { return r.role.Name })
	case "rule":
		collect(func(r *row) string { return r.rule })
	case "kind":
		values = slices.Clone(kinds)
	case "grants":
		values = grantWords()
	case "is":
		values = []string{"problem"}
	}
	if key != "grants" && key != "kind" {
		slices.Sort(values)
	}
	values = slices.DeleteFunc(slices.Compact(values), func(v string) bool { return strings.ContainsAny(v, " \"") })
	return completions(head, word, part, values)
}

func firsts(pairs [][2]string) []string {
	var out []string
	for _, p := range pairs {
		out = append(out, p[0])
	}
	return out
}

// completions are values that begin with part, the end of word, which stands behind head.
func completions(head, word, part string, values []string) []string {
	var out []string
	for _, v := range values {
		if part != "" && len(part) < len(v) && strings.EqualFold(v[:len(part)], part) {
			out = append(out, head+word+v[len(part):])
		}
	}
	return out
}

// splitWords splits at blanks outside of double quotes, which stay; an open quote reaches to the end.
func splitWords(query string) []string {
	quoted := false
	return strings.FieldsFunc(query, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ' ' && !quoted
	})
}
