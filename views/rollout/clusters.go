package rollout

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// place is a cluster that the job can be done on.
type place struct {
	context string
	own     bool
	groups  []string // that the deck's cluster shares with it
	at      int      // place in the order of the configuration
}

// places are the deck's cluster and those of its groups.
func (b *Book) places() []place {
	out := []place{{context: b.own(), own: true}}
	index := map[string]int{b.own(): 0}
	for _, g := range b.deck.Groups {
		for _, name := range g.Contexts {
			i, known := index[name]
			if !known {
				i = len(out)
				index[name] = i
				out = append(out, place{context: name, at: i})
			}
			out[i].groups = append(out[i].groups, g.Name)
		}
	}
	return out
}

func newClusters(th *theme.Theme, places []place) *table.Model[place] {
	m := table.New([]table.Column[place]{
		{ID: "cluster", Title: "CLUSTER", Min: 12, Flex: 1, Middle: true, Cell: func(c place, _ time.Time) table.Cell { return table.Cell{Text: c.context} }},
		{ID: "group", Title: "GROUP", Min: 8, Flex: 2, Priority: 1, Cell: func(c place, _ time.Time) table.Cell {
			return table.Cell{Text: strings.Join(c.groups, ", "), Tone: theme.Dim}
		}},
		{ID: "note", Title: "", Min: 8, Priority: 2, Cell: func(c place, _ time.Time) table.Cell {
			if c.own {
				return table.Cell{Text: "this one", Tone: theme.Dim}
			}
			return table.Cell{}
		}},
	}, func(c place) string { return c.context }, th, table.WithOrder(func(a, b place) int { return a.at - b.at }))
	m.Reset(places)
	m.Select(places[0].context)
	return m
}

// markGroup marks the clusters of the next group, one group after the other.
func (p *Page) markGroup() {
	groups := p.book.deck.Groups
	if len(groups) == 0 {
		return
	}
	next := groups[0]
	for i, g := range groups {
		if p.isMarked(g.Contexts) {
			next = groups[(i+1)%len(groups)]
		}
	}
	p.clusters.ClearMarks()
	p.clusters.Mark(next.Contexts...)
}

// isMarked tells whether exactly these clusters are marked.
func (p *Page) isMarked(contexts []string) bool {
	marked := map[string]bool{}
	for _, c := range p.clusters.MarkedRows() {
		marked[c.context] = true
	}
	for _, name := range contexts {
		if !marked[name] {
			return false
		}
	}
	return len(marked) == len(contexts)
}

// choose goes on with the clusters that are marked, or the one under the cursor.
func (p *Page) choose() tea.Cmd {
	var contexts []string
	for _, c := range p.clusters.MarkedOrCurrent() {
		contexts = append(contexts, c.context)
	}
	return p.startPlan(contexts)
}

// chosen says with which clusters the job would go on.
func (p *Page) chosen() string {
	if n := p.clusters.Marked(); n > 0 {
		return text.Count(n, "marked cluster")
	}
	c, _ := p.clusters.Current()
	return text.Clean(c.context)
}

func (p *Page) clustersView(w, h int) string {
	s := &sheet.Sheet{Theme: p.th, Width: w - 2}
	s.Para(1, sheet.Plain(p.job.title()+": on which clusters?"))
	s.Para(1, sheet.Dim(fmt.Sprintf("%s shares %s with %s. Space marks clusters, a marks all of a group; without marks it is the one under the cursor. Nothing is changed yet.",
		p.book.own(), text.Count(len(p.book.deck.Groups), "cluster group"), text.Count(p.clusters.Total()-1, "other cluster"))))
	s.Gap()
	out := ""
	for _, line := range s.Lines {
		out += line.Shown + "\n"
	}
	return out + p.clusters.View(w, max(h-len(s.Lines), 1), p.now)
}
