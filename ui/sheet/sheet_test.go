package sheet

import (
	"strings"
	"testing"

	"vmdeck.dev/vmdeck/ui/theme"
)

func TestSheet(t *testing.T) {
	s := &Sheet{Theme: theme.New(theme.Options{Dark: true}), Width: 24}
	s.Gap()
	s.Heading("One\x1b[2J")
	s.Fields([]Field{
		{"role", []Words{{Text: "some \x1b[31mtext that is long"}, {}}},
		{"subjects", nil},
	})
	s.Item("✓", theme.Good, Words{Text: "see the virtual machines"})
	s.Heading("Two")
	s.Para(4, Words{"twice\nwarned", theme.Warn})
	s.Gap()
	s.Gap()
	want := strings.TrimPrefix(`
One
  role      some text
            that is long
  subjects  –
  ✓ see the virtual
    machines

Two
    twice warned
`, "\n")
	var got []string
	for _, line := range s.Lines {
		got = append(got, line.Plain)
		if strings.Contains(line.Shown, "\x1b[2J") || strings.Contains(line.Shown, "\x1b[31m") {
			t.Errorf("%q acts on the terminal", line.Shown)
		}
	}
	if text := strings.Join(got, "\n"); text != want {
		t.Errorf("the sheet:\n%s\nwant\n%s", text, want)
	}
	if last := s.Lines[len(s.Lines)-2].Shown; !strings.Contains(last, s.Theme.Paint(theme.Warn, "twice warned")) {
		t.Errorf("no tone: %q", last)
	}
}
