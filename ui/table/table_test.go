package table

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

func TestView(t *testing.T) {
	m := newTable()
	m.Reset(fleet(4))
	m.SortBy("cpu", true)
	m.ToggleMark()
	m.moveTo(1)
	want := strings.Join([]string{
		"   NAME      STATUS       NODE    CPU ▼  AGE  ",
		"✓  vm-00001  ● Migrating  node-3      3   3m  ",
		" ▸ vm-00002  ● Stopped    node-2      2   2m  ",
		"   vm-00003  ● Running    node-1      1  60s  ",
		"   vm-00000  ● Running    node-0      0   0s  ",
		"                                              ",
	}, "\n")
	if got := m.PlainView(46, 6, epoch); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestEveryViewIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newTable(WithEmptyText[*machine]("nothing here"))
		for range rapid.IntRange(0, 12).Draw(t, "n") {
			m.Apply([]*machine{{
				id: rapid.String().Draw(t, "id"), name: rapid.String().Draw(t, "name"),
				status: rapid.SampledFrom([]string{"", "日本", "\x1b]0;x", "Running", "a\nb"}).Draw(t, "status"),
				node:   rapid.StringN(0, 30, 60).Draw(t, "node"), made: epoch,
			}}, nil)
			if rapid.Bool().Draw(t, "mark") {
				m.ToggleMark()
			}
		}
		for range 5 {
			w, h := rapid.IntRange(1, 90).Draw(t, "w"), rapid.IntRange(1, 12).Draw(t, "h")
			if rapid.Bool().Draw(t, "scroll") {
				m.scrollColumns(1)
			}
			lines := strings.Split(m.View(w, h, epoch), "\n")
			if len(lines) != h {
				t.Fatalf("%d lines, want %d", len(lines), h)
			}
			for _, line := range lines {
				if text.Width(line) != w || strings.Contains(line, "\x1b]") {
					t.Fatalf("%q: %d cells, want %d", line, text.Width(line), w)
				}
			}
			if m.cur != nil && h > 1 && (m.at < m.top || m.at >= m.top+m.body) {
				t.Fatalf("cursor %d is not on the screen %d+%d", m.at, m.top, m.body)
			}
		}
	})
}

func TestColumnsDropByPriority(t *testing.T) {
	m := newTable()
	m.Reset(fleet(3))
	for w, want := range map[int]string{
		60: "NAME ▲ STATUS NODE CPU AGE", 40: "NAME ▲ STATUS NODE CPU AGE", 34: "NAME ▲ STATUS AGE +2", 12: "NAME ▲",
	} {
		head, _, _ := strings.Cut(m.PlainView(w, 4, epoch), "\n")
		if got := strings.Join(strings.Fields(head), " "); got != want {
			t.Errorf("width %d: %q, want %q", w, got, want)
		}
	}
	m.View(30, 4, epoch)
	m.Update(tea.KeyPressMsg{Code: tea.KeyRight})
	head, _, _ := strings.Cut(m.PlainView(30, 4, epoch), "\n")
	if got := strings.Join(strings.Fields(head), " "); got != "NAME ▲ NODE CPU +2" {
		t.Errorf("scrolled right: %q", got)
	}
}

// TestColumnsKeepAWidth: a column shrinks below the width that it keeps only when no less important one is left to go.
func TestColumnsKeepAWidth(t *testing.T) {
	m := New([]Column[string]{
		{ID: "role", Title: "ROLE", Min: 8, Keep: 24, Flex: 1, Middle: true, Cell: func(s string, _ time.Time) Cell { return Cell{Text: s} }},
		{ID: "rest", Title: "REST", Min: 6, Flex: 60, Priority: 1, Cell: func(string, time.Time) Cell { return Cell{Text: "something longer"} }},
	}, func(s string) string { return s }, theme.New(theme.Options{}))
	m.Reset([]string{"a-role-of-24-characters-"})
	for w, want := range map[int]string{36: "a-role-of-24-characters-  someth…", 34: "a-role-of-24-characters-", 24: "a-role-of-…haracters-"} {
		_, line, _ := strings.Cut(m.PlainView(w, 2, epoch), "\n")
		if got := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "▸")); got != want {
			t.Errorf("width %d: %q, want %q", w, got, want)
		}
	}
}

