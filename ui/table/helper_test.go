package table

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// machine is the row of these tests.
type machine struct {
	id, name, status, node string
	cpu                    int
	made                   time.Time
}

var (
	epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	dark  = theme.New(theme.Options{Dark: true})
)

func columns() []Column[*machine] {
	tones := map[string]theme.Tone{"Running": theme.Good, "Stopped": theme.Dim, "Migrating": theme.Warn}
	return []Column[*machine]{
		{ID: "name", Title: "NAME", Min: 8, Flex: 2, Middle: true,
			Cell:    func(m *machine, _ time.Time) Cell { return Cell{Text: m.name} },
			Compare: func(a, b *machine) int { return cmp.Compare(a.name, b.name) }},
		{ID: "status", Title: "STATUS", Min: 10, Flex: 1,
			Cell: func(m *machine, _ time.Time) Cell {
				return Cell{Text: m.status, Prefix: "●", PrefixTone: tones[m.status]}
			},
			Compare: func(a, b *machine) int { return cmp.Compare(a.status, b.status) }},
		{ID: "node", Title: "NODE", Max: 20, Priority: 2,
			Cell:    func(m *machine, _ time.Time) Cell { return Cell{Text: m.node, Tone: theme.Dim} },
			Compare: func(a, b *machine) int { return cmp.Compare(a.node, b.node) }},
		{ID: "cpu", Title: "CPU", Align: Right, Priority: 3,
			Cell:    func(m *machine, _ time.Time) Cell { return Cell{Text: strconv.Itoa(m.cpu)} },
			Compare: func(a, b *machine) int { return cmp.Compare(a.cpu, b.cpu) }},
		{ID: "age", Title: "AGE", Align: Right, Priority: 1,
			Cell: func(m *machine, now time.Time) Cell { return Cell{Text: text.Age(now.Sub(m.made))} }},
	}
}

func newTable(opts ...Option[*machine]) *Model[*machine] {
	return New(columns(), func(m *machine) string { return m.id }, dark, opts...)
}

func fleet(n int) []*machine {
	status := []string{"Running", "Running", "Stopped", "Migrating"}
	rows := make([]*machine, n)
	for i := range rows {
		rows[i] = &machine{
			id: fmt.Sprintf("uid-%05d", i), name: fmt.Sprintf("vm-%05d", (i*7919)%n), status: status[i%len(status)],
			node: fmt.Sprintf("node-%d", i%17), cpu: i % 32, made: epoch.Add(-time.Duration(i) * time.Minute),
		}
	}
	return rows
}
