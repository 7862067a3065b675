package vm

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Filter is a parsed query over rows. Its terms must all match.
type Filter struct {
	terms []term
}

type term struct {
	not   bool
	match func(r *Row) bool
}

// FilterKeys lists the keys of the query language with what they look at, for help and completion.
func FilterKeys() [][2]string {
	return [][2]string{
		{"status:", "status, or its beginning"}, {"node:", "node, or source and target of a migration"}, {"ns:", "namespace"},
		{"os:", "guest operating system"}, {"ip:", "any of its addresses"}, {"label:", "key or key=value"},
		{"type:", "instance type"}, {"strategy:", "run strategy"}, {"is:", "problem, migrating, protected, stray"},
	}
}

// ParseFilter reads a query: words are looked for in name, namespace, node, address and guest OS; key:value looks at one field;
// a leading ! turns a term round; "quotes" keep blanks together. Upper and lower case are the same. The error is a sentence
// that names the term.
func ParseFilter(query string) (Filter, error) {
	var f Filter
	for _, word := range splitWords(query) {
		t := term{not: strings.HasPrefix(word, "!")}
		word = strings.TrimPrefix(word, "!")
		key, value, keyed := strings.Cut(word, ":")
		if keyed && isKey(key) {
			match, err := fieldMatch(strings.ToLower(key), strings.ToLower(value))
			if err != nil {
				return Filter{}, err
			}
			t.match = match
		} else {
			t.match = textMatch(strings.ToLower(word))
		}
		if word != "" && !(keyed && isKey(key) && value == "") {
			f.terms = append(f.terms, t)
		}
	}
	return f, nil
}

// Empty says whether the filter lets everything through.
func (f Filter) Empty() bool { return len(f.terms) == 0 }

// Match says whether a row passes.
func (f Filter) Match(r *Row) bool {
	for _, t := range f.terms {
		if t.match(r) == t.not {
			return false
		}
	}
	return true
}

// isKey tells a key from the beginning of an IPv6 address: keys are letters and none consists of hexadecimal digits alone.
func isKey(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return (r|0x20) < 'a' || (r|0x20) > 'z' }) < 0 &&
		strings.IndexFunc(s, func(r rune) bool { return (r | 0x20) > 'f' }) >= 0
}

func fieldMatch(key, value string) (func(*Row) bool, error) {
	switch key {
	case "status":
		return func(r *Row) bool { return hasPrefixFold(r.Status, value) }, nil
	case "node":
		return func(r *Row) bool {
			return containsFold(r.Node, value) || r.Migration != nil && (containsFold(r.Migration.Source, value) || containsFold(r.Migration.Target, value))
		}, nil
	case "ns", "namespace":
		return func(r *Row) bool { return containsFold(r.Namespace, value) }, nil
	case "os":
		return func(r *Row) bool { return containsFold(r.OS, value) }, nil
	case "ip":
		return func(r *Row) bool {
			return slices.ContainsFunc(r.IPs, func(ip string) bool { return hasPrefixFold(ip, value) })
		}, nil
	case "type":
		return func(r *Row) bool { return containsFold(r.Instancetype, value) }, nil
	case "strategy":
		return func(r *Row) bool { return hasPrefixFold(r.RunStrategy, value) }, nil
	case "label":
		return labelMatch(value), nil
	case "is":
		return isMatch(value)
	}
	var known []string
	for _, k := range FilterKeys() {
		known = append(known, k[0])
	}
	return nil, fmt.Errorf("there is no key %s: to filter by; there are %s", key, strings.Join(known, " "))
}

func isMatch(value string) (func(*Row) bool, error) {
	kinds := []struct {
		name  string
		match func(*Row) bool
	}{
		{"problem", (*Row).Troubled},
		{"migrating", func(r *Row) bool { return r.Migration != nil }},
		{"protected", func(r *Row) bool { return r.Protected }},
		{"stray", func(r *Row) bool { return !r.HasVM }},
	}
	for _, k := range kinds {
		if strings.HasPrefix(k.name, value) {
			return k.match, nil
		}
	}
	return nil, fmt.Errorf("is:%s is not known; there are is:problem, is:migrating, is:protected and is:stray", value)
}

// Troubled says whether an operator should look at the VM: its status is one of failure, or a condition needs attention.
func (r *Row) Troubled() bool {
	switch r.Status {
	case StatusCrashLoopBackOff, StatusErrorUnschedulable, StatusErrImagePull, StatusImagePullBackOff, StatusErrorPvcNotFound,
		StatusDataVolumeError, StatusUnknown:
		return true
	}
	return len(r.Attention) > 0
}

func labelMatch(value string) func(*Row) bool {
	key, want, exact := strings.Cut(value, "=")
	return func(r *Row) bool {
		for k, v := range r.Labels {
			if exact && strings.EqualFold(k, key) && strings.EqualFold(v, want) || !exact && containsFold(k, key) {
				return true
			}
		}
		return false
	}
}

// Marks in a search text, which no field contains: between fields, and before each address.
const (
	fieldMark   = "\x00"
	addressMark = "\x01"
)

// searchText puts what words are looked for in into one lower-case string, addresses last. Reading the fields of 10,000 rows instead,
// which lie all over the memory, would take most of the time of a key press that narrows the list.
func searchText(r *Row) string {
	fields := strings.Join([]string{r.Name, r.Namespace, r.Node, r.OS}, fieldMark)
	return strings.ToLower(fields + addressMark + strings.Join(r.IPs, addressMark))
}

// textMatch finds a lower-case word anywhere in the fields, and at the beginning of an address.
func textMatch(word string) func(*Row) bool {
	return func(r *Row) bool {
		text := r.search
		if text == "" {
			text = searchText(r)
		}
		at := strings.Index(text, word)
		return at >= 0 && (at < strings.Index(text, addressMark) || strings.Contains(text, addressMark+word))
	}
}

// containsFold looks for a lower-case needle without making a lower-case copy of every field of every row. The first byte rules out
// almost every place, where both are ASCII: without that, a letter typed over 10,000 rows takes milliseconds.
func containsFold(s, needle string) bool {
	if needle == "" {
		return true
	}
	first := needle[0]
	for i := 0; i+len(needle) <= len(s); i++ {
		if c := s[i]; c|0x20 != first && c != first && c|first < utf8.RuneSelf {
			continue
		}
		if hasPrefixFold(s[i:], needle) {
			return true
		}
	}
	return false
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// splitWords splits at blanks outside of double quotes and takes the quotes away; an open quote reaches to the end.
func splitWords(query string) []string {
	var words []string
	var word strings.Builder
	quoted, begun := false, false
	for _, r := range query {
		switch {
		case r == '"':
			quoted, begun = !quoted, true
		case r == ' ' && !quoted:
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if begun {
		words = append(words, word.String())
	}
	return words
}
