package pager

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/ui/uitest"
)

var th = theme.New(theme.Options{Dark: true})

const manifest = `# a comment
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: "web-1"
spec:
  running: true
  cores: 4
  list:
  - one
  - |
    block
    text
`

func TestYAML(t *testing.T) {
	lines := YAML(manifest, th)
	var plain []string
	for _, l := range lines {
		plain = append(plain, l.Plain)
		if theme.Strip(l.Shown) != l.Plain {
			t.Errorf("shown %q, plain %q", l.Shown, l.Plain)
		}
	}
	if got := strings.Join(plain, "\n") + "\n"; got != manifest {
		t.Errorf("got\n%s\nwant\n%s", got, manifest)
	}
	if want := th.Paint(theme.Info, "apiVersion"); !strings.Contains(lines[1].Shown, want) {
		t.Errorf("a key is %q, want %q in it", lines[1].Shown, want)
	}
	if lines[0].Shown != th.Paint(theme.Dim, "# a comment") {
		t.Errorf("a comment is %q", lines[0].Shown)
	}
}

func TestYAMLOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := rapid.String().Draw(t, "src")
		for _, l := range YAML(src, th) {
			if theme.Strip(l.Shown) != l.Plain || strings.ContainsAny(l.Plain, "\x1b\x07\n") {
				t.Fatalf("%q: %q", src, l)
			}
		}
	})
}

func press(m *Model, names ...string) tea.Cmd {
	var cmd tea.Cmd
	for _, n := range names {
		cmd = m.Update(uitest.Key(n))
	}
	return cmd
}

func numbered(n int) *Model {
	m := New(th, "numbers")
	var lines []Line
	for i := range n {
		lines = append(lines, Plain(fmt.Sprintf("line %d %s", i, strings.Repeat("x", i))))
	}
	m.SetLines(lines)
	return m
}

func TestSearch(t *testing.T) {
	m := numbered(50)
	m.View(40, 10)
	press(m, "/", "L", "I", "N", "E", "space", "4", "enter")
	if got := m.View(40, 10); !strings.Contains(theme.Strip(got), "/line 4 1 of 11") {
		t.Errorf("%s", theme.Strip(got))
	}
	press(m, "n", "n")
	if got := theme.Strip(m.View(40, 10)); !strings.Contains(got, "line 41 ") {
		t.Errorf("%s", got)
	}
	press(m, "N", "N", "N")
	if m.hits[m.hit] != 49 {
		t.Errorf("N before the first goes to %d", m.hits[m.hit])
	}
	if !m.Escape() || m.Escape() {
		t.Error("escape undoes the search once")
	}
	press(m, "/", "q", "q")
	if got := theme.Strip(m.View(60, 10)); !m.Capturing() {
		t.Errorf("not capturing\n%s", got)
	}
	press(m, "enter")
	if got := theme.Strip(m.View(60, 10)); !strings.Contains(got, "not found: qq") {
		t.Errorf("%s", got)
	}
}

func TestCopy(t *testing.T) {
	m := numbered(3)
	size := 0
	m.Copied = func(n int) tea.Cmd { size = n; return nil }
	if press(m, "y") == nil || size != len(m.Text()) || size == 0 {
		t.Errorf("copied %d bytes of %d", size, len(m.Text()))
	}
}

func TestEveryViewIsExact(t *testing.T) {
	keys := []string{"j", "k", "G", "g", "l", "h", "w", "/", "x", "1", "enter", "n", "N", "esc", "ctrl+d", "pgup"}
	rapid.Check(t, func(t *rapid.T) {
		m := New(th, rapid.String().Draw(t, "title"))
		m.SetLines(append(PlainLines(rapid.String().Draw(t, "text")), numbered(30).lines...))
		for range 30 {
			press(m, rapid.SampledFrom(keys).Draw(t, "key"))
			w, h := rapid.IntRange(1, 60).Draw(t, "w"), rapid.IntRange(1, 20).Draw(t, "h")
			uitest.Exact(t, m.View(w, h), w, h)
		}
	})
}