// TestOthersShrinkFirst: what a column keeps is taken from it when the others are as narrow as they get.
func TestOthersShrinkFirst(t *testing.T) {
	cell := func(s string) func(string, time.Time) Cell {
		return func(string, time.Time) Cell { return Cell{Text: s} }
	}
	m := New([]Column[string]{
		{ID: "where", Title: "WHERE", Min: 4, Keep: 12, Flex: 5, Middle: true, Cell: cell("zz-team-001")},
		{ID: "role", Title: "ROLE", Min: 8, Flex: 1, Middle: true, Cell: cell("a-role-with-a-very-long-name")},
	}, func(s string) string { return s }, theme.New(theme.Options{}))
	m.Reset([]string{"row"})
	for w, want := range map[int]string{44: "zz-team-001  a-role-with-a-very-long-name", 26: "zz-team-001  a-rol…name", 22: "zz-t…-001  a-ro…ame"} {
		_, line, _ := strings.Cut(m.PlainView(w, 2, epoch), "\n")
		if got := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "▸")); got != want {
			t.Errorf("width %d: %q, want %q", w, got, want)
		}
	}
}

func TestColumnsDoNotDance(t *testing.T) {
	m := newTable()
	rows := fleet(40)
	rows[0].name = "vm-00000-with-a-long-name"
	m.Reset(rows)
	first, _, _ := strings.Cut(m.PlainView(100, 6, epoch), "\n")
	m.Update(tea.KeyPressMsg{Code: 'G', Text: "G"})
	if last, _, _ := strings.Cut(m.PlainView(100, 6, epoch), "\n"); first != last {
		t.Errorf("columns moved\n%s\n%s", first, last)
	}
}

func TestLoadingKeepsFirstLine(t *testing.T) {
	m := newTable()
	m.SetLoading(true)
	m.View(60, 5, epoch)
	m.Apply([]*machine{{id: "z", name: "z"}}, nil)
	m.Apply([]*machine{{id: "a", name: "a"}}, nil)
	if got := m.CurrentID(); got != "a" {
		t.Errorf("cursor on %s while loading", got)
	}
	m.SetLoading(false)
	m.Apply([]*machine{{id: "0", name: "0"}}, nil)
	if got := m.CurrentID(); got != "a" {
		t.Errorf("cursor on %s after loading", got)
	}
}

func TestEqualRowsChangeNothing(t *testing.T) {
	m := newTable(WithEqual(func(a, b *machine) bool { return *a == *b }))
	m.Reset(fleet(3))
	version := m.Version()
	if m.Apply(fleet(3), []string{"unknown"}) || m.Version() != version {
		t.Error("equal rows count as a change")
	}
}

func TestReplaceKeepsWhatStays(t *testing.T) {
	m := newTable(WithEqual(func(a, b *machine) bool { return *a == *b }))
	all := fleet(10)
	m.Reset(all)
	m.SetFilter(func(r *machine) bool { return r.id != all[9].id })
	m.Select(all[5].id)
	m.Mark(all[2].id, all[5].id)
	rest := append(fleet(5), fleet(10)[6:8]...)
	if !m.Replace(rest) || m.Total() != len(rest) || m.Marked() != 1 || m.CursorLost() != all[5].id {
		t.Errorf("%d rows, %d marked", m.Total(), m.Marked())
	}
	if m.Replace(rest) {
		t.Error("the same rows count as a change")
	}
}

func TestRange(t *testing.T) {
	m := newTable()
	m.Reset(fleet(10))
	m.View(60, 8, epoch)
	press := func(k rune) { m.Update(tea.KeyPressMsg{Code: k, Text: string(k)}) }
	press('j')
	press('V')
	press('j')
	press('j')
	press('V')
	if got := m.Marked(); got != 3 {
		t.Errorf("%d marked, want 3", got)
	}
	press('V')
	if !m.Escape() || m.Marked() != 3 || !m.Escape() || m.Marked() != 0 || m.Escape() {
		t.Error("escape undoes the range, then the marks, then nothing")
	}
}

