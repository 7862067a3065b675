package check

import (
	"fmt"
	"regexp"
	"strings"
)

// oneOf reads "a", "a or b", "a, b or c".
func oneOf(items []string) string { return joined(items, "or") }

// allOf reads "a", "a and b", "a, b and c".
func allOf(items []string) string { return joined(items, "and") }

func joined(items []string, word string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:len(items)-1], ", ") + " " + word + " " + items[len(items)-1]
}

// some names the first few and counts the rest.
func some(items []string, most int) string {
	if len(items) <= most {
		return allOf(items)
	}
	return fmt.Sprintf("%s and %d more", strings.Join(items[:most], ", "), len(items)-most)
}

// counted reads "1 node", "3 nodes".
func counted(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "s"):
		return fmt.Sprintf("%d %ses", n, noun)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// sentence begins with a capital letter.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

var harmless = regexp.MustCompile(`^[A-Za-z0-9._:/@=+-]+$`)

// quote makes one word of a shell command: names come from the cluster, and a command is there to be pasted.
func quote(s string) string {
	if harmless.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
