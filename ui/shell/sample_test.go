package shell

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/choose"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/theme"
)

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// thing is the row of the sample application.
type thing struct {
	id, name, status string
	cpu              int
}

// changed is what a watch would send.
type changed struct{ things []*thing }

// listPage is a page with everything a page can do.
type listPage struct {
	th    *theme.Theme
	table *table.Model[*thing]
	title string
	dirty bool
}

func newListPage(th *theme.Theme, title string, n int) *listPage {
	g := th.Glyphs
	columns := []table.Column[*thing]{
		{ID: "name", Title: "NAME", Min: 12, Flex: 1, Cell: func(t *thing, _ time.Time) table.Cell { return table.Cell{Text: t.name} },
			Compare: func(a, b *thing) int { return cmp.Compare(a.name, b.name) }},
		{ID: "status", Title: "STATUS", Min: 14, Cell: func(t *thing, _ time.Time) table.Cell {
			if t.status == "Running" {
				return table.Cell{Text: t.status, Prefix: g.Dot, PrefixTone: theme.Good}
			}
			return table.Cell{Text: t.status, Prefix: g.Ring, PrefixTone: theme.Dim}
		}, Compare: func(a, b *thing) int { return cmp.Compare(a.status, b.status) }},
		{ID: "node", Title: "NODE", Priority: 1, Cell: func(t *thing, _ time.Time) table.Cell {
			return table.Cell{Text: "node-" + strconv.Itoa(t.cpu%3), Tone: theme.Dim}
		}},
		{ID: "ip", Title: "IP", Priority: 2, Cell: func(t *thing, _ time.Time) table.Cell {
			return table.Cell{Text: "10.244.1." + strconv.Itoa(t.cpu)}
		}},
		{ID: "os", Title: "OS", Priority: 3, Cell: func(*thing, time.Time) table.Cell { return table.Cell{Text: "Ubuntu 24.04"} }},
		{ID: "cpu", Title: "CPU", Align: table.Right, Priority: 2, Cell: func(t *thing, _ time.Time) table.Cell {
			return table.Cell{Text: strconv.Itoa(t.cpu)}
		}, Compare: func(a, b *thing) int { return cmp.Compare(a.cpu, b.cpu) }},
	}
	p := &listPage{th: th, title: title, table: table.New(columns, func(t *thing) string { return t.id }, th)}
	rows := make([]*thing, n)
	for i := range rows {
		rows[i] = &thing{id: fmt.Sprintf("id-%03d", i), name: fmt.Sprintf("vm-%03d", i), status: "Running", cpu: 1 + i%16}
	}
	p.table.Reset(rows)
	return p
}

func (p *listPage) Init() tea.Cmd        { return nil }
func (p *listPage) Title() string        { return p.title }
func (p *listPage) Capturing() bool      { return false }
func (p *listPage) Changed() bool        { return p.dirty }
func (p *listPage) Escape() bool         { return p.table.Escape() }
func (p *listPage) View(w, h int) string { return p.table.View(w, h, epoch) }

func (p *listPage) Hints() []Hint {
	return []Hint{
		{Key: "x", Label: "stop"}, {Key: "d", Label: "delete", Priority: 1}, {Key: "c", Label: "clone", Priority: 2},
		{Key: "⏎", Label: "open"}, {Key: "s", Label: "start", Off: true, Reason: "already running"},
		{Key: "?", Label: "help"},
	}
}

func (p *listPage) Help() []help.Section {
	return []help.Section{Section("Table", table.Bindings(), p.th.Glyphs)}
}

func (p *listPage) Commands() []palette.Entry {
	return []palette.Entry{
		{ID: "ns", Title: "Show a namespace", Args: "[name]", Run: func(args string) tea.Cmd { return Toast(theme.Good, "namespace "+args) }},
		{ID: "start", Title: "Start", Key: "s", Disabled: true, Reason: "already running"},
	}
}

