package list

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/ui/uitest"
)

// page is a list of texts with three lines over it.
type page struct {
	*Model[string]
	did []string
}

func newPage(t *testing.T, narrow func(*page), o Options) *page {
	t.Helper()
	th := theme.New(theme.Options{ASCII: true})
	text := func(s string) string { return s }
	columns := []table.Column[string]{
		{ID: "name", Title: "NAME", Compare: cmp.Compare[string], Cell: func(s string, _ time.Time) table.Cell { return table.Cell{Text: s} }},
		{ID: "size", Title: "SIZE", Compare: func(a, b string) int { return len(a) - len(b) }, Cell: func(string, time.Time) table.Cell { return table.Cell{} }},
	}
	p := &page{}
	found, err := keys.NewMap(FilterKey(), SortKey(), ReverseKey(), keys.Binding{ID: "open", Keys: []string{"enter"}, Label: "open"})
	if err != nil {
		t.Fatal(err)
	}
	o.Keys, o.Above, o.Narrow = found, func() int { return 3 }, func() { narrow(p) }
	o.Do = func(id string) tea.Cmd {
		p.did = append(p.did, id)
		cmd, _ := p.Do(id)
		return cmd
	}
	p.Model = New(th, table.New(columns, text, th), o)
	p.Reset([]string{"alpha one", "Beta one", "gamma", "!delta one"})
	p.View(20, 8, time.Time{}) // the mouse hits what was drawn
	return p
}

func byWords(p *page) { p.NarrowByWords(strings.Clone) }
func byTerms(p *page) { p.NarrowByTerms(strings.Clone) }

func (p *page) press(names ...string) {
	for _, name := range names {
		p.Update(uitest.Key(name))
	}
}

func TestQueryNarrowsByWords(t *testing.T) {
	for _, tt := range []struct {
		query        string
		words, terms string
	}{
		{"", "!delta one,Beta one,alpha one,gamma", "!delta one,Beta one,alpha one,gamma"},
		{" ", "!delta one,Beta one,alpha one,gamma", "!delta one,Beta one,alpha one,gamma"},
		{"ONE beta", "Beta one", "Beta one"},
		{"!delta", "!delta one", "Beta one,alpha one,gamma"},
		{"one !beta", "", "!delta one,alpha one"},
		{"one !", "!delta one", "!delta one,Beta one,alpha one"},
	} {
		for name, narrow := range map[string]func(*page){"words": byWords, "terms": byTerms} {
			p, want := newPage(t, narrow, Options{}), map[string]string{"words": tt.words, "terms": tt.terms}[name]
			p.Query.SetValue(tt.query)
			if got := strings.Join(p.VisibleRows(), ","); got != want {
				t.Errorf("%q by %s shows %s, want %s", tt.query, name, got, want)
			}
		}
	}
}

func TestKeysGoToTheQueryThenThePageThenTheTable(t *testing.T) {
	p := newPage(t, byWords, Options{})
	p.press("enter", "j", "/", "o", "n", "e", "down")
	p.Update(tea.PasteMsg{Content: " b"})
	p.press("enter", "enter")
	if want := []string{"open", Filter, "open"}; !slices.Equal(p.did, want) {
		t.Errorf("carried out %q, want %q", p.did, want)
	}
	if p.Query.Value() != "one b" || p.Query.Typing() || p.CurrentID() != "Beta one" {
		t.Errorf("the query is %q, typed %v, the cursor is on %q", p.Query.Value(), p.Query.Typing(), p.CurrentID())
	}
	p.press("space")
	if p.Escape(); p.Marked() > 0 || p.Query.Value() == "" {
		t.Errorf("esc leaves %d marks and the query %q", p.Marked(), p.Query.Value())
	}
	if !p.Escape() || p.Query.Value() != "" || p.Visible() != 4 || p.Escape() {
		t.Errorf("esc leaves the query %q and %d rows", p.Query.Value(), p.Visible())
	}
}

func TestMouseCountsFromThePage(t *testing.T) {
	p := newPage(t, byWords, Options{})
	p.Update(tea.MouseClickMsg{X: 2, Y: 6, Button: tea.MouseLeft}) // three lines, the header, two rows
	if p.CurrentID() != "alpha one" {
		t.Errorf("the cursor is on %q", p.CurrentID())
	}
}

func TestPageMovesItself(t *testing.T) {
	var moved []tea.Msg
	p := newPage(t, byWords, Options{Move: func(msg tea.Msg) { moved = append(moved, msg) }})
	p.press("j", "/", "down")
	p.Update(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
	if len(moved) != 3 || p.Position() != 1 {
		t.Errorf("%v were handed over, the cursor is on line %d", moved, p.Position())
	}
}

func TestOrder(t *testing.T) {
	p := newPage(t, byWords, Options{})
	for _, step := range []struct {
		do     func()
		column string
		desc   bool
	}{
		{func() { p.press("O") }, "name", true},
		{func() { p.SortCommand(" SI ") }, "size", false},
		{func() { p.SortCommand("size") }, "size", true},
		{func() { p.SortCommand("nothing") }, "size", true},
	} {
		step.do()
		if column, desc := p.Sort(); column != step.column || desc != step.desc {
			t.Errorf("sorted by %s, %v, want %s, %v", column, desc, step.column, step.desc)
		}
	}
	if p.SortCommand("") == nil {
		t.Error("no columns are offered")
	}
}

func TestFilterCommand(t *testing.T) {
	p := newPage(t, byWords, Options{Suggest: func(string) []string { return nil }})
	if p.FilterCommand(" gamma "); p.Query.Typing() || p.Visible() != 1 || p.Hints() != nil {
		t.Errorf("typed %v, %d rows, hints %v", p.Query.Typing(), p.Visible(), p.Hints())
	}
	if line := strings.Join(p.FilterView(40), "\n"); !strings.Contains(line, "gamma") || !strings.Contains(line, "1 of 4") {
		t.Errorf("the line is %q", line)
	}
	if p.FilterCommand(""); !p.Query.Typing() || p.Visible() != 4 || len(p.Hints()) != 3 {
		t.Errorf("typed %v, %d rows, hints %v", p.Query.Typing(), p.Visible(), p.Hints())
	}
	p.press("enter")
	if p.FilterView(40) != nil {
		t.Error("an empty query takes a line")
	}
}

func TestCommandsTakeArguments(t *testing.T) {
	p := newPage(t, byWords, Options{})
	off := func(id string) string { return map[string]string{Reverse: "not now"}[id] }
	entries := p.Commands(shell.Commands([]keys.Binding{FilterKey(), SortKey(), ReverseKey()}, off, p.o.Do), "[words]")
	var shown []string
	for _, e := range entries {
		shown = append(shown, strings.TrimSpace(e.ID+e.Args+" "+e.Reason))
		e.Run("ONE")
	}
	if want := []string{"filter[words]", "sort[column]", "reverse not now"}; !slices.Equal(shown, want) || !entries[2].Disabled {
		t.Errorf("offered %q, want %q", shown, want)
	}
	if !slices.Equal(p.did, []string{Reverse}) || p.Visible() != 3 {
		t.Errorf("did %q, %d rows", p.did, p.Visible())
	}
}
