package registries

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/ui/uitest"
	"vmdeck.dev/vmdeck/views/internal/drive"
)

var everyKey = []string{"j", "k", "g", "G", "down", "up", "left", "right", "enter", "esc", "tab", "shift+tab", "space", "pgdown", "pgup", "home", "end",
	"n", "t", "T", "D", "p", "y", "v", "r", "/", "?", ":", "R", "ctrl+d", "ctrl+u", "w", "x"}

// hostile is a registry in which every text is made to do harm.
func hostile() *fake {
	return &fake{entry: config.Registry{Name: drive.Hostile, Kind: "http", URL: "https://" + drive.Hostile, CAFile: drive.Hostile, Packs: []string{drive.Hostile}},
		packs: []pack.Summary{
			{Name: "a" + drive.Hostile, DisplayName: drive.Hostile, Type: drive.Hostile, Description: drive.Hostile, Versions: []string{drive.Hostile, "1"}},
			{Name: "b", Problem: errors.New(drive.Hostile)},
		}}
}

// TestRandom holds that no key breaks a frame, whatever registries say.
func TestRandom(t *testing.T) {
	drive.Check(t, func(tb testing.TB, r *rapid.T) {
		w := begin(tb, setting{})
		w.fakes[2] = hostile()
		w.store.entries = append(w.store.entries, w.fakes[2].entry)
		for range rapid.IntRange(1, 30).Draw(r, "steps") {
			w.Random(r, everyKey, func() { w.Pass(3 * time.Second) })
		}
		uitest.Exact(r, w.Frame(), w.W, w.H)
	})
}

// TestMarkdown holds that no readme breaks a line, and that none is too wide but for code.
func TestMarkdown(t *testing.T) {
	th := theme.New(theme.Options{})
	rapid.Check(t, func(r *rapid.T) {
		parts := rapid.SliceOf(rapid.SampledFrom([]string{"# ", "- ", "  * ", "1. ", "```\n", "\n", "> ", "| a | b |\n", "[x](https://example.com)", "**b**", "_i_", "`c`",
			"<!-- x -->", "---\n", "words and words ", drive.Hostile, "\t"})).Draw(r, "parts")
		src := ""
		for _, p := range parts {
			src += p
		}
		s := &sheet.Sheet{Theme: th, Width: rapid.IntRange(1, 100).Draw(r, "w")}
		markdown(s, src)
		view := pager.New(th, "")
		view.SetLines(s.Lines)
		uitest.Exact(r, view.View(60, 20), 60, 20)
	})
}

func TestMarkdownPlain(t *testing.T) {
	s := &sheet.Sheet{Theme: theme.New(theme.Options{NoColor: true}), Width: 60}
	markdown(s, "# Title\n\nSome *slanted*, **bold** and `coded` words,\nwith [a link](https://example.com/x) and snake_case_names.\n\n- one\n  - two\n\n```sh\n# no heading\n```\n\n| a | b |\n")
	want := []string{" Title", "", "   Some slanted, bold and coded words, with a link", "   (https://example.com/x) and snake_case_names.", "   • one", "     • two", "", "    # no heading", "    | a | b |"}
	var got []string
	for _, l := range s.Lines {
		got = append(got, l.Plain)
	}
	if len(got) != len(want) {
		t.Fatalf("%q", got)
	}
	for i := range want {
		if " "+got[i] != want[i] && got[i] != want[i] {
			t.Errorf("line %d is %q, want %q", i, got[i], want[i])
		}
	}
}
