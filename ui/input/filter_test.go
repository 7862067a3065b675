package input

import (
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/ui/uitest"
)

func TestFilterNarrowsWhileItIsTyped(t *testing.T) {
	var narrowed, moved []string
	var f *Filter
	f = NewFilter(theme.New(theme.Options{}), "words", func() { narrowed = append(narrowed, f.Value()) },
		func(key tea.KeyPressMsg) { moved = append(moved, key.String()) })
	for _, step := range []struct {
		key             string
		typing          bool // before the key
		want            string
		narrowed, moved []string
		lines           int
	}{
		{key: "a"},
		{key: "a", typing: true, want: "a", narrowed: []string{"a"}, lines: 1},
		{key: "down", typing: true, want: "a", moved: []string{"down"}, lines: 1},
		{key: "pgup", typing: true, want: "a", moved: []string{"pgup"}, lines: 1},
		{key: "ctrl+x", typing: true, want: "a", lines: 1},
		{key: "b", typing: true, want: "ab", narrowed: []string{"ab"}, lines: 1},
		{key: "enter", typing: true, want: "ab", lines: 1},
		{key: "c", want: "ab", lines: 1},
		{key: "esc", typing: true, narrowed: []string{""}},
	} {
		narrowed, moved = nil, nil
		f.Type(step.typing)
		if taken := f.Update(uitest.Key(step.key)); taken != step.typing {
			t.Errorf("%s is taken: %v", step.key, taken)
		}
		if stays := step.typing && step.key != "enter" && step.key != "esc"; f.Typing() != stays {
			t.Errorf("after %s it is typed: %v", step.key, f.Typing())
		}
		if f.Value() != step.want || !slices.Equal(narrowed, step.narrowed) || !slices.Equal(moved, step.moved) || f.Lines() != step.lines {
			t.Errorf("after %s: %q, narrowed by %q, moved by %q, %d lines", step.key, f.Value(), narrowed, moved, f.Lines())
		}
	}
	f.Type(true)
	if f.Update(tea.PasteMsg{Content: "x\ny"}); f.Value() != "x y" || narrowed[len(narrowed)-1] != "x y" {
		t.Errorf("pasted %q, narrowed by %q", f.Value(), narrowed)
	}
}

func TestFilterBesideARemark(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := NewFilter(theme.New(theme.Options{}), "words", func() {}, nil)
		f.SetValue(rapid.StringN(0, 20, -1).Draw(t, "value"))
		f.Type(rapid.Bool().Draw(t, "typing"))
		remark, w := rapid.StringMatching(`[a-z ]{0,40}`).Draw(t, "remark"), rapid.IntRange(1, 120).Draw(t, "w")
		line := f.Beside(remark, theme.Dim, w)
		if text.Width(line) != w {
			t.Fatalf("%q has %d cells, want %d", line, text.Width(line), w)
		}
		if room := 2 + 32 + len(remark); w >= 2*room && !strings.Contains(line, remark) {
			t.Fatalf("%q leaves out %q, though there is room", line, remark)
		}
	})
}
