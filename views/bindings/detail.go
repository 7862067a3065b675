package bindings

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// part is one of the sub-tabs of the details.
type part int

const (
	partOverview part = iota
	partYAML
	partCount
)

var partTitles = [partCount]string{"Overview", "YAML"}

// detail shows one subject's binding whole. It implements shell.Page.
type detail struct {
	root *Page
	row  *row // as it was read last
	gone bool

	part    part
	pagers  [partCount]*pager.Model
	state   stamp // what the lines were made from
	w       int
	changed bool
}

// stamp tells one reading of rights from another.
type stamp struct {
	at   int64
	gone bool
	part part
	w    int
}

func (p *Page) open() tea.Cmd {
	r, _ := p.list.Current()
	return shell.Push(newDetail(p, r))
}

func newDetail(root *Page, r *row) *detail {
	d := &detail{root: root, row: r}
	for i := range d.pagers {
		d.pagers[i] = pager.New(root.th, "")
	}
	return d
}

// Init implements shell.Page.
func (d *detail) Init() tea.Cmd { return nil }

// Title implements shell.Page.
func (d *detail) Title() string {
	if d.row.made() {
		return d.row.binding.Name
	}
	return d.row.rule
}

// Capturing implements shell.Page.
func (d *detail) Capturing() bool { return d.pagers[d.part].Capturing() }

// Escape implements shell.Escaper.
func (d *detail) Escape() bool { return d.pagers[d.part].Escape() }

// Changed implements shell.Changer.
func (d *detail) Changed() bool {
	changed := d.changed
	d.changed = false
	return changed
}

// Update implements shell.Page.
func (d *detail) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		if b, ok := detailKeys.Lookup(msg); ok && !d.Capturing() {
			return d.do(b.ID)
		}
		return d.pagers[d.part].Update(msg)
	case tea.PasteMsg, tea.MouseWheelMsg:
		return d.pagers[d.part].Update(msg)
	case deck.Event:
		if msg.Deck == d.root.deck {
			d.changed = true // the key bar tells what may be done
			d.refresh()
		}
	}
	return nil
}

// refresh follows the binding as it is read anew.
func (d *detail) refresh() {
	if r := d.root.find(d.row.id); r != nil {
		d.row, d.gone = r, false
	} else {
		d.gone = !d.root.state.At.IsZero()
	}
	d.draw()
}

// Names of the bindings that only the details have.
const (
	keyPart = "part"
	keyName = "copy-name"
)

var detailKeys = deck.MustKeys(detailBindings(), pager.Bindings()...)

func detailBindings() []keys.Binding {
	return []keys.Binding{
		{ID: keyPart, Keys: []string{"tab", "shift+tab"}, Label: "next", Help: "Overview or YAML"},
		{ID: keyEdit, Keys: []string{"e"}, Label: "edit", Help: "Edit the rule of the binding, or make one like it"},
		{ID: keyDelete, Keys: []string{"D"}, Label: "delete", Help: "Delete the binding, or its rule; first it is shown who loses what"},
		{ID: keyRoles, Keys: []string{"m"}, Label: "roles", Help: "Show what each role permits"},
		{ID: keyCopy, Keys: []string{"y"}, Label: "copy", Help: "Copy what is shown to the clipboard of your terminal"},
		{ID: keyName, Keys: []string{"Y"}, Label: "copy name", Help: "Copy the binding in one line"},
	}
}

// off says why a binding does nothing at the moment.
func (d *detail) off(id string) string {
	switch {
	case id != keyEdit && id != keyDelete:
		return ""
	case d.gone:
		return "it was deleted"
	case id == keyEdit:
		return d.root.mayNotEdit(d.row)
	}
	return d.root.mayNotDelete(bindingsOf(d.row))
}

func (d *detail) do(id string) tea.Cmd {
	if reason := d.off(id); reason != "" {
		return shell.Toast(theme.Warn, listKeys.Binding(id).Label+": "+reason)
	}
	switch id {
	case keyPart:
		d.show((d.part + 1) % partCount)
	case keyEdit:
		return d.root.editRow(d.row)
	case keyDelete:
		return d.root.removeRows([]*row{d.row}, d)
	case keyRoles:
		return message(deck.ShowRoles{})
	case keyCopy:
		return deck.Copy(d.pagers[d.part].Text(), partTitles[d.part]+" of "+d.Title())
	case keyName:
		return deck.Copy(line(d.row), line(d.row))
	default:
		return d.root.around(id)
	}
	return nil
}

