package table

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/ui/text"
)

// naive does what the table does in the slowest and plainest way.
type naive struct {
	rows   map[string]*machine
	marks  map[string]bool
	filter string
	sort   string
	desc   bool
}

func (n *naive) less(a, b *machine) int {
	keys := map[string]func(m *machine) string{
		"name": func(m *machine) string { return m.name }, "status": func(m *machine) string { return m.status },
		"node": func(m *machine) string { return m.node }, "cpu": func(m *machine) string { return fmt.Sprintf("%05d", m.cpu) },
	}
	c := cmp.Compare(keys[n.sort](a), keys[n.sort](b))
	if n.desc {
		c = -c
	}
	return cmp.Or(c, cmp.Compare(a.name, b.name), cmp.Compare(a.id, b.id))
}

func (n *naive) sorted(keep func(*machine) bool) []string {
	var rows []*machine
	for _, m := range n.rows {
		if keep(m) {
			rows = append(rows, m)
		}
	}
	slices.SortFunc(rows, n.less)
	return ids(rows)
}

func (n *naive) visible() []string {
	return n.sorted(func(m *machine) bool { return strings.Contains(m.status, n.filter) })
}

func (n *naive) marked() []string {
	return n.sorted(func(m *machine) bool { return n.marks[m.id] })
}

func ids(rows []*machine) []string {
	out := []string{}
	for _, m := range rows {
		out = append(out, m.id)
	}
	return out
}

func drawMachine(t *rapid.T) *machine {
	return &machine{
		id:     fmt.Sprintf("u%d", rapid.IntRange(0, 40).Draw(t, "id")),
		name:   rapid.SampledFrom([]string{"a", "b", "web-1", "日本語", "x\x1b[31mred", "long-name-that-goes-on-and-on"}).Draw(t, "name"),
		status: rapid.SampledFrom([]string{"Running", "Stopped", "Migrating"}).Draw(t, "status"),
		node:   rapid.SampledFrom([]string{"", "n1", "n2\u202e", "n3\nn4"}).Draw(t, "node"),
		cpu:    rapid.IntRange(0, 3).Draw(t, "cpu"),
		made:   epoch,
	}
}

// TestAgainstNaive runs random changes on the table and on the naive one and compares order, visible rows, marks and
// the identity of the cursor after each.
func TestAgainstNaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newTable()
		n := &naive{rows: map[string]*machine{}, marks: map[string]bool{}, sort: "name"}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			m.View(60, 8, epoch)
			before, was, index := m.CurrentID(), n.visible(), m.at
			line := m.at - m.top
			kind := rapid.SampledFrom([]string{"apply", "apply", "remove", "many", "reset", "sort", "filter", "key"}).Draw(t, "kind")
			change(t, kind, m, n)
			check(t, m, n)
			if kind == "key" {
				continue
			}
			now := n.visible()
			lost := m.CursorLost()
			switch {
			case before != "" && slices.Contains(now, before):
				if m.CurrentID() != before {
					t.Fatalf("%s: cursor went from %s to %s", kind, before, m.CurrentID())
				}
				if lost != "" {
					t.Fatalf("%s: %s reported as lost", kind, lost)
				}
				sameLine(t, m, line)
			case before != "" && kind != "filter":
				if lost != before {
					t.Fatalf("%s: lost %q, want %q", kind, lost, before)
				}
				if kind == "remove" {
					neighbour(t, m, was, index, now)
				}
			}
		}
	})
}

// sameLine: the cursor's row is on the line it was on, unless the ends of the list forbid it.
func sameLine(t *rapid.T, m *Model[*machine], line int) {
	if got := m.at - m.top; got != line && m.top != 0 && m.top != len(m.vis)-m.body {
		t.Fatalf("cursor jumped from line %d to %d (top %d of %d)", line, got, m.top, len(m.vis))
	}
}

// neighbour: when rows only went away, a cursor that lost its row is on the next one that is left.
func neighbour(t *rapid.T, m *Model[*machine], was []string, index int, now []string) {
	if len(now) == 0 {
		return
	}
	want := now[len(now)-1]
	for _, id := range was[index:] {
		if slices.Contains(now, id) {
			want = id
			break
		}
	}
	if m.CurrentID() != want {
		t.Fatalf("cursor on %s, want the neighbour %s", m.CurrentID(), want)
	}
}

