package area

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/ui/uitest"
)

func with(s string) *Model {
	m := New(theme.New(theme.Options{NoColor: true}))
	m.SetText(s)
	return m
}

func keysTo(m *Model, names ...string) {
	for _, name := range names {
		m.Update(uitest.Key(name))
	}
}

func typeTo(m *Model, s string) {
	for _, r := range s {
		m.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

func TestEdit(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		keys []string
		want string
	}{
		"enter keeps the depth":       {"a:\n  b: 1\n", []string{"down", "end", "enter", "c"}, "a:\n  b: 1\n  c\n"},
		"enter below a key is deeper": {"a:\n  b:\n", []string{"down", "end", "enter", "c"}, "a:\n  b:\n    c\n"},
		"a comment opens nothing":     {"# a:\n", []string{"end", "enter", "c"}, "# a:\nc\n"},
		"enter at the edge":           {"  a\n", []string{"enter"}, "\n  a\n"},
		"backspace in indentation":    {"    a\n", []string{"home", "backspace"}, "  a\n"},
		"backspace joins lines":       {"a\nb\n", []string{"down", "backspace"}, "ab\n"},
		"delete joins lines":          {"a\nb\n", []string{"end", "delete"}, "ab\n"},
		"kill the rest, then the end": {"abc\nd\n", []string{"right", "ctrl+k", "ctrl+k"}, "ad\n"},
		"a word back":                 {"one two-three\n", []string{"end", "ctrl+w"}, "one two-\n"},
		"wide and combined":           {"宽e\u0301x\n", []string{"right", "right", "right", "-"}, "宽e\u0301-x\n"},
		"the last line":               {"a\n", []string{"ctrl+end", "enter", "b"}, "a\nb\n"},
		"everything":                  {"a\n", []string{"delete"}, ""},
		"undo a word at once":         {"", []string{"a", "b", "c", "left", "x", "y", "undo"}, "abc\n"},
		"undo and redo":               {"", []string{"a", "enter", "b", "undo", "undo", "redo", "c"}, "a\nc\n"},
		"a change ends redo":          {"", []string{"a", "undo", "b", "redo"}, "b\n"},
	} {
		t.Run(name, func(t *testing.T) {
			m := with(tt.text)
			for _, key := range tt.keys {
				switch key {
				case "undo":
					m.Undo()
				case "redo":
					m.Redo()
				default:
					keysTo(m, key)
				}
			}
			if got := m.Text(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestGoal(t *testing.T) {
	m := with("long line\nab\nlong again\n")
	keysTo(m, "end", "down", "down")
	typeTo(m, "X")
	if got := m.lines[2]; got != "long agaiXn" {
		t.Errorf("the cursor did not come back to its column: %q", got)
	}
}

func TestPaste(t *testing.T) {
	m := with("a: 1\nb: 2\n")
	m.Update(tea.PasteMsg{Content: "x:\r\n\ty: 3\r\n"})
	if want := "x:\n  y: 3\na: 1\nb: 2\n"; m.Text() != want {
		t.Errorf("got %q, want %q", m.Text(), want)
	}
	m.Undo()
	if m.Text() != "a: 1\nb: 2\n" {
		t.Errorf("undone: %q", m.Text())
	}
	m.Update(tea.PasteMsg{Content: strings.Repeat("x", maxBytes)})
	if m.Text() != "a: 1\nb: 2\n" {
		t.Error("a paste has no bound")
	}
}

// TestJoin undoes changes of one name together, and others one by one.
func TestJoin(t *testing.T) {
	m := with("v: \n")
	for _, s := range []string{"v: a\n", "v: ab\n"} {
		m.Join(s, "v")
	}
	m.Join("v: ab\nw: 1\n", "w")
	m.Undo()
	if m.Text() != "v: ab\n" {
		t.Fatalf("%q", m.Text())
	}
	m.Undo()
	if m.Text() != "v: \n" {
		t.Errorf("%q", m.Text())
	}
}

func TestFind(t *testing.T) {
	m := with("name: One\nother: one\nlast: ONE two\n")
	for i, want := range []position{{0, 6}, {1, 7}, {2, 6}, {0, 6}} {
		if !m.Find("one", i > 0) || m.at != want {
			t.Fatalf("place %d is %v, want %v", i, m.at, want)
		}
	}
	if !m.Find("ONE", false) || m.at.line != 2 {
		t.Errorf("capitals lead to %v", m.at)
	}
	if m.Find("three", false) || m.at.line != 2 {
		t.Errorf("what is not there leads to %v", m.at)
	}
}

func TestView(t *testing.T) {
	m := with("first: 1\n" + strings.Repeat("  more: of it\n", 200) + "last: " + strings.Repeat("x", 100) + "\n")
	m.GoTo(202)
	got := strings.Split(theme.Strip(m.View(30, 5, true, map[int]Mark{202: {Symbol: "!"}})), "\n")
	if want := " 202! last: " + strings.Repeat("x", 18); got[4] != want {
		t.Errorf("the last line is %q, want %q", got[4], want)
	}
	keysTo(m, "end")
	typeTo(m, "END")
	if got := theme.Strip(m.View(30, 5, true, nil)); !strings.Contains(got, "xxEND") {
		t.Errorf("the end of the line is out of sight:\n%s", got)
	}
	m.View(30, 5, true, nil)
	m.Click(0, 0)
	if m.Line() != 198 {
		t.Errorf("a click on the first line leads to line %d", m.Line())
	}
}

// TestRandom holds that frames are exact, that the cursor is in the text, and that undo leads back to the start.
func TestRandom(t *testing.T) {
	keys := []string{"up", "down", "left", "right", "home", "end", "pgup", "pgdown", "ctrl+home", "ctrl+end", "ctrl+left", "ctrl+right", "enter", "space",
		"backspace", "delete", "ctrl+w", "ctrl+k", "a", "宽", "\u0301", ":", "-"}
	rapid.Check(t, func(r *rapid.T) {
		start := rapid.SampledFrom([]string{"", "a: 1\n", "a:\n  - 宽: \x1b[2J\u202e\n\n  - b: |\n      text\n"}).Draw(r, "text")
		m := with(start)
		begin := m.Text()
		for i := range rapid.IntRange(1, 80).Draw(r, "steps") {
			if i%7 == 6 {
				m.Update(tea.PasteMsg{Content: rapid.String().Draw(r, "paste")})
			} else {
				keysTo(m, rapid.SampledFrom(keys).Draw(r, "key"))
			}
			w, h := rapid.IntRange(1, 60).Draw(r, "w"), rapid.IntRange(1, 20).Draw(r, "h")
			uitest.Exact(r, m.View(w, h, true, map[int]Mark{1: {Symbol: "x"}}), w, h)
			if m.at.line >= len(m.lines) || m.at.col > m.length(m.at.line) {
				r.Fatalf("the cursor is at %v of %q", m.at, m.lines)
			}
		}
		for m.Undo() {
		}
		if m.Text() != begin {
			r.Fatalf("undone to %q, not to %q", m.Text(), begin)
		}
	})
}

// BenchmarkTyping is a key in a text of 2,000 lines, with the frame that follows.
func BenchmarkTyping(b *testing.B) {
	var text strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&text, "key%d: \"value %d\" # what it is for\n", i, i)
	}
	m := with(text.String())
	m.GoTo(1000)
	for b.Loop() {
		keysTo(m, "x")
		m.View(80, 20, true, nil)
	}
}