func (d *detail) show(p part) {
	d.pagers[d.part].Escape()
	d.part, d.changed = p, true
}

// Hints implements shell.Page.
func (d *detail) Hints() []shell.Hint {
	if d.Capturing() {
		return []shell.Hint{{Key: "enter", Label: "keep search"}, {Key: "esc", Label: "clear"}}
	}
	hints := []shell.Hint{{Key: "tab", Label: strings.ToLower(partTitles[(d.part+1)%partCount])}}
	var off []shell.Hint
	for _, b := range detailBindings()[1:] {
		hint := shell.Hint{Key: b.Keys[0], Label: b.Label, Reason: d.off(b.ID), Priority: 2}
		if hint.Off = hint.Reason != ""; hint.Off {
			off = append(off, hint)
			continue
		}
		hints = append(hints, hint)
	}
	hints = append(hints, shell.Hint{Key: "/", Label: "search", Priority: 3}, shell.Hint{Key: "esc", Label: "back"}, shell.Hint{Key: "?", Label: "help", Priority: 1})
	return append(hints, off...)
}

// Help implements shell.Page.
func (d *detail) Help() []help.Section {
	own := shell.SectionOff("Binding", detailBindings(), d.root.th.Glyphs, d.off)
	return []help.Section{own, shell.Section("Moving and searching", pager.Bindings(), d.root.th.Glyphs)}
}

// Commands implements shell.Page.
func (d *detail) Commands() []palette.Entry {
	entries := shell.Commands(detailBindings()[1:], d.off, d.do)
	for i, title := range partTitles {
		entries = append(entries, palette.Entry{ID: strings.ToLower(title), Title: "Show the " + title, Run: func(string) tea.Cmd { d.show(part(i)); return nil }})
	}
	return entries
}

// View implements shell.Page.
func (d *detail) View(w, h int) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	d.w = w
	d.draw()
	lines := []string{d.header(w)}
	if d.gone {
		lines = append(lines, d.root.th.Paint(theme.Bad, text.Fit(" "+d.goneText(), w, d.root.th.Glyphs.Ellipsis)))
	}
	lines = append(lines, sheet.Notices(d.root.th, d.root.ageNotices(), w)...)
	lines = append(lines, d.partsView(w))
	if rest := h - len(lines); rest > 0 {
		lines = append(lines, d.pagers[d.part].View(w, rest))
	}
	return text.Block(strings.Join(lines, "\n"), w, h)
}

func (d *detail) goneText() string {
	if d.row.made() {
		return "This binding, or its subject in it, is gone. What you see is from before; esc goes back."
	}
	return "This rule has bindings now, or is gone. What you see is from before; esc goes back."
}

// header names the binding and whom it is shown for.
func (d *detail) header(w int) string {
	th := d.root.th
	name := "Rule " + d.row.rule
	if d.row.made() {
		name = d.row.binding.String()
	}
	whom := "for nobody"
	if d.row.subject.Kind != "" {
		whom = "for " + d.row.subject.String()
	}
	name, whom = text.Clean(name), text.Clean(whom)
	room := max(w-2, 1)
	whom = text.TruncateMiddle(whom, max(room/2, room-text.Width(name)-2), th.Glyphs.Ellipsis)
	name = text.TruncateMiddle(name, max(room-text.Width(whom)-2, 1), th.Glyphs.Ellipsis)
	return text.Block(" "+th.Paint(theme.Strong, name)+"  "+th.Paint(theme.Dim, whom), w, 1)
}

func (d *detail) partsView(w int) string {
	th := d.root.th
	line := " "
	for i, title := range partTitles {
		if part(i) == d.part {
			line += th.Paint(theme.Accent, th.Glyphs.VLine+title+th.Glyphs.VLine)
		} else {
			line += " " + title + " "
		}
	}
	return text.Block(line, w, 1)
}
