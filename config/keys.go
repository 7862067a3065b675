package config

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// unknownKey explains a key that the file may not have. The decoder does not say where the key stands, so the first line that has
// it is named; whether it belongs to a context shows by its indentation.
func unknownKey(key string, data []byte) string {
	line, nested := findKey(key, data)
	allowed := keysOf(reflect.TypeFor[File]())
	if nested {
		allowed = keysOf(reflect.TypeFor[Context]())
	}
	where, hint := "", ""
	if line > 0 {
		where = fmt.Sprintf("line %d: ", line)
	}
	if near := nearest(key, allowed); near != "" {
		hint = fmt.Sprintf(" Did you mean %s?", near)
	}
	return fmt.Sprintf("%sthere is no key %q.%s Known here are %s.", where, key, hint, strings.Join(allowed, ", "))
}

func findKey(key string, data []byte) (line int, nested bool) {
	for i, text := range strings.Split(string(data), "\n") {
		bare := strings.TrimLeft(text, " \t")
		for _, form := range []string{key, `"` + key + `"`, "'" + key + "'"} {
			if rest, ok := strings.CutPrefix(bare, form); ok && strings.HasPrefix(strings.TrimLeft(rest, " \t"), ":") {
				return i + 1, bare != text
			}
		}
	}
	return 0, false
}

func keysOf(t reflect.Type) []string {
	var keys []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		keys = append(keys, name)
	}
	return keys
}

// nearest returns the name that differs least from what was typed, when it differs little enough to have been meant.
func nearest(typed string, names []string) string {
	best, distance := "", max(2, len(typed)/3)+1
	for _, name := range names {
		if d := editDistance(strings.ToLower(typed), strings.ToLower(name)); d < distance {
			best, distance = name, d
		}
	}
	return best
}

// editDistance is the number of letters to insert, remove or replace (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