func (p *listPage) Update(msg tea.Msg) tea.Cmd {
	p.dirty = false
	switch msg := msg.(type) {
	case changed:
		p.dirty = p.table.Apply(msg.things, nil)
		return nil
	case tea.KeyPressMsg:
		if cmd, ok := p.action(msg.String()); ok {
			return cmd
		}
	}
	p.dirty = p.table.Update(msg)
	return nil
}

func (p *listPage) action(key string) (tea.Cmd, bool) {
	row, ok := p.table.Current()
	if !ok {
		return nil, false
	}
	answer := func(r dialog.Result) tea.Cmd {
		if !r.OK {
			return nil
		}
		return Toast(theme.Good, r.Choice+" "+row.name+r.Values["name"])
	}
	switch key {
	case "x":
		body := []string{"Stop " + row.name + "?", "The guest gets 180 s to shut down."}
		return OpenDialog(dialog.NewConfirm(p.th, "Stop", body, []dialog.Button{{ID: "stop", Label: "Stop", Danger: true}}, answer)), true
	case "d":
		body := []string{"This deletes " + row.name + " with its disks."}
		return OpenDialog(dialog.NewTypeToConfirm(p.th, "Delete", body, row.name, "delete", answer)), true
	case "c":
		fields := []dialog.Field{
			{ID: "name", Label: "Name", Help: "The name of the clone", Validate: func(s string) string {
				if s == "" {
					return "a name is needed"
				}
				return ""
			}},
			{ID: "grace", Label: "Grace", Kind: dialog.Number, Value: "30"},
			{ID: "start", Label: "Start it", Kind: dialog.Toggle},
			{ID: "class", Label: "Storage", Kind: dialog.Choice, Choices: []string{"ssd", "hdd"}},
		}
		return OpenDialog(dialog.NewForm(p.th, "Clone "+row.name, []string{"A copy with its own disks."}, fields, "Clone", answer)), true
	case "o":
		items := []choose.Item{{ID: "a", Title: "team-a"}, {ID: "b", Title: "team-b", Off: true, Reason: "not yours"}}
		pick := dialog.NewPicker(p.th, "Namespace", items, answer)
		pick.Free, pick.Note = true, "You may not list namespaces: type one."
		return OpenDialog(pick), true
	case "s":
		return OpenDialog(dialog.NewReason(p.th, "Start is off", []string{row.name + " is already running."}, nil, nil)), true
	case "e":
		return Toast(theme.Bad, "it failed"), true
	case "enter":
		return Push(&textPage{pager.New(p.th, row.name), row.name, p.th}), true
	}
	return nil, false
}

// textPage is a page that was pushed.
type textPage struct {
	*pager.Model
	title string
	th    *theme.Theme
}

func (p *textPage) Init() tea.Cmd {
	p.SetLines(pager.YAML("apiVersion: v1\nkind: Thing\nspec:\n  cpu: 4 # cores\n  name: \"x\"\n", p.th))
	return nil
}
func (p *textPage) Title() string             { return p.title }
func (p *textPage) Hints() []Hint             { return []Hint{{Key: "/", Label: "search"}} }
func (p *textPage) Help() []help.Section      { return nil }
func (p *textPage) Commands() []palette.Entry { return nil }

func sample(now func() time.Time) *Model {
	th := theme.New(theme.Options{Dark: true})
	return New(Options{
		Theme: th, Now: now,
		Pages: []Page{newListPage(th, "Virtual Machines", 100), newListPage(th, "Profiles", 3)},
		Header: func(int) Header {
			return Header{
				Left:  []Segment{{Text: "vmdeck", Tone: theme.Strong}, {Text: "power-user@demo"}, {Text: "KubeVirt v1.7.0", Tone: theme.Dim, Priority: 3}},
				Right: []Segment{{Text: "ns team-a", Priority: 1}, {Text: "● live", Tone: theme.Good}},
			}
		},
	})
}
