package text

import (
	"fmt"
	"strings"
)

// Count reads "1 binding", "3 bindings".
func Count[N ~int | ~uint32 | ~int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Listed joins names, the first few of many: "team-a, team-b and 12 more".
func Listed(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// Lower puts a title, which begins with an ASCII letter, into the middle of a sentence.
func Lower(title string) string { return strings.ToLower(title[:1]) + title[1:] }
