package editor

import (
	"fmt"
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// words are a sentence or two in one tone, behind an indent.
type words struct {
	text   string
	tone   theme.Tone
	indent int
}

func plain(s string) words { return words{text: s} }

func dim(s string) words { return words{text: s, tone: theme.Dim} }

func warn(s string) words { return words{text: s, tone: theme.Warn} }

func bad(s string) words { return words{text: s, tone: theme.Bad} }

// section is a heading with what belongs under it.
type section struct {
	part  part
	title string
	lines []words
}

// warnings puts the sign of a warning before sentences.
func warnings(g theme.Glyphs, sentences []string) []words {
	var out []words
	for _, s := range sentences {
		out = append(out, warn(g.Warn+" "+s))
	}
	return out
}

// wrapped breaks words into painted lines of at most w cells. A sign at the beginning hangs out.
func wrapped(th *theme.Theme, lines []words, w int) []string {
	var out []string
	for _, l := range lines {
		l.text = th.Glyphs.Arrows(l.text)
		hang := 0
		sign := []string{th.Glyphs.Warn, th.Glyphs.Cross, th.Glyphs.Mark, "+", "-", "~", "!"}
		for _, s := range sign {
			if strings.HasPrefix(l.text, s+" ") {
				hang = 2
			}
		}
		indent := text.Spaces(l.indent)
		parts := text.Wrap(text.Clean(l.text), max(w-l.indent, 4))
		if hang > 0 && len(parts) > 1 {
			parts = text.Wrap(text.Clean(l.text[strings.Index(l.text, " ")+1:]), max(w-l.indent-hang, 4))
			parts[0] = l.text[:strings.Index(l.text, " ")+1] + parts[0]
		}
		for i, part := range parts {
			if i > 0 {
				part = text.Spaces(hang) + part
			}
			out = append(out, indent+th.Paint(l.tone, part))
		}
	}
	return out
}

// some names the first of many: "team-a, team-b and 12 more".
func some(names []string, most int) string {
	if len(names) <= most+1 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// amount tells how many of the operations on VMs something permits.
func amount(n int) string {
	if n == len(needs) {
		return "everything with VMs"
	}
	return fmt.Sprintf("%d of %d VM actions", n, len(needs))
}

// granted names operations, all of those on VMs in one word.
func granted(ids []string) string {
	others := slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		return slices.ContainsFunc(needs, func(n rbac.Need) bool { return n.ID == id })
	})
	if len(ids)-len(others) < len(needs) {
		return strings.Join(ids, ", ")
	}
	return strings.Join(append([]string{fmt.Sprintf("everything with VMs (%d actions)", len(needs))}, others...), ", ")
}
