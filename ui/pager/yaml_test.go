package pager

import (
	"strings"
	"testing"

	"vmdeck.dev/vmdeck/ui/theme"
)

// TestYAMLTones writes keys as <key>, what is dim as (dim), strings as "string" in brackets [ ], and numbers and constants as {12}.
func TestYAMLTones(t *testing.T) {
	var marks []string
	for tone, mark := range map[theme.Tone]string{theme.Info: "<>", theme.Dim: "()", theme.Good: "[]", theme.Warn: "{}"} {
		before, after, _ := strings.Cut(th.Paint(tone, "x"), "x")
		marks = append(marks, before, mark[:1]+"\x00"+mark[1:], after, "\x01")
	}
	shown := func(line string) string {
		line = strings.NewReplacer(marks...).Replace(line)
		var out strings.Builder
		end := ""
		for part := range strings.SplitSeq(line, "\x01") {
			open, rest, found := strings.Cut(part, "\x00")
			if !found {
				out.WriteString(part)
				continue
			}
			out.WriteString(open)
			end, rest = rest[:1], rest[1:]
			out.WriteString(rest + end)
		}
		return out.String()
	}
	for src, want := range map[string]string{
		"# a comment":                   "(# a comment)",
		"---":                           "(---)",
		"kind: VirtualMachine":          "<kind>(:) VirtualMachine",
		"running: true":                 "<running>(:) {true}",
		"cores: 4 # of the host":        "<cores>(:) {4} (# of the host)",
		"port: -1.5e3":                  "<port>(:) {-1.5e3}",
		"memory: 2Gi":                   "<memory>(:) 2Gi",
		"ip: 10.0.0.1":                  "<ip>(:) 10.0.0.1",
		"version: v1":                   "<version>(:) v1",
		"infinite: inf":                 "<infinite>(:) inf",
		"url: https://host:80/a#b":      "<url>(:) https://host:80/a#b",
		`time: "2026-03-05T09:00:00Z"`:  `<time>(:) ["2026-03-05T09:00:00Z"]`,
		`say: "a \" # b: c" # tail`:     `<say>(:) ["a \" # b: c"]( # tail)`,
		"say: 'it''s: so'":              "<say>(:) ['it''s: so']",
		"'a: key': null":                "<'a: key'>(:) {null}",
		"\"1\":":                        "<\"1\">(:)",
		"spec: {}":                      "<spec>(:) ({})",
		"labels:":                       "<labels>(:)",
		"  - name: web":                 "  - <name>(:) web",
		"- - 1":                         "- - {1}",
		"-":                             "-",
		"- plain text: no":              "- <plain text>(:) no",
		`"never closed`:                 `"never closed`,
		"{a: b, c: [d]}":                "{a: b, c: [d]}",
		"a: |\n  b: 1\n\n   # no\nc: d": "<a>(:) (|)\n[  b: 1]\n\n[   # no]\n<c>(:) d",
		"- a: >-\n    text\n  b: 1":     "- <a>(:) (>-)\n[    text]\n  <b>(:) {1}",
		"  - |2\n    text\n  - b: x":    "  - (|2)\n[    text]\n  - <b>(:) x",
		"a: |b\n  c: d":                 "<a>(:) |b\n  <c>(:) d",
	} {
		var got []string
		for _, l := range YAML(src, th) {
			got = append(got, shown(l.Shown))
		}
		if got := strings.Join(got, "\n"); got != want {
			t.Errorf("%s\nis %s\nwant %s", src, got, want)
		}
	}
}

func TestYAMLThatIsTooLongStaysPlain(t *testing.T) {
	for _, l := range YAML(strings.Repeat("a: b\n", maxHighlight/5+1), th)[:2] {
		if l.Shown != "a: b" {
			t.Errorf("shown %q", l.Shown)
		}
	}
}
