package pager

import (
	"strconv"
	"strings"

	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// maxHighlight is how many bytes are coloured; beyond it the lines stay plain, for colouring runs in Update.
const maxHighlight = 512 << 10

// YAML makes lines of a document in the colours of the theme. It reads line by line what programs write: keys, lists, scalars and block
// scalars. What it does not know, as collections in braces, stays plain; the text is never changed.
func YAML(src string, th *theme.Theme) []Line {
	src = text.CleanLines(src)
	if len(src) > maxHighlight {
		return PlainLines(src)
	}
	p := yamlPainter{th: th, block: -1}
	var out []Line
	for line := range strings.SplitSeq(strings.TrimSuffix(src, "\n"), "\n") {
		p.shown.Reset()
		p.line(line)
		out = append(out, Line{Plain: line, Shown: p.shown.String()})
	}
	return out
}

// yamlPainter gives keys weight and leaves most values alone: a manifest is read by its keys.
type yamlPainter struct {
	th    *theme.Theme
	shown strings.Builder // the line so far
	block int             // the column of what a block scalar belongs to: deeper lines are its text; -1: none
}

func (p *yamlPainter) put(tone theme.Tone, s string) { p.th.Append(&p.shown, tone, s) }

func (p *yamlPainter) line(line string) {
	rest := strings.TrimLeft(line, " ")
	column := len(line) - len(rest)
	if p.block >= 0 && (rest == "" || column > p.block) {
		p.put(theme.Good, line)
		return
	}
	p.block = -1
	p.put(theme.Normal, line[:column])
	owner := column
	for strings.HasPrefix(rest, "- ") {
		item := strings.TrimLeft(rest[1:], " ")
		p.put(theme.Normal, rest[:len(rest)-len(item)])
		owner, column, rest = column, column+len(rest)-len(item), item
	}
	if n := yamlKey(rest); n > 0 {
		p.put(theme.Info, rest[:n])
		p.put(theme.Dim, ":")
		owner, rest = column, rest[n+1:]
	}
	value := strings.TrimLeft(rest, " ")
	p.put(theme.Normal, rest[:len(rest)-len(value)])
	if p.value(value) {
		p.block = owner
	}
}

// yamlKey is how long the key is that a line begins with; 0: it begins with none.
func yamlKey(s string) int {
	end := quoted(s)
	switch {
	case end > 0:
	case s == "" || strings.ContainsRune("#[{|>\"'", rune(s[0])):
		return 0
	case strings.Contains(s, ": "):
		end = strings.Index(s, ": ")
	default:
		end = len(s) - 1
	}
	if end > 0 && strings.HasPrefix(s[end:], ":") && (end+1 == len(s) || s[end+1] == ' ') {
		return end
	}
	return 0
}

// quoted is how long the text in quotes is that a text begins with; 0: it begins with none.
func quoted(s string) int {
	if s == "" || s[0] != '"' && s[0] != '\'' {
		return 0
	}
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && s[0] == '"':
			i++
		case s[i] == s[0] && s[0] == '\'' && strings.HasPrefix(s[i+1:], "'"):
			i++
		case s[i] == s[0]:
			return i + 1
		}
	}
	return 0
}

// value paints a scalar and the comment behind it; it reports whether a block scalar begins.
func (p *yamlPainter) value(s string) bool {
	end := quoted(s)
	if end == 0 {
		if end = strings.Index(" "+s, " #"); end < 0 {
			end = len(s)
		}
	}
	scalar, comment := strings.TrimRight(s[:end], " "), s[end:]
	tone := yamlTone(scalar)
	p.put(tone, scalar)
	p.put(theme.Normal, s[len(scalar):end])
	p.put(theme.Dim, comment)
	return scalar != "" && strings.ContainsRune("|>", rune(scalar[0])) && tone == theme.Dim
}

func yamlTone(scalar string) theme.Tone {
	switch scalar {
	case "":
		return theme.Normal
	case "true", "false", "null", "~":
		return theme.Warn
	case "{}", "[]", "---", "...":
		return theme.Dim
	}
	switch digits := strings.TrimLeft(scalar, "+-."); {
	case quoted(scalar) == len(scalar):
		return theme.Good
	case strings.ContainsRune("|>", rune(scalar[0])) && strings.Trim(scalar[1:], "+-0123456789") == "":
		return theme.Dim
	case digits != "" && digits[0] >= '0' && digits[0] <= '9':
		if _, err := strconv.ParseFloat(scalar, 64); err == nil {
			return theme.Warn
		}
	}
	return theme.Normal
}
