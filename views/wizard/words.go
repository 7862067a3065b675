package wizard

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// sentence makes a sentence of what package kube says as the end of one.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return ""
	}
	s = string(unicode.ToUpper(first)) + s[size:]
	if strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}
