package input

import (
	"testing"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/ui/uitest"
)

func TestEditing(t *testing.T) {
	for _, tt := range []struct {
		name string
		keys []string
		want string
	}{
		{"type", []string{"a", "space", "b"}, "a b"},
		{"in the middle", []string{"a", "c", "left", "b"}, "abc"},
		{"word back", []string{"a", "b", "space", "c", "d", "ctrl+w"}, "ab "},
		{"to the start", []string{"a", "b", "left", "ctrl+u"}, "b"},
		{"to the end", []string{"a", "b", "home", "right", "ctrl+k"}, "a"},
		{"delete", []string{"a", "b", "home", "delete"}, "b"},
		{"backspace on nothing", []string{"backspace", "a"}, "a"},
		{"complete", []string{"n", "o", "tab"}, "node:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := New(theme.New(theme.Options{}))
			m.Suggest = func(v string) []string {
				if v == "no" {
					return []string{"node:"}
				}
				return nil
			}
			for _, k := range tt.keys {
				m.Update(uitest.Key(k))
			}
			if got := m.Value(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestPasteIsCleaned(t *testing.T) {
	m := New(theme.New(theme.Options{}))
	m.Update(tea.PasteMsg{Content: "a\x1b[31m\nb\x07"})
	if got := m.Value(); got != "a b" {
		t.Errorf("got %q", got)
	}
	for _, k := range []string{"enter", "esc", "up", "tab", "ctrl+x"} {
		if m.Update(uitest.Key(k)) {
			t.Errorf("%s is taken", k)
		}
	}
}

func TestViewIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := New(theme.New(theme.Options{}))
		m.Prompt, m.Placeholder = "/", rapid.String().Draw(t, "placeholder")
		m.SetValue(rapid.String().Draw(t, "value"))
		for range rapid.IntRange(0, 10).Draw(t, "left") {
			m.Update(uitest.Key("left"))
		}
		w := rapid.IntRange(1, 30).Draw(t, "w")
		for _, focus := range []bool{true, false} {
			if got := m.View(w, focus); text.Width(got) != w {
				t.Fatalf("%q has %d cells, want %d", got, text.Width(got), w)
			}
		}
	})
}