func change(t *rapid.T, kind string, m *Model[*machine], n *naive) {
	switch kind {
	case "apply", "many", "remove":
		size := 4
		if kind == "many" {
			size = 90
		}
		var gone []string
		for range rapid.IntRange(0, size/2).Draw(t, "removals") {
			gone = append(gone, fmt.Sprintf("u%d", rapid.IntRange(0, 40).Draw(t, "gone")))
		}
		var rows []*machine
		for range rapid.IntRange(0, size).Draw(t, "upserts") {
			if kind == "remove" {
				break
			}
			rows = append(rows, drawMachine(t))
		}
		m.Apply(rows, gone)
		n.apply(rows, gone)
	case "reset":
		rows := map[string]*machine{}
		for range rapid.IntRange(0, 20).Draw(t, "rows") {
			r := drawMachine(t)
			rows[r.id] = r
		}
		var list []*machine
		for _, id := range slices.Sorted(func(yield func(string) bool) {
			for id := range rows {
				if !yield(id) {
					return
				}
			}
		}) {
			list = append(list, rows[id])
		}
		m.Reset(list)
		for id := range n.marks {
			if rows[id] == nil {
				delete(n.marks, id)
			}
		}
		n.rows = rows
	case "sort":
		n.sort = rapid.SampledFrom([]string{"name", "status", "node", "cpu"}).Draw(t, "sort")
		n.desc = rapid.Bool().Draw(t, "desc")
		m.SortBy(n.sort, n.desc)
	case "filter":
		n.filter = rapid.SampledFrom([]string{"", "ing", "Run", "Stopped", "none"}).Draw(t, "filter")
		f := n.filter
		m.SetFilter(func(r *machine) bool { return strings.Contains(r.status, f) })
	case "key":
		n.key(t, m)
	}
}

func (n *naive) apply(rows []*machine, gone []string) {
	for _, id := range gone {
		delete(n.rows, id)
		delete(n.marks, id)
	}
	for _, r := range rows {
		n.rows[r.id] = r
	}
}

func (n *naive) key(t *rapid.T, m *Model[*machine]) {
	visible := n.visible()
	cur := m.CurrentID()
	switch rapid.SampledFrom([]string{"space", "j", "k", "G", "ctrl+a", "ctrl+d", "clear"}).Draw(t, "key") {
	case "space":
		m.Update(tea.KeyPressMsg{Code: tea.KeySpace, Text: " "})
		if cur != "" {
			n.marks[cur] = !n.marks[cur]
		}
	case "j":
		m.Update(tea.KeyPressMsg{Code: 'j', Text: "j"})
		if i := slices.Index(visible, cur); i >= 0 && m.CurrentID() != visible[min(i+1, len(visible)-1)] {
			t.Fatalf("j went from %s to %s", cur, m.CurrentID())
		}
	case "k":
		m.Update(tea.KeyPressMsg{Code: 'k', Text: "k"})
	case "G":
		m.Update(tea.KeyPressMsg{Code: 'G', Text: "G"})
		if len(visible) > 0 && m.CurrentID() != visible[len(visible)-1] {
			t.Fatalf("G went to %s", m.CurrentID())
		}
	case "ctrl+d":
		m.Update(tea.KeyPressMsg{Code: 'd', Mod: tea.ModCtrl})
	case "ctrl+a":
		all := true
		for _, id := range visible {
			all = all && n.marks[id]
		}
		m.Update(tea.KeyPressMsg{Code: 'a', Mod: tea.ModCtrl})
		for _, id := range visible {
			n.marks[id] = !all
		}
	case "clear":
		m.ClearMarks()
		clear(n.marks)
	}
}

func check(t *rapid.T, m *Model[*machine], n *naive) {
	want := n.visible()
	if got := ids(m.VisibleRows()); !slices.Equal(got, want) {
		t.Fatalf("visible %v, want %v", got, want)
	}
	if got, want := ids(m.MarkedRows()), n.marked(); !slices.Equal(got, want) {
		t.Fatalf("marked %v, want %v", got, want)
	}
	hidden := 0
	for _, id := range n.marked() {
		if !slices.Contains(want, id) {
			hidden++
		}
	}
	if m.Total() != len(n.rows) || m.Visible() != len(want) || m.Marked() != len(n.marked()) || m.MarkedHidden() != hidden {
		t.Fatalf("counters %d %d %d %d", m.Total(), m.Visible(), m.Marked(), m.MarkedHidden())
	}
	if (m.CurrentID() == "") != (len(want) == 0) {
		t.Fatalf("cursor %q with %d rows", m.CurrentID(), len(want))
	}
	if m.cur != nil && m.vis[m.at] != m.cur {
		t.Fatalf("cursor index %d is not the cursor's row", m.at)
	}
	for _, line := range strings.Split(m.View(60, 8, epoch), "\n") {
		if text.Width(line) != 60 {
			t.Fatalf("line %q", line)
		}
	}
}