func TestMouse(t *testing.T) {
	m := newTable()
	m.Reset(fleet(50))
	m.View(80, 11, epoch)
	click := func(x, y int) bool { return m.Update(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft}) }
	if !click(5, 3) || m.Position() != 3 {
		t.Errorf("click on the third row: position %d", m.Position())
	}
	if !click(4, 0) {
		t.Error("click on the header is not taken")
	}
	if col, desc := m.Sort(); col != "name" || !desc {
		t.Errorf("sorted by %s %v", col, desc)
	}
	m.Update(tea.KeyPressMsg{Code: 'g', Text: "g"})
	m.View(80, 11, epoch)
	m.Update(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
	if m.top != 3 || m.Position() != 4 {
		t.Errorf("wheel: top %d, position %d", m.top, m.Position())
	}
	if click(5, 40) {
		t.Error("a click below the table is taken")
	}
}

// TestUnchangedScreenCostsNothing: the same frame again is the same string, made without work.
func TestUnchangedScreenCostsNothing(t *testing.T) {
	m := newTable()
	m.Reset(fleet(1000))
	m.View(160, 50, epoch)
	if n := testing.AllocsPerRun(100, func() { m.View(160, 50, epoch) }); n != 0 {
		t.Errorf("%v allocations for an unchanged frame", n)
	}
	if n := len(m.shown); n != 49 {
		t.Errorf("%d drawings kept", n)
	}
}

func benchTable(b *testing.B) (*Model[*machine], []*machine) {
	m := newTable()
	rows := fleet(10_000)
	m.Reset(rows)
	m.View(160, 50, epoch)
	b.ReportAllocs()
	b.ResetTimer()
	return m, rows
}

// BenchmarkApply100 is 100 changes of state among 10,000 rows, sorted by what does not change.
func BenchmarkApply100(b *testing.B) {
	m, rows := benchTable(b)
	benchApply(b, m, rows)
}

// BenchmarkApply100Moving is the same, sorted by what changes, so that every row moves.
func BenchmarkApply100Moving(b *testing.B) {
	m, rows := benchTable(b)
	m.SortBy("cpu", false)
	benchApply(b, m, rows)
}

func benchApply(b *testing.B, m *Model[*machine], rows []*machine) {
	at := 0
	for b.Loop() {
		batch := make([]*machine, 100)
		for i := range batch {
			at = (at + 37) % len(rows)
			next := *rows[at]
			next.cpu = (next.cpu + 5) % 32
			rows[at], batch[i] = &next, &next
		}
		m.Apply(batch, nil)
		m.View(160, 50, epoch)
	}
}

func BenchmarkReset(b *testing.B) {
	m, rows := benchTable(b)
	for b.Loop() {
		m.Reset(rows)
	}
}

func BenchmarkSort(b *testing.B) {
	m, _ := benchTable(b)
	for i := 0; b.Loop(); i++ {
		m.SortBy("cpu", i%2 == 0)
	}
}

func BenchmarkFilter(b *testing.B) {
	m, _ := benchTable(b)
	for i := 0; b.Loop(); i++ {
		want := fmt.Sprintf("vm-%02d", i%100)
		m.SetFilter(func(r *machine) bool { return strings.Contains(r.name, want) })
	}
}

// BenchmarkViewScroll draws one new row per frame, BenchmarkViewTick all rows, BenchmarkViewSame none.
func BenchmarkViewScroll(b *testing.B) {
	m, _ := benchTable(b)
	for i := 0; b.Loop(); i++ {
		m.moveTo(i % 10_000)
		m.View(160, 50, epoch)
	}
}

func BenchmarkViewTick(b *testing.B) {
	m, _ := benchTable(b)
	for i := 0; b.Loop(); i++ {
		m.View(160, 50, epoch.Add(time.Duration(i)*time.Second))
	}
}

func BenchmarkViewSame(b *testing.B) {
	m, _ := benchTable(b)
	for b.Loop() {
		m.View(160, 50, epoch)
	}
}
