package pager

import (
	"strings"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"

	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// maxHighlight is how many bytes are coloured; beyond it the lines stay plain, for colouring runs in Update.
const maxHighlight = 512 << 10

// YAML makes lines of a document in the colours of the theme.
func YAML(src string, th *theme.Theme) []Line {
	src = text.CleanLines(src)
	lexer := lexers.Get("yaml")
	if lexer == nil || len(src) > maxHighlight {
		return PlainLines(src)
	}
	tokens, err := chroma.Coalesce(lexer).Tokenise(nil, src)
	if err != nil {
		return PlainLines(src)
	}
	var out []Line
	var plain, shown strings.Builder
	flush := func() {
		out = append(out, Line{Plain: plain.String(), Shown: shown.String()})
		plain.Reset()
		shown.Reset()
	}
	for token := tokens(); token != chroma.EOF; token = tokens() {
		tone := yamlTone(token.Type)
		for i, part := range strings.Split(token.Value, "\n") {
			if i > 0 {
				flush()
			}
			plain.WriteString(part)
			th.Append(&shown, tone, part)
		}
	}
	if plain.Len() > 0 {
		flush()
	}
	return out
}

// yamlTone gives keys weight and leaves most values alone: a manifest is read by its keys.
func yamlTone(t chroma.TokenType) theme.Tone {
	switch {
	case t == chroma.NameTag || t == chroma.NameAttribute:
		return theme.Info
	case t.InCategory(chroma.Comment):
		return theme.Dim
	case t == chroma.Punctuation:
		return theme.Dim
	case t.InSubCategory(chroma.LiteralNumber) || t == chroma.KeywordConstant:
		return theme.Warn
	case t.InSubCategory(chroma.LiteralString):
		return theme.Good
	}
	return theme.Normal
}
