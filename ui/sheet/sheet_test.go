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
	for _, line := range s.Lines {
		if strings.Contains(line.Shown, "\x1b[2J") || strings.Contains(line.Shown, "\x1b[31m") {
			t.Errorf("%q acts on the terminal", line.Shown)
		}
	}
	if text := plainOf(s); text != want {
		t.Errorf("the sheet:\n%s\nwant\n%s", text, want)
	}
	if last := s.Lines[len(s.Lines)-2].Shown; !strings.Contains(last, s.Theme.Paint(theme.Warn, "twice warned")) {
		t.Errorf("no tone: %q", last)
	}
}

func plainOf(s *Sheet) string {
	var lines []string
	for _, l := range s.Lines {
		lines = append(lines, strings.TrimRight(l.Plain, " "))
	}
	return strings.Join(lines, "\n")
}

func TestBlocksStandBesideEachOtherWhereThereIsRoom(t *testing.T) {
	left := []Block{{"State", []Field{One("Status", "Running"), One("A longer name", "")}}, {Title: "Nothing"}}
	right := []Block{{"Size", []Field{Of("CPU", Plain("2"), Dim("can grow"))}}}
	for width, want := range map[int]string{
		TwoColumns:     "State" + strings.Repeat(" ", 45) + "Size\n  Status         Running" + strings.Repeat(" ", 28) + "CPU  2\n  A longer name  –" + strings.Repeat(" ", 39) + "can grow",
		TwoColumns - 1: "State\n  Status         Running\n  A longer name  –\n\nSize\n  CPU            2\n                 can grow",
	} {
		s := &Sheet{Theme: theme.New(theme.Options{}), Width: width}
		s.Beside(left, right)
		if got := plainOf(s); got != want {
			t.Errorf("at %d:\n%s\nwant\n%s", width, got, want)
		}
	}
}

func TestTable(t *testing.T) {
	columns := []Column{{}, {Title: "NAME", Flex: true}, {Title: "SIZE", Right: true}, {Title: "MODE", From: 40}}
	rows := []Record{
		{Cells: []Words{Warn("!"), Plain("root disk\x1b[2J"), Plain("8 GiB"), Plain("block")}, Notes: []Words{Dim("not in the running instance"), {}}},
		{Cells: []Words{Plain(" "), Plain("seed"), Plain("1 MiB"), Plain("file")}},
	}
	for width, want := range map[int]string{
		40: "  NAME        SIZE  MODE\n! root disk  8 GiB  block\n    not in the running instance\n  seed       1 MiB  file",
		14: "  NAME    SIZE\n! root   8 GiB\n  disk\n    not in the\n    running\n    instance\n  seed   1 MiB",
	} {
		s := &Sheet{Theme: theme.New(theme.Options{}), Width: width}
		s.Table(columns, rows)
		if got := plainOf(s); got != want {
			t.Errorf("at %d:\n%s\nwant\n%s", width, got, want)
		}
	}
}

func TestSheetInASCII(t *testing.T) {
	s := &Sheet{Theme: theme.New(theme.Options{ASCII: true}), Width: 60}
	s.Item("-", theme.Bad, Plain("RoleBinding a/b → ClusterRole view"))
	s.Para(0, Plain("a → b"))
	s.Fields([]Field{One("by", "a → b")})
	if got, want := plainOf(s), "  - RoleBinding a/b > ClusterRole view\na > b\n  by  a > b"; got != want {
		t.Errorf("the sheet:\n%s\nwant\n%s", got, want)
	}
}
